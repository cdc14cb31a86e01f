package ui

import (
	"encoding/json"
	"io"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/b24apply/b24apply/pkg/apply"
	"github.com/b24apply/b24apply/pkg/plan"
)

func decode(t *testing.T, text string) any {
	t.Helper()
	var v any
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		t.Fatalf("%v:\n%s", err, text)
	}
	return v
}

func TestPlanJSONHoldsEveryChange(t *testing.T) {
	text := render(t, func(w io.Writer) error { return PlanJSON(w, story()) })
	golden(t, "plan.json", text)
	var got struct {
		Counts  map[plan.Action]int
		Changes []struct {
			Address, Action, ID string
			Fields              []struct{ Name string }
		}
	}
	if err := json.Unmarshal([]byte(text), &got); err != nil {
		t.Fatal(err)
	}
	want := map[plan.Action]int{"create": 1, "adopt": 1, "update": 2, "delete": 1, "no-op": 2, "refuse": 1}
	if d := cmp.Diff(want, got.Counts); d != "" {
		t.Errorf("counts (-want +got):\n%s", d)
	}
	for i, c := range changesIn(story()) {
		if i >= len(got.Changes) || got.Changes[i].Address != string(c.Address) || got.Changes[i].ID != c.ID || len(got.Changes[i].Fields) != len(c.Fields) {
			t.Errorf("%s is not there whole: %+v", c.Address, got.Changes)
		}
	}
}

func TestReportJSONHoldsEveryOutcomeInWords(t *testing.T) {
	text := render(t, func(w io.Writer) error { return ReportJSON(w, ended()) })
	golden(t, "report.json", text)
	var got struct{ Items []outcomeDocument }
	if err := json.Unmarshal([]byte(text), &got); err != nil {
		t.Fatal(err)
	}
	want := make([]outcomeDocument, ended().Items.Len())
	for i, o := range ended().Items.List() {
		want[i] = outcomeOf(o, nil)
	}
	if d := cmp.Diff(want, got.Items); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

func TestJSONOfNothingHasEmptyListsAndZeros(t *testing.T) {
	tests := []struct {
		name  string
		write func(io.Writer) error
		want  string
	}{
		{"plan", func(w io.Writer) error { return PlanJSON(w, &plan.Plan{Owner: "a", Portal: "p"}) },
			`{"formatVersion":1,"owner":"a","portal":"p","counts":{"create":0,"adopt":0,"update":0,"delete":0,"no-op":0,"refuse":0},"changes":[]}`},
		{"report", func(w io.Writer) error {
			at := time.Date(2026, 11, 22, 9, 30, 0, 0, time.UTC)
			return ReportJSON(w, &apply.Report{Owner: "a", Portal: "p", Started: at, Finished: at})
		},
			`{"formatVersion":1,"owner":"a","portal":"p","started":"2026-11-22T09:30:00Z","finished":"2026-11-22T09:30:00Z","requests":0,"exitCode":0,"items":[],
			"counts":{"succeeded":0,"partial":0,"unchanged":0,"kept":0,"failed":0,"blocked":0,"conflict":0,"unknown":0,"not-attempted":0}}`},
		{"problems", func(w io.Writer) error { return ProblemsJSON(w, nil) }, `{"valid":true,"problems":[]}`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if d := cmp.Diff(decode(t, tt.want), decode(t, render(t, tt.write))); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
		})
	}
}

func TestReportJSONLeavesTheReportAlone(t *testing.T) {
	r := ended()
	r.Counts = map[apply.Status]int{apply.Failed: 1}
	render(t, func(w io.Writer) error { return ReportJSON(w, r) })
	if d := cmp.Diff(map[apply.Status]int{apply.Failed: 1}, r.Counts); d != "" || len(r.Items.List()) != ended().Items.Len() {
		t.Errorf("the report was changed: %s", d)
	}
}
