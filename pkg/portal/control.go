package portal

import (
	"mime"
	"net"
	"net/http"
	"strings"
)

// controlPath is where requests to the portal itself begin, which are none of REST.
const controlPath = "/__portal/"

// control answers a request to the portal itself. None needs a credential, so that
// only programs and pages of this machine may send one.
func (p *Portal) control(w http.ResponseWriter, r *http.Request) {
	serve, ok := map[string]http.HandlerFunc{
		"webhooks":      p.serveWebhooks,
		"tokens/expire": p.serveExpire,
		"stats":         p.serveStats,
		"stats/reset":   p.resetStats,
		"faults":        p.serveFaults,
	}[strings.TrimPrefix(r.URL.Path, controlPath)]
	if !ok {
		p.pages.ServeHTTP(w, r)
		return
	}
	switch {
	case !p.ownHost(r):
		http.Error(w, "ask this by the address of the portal", http.StatusMisdirectedRequest)
	case fromElsewhere(r):
		http.Error(w, "a page of another site may not do this; a program sends its body as application/json", http.StatusForbidden)
	default:
		serve(w, r)
	}
}

// ownHost reports whether the Host header of a request is an address, localhost or the
// configured name. Another name comes from a site that made its own name point at
// this machine. A portal that listens on this machine only has addresses of this
// machine only.
func (p *Portal) ownHost(r *http.Request) bool {
	name, _, err := net.SplitHostPort(r.Host)
	if err != nil {
		name = r.Host
	}
	name = strings.Trim(name, "[]")
	if strings.EqualFold(name, "localhost") || strings.EqualFold(name, p.host) {
		return true
	}
	ip := net.ParseIP(name)
	return ip != nil && (ip.IsLoopback() || !listensHere(r))
}

// listensHere reports whether a request came in over a socket of this machine alone.
func listensHere(r *http.Request) bool {
	local, ok := r.Context().Value(http.LocalAddrContextKey).(*net.TCPAddr)
	return ok && local.IP.IsLoopback()
}

// fromElsewhere reports whether a request that changes something may come from a page
// of another site: a browser says so, or it has a body of a type that forms have, which
// browsers send anywhere without asking.
func fromElsewhere(r *http.Request) bool {
	if http.NewCrossOriginProtection().Check(r) != nil {
		return true
	}
	if r.Method == http.MethodGet || r.Method == http.MethodHead {
		return false
	}
	sent := r.Header.Get("Content-Type")
	media, _, err := mime.ParseMediaType(sent)
	return sent != "" && (err != nil || media != "application/json")
}
