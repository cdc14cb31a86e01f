package bitrix

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// v3Reads holds the reading methods of REST 3.0 that EffectOf does not know, in
// lower case.
var v3Reads = map[string]bool{
	"documentation":                        true,
	"humanresources.employee.count":        true,
	"humanresources.employee.search":       true,
	"humanresources.employee.subordinates": true,
	"humanresources.node.children":         true,
	"humanresources.node.count":            true,
	"humanresources.node.search":           true,
	"mail.mailbox.senders":                 true,
	"mail.message.thread":                  true,
	"mail.recipient.listcontacts":          true,
	"mail.recipient.listemployees":         true,
	"main.eventlog.tail":                   true,
	"rest.documentation.openapi":           true,
}

// v3Bare holds the methods whose answer is not inside a result.
// Source: https://apidocs.bitrix24.com/api-reference/rest-v3.html#openapi
var v3Bare = map[string]bool{"documentation": true, "rest.documentation.openapi": true}

func lowerMethod(method string) string {
	return strings.TrimSuffix(strings.ToLower(method), ".json")
}

// v3Settles is how long the portal may still work on a request whose answer was
// lost: it gives up after 60 s. Two requests with one key at the same time may both
// be executed, so a second one waits until then.
// Source: https://apidocs.bitrix24.com/api-reference/rest-v3.html#idempotency
const v3Settles = 60 * time.Second

// keyReused refuses a key whose call was executed with another body. The token is a
// part of the body, so that a repetition with a renewed one may look like that.
// Source: https://apidocs.bitrix24.com/api-reference/rest-v3.html#idempotency
const keyReused = "BITRIX_REST_V3_EXCEPTION_IDEMPOTENCYKEYREUSEDEXCEPTION"

// settles is how long to wait before a job whose answer was lost may be repeated.
func (j *job) settles(f *failure) time.Duration {
	if f.verdict != lost || j.key == "" {
		return 0
	}
	return max(0, v3Settles-time.Since(j.sent))
}

// address is where a job is sent: REST 3.0 has a path of its own.
func (e *endpoint) address(j *job) *url.URL {
	u := e.url(j.method)
	if j.v3 {
		u.Path = strings.Replace(u.Path, "/rest/", "/rest/api/", 1)
	}
	return u
}

// mark adds the headers that only some jobs have.
func (j *job) mark(h http.Header) {
	if j.key != "" {
		h.Set("Idempotency-Key", j.key)
	}
}

// decode reads the answer of a job.
func (j *job) decode(a *answer) (envelope, error) {
	body := a.body
	levels := callLevels
	switch {
	case j.method == BatchMethod && j.effect != Read:
		levels = writtenLevels
	case j.method == BatchMethod:
		levels = batchLevels
	}
	if j.rows {
		levels += rowLevels
	}
	e, err := decodeEnvelope(a.doc, body, levels)
	if err != nil && j.v3 && v3Bare[lowerMethod(j.method)] && json.Valid(body) && bytes.HasPrefix(bytes.TrimSpace(body), []byte("{")) {
		e, err = envelope{Response: Response{Result: body}}, nil
	}
	if j.whole {
		e.Envelope = body
	}
	return e, err
}
