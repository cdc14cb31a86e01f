package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/b24apply/b24apply/pkg/value"
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
	ctx, cancel := context.WithTimeoutCause(ctx, visitTimeout, value.Err("no-answer-within", value.T("time", visitTimeout.String())))
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
func plainly(err error) (text, hint value.Message) {
	var (
		dns   *net.DNSError
		errno syscall.Errno
		slow  net.Error
	)
	switch {
	case errors.As(err, &dns) && dns.IsNotFound:
		return value.Say("name-does-not-resolve", value.T("why", dns.Err)), value.Say("check-spelling-and-name-servers")
	case errors.As(err, &dns):
		return value.Say("name-cannot-be-looked-up", value.T("why", dns.Err)), value.Say("check-network-and-name-servers")
	case errors.Is(err, syscall.ECONNREFUSED):
		return value.Verbatim(syscall.ECONNREFUSED.Error()), value.Say("check-address-and-port")
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return value.Say("connection-closed-without-answer"), value.Say("check-address-and-firewall")
	case errors.As(err, &errno):
		return value.Verbatim(errno.Error()), value.Say("check-network-and-proxy")
	case errors.As(err, &slow) && slow.Timeout(), errors.Is(err, context.DeadlineExceeded):
		return value.Say("no-answer-in-time"), value.Say("check-firewall-and-proxy")
	}
	return value.SaidBy(err), value.Say("check-address-and-network")
}

// distrust says in few words why a certificate is not accepted, and what to do.
func distrust(host string, err error) (text, hint value.Message) {
	var (
		name    x509.HostnameError
		invalid x509.CertificateInvalidError
		unknown x509.UnknownAuthorityError
		noTLS   tls.RecordHeaderError
		alert   tls.AlertError
	)
	switch {
	case errors.As(err, &noTLS), errors.Is(err, http.ErrSchemeMismatch):
		return value.Say("no-tls-is-spoken"), value.Say("check-port")
	case errors.As(err, &name):
		return certifies(host, name.Certificate), value.Say("install-certificate-of-name")
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return validity(invalid.Cert), value.Say("check-clock-or-renew-certificate")
	case errors.As(err, &unknown):
		return issuer(err), value.Say("trust-own-authority")
	case errors.As(err, &alert):
		return value.Say("portal-ends-handshake", value.T("why", alert.Error())), value.Say("offer-tls-1-2")
	}
	text, hint = plainly(err)
	return value.Say("handshake-failed", value.M("why", text)), hint
}

// validity says why a certificate is out of its time.
func validity(c *x509.Certificate) value.Message {
	if time.Now().Before(c.NotBefore) {
		return value.Say("certificate-is-not-valid-yet", value.T("day", day(c.NotBefore)))
	}
	return value.Say("certificate-expired", value.T("day", day(c.NotAfter)))
}

func day(t time.Time) string { return t.UTC().Format(time.DateOnly) }

// certifies lists the names that a certificate is for, among which that of a host is not.
func certifies(host string, c *x509.Certificate) value.Message {
	names := append([]string(nil), c.DNSNames...)
	for _, ip := range c.IPAddresses {
		names = append(names, ip.String())
	}
	if len(names) == 0 {
		return value.Say("certificate-names-nobody", value.T("host", host))
	}
	return value.Say("certificate-names-others", value.T("host", host), value.L("names", names))
}

// issuer names who signed the certificate that was refused.
func issuer(err error) value.Message {
	var refused *tls.CertificateVerificationError
	if !errors.As(err, &refused) || len(refused.UnverifiedCertificates) == 0 {
		return value.Say("authority-is-unknown")
	}
	c := refused.UnverifiedCertificates[0]
	switch name := c.Issuer.String(); {
	case name == "":
		return value.Say("authority-is-unknown")
	case name == c.Subject.String():
		return value.Say("certificate-is-self-signed", value.T("name", name))
	default:
		return value.Say("authority-of-name-is-unknown", value.T("name", name))
	}
}
