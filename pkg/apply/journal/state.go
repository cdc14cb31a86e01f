package journal

import (
	"encoding/json"
	"io"
	"maps"
	"slices"
	"time"

	"github.com/b24apply/b24apply/pkg/plan"
)

// A Node names what is sent for: the record of a change, or one of its steps.
type Node struct {
	Item int
	Step int // 0: the record itself; n: the step with index n-1
}

// Node is what an entry is about.
func (e *Entry) Node() Node { return Node{e.Item, e.Step} }

// A Flight is a request that has no answer.
type Flight struct {
	Request int
	For     string
	Sent    time.Time // when it went out last
}

// A Known is what a journal tells of a node.
type Known struct {
	ID           string // of what it has created, or saved
	Claimed      bool   // ID was found by its mark after a lost answer: it may be another run's
	TakenBack    bool   // it was created and deleted again
	Withdrawn    bool   // a request that deletes it again went out
	Told         bool   // a report has named that it was taken back
	EntityTypeID int
	Pipeline     int
	Field        string
	Flights      []Flight  // requests that may still be executed
	Sends        int       // requests that went out for it
	Sent         time.Time // when the last of them did
	Saved        bool      // the portal has said that it did what was wanted, or a read has shown it
	Overtaken    bool      // its answer was lost, and somebody else has saved the record since
	Last         Entry     // what the last result, settled or outcome says
	Ended        bool      // Last is an outcome
	At           time.Time // when the last of what is known was
}

// A State is what a journal tells.
type State struct {
	Header Header
	Extent Extent
	Nodes  map[Node]*Known
	Images map[Node]json.RawMessage
	Forgot map[int]bool // items of which no values are left
	Held   []plan.Digest
	End    string    // "" if the run did not come to its end
	Last   time.Time // when its last record that has a time was written
	// Requests is the highest number of a request.
	Requests int

	requests map[int]*Record // intents
}

// ReadState folds a journal. The error is that of [Read].
func ReadState(r io.Reader) (*State, error) {
	s := &State{Nodes: make(map[Node]*Known), Images: make(map[Node]json.RawMessage), requests: make(map[int]*Record)}
	var err error
	s.Extent, err = Read(r, func(rec *Record) error { s.take(rec); return nil })
	return s, err
}

// InFlight lists the nodes of which something may still be executed, in order.
func (s *State) InFlight() []Node {
	return s.nodes(func(k *Known) bool { return len(k.Flights) > 0 })
}

// Unended lists the nodes that were saved and have no outcome: the run died between its
// answer and the comparison.
func (s *State) Unended() []Node {
	return s.nodes(func(k *Known) bool { return k.Saved && !k.Ended && !k.TakenBack })
}

// Untold lists the nodes that were taken back, and that no report of a later run has named.
func (s *State) Untold() []Node {
	return s.nodes(func(k *Known) bool { return k.TakenBack && !k.Told })
}

func (s *State) nodes(which func(*Known) bool) []Node {
	var out []Node
	for n, k := range s.Nodes {
		if which(k) {
			out = append(out, n)
		}
	}
	slices.SortFunc(out, func(a, b Node) int {
		if a.Item != b.Item {
			return a.Item - b.Item
		}
		return a.Step - b.Step
	})
	return out
}

// Known lists the nodes of which anything is known, in order.
func (s *State) Known() []Node { return s.nodes(func(*Known) bool { return true }) }

func (s *State) node(n Node) *Known {
	k := s.Nodes[n]
	if k == nil {
		k = &Known{}
		s.Nodes[n] = k
	}
	return k
}

func (s *State) take(rec *Record) {
	if !rec.At.IsZero() {
		s.Last = rec.At
	}
	switch rec.Kind {
	case Open:
		s.Header = *rec.Header
	case Image:
		for i := range rec.Of {
			s.Images[rec.Of[i].Node()] = rec.Image
		}
	case Intent:
		s.requests[rec.Request] = rec
		s.Requests = max(s.Requests, rec.Request)
	case Sent:
		s.sent(rec)
	case Result, Settled, Outcome, Taken:
		for i := range rec.Of {
			s.learn(rec, &rec.Of[i])
		}
	case Told:
		for k := range maps.Values(s.Nodes) {
			k.Told = k.TakenBack
		}
	case Forgot:
		for i := range rec.Of {
			if s.Forgot == nil {
				s.Forgot = make(map[int]bool)
			}
			s.Forgot[rec.Of[i].Item] = true
		}
	case Held:
		s.Held = append(s.Held, rec.Held...)
	case End:
		s.End = rec.Is
	}
	if rec.Kind != End {
		s.End = "" // the journal goes on behind it
	}
}

func (s *State) sent(rec *Record) {
	intent := s.requests[rec.Request]
	if intent == nil {
		return
	}
	for i := range intent.Of {
		k := s.node(intent.Of[i].Node())
		k.Sends, k.Sent = k.Sends+1, rec.At
		k.Flights = slices.DeleteFunc(k.Flights, func(f Flight) bool { return f.Request == rec.Request })
		k.Withdrawn = k.Withdrawn || intent.For == Withdraw
		k.Flights = append(k.Flights, Flight{Request: rec.Request, For: intent.For, Sent: rec.At})
	}
}

func (s *State) learn(rec *Record, e *Entry) {
	k := s.node(e.Node())
	switch rec.Kind {
	case Result:
		k.Flights = slices.DeleteFunc(k.Flights, func(f Flight) bool { return f.Request == rec.Request })
		k.Saved = k.Saved || e.Is == Answered
	case Settled:
		k.Flights = nil
		k.Claimed = k.Claimed || e.Is == Claimed
		k.Saved = k.Saved || e.Is == Claimed || e.Is == Landed
		k.Overtaken = k.Overtaken || e.Is == Overtaken
	case Outcome:
		k.Ended = true
	case Taken:
		k.TakenBack = true
	}
	k.Last, k.At = *e, rec.At
	if e.ID != "" {
		k.ID = e.ID
	}
	if e.EntityTypeID != 0 {
		k.EntityTypeID, k.Pipeline = e.EntityTypeID, e.Pipeline
	}
	if e.Field != "" {
		k.Field = e.Field
	}
}

// Counts gives how many nodes ended in each way, by status.
func (s *State) Counts() map[string]int {
	out := make(map[string]int)
	for k := range maps.Values(s.Nodes) {
		switch {
		case len(k.Flights) > 0:
			out["in-flight"]++
		default:
			out[k.Last.Is]++
		}
	}
	return out
}
