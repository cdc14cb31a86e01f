package review

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/b24apply/b24apply/internal/ui/madeup"
	"github.com/b24apply/b24apply/pkg/apply"
	"github.com/b24apply/b24apply/pkg/plan"
	"github.com/b24apply/b24apply/pkg/value"
)

func of(t *testing.T, p *plan.Plan) *Review {
	t.Helper()
	r, err := Of(p, Options{})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// outline is what people see first of a review.
func outline(r *Review) string {
	var b strings.Builder
	for _, f := range r.Firsts {
		fmt.Fprintf(&b, "%d %s (%s)\n", f.N, r.Say(f.Head), f.Filter)
		for _, i := range f.Items {
			row, err := r.Row(i)
			if err != nil {
				panic(err)
			}
			fmt.Fprintf(&b, "    %s #%s: %s\n", row.Name, row.ID, r.Say(row.Odd))
		}
	}
	for _, c := range r.Causes {
		fmt.Fprintf(&b, "%6d %-6s %s: %s [unusual %d, samples %d, digest %s]\n", c.Count, c.Action, r.Heading(c.Facts()), r.Say(r.Sentence(c)), c.Unusual, len(c.Samples), c.Digest[:8])
	}
	return b.String()
}

func TestCausesFoldWhatIsAlikeAndOutliersStandFirst(t *testing.T) {
	t.Parallel()
	got := outline(of(t, madeup.Plan(20_000)))
	for _, want := range []string{
		"60 records will be deleted (action=delete)",
		"the stage moves back", "the amount changes 100-fold", "goes to a dismissed user", "times the usual amount (€", "other digits, not only another spelling as in 11,997 others", "quotes point at it",
		" 11997 update Contacts: Phone: the same value, in the portal's form [unusual 0, samples 5",
		"  3679 update Deals: Responsible person: Ivan Sokolov (14, dismissed) → Olga Petrova (1) [unusual 0",
		"     1 update Deals: Responsible person: Ivan Sokolov (14, dismissed) → Max Weber (31, dismissed) [unusual 1",
		"  1600 create Deals: New: Name, Responsible person, Expected close date, Company, Amount, Stage, and 1 more",
		"     3 update Contacts: Phone: new value [unusual 3, samples 3",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("nothing says %q in\n%s", want, got)
		}
	}
	if lines := strings.Count(got, "\n"); lines > 60 {
		t.Errorf("%d lines:\n%s", lines, got)
	}
}

// Every change is in exactly one cause, and counted once; what is unusual leads its cause.
func TestEveryChangeIsInOneCause(t *testing.T) {
	t.Parallel()
	p := madeup.Plan(3_000)
	r := of(t, p)
	seen := make(map[int32]bool)
	for _, c := range r.Causes {
		members := r.Members(c)
		if len(members) != c.Count {
			t.Errorf("cause %d of %d has %d members", c.Index, c.Count, len(members))
		}
		for k, i := range members {
			if seen[i] {
				t.Errorf("change %d is in two causes", i)
			}
			seen[i] = true
			row, err := r.Row(int(i))
			if err != nil || row.Cause != c {
				t.Fatalf("change %d: %v", i, err)
			}
			if (row.Flags&Unusual != 0) != (k < c.Unusual) {
				t.Errorf("change %d of cause %d: unusual %t at place %d", i, c.Index, row.Flags&Unusual != 0, k)
			}
		}
	}
	if len(seen) != p.Changes.Len() || r.Size() != len(seen) {
		t.Errorf("%d of %d changes are in causes", len(seen), p.Changes.Len())
	}
}

// Two reviews of one plan are the same, to the samples; so are those of a plan in a file.
func TestTwoReviewsShowTheSameSamples(t *testing.T) {
	t.Parallel()
	first := madeup.Plan(2_000)
	spooled := *first
	spooled.Changes = plan.NewSource(plan.Spool{Dir: t.TempDir()})
	defer spooled.Changes.Close()
	for c, err := range first.Changes.All() {
		if err == nil {
			err = spooled.Changes.Append(c)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	a, b := of(t, first), of(t, &spooled)
	if d := cmp.Diff(outline(a), outline(b)); d != "" {
		t.Error(d)
	}
	for k, c := range a.Causes {
		if !slices.Equal(c.Samples, b.Causes[k].Samples) {
			t.Errorf("samples of cause %d: %v and %v", k, c.Samples, b.Causes[k].Samples)
		}
	}
}

// However many sets of fields and pairs of values there are, the causes stay few.
func TestCausesStayFew(t *testing.T) {
	t.Parallel()
	var all []plan.Change
	for i := range 2_100 {
		c := plan.Change{Address: value.Address(fmt.Sprintf("deal/d%05d", i)), Kind: "Deal", Action: plan.Update, ID: fmt.Sprint(i + 1), EntityTypeID: 2}
		for bit := range 11 {
			if i>>bit&1 == 1 {
				c.Fields = append(c.Fields, plan.Field{Name: fmt.Sprintf("F%02d", bit), Type: value.Type{Name: "enumeration"}, Before: value.Shown{Text: fmt.Sprint(i)}, After: value.Shown{Text: fmt.Sprint(i + 1)}})
			}
		}
		all = append(all, c)
	}
	p := madeup.Known(&plan.Plan{Owner: "o", Portal: "p", Changes: plan.List(all...)})
	r := of(t, p)
	if len(r.Causes) > 100 {
		t.Errorf("%d causes", len(r.Causes))
	}
	n := 0
	for _, c := range r.Causes {
		n += c.Count
	}
	if n != len(all) {
		t.Errorf("%d of %d changes", n, len(all))
	}
}

// What a cause does decides its digest, not the order of its changes nor what only people read.
func TestADigestIsOfWhatIsDone(t *testing.T) {
	t.Parallel()
	a, b := madeup.Plan(500), madeup.Plan(500)
	other := madeup.Plan(500)
	c, err := other.Changes.Change(3)
	if err != nil {
		t.Fatal(err)
	}
	c.Fields = slices.Clone(c.Fields)
	c.Fields[0].After = value.Shown{Text: "+49 1"}
	if err := other.Changes.Put(3, c); err != nil {
		t.Fatal(err)
	}
	digests := func(p *plan.Plan) (out []string) {
		for _, c := range of(t, p).Causes {
			out = append(out, c.Digest)
		}
		slices.Sort(out)
		return out
	}
	if d := cmp.Diff(digests(a), digests(b)); d != "" {
		t.Error(d)
	}
	if cmp.Equal(digests(a), digests(other)) {
		t.Error("a changed value leaves the digests as they are")
	}
}

func TestMarksCoverTheirOwnPlanAlone(t *testing.T) {
	t.Parallel()
	r := of(t, madeup.Plan(500))
	text := `{"format":"b24apply/reviewed/v1","plan":"sha256:` + r.Plan.Digest + `","reviewer":"Olga","exportedAt":"2026-11-30T10:00:00Z","complete":false,"causes":[` +
		`{"digest":"` + r.Causes[0].Digest + `","kind":"Deal","action":"delete","count":1,"reviewedAt":"2026-11-30T09:00:00Z"},{"digest":"` + r.Causes[1].Digest + `","kind":"Deal","action":"delete","count":1,"reviewedAt":null}]}`
	m, err := ReadMarks(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	missing, err := m.Covers(r)
	if err != nil || len(missing) != len(r.Causes)-1 || slices.Contains(missing, r.Causes[0]) {
		t.Errorf("%d of %d causes are missing: %v", len(missing), len(r.Causes), err)
	}
	m.Plan = "sha256:0"
	if _, err := m.Covers(r); err == nil {
		t.Error("marks of another plan pass")
	}
	for _, bad := range []string{"", "{}", "[]", `{"format":"b24apply/reviewed/v9"}`, `{"format":"b24apply/reviewed/v1","extra":1}`} {
		if _, err := ReadMarks(strings.NewReader(bad)); err == nil {
			t.Errorf("%q is read", bad)
		}
	}
}

// After a run what went wrong leads, a cause for each reason.
func TestWhatWentWrongLeadsAReport(t *testing.T) {
	t.Parallel()
	outcome := func(i int, s apply.Status, code, said string) apply.Outcome {
		o := apply.Outcome{Resource: value.Address(fmt.Sprintf("deal/d%d", i)), Kind: "Deal", Action: plan.Update, Status: s, Code: code}
		if said != "" {
			o.Error = value.Verbatim(said)
		}
		return o
	}
	var all []apply.Outcome
	for i := range 30 {
		all = append(all, outcome(i, apply.Succeeded, "", ""))
	}
	all = append(all, outcome(40, apply.Failed, "X", `Field "Amount" is required at 7`), outcome(41, apply.Failed, "X", `Field "Stage" is required at 99`), outcome(42, apply.Unknown, "UNKNOWN_OUTCOME", "lost"))
	r, err := Ended(&apply.Report{Items: apply.ListOutcomes(all...)}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Causes) != 3 || r.Causes[0].Count != 2 || r.Causes[0].Status != apply.Failed || r.Causes[1].Status != apply.Unknown || len(r.Firsts) != 2 || r.Firsts[0].Code != "failed" {
		t.Errorf("%s", outline(r))
	}
	if got := r.Say(r.Sentence(r.Causes[0])); !strings.Contains(got, "is required") {
		t.Errorf("got %q", got)
	}
}

func TestTextsAreComparedByWords(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ before, after, want string }{
		{"a b c", "a x c", "a [-b][+x] c"},
		{"", "a b", "[+a b]"},
		{"one two three", "one three", "one [-two ]three"},
		{"the old gate there", "the new door there", "the [-old gate][+new door] there"},
	} {
		got := ""
		for _, p := range diffWords(tc.before, tc.after) {
			if p.Is == ' ' {
				got += p.Text
			} else {
				got += "[" + string(p.Is) + p.Text + "]"
			}
		}
		if got != tc.want {
			t.Errorf("%q, %q: got %q, want %q", tc.before, tc.after, got, tc.want)
		}
	}
}
