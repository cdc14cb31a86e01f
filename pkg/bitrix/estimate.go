package bitrix

import "time"

// An estimate predicts what a command of a method costs the portal, or a row of one
// that carries several, from what earlier ones took. It rises at once and falls slowly: a
// request that is too long costs more than one that is too short. What many rows took together
// counts for more than what few did, since a call costs something beside its rows.
type estimate struct {
	value time.Duration
	known bool
	rows  int // the most that a measurement was of
}

// fall is the part of the way down to a lower cost that one measurement moves
// the estimate.
const fall = 0.3

// learn takes what each of some rows took on the average.
func (e *estimate) learn(d time.Duration, rows int) {
	part := 1.0
	switch {
	case !e.known:
	case d > e.value:
		part = min(1, float64(rows)/float64(e.rows))
	default:
		less := float64(e.rows) / float64(rows)
		part = max(fall, 1-less*less)
	}
	if !e.known {
		e.value, e.known = d, true
	} else {
		e.value += time.Duration(float64(d-e.value) * part)
	}
	e.rows = max(e.rows, rows)
}

// unmeasured is what a command is taken to cost before one was measured: a full
// batch is just as long as a request may be.
const unmeasured = longest / MaxBatch

// heavy are methods known to cost more than most, by their name in lower case: an
// import took 2.38 s for two rows in its documentation, and the others change the database's
// tables.
// Source: api-reference/crm/universal/import/crm-item-batch-import.md.
var heavy = map[string]time.Duration{
	batchImport:           1200 * time.Millisecond,
	"crm.type.add":        2500 * time.Millisecond,
	"userfieldconfig.add": time.Second,
}

// of is the predicted cost of one command of a method, or of one of its rows.
func (e *estimate) of(method string) time.Duration {
	if e.known {
		return e.value
	}
	if d, ok := heavy[method]; ok {
		return d
	}
	return unmeasured
}
