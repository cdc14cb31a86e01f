package portal

import (
	"database/sql"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// events reads the history of an item, newest first.
func (c *crm) events(etid int64, id int64) []event {
	c.t.Helper()
	var list []event
	err := c.p.tx(c.t.Context(), func(tx *sql.Tx) error {
		s := newStore(tx, 1, c.p.now())
		e, err := s.entity(c.t.Context(), etid)
		if err != nil {
			return err
		}
		list, err = s.history(c.t.Context(), e, id, maxEvents)
		return err
	})
	if err != nil {
		c.t.Fatal(err)
	}
	return list
}

func TestTheHistoryTellsWhoChangedWhichFieldsWhen(t *testing.T) {
	c := openCRM(t, 3)
	c.now = time.Date(2026, 8, 21, 10, 0, 0, 0, c.p.zone)
	c.add(4, `{"title":"Acme","revenue":10,"fm":[{"typeId":"PHONE","value":"1"}]}`)
	c.add(3, `{"lastName":"A"}`)
	c.now, c.user = c.now.Add(time.Minute), 2
	c.update(4, 1, `{"title":"Acme 2","revenue":10.5,"fm":{"n0":{"typeId":"EMAIL","valueType":"HOME","value":"a@b.example"}}}`)
	c.update(4, 1, `{"title":"Acme 2"}`)
	c.now = c.now.Add(time.Minute)
	c.ask("crm.item.delete", `{"entityTypeId":4,"id":1}`)
	at := time.Date(2026, 8, 21, 10, 0, 0, 0, c.p.zone).Unix()
	got := c.events(4, 1)
	if len(got) != 3 || got[0].action != actionDelete || len(got[0].changes) < 5 {
		t.Fatalf("got %v", got)
	}
	want := []event{
		{at + 60, 2, actionUpdate, []change{
			{"title", "Acme", "Acme 2"},
			{"revenue", 10.0, 10.5},
			{"fm", []any{"Phone (work): 1"}, []any{"Phone (work): 1", "E-mail (home): a@b.example"}},
		}},
		{at, 1, actionAdd, []change{}},
	}
	if diff := cmp.Diff(want, got[1:], cmp.AllowUnexported(event{}, change{})); diff != "" {
		t.Errorf("history (-want +got):\n%s", diff)
	}
	for _, ch := range got[0].changes {
		if ch.to != nil && ch.field != "fm" {
			t.Errorf("a deletion leaves %v in %s", ch.to, ch.field)
		}
	}
}

func TestImportsWriteNoHistory(t *testing.T) {
	c := openCRM(t, 3)
	c.under("crm.item.import", "item", `{"entityTypeId":2,"fields":{"title":"x"}}`)
	c.ask("crm.item.batchImport", `{"entityTypeId":2,"data":[{"title":"y"},{"title":"z"}]}`)
	for id := range int64(3) {
		if got := c.events(2, id+1); len(got) != 0 {
			t.Errorf("record %d has the history %v", id+1, got)
		}
	}
	c.reads("/crm/type/2/details/1/", "Nothing was recorded")
	c.update(2, 2, `{"title":"yy"}`)
	if got := c.events(2, 2); len(got) != 1 {
		t.Errorf("an imported record that changed has the history %v", got)
	}
}

func TestAFailedCommandWritesNoHistory(t *testing.T) {
	c := openDemo(t)
	c.refused("crm.item.update", `{"entityTypeId":2,"id":1,"fields":{"title":"new","currencyId":"XXX"}}`)
	if got := c.events(2, 1); len(got) != 1 {
		t.Errorf("history %v", got)
	}
}

func TestTheHistoryReadsLikeTheRecord(t *testing.T) {
	c := openDemo(t)
	c.user = 2
	c.update(2, 1, `{"stageId":"WON","assignedById":3,"companyId":3,"opportunity":5,"contactIds":[2,1],"begindate":"2026-02-03","title":""}`)
	c.reads("/crm/type/2/details/1/", "Jan Novak Changed", "Stage: In progress → Deal successful", "Responsible person: Olga Petrova → Maria Schmidt",
		"Company: Nordwind Logistics GmbH → Carrow & Finch Ltd", "Amount: 38,400.00 EUR → 5.00 EUR", "Contacts: Jonas Reuter → Jonas Reuter , Katrin Brandt",
		"→ 3 Feb 2026", "Olga Petrova Created –")
	c.ask("crm.item.delete", `{"entityTypeId":2,"id":1}`)
	text := c.text("/crm/type/2/details/1/", http.StatusNotFound)
	for _, want := range []string{"Deal #1", "This record was deleted.", "Jan Novak Deleted", "Name: Telematics for 40 trucks → empty", "Changed"} {
		if !strings.Contains(text, want) {
			t.Errorf("a deleted record lacks %q:\n%s", want, text)
		}
	}
}

func TestTheHistoryOfATypeGoesWithIt(t *testing.T) {
	c := openCRM(t, 3)
	id := c.smart(`{"title":"T","entityTypeId":1030}`)["id"]
	c.add(1030, `{"title":"old"}`)
	c.ask("crm.item.delete", `{"entityTypeId":1030,"id":1}`)
	if got := c.events(1030, 1); len(got) != 2 {
		t.Fatalf("history %v", got)
	}
	c.ask("crm.type.delete", `{"id":`+plainText(id)+`}`)
	c.smart(`{"title":"Another","entityTypeId":1030}`)
	if got := c.events(1030, 1); len(got) != 0 {
		t.Errorf("a new type has the history %v", got)
	}
}
