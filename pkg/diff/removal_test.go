package diff

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/b24apply/b24apply/internal/ui/words"
	"github.com/b24apply/b24apply/pkg/diff/remove"
	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/plan"
	"github.com/b24apply/b24apply/pkg/spec"
	"github.com/b24apply/b24apply/pkg/value"
)

// Former rows, undeclared ones and what points at them are in the state; nothing
// else decides about a deletion, and equal inputs give equal plans.
func TestComputeOfDeletionsIsPure(t *testing.T) {
	const manifests = `apiVersion: b24apply/v1
kind: Deal
metadata: {name: d}
spec: {fields: {title: D}}
---
apiVersion: b24apply/v1
kind: Moved
spec: {from: deal/was, to: deal/d}
---
apiVersion: b24apply/v1
kind: Absent
spec: {resources: [company/acme, deal/never]}
`
	set := load(t, manifests)
	state := dealState(map[value.Address][]kind.Row{})
	state.Former = map[value.Address][]kind.Row{
		"deal/was":     {row(t, `{"id":7,"title":"D","originatorId":"b24apply:default","originId":"was"}`)},
		"company/acme": {row(t, `{"id":3,"title":"Acme","originatorId":"b24apply:default","originId":"acme"}`)},
	}
	state.Undeclared = []remove.Undeclared{
		{Resource: &spec.Resource{Kind: kind.BuiltIn().ByName("Deal"), Name: "gone", Address: "deal/gone"}, EntityTypeID: 2, Row: row(t, `{"id":8,"title":"Gone","companyId":3,"opportunity":5,"currencyId":"EUR"}`)},
		{Resource: &spec.Resource{Kind: kind.BuiltIn().ByName("Deal"), Name: "twice", Address: "deal/twice"}, EntityTypeID: 2, Row: row(t, `{"id":9}`)},
		{Resource: &spec.Resource{Kind: kind.BuiltIn().ByName("Deal"), Name: "twice", Address: "deal/twice"}, EntityTypeID: 2, Row: row(t, `{"id":10}`)},
	}
	state.Pointers = map[kind.RecordID][]remove.Pointer{{EntityTypeID: 4, ID: 3}: {{EntityTypeID: 2, Total: 60, IDs: []int{7, 8}}, {EntityTypeID: 3, Total: 1, IDs: []int{1}}}}
	read := func() string { return fmt.Sprint(state.Records, state.Former, len(state.Undeclared), state.Pointers) }
	before := read()

	p, problems := Compute(set, state)
	if problems != nil {
		t.Fatal(problems)
	}
	type brief struct {
		Address      value.Address
		Action       plan.Action
		ID           int
		Risk, Reason string
		Deps         []value.Address
		Fields       int
	}
	var got []brief
	for _, c := range changesIn(p) {
		got = append(got, brief{c.Address, c.Action, value.IDNumber(c.ID), words.Text(c.Risk), words.Text(c.Reason.Message), c.Deps, len(c.Fields)})
	}
	want := []brief{
		{"company/acme", plan.Delete, 3, "59 deals and 1 contact point at it", "it must be absent", []value.Address{"deal/d", "deal/gone"}, 0},
		{"deal/d", plan.Update, 7, "", "it was deal/was", nil, 1},
		{"deal/gone", plan.Delete, 8, "", "it is not declared any more and carries the mark of default", nil, 2},
		{"deal/never", plan.NoOp, 0, "", "", nil, 0},
		{"deal/twice", plan.Refuse, 9, "", "2 records carry its mark: ids 9, 10", nil, 0},
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("plan (-want +got):\n%s", d)
	}
	if d := cmp.Diff(before, read()); d != "" {
		t.Errorf("Compute changed the state:\n%s", d)
	}
	again, _ := Compute(set, state)
	first, _ := json.Marshal(p)
	if second, _ := json.Marshal(again); string(first) != string(second) {
		t.Error("equal inputs gave another p")
	}
}

// A record that a declared resource stands for is never deleted, whatever mark it
// still carries.
func TestARecordThatIsDeclaredIsNotRemovedUnderAnotherName(t *testing.T) {
	set := load(t, "apiVersion: b24apply/v1\nkind: Deal\nmetadata: {name: d}\nspec: {fields: {title: D}}\n---\napiVersion: b24apply/v1\nkind: Absent\nspec: {resources: [deal/was]}\n")
	live := row(t, `{"id":7,"title":"D"}`)
	state := dealState(map[value.Address][]kind.Row{"deal/d": {live}})
	state.Former = map[value.Address][]kind.Row{"deal/was": {live}}
	state.Undeclared = []remove.Undeclared{{Resource: &spec.Resource{Kind: kind.BuiltIn().ByName("Deal"), Name: "old", Address: "deal/old"}, EntityTypeID: 2, Row: live}}
	plan, problems := Compute(set, state)
	if problems != nil {
		t.Fatal(problems)
	}
	got := make(map[value.Address]string)
	for _, c := range changesIn(plan) {
		got[c.Address] = string(c.Action) + " " + c.Reason.Code
	}
	if d := cmp.Diff(map[value.Address]string{"deal/d": "no-op ", "deal/was": "refuse IN_USE"}, got); d != "" {
		t.Errorf("-want +got:\n%s", d)
	}
}
