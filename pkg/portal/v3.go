package portal

import (
	"context"
	"database/sql"
	"errors"
	"io"
	"mime"
	"net/http"
	"strings"
	"time"
)

// A v3Call is one call of REST 3.0.
type v3Call struct {
	tx     *sql.Tx
	params *Map // never nil
	user   int
	now    time.Time
	portal *Portal
}

// A v3Method answers one method of REST 3.0. A bare answer is the whole body;
// others come under result.
type v3Method struct {
	name, scope string
	write, bare bool
	run         func(context.Context, *v3Call) (any, error)
}

// A v3Fault is an error of REST 3.0, whose error is an object.
// Source: https://apidocs.bitrix24.com/api-reference/rest-v3.html.
type v3Fault struct {
	status     int
	code       string // without the prefix that all codes of methods have
	message    string
	validation []v3Problem
}

type v3Problem struct{ field, message string }

func (f *v3Fault) Error() string { return f.code + ": " + f.message }

const v3Prefix = "BITRIX_REST_V3_EXCEPTION_"

// v3Invalid is the fault for parameters that a method refuses.
func v3Invalid(problems ...v3Problem) *v3Fault {
	return &v3Fault{
		status: http.StatusBadRequest, code: v3Prefix + "VALIDATION_REQUESTVALIDATIONEXCEPTION",
		message: "Error during request object validation", validation: problems,
	}
}

// v3Methods lists the methods of REST 3.0 by lower-case name: those about the
// interface itself, and as much of the tasks as it takes to see an
// Idempotency-Key at work.
func v3Methods() map[string]v3Method {
	table := make(map[string]v3Method)
	for _, m := range []v3Method{
		{name: "rest.scope.list", run: v3Scopes},
		{name: "rest.documentation.openapi", bare: true, run: v3Documentation},
		{name: "documentation", bare: true, run: v3Documentation},
		{name: "tasks.task.add", scope: "tasks", write: true, run: addTask},
		{name: "tasks.task.get", scope: "tasks", run: getTask},
		{name: "tasks.task.list", scope: "tasks", run: listTasks},
		{name: "tasks.task.delete", scope: "tasks", write: true, run: deleteTask},
	} {
		table[m.name] = m
	}
	return table
}

// serveV3 answers one request below /rest/api/.
func (p *Portal) serveV3(w http.ResponseWriter, r *http.Request) {
	p.counts.request()
	if !allowed(w, r, http.MethodGet, http.MethodPost) {
		return
	}
	address, ok := splitPath(strings.TrimPrefix(r.URL.Path, "/rest/api/"))
	if !ok {
		http.NotFound(w, r)
		return
	}
	if err := p.rate.take(p.limits, sourceAddress(r), time.Now()); err != nil {
		p.counts.refused("QUERY_LIMIT_EXCEEDED")
		p.writeV3Error(w, err)
		return
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		refuseBody(w, err)
		return
	}
	request := v3Request{method: strings.ToLower(address.method), body: body, header: r.Header}
	params, malformed := request.params()
	named, ok := params.(*Map)
	if !ok {
		named = new(Map)
	}
	if request.request, err = p.identify(r, address, named); err != nil {
		p.writeV3Error(w, err)
		return
	}
	ctx := withGrant(withRequest(context.WithoutCancel(r.Context()), request.request), request.grant)
	p.answer(w, r, v3Names(request.method, params), func(w http.ResponseWriter) {
		if malformed != nil {
			p.writeV3Error(w, malformed)
			return
		}
		p.answerV3(ctx, w, request, params)
	})
}

// A v3Request is an authorized request.
type v3Request struct {
	*request
	method string
	body   []byte
	header http.Header
}

// v3Names lists the methods that a request asks for: its own, and those of its
// batch.
func v3Names(method string, params any) []string {
	names := []string{method}
	if _, alone := params.(*Map); alone && method != batchMethod {
		return names
	}
	calls, _ := asList(params)
	for _, item := range calls {
		name, _ := v3Entry(item)
		names = append(names, name)
	}
	return names
}

// v3Entry returns the method and the parameters of a call in a batch.
func v3Entry(item any) (name string, query *Map) {
	entry, _ := item.(*Map)
	v, _ := entry.Get("method")
	name, _ = asString(v)
	v, _ = entry.Get("query")
	query, ok := asMap(v)
	if !ok {
		query = new(Map)
	}
	return strings.ToLower(name), query
}

// answerV3 runs a request and sends its answer.
func (p *Portal) answerV3(ctx context.Context, w http.ResponseWriter, request v3Request, params any) {
	key, err := request.idempotencyKey()
	if err != nil {
		p.writeV3Error(w, err)
		return
	}
	p.running.Lock()
	defer p.running.Unlock()
	answer, replayed, err := p.replay(ctx, request, key, func(tx *sql.Tx) ([]byte, error) {
		return p.runV3(ctx, tx, request, params)
	})
	if err != nil {
		p.writeV3Error(w, err)
		return
	}
	if key != "" {
		w.Header().Set("Idempotency-Key", key)
	}
	if replayed {
		w.Header().Set("Idempotent-Replayed", "true")
	}
	p.writeJSON(w, http.StatusOK, rawJSON(answer))
}

// params decodes the body. Parameters of the query are never looked at.
func (r v3Request) params() (any, error) {
	if len(r.body) == 0 {
		return new(Map), nil
	}
	media, _, _ := mime.ParseMediaType(r.header.Get("Content-Type"))
	v, err := decodeJSON(r.body)
	_, isMap := v.(*Map)
	_, isList := v.([]any)
	if media != "application/json" || err != nil || !isMap && !isList {
		return nil, &v3Fault{
			status: http.StatusBadRequest, code: v3Prefix + "INVALIDJSONEXCEPTION", message: "The request body is not valid JSON",
		}
	}
	return v, nil
}

// runV3 runs a request, which may be a batch, and returns the answer's body.
func (p *Portal) runV3(ctx context.Context, tx *sql.Tx, request v3Request, params any) ([]byte, error) {
	o := execution{start: time.Now()}
	var result any
	var err error
	var bare bool
	switch params := params.(type) {
	case []any:
		o.unmetered = true
		result, err = p.batchV3(ctx, tx, request.method, params)
	case *Map:
		if calls, ok := asList(params); ok && request.method == batchMethod && params.Len() > 0 && isList(params.Keys()) {
			return p.runV3(ctx, tx, request, calls) // a list as PHP and the official SDK send it
		}
		if request.method == batchMethod {
			return nil, &v3Fault{
				status: http.StatusBadRequest, code: v3Prefix + "INVALIDSELECTEXCEPTION", message: "The batch must be a list of calls",
			}
		}
		result, bare, err = p.callV3(ctx, tx, &o, request.method, params)
	}
	if err != nil {
		return nil, err
	}
	o.finish = time.Now()
	o.worked = o.finish.Sub(o.start)
	if bare {
		return encode(result, p.zone)
	}
	envelope := wrap("result", result)
	envelope.Set("time", o.timing())
	return encode(envelope, p.zone)
}

// batchV3 runs the calls of a batch in order. The first error is the answer.
func (p *Portal) batchV3(ctx context.Context, tx *sql.Tx, method string, calls []any) (any, error) {
	if method != batchMethod || len(calls) > batchLimit {
		return nil, v3Invalid(v3Problem{field: "", message: "A list of at most 50 calls is the body of a batch only"})
	}
	results := []any{}
	for _, item := range calls {
		name, query := v3Entry(item)
		result, _, err := p.callV3(ctx, tx, new(execution), name, query)
		if err != nil {
			return nil, err
		}
		results = append(results, result)
	}
	return results, nil
}

// callV3 runs one call, as far as scopes and limits let it, and bills its time.
func (p *Portal) callV3(ctx context.Context, tx *sql.Tx, o *execution, name string, params *Map) (result any, bare bool, err error) {
	m, ok := v3Methods()[name]
	if !ok {
		return nil, false, noMethod()
	}
	if !grantOf(ctx).grants(m.scope) {
		return nil, false, &v3Fault{
			status: http.StatusForbidden, code: v3Prefix + "INSUFFICIENTSCOPEEXCEPTION",
			message: outOfScope(requestOf(ctx)).text,
		}
	}
	rq := requestOf(ctx)
	key := meterKey{m.name, rq.credential}
	if err := p.withinBudget(key); err != nil {
		return nil, false, err
	}
	start := time.Now()
	result, err = m.run(ctx, &v3Call{tx: tx, params: params, user: rq.user, now: p.now(), portal: p})
	o.operating, o.resetAt = p.meter.add(key, start, time.Now(), p.billed(time.Since(start), false))
	p.counts.command(m.name, m.write && err == nil)
	return result, m.bare, err
}

// writeV3Error sends an error, which is an object here.
func (p *Portal) writeV3Error(w http.ResponseWriter, err error) {
	var f *v3Fault
	if !errors.As(err, &f) {
		other := asFault(err)
		f = &v3Fault{status: other.status, code: other.code, message: other.text}
	}
	m := wrap("code", f.code)
	m.Set("message", f.message)
	if len(f.validation) > 0 {
		problems := []any{}
		for _, problem := range f.validation {
			entry := wrap("message", problem.message)
			entry.Set("field", problem.field)
			problems = append(problems, entry)
		}
		m.Set("validation", problems)
	}
	p.writeJSON(w, f.status, wrap("error", m))
}

// v3Scopes answers rest.scope.list: the scope of each method. The documentation
// shows no answer, so its form is ours.
func v3Scopes(context.Context, *v3Call) (any, error) {
	items := []any{}
	for _, m := range sortedV3() {
		entry := wrap("method", m.name)
		entry.Set("scope", m.scope)
		items = append(items, entry)
	}
	return wrap("items", items), nil
}
