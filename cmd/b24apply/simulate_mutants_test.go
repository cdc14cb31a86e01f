package main

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/b24apply/b24apply/pkg/apply/journal"
)

// A mutant takes one rule of the protocol away, at a seam: the product has no switch for it.
type mutant struct {
	name    string
	found   uint64                                           // a seed that finds it
	journal func(*lifeJournal) journal.File                  // nil: the journal is as it is
	carry   func(http.RoundTripper, *life) http.RoundTripper // nil: so are requests
	settle  time.Duration                                    // 0: so is the time in which a request may be executed
}

// mutants are the rules without which the simulation must fail.
var mutants = []mutant{
	{name: "no sync before sending", found: 7, journal: func(j *lifeJournal) journal.File { return &lazyJournal{File: j} }},
	{name: "the result is written before the answer", found: 24, journal: func(j *lifeJournal) journal.File { return newHastyJournal(j) }},
	{name: "an add is repeated without a look-up", found: 99, carry: func(next http.RoundTripper, l *life) http.RoundTripper { return repeater{next, l, ".add"} }},
	{name: "an import is repeated without a look-up", found: 22, carry: func(next http.RoundTripper, l *life) http.RoundTripper {
		return repeater{next, l, ".batchImport"}
	}},
	{name: "the mark is not read again", found: 3, carry: func(next http.RoundTripper, _ *life) http.RoundTripper { return blindTo{next, takenMarks} }},
	{name: "late execution is ignored", found: 22, settle: time.Millisecond},
	{name: "an undo without preconditions", found: 34, carry: func(next http.RoundTripper, l *life) http.RoundTripper { return blindTo{next, l.sim.theirTitles()} }},
}

// A lazyJournal leaves what is sent to the next sync.
type lazyJournal struct {
	journal.File
	sent bool // the last record says that a request goes out
}

func (j *lazyJournal) Write(b []byte) (int, error) {
	lines := bytes.Split(bytes.TrimSuffix(b, []byte("\n")), []byte("\n"))
	j.sent = bytes.Contains(lines[len(lines)-1], []byte(`"k":"sent"`))
	return j.File.Write(b)
}

func (j *lazyJournal) Sync() error {
	if j.sent {
		return nil
	}
	return j.File.Sync()
}

// A hastyJournal says of each request that it is answered as soon as it goes out.
type hastyJournal struct {
	journal.File
	inner   *journal.Writer
	intents map[int][]journal.Entry
}

func newHastyJournal(j *lifeJournal) *hastyJournal {
	return &hastyJournal{File: j, inner: journal.NewWriter(j, int64(bytes.Count(j.text, []byte("\n")))), intents: make(map[int][]journal.Entry)}
}

func (j *hastyJournal) Write(b []byte) (int, error) {
	var records []journal.Record
	for line := range bytes.Lines(b) {
		var r journal.Record
		if err := json.Unmarshal(line, &r); err != nil {
			return 0, err
		}
		records = append(records, r)
		switch r.Kind {
		case journal.Intent:
			j.intents[r.Request] = slices.Clone(r.Of)
			for i := range j.intents[r.Request] {
				j.intents[r.Request][i].Is = journal.Answered
			}
		case journal.Sent:
			records = append(records, journal.Record{Kind: journal.Result, At: r.At, Request: r.Request, Of: j.intents[r.Request]})
		}
	}
	if err := j.inner.Append(true, records...); err != nil {
		return 0, err
	}
	return len(b), nil
}

func (*hastyJournal) Sync() error { return nil } // it was synced with what was written

// A repeater sends a request once more that creates by a method, and whose answer was lost.
type repeater struct {
	next   http.RoundTripper
	life   *life
	method string // how its name ends
}

func (r repeater) RoundTrip(req *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(req.Body)
	if err != nil {
		return nil, err
	}
	again := func() (*http.Response, error) {
		copied := req.Clone(req.Context())
		copied.Body = io.NopCloser(bytes.NewReader(body))
		return r.next.RoundTrip(copied)
	}
	res, err := again()
	methods, _ := commandsOf(req.URL.Path, body)
	if err != nil && req.Context().Err() == nil && slices.ContainsFunc(methods, func(m string) bool { return strings.HasSuffix(m, r.method) }) {
		return again()
	}
	return res, err
}

// A disguise is a text of the portal, and what is shown in its place.
type disguise struct{ theirs, ours string }

// blindTo shows what would be there if nobody else had saved it.
type blindTo struct {
	next      http.RoundTripper
	disguises []disguise
}

// theirTitles are the titles that people have changed, and who saved last.
func (s *sim) theirTitles() []disguise {
	out := []disguise{{`"updatedBy":2`, `"updatedBy":1`}}
	for _, r := range s.contested {
		if t := s.cast[r.address]; t != nil {
			out = append(out, disguise{`"title":"human"`, `"title":"` + t.title() + `"`})
		}
	}
	return out
}

func (b blindTo) RoundTrip(req *http.Request) (*http.Response, error) {
	res, err := b.next.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	text, err := io.ReadAll(res.Body)
	if err != nil {
		return nil, err
	}
	for _, m := range b.disguises {
		text = bytes.ReplaceAll(text, []byte(m.theirs), []byte(m.ours))
	}
	res.Body, res.ContentLength = io.NopCloser(bytes.NewReader(text)), int64(len(text))
	return res, nil
}

// Each rule of the protocol that is taken away breaks a law in one of a thousand seeds. SIM_MUTANTS
// says how many are tried, from the first; otherwise it is a few, from one that is known to do.
func TestTheSimulationFindsMutants(t *testing.T) {
	for _, m := range mutants {
		t.Run(m.name, func(t *testing.T) {
			t.Parallel()
			from, seeds := m.found, uint64(60)
			if n := variableOr("SIM_MUTANTS", 0); n > 0 {
				from, seeds = 0, uint64(n)
			}
			for seed := from; seed < from+seeds; seed++ {
				if _, broken := simulate(t, seed, m); len(broken) > 0 {
					first, _, _ := strings.Cut(broken[0], "\n")
					t.Logf("found by seed %d: %s", seed, first)
					return
				}
			}
			t.Errorf("no seed of %d finds it", seeds)
		})
	}
}
