package portal

import (
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

const someFault = `[{"kind":"503"}]`

// control sends a request to the portal itself over a socket.
func control(t *testing.T, server *httptest.Server, verb, path string, header map[string]string, body string) int {
	t.Helper()
	r, err := http.NewRequest(verb, server.URL+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for name, value := range header {
		r.Header.Set(name, value)
	}
	if host, ok := header["Host"]; ok {
		r.Host = host
	}
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	return response.StatusCode
}

func TestCaseA11AForeignHostReachesNothingOfThePortalItself(t *testing.T) {
	w := newWireOf(t, Config{Host: "box.example"})
	server := httptest.NewServer(w.p)
	defer server.Close()
	_, port, _ := net.SplitHostPort(server.Listener.Addr().String())
	for _, path := range []string{"/__portal/faults", "/__portal/stats", "/__portal/stats/reset", "/__portal/webhooks", "/__portal/tokens/expire", "/__portal/style.css", "/", "/crm/type/2/"} {
		for _, verb := range []string{"GET", "POST", "DELETE"} {
			for _, host := range []string{"evil.example", "evil.example:" + port, "127.0.0.1.evil.example", "localhost.evil.example", "203.0.113.9", "", "%00", "box.example.evil"} {
				header := map[string]string{"Content-Type": "application/json", "Host": host}
				if host == "" {
					header["Host"] = "."
				}
				if got := control(t, server, verb, path, header, someFault); got != 421 && got != 400 {
					t.Errorf("%s %s under %q: status %d", verb, path, host, got)
				}
			}
		}
	}
	for _, host := range []string{"localhost", "LOCALHOST:" + port, "127.0.0.1", "127.3.2.1:80", "[::1]", "box.example:8024"} {
		if got := control(t, server, "GET", "/__portal/faults", map[string]string{"Host": host}, ""); got != 200 {
			t.Errorf("GET under %q: status %d", host, got)
		}
	}
	if rules := w.p.faults.list(); string(rules) != "[]\n" {
		t.Errorf("faults came through: %s", rules)
	}
}

func TestCaseA11APageOfAnotherSiteChangesNothing(t *testing.T) {
	w := newWire(t)
	server := httptest.NewServer(w.p)
	defer server.Close()
	foreign := map[string]map[string]string{
		"plain text":                  {"Content-Type": "text/plain"},
		"plain text of another site":  {"Content-Type": "text/plain;charset=UTF-8", "Origin": "http://evil.example", "Sec-Fetch-Site": "cross-site"},
		"a form":                      {"Content-Type": "application/x-www-form-urlencoded"},
		"an upload":                   {"Content-Type": "multipart/form-data; boundary=x"},
		"a broken type":               {"Content-Type": ";"},
		"JSON of another origin":      {"Content-Type": "application/json", "Origin": "http://evil.example"},
		"no type, another origin":     {"Origin": "https://127.0.0.1.evil.example"},
		"a sandboxed frame":           {"Content-Type": "application/json", "Origin": "null"},
		"another port":                {"Content-Type": "application/json", "Origin": "http://127.0.0.1:1"},
		"a browser says another site": {"Content-Type": "application/json", "Sec-Fetch-Site": "same-site"},
	}
	for name, header := range foreign {
		for _, path := range []string{"/__portal/faults", "/__portal/stats/reset", "/__portal/webhooks", "/__portal/tokens/expire"} {
			if got := control(t, server, "POST", path, header, someFault); got != 403 {
				t.Errorf("%s to %s: status %d", name, path, got)
			}
		}
		if got := control(t, server, "DELETE", "/__portal/faults", header, ""); got != 403 {
			t.Errorf("%s, DELETE: status %d", name, got)
		}
	}
	own := map[string]map[string]string{
		"a program":       {},
		"JSON":            {"Content-Type": "application/json; charset=utf-8"},
		"a page of ours":  {"Content-Type": "application/json", "Origin": server.URL},
		"typed by a user": {"Content-Type": "application/json", "Sec-Fetch-Site": "none"},
	}
	for name, header := range own {
		if got := control(t, server, "POST", "/__portal/faults", header, "[]"); got != 204 {
			t.Errorf("%s: status %d", name, got)
		}
	}
}

// Over a socket that other machines reach, the portal is asked by its addresses there.
func TestAPortalThatOthersReachIsAskedByItsAddress(t *testing.T) {
	w := newWire(t)
	r := httptest.NewRequest("GET", "http://192.0.2.7:8024/__portal/stats", nil)
	rec := httptest.NewRecorder()
	w.p.ServeHTTP(rec, r)
	if rec.Code != 200 {
		t.Errorf("status %d", rec.Code)
	}
}
