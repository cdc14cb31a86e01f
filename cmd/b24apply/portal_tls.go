package main

import (
	"crypto/tls"
	"net"

	"github.com/b24apply/b24apply/internal/safefile"
	"github.com/b24apply/b24apply/pkg/value"
)

// maxPEM bounds the files of a certificate, in bytes.
const maxPEM = 1 << 20

// A certificate names the files with which the portal serves HTTPS, for clients
// that speak nothing else. The zero value is plain HTTP.
type certificate struct{ certFile, keyFile string }

// config reads the files. Without any it returns nil.
func (c certificate) config() (*tls.Config, error) {
	hint := value.Say("give-two-pem-files")
	switch {
	case c == certificate{}:
		return nil, nil
	case c.certFile == "" || c.keyFile == "":
		return nil, &failure{code: exitError, err: value.Err("certificate-needs-key"), hint: hint}
	}
	cert, err := safefile.Read(c.certFile, maxPEM)
	if err != nil {
		return nil, &failure{code: exitError, err: noInput("--tls-cert", c.certFile, err), hint: hint}
	}
	key, err := safefile.Read(c.keyFile, maxPEM)
	if err != nil {
		return nil, &failure{code: exitError, err: noInput("--tls-key", c.keyFile, err), hint: hint}
	}
	pair, err := tls.X509KeyPair(cert, key)
	if err != nil {
		return nil, &failure{code: exitError, err: value.While(err, "reading-certificate"), hint: hint}
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
