package ui

import (
	"encoding/json"
	"io"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/b24apply/b24apply/pkg/apply"
	"github.com/b24apply/b24apply/pkg/diff"
)

func decode(t *testing.T, text string) any {
	t.Helper()
	var v any
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		t.Fatalf("%v:\n%s", err, text)
	}
	return v
}

func remarshalled(t *testing.T, v any) any {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return decode(t, string(text))
}

func TestPlanJSONHoldsEveryChange(t *testing.T) {
	text := render(t, func(w io.Writer) error { return PlanJSON(w, story()) })
	golden(t, "plan.json", text)
	want := remarshalled(t, map[string]any{
		"owner": "acme-crm", "environment": "prod", "portal": "acme.bitrix24.com",
		"counts":  map[string]int{"create": 1, "adopt": 1, "update": 2, "delete": 1, "no-op": 2, "refuse": 1},
		"changes": story().Changes,
	})
	if d := cmp.Diff(want, decode(t, text)); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

func TestReportJSONIsTheReportAsTagged(t *testing.T) {
	text := render(t, func(w io.Writer) error { return ReportJSON(w, ended()) })
	golden(t, "report.json", text)
	if d := cmp.Diff(remarshalled(t, ended()), decode(t, text)); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

func TestJSONOfNothingHasEmptyListsAndZeros(t *testing.T) {
	tests := []struct {
		name  string
		write func(io.Writer) error
		want  string
	}{
		{"plan", func(w io.Writer) error { return PlanJSON(w, &diff.Plan{Owner: "a", Portal: "p"}) },
			`{"owner":"a","portal":"p","counts":{"create":0,"adopt":0,"update":0,"delete":0,"no-op":0,"refuse":0},"changes":[]}`},
		{"report", func(w io.Writer) error {
			at := time.Date(2026, 11, 22, 9, 30, 0, 0, time.UTC)
			return ReportJSON(w, &apply.Report{Owner: "a", Portal: "p", Started: at, Finished: at})
		},
			`{"owner":"a","portal":"p","started":"2026-11-22T09:30:00Z","finished":"2026-11-22T09:30:00Z","requests":0,"exitCode":0,"items":[],
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
	if d := cmp.Diff(map[apply.Status]int{apply.Failed: 1}, r.Counts); d != "" || len(r.Items) != len(ended().Items) {
		t.Errorf("the report was changed: %s", d)
	}
}
