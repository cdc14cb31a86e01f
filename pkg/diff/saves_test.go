package diff

import (
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/b24apply/b24apply/pkg/diff/meta"
	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/plan"
	"github.com/b24apply/b24apply/pkg/value"
)

// savesPlan is a plan with n updates of deals.
func savesPlan(n int) *plan.Plan {
	p := &plan.Plan{Changes: plan.List()}
	for i := range n {
		_ = p.Changes.Append(&plan.Change{Action: plan.Update, EntityTypeID: 2, ID: strconv.Itoa(i + 1), Fields: []plan.Field{{Name: "title"}}})
	}
	return p
}

func savesPortal(t *testing.T) (*tablePortal, *State) {
	p := companyPortal(row(t, `{"id":9,"updatedBy":5,"updatedTime":"2026-11-02T10:00:00+03:00"}`))
	p.rows[2] = []kind.Row{row(t, `{"id":2,"updatedBy":5,"updatedTime":"2026-11-01T10:00:00+03:00","movedBy":6,"movedTime":"2026-10-01T10:00:00+03:00"}`)}
	p.names.Fields = map[int]kind.LiveFields{2: fields("id", "updatedBy", "updatedTime", "movedBy", "movedTime"), 4: fields("id", "updatedBy", "updatedTime"), 7: fields("id")}
	state := &State{Meta: meta.Data{Fields: p.names.Fields}}
	state.Meta.Users = []kind.User{{ID: 5, Name: "Ann Ott", Active: true}}
	return p, state
}

// Who saved a record last is asked for what is overwritten or deleted, and for nothing else.
func TestWhoSavedLastIsAskedForWhatIsOverwritten(t *testing.T) {
	p, state := savesPortal(t)
	all := savesPlan(2)
	for _, ch := range []plan.Change{
		{Action: plan.Delete, EntityTypeID: 4, ID: "9"},
		{Action: plan.Update, EntityTypeID: 4, ID: "10"}, // steps only
		{Action: plan.Create, EntityTypeID: 4, Fields: []plan.Field{{Name: "title"}}},
		{Action: plan.NoOp, EntityTypeID: 4, ID: "11"},
		{Action: plan.Delete, EntityTypeID: 7, ID: "12"}, // the portal does not say it of these
	} {
		_ = all.Changes.Append(&ch)
	}
	if err := ReadSaves(t.Context(), p, state, all); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff([]string{"find 2 by id×2", "find 4 by id×1"}, p.asked); d != "" {
		t.Errorf("asked (-want +got):\n%s", d)
	}
	ann := value.InParts("Ann Ott", value.Bracketed, value.P(value.PartID, "5"))
	want := map[int]*plan.Saves{
		1: {Saved: plan.Save{By: ann, At: "2026-11-01T10:00:00+03:00"}, Moved: plan.Save{By: value.Shown{Text: "6"}, At: "2026-10-01T10:00:00+03:00"}},
		2: {Saved: plan.Save{By: ann, At: "2026-11-02T10:00:00+03:00"}},
	}
	for i, ch := range changesIn(all) {
		if d := cmp.Diff(want[i], ch.Last); d != "" {
			t.Errorf("change %d (-want +got):\n%s", i, d)
		}
	}
}

// It takes a list for 49 records, none for a plan that overwrites nothing, and what the
// portal refuses to tell stays unknown.
func TestWhoSavedLastCostsAListForManyRecords(t *testing.T) {
	for n, lists := range map[int]int{0: 0, 1: 1, 49: 1, 50: 2, 490: 10} {
		p, state := savesPortal(t)
		if err := ReadSaves(t.Context(), p, state, savesPlan(n)); err != nil || len(p.asked) != lists {
			t.Errorf("%d records: %d lists, want %d: %v", n, len(p.asked), lists, err)
		}
	}
	p, state := savesPortal(t)
	p.refused = map[int]*kind.Refusal{2: {Scope: kind.ScopeKind}}
	all := savesPlan(2)
	if err := ReadSaves(t.Context(), p, state, all); err != nil || changesIn(all)[1].Last != nil {
		t.Errorf("%v, %+v", err, changesIn(all)[1].Last)
	}
}
