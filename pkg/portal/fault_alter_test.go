package portal

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// tagged opens a portal with a multiple list of deals, and a deal that has two of its options.
func tagged(t *testing.T, faults string) (w wire, deal string) {
	t.Helper()
	w = newWireOf(t, Config{Faults: faults})
	w.result("userfieldconfig.add", `{"moduleId":"crm","field":{"entityId":"CRM_DEAL","fieldName":"UF_CRM_DEAL_TAGS","userTypeId":"enumeration","multiple":"Y",
		"enum":[{"value":"one","xmlId":"1"},{"value":"two","xmlId":"2"}]}}`)
	w.result("crm.item.add", `{"entityTypeId":2,"fields":{"title":"A","ufCrmDealTags":[1,2]}}`)
	return w, `{"entityTypeId":2,"id":1,"fields":`
}

func TestCaseEAMultipleListCannotBeEmptied(t *testing.T) {
	tests := map[string]struct {
		faults, method, fields, echo, kept string
		fired                              int
	}{
		"an empty list":         {"keep-list,field=ufCrmDealTags", "crm.item.update", `{"ufCrmDealTags":[]}`, "null", "[1,2]", 1},
		"null":                  {"keep-list,field=ufCrmDealTags", "crm.item.update", `{"ufCrmDealTags":null}`, "null", "[1,2]", 1},
		"an empty text":         {"keep-list,field=ufCrmDealTags", "crm.item.update", `{"ufCrmDealTags":""}`, "null", "[1,2]", 1},
		"as it is stored":       {"keep-list,field=UF_CRM_DEAL_TAGS", "crm.item.update", `{"ufCrmDealTags":[]}`, "null", "[1,2]", 1},
		"an empty list echoed":  {"keep-list,field=UF_CRM_DEAL_TAGS,to=[]", "crm.item.update", `{"ufCrmDealTags":[""]}`, "[]", "[1,2]", 1},
		"another value is kept": {"keep-list,field=ufCrmDealTags", "crm.item.update", `{"ufCrmDealTags":[2]}`, "[2]", "[2]", 0},
		"of this method alone":  {"keep-list:crm.item.update,field=ufCrmDealTags", "crm.deal.update", `{"UF_CRM_DEAL_TAGS":""}`, "", "[]", 0},
		"the older method":      {"keep-list,field=ufCrmDealTags", "crm.deal.update", `{"UF_CRM_DEAL_TAGS":""}`, "", "[1,2]", 1},
		"without the fault":     {"", "crm.item.update", `{"ufCrmDealTags":[]}`, "[]", "[]", 0},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			w, head := tagged(t, tt.faults)
			answer, echo := w.result(tt.method, head+tt.fields+"}"), ""
			if strings.HasPrefix(answer, `{"item"`) {
				echo = jsonField(t, jsonField(t, answer, "item"), "ufCrmDealTags")
			}
			got := []any{echo, w.deal("ufCrmDealTags")[0], w.p.Stats().Faults["keep-list"]}
			if diff := cmp.Diff([]any{tt.echo, tt.kept, tt.fired}, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestAMarkIsLostOfEverySecondRecord(t *testing.T) {
	tests := map[string]struct{ faults, method, params, sent string }{
		"single adds": {"lose-mark,every=2", "crm.item.add",
			`{"entityTypeId":4,"fields":{"title":"A","originId":"a","originatorId":"b24apply:x"}}`, `[["a"],[null],["a"],[null]]`},
		"older adds": {"lose-mark,every=2", "crm.company.add",
			`{"fields":{"TITLE":"A","ORIGIN_ID":"a","ORIGINATOR_ID":"b24apply:x"}}`, `[["a"],[null],["a"],[null]]`},
		"the rows of an import": {"lose-mark:*import,every=2", "crm.item.batchImport",
			`{"entityTypeId":4,"data":[{"title":"A","originId":"a"},{"title":"B","originId":"b"},{"title":"C","originId":"c"}]}`,
			`[["a"],[null],["c"],[null],["b"],[null],["a"],[null],["c"],[null],["b"],[null]]`},
		"one field": {"lose-mark,field=title", "crm.item.add",
			`{"entityTypeId":4,"fields":{"title":"A","originId":"a"}}`, `[["a"],["a"],["a"],["a"]]`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			w := newWireOf(t, Config{Faults: tt.faults})
			for range 4 {
				w.result(tt.method, tt.params)
			}
			var stored []string
			for _, item := range jsonList(t, jsonField(t, w.result("crm.item.list", `{"entityTypeId":4,"order":{"id":"ASC"},"select":["originId"]}`), "items")) {
				stored = append(stored, "["+jsonField(t, item, "originId")+"]")
			}
			if got := "[" + strings.Join(stored, ",") + "]"; got != tt.sent {
				t.Errorf("stored %s, want %s", got, tt.sent)
			}
		})
	}
	w := newWireOf(t, Config{Faults: "lose-mark"})
	w.result("crm.item.add", `{"entityTypeId":2,"fields":{"title":"A"}}`)
	w.result("crm.item.update", `{"entityTypeId":2,"id":1,"fields":{"originId":"later"}}`)
	if got := w.deal("originId")[0]; got != `"later"` {
		t.Errorf("an update lost it too: %s", got)
	}
}
