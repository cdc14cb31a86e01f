package portal

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// deal reads fields of deal 1 as text, without setting off a fault.
func (w wire) deal(fields ...string) []string {
	w.t.Helper()
	item := jsonField(w.t, w.result("crm.item.get", `{"entityTypeId":2,"id":1}`), "item")
	values := []string{}
	for _, name := range fields {
		values = append(values, jsonField(w.t, item, name))
	}
	return values
}

func TestARobotChangesAnItemAfterItsAnswer(t *testing.T) {
	tests := map[string]struct {
		faults, before, send, params string
		fired                        int
		answer                       string // the title it shows, if it is an item
		stored                       string
	}{
		"an add":             {"robot,field=title,to=R", "", "crm.item.add", `{"entityTypeId":2,"fields":{"title":"A"}}`, 1, `"A"`, `"R"`},
		"an update":          {"robot:*.update,field=title,to=R", "A", "crm.item.update", `{"entityTypeId":"2","id":"1","fields":{"title":"B"}}`, 1, `"B"`, `"R"`},
		"an unchanged item":  {"robot:*.update,field=title,to=R", "A", "crm.item.update", `{"entityTypeId":2,"id":1,"fields":{}}`, 1, `"A"`, `"R"`},
		"the stored name":    {"robot,field=TITLE,to=R", "", "crm.item.add", `{"entityTypeId":2,"fields":{"title":"A"}}`, 1, `"A"`, `"R"`},
		"a refused value":    {"robot,field=currencyId,to=XXX", "", "crm.item.add", `{"entityTypeId":2,"fields":{"title":"A"}}`, 1, `"A"`, `"A"`},
		"no such field":      {"robot,field=titel,to=R", "", "crm.item.add", `{"entityTypeId":2,"fields":{"title":"A"}}`, 1, `"A"`, `"A"`},
		"never an import":    {"robot,field=title,to=R", "", "crm.item.import", `{"entityTypeId":2,"fields":{"title":"A"}}`, 0, "", `"A"`},
		"never a read":       {"robot:*.get,field=title,to=R", "A", "crm.item.get", `{"entityTypeId":2,"id":1}`, 0, `"A"`, `"A"`},
		"never for a stage":  {"robot:crm.status.*,field=title,to=R", "A", "crm.status.update", `{"id":1,"fields":{"NAME":"x"}}`, 0, "", `"A"`},
		"not what is fixed":  {"robot,field=createdBy,to=5", "", "crm.item.add", `{"entityTypeId":2,"fields":{"title":"A"}}`, 1, `"A"`, `"A"`},
		"twice for two":      {"robot,field=title,to=R;robot,field=title,to=S", "", "crm.item.add", `{"entityTypeId":2,"fields":{"title":"A"}}`, 2, `"A"`, `"S"`},
		"once if n is one":   {"robot,field=title,to=R,n=1", "A", "crm.item.update", `{"entityTypeId":2,"id":1,"fields":{"title":"B"}}`, 1, `"B"`, `"B"`},
		"an answer of texts": {"robot:*.update,field=title,to=R", "A", "crm.item.update", `{"entityTypeId":2,"id":1,"useOriginalUfNames":"Y","fields":{"title":"B"}}`, 1, `"B"`, `"R"`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			w := newWireOf(t, Config{Faults: tt.faults})
			if tt.before != "" {
				w.result("crm.item.add", `{"entityTypeId":2,"fields":{"title":"`+tt.before+`"}}`)
			}
			answer := w.result(tt.send, tt.params)
			title := ""
			if strings.HasPrefix(answer, `{"item"`) {
				title = jsonField(t, jsonField(t, answer, "item"), "title")
			}
			got := []any{w.p.Stats().Faults["robot"], title, w.deal("title")[0]}
			if diff := cmp.Diff([]any{tt.fired, tt.answer, tt.stored}, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestARobotSetsOrEmptiesAList(t *testing.T) {
	w := newWireOf(t, Config{Faults: "robot:*.add,field=observers,to=5;robot:*.update,field=observers"})
	w.result("crm.item.add", `{"entityTypeId":2,"fields":{"observers":[2,3]}}`)
	if got := w.deal("observers")[0]; got != "[5]" {
		t.Errorf("set to %s, want [5]", got)
	}
	w.result("crm.item.update", `{"entityTypeId":2,"id":1,"fields":{"title":"A"}}`)
	if got := w.deal("observers")[0]; got != "[]" {
		t.Errorf("emptied to %s, want []", got)
	}
}

func TestACommandOfABatchMeetsRobotsAndOthers(t *testing.T) {
	w := newWireOf(t, Config{Faults: "foreign,field=title,to=F;robot:*.update,field=comments,to=R"})
	got := w.batch(`{"cmd":{"a":"crm.item.add?entityTypeId=2&fields[title]=A","b":"crm.item.update?entityTypeId=2&id=$result[a][item][id]&fields[opportunity]=5"}}`)
	item := jsonField(t, jsonField(t, string(got.Result), "b"), "item")
	if diff := cmp.Diff([]string{`"F"`, `null`}, []string{jsonField(t, item, "title"), jsonField(t, item, "comments")}); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{`"F"`, `"R"`}, w.deal("title", "comments")); diff != "" {
		t.Error(diff)
	}
}

func TestAForeignEditStandsEvenIfTheCommandIsRefused(t *testing.T) {
	w := newWireOf(t, Config{Faults: "foreign,field=title,to=F"})
	w.result("crm.item.add", `{"entityTypeId":2,"fields":{"title":"A"}}`)
	status, _ := w.send("POST", "/rest/1/s3cret/crm.item.update", "application/json", `{"entityTypeId":2,"id":1,"fields":{"currencyId":"XXX"}}`)
	if diff := cmp.Diff([]any{400, []string{`"F"`, "2"}}, []any{status, w.deal("title", "updatedBy")}); diff != "" {
		t.Error(diff)
	}
	if _, body := w.send("GET", "/rest/1/s3cret/crm.item.update?entityTypeId=2&id=9&fields[title]=B", "", ""); jsonField(t, body, "error") != `"NOT_FOUND"` {
		t.Errorf("a missing item: %s", body)
	}
}

func TestTheForeignUserIsNeverTheCaller(t *testing.T) {
	w := newWireOf(t, Config{Faults: "foreign,field=title,to=F", Webhooks: []Webhook{{User: 2, Secret: "second"}}})
	w.result("crm.item.add", `{"entityTypeId":2,"fields":{"title":"A"}}`)
	for path, want := range map[string]string{"/rest/1/s3cret/": "2", "/rest/2/second/": "1"} {
		w.send("POST", path+"crm.item.update", "application/json", `{"entityTypeId":2,"id":1,"fields":{}}`)
		if got := w.deal("updatedBy")[0]; got != want {
			t.Errorf("%s: changed by %s, want %s", path, got, want)
		}
		w.result("crm.item.update", `{"entityTypeId":2,"id":1,"fields":{"title":"A"}}`) // for the next
	}
}

func TestLocalizedTextsKeepTheirCodes(t *testing.T) {
	w := newWireOf(t, Config{Faults: "localized:crm.*;fail:test.echo,code=NOT_FOUND,text=Item not found"})
	for target, want := range map[string]string{
		"crm.item.get?entityTypeId=2&id=9":                   `{"error":"NOT_FOUND","error_description":"Element nicht gefunden"}`,
		"crm.item.get?entityTypeId=2":                        `{"error":"100","error_description":"Fehler: Could not find value for parameter {id}"}`,
		"crm.item.add?entityTypeId=2&fields[currencyId]=XXX": `{"error":"CRM_FIELD_ERROR_VALUE_NOT_VALID","error_description":"Ungültiger Wert für das Feld \u0022Currency\u0022"}`,
		"crm.status.get?id=0":                                `{"error":"","error_description":"Fehler: Invalid identifier."}`,
		"crm.nope":                                           `{"error":"ERROR_METHOD_NOT_FOUND","error_description":"Methode nicht gefunden!"}`,
		"test.echo":                                          `{"error":"NOT_FOUND","error_description":"Item not found"}`,
	} {
		if _, got := w.send("GET", "/rest/1/s3cret/"+target, "", ""); got != want {
			t.Errorf("%s: got %s, want %s", target, got, want)
		}
	}
	got := w.batch(`{"cmd":{"a":"crm.item.get?entityTypeId=2&id=9","b":"crm.item.fields?entityTypeId=2"}}`)
	if want := `{"a":{"error":"NOT_FOUND","error_description":"Element nicht gefunden"}}`; string(got.Error) != want {
		t.Errorf("in a batch: %s, want %s", got.Error, want)
	}
	if diff := cmp.Diff(map[string]int{"localized": 6, "fail": 1}, w.p.Stats().Faults); diff != "" {
		t.Error(diff)
	}
}
