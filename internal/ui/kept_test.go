package ui

import (
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/b24apply/b24apply/pkg/apply"
	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/plan"
	"github.com/b24apply/b24apply/pkg/value"
)

// What stays and what is declared share a line only if both are shown whole.
func TestKeptValuesAreShownWholeOrOnTwoLines(t *testing.T) {
	long := strings.Repeat("long ", 8) + "text"
	for _, tc := range []struct {
		name          string
		before, after any
		want          []string
	}{
		{"short", "Theirs", "Ours", []string{"kept Theirs, declared Ours"}},
		{"emptied by a person", nil, "Ours", []string{"kept (empty), declared Ours"}},
		{"a list", []string{"a", "b"}, []string{"c"}, []string{"kept a, b, declared c"}},
		{"long", long, "Ours", []string{"kept " + long, "declared Ours"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got := english.keptLines(field("", kind.TypeString, tc.before, tc.after), 60)
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// Thousands of kept records are counted, and a few shown, beside whatever else changes.
func TestManyKeptRecordsAreCounted(t *testing.T) {
	const n = 25
	all, changes := &plan.Plan{Owner: "acme", Portal: "x.example"}, []plan.Change(nil)
	report := &apply.Report{Owner: "acme", Portal: "x.example", Counts: map[apply.Status]int{apply.Kept: n}}
	for i := range n {
		address := value.NewAddress("deal", fmt.Sprintf("d%02d", i))
		changes = append(changes, plan.Change{Address: address, Kind: "Deal", Action: plan.NoOp, ID: strconv.Itoa(i + 1),
			Kept: []plan.Field{{Name: "title", Before: value.Shown{Text: "B"}, After: value.Shown{Text: "A"}, Note: value.Verbatim("why")}}})
		report.Items = apply.ListOutcomes(append(report.Items.List(), apply.Outcome{Resource: address, Status: apply.Kept, ID: strconv.Itoa(i + 1), Kept: []value.Message{value.Verbatim("title: why")}})...)
	}
	all.Changes = plan.List(append(changes, plan.Change{Address: "lead/l", Kind: "Lead", Action: plan.NoOp})...)
	var shown, reported strings.Builder
	if err := Plan(&shown, all, Style{}); err != nil {
		t.Fatal(err)
	}
	if err := Report(&reported, report, Style{}); err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		text, phrase string
		count        int
	}{
		{shown.String(), "as people left it: 26 resources", 1},
		{shown.String(), "left to people: 25 fields of 25 resources", 1},
		{shown.String(), "kept B, declared A", 10},
		{shown.String(), "= … and 15 more with the same values", 1},
		{shown.String(), "Leads", 0},
		{reported.String(), "\tkept title: why", 10},
		{reported.String(), "… and 15 more of which the same was kept, title: why (--full lists all):", 1},
		{reported.String(), "deal/d00 ", 1},
		{reported.String(), "deal/d10 #11, deal/d11 #12,", 1},
		{reported.String(), "deal/d24 #25\n", 1},
		{reported.String(), "25 planned: 25 kept", 1},
	} {
		if got := strings.Count(tc.text, tc.phrase); got != tc.count {
			t.Errorf("%q occurs %d times, want %d, in:\n%s", tc.phrase, got, tc.count, tc.text)
		}
	}
}
