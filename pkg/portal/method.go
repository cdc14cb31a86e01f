package portal

import (
	"context"
	"time"
)

// A call is one command: a request of its own, or one command of a batch.
type call struct {
	method string // lower case, without .json
	params *Map   // never nil
	user   int    // id of the user on whose behalf it runs
	now    time.Time
	portal *Portal
	grant  *grant
	kept   []keptList // lists that a fault keeps from being emptied
}

// A reply is a successful answer. The value is encoded as JSON by the REST
// layer: *Map as an object (or [] when empty and a list when its keys are
// exactly 0..n-1, as PHP does), slices as lists, time.Time as ISO 8601 in the
// portal's zone.
type reply struct {
	value any
	list  bool // a list method with counting on: total and next belong into the envelope
	total int
	next  int         // 0: no further page
	file  *storedFile // sent as it is, in place of an envelope
}

// A fault is an error answer: {"error": code, "error_description": text}.
type fault struct {
	status   int // HTTP status; 0 means 400
	code     string
	text     string
	argument string
	field    string    // name of the field that a value was refused for
	resetAt  time.Time // when the method may be called again; zero is not told
}

func (f *fault) Error() string { return f.code + ": " + f.text }

// A method answers one REST method. An error that is not a *fault becomes
// INTERNAL_SERVER_ERROR with status 500.
type method struct {
	name  string // as documented, such as "crm.item.add"
	scope string // "" for none
	write bool   // counted as a write in the stats if it succeeds
	run   func(context.Context, *call) (reply, error)
}
