package portal

import (
	"bytes"
	"context"
	"errors"
	"io"
	"mime"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// maxBody bounds a request's body, in bytes.
const maxBody = 32 << 20

// ServeHTTP answers REST calls below /rest/, those of REST 3.0 below /rest/api/,
// and requests to the portal itself below /__portal/; all other paths are pages
// for people.
func (p *Portal) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch {
	case strings.HasPrefix(r.URL.Path, "/rest/api/"):
		p.serveV3(w, r)
	case strings.HasPrefix(r.URL.Path, "/rest/"):
		p.serveREST(w, r)
	case strings.HasPrefix(r.URL.Path, controlPath):
		p.control(w, r)
	case strings.TrimSuffix(r.URL.Path, "/") == "/oauth/authorize":
		p.serveAuthorize(w, r)
	case strings.TrimSuffix(r.URL.Path, "/") == "/oauth/token":
		p.serveToken(w, r)
	default:
		p.pages.ServeHTTP(w, r)
	}
}

// serveREST answers one HTTP request for a REST method.
func (p *Portal) serveREST(w http.ResponseWriter, r *http.Request) {
	p.counts.request()
	if !allowed(w, r, http.MethodGet, http.MethodPost) {
		return
	}
	address, ok := splitPath(strings.TrimPrefix(r.URL.Path, "/rest/"))
	if !ok {
		http.NotFound(w, r)
		return
	}
	if err := p.rate.take(p.limits, sourceAddress(r), time.Now()); err != nil {
		p.counts.refused("QUERY_LIMIT_EXCEEDED")
		p.writeError(w, err)
		return
	}
	params, err := readParams(w, r)
	if err != nil {
		refuseBody(w, err)
		return
	}
	rq, err := p.identify(r, address, params)
	if err != nil {
		p.writeError(w, err)
		return
	}
	p.answer(w, r, methodsOf(address.method, params), func(w http.ResponseWriter) {
		p.comply(r.Context(), w, rq, address.method, params)
	})
}

// allowed reports whether the request's HTTP method is one of those given, and
// answers 405 if not.
func allowed(w http.ResponseWriter, r *http.Request, methods ...string) bool {
	for _, m := range methods {
		if r.Method == m {
			return true
		}
	}
	w.Header().Set("Allow", strings.Join(methods, ", "))
	http.Error(w, "method not allowed", http.StatusMethodNotAllowed)
	return false
}

// An address is what the path below /rest/ names.
type address struct {
	user, secret string // of a webhook; "" without one
	method       string // as documented, without .json
	xml          bool
}

// splitPath reads {method}, {user}/{secret}/{method} or, for a webhook without
// a method, {user}/{secret}.
func splitPath(path string) (address, bool) {
	parts := strings.Split(path, "/")
	if n := len(parts); n > 1 && parts[n-1] == "" { // links to files end so
		parts = parts[:n-1]
	}
	if len(parts) > 3 { // programs join a webhook's address, which ends with a slash, and a method that begins with one
		parts = append(parts[:1:1], slices.DeleteFunc(parts[1:], func(part string) bool { return part == "" })...)
	}
	a := address{method: parts[len(parts)-1]}
	switch {
	case len(parts) == 3:
		a.user, a.secret = parts[0], parts[1]
	case len(parts) == 2 && strings.Trim(parts[0], "0123456789") == "":
		a = address{user: parts[0], secret: parts[1]}
	case len(parts) != 1:
		return address{}, false
	}
	a.method, a.xml = strings.CutSuffix(a.method, ".xml")
	a.method = strings.TrimSuffix(a.method, ".json")
	return a, true
}

// authorize returns the webhook of a request.
func (p *Portal) authorize(a address) (Webhook, error) {
	hook, known := p.webhook(a)
	switch {
	case a.secret == "":
		return Webhook{}, &fault{status: http.StatusUnauthorized, code: "NO_AUTH_FOUND", text: "Wrong authorization data"}
	case !known:
		return Webhook{}, &fault{status: http.StatusUnauthorized, code: "INVALID_CREDENTIALS", text: "Invalid request credentials"}
	case a.xml:
		return Webhook{}, noXML()
	}
	return hook, nil
}

// readParams merges the parameters of the query and the body; the body wins.
func readParams(w http.ResponseWriter, r *http.Request) (*Map, error) {
	data, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		return nil, err
	}
	params := parseForm(r.URL.RawQuery)
	body := decodeBody(r.Header.Get("Content-Type"), data)
	for _, key := range body.Keys() {
		v, _ := body.Get(key)
		params.Set(key, v)
	}
	return params, nil
}

// decodeBody reads the parameters of a body. Malformed JSON is no error: its
// parameters are absent, as on a real portal. Without a known type a body is a
// form.
func decodeBody(contentType string, data []byte) *Map {
	media, options, _ := mime.ParseMediaType(contentType)
	switch media {
	case "application/json":
		if v, err := decodeJSON(data); err == nil {
			m, _ := asMap(v)
			return m
		}
		return nil
	case "multipart/form-data":
		return parseMultipart(bytes.NewReader(data), options["boundary"])
	}
	return parseForm(string(data))
}

// refuseBody answers a request whose body is too large or incomplete.
func refuseBody(w http.ResponseWriter, err error) {
	var large *http.MaxBytesError
	if errors.As(err, &large) {
		http.Error(w, "request entity too large", http.StatusRequestEntityTooLarge)
		return
	}
	http.Error(w, "incomplete request body", http.StatusBadRequest)
}

// An execution is one command that ran or was refused.
type execution struct {
	reply         // its value is encoded already
	err           error
	start, finish time.Time
	worked        time.Duration // in the method itself
	unmetered     bool          // a batch, which uses nothing of its own
	operating     time.Duration // used by the method and credential in the last ten minutes
	resetAt       time.Time     // when the oldest part of it is forgotten
}

// execute runs a command and counts it.
func (p *Portal) execute(ctx context.Context, user int, name string, params *Map) execution {
	c := &call{method: strings.ToLower(name), params: params, user: user, now: p.now(), portal: p, grant: grantOf(ctx)}
	o := execution{start: time.Now(), unmetered: c.method == batchMethod}
	if m, ok := p.methods[c.method]; ok {
		o.reply, o.err = p.run(ctx, m, c, &o)
	} else {
		o.err = noMethod()
	}
	if o.err == nil {
		var data rawJSON
		data, o.err = encode(o.value, p.zone)
		o.value = data
	}
	if o.err != nil {
		o.err = p.faults.localize(c.method, o.err)
	}
	o.finish = time.Now()
	return o
}

// noMethod refuses a method that the portal does not have.
func noMethod() *fault {
	return &fault{status: http.StatusNotFound, code: "ERROR_METHOD_NOT_FOUND", text: "Method not found!"}
}

// run runs a method. A batch only takes turns with other requests command by
// command, so it is neither counted nor alone nor metered.
func (p *Portal) run(ctx context.Context, m method, c *call, o *execution) (reply, error) {
	if m.name != batchMethod {
		return p.metered(ctx, m, c, o)
	}
	defer func(begin time.Time) { o.worked = time.Since(begin) }(time.Now())
	return m.run(ctx, c)
}

// invoke runs a method alone, and returns how long it worked.
func (p *Portal) invoke(ctx context.Context, m method, c *call) (reply, time.Duration, error) {
	p.running.Lock()
	defer p.running.Unlock()
	begin := time.Now()
	var r reply
	err := p.lately(ctx, m, func() (err error) {
		r, err = m.run(ctx, c)
		return err
	})
	p.counts.command(m.name, m.write && err == nil)
	return r, time.Since(begin), err
}

// write sends the answer to a request of its own.
func (p *Portal) write(w http.ResponseWriter, o execution) {
	if o.err != nil {
		p.writeError(w, o.err)
		return
	}
	if o.file != nil {
		o.file.send(w)
		return
	}
	envelope := new(Map)
	envelope.Set("result", o.value)
	if o.list {
		envelope.Set("total", o.total)
	}
	if o.next > 0 {
		envelope.Set("next", o.next)
	}
	envelope.Set("time", o.timing())
	p.writeJSON(w, http.StatusOK, envelope)
}

// timing is the time element of an answer.
func (o execution) timing() *Map {
	m := new(Map)
	m.Set("start", unixSeconds(o.start))
	m.Set("finish", unixSeconds(o.finish))
	m.Set("duration", o.finish.Sub(o.start).Seconds())
	m.Set("processing", o.worked.Seconds())
	m.Set("date_start", o.start)
	m.Set("date_finish", o.finish)
	if o.unmetered {
		return m
	}
	m.Set("operating_reset_at", o.resetAt.Unix())
	m.Set("operating", o.operating.Seconds())
	return m
}

// unixSeconds is an instant in seconds, with microseconds.
func unixSeconds(t time.Time) float64 { return float64(t.UnixMicro()) / 1e6 }

// writeError sends an error envelope.
func (p *Portal) writeError(w http.ResponseWriter, err error) {
	f := asFault(err)
	p.writeJSON(w, f.status, f.envelope())
}

// asFault returns the error as a fault with a status. What is none is an
// internal error of the portal.
func asFault(err error) fault {
	var f *fault
	if !errors.As(err, &f) {
		return fault{
			status: http.StatusInternalServerError,
			code:   "INTERNAL_SERVER_ERROR",
			text:   "Internal server error: " + err.Error(),
		}
	}
	if f.status == 0 {
		return fault{status: http.StatusBadRequest, code: f.code, text: f.text, argument: f.argument}
	}
	return *f
}

// envelope is the JSON form of an error, which has no time.
func (f fault) envelope() *Map {
	m := new(Map)
	m.Set("error", f.code)
	m.Set("error_description", f.text)
	if f.argument != "" {
		m.Set("argument", f.argument)
	}
	if !f.resetAt.IsZero() {
		m.Set("time", wrap("operating_reset_at", f.resetAt.Unix()))
	}
	return m
}

// writeJSON sends a value. A failure to send is the client's loss alone.
func (p *Portal) writeJSON(w http.ResponseWriter, status int, v any) {
	data, err := encode(v, p.zone)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("Content-Length", strconv.Itoa(len(data)))
	w.Header().Set("Access-Control-Allow-Origin", "*")
	w.WriteHeader(status)
	w.Write(data)
}
