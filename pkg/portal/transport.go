package portal

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
)

// Transport answers requests by a handler in this process, such as a Portal, with no socket,
// whatever host they name.
func Transport(handler http.Handler) http.RoundTripper { return handlerTransport{handler} }

type handlerTransport struct{ handler http.Handler }

func (t handlerTransport) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.Body == nil {
		req.Body = http.NoBody
	}
	defer req.Body.Close()
	rec := &recorder{header: make(http.Header), status: http.StatusOK}
	if aborted := serve(t.handler, rec, req); aborted {
		return nil, io.ErrUnexpectedEOF
	}
	if err := req.Context().Err(); err != nil {
		return nil, err
	}
	return rec.response(req), nil
}

// serve runs a handler and reports whether it gave up the connection, which it
// does by a panic with http.ErrAbortHandler.
func serve(h http.Handler, w http.ResponseWriter, req *http.Request) (aborted bool) {
	defer func() {
		switch v := recover(); v {
		case nil:
		case http.ErrAbortHandler:
			aborted = true
		default:
			panic(v)
		}
	}()
	h.ServeHTTP(w, req)
	return false
}

// recorder keeps a handler's answer.
type recorder struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (r *recorder) Header() http.Header         { return r.header }
func (r *recorder) WriteHeader(status int)      { r.status = status }
func (r *recorder) Write(b []byte) (int, error) { return r.body.Write(b) }

func (r *recorder) response(req *http.Request) *http.Response {
	return &http.Response{
		Status: fmt.Sprintf("%d %s", r.status, http.StatusText(r.status)), StatusCode: r.status,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: r.header, Body: readCloser{bytes.NewReader(r.body.Bytes())}, ContentLength: int64(r.body.Len()), Request: req,
	}
}

type readCloser struct{ *bytes.Reader }

func (readCloser) Close() error { return nil }
