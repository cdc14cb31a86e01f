package bitrix

import "time"

// An estimate predicts what a command of a method costs the portal, from what
// earlier ones took. It rises at once and falls slowly: a request that is too
// long costs more than one that is too short.
type estimate struct {
	value time.Duration
	known bool
}

// fall is the part of the way down to a lower cost that one measurement moves
// the estimate.
const fall = 0.3

func (e *estimate) learn(d time.Duration) {
	if !e.known || d > e.value {
		e.value, e.known = d, true
		return
	}
	e.value -= time.Duration(float64(e.value-d) * fall)
}

// unmeasured is what a command is taken to cost before one was measured: a full
// batch is just as long as a request may be.
const unmeasured = longest / MaxBatch

// heavy are methods known to cost more than most, by their name in lower case: an
// import saves 20 records in one command, and the others change the database's
// tables.
var heavy = map[string]time.Duration{
	"crm.item.batchimport": 2500 * time.Millisecond,
	"crm.type.add":         2500 * time.Millisecond,
	"userfieldconfig.add":  time.Second,
}

// of is the predicted cost of one command of a method.
func (e *estimate) of(method string) time.Duration {
	if e.known {
		return e.value
	}
	if d, ok := heavy[method]; ok {
		return d
	}
	return unmeasured
}
