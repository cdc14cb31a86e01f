package apply

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/b24apply/b24apply/internal/ui/words"
	"github.com/b24apply/b24apply/pkg/bitrix"
	"github.com/b24apply/b24apply/pkg/plan"
)

// Two projects that adopt the same records at the same time both find them unowned, and
// the portal takes both marks, one after the other. So one of them has lost what its
// report calls adopted; its next plan says so, record by record, and changes nothing.
func TestCaseB11TheNextPlanOfTheLoserNamesWhatItLost(t *testing.T) {
	for _, tc := range []struct {
		kind         string
		entityTypeID int
		key          string
	}{{"Company", 4, "title"}, {"Deal", 2, "title"}, {"Contact", 3, "lastName"}, {"Invoice", 31, "title"}} {
		t.Run(tc.kind, func(t *testing.T) {
			const records = 40
			b := newBench(t)
			var manifests strings.Builder
			for n := range records {
				name := fmt.Sprintf("Shared %d", n)
				b.call("crm.item.add", bitrix.Params{"entityTypeId": tc.entityTypeID, "fields": map[string]any{tc.key: name}})
				fmt.Fprintf(&manifests, "---\napiVersion: b24apply/v1\nkind: %s\nmetadata: {name: s%d}\nspec: {match: [[%s]], fields: {%s: %s}}\n",
					tc.kind, n, tc.key, tc.key, name)
			}
			other := b.rival()
			winner, loser := b.planFor("winner", manifests.String()), other.planFor("loser", manifests.String())
			var first onceFlag
			var lost *Report
			b.tamper = func(body string, pass func(string) *http.Response) (*http.Response, error) {
				if isWrite(body) && first.first() {
					lost = Run(t.Context(), loser, Config{Client: other.client})
				}
				return pass(body), nil
			}
			if won := Run(t.Context(), winner, Config{Client: b.client}); won.Counts[Succeeded] != records || lost.Counts[Succeeded] != records {
				t.Fatalf("the winner's items: %v, the loser's: %v", won.Counts, lost.Counts)
			}
			for _, c := range changesIn(other.planFor("loser", manifests.String())) {
				if c.Action != plan.Refuse || c.Reason.Code != "FOREIGN_OWNER" || !strings.Contains(words.Text(c.Reason.Message), `"winner"`) {
					t.Errorf("%s: %s %s: %s", c.Address, c.Action, c.Reason.Code, words.Text(c.Reason.Message))
				}
			}
			b.tamper = nil
			if plan := b.planFor("winner", manifests.String()); plan.Pending() != 0 {
				t.Errorf("the winner's next plan would change %d records", plan.Pending())
			}
		})
	}
}

// planFor plans for an owner.
func (b *bench) planFor(owner, manifests string) *plan.Plan {
	b.t.Helper()
	set := b.load(manifests)
	set.Project.Name = owner
	return b.plan(set)
}
