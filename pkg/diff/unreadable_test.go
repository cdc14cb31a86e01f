package diff

import (
	"testing"

	"github.com/b24apply/b24apply/internal/ui/words"
	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/plan"
	"github.com/b24apply/b24apply/pkg/value"
)

// One field whose live value cannot be read is left alone, of whatever type; the others are
// written.
func TestCaseC12AFieldThatCannotBeReadIsLeftAlone(t *testing.T) {
	for name, tc := range map[string]struct{ declared, live, field string }{
		"a file":            {"SCAN: {file: manifests.yaml}", `"ufCrmScan":{"id":9,"urlMachine":"/rest/x"}`, "SCAN"},
		"an amount":         {"opportunity: 5", `"opportunity":"none"`, "opportunity"},
		"a link":            {"companyId: 5", `"companyId":"x7"`, "companyId"},
		"of several, a day": {"closedate: 2026-01-31", `"closedate":"soon"`, "closedate"},
	} {
		t.Run(name, func(t *testing.T) {
			s := load(t, "apiVersion: b24apply/v1\nkind: Deal\nmetadata: {name: d}\nspec: {fields: {title: New, "+tc.declared+"}}\n")
			state := dealState(map[value.Address][]kind.Row{"deal/d": {row(t, `{"id":7,"title":"Old",`+tc.live+`}`)}})
			state.Meta.Fields[2] = kind.NewLiveFields([]kind.LiveField{{Name: "title", Type: kind.TypeString}, {Name: "opportunity", Type: kind.TypeDouble}, {Name: "companyId", Type: kind.TypeCompany},
				{Name: "closedate", Type: kind.TypeDate}, {Name: "ufCrmScan", UpperName: "UF_CRM_SCAN", Type: kind.TypeFile, Dynamic: true}})
			state.Meta.Files = map[int]kind.FileContent{9: {Fault: value.Verbatim("HTTP 500")}}
			p, problems := Compute(s, state)
			if len(problems) > 0 {
				t.Fatal(problems)
			}
			c := changesIn(p)[0]
			if c.Action != plan.Update || len(c.Fields) != 1 || c.Fields[0].Name != "title" {
				t.Fatalf("%s with %+v, want the title alone", c.Action, c.Fields)
			}
			if len(c.Unread) != 1 || c.Unread[0].Field != tc.field {
				t.Errorf("unread %+v, want %s", c.Unread, tc.field)
			}
		})
	}
}

// A file whose content cannot be read makes its record fail, not the plan.
func TestAFileThatCannotBeReadConcernsItsRecordOnly(t *testing.T) {
	s := load(t, "apiVersion: b24apply/v1\nkind: Deal\nmetadata: {name: d}\nspec: {fields: {title: D, SCAN: {file: manifests.yaml}}}\n")
	state := dealState(map[value.Address][]kind.Row{"deal/d": {row(t, `{"id":7,"title":"D","ufCrmScan":{"id":9,"url":"/x","urlMachine":"/rest/x?token=t0ken"}}`)}})
	state.Meta.Fields[2] = kind.NewLiveFields([]kind.LiveField{{Name: "title", Type: kind.TypeString}, {Name: "ufCrmScan", UpperName: "UF_CRM_SCAN", Type: kind.TypeFile, Dynamic: true}})
	state.Meta.Files = map[int]kind.FileContent{9: {Fault: value.Verbatim("HTTP 500")}}
	p, problems := Compute(s, state)
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	if c := changesIn(p)[0]; c.Action != plan.Refuse || c.Reason.Code != "UNREADABLE_VALUE" || words.Text(c.Reason.Message) != "SCAN: file 9 cannot be compared: HTTP 500" {
		t.Errorf("%s %s %s", c.Action, c.Reason.Code, words.Text(c.Reason.Message))
	}
}
