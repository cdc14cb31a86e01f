package apply

import (
	"context"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/b24apply/b24apply/pkg/value"
)

// What a stage ends is not sent, and what depends on it is blocked. It sees each request once.
func TestAStageEndsWhatIsNotToBeSent(t *testing.T) {
	b := newBench(t)
	var mu sync.Mutex
	seen := make(map[value.Address]int)
	stage := func(_ context.Context, block []*task) (open []*task, ended []result) {
		mu.Lock()
		defer mu.Unlock()
		for _, t := range block {
			if seen[t.change.Address]++; t.change.Address == "company/c001" {
				ended = append(ended, result{index: t.index, outcome: Outcome{Status: Conflict, Code: "CHANGED_SINCE_PLAN"}})
				continue
			}
			open = append(open, t)
		}
		return open, ended
	}
	manifests := companies(3) + "---\napiVersion: b24apply/v1\nkind: Deal\nmetadata: {name: d}\nspec: {fields: {title: D, companyId: {ref: company/c001}}}\n"
	report := b.apply(manifests, Config{stage: stage})
	if d := cmp.Diff(map[Status]int{Succeeded: 2, Conflict: 1, Blocked: 1}, report.Counts); d != "" || b.records(4) != 2 || b.records(2) != 0 {
		t.Errorf("%s\n%+v", d, report.Items.List())
	}
	if d := cmp.Diff(map[value.Address]int{"company/c000": 1, "company/c001": 1, "company/c002": 1}, seen); d != "" {
		t.Error(d)
	}
}
