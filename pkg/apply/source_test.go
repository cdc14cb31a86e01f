package apply

import (
	"testing"

	"github.com/b24apply/b24apply/pkg/plan"
)

// A plan whose file cannot be read any more sends nothing, and every item is accounted for.
func TestAPlanThatCannotBeReadSendsNothing(t *testing.T) {
	b := newBench(t)
	p := b.plan(b.load(companies(3)))
	lost := plan.NewSource(plan.Spool{Dir: t.TempDir()})
	for _, c := range changesIn(p) {
		if err := lost.Append(&c); err != nil {
			t.Fatal(err)
		}
	}
	if err := lost.Close(); err != nil {
		t.Fatal(err)
	}
	p.Changes = lost
	report := Run(t.Context(), p, Config{Client: b.client})
	if b.records(4) != 0 || len(report.Items.List()) != 3 || report.Counts[NotAttempted] != 3 || report.ExitCode == ExitDone {
		t.Errorf("%d companies are there, exit code %d, counts %v", b.records(4), report.ExitCode, report.Counts)
	}
}
