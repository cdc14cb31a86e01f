package diff

import (
	"github.com/b24apply/b24apply/pkg/spec"
	"github.com/b24apply/b24apply/pkg/value"
)

// A Note is what people should know of a plan as a whole.
type Note struct {
	Code      string         `json:"code"`    // stable
	Message   string         `json:"message"` // a sentence without a full stop
	Addresses []spec.Address `json:"addresses,omitempty"`
	Lines     []string       `json:"lines,omitempty"` // what the sentence is about, one by one
}

// A Refusal is why nothing of a plan may be sent.
type Refusal struct {
	Code    string `json:"code"` // stable
	Message string `json:"message"`
	Owner   string // whose the records are
}

func (r *Refusal) Error() string { return r.Code + ": " + r.Message }

// Hint is what to do about it.
func (r *Refusal) Hint() string { return value.Hint(r.Code, r.Owner) }
