package resume

import (
	"encoding/json"
	"io"

	"github.com/b24apply/b24apply/pkg/value"
)

// A Told is what a report says of one item.
type Told struct {
	Resource  value.Address `json:"resource"`
	Status    string        `json:"status"`
	Error     string        `json:"error"`
	Code      string        `json:"code"`
	Field     string        `json:"field"`
	Hint      string        `json:"hint"`
	Retryable bool          `json:"retryable"`
}

// Again tells whether trying the item again may help without anybody mending anything, as
// far as the report knows.
func (t *Told) Again() bool { return t.Retryable || t.Status == noTry }

// ErrNoReport is text that is no report of a run.
var ErrNoReport = value.Err("is-no-report")

// ReadReport gives every item of a report to take, one after the other.
func ReadReport(r io.Reader, take func(*Told)) error {
	d := json.NewDecoder(r)
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return ErrNoReport
	}
	found := false
	for d.More() {
		name, err := d.Token()
		if err != nil {
			return ErrNoReport
		}
		if name != "items" {
			var skipped json.RawMessage
			if err := d.Decode(&skipped); err != nil {
				return ErrNoReport
			}
			continue
		}
		if err := readItems(d, take); err != nil {
			return err
		}
		found = true
	}
	if !found {
		return ErrNoReport
	}
	return nil
}

func readItems(d *json.Decoder, take func(*Told)) error {
	if t, err := d.Token(); err != nil || t != json.Delim('[') {
		return ErrNoReport
	}
	for d.More() {
		var t Told
		if err := d.Decode(&t); err != nil {
			return ErrNoReport
		}
		take(&t)
	}
	_, err := d.Token()
	return err
}
