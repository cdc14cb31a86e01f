package resume

import (
	"time"

	"github.com/b24apply/b24apply/pkg/apply/journal"
	"github.com/b24apply/b24apply/pkg/value"
)

// A Way is how far a node of the plan has come.
type Way uint8

// The ways. What no journal speaks of is Open.
const (
	Open    Way = iota // nothing is known to be there: it is to be tried
	Written            // the portal has done it, and nobody has compared it since
	Over               // it has an outcome, and is not tried again
)

// A Past is what earlier runs have made of a node.
type Past struct {
	Way    Way
	Status string    // Over: its outcome; see journal.Entry
	Code   string    // Over: of the outcome
	ID     string    // what was created or saved; "" if nothing is there
	Run    string    // the run that did it
	At     time.Time // Written: when its request went out last; else when that was known
	Sends  int       // requests that went out for it, in all runs
	Type   Type
	Field  string // the name of a user field that was created
}

// A Type is a smart process that was created; the zero Type is none.
type Type struct{ EntityTypeID, Pipeline int }

// A Chain is what the runs of one plan tell of its nodes. Beside what is open it keeps some
// sixty bytes a node. The zero Chain knows nothing.
type Chain struct {
	runs  []string
	nodes map[journal.Node]past
	types map[journal.Node]Type
	names map[journal.Node]string // of user fields
	codes map[journal.Node]string
}

// A past is a Past without what few of them have.
type past struct {
	at     int64 // nanoseconds since the Unix epoch
	id     string
	status string
	sends  int32
	run    int16
	way    Way
}

// Add takes in the journal of the next run, which stands above those before it. What was in
// flight must have been settled in it.
func (c *Chain) Add(run string, s *journal.State) {
	c.runs = append(c.runs, run)
	if c.nodes == nil {
		c.nodes = make(map[journal.Node]past, len(s.Nodes))
	}
	for n, k := range s.Nodes {
		if now, told := c.after(n, k); told {
			c.nodes[n] = now
			c.details(n, k)
		}
	}
}

// after is what is known of a node once a later journal has spoken. One that has sent nothing,
// and could not find out how it is, takes nothing back.
func (c *Chain) after(n journal.Node, k *journal.Known) (past, bool) {
	before, known := c.nodes[n]
	way := wayOf(k)
	if known && before.way == Written && k.Sends == 0 && way != Over {
		return before, false
	}
	now := past{at: k.At.UnixNano(), id: k.ID, way: way, sends: before.sends + int32(k.Sends), run: int16(len(c.runs) - 1)}
	switch {
	case way == Written && !k.Sent.IsZero():
		now.at = k.Sent.UnixNano()
	case way == Open:
		now.id = ""
	case way == Over:
		now.status = statusOf(k)
	}
	if known && before.way == Written && k.Sends == 0 {
		now.run = before.run // this one has only compared it
		if now.status == unknown {
			return before, false
		}
	}
	return now, true
}

func (c *Chain) details(n journal.Node, k *journal.Known) {
	if k.EntityTypeID != 0 {
		put(&c.types, n, Type{k.EntityTypeID, k.Pipeline})
	}
	if k.Field != "" {
		put(&c.names, n, k.Field)
	}
	if delete(c.codes, n); k.Last.Code != "" {
		put(&c.codes, n, k.Last.Code)
	}
}

func put[V any](m *map[journal.Node]V, n journal.Node, v V) {
	if *m == nil {
		*m = make(map[journal.Node]V)
	}
	(*m)[n] = v
}

// Statuses of outcomes, as journals have them; see apply.Status.
const (
	failed   = "failed"
	conflict = "conflict"
	unknown  = "unknown"
	noTry    = "not-attempted"
	blocked  = "blocked"
)

// wayOf says whether a node is to be tried again. What the portal has refused, and may do the
// next time, is; and so is what was taken back, what never went out and what is known to be
// undone.
func wayOf(k *journal.Known) Way {
	if k.TakenBack && !k.Ended {
		return Open
	}
	switch k.Last.Is {
	case failed:
		if k.Last.Retry || value.IsRetryable(k.Last.Code) {
			return Open
		}
		return Over
	case unknown:
		if k.Saved {
			return Written
		}
		return Over
	case noTry, blocked:
		return Open
	case journal.Overtaken, journal.Gone, journal.Doubtful:
		return Over
	case journal.Answered, journal.Refused, journal.Unsent, journal.Claimed, journal.Landed, journal.Not, "":
		if k.Saved {
			return Written
		}
		return Open
	}
	return Over
}

// statusOf is the status of a node that is over.
func statusOf(k *journal.Known) string {
	switch k.Last.Is {
	case journal.Overtaken:
		return conflict
	case journal.Gone:
		return failed
	case journal.Doubtful:
		return unknown
	}
	return k.Last.Is
}

// Runs lists the runs, the first one first.
func (c *Chain) Runs() []string { return c.runs }

// Of tells what is known of a node. The step is 0 for the record itself, and n for the step with
// index n-1.
func (c *Chain) Of(item, step int) Past {
	if c == nil {
		return Past{}
	}
	n := journal.Node{Item: item, Step: step}
	p, known := c.nodes[n]
	if !known {
		return Past{}
	}
	return Past{Way: p.way, Status: p.status, Code: c.codes[n], ID: p.id, Run: c.runs[p.run], At: time.Unix(0, p.at).UTC(), Sends: int(p.sends), Type: c.types[n], Field: c.names[n]}
}
