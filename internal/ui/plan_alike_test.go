package ui

import (
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/b24apply/b24apply/pkg/apply"
	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/plan"
	"github.com/b24apply/b24apply/pkg/value"
)

func manyCompanies(n int) []plan.Change {
	changes := make([]plan.Change, n)
	for i := range changes {
		title := fmt.Sprintf("Company %d", i)
		changes[i] = plan.Change{Address: value.Address(fmt.Sprintf("company/c%05d", i)), Kind: "Company", Action: plan.Create, Title: title,
			Fields: []plan.Field{field("industry", kind.TypeString, nil, "IT"), field("title", kind.TypeString, nil, title)}}
	}
	return changes
}

func textOf(t *testing.T, changes []plan.Change, s Style) string {
	t.Helper()
	return render(t, func(w io.Writer) error {
		return Plan(w, &plan.Plan{Owner: "acme", Portal: "x.bitrix24.com", Changes: plan.List(changes...)}, s)
	})
}

// Whatever differs from its neighbours is shown whole, wherever it stands; the others are
// named.
func TestCaseC3WhatIsNotAlikeIsNeverFolded(t *testing.T) {
	outliers := map[string]struct {
		change func(*plan.Change)
		shows  string
	}{
		"another value":        {func(c *plan.Change) { c.Fields[0].After.Text = "9,999,999" }, "industry: 9,999,999"},
		"another field":        {func(c *plan.Change) { c.Fields = append(c.Fields, field("comments", kind.TypeString, nil, "call me")) }, "comments: call me"},
		"a field less":         {func(c *plan.Change) { c.Fields = c.Fields[1:] }, "\n      title: Company 77\n"},
		"a note":               {func(c *plan.Change) { c.Fields[0].Note = value.Verbatim("set later") }, "(set later)"},
		"a long value":         {func(c *plan.Change) { c.Fields[0].After.Text = strings.Repeat("x", 300) }, "(300 characters)"},
		"an update":            {func(c *plan.Change) { c.Action = plan.Update; c.Fields[0].Before.Text = "old" }, "industry: old → IT"},
		"a deletion":           {func(c *plan.Change) { c.Action, c.Fields, c.ID = plan.Delete, nil, "815" }, "- company/c00077  \"Company 77\"  #815\n"},
		"a deletion at a risk": {func(c *plan.Change) { c.Action, c.Risk = plan.Delete, value.Verbatim("12 deals point at it") }, "note: 12 deals point at it"},
		"another list of two":  {func(c *plan.Change) { c.Fields[0].After = shown(kind.TypeString, []string{"a", "b"}) }, "industry: a, b"},
		"a title that is not":  {func(c *plan.Change) { c.Fields[1].After.Text = "Other" }, "title:    Other"},
		"a refusal":            {func(c *plan.Change) { c.Action, c.Reason.Message = plan.Refuse, value.Verbatim("no user") }, "because: no user"},
		"what people have kept": {func(c *plan.Change) {
			c.Kept = []plan.Field{{Name: "post", Before: value.Shown{Text: "B"}, After: value.Shown{Text: "A"}}}
		}, "kept B, declared A"},
	}
	for name, o := range outliers {
		t.Run(name, func(t *testing.T) {
			changes := manyCompanies(100)
			o.change(&changes[77])
			got := textOf(t, changes, Style{})
			if !strings.Contains(got, o.shows) {
				t.Errorf("%q is not shown:\n%s", o.shows, got)
			}
			for _, c := range changes {
				if !strings.Contains(got, string(c.Address)) || !strings.Contains(got, `"`+c.Title+`"`) {
					t.Errorf("%s is not named", c.Address)
				}
			}
			if n := strings.Count(got, "industry:"); n > fewAlike+1 {
				t.Errorf("%d companies are shown whole", n)
			}
			if full := textOf(t, changes, Style{Full: true}); strings.Contains(full, "more") || strings.Count(full, "title:") < 98 {
				t.Errorf("not all is listed:\n%s", full)
			}
		})
	}
}

func TestFewChangesAreShownWhole(t *testing.T) {
	if got := textOf(t, manyCompanies(manyAlike), Style{}); strings.Contains(got, "more") || strings.Count(got, "industry:") != manyAlike {
		t.Errorf("something is folded:\n%s", got)
	}
}

// Deletions are named to the last one.
func TestCaseC3EveryDeletionIsNamed(t *testing.T) {
	changes := manyCompanies(2950)
	for i := range changes {
		changes[i].Action, changes[i].ID, changes[i].Fields = plan.Delete, strconv.Itoa(1000+i), nil
	}
	got := textOf(t, changes, Style{})
	for _, c := range changes {
		if !strings.Contains(got, fmt.Sprintf(`%s "%s" #%s`, c.Address, c.Title, c.ID)) && !strings.Contains(got, fmt.Sprintf(`%s  "%s"  #%s`, c.Address, c.Title, c.ID)) {
			t.Fatalf("%s is not named", c.Address)
		}
	}
	if !strings.Contains(got, "2,940 more like these") {
		t.Error(tailOf(got))
	}
}

func tailOf(s string) string { return s[max(0, len(s)-500):] }

// Many refusals of one cause are five and a count, in the plan and in the report; one for
// another cause among them is shown.
func TestRefusalsOfOneCauseAreCounted(t *testing.T) {
	changes := manyCompanies(5000)
	report := &apply.Report{Counts: map[apply.Status]int{apply.Failed: 5000}}
	for i := range changes {
		c := &changes[i]
		c.Action, c.Reason.Code, c.Fields = plan.Refuse, "USER", nil
		c.Reason.Message = value.Verbatim(fmt.Sprintf(`there is no user "olga%d@acme.example", record %d`, i, i))
		if i == 4000 {
			c.Reason.Code, c.Reason.Message = "STAGE", value.Verbatim("there is no stage like that")
		}
		report.Items = apply.ListOutcomes(append(report.Items.List(), apply.Outcome{Resource: c.Address, Action: plan.Refuse, Status: apply.Failed, Code: c.Reason.Code, Error: c.Reason.Message})...)
	}
	texts := map[string]func(Style) string{
		"plan": func(s Style) string { return textOf(t, changes, s) },
		"report": func(s Style) string {
			return render(t, func(w io.Writer) error { return Report(w, report, s) })
		},
	}
	for name, json := range map[string]func(io.Writer) error{
		"plan":   func(w io.Writer) error { return PlanJSON(w, &plan.Plan{Changes: plan.List(changes...)}) },
		"report": func(w io.Writer) error { return ReportJSON(w, report) },
	} {
		if n := strings.Count(render(t, json), "there is no user"); n != 4999 {
			t.Errorf("%s: JSON has %d", name, n)
		}
	}
	for name, text := range texts {
		got := text(Style{})
		if n := strings.Count(got, "(--full lists all)"); n != 1 {
			t.Errorf("%s: it says %d times how all are seen", name, n)
		}
		if n := strings.Count(got, "there is no user"); n != shownAlike {
			t.Errorf("%s: %d are shown", name, n)
		}
		if !strings.Contains(got, "4,994 more") || !strings.Contains(got, "the last is company/c04999") || !strings.Contains(got, "no stage like that") {
			t.Errorf("%s:\n%s", name, tailOf(got))
		}
		if n := strings.Count(text(Style{Full: true}), "there is no user"); n != 4999 {
			t.Errorf("%s: --full shows %d", name, n)
		}
	}
	if got := textOf(t, changes[:shownAlike+1], Style{}); strings.Contains(got, "more") {
		t.Errorf("one more is no fold:\n%s", got)
	}
	if slices.Contains([]string{pattern(`user "a1" of 12`)}, pattern(`user "b" of 3 deals`)) || pattern(`user "a1" of 12`) != pattern(`user "b" of 3`) {
		t.Error("patterns")
	}
}
