package ui

import (
	"io"
	"strings"
	"testing"

	"github.com/b24apply/b24apply/internal/ui/madeup"
	"github.com/b24apply/b24apply/pkg/plan"
	"github.com/b24apply/b24apply/pkg/value"
)

// personal is a plan with a phone, an address of mail and names in every place where they can stand.
func personal() *plan.Plan {
	phone, mail, jane := "+49 30 1234567", "jane.roe@acme.example", "Jane Roe"
	user := value.InParts("Olga Petrova", value.Bracketed, value.P(value.PartID, "1"), value.P(value.PartCode, "olga@acme.example"))
	list := func(s string) value.Shown { return value.Several([]value.Shown{{Text: s}}) }
	fields := []plan.Field{
		{Name: "assignedById", Type: value.Type{Name: "user"}, Before: user, After: user},
		{Name: "comments", Type: value.Type{Name: "markup"}, Before: value.Shown{Text: "call " + phone + " or 030 / 123 45 67, write to " + mail + " before 2026-11-30 about invoice 987654321"}, After: value.Shown{Text: "x"}},
		{Name: "emails", Type: value.Type{Name: "crm_multifield", Multi: "EMAIL"}, Before: list(mail), After: list("j@acme.example")},
		{Name: "lastName", Type: value.Type{Name: "string"}, Before: value.Shown{Text: "Roe"}, After: value.Shown{Text: "Poe"}},
		{Name: "phones", Type: value.Type{Name: "crm_multifield", Multi: "PHONE"}, Before: list(phone), After: list(phone)},
	}
	p := &plan.Plan{Owner: "acme", Portal: "p.bitrix24.eu", Changes: plan.List(
		plan.Change{Address: "contact/a", Kind: "Contact", Action: plan.Update, ID: "1", EntityTypeID: 3, Title: jane, Fields: fields, Last: &plan.Saves{Saved: plan.Save{By: user, At: "2026-11-30T10:00:00+03:00"}}},
		plan.Change{Address: "contact/b", Kind: "Contact", Action: plan.Refuse, EntityTypeID: 3, Title: jane, Reason: plan.Reason{Code: "X", Message: value.Say("of-field", value.T("field", "emails"), value.M("said", value.Verbatim(mail+" is taken")))}},
		plan.Change{Address: "contact/c", Kind: "Contact", Action: plan.Create, EntityTypeID: 3, Title: jane, Fields: fields[4:], Alike: []plan.Alike{{ID: "7", Title: jane, By: []string{"phones"}}}},
	)}
	return madeup.Known(p)
}

// No rendering of a masked plan holds what is masked, and equal values have equal tokens in all of them.
func TestAMaskHidesInEveryRendering(t *testing.T) {
	m, ok := NewMask("phones,emails,names", []byte("a key of a test"))
	if !ok {
		t.Fatal("no mask")
	}
	token := m.token("phone", "+49 30 1234567")
	for _, f := range formats {
		if f.streams {
			continue
		}
		got := asFile(t, func(w io.Writer) error { return f.plan(w, m.Planned(&Planned{Command: "plan", Plan: personal()})) })
		for _, secret := range []string{"1234567", "123 45 67", "jane.roe", "olga@", "Jane", "Roe", "Poe", "Olga", "Petrova", "j@acme"} {
			if strings.Contains(got, secret) {
				t.Errorf("%s holds %q", f.ext, secret)
			}
		}
		if f.ext == ".json" && (strings.Count(got, token) < 4 || !strings.Contains(got, "before 2026-11-30 about invoice 987654321")) {
			t.Errorf("%s:\n%s", f.ext, got)
		}
	}
	if p := personal(); p.Digest != m.Plan(p).Digest {
		t.Error("a masked plan has another digest")
	}
}

// What is masked is only seen so: the plan is what it was.
func TestAMaskLeavesThePlanAsItIs(t *testing.T) {
	p := personal()
	before := asFile(t, func(w io.Writer) error { return PlanJSON(w, p) })
	m, _ := NewMask("names", nil)
	_ = asFile(t, func(w io.Writer) error { return PlanJSON(w, m.Plan(p)) })
	if after := asFile(t, func(w io.Writer) error { return PlanJSON(w, p) }); after != before {
		t.Error("masking has changed the plan")
	}
	if _, ok := NewMask("faces", nil); ok {
		t.Error("faces are known")
	}
	if m, ok := NewMask("none", nil); !ok || m != nil {
		t.Error("none is a mask")
	}
}

// A cause has the same digest in a masked page, so that its review is good for apply.
func TestAMaskedPageIsReviewedLikeAnother(t *testing.T) {
	m, _ := NewMask("phones,emails,names", nil)
	page := func(p *Planned) []string {
		text := asFile(t, func(w io.Writer) error { return plannedHTML(w, p) })
		return strings.Split(text, `data-rev="`)[1:]
	}
	masked, bare := page(m.Planned(&Planned{Plan: personal()})), page(&Planned{Plan: personal()})
	if len(masked) != len(bare) || len(bare) != 3 {
		t.Fatalf("%d and %d causes", len(masked), len(bare))
	}
	for i := range bare {
		if masked[i][:64] != bare[i][:64] {
			t.Errorf("cause %d has another digest", i)
		}
	}
}
