package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strings"
	"sync/atomic"
	"syscall"
	"time"
)

const (
	visitTimeout = 20 * time.Second
	maxVisit     = 1 << 20 // bytes of an answer that are read
)

// A visit is what one request without a credential showed of a portal's front.
type visit struct {
	peer      string               // the address that a connection was made to; "" if there was none
	proxy     string               // host and port of the proxy in between; "" without one
	handshook bool                 // TLS was begun
	tls       *tls.ConnectionState // of a handshake that succeeded; nil without
	status    int                  // of the answer; 0 without one
	date      time.Time            // of the answer, in whole seconds; zero without one
	body      []byte
	err       error // holds no secret, since the request held none
}

// visitPortal asks for a path of a portal, without a credential and without following
// redirects. The way there is the client's: the same proxies and the same TLS.
func visitPortal(ctx context.Context, method string, target *url.URL) visit {
	ctx, cancel := context.WithTimeoutCause(ctx, visitTimeout, fmt.Errorf("no answer within %s", visitTimeout))
	defer cancel()
	var way wayThere
	req, err := http.NewRequestWithContext(way.trace(ctx), method, target.String(), nil)
	if err != nil {
		return visit{err: err}
	}
	transport := way.transport()
	defer transport.CloseIdleConnections()
	res, err := transport.RoundTrip(req)
	v := visit{proxy: proxyOf(req), peer: way.peerAddress(), handshook: way.handshook.Load(), tls: way.secured.Load(), err: err}
	if err != nil {
		if ctx.Err() != nil {
			v.err = context.Cause(ctx)
		}
		return v
	}
	defer func() { _ = res.Body.Close() }()
	v.status = res.StatusCode
	v.date, _ = http.ParseTime(res.Header.Get("Date"))
	v.body, v.err = io.ReadAll(io.LimitReader(res.Body, maxVisit))
	return v
}

// proxyOf names the proxy of a request, without the password that its address may hold.
func proxyOf(req *http.Request) string {
	if proxy, err := http.ProxyFromEnvironment(req); err == nil && proxy != nil {
		return proxy.Host
	}
	return ""
}

// A wayThere observes a connection while it is made, which other goroutines do.
type wayThere struct {
	peer      atomic.Pointer[string]
	handshook atomic.Bool
	secured   atomic.Pointer[tls.ConnectionState]
}

func (w *wayThere) trace(ctx context.Context) context.Context {
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		TLSHandshakeStart: func() { w.handshook.Store(true) },
		TLSHandshakeDone: func(state tls.ConnectionState, err error) {
			if err == nil {
				w.secured.Store(&state)
			}
		},
	})
}

func (w *wayThere) transport() *http.Transport {
	dialer := net.Dialer{Timeout: 10 * time.Second}
	return &http.Transport{
		Proxy:                 http.ProxyFromEnvironment,
		TLSClientConfig:       &tls.Config{MinVersion: tls.VersionTLS12},
		TLSHandshakeTimeout:   15 * time.Second,
		ResponseHeaderTimeout: visitTimeout,
		ForceAttemptHTTP2:     true,
		DialContext: func(ctx context.Context, network, addr string) (net.Conn, error) {
			conn, err := dialer.DialContext(ctx, network, addr)
			if err == nil {
				peer := conn.RemoteAddr().String()
				w.peer.Store(&peer)
			}
			return conn, err
		},
	}
}

func (w *wayThere) peerAddress() string {
	if p := w.peer.Load(); p != nil {
		return *p
	}
	return ""
}

// plainly says in few words why a connection failed, and what to do.
func plainly(err error) (text, hint string) {
	var (
		dns   *net.DNSError
		errno syscall.Errno
		slow  net.Error
	)
	switch {
	case errors.As(err, &dns) && dns.IsNotFound:
		return "the name does not resolve: " + dns.Err, "check the spelling of the portal's address, and the name servers of this machine"
	case errors.As(err, &dns):
		return "the name can't be looked up: " + dns.Err, "check the network and the name servers of this machine"
	case errors.Is(err, syscall.ECONNREFUSED):
		return syscall.ECONNREFUSED.Error(), "check the portal's address and port; if they are right, a firewall refuses, or the portal is down"
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return "the connection was closed without an answer", "check that the address is a Bitrix24 portal's, and that no firewall cuts the connection"
	case errors.As(err, &errno):
		return errno.Error(), "check the network of this machine, and whether it needs a proxy (HTTPS_PROXY)"
	case errors.As(err, &slow) && slow.Timeout(), errors.Is(err, context.DeadlineExceeded):
		return "no answer in time", "check whether a firewall blocks the way, or a proxy is needed (HTTPS_PROXY)"
	}
	return textOf(err), "check the portal's address and the network of this machine"
}

// distrust says in few words why a certificate is not accepted, and what to do.
func distrust(host string, err error) (text, hint string) {
	var (
		name    x509.HostnameError
		invalid x509.CertificateInvalidError
		unknown x509.UnknownAuthorityError
		noTLS   tls.RecordHeaderError
		alert   tls.AlertError
	)
	switch {
	case errors.As(err, &noTLS), errors.Is(err, http.ErrSchemeMismatch):
		return "what answers there does not speak TLS", "check the port of the portal's address"
	case errors.As(err, &name):
		return fmt.Sprintf("the certificate is not for %s but for %s", host, subject(name.Certificate)), "check the portal's address; on a self-hosted portal, install a certificate for this name"
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return validity(invalid.Cert), "check the clock of this machine; if it is right, the portal's certificate must be renewed"
	case errors.As(err, &unknown):
		return "the certificate is signed by an authority that this machine does not know" + issuer(err),
			"if it is your company's own authority, or a proxy's that inspects traffic, add its certificate to those that this machine trusts (SSL_CERT_FILE names a file)"
	case errors.As(err, &alert):
		return "the portal ends the handshake: " + alert.Error(), "the portal must offer TLS 1.2 or later"
	}
	text, hint = plainly(err)
	return "the handshake failed: " + text, hint
}

// validity says why a certificate is out of its time.
func validity(c *x509.Certificate) string {
	if time.Now().Before(c.NotBefore) {
		return "the certificate is not valid before " + day(c.NotBefore)
	}
	return "the certificate expired on " + day(c.NotAfter)
}

func day(t time.Time) string { return t.UTC().Format(time.DateOnly) }

// subject lists the names that a certificate is for.
func subject(c *x509.Certificate) string {
	names := append([]string(nil), c.DNSNames...)
	for _, ip := range c.IPAddresses {
		names = append(names, ip.String())
	}
	if len(names) == 0 {
		return "no name"
	}
	return strings.Join(names, ", ")
}

// issuer names who signed the certificate that was refused.
func issuer(err error) string {
	var refused *tls.CertificateVerificationError
	if !errors.As(err, &refused) || len(refused.UnverifiedCertificates) == 0 {
		return ""
	}
	c := refused.UnverifiedCertificates[0]
	switch name := c.Issuer.String(); {
	case name == "":
		return ""
	case name == c.Subject.String():
		return ": it is self-signed (" + name + ")"
	default:
		return ": " + name
	}
}
