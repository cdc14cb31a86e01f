package main

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net"
)

// A certificate names the files with which the portal serves HTTPS, for clients
// that speak nothing else. The zero value is plain HTTP.
type certificate struct{ certFile, keyFile string }

// config reads the files. Without any it returns nil.
func (c certificate) config() (*tls.Config, error) {
	const hint = "both are PEM files: --tls-cert FILE --tls-key FILE"
	switch {
	case c == certificate{}:
		return nil, nil
	case c.certFile == "" || c.keyFile == "":
		return nil, &failure{code: exitError, err: errors.New("--tls-cert and --tls-key belong together"), hint: hint}
	}
	pair, err := tls.LoadX509KeyPair(c.certFile, c.keyFile)
	if err != nil {
		return nil, &failure{code: exitError, err: fmt.Errorf("read the certificate: %w", err), hint: hint}
	}
	return &tls.Config{Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS12}, nil
}

// wrap returns the listener and the scheme to serve it with.
func (c certificate) wrap(l net.Listener) (net.Listener, string, error) {
	cfg, err := c.config()
	if err != nil || cfg == nil {
		return l, "http", err
	}
	return tls.NewListener(l, cfg), "https", nil
}
