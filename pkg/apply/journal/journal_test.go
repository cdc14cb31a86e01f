package journal

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/b24apply/b24apply/pkg/plan"
)

// A memory is a file that counts. While gate is set, a sync waits for it.
type memory struct {
	bytes.Buffer
	syncs int
	gate  chan struct{}
	fail  error
}

func (m *memory) Write(b []byte) (int, error) {
	if m.fail != nil {
		return 0, m.fail
	}
	return m.Buffer.Write(b)
}

func (m *memory) Sync() error {
	m.syncs++
	if m.gate != nil {
		<-m.gate
	}
	return m.fail
}

func (*memory) Close() error { return nil }

var noon = time.Date(2026, 11, 30, 12, 0, 0, 0, time.UTC)

// small is what a run of two items may write.
func small() []Record {
	return []Record{
		{Kind: Open, At: noon, Header: &Header{Format: Format, Run: "20261130T120000-00000000", Salt: []byte("salt")}},
		{Kind: Image, Of: []Entry{{Item: 1}}, Image: []byte(`{"title":"Ä\n\"c\":\"00000000\"}"}`)},
		{Kind: Intent, Request: 1, For: Save, Of: []Entry{{Item: 0}, {Item: 1}, {Item: 1, Step: 2}}},
		{Kind: Sent, Request: 1, At: noon.Add(time.Second)},
		{Kind: Result, Request: 1, Of: []Entry{{Item: 0, Is: Answered, ID: "7"}, {Item: 1, Is: Refused, Code: "ACCESS_DENIED"}}},
		{Kind: Held, Held: []plan.Digest{{EntityTypeID: 4, ID: 7, Field: "title", Digest: "d"}}},
		{Kind: Outcome, Of: []Entry{{Item: 0, Is: "succeeded", ID: "7"}}},
		{Kind: End, At: noon, Is: EndOpen},
	}
}

func written(t *testing.T, records []Record) []byte {
	t.Helper()
	m := &memory{}
	w := NewWriter(m, 0)
	for _, r := range records {
		if err := w.Append(r.Kind == Sent, r); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return m.Bytes()
}

func readAll(text []byte) (out []Record, e Extent, err error) {
	e, err = Read(bytes.NewReader(text), func(r *Record) error { out = append(out, *r); return nil })
	return out, e, err
}

func TestWhatIsWrittenIsRead(t *testing.T) {
	want := small()
	got, e, err := readAll(written(t, want))
	if d := cmp.Diff(want, got, cmpopts.IgnoreFields(Record{}, "Seq")); d != "" || err != nil || e.Records != int64(len(want)) || e.Torn != 0 {
		t.Errorf("%+v, error %v, -want +got:\n%s", e, err, d)
	}
}

// Whatever a death leaves of the last line, all lines before it are read.
func TestATornLastLineIsLeftOut(t *testing.T) {
	text := written(t, small())
	for n := range text {
		got, e, err := readAll(text[:n])
		lines := bytes.Count(text[:n], []byte{'\n'})
		if err != nil || len(got) != lines || e.Size+e.Torn != int64(n) {
			t.Fatalf("cut at byte %d: %d of %d lines, %+v, error %v", n, len(got), lines, e, err)
		}
		if zeros, _, err := readAll(append(bytes.Clone(text[:n]), make([]byte, 100)...)); err != nil || len(zeros) != lines {
			t.Fatalf("cut at byte %d and zeros: %d of %d lines, error %v", n, len(zeros), lines, err)
		}
	}
}

// Any other byte that is not as it was written is found, with its line and offset.
func TestDamageIsNamed(t *testing.T) {
	text := written(t, small())
	last := bytes.LastIndexByte(text[:len(text)-1], '\n') + 1
	for n := range text {
		bad := bytes.Clone(text)
		bad[n] ^= 1
		got, _, err := readAll(bad)
		var damage *DamageError
		line, start := bytes.Count(text[:n], []byte{'\n'})+1, bytes.LastIndexByte(text[:n], '\n')+1
		switch {
		case n >= last-1: // or the break in front of it, which makes it one with the line before
			if err != nil || len(got) != line-1 {
				t.Fatalf("byte %d, in the last line: %d lines, error %v", n, len(got), err)
			}
		case !errors.As(err, &damage) || damage.Line != line || damage.Offset != int64(start):
			t.Fatalf("byte %d, in line %d at %d: %v", n, line, start, err)
		}
	}
	lines := bytes.SplitAfter(text, []byte{'\n'})
	for name, order := range map[string][]int{"a line is missing": {0, 2, 3}, "a line is twice": {0, 1, 1, 2}, "the header is missing": {1, 2}, "two have changed places": {0, 2, 1, 3}} {
		var mixed []byte
		for _, i := range order {
			mixed = append(mixed, lines[i]...)
		}
		if _, _, err := readAll(mixed); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func TestStateTellsWhatIsInFlight(t *testing.T) {
	for n, want := range map[int][]Node{3: nil, 4: {{0, 0}, {1, 0}, {1, 2}}, 5: {{1, 2}}, 8: {{1, 2}}} {
		s, err := ReadState(bytes.NewReader(written(t, small()[:n])))
		if d := cmp.Diff(want, s.InFlight()); d != "" || err != nil {
			t.Errorf("after %d records: error %v, -want +got:\n%s", n, err, d)
		}
	}
	s, _ := ReadState(bytes.NewReader(written(t, small())))
	if s.End != EndOpen || s.Nodes[Node{Item: 0}].ID != "7" || !s.Nodes[Node{Item: 0}].Ended || s.Requests != 1 || len(s.Held) != 1 {
		t.Errorf("got %+v", s)
	}
	more := append(small(), Record{Kind: Settled, Of: []Entry{{Item: 1, Step: 2, Is: Claimed, ID: "9"}}}, Record{Kind: End, Is: EndSettled})
	s, _ = ReadState(bytes.NewReader(written(t, more)))
	if k := s.Nodes[Node{1, 2}]; len(s.InFlight()) > 0 || s.End != EndSettled || !k.Claimed || k.ID != "9" || !k.Saved {
		t.Errorf("settled: %+v", k)
	}
}

func TestOnlyAnEndThatLeavesNothingOpenCloses(t *testing.T) {
	open := written(t, small())
	closed := written(t, append(small(), Record{Kind: End, Is: EndSettled}))
	for name, tc := range map[string]struct {
		text []byte
		want bool
	}{"open": {open, false}, "settled": {closed, true}, "cut": {closed[:len(closed)-1], false}, "empty": {nil, false},
		"written on": {written(t, append(small(), Record{Kind: End, Is: EndWhole}, Record{Kind: Sent, Request: 1})), false}} {
		if got := Closing(bytes.NewReader(tc.text), int64(len(tc.text))) != nil; got != tc.want {
			t.Errorf("%s: %t", name, got)
		}
	}
}

// However many goroutines want their records on disk while one syncs, one more sync is for
// all of them.
func TestOneSyncIsForAllThatWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := &memory{gate: make(chan struct{})}
		w := NewWriter(m, 0)
		var all sync.WaitGroup
		for range 50 {
			all.Go(func() { _ = w.Append(true, Record{Kind: Sent}) })
		}
		synctest.Wait()
		close(m.gate)
		all.Wait()
		if got, _, _ := readAll(m.Bytes()); m.syncs != 2 || m.Len() == 0 || len(got) > 0 {
			t.Errorf("%d syncs for 50 records", m.syncs)
		}
	})
}

// After an error nothing more is written: the disk holds a beginning of what was asked for.
func TestAnErrorIsTheLastWord(t *testing.T) {
	m := &memory{}
	w := NewWriter(m, 0)
	if err := w.Append(true, small()[0]); err != nil {
		t.Fatal(err)
	}
	m.fail = errors.New("disk full")
	first := w.Append(true, small()[1])
	m.fail = nil
	for range 2 {
		if err := w.Append(true, small()[2]); !errors.Is(err, first) || first == nil {
			t.Errorf("got %v after %v", err, first)
		}
	}
	if got, _, err := readAll(m.Bytes()); len(got) != 1 || err != nil {
		t.Errorf("%d records, error %v", len(got), err)
	}
}

func ExampleReadState() {
	m := &memory{}
	w := NewWriter(m, 0)
	_ = w.Append(true, Record{Kind: Open, Header: &Header{Format: Format, Run: "r"}},
		Record{Kind: Intent, Request: 1, For: Save, Of: []Entry{{Item: 3}}}, Record{Kind: Sent, Request: 1})
	s, err := ReadState(m)
	fmt.Println(s.InFlight(), err)
	// Output: [{3 0}] <nil>
}

// A journal that forgets keeps its numbers and its end; images and digests of what is
// forgotten are gone, others stay.
func TestAJournalForgets(t *testing.T) {
	text := written(t, []Record{
		{Kind: Open, Header: &Header{Format: Format, Run: "a"}},
		{Kind: Image, Of: []Entry{{Item: 1}}, Image: json.RawMessage(`{"record":"one"}`)},
		{Kind: Image, Of: []Entry{{Item: 2}}, Image: json.RawMessage(`{"record":"two"}`)},
		{Kind: Held, Held: []plan.Digest{{EntityTypeID: 4, ID: 1, Digest: "one"}, {EntityTypeID: 4, ID: 2, Digest: "two"}}},
		{Kind: Outcome, Of: []Entry{{Item: 1, Is: "succeeded", ID: "1"}}},
		{Kind: End, Is: EndWhole},
	})
	var out bytes.Buffer
	if err := Forget(bytes.NewReader(text), &out, []int{1}, func(d plan.Digest) bool { return d.ID == 1 }, time.Unix(1, 0)); err != nil {
		t.Fatal(err)
	}
	s, err := ReadState(bytes.NewReader(out.Bytes()))
	if err != nil || strings.Contains(out.String(), "one") || !strings.Contains(out.String(), "two") || !s.Forgot[1] || s.Forgot[2] || s.End != EndWhole || s.Extent.Records != 8 || s.Nodes[Node{Item: 1}].ID != "1" {
		t.Errorf("%v: %s", err, out.String())
	}
	if Closing(bytes.NewReader(out.Bytes()), int64(out.Len())) == nil {
		t.Error("it is open")
	}
}
