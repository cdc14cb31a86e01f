package resume

import (
	"encoding/json"
	"errors"
	"io"
	"slices"

	"github.com/go-json-experiment/json/jsontext"

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

// kept are the members of an item that hold no values of its record.
var kept = []string{"resource", "kind", "action", "status", "id", "url", "code", "retryable", "timestamp", "attempts", "durationMs", "doneBy", "source"}

// ForgetReport copies a report without what it says of a resource beside how it ended, and
// tells whether it names it at all.
func ForgetReport(r io.Reader, w io.Writer, a value.Address) (found bool, err error) {
	in := jsontext.NewDecoder(r, jsontext.AllowDuplicateNames(true))
	out := jsontext.NewEncoder(w, jsontext.WithIndent("  "), jsontext.PreserveRawStrings(true), jsontext.AllowDuplicateNames(true))
	items := false // the next value is the list of items
	for {
		if in.StackDepth() == 2 && in.PeekKind() == '{' {
			v, err := in.ReadValue()
			if err == nil && items {
				var mine bool
				v, mine = forgetItem(v, a)
				found = found || mine
			}
			if err == nil {
				err = out.WriteValue(v)
			}
			if err != nil {
				return found, err
			}
			continue
		}
		t, err := in.ReadToken()
		if errors.Is(err, io.EOF) {
			return found, nil
		}
		if err == nil {
			if in.StackDepth() == 1 && t.Kind() == '"' {
				items = t.String() == "items"
			}
			err = out.WriteToken(t)
		}
		if err != nil {
			return found, err
		}
	}
}

func forgetItem(v jsontext.Value, a value.Address) (jsontext.Value, bool) {
	var item map[string]json.RawMessage
	var name value.Address
	if json.Unmarshal(v, &item) != nil || json.Unmarshal(item["resource"], &name) != nil || name != a {
		return v, false
	}
	for member := range item {
		if !slices.Contains(kept, member) {
			delete(item, member)
		}
	}
	text, err := json.Marshal(item)
	if err != nil {
		return v, false
	}
	return text, true
}
