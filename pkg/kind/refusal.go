package kind

import "github.com/b24apply/b24apply/pkg/value"

// A Refusal is the portal's refusal to tell something. It wraps the client's error, whose
// text it has.
type Refusal struct {
	Scope   Scope
	Code    string        // the portal's code, such as ACCESS_DENIED
	Text    string        // in the portal's language, on one line; the code where there is none
	Hint    value.Message // what to do, where that is known
	Missing bool          // what was asked about does not exist, or is not shown to the caller
	Err     error
}

func (r *Refusal) Error() string { return r.Err.Error() }

// Says is the refusal for people.
func (r *Refusal) Says() value.Message { return value.SaidBy(r.Err) }

// Remedy is what to do about it.
func (r *Refusal) Remedy() value.Message { return r.Hint }

// Unwrap gives the client's error.
func (r *Refusal) Unwrap() error { return r.Err }

// Scope says how far a refusal reaches.
type Scope uint8

// The scopes. What refuses a credential refuses every further question too.
const (
	ScopeItem       Scope = iota // one record, or one file of it
	ScopeKind                    // what one method tells of one entity type
	ScopeCredential              // the credential, its rights or the portal's plan
)

// HiddenRow is the column in which a row says why its record is not shown whole: a message.
const HiddenRow = "record-hidden"

// PartRefusals are the owners whose part of some searches the portal does not show, in the
// order of the searches. What belongs to the others was read.
type PartRefusals struct{ ByOwner []map[int]*Refusal }

func (p *PartRefusals) Error() string { return "parts-refused" }
