package apply

import (
	"strconv"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/plan"
	"github.com/b24apply/b24apply/pkg/value"
)

// anyOutcome draws what may become of a change; most ends are plain ones.
func anyOutcome(rt *rapid.T) Outcome {
	o := Outcome{Status: rapid.SampledFrom(Statuses).Draw(rt, "status"), ID: rapid.SampledFrom([]string{"", "7", "4711", "0", "007", "x", "-3"}).Draw(rt, "id"),
		Timestamp: time.UnixMilli(rapid.Int64Range(0, 4e12).Draw(rt, "time")).UTC(), Attempts: rapid.IntRange(0, 3).Draw(rt, "attempts"),
		DurationMS: rapid.Int64Range(0, 1<<40).Draw(rt, "took")}
	if rapid.IntRange(0, 3).Draw(rt, "plain") > 0 {
		return o
	}
	o.Code, o.Field = rapid.SampledFrom([]string{"", "BLOCKED", codeCrashed}).Draw(rt, "code"), rapid.SampledFrom([]string{"", "title"}).Draw(rt, "field")
	o.URL, o.Retryable = rapid.SampledFrom([]string{"", "https://x.example/1"}).Draw(rt, "url"), rapid.Bool().Draw(rt, "retryable")
	if rapid.Bool().Draw(rt, "says") {
		o.Error, o.Hint, o.Kept = value.Verbatim("why"), value.Verbatim("what"), []value.Message{value.Verbatim("kept")}
	}
	return o
}

// Outcomes give back what was put into them, completed by the change, whatever was there before.
func TestOutcomesGiveWhatWasPut(t *testing.T) {
	deal := kind.BuiltIn().ByName("Deal")
	rapid.Check(t, func(rt *rapid.T) {
		var changes []plan.Change
		n := rapid.IntRange(1, 4).Draw(rt, "changes")
		for i := range n {
			changes = append(changes, plan.Change{Address: value.NewAddress("deal", strconv.Itoa(i)), Kind: "Deal", Facts: deal, Action: plan.Create, EntityTypeID: 2})
		}
		p := &plan.Plan{Changes: plan.List(changes...)}
		s := newOutcomes(p, &Config{})
		s.url = func(path string) string { return "https://p.example" + path }
		want := make([]Outcome, n)
		for range rapid.IntRange(n, 3*n).Draw(rt, "ends") {
			i, o := rapid.IntRange(0, n-1).Draw(rt, "of"), anyOutcome(rt)
			s.complete(&o, &changes[i])
			s.put(i, o)
			want[i] = o
		}
		counts, crashed := make(map[Status]int), false
		for i, o := range want {
			if s.has(i) != (o.Status != "") {
				rt.Fatalf("%d: %+v", i, o)
			}
			if !s.has(i) {
				continue
			}
			if d := cmp.Diff(o, s.at(i)); d != "" {
				rt.Fatal(d)
			}
			counts[o.Status]++
			crashed = crashed || o.Code == codeCrashed
		}
		if d := cmp.Diff(counts, s.counts()); d != "" || s.anyOf(codeCrashed) != crashed {
			rt.Fatal(d)
		}
	})
}

// What ended well is an ending and no more.
func TestAPlainEndTakesFewBytes(t *testing.T) {
	c := plan.Change{Address: "deal/d", Kind: "Deal", Facts: kind.BuiltIn().ByName("Deal"), Action: plan.Create, EntityTypeID: 2}
	s := newOutcomes(&plan.Plan{Changes: plan.List(c)}, &Config{})
	s.url = func(path string) string { return "https://p.example" + path }
	o := Outcome{Status: Succeeded, ID: "7", Attempts: 1, DurationMS: 120, Timestamp: now()}
	s.complete(&o, &c)
	if s.put(0, o); len(s.whole) != 0 || s.at(0).URL == "" {
		t.Errorf("%d are kept whole; %+v", len(s.whole), s.at(0))
	}
	o.Code = "CLAIMED"
	if s.put(0, o); len(s.whole) != 1 {
		t.Error("a code is lost")
	}
}

// The nodes that wait for a node are those whose changes name it, in their order.
func TestGraphTellsWhatWaits(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		n := rapid.IntRange(1, 6).Draw(rt, "n")
		changes, feeds := make([]plan.Change, n), make([][]int32, n)
		waiting := make([]int32, n)
		for i := range changes {
			changes[i] = plan.Change{Address: value.NewAddress("deal", strconv.Itoa((i*5)%n)+"-"+strconv.Itoa(i)), Action: plan.Create}
		}
		for i := range changes {
			for _, j := range rapid.SliceOfN(rapid.IntRange(0, n), 0, 3).Draw(rt, "deps") {
				if j == n {
					changes[i].Deps = append(changes[i].Deps, "deal/of-nobody")
					continue
				}
				changes[i].Deps = append(changes[i].Deps, changes[j].Address)
				feeds[j] = append(feeds[j], int32(i))
				waiting[i]++
			}
		}
		r := newRunner(&plan.Plan{Changes: plan.List(changes...)}, Config{})
		for i := range n {
			if d := cmp.Diff(append([]int32{}, feeds[i]...), append([]int32{}, r.graph.feeds(i)...)); d != "" || r.graph.waiting[i] != waiting[i] {
				rt.Fatalf("%d: %s, waits for %d", i, d, r.graph.waiting[i])
			}
		}
	})
}
