package main

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"fmt"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/b24apply/b24apply/internal/ui"
)

func TestAnAddressThatNobodyServesFailsTheRest(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closed := listener.Addr().String()
	_ = listener.Close()
	checks, code := examined(t, "http://"+closed+"/rest/1/canary123/", nil)
	assertFinding(t, checks, "address", ui.CheckFail, "connection refused", "port")
	assertFinding(t, checks, "clock", ui.CheckSkip, `"address" failed`)
	if code != exitAuth {
		t.Errorf("exit code %d, want %d", code, exitAuth)
	}
}

func TestAServerThatHangsUpIsNoPortal(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }))
	defer server.Close()
	checks, _ := examined(t, server.URL+"/rest/1/canary123/", nil)
	assertFinding(t, checks, "address", ui.CheckFail, "connected to 127.0.0.1, but then: the connection was closed")
}

func TestAWebPageIsNoPortal(t *testing.T) {
	server := httptest.NewServer(http.NotFoundHandler())
	defer server.Close()
	checks, _ := examined(t, server.URL+"/rest/1/canary123/", nil)
	assertFinding(t, checks, "credential", ui.CheckFail, "HTTP 404", "check that the address is a Bitrix24 portal")
	assertFinding(t, checks, "REST 3.0", ui.CheckInfo, "not seen")
}

// tlsServer answers over TLS with a certificate of its own making.
func tlsServer(t *testing.T, template *x509.Certificate) (webhook string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template.SerialNumber, template.Subject = big.NewInt(1), pkix.Name{CommonName: "Test"}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewUnstartedServer(http.NotFoundHandler())
	server.TLS = &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}}
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	t.Cleanup(server.Close)
	return server.URL + "/rest/1/canary123/"
}

func TestACertificateThatIsRefusedSaysWhyAndGetsNoCredential(t *testing.T) {
	here := []net.IP{net.IPv4(127, 0, 0, 1)}
	past, soon := time.Now().Add(-48*time.Hour), time.Now().Add(time.Hour)
	for name, tt := range map[string]struct {
		cert  x509.Certificate
		texts []string
	}{
		"self-signed": {x509.Certificate{NotBefore: past, NotAfter: soon, IPAddresses: here}, []string{"it is self-signed (CN=Test)", "SSL_CERT_FILE"}},
		"expired":     {x509.Certificate{NotBefore: past, NotAfter: past.Add(time.Hour), IPAddresses: here}, []string{"the certificate expired on " + day(past.Add(time.Hour)), "renewed"}},
		"too early":   {x509.Certificate{NotBefore: soon, NotAfter: soon.Add(time.Hour), IPAddresses: here}, []string{"not valid before " + day(soon), "clock"}},
		"other name":  {x509.Certificate{NotBefore: past, NotAfter: soon, DNSNames: []string{"acme.example"}}, []string{"not for 127.0.0.1 but for acme.example"}},
	} {
		t.Run(name, func(t *testing.T) {
			checks, code := examined(t, tlsServer(t, &tt.cert), nil)
			assertFinding(t, checks, "address", ui.CheckOK, "connected to 127.0.0.1")
			assertFinding(t, checks, "TLS", ui.CheckFail, tt.texts...)
			assertFinding(t, checks, "credential", ui.CheckSkip, `"TLS" failed`)
			if code != exitAuth {
				t.Errorf("exit code %d, want %d", code, exitAuth)
			}
		})
	}
}

func TestAPortWithoutTLSIsNamedAsSuch(t *testing.T) {
	server := httptest.NewServer(http.NotFoundHandler())
	defer server.Close()
	checks, _ := examined(t, strings.Replace(server.URL, "http:", "https:", 1)+"/rest/1/canary123/", nil)
	assertFinding(t, checks, "TLS", ui.CheckFail, "does not speak TLS", "check the port")
}

func TestACertificateNearItsEndIsAWarning(t *testing.T) {
	a := &app{env: env{stderr: io.Discard, getenv: func(name string) (string, bool) {
		if name == webhookVariable {
			return "https://acme.example/rest/1/canary123/", true
		}
		return "", false
	}}, dir: t.TempDir()}
	d := &doctor{app: a}
	var err error
	a.output = "text"
	if d.set, err = a.loadIfAny(); err != nil {
		t.Fatal(err)
	}
	if d.client, _, err = a.connect(t.Context(), d.set, reading); err != nil {
		t.Fatal(err)
	}
	for days, want := range map[int]ui.CheckStatus{20: ui.CheckWarn, 22: ui.CheckOK} {
		end := time.Now().Add(time.Duration(days)*24*time.Hour + time.Hour)
		d.visit = visit{tls: &tls.ConnectionState{Version: tls.VersionTLS13, PeerCertificates: []*x509.Certificate{{NotAfter: end}}}}
		got := d.checkTLS(t.Context())[0]
		if got.status != want || !strings.Contains(ui.Text(got.message), fmt.Sprintf("TLS 1.3; the certificate is valid until %s, %d days from now", day(end), days)) {
			t.Errorf("%d days before the end: %s %s", days, got.status, got.message)
		}
	}
}

func TestConnectionErrorsAreSaidPlainlyWithARemedy(t *testing.T) {
	for want, err := range map[string]error{
		"the name does not resolve: no such host": &net.DNSError{Err: "no such host", Name: "acme.example", IsNotFound: true},
		"the name can't be looked up: refused":    &net.DNSError{Err: "refused", Name: "acme.example"},
		"connection refused":                      &net.OpError{Op: "dial", Err: syscall.ECONNREFUSED},
		"network is unreachable":                  &net.OpError{Op: "dial", Err: syscall.ENETUNREACH},
		"no answer in time":                       context.DeadlineExceeded,
		"something else":                          errors.New("something else"),
	} {
		text, hint := plainly(err)
		if diff := cmp.Diff(want, ui.Text(text)); diff != "" || hint.IsZero() {
			t.Errorf("%v: %s; the hint is %q", err, diff, hint)
		}
	}
}
