package portal

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// A faultMoment is when a fault for commands comes in.
type faultMoment int

const (
	onEntry   faultMoment = iota // before anything else: the command is refused, or loses a field
	beforeRun                    // nothing stops the command any more
	aroundRun                    // what it adds is looked at
	afterRun                     // its answer is made
	onError                      // its answer is an error
)

// A faultKind is how one kind of fault shows. Kinds for a request have act;
// kinds for a command on its entry have refuse or alter.
type faultKind struct {
	needs   string      // the option without which it means nothing
	takes   []string    // further options
	command bool        // for a command rather than for a request
	at      faultMoment // of a command
	after   bool        // the request is executed first
	outage  bool        // all other requests meet the same for a while
	act     func(*Portal, exchange)
	refuse  func(FaultRule) *fault
	alter   func(*armed, method, *call) int // changes what a command says; returns how often it fired
	check   func(FaultRule) error           // of what the options mean; nil is no check
}

// An exchange is a request whose answer a fault replaces.
type exchange struct {
	w      http.ResponseWriter
	r      *http.Request
	rule   FaultRule
	answer *captured // what the portal would have answered; nil if it was not asked
	delay  time.Duration
	comply func(http.ResponseWriter) // executes it
}

// faultKinds lists the kinds by name. A delay has neither act nor refuse: it
// only passes time.
func faultKinds() map[string]faultKind {
	when := []string{"when"}
	return map[string]faultKind{
		"drop-before":   {act: hangUp},
		"drop-after":    {act: hangUp, after: true},
		"reset":         {act: resetConnection, takes: when},
		"delay":         {needs: "for"},
		"late":          {act: executeLate, needs: "for"},
		"outage":        {act: beAway, needs: "for", takes: []string{"status"}, outage: true},
		"500":           {act: htmlError(http.StatusInternalServerError), takes: when},
		"502":           {act: htmlError(http.StatusBadGateway), takes: when},
		"504":           {act: htmlError(http.StatusGatewayTimeout), takes: when},
		"503":           {act: func(p *Portal, x exchange) { p.writeError(x.w, queryLimit()) }},
		"expired-token": {act: func(p *Portal, x exchange) { p.writeError(x.w, expiredToken()) }},
		"redirect":      {act: redirect, needs: "to", check: checkRedirect},
		"truncated":     {act: truncateAnswer, after: true},
		"wrong-type":    {act: mistypeAnswer, after: true},
		"429":           {command: true, takes: []string{"for"}, refuse: overtime},
		"fail":          {command: true, needs: "code", takes: []string{"text", "status"}, refuse: failure},
		"lose-field":    {command: true, needs: "field", alter: loseFields},
		"lose-mark":     {command: true, takes: []string{"field"}, alter: loseMarks},
		"keep-list":     {command: true, needs: "field", takes: []string{"to"}, alter: keepLists, check: checkEcho},
		"late-visible":  {command: true, at: aroundRun, needs: "for"},
		"foreign":       {command: true, at: beforeRun, needs: "field", takes: []string{"to"}},
		"robot":         {command: true, at: afterRun, needs: "field", takes: []string{"to", "for"}},
		"localized":     {command: true, at: onError},
	}
}

// FaultKinds returns the names of all kinds of faults, sorted, so that a test can
// make sure that it covers each. [FaultHelp] says what they do.
func FaultKinds() []string { return slices.Sorted(maps.Keys(faultKinds())) }

// hangUp closes the connection without an answer. A caller in the same process
// has to recover [http.ErrAbortHandler], as net/http does.
func hangUp(*Portal, exchange) { panic(http.ErrAbortHandler) }

// resetConnection closes the connection so that the other side reads a reset.
// Where there is no TCP connection to take over, it hangs up.
func resetConnection(p *Portal, x exchange) {
	if conn, _, err := http.NewResponseController(x.w).Hijack(); err == nil {
		if secure, ok := conn.(interface{ NetConn() net.Conn }); ok {
			conn = secure.NetConn()
		}
		if tcp, ok := conn.(*net.TCPConn); ok {
			tcp.SetLinger(0) // what is unsent is thrown away, and the close sends RST
		}
		conn.Close()
		return
	}
	hangUp(p, x)
}

// htmlError answers with the page of a proxy in front of the portal.
func htmlError(status int) func(*Portal, exchange) {
	return func(_ *Portal, x exchange) { writeHTMLError(x.w, status) }
}

func writeHTMLError(w http.ResponseWriter, status int) {
	title := fmt.Sprintf("%d %s", status, http.StatusText(status))
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	fmt.Fprintf(w, "<html>\r\n<head><title>%s</title></head>\r\n<body>\r\n<center><h1>%[1]s</h1></center>\r\n</body>\r\n</html>\r\n", title)
}

// failure is the error of a rule of the kind fail.
func failure(rule FaultRule) *fault {
	return &fault{status: rule.Status, code: rule.Code, text: rule.Text}
}

// overtime is the refusal of a rule of the kind 429. No page prints its body; the
// time that it names, if any, stands where answers have theirs.
func overtime(rule FaultRule) *fault {
	f := operationLimit()
	if rule.For != "" {
		wait, _ := time.ParseDuration(rule.For) // checked
		f.resetAt = time.Now().Add(wait)
	}
	return f
}

// redirect answers as the old address of a renamed portal does, see
// settings/how-to-call-rest-api/change-domen.md.
func redirect(_ *Portal, x exchange) {
	base, err := redirectBase(x.rule.To)
	if err != nil {
		http.Error(x.w, err.Error(), http.StatusInternalServerError)
		return
	}
	target := *x.r.URL
	target.Scheme, target.Host = base.Scheme, base.Host
	if target.Scheme == "" {
		target.Scheme = scheme(x.r)
	}
	x.w.Header().Set("Location", target.String())
	x.w.WriteHeader(http.StatusFound)
}

func checkRedirect(rule FaultRule) error {
	_, err := redirectBase(rule.To)
	return err
}

// redirectBase reads HOST, HOST:PORT or http(s)://HOST[:PORT].
func redirectBase(to string) (*url.URL, error) {
	if !strings.Contains(to, "://") {
		to = "//" + to
	}
	base, err := url.Parse(to)
	if err != nil || base.Host == "" || base.Scheme != "" && base.Scheme != "http" && base.Scheme != "https" ||
		strings.Trim(base.Path, "/") != "" || base.RawQuery != "" || base.Fragment != "" || base.User != nil {
		return nil, errors.New("to is a host or an http or https address without a path")
	}
	return base, nil
}

// scheme is that of the address under which the portal was asked.
func scheme(r *http.Request) string {
	if r.TLS != nil {
		return "https"
	}
	return "http"
}

// truncateAnswer sends half of the answer as if it were all.
func truncateAnswer(_ *Portal, x exchange) {
	x.answer.body.Truncate(x.answer.body.Len() / 2)
	x.answer.header.Set("Content-Length", strconv.Itoa(x.answer.body.Len()))
	x.answer.send(x.w)
}

// mistypeAnswer sends the answer as a page.
func mistypeAnswer(_ *Portal, x exchange) {
	x.answer.header.Set("Content-Type", "text/html; charset=utf-8")
	x.answer.send(x.w)
}

// A captured answer is held back.
type captured struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func newCaptured() *captured {
	return &captured{header: make(http.Header), status: http.StatusOK}
}

func (c *captured) Header() http.Header         { return c.header }
func (c *captured) WriteHeader(status int)      { c.status = status }
func (c *captured) Write(b []byte) (int, error) { return c.body.Write(b) }

// send passes the answer on.
func (c *captured) send(w http.ResponseWriter) {
	maps.Copy(w.Header(), c.header)
	w.WriteHeader(c.status)
	io.Copy(w, &c.body)
}
