package bitrix

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"time"
)

// maxRedirects bounds how often one try follows a renamed portal.
const maxRedirects = 3

// An answer is what came back over HTTP.
type answer struct {
	status   int
	location string
	body     []byte
	doc      *doc // what it is read into
	took     time.Duration
	named    bool          // it says that it is a file
	after    time.Duration // when it says to come back
}

// attempt sends a job once, following the portal where it was renamed to, and
// returns the endpoint that it ended at. A new address is remembered when it has
// given an answer of the REST interface.
func (c *Client) attempt(ctx context.Context, j *job) (*Response, *endpoint, *failure) {
	first := c.endpoint.Load()
	e := first
	for hop := 0; ; hop++ {
		a, f := c.paced(ctx, e, j)
		if f != nil {
			if f.silent || f.verdict == lost {
				c.noteSilence(ctx, f)
			}
			return nil, e, f
		}
		if !a.isRedirect() {
			res, f := e.read(j, a)
			c.noteSilence(ctx, f)
			c.logAnswer(ctx, e, j, a, res)
			if f != nil && f.verdict == busy {
				f.after = a.after
			}
			if e != first && f == nil {
				c.endpoint.CompareAndSwap(first, e)
			}
			return res, e, f
		}
		c.logAnswer(ctx, e, j, a, nil)
		next, err := e.moved(j, a.location)
		var cause error
		if err == nil {
			cause = c.mayMove(e, next)
			err = cause
		}
		if hop == maxRedirects {
			err = fmt.Errorf("the portal redirects more than %d times", maxRedirects)
		}
		if err != nil {
			refused := e.refused(j.method, a.status, &refusal{description: err.Error()})
			refused.Cause = cause
			return nil, e, &failure{verdict: final, err: refused}
		}
		e = next
	}
}

// noteSilence notes whether a request that was sent has shown the portal to be there: f is
// nil, or what it failed with. One that the caller has given up shows nothing.
func (c *Client) noteSilence(ctx context.Context, f *failure) {
	switch {
	case f == nil || !f.silent:
		c.watch.heard(c.Portal())
	case f.silent && ctx.Err() == nil:
		c.watch.miss(f.err)
	}
}

func (a *answer) isRedirect() bool {
	switch a.status {
	case http.StatusMovedPermanently, http.StatusFound, http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
		return true
	}
	return false
}

// post makes one HTTP request and reads its answer.
func (c *Client) post(ctx context.Context, e *endpoint, j *job) (*answer, *failure) {
	if err := j.tellSending(ctx); err != nil {
		return nil, &failure{verdict: final, err: err}
	}
	timeout := c.timeout
	if j.probe {
		timeout = min(timeout, probeTime)
	}
	ctx, cancel := context.WithTimeoutCause(ctx, timeout, fmt.Errorf("no answer within %s", timeout))
	defer cancel()
	var link link
	start := time.Now()
	j.sent = start
	c.requests.Add(1)
	answered := c.tellSlow(ctx, j.method)
	defer answered()
	res, err := c.transport.RoundTrip(e.request(link.trace(ctx), j))
	if err != nil {
		f := e.broken(ctx, err, link.failed())
		f.silent = !f.stop && !(f.verdict == unreached && isUnknownName(err) && !c.reached.Load())
		if f.verdict == unreached {
			c.requests.Add(-1)
		}
		c.log.DebugContext(ctx, "portal request failed", "method", j.method, "portal", e.host, "try", j.try, "sent", len(j.body), "took", time.Since(start), "reason", f.err)
		return nil, f
	}
	defer func() { _ = res.Body.Close() }()
	c.reached.Store(true)
	d := c.docFor(j)
	body, err := readBody(d.body, io.LimitReader(res.Body, c.maxBody+1), res.ContentLength)
	if err != nil {
		f := e.broken(ctx, err, false)
		f.silent = true
		c.log.DebugContext(ctx, "portal answer broke off", "method", j.method, "portal", e.host, "try", j.try,
			"status", res.StatusCode, "received", len(body), "took", time.Since(start), "reason", f.err)
		return nil, f
	}
	if int64(len(body)) > c.maxBody {
		c.log.DebugContext(ctx, "portal answer is too large", "method", j.method, "portal", e.host, "try", j.try, "status", res.StatusCode, "limit", c.maxBody)
		return nil, &failure{verdict: lost, stop: true, err: fmt.Errorf("the answer is larger than %d bytes; ask for fewer rows or fields", c.maxBody)}
	}
	if j.reuse {
		d.body = body
	}
	return &answer{status: res.StatusCode, location: res.Header.Get("Location"), body: body, doc: d, took: time.Since(start),
		named: res.Header.Get("Content-Disposition") != "", after: retryAfter(res.Header)}, nil
}

// request is the HTTP request of a job. It has no GetBody, so that net/http
// cannot send it a second time on its own.
func (e *endpoint) request(ctx context.Context, j *job) *http.Request {
	body := e.sign(j.body)
	req := &http.Request{
		Method: http.MethodPost, URL: e.address(j), Host: e.host,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: http.Header{
			"Content-Type": {"application/json; charset=utf-8"},
			"Accept":       {"application/json"},
			"User-Agent":   {"b24apply"},
		},
		Body:          io.NopCloser(bytes.NewReader(body)),
		ContentLength: int64(len(body)),
	}
	j.mark(req.Header)
	e.authorize(req.Header, j.body)
	return req.WithContext(ctx)
}

// read reads an answer that is no redirect.
func (e *endpoint) read(j *job, a *answer) (*Response, *failure) {
	switch {
	case j.file == nil:
		a.body = e.hideIn(a.body)
		return e.judge(j, a)
	case j.takeFile(a):
		return &Response{}, nil
	}
	return nil, e.noFile(j, a)
}

// judge reads an answer of the REST interface.
func (e *endpoint) judge(j *job, a *answer) (*Response, *failure) {
	env, err := j.decode(a)
	switch {
	case err != nil:
		return nil, e.unreadable(j.method, a.status, err)
	case env.refusal == nil && a.status/100 != 2:
		env.refusal = &refusal{}
	}
	if env.refusal != nil {
		err := e.refused(j.method, a.status, env.refusal)
		return nil, &failure{verdict: err.verdict(), err: err}
	}
	if j.accept != nil {
		if err := j.accept(&env.Response); err != nil {
			return nil, &failure{verdict: lost, err: err}
		}
	}
	return &env.Response, nil
}

// unreadable judges an answer that is not the REST interface's, by its status:
// a front end refuses with 4xx before the portal sees the request, and anything
// else may hide an execution.
func (e *endpoint) unreadable(method string, status int, err error) *failure {
	said := fmt.Errorf("HTTP %s: %w", strings.TrimSpace(strconv.Itoa(status)+" "+http.StatusText(status)), err)
	refused := e.refused(method, status, &refusal{description: said.Error() + "; check that the address is a Bitrix24 portal"})
	switch v := refused.verdict(); {
	case v == lost || status/100 == 2:
		return &failure{verdict: lost, err: said, silent: status >= 500}
	default:
		return &failure{verdict: v, err: refused}
	}
}

// refused is the error of a refusal, without the secret should the portal
// repeat it.
func (e *endpoint) refused(method string, status int, r *refusal) *Error {
	return &Error{
		Method: method, Portal: e.host, Status: status, Credential: e.kind,
		Code: e.hide(r.code), Description: e.hide(r.description), Argument: e.hide(r.argument), ResetAt: r.resetAt,
	}
}

// broken judges a request that ended without a whole answer. unsent says that
// no connection was made.
func (e *endpoint) broken(ctx context.Context, err error, unsent bool) *failure {
	var (
		op  *net.OpError
		dns *net.DNSError
	)
	untrusted := isUntrusted(err)
	unsent = unsent || untrusted || errors.As(err, &dns) || errors.As(err, &op) && op.Op == "dial"
	if ctx.Err() != nil {
		err = context.Cause(ctx)
	}
	err = e.plain(err)
	if unsent {
		return &failure{verdict: unreached, stop: untrusted, err: &Unreachable{Portal: e.host, Cause: err}}
	}
	return &failure{verdict: lost, err: err}
}

// isUnknownName tells whether nobody has the portal's name. Of a portal that has never
// answered it is more likely misspelt than out of reach.
func isUnknownName(err error) bool {
	var dns *net.DNSError
	return errors.As(err, &dns) && dns.IsNotFound
}

// A plainError says in few words what a network error says in many.
type plainError struct {
	text string
	err  error
}

func (p *plainError) Error() string { return p.text }
func (p *plainError) Unwrap() error { return p.err }

// plain makes a network error readable and takes the address out of it, since
// it holds the secret: *url.Error prints it in full.
func (e *endpoint) plain(err error) error {
	var u *url.Error
	for errors.As(err, &u) {
		err = u.Err
	}
	if e.hide(err.Error()) != err.Error() {
		return errors.New("the connection failed (the details hold the credential and are not shown)")
	}
	var (
		dns   *net.DNSError
		errno syscall.Errno
	)
	switch {
	case errors.As(err, &dns):
		return &plainError{"its name does not resolve: " + dns.Err, err}
	case errors.As(err, &errno):
		return &plainError{errno.Error(), err}
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return &plainError{"the connection was closed before the answer was complete", err}
	}
	return err
}

// A link observes whether a request got a connection.
type link struct{ asked, got atomic.Bool }

func (l *link) trace(ctx context.Context) context.Context {
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GetConn: func(string) { l.asked.Store(true) },
		GotConn: func(httptrace.GotConnInfo) { l.got.Store(true) },
	})
}

// failed reports whether no connection was made, so that nothing was sent. A
// transport that does not trace its connections never tells.
func (l *link) failed() bool { return l.asked.Load() && !l.got.Load() }
