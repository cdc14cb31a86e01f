package apply

import (
	"net/http"
	"strings"
	"testing"

	"github.com/b24apply/b24apply/internal/ui/words"
	"github.com/b24apply/b24apply/pkg/bitrix"
	"github.com/b24apply/b24apply/pkg/diff"
	"github.com/b24apply/b24apply/pkg/live"
	"github.com/b24apply/b24apply/pkg/plan"
)

// repair plans what mends doubles.
func (b *bench) repair(manifests string) *plan.Plan {
	b.t.Helper()
	set := b.load(manifests)
	state, err := diff.Fetch(b.t.Context(), live.New(b.client), set)
	if err != nil {
		b.t.Fatal(err)
	}
	p, err := diff.RepairTo(b.t.Context(), live.New(b.client), plan.List(), set, state)
	if err != nil {
		b.t.Fatal(err)
	}
	return p
}

// What happens to the two records at the moment of the deletion: the batch halts if the one that
// stays is gone, and whoever has deleted the last one says so.
func TestARepairNeverDeletesTheLastRecordUnsaid(t *testing.T) {
	remove := func(b *bench, id int) {
		b.call("crm.item.delete", bitrix.Params{"entityTypeId": 4, "id": id})
	}
	for name, tc := range map[string]struct {
		before, after func(*bench)
		lost          bool // the answer
		status        Status
		says          string
		left          int
		retryable     bool
	}{
		"nothing":                               {status: Succeeded, left: 1},
		"the answer is lost":                    {lost: true, status: Succeeded, left: 1},
		"the one that stays is deleted":         {before: func(b *bench) { remove(b, 1) }, status: Conflict, says: "the record that was to stay is not there", left: 1},
		"it is deleted behind the batch":        {after: func(b *bench) { remove(b, 1) }, status: Failed, says: "so is id 1", retryable: true},
		"another repair is faster":              {before: func(b *bench) { remove(b, 2) }, status: Succeeded, left: 1},
		"another repair is faster and then one": {before: func(b *bench) { remove(b, 2) }, after: func(b *bench) { remove(b, 1) }, status: Failed, says: "so is id 1", retryable: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			b.apply(companies(1), Config{})
			b.call("crm.item.add", bitrix.Params{"entityTypeId": 4, "fields": map[string]any{"title": "Company 0", "originatorId": plan.MarkPrefix + b.load(companies(1)).Project.Name, "originId": "c000"}})
			p := b.repair(companies(1))
			met := 0
			b.tamper = func(body string, pass func(string) *http.Response) (*http.Response, error) {
				if met > 0 || !strings.Contains(body, "crm.item.delete?") {
					return pass(body), nil
				}
				if met++; !strings.Contains(body, `"halt":1`) {
					t.Errorf("the deletion is in a batch that does not halt: %s", body)
				}
				if tc.before != nil {
					tc.before(b)
				}
				answer := pass(body)
				if tc.after != nil {
					tc.after(b)
				}
				if tc.lost {
					return html(http.StatusBadGateway), nil
				}
				return answer, nil
			}
			report := Run(t.Context(), p, Config{Client: b.client})
			o := report.Items.List()[0]
			if met != 1 || o.Status != tc.status || !strings.Contains(words.Text(o.Error), tc.says) || o.Retryable != tc.retryable || b.records(4) != tc.left {
				t.Errorf("%d deletions, %d records are left, %v %q", met, b.records(4), o.Status, words.Text(o.Error))
			}
		})
	}
}
