package bitrix

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// Params are the parameters of a method, by name. They are sent as JSON, so
// their types survive, except in a batch; see Carries.
type Params = map[string]any

// A Response is the answer of a method that succeeded.
type Response struct {
	// Result is what the method returned, undecoded: usually an object, and []
	// where an object would be empty.
	Result json.RawMessage
	// Total and Next are set by list methods that count: the number of rows,
	// and the offset of the next page. Both may be stale; use Scan or Lists.
	Total, Next *int
	// Time is what the call cost the portal.
	Time Time
	// Envelope is the whole answer, undecoded, if the Request asked for it.
	Envelope json.RawMessage

	value value // Result with what it holds noted; absent in a Response made by hand
}

// Row is the object of an answer, such as the item of crm.item.get; with "" it is the
// result itself. Nothing is decoded again.
func (r *Response) Row(name string) (row Row, ok bool) {
	v := r.opened()
	if name == "" {
		return Row{v}, v.kind() == '{'
	}
	return Row{v}.Row(name)
}

// opened is the result with what it holds noted.
func (r *Response) opened() value {
	if r.value.doc == nil && len(r.Result) > 0 {
		return valueOf(r.Result, listLevels)
	}
	return r.value.open()
}

// A Time is what a call cost the portal. Every part may be missing, and is
// zero then. Source: https://apidocs.bitrix24.com/api-reference/data-types.html#time
type Time struct {
	Finish     time.Time     // when the portal was done, by its own clock
	Duration   time.Duration // from start to finish
	Processing time.Duration // of it, inside the method
	Operating  time.Duration // what the method used of its budget in the last ten minutes
	// OperatingReset is when the oldest part of Operating expires, by the
	// portal's clock.
	OperatingReset time.Time
}

// isKnown tells whether the portal told how long the call took.
func (t Time) isKnown() bool { return !t.Finish.IsZero() }

// UnmarshalJSON accepts floats, integers and numeric strings, and takes
// anything else, such as [] for an empty object, as no information.
func (t *Time) UnmarshalJSON(b []byte) error {
	*t = valueOf(b, 1).time()
	return nil
}

// time reads a value as a Time.
func (v value) time() (t Time) {
	if v = v.open(); v.kind() != '{' {
		return t
	}
	return Time{
		Finish:         v.member("finish").number().instant(),
		Duration:       v.member("duration").number().seconds(),
		Processing:     v.member("processing").number().seconds(),
		Operating:      v.member("operating").number().seconds(),
		OperatingReset: v.member("operating_reset_at").number().instant(),
	}
}

// A number is a JSON number, or text that holds one; anything else is unset.
type number struct {
	value float64
	set   bool
}

// UnmarshalJSON never fails: a number that cannot be read is unset.
func (n *number) UnmarshalJSON(b []byte) error {
	if string(b) == "null" {
		*n = number{}
		return nil
	}
	f, err := strconv.ParseFloat(strings.Trim(string(b), `"`), 64)
	*n = number{f, err == nil && !math.IsInf(f, 0) && !math.IsNaN(f)}
	return nil
}

const (
	maxSeconds = 1 << 33 // keeps conversions to time.Duration from overflowing
	maxExact   = 1 << 53 // the largest range in which a float64 holds every integer
)

func (n number) seconds() time.Duration {
	if !n.set || n.value < 0 || n.value > maxSeconds {
		return 0
	}
	return time.Duration(n.value * float64(time.Second))
}

func (n number) instant() time.Time {
	if d := n.seconds(); d > 0 {
		return time.Unix(0, int64(d)).UTC()
	}
	return time.Time{}
}

func (n number) int() *int {
	if !n.set || math.Abs(n.value) > maxExact || n.value != math.Trunc(n.value) {
		return nil
	}
	i := int(n.value)
	return &i
}

// An envelope is a decoded answer: a response, or what the portal refused.
type envelope struct {
	Response
	refusal *refusal
}

// A refusal is an error answer, in any of the shapes that Bitrix24 gives it.
type refusal struct {
	code, description, argument string
	resetAt                     time.Time // when a method that has used up its time has some again; zero if it is not told
}

// How many levels of an answer are noted when it is read.
const (
	callLevels    = 3 // the envelope, the result, and the object in it
	writtenLevels = 4 // of a batch that writes, the parts of the result, and its commands
	batchLevels   = 5 // of another batch also what is in them
	rowLevels     = 1 // of lists also the rows
	listLevels    = 3 // of the result of a list alone
)

// decodeEnvelope reads an answer, whose upper levels are noted. An error means that it
// is no answer of the REST interface, or that it was cut.
func decodeEnvelope(d *doc, body []byte, levels int) (envelope, error) {
	// A script of a self-hosted portal may begin its output with a byte order mark.
	if len(body) > maxText {
		return envelope{}, fmt.Errorf("the answer is larger than %d MiB; ask for fewer rows or fields", maxText>>20)
	}
	ok := d.read(bytes.TrimPrefix(body, []byte("\ufeff")), levels)
	whole := value{doc: d}
	if !ok || whole.kind() != '{' && whole.kind() != 'n' {
		return envelope{}, errNotJSON(body)
	}
	result, refused := whole.member("result"), whole.member("error")
	e := envelope{Response: Response{Result: result.raw(), value: result, Total: whole.member("total").number().int(),
		Next: whole.member("next").number().int(), Time: whole.member("time").time()}}
	switch {
	case refused.isSet():
		e.refusal = newRefusal(refused.raw(), whole.member("error_description").raw(), whole.member("argument").raw())
		e.refusal.resetAt = e.Time.OperatingReset
	case result.doc == nil:
		return envelope{}, errors.New("the answer holds neither a result nor an error")
	}
	return e, nil
}

// newRefusal reads an error whose code is text, a number, or an object as in
// REST v3.
func newRefusal(code, description, argument json.RawMessage) *refusal {
	r := &refusal{code: text(code), description: text(description), argument: text(argument)}
	var v3 struct {
		Code       json.RawMessage `json:"code"`
		Message    json.RawMessage `json:"message"`
		Validation []struct {
			Field   string `json:"field"`
			Message string `json:"message"`
		} `json:"validation"`
	}
	if len(code) > 0 && code[0] == '{' {
		r.code = ""
		if json.Unmarshal(code, &v3) == nil {
			r.code, r.description = text(v3.Code), text(v3.Message)
			for _, v := range v3.Validation {
				r.description += "\n" + v.Field + ": " + v.Message
			}
		}
	}
	return r
}

// isSet reports whether a JSON value is there and not null.
func isSet(raw json.RawMessage) bool {
	return len(raw) > 0 && !bytes.Equal(raw, []byte("null"))
}

// text is a JSON value as text: strings unquoted, absent and null as "", the
// rest as written.
func text(raw json.RawMessage) string {
	var s string
	switch {
	case !isSet(raw):
		return ""
	case json.Unmarshal(raw, &s) == nil:
		return s
	}
	return string(raw)
}

// errNotJSON says what a body is that is no answer, without quoting it: it may
// repeat the address, which is a secret.
func errNotJSON(body []byte) error {
	head := bytes.ToLower(bytes.TrimSpace(body[:min(len(body), 512)]))
	switch {
	case len(head) == 0:
		return errors.New("the answer is empty")
	case head[0] == '<':
		return errors.New("the answer is a web page and not JSON")
	case head[0] == '{' || head[0] == '[':
		return errors.New("the answer is damaged JSON")
	}
	return errors.New("the answer is not JSON")
}
