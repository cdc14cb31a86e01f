package apply

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/b24apply/b24apply/internal/ui/words"
	"github.com/b24apply/b24apply/pkg/plan"
	"github.com/b24apply/b24apply/pkg/value"
)

// A bug on any goroutine ends with exit code 1, and every item is in the report.
func TestCaseB12ACrashIsReportedWithEveryItem(t *testing.T) {
	const absent = "---\napiVersion: b24apply/v1\nkind: Absent\nspec: {resources: [company/c000]}\n"
	explode := func(when string) func(string, func(string) *http.Response) (*http.Response, error) {
		return func(body string, pass func(string) *http.Response) (*http.Response, error) {
			if strings.Contains(body, when) {
				panic("index out of range in " + when)
			}
			return pass(body), nil
		}
	}
	tests := map[string]struct {
		tamper   func(string, func(string) *http.Response) (*http.Response, error)
		progress func(int, Outcome)
		first    string // applied before
		manifest string
	}{
		"a worker that creates":  {tamper: explode("crm.item.add"), manifest: companies(3)},
		"a worker that deletes":  {tamper: explode("crm.item.delete"), first: companies(1), manifest: strings.TrimPrefix(absent, "---\n")},
		"the scheduler":          {progress: func(int, Outcome) { panic("nil map") }, manifest: companies(120)},
		"the scheduler, halfway": {progress: crashAt(60), manifest: companies(120)},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			if tt.first != "" {
				if report := b.apply(tt.first, Config{}); report.ExitCode != ExitDone {
					t.Fatal(report.Items.List())
				}
			}
			b.tamper = tt.tamper
			report := b.apply(tt.manifest, Config{Progress: tt.progress})
			if report.ExitCode != ExitError {
				t.Errorf("exit code %d, want %d", report.ExitCode, ExitError)
			}
			told := strings.Contains(words.Text(report.Error), "a bug")
			for _, o := range report.Items.List() {
				if o.Status == "" || o.Resource == (plan.Change{}).Address {
					t.Errorf("an item without an account: %+v", o)
				}
				told = told || strings.Contains(words.Text(o.Error), "a bug")
				if o.Status == Succeeded && b.tamper != nil {
					t.Errorf("%s succeeded", o.Resource)
				}
			}
			if !told {
				t.Error("nothing says that it is a bug")
			}
		})
	}
}

// crashAt fails at the nth outcome.
func crashAt(n int) func(int, Outcome) {
	return func(int, Outcome) {
		if n--; n == 0 {
			panic("division by zero")
		}
	}
}

func TestCaseC15APlanThatIsNotCarriedOutIsReportedWhole(t *testing.T) {
	b := newBench(t)
	planned := b.planHonestly(companies(3))
	report := NotRun(planned, Config{Client: b.client}, time.Now(), 5, errHiddenMark)
	if report.ExitCode != 5 || !report.Error.Equal(value.SaidBy(errHiddenMark)) || len(report.Items.List()) != 3 || report.Counts[NotAttempted] != 3 {
		t.Errorf("%+v", report)
	}
	if empty := NotRun(&plan.Plan{}, Config{}, time.Now(), 1, errHiddenMark); empty.ExitCode != 1 || len(empty.Items.List()) != 0 {
		t.Errorf("%+v", empty)
	}
}
