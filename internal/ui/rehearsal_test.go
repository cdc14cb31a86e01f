package ui

import (
	"bytes"
	"testing"

	"github.com/b24apply/b24apply/pkg/apply/rehearse"
	"github.com/b24apply/b24apply/pkg/plan"
	"github.com/b24apply/b24apply/pkg/value"
)

// wholeRehearsal has all that a rehearsal can tell.
func wholeRehearsal() *rehearse.Report {
	well := &rehearse.Step{Status: "succeeded", ID: "1"}
	return &rehearse.Report{
		Owner: "acme", Env: "prod", Portal: "acme.bitrix24.de", Records: 4, Changes: 5, Refused: 1, Planned: true, Again: []value.Address{"deal/again"},
		Read:   []rehearse.Count{{Method: "crm.status.list", Rows: 74}, {Method: "user.get", Rows: 8}},
		Lacks:  []rehearse.Lack{{Method: "a.list", Code: "insufficient_scope", Why: value.Say("undo-is-gone")}, {Method: "b.list", Code: "ACCESS_DENIED"}, {Method: "c.list", Code: "insufficient_scope"}},
		Unlike: []rehearse.Unlike{{Kind: "Deal", Field: "observers", Records: 3}, {Kind: "Company", Field: "logo", Records: 1}},
		Notes:  []plan.Note{{Code: "UNDO_LEAVES_OUT", Message: value.Say("undo-no-trace", value.N("n", 1)), Addresses: []value.Address{"company/old"}}},
		Items: []rehearse.Item{
			{Resource: "company/old", Kind: "Company", Action: plan.Delete, ID: "4", Title: "Old", Applied: well, Undone: &rehearse.Step{Status: "succeeded", ID: "7"}, NewID: "7"},
			{Resource: "deal/bad", Kind: "Deal", Action: plan.Refuse, Applied: &rehearse.Step{Status: "failed", Code: "NO_STAGE", Error: value.Say("undo-is-gone")}},
			{Resource: "deal/fine", Kind: "Deal", Action: plan.Create, Applied: well, Undone: well},
			{Resource: "deal/kept", Kind: "Deal", Action: plan.Update, ID: "2", Applied: well, Undone: &rehearse.Step{Status: "conflict", Code: "UNDO_CHANGED", Error: value.Say("undo-is-gone")}},
			{Resource: "deal/web", Kind: "Deal", Action: plan.Update, ID: "3", Applied: well, Undone: well, Differs: []rehearse.Difference{{Field: "utmSource", Is: "mail\x1b[31m\nnext"}}},
			{Kind: "Deal", ID: "88", Title: "Upsell", Differs: []rehearse.Difference{{Field: "companyId", Was: "4"}}},
			{Kind: "Lead", ID: "9", Gone: true},
		},
	}
}

// A rehearsal tells all that did not go as planned, in words and for programs.
func TestRehearsal(t *testing.T) {
	var text, doc bytes.Buffer
	if err := Rehearsal(&text, wholeRehearsal(), Style{}); err != nil {
		t.Fatal(err)
	}
	golden(t, "rehearsal.txt", text.String())
	if err := RehearsalJSON(&doc, wholeRehearsal()); err != nil {
		t.Fatal(err)
	}
	golden(t, "rehearsal.json", doc.String())
}
