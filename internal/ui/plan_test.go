package ui

import (
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/plan"
	"github.com/b24apply/b24apply/pkg/value"
)

const offer = "Dear Jane,\nthank you for your visit. We are pleased to offer you the redesign of your website as we discussed it " +
	"on Monday, in three stages, with a first draft at the end of this month. "

// story is a plan with every action and every way in which a value is shown.
func story() *plan.Plan {
	phones := field("phones", kind.TypeMultifield, []string{"+49 30 1 (work)", "+49 30 2 (work)", "+49 30 3 (fax)"}, []string{"+49301", "+49 30 3 (fax)", "+49 30 4 (work)"})
	phones.List = &value.ListChange{Gone: []int{1}, Come: []int{2}}
	contacts := field("contactIds", kind.TypeContact, []string{"7", "contact/bob → 8"}, []string{"contact/bob → 8", "contact/eve → 9", "contact/zoe (known after apply)"})
	contacts.List.First = true
	p := &plan.Plan{Owner: "acme-crm", Env: "prod", Portal: "acme.bitrix24.com", Changes: plan.List([]plan.Change{
		{Address: "spa/equipment", Kind: "SPA", Action: plan.NoOp, ID: "12", Title: "Equipment"},
		{Address: "company/acme", Kind: "Company", Action: plan.Create, Title: "Acme GmbH", Source: at("manifests/companies.yaml", 3, 17), Fields: []plan.Field{
			field("assignedById", kind.TypeUser, nil, "Olga Petrova (12)"),
			field("comments", kind.TypeText, nil, nil),
			field("phones", kind.TypeMultifield, nil, []string{"+49 30 1234567 (work)", "+49 170 1234567 (mobile)"}),
			field("title", kind.TypeString, nil, "Acme GmbH"),
		}},
		{Address: "company/globex", Kind: "Company", Action: plan.Adopt, ID: "815", Title: "Globex", Reason: plan.Reason{Message: value.Verbatim("title and companyId match this record, which has no owner")},
			Source: at("manifests/companies.yaml", 14, 17), Fields: []plan.Field{field("industry", kind.TypeStatus, nil, "Manufacturing")}},
		{Address: "company/initech", Kind: "Company", Action: plan.Update, ID: "816", Title: "Initech", Source: at("manifests/companies.yaml", 25, 17), Fields: []plan.Field{
			phones,
			field("websites", kind.TypeMultifield, []string{"https://initech.example (work)"}, nil),
		}},
		{Address: "contact/jane", Kind: "Contact", Action: plan.Delete, ID: "77", Title: "Jane Roe", Reason: plan.Reason{Message: value.Verbatim("it is declared as Absent")}, Source: at("manifests/moved.yaml", 4, 17)},
		{Address: "deal/support", Kind: "Deal", Action: plan.NoOp, ID: "4710", Title: "Support"},
		{Address: "deal/upsell", Kind: "Deal", Action: plan.Refuse, Title: "Upsell", Reason: plan.Reason{Code: "AMBIGUOUS_KEY", Message: value.Verbatim("2 records carry its mark: ids 4711, 4712"),
			Hint: value.Verbatim("keep one of them, and clear the mark on the others or delete them")}, Source: at("manifests/deals.yaml", 30, 17)},
		{Address: "deal/website-redesign", Kind: "Deal", Action: plan.Update, ID: "4713", Title: "Website redesign", Source: at("manifests/deals.yaml", 6, 17), Fields: []plan.Field{
			field("closedate", kind.TypeDate, "2026-11-30", nil),
			field("comments", kind.TypeText, offer+"The price is 12,000 euros.", offer+"The price is 14,500 euros."),
			field("companyId", kind.TypeCompany, "815", "company/acme (known after apply)"),
			contacts,
			field("opportunity", kind.TypeDouble, "12000", "14500"),
			field("parents.equipment", kind.TypeEntity, nil, "equipment/eq-17 → 3"),
			field("stageId", kind.TypeStatus, "New", "Proposal"),
			field("title", kind.TypeString, "Website → redesign ", "Website redesign"),
		}},
	}...)}
	if err := p.Know(nil); err != nil {
		panic(err)
	}
	return p
}

func TestPlanIsReadableByPeople(t *testing.T) {
	golden(t, "plan.txt", render(t, func(w io.Writer) error { return Plan(w, story(), Style{}) }))
}

func TestPlanFitsANarrowScreen(t *testing.T) {
	golden(t, "plan-60.txt", render(t, func(w io.Writer) error { return Plan(w, story(), Style{Width: 60}) }))
}

func TestPlanIsColouredOnRequest(t *testing.T) {
	p := &plan.Plan{Owner: "acme-crm", Portal: "acme.bitrix24.com", Changes: plan.List(changesIn(story())[1:3]...)}
	golden(t, "plan-colour.txt", render(t, func(w io.Writer) error { return Plan(w, p, Style{Color: true}) }))
}

func TestPlanIsTheSameTextEachTime(t *testing.T) {
	show := func() string { return render(t, func(w io.Writer) error { return Plan(w, story(), Style{}) }) }
	show2 := func() string { return render(t, func(w io.Writer) error { return PlanJSON(w, story()) }) }
	text, json := show(), show2()
	for range 20 {
		if d := cmp.Diff(text, show()); d != "" {
			t.Fatalf("text changed:\n%s", d)
		}
		if d := cmp.Diff(json, show2()); d != "" {
			t.Fatalf("JSON changed:\n%s", d)
		}
	}
}

func TestPlanSaysInWordsHowMuchChanges(t *testing.T) {
	of := func(actions ...plan.Action) *plan.Plan {
		p := &plan.Plan{Owner: "acme", Portal: "x.bitrix24.com", Changes: plan.List()}
		for i, a := range actions {
			_ = p.Changes.Append(&plan.Change{Address: value.Address(fmt.Sprintf("deal/d%d", i)), Kind: "Deal", Action: a})
		}
		return p
	}
	undone := of()
	undone.TakesBack = true
	tests := []struct {
		plan *plan.Plan
		want string // the lines below the first
	}{
		{of(), "No changes. The manifests declare nothing."},
		{undone, "No changes. Nothing is left to take back."},
		{of(plan.NoOp), "No changes. The portal already is as declared: 1 resource."},
		{of(plan.NoOp, plan.NoOp), "No changes. The portal already is as declared: 2 resources."},
		{of(plan.NoOp, plan.Create, plan.Update, plan.Create), "2 to create, 1 to update, 1 unchanged"},
		{of(plan.Adopt, plan.Delete), "1 to adopt, 1 to delete\nReversible: 1 by undo, 1 not wholly (deal/d1)"},
		{of(plan.Refuse), "1 refused: nothing will be sent for what is marked with !"},
		{of(plan.NoOp, plan.Refuse), "1 unchanged\n1 refused: nothing will be sent for what is marked with !"},
	}
	for _, tt := range tests {
		got := render(t, func(w io.Writer) error { return Plan(w, tt.plan, Style{}) })
		head, _, _ := strings.Cut(got, "\n\n")
		if d := cmp.Diff("Plan for acme on portal x.bitrix24.com\n"+tt.want, strings.TrimSuffix(head, "\n")); d != "" {
			t.Errorf("(-want +got):\n%s", d)
		}
	}
}

func TestUnknownKindIsItsOwnHeading(t *testing.T) {
	p := &plan.Plan{Changes: plan.List(plan.Change{Address: "gadget/g", Kind: "Gadget", Action: plan.Create})}
	got := render(t, func(w io.Writer) error { return Plan(w, p, Style{}) })
	if !strings.Contains(got, "\n\nGadget\n  + gadget/g\n") {
		t.Errorf("got:\n%s", got)
	}
}
