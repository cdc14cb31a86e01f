package journal

import (
	"encoding/json"
	"fmt"
	"hash/crc32"
	"time"

	"github.com/b24apply/b24apply/pkg/plan"
	"github.com/b24apply/b24apply/pkg/value"
)

// Format is the version of the file format.
const Format = 1

// A Kind says what a record is about.
type Kind string

// The kinds.
const (
	Open    Kind = "open"       // the first one: Header
	Image   Kind = "image"      // what a record was before it is deleted or changed: Image
	Intent  Kind = "intent"     // what a request is to do: Request, For, Of
	Sent    Kind = "sent"       // the request goes out at At; it has intent before it, and may be sent more than once
	Result  Kind = "result"     // what the portal answered: Request, Of. What is missing in it may have been executed
	Settled Kind = "settled"    // what became of what had no answer: Of
	Taken   Kind = "taken-back" // what was created and deleted again: Of
	Told    Kind = "told"       // a report of a later run has named all that was taken back until here
	Outcome Kind = "outcome"    // how a node of the plan ended: Of
	Held    Kind = "held"       // what was seen to be as declared, as digests: Held
	Forgot  Kind = "forgot"     // what it held of the values of some nodes was erased, here and in the plan: Of
	End     Kind = "end"        // nothing more comes from this run; Is tells whether anything is open
)

// The purposes of a request.
const (
	Save     = "save"     // the change itself
	Repair   = "repair"   // once more what differs
	Withdraw = "withdraw" // delete again what was just created
	Delete   = "delete"
)

// What became of a node, beside the statuses of outcomes.
const (
	Answered  = "answered"  // the portal said success
	Refused   = "refused"   // the portal said no
	Unsent    = "unsent"    // it never went out, or was put off
	Claimed   = "claimed"   // its answer was lost, and what carries the mark is used: it may be another run's
	Landed    = "landed"    // its answer was lost, and a read shows that it was done
	Not       = "not"       // its answer was lost, and it was not done
	Overtaken = "overtaken" // somebody else has saved the record since
	Gone      = "gone"      // what it was about is not there
	Doubtful  = "doubtful"  // nobody can tell, and nothing is in flight any more
)

// How a run ended.
const (
	EndWhole   = "whole"   // nothing is open
	EndOpen    = "open"    // something may still be happening
	EndSettled = "settled" // a later run has settled what was open
)

// A Record is one line.
type Record struct {
	Seq     int64           `json:"n"` // 1, 2, 3 …
	Kind    Kind            `json:"k"`
	At      time.Time       `json:"at,omitzero"`
	Request int             `json:"r,omitempty"`
	For     string          `json:"for,omitempty"`
	Of      []Entry         `json:"of,omitempty"`
	Is      string          `json:"is,omitempty"`
	By      string          `json:"by,omitempty"` // end: the run that wrote it, if that is another one
	Image   json.RawMessage `json:"image,omitempty"`
	Held    []plan.Digest   `json:"held,omitempty"`
	Header  *Header         `json:"open,omitempty"`
	Told    bool            `json:"told,omitempty"` // end: what was taken back was named, see Told
}

// A Header says what the journal is of.
type Header struct {
	Format int    `json:"format"`
	Run    string `json:"run"`
	Salt   []byte `json:"salt,omitempty"` // of the digests
}

// An Entry is what a record says of one node of the plan: the request that saves the record
// of a change, or one of its steps.
type Entry struct {
	Item int    `json:"i"`           // index of the change in the run's plan.ndjson, from 0
	Step int    `json:"s,omitempty"` // 0: the record itself; n: the step with index n-1
	Is   string `json:"is,omitempty"`
	ID   string `json:"id,omitempty"` // learned from the portal
	Code string `json:"code,omitempty"`
	// Retry tells of an outcome that trying again may help.
	Retry bool `json:"retry,omitempty"`
	// EntityTypeID and Pipeline are those of a smart process that was created, Field the name
	// of a user field that was.
	EntityTypeID int    `json:"t,omitempty"`
	Pipeline     int    `json:"p,omitempty"`
	Field        string `json:"f,omitempty"`
}

// The checksum stands behind everything else: {…,"c":"0123abcd"}.
const (
	sumKey  = `,"c":"`
	sumEnd  = `"}`
	sumSize = len(sumKey) + 8 + len(sumEnd)
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// appendLine adds a record to b as one line.
func appendLine(b []byte, r *Record) ([]byte, error) {
	if len(r.Image) > 0 && !json.Valid(r.Image) {
		return b, value.Err("image-is-no-json")
	}
	from := len(b)
	b = value.AppendJSON(b, r, nil)
	b = b[:len(b)-1]
	return append(fmt.Appendf(b, "%s%08x%s", sumKey, crc32.Checksum(b[from:], castagnoli), sumEnd), '\n'), nil
}

// parse reads a line without its end.
func parse(line []byte) (*Record, error) {
	if len(line) <= sumSize {
		return nil, value.Err("line-is-too-short")
	}
	text := line[:len(line)-sumSize]
	if want := fmt.Sprintf("%s%08x%s", sumKey, crc32.Checksum(text, castagnoli), sumEnd); string(line[len(text):]) != want {
		return nil, value.Err("checksum-is-wrong")
	}
	r := &Record{}
	if err := json.Unmarshal(append(text[:len(text):len(text)], '}'), r); err != nil {
		return nil, err
	}
	return r, nil
}
