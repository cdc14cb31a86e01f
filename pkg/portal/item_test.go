package portal

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestDaysAreUTCMidnightInTheServersZone(t *testing.T) {
	for _, tt := range []struct {
		hours             int
		sent, shown, back string // back: what writing the shown value again leads to
	}{
		{3, "2024-06-18", "2024-06-18T03:00:00+03:00", "2024-06-18T03:00:00+03:00"},
		{-5, "2024-06-18", "2024-06-17T19:00:00-05:00", "2024-06-16T19:00:00-05:00"},
		{3, "18.06.2024", "2024-06-18T03:00:00+03:00", "2024-06-18T03:00:00+03:00"},
		{3, "2024-06-18T23:30:00Z", "2024-06-19T03:00:00+03:00", "2024-06-19T03:00:00+03:00"},
	} {
		c := openCRM(t, tt.hours)
		contact := c.add(3, `{"birthdate":"`+tt.sent+`"}`)
		c.has(contact, map[string]any{"birthdate": tt.shown})
		c.has(c.get(3, contact["id"]), map[string]any{"birthdate": tt.shown})
		c.has(c.update(3, contact["id"], `{"birthdate":"`+tt.shown+`"}`), map[string]any{"birthdate": tt.back})
	}
}

func TestInstantsKeepTheirMomentAndNaiveOnesAreTheServersTime(t *testing.T) {
	c := openCRM(t, -5)
	c.now = time.Date(2026, 6, 1, 12, 0, 0, 0, c.p.zone)
	c.user = 1
	id := c.under("crm.item.import", "item", `{"entityTypeId":2,"fields":{"createdTime":"2026-01-10T10:00:00.75+01:00","movedTime":"2026-01-11 08:00:00"}}`)["id"]
	c.has(c.get(2, id), map[string]any{
		"createdTime": "2026-01-10T04:00:00-05:00", "movedTime": "2026-01-11T08:00:00-05:00", "updatedTime": "2026-06-01T12:00:00-05:00",
	})
}

func TestANewItemGetsTheDocumentedDefaults(t *testing.T) {
	c := openCRM(t, 3)
	c.now = time.Date(2026, 8, 21, 10, 0, 0, 0, c.p.zone)
	c.user = 2
	c.has(c.add(2, `{}`), map[string]any{
		"id": 1.0, "title": "Deal #1", "stageId": "NEW", "categoryId": 0.0, "stageSemanticId": "P", "assignedById": 2.0,
		"opened": "Y", "typeId": "SALE", "sourceId": "CALL", "currencyId": "EUR", "opportunity": 0.0, "isManualOpportunity": "N",
		"begindate": "2026-08-21T03:00:00+03:00", "closedate": "2026-08-28T03:00:00+03:00", "probability": nil,
		"createdTime": "2026-08-21T10:00:00+03:00", "createdBy": 2.0, "movedBy": 2.0, "lastActivityBy": 2.0, "closed": "N",
		"isNew": "Y", "companyId": nil, "contactId": nil, "contactIds": []any{}, "observers": []any{}, "originId": nil,
		"utmSource": nil, "entityTypeId": 2.0, "previousStageId": "", "comments": nil, "hasProducts": nil, "webformId": nil,
		"lastCommunicationCallTime": nil,
	})
	c.has(c.add(1, `{}`), map[string]any{"title": "Lead #1", "companyId": 0.0, "webformId": 0.0, "sourceId": "CALL", "hasPhone": "N"})
	c.has(c.add(3, `{}`), map[string]any{"lastName": "Contact #1", "typeId": "CLIENT", "export": "Y", "fm": []any{}, "categoryId": 0.0})
	c.has(c.add(3, `{"name":"Ann"}`), map[string]any{"name": "Ann", "lastName": nil})
	c.has(c.add(4, `{}`), map[string]any{"title": "Company #1", "industry": "IT", "employees": "EMPLOYEES_1", "revenue": 0.0, "isMyCompany": "N"})
	c.has(c.add(7, `{}`), map[string]any{"title": nil, "stageId": "DRAFT", "quoteNumber": "1", "mycompanyId": 0.0})
	c.has(c.add(31, `{}`), map[string]any{"title": "Invoice #1", "stageId": "DT31_1:N", "accountNumber": "1", "xmlId": "", "utmSource": nil})
}

func TestAnItemIsReadBackAsItWasAnswered(t *testing.T) {
	c := openCRM(t, 3)
	c.add(4, `{"title":"Acme"}`)
	c.add(3, `{"name":"Ann"}`)
	spa := c.smart(`{"title":"E","isStagesEnabled":"Y","isClientEnabled":"Y","isSourceEnabled":"Y","isObserversEnabled":"Y",
		"isBeginCloseDatesEnabled":"Y","isLinkWithProductsEnabled":"Y","isMycompanyEnabled":"Y"}`)
	for _, etid := range []int{1, 2, 3, 4, 7, 31, int(spa["entityTypeId"].(float64))} {
		added := c.add(etid, `{"TITLE":"Upper","companyId":1,"contactIds":[1],"observers":[3,2],"comments":"<b>x</b>",
			"fm":[{"typeId":"PHONE","valueType":"WORK","value":"+49 1"}],"xmlId":"k/1","originId":"k"}`)
		if diff := cmp.Diff(added, c.get(etid, added["id"])); diff != "" {
			t.Errorf("%d: get differs from add:\n%s", etid, diff)
		}
		updated := c.update(etid, added["id"], `{"observers":[],"contactIds":[],"opened":"N"}`)
		if diff := cmp.Diff(updated, c.get(etid, added["id"])); diff != "" {
			t.Errorf("%d: get differs from update:\n%s", etid, diff)
		}
		listed := c.ask("crm.item.list", fmt.Sprintf(`{"entityTypeId":%d,"filter":{"=id":%v}}`, etid, added["id"]))
		if diff := cmp.Diff([]any{updated}, listed.(map[string]any)["items"]); diff != "" {
			t.Errorf("%d: list differs from update:\n%s", etid, diff)
		}
	}
}

func TestAFinalStageClosesAndAnOpenOneReopens(t *testing.T) {
	c := openCRM(t, 3)
	c.now = time.Date(2026, 8, 21, 10, 0, 0, 0, c.p.zone)
	deal := c.add(2, `{"closedate":"2027-01-01"}`)
	c.now = c.now.Add(time.Hour)
	won := c.update(2, deal["id"], `{"stageId":"WON","closedate":"2027-02-02"}`)
	c.has(won, map[string]any{
		"closed": "Y", "stageSemanticId": "S", "closedate": "2026-08-21T03:00:00+03:00", "dateClosed": "2026-08-21T11:00:00+03:00",
		"movedTime": "2026-08-21T11:00:00+03:00", "isNew": "N",
	})
	c.has(c.update(2, deal["id"], `{"stageId":"NEW"}`), map[string]any{"closed": "N", "dateClosed": nil, "isNew": "Y"})
	c.has(c.add(2, `{"stageId":"LOSE","closedate":"2027-01-01"}`), map[string]any{"closed": "Y", "closedate": "2027-01-01T03:00:00+03:00"})
	invoice := c.add(31, `{"closedate":"2027-01-01"}`)
	c.has(c.update(31, invoice["id"], `{"stageId":"DT31_1:P"}`), map[string]any{
		"closedate": "2027-01-01T03:00:00+03:00", "previousStageId": "DT31_1:N",
	})
}

func TestNumbersAreReadAsPHPCastsThem(t *testing.T) {
	c := openCRM(t, 3)
	for sent, want := range map[string]float64{
		`"100.50"`: 100.5, `"12,5"`: 12, `"abc"`: 0, `"Y"`: 0, `7`: 7, `"1e3"`: 1000, `" 5 EUR"`: 5, `0`: 0, `""`: 0,
	} {
		if got := c.add(2, `{"opportunity":`+sent+`}`)["opportunity"]; got != want {
			t.Errorf("%s is %v, want %v", sent, got, want)
		}
	}
	deal := c.add(2, `{"probability":"0"}`)
	c.has(deal, map[string]any{"probability": 0.0})
	c.has(c.update(2, deal["id"], `{"probability":""}`), map[string]any{"probability": nil})
}

func TestTextsAreCutToTheColumn(t *testing.T) {
	c := openCRM(t, 3)
	long := strings.Repeat("ü", 300)
	c.has(c.add(3, `{"name":"`+long+`","post":" x "}`), map[string]any{"name": long[:100], "post": " x "})
}

func TestContactsOfADeal(t *testing.T) {
	c := openCRM(t, 3)
	for range 3 {
		c.add(3, `{}`)
	}
	deal := c.add(2, `{"contactIds":["3",1]}`)
	c.has(deal, map[string]any{"contactIds": []any{3.0, 1.0}, "contactId": 3.0})
	c.has(c.update(2, deal["id"], `{"contactId":1}`), map[string]any{"contactIds": []any{3.0, 1.0}, "contactId": 3.0})
	c.has(c.update(2, deal["id"], `{"contactIds":[1,3]}`), map[string]any{"contactIds": []any{1.0, 3.0}, "contactId": 1.0})
	c.has(c.update(2, deal["id"], `{"contactId":2}`), map[string]any{"contactIds": []any{2.0}, "contactId": 2.0})
	c.has(c.update(2, deal["id"], `{"contactIds":null}`), map[string]any{"contactIds": []any{}, "contactId": nil})
	for value, kind := range map[string]string{`5`: "integer", `"5"`: "string", `true`: "boolean"} {
		code, text := c.refused("crm.item.update", fmt.Sprintf(`{"entityTypeId":2,"id":%v,"fields":{"contactIds":%s}}`, deal["id"], value))
		want := "Expected iterable value for multiple field, but got `" + kind + "` instead"
		if code != "100" || text != want {
			t.Errorf("%s: %s %s, want %s", value, code, text, want)
		}
	}
}

// The documentation leaves open what a link to a missing item does. It is
// refused here.
func TestALinkToAMissingContactOrCompanyIsRefused(t *testing.T) {
	c := openCRM(t, 3)
	for fields, want := range map[string]string{
		`{"contactIds":[5]}`: "[Contact #5] Item not found", `{"companyId":6}`: "[Company #6] Item not found",
	} {
		if code, text := c.refused("crm.item.add", `{"entityTypeId":2,"fields":`+fields+`}`); code != "0" || text != want {
			t.Errorf("%s: %s %s", fields, code, text)
		}
	}
	if got := c.ids(2, `{}`); len(got) != 0 {
		t.Errorf("refused adds left %v", got)
	}
}

func TestADeletedContactOrCompanyIsUnbound(t *testing.T) {
	c := openCRM(t, 3)
	c.add(4, `{}`)
	c.add(3, `{"companyIds":[1]}`)
	c.add(3, `{"companyId":1}`)
	deal := c.add(2, `{"contactIds":[1,2],"companyId":1}`)
	if got := c.ask("crm.item.delete", `{"entityTypeId":3,"id":1}`); !cmp.Equal(got, []any{}) {
		t.Errorf("delete answers %v", got)
	}
	c.ask("crm.item.delete", `{"entityTypeId":4,"id":1}`)
	c.has(c.get(2, deal["id"]), map[string]any{"contactIds": []any{2.0}, "contactId": 2.0, "companyId": nil})
	c.has(c.get(3, 2), map[string]any{"companyIds": []any{}, "companyId": nil})
	if code, _ := c.refused("crm.item.get", `{"entityTypeId":3,"id":1}`); code != "NOT_FOUND" {
		t.Error(code)
	}
	if again := c.add(3, `{}`); again["id"] != 3.0 {
		t.Errorf("id %v is used again", again["id"])
	}
}

func TestRefusedValues(t *testing.T) {
	c := openCRM(t, 3)
	c.add(4, `{"title":"Client"}`)
	own := c.add(4, `{"title":"We","isMyCompany":"Y"}`)
	c.has(c.add(7, `{"quoteNumber":"Q-1"}`), map[string]any{"quoteNumber": "Q-1", "mycompanyId": own["id"]})
	c.has(c.add(7, `{"quoteNumber":"3"}`), map[string]any{"quoteNumber": "3"})
	c.has(c.add(7, `{}`), map[string]any{"quoteNumber": "3-1"})
	for _, tt := range []struct {
		etid         int
		fields, code string
	}{
		{2, `{"currencyId":"XXX"}`, "CRM_FIELD_ERROR_VALUE_NOT_VALID"},
		{7, `{"mycompanyId":1}`, "CRM_FIELD_ERROR_VALUE_NOT_VALID"},
		{7, `{"quoteNumber":"q-1 "}`, "CRM_FIELD_ERROR_VALUE_NOT_UNIQUE"},
		{2, `{"categoryId":5}`, "CRM_FIELD_ERROR_VALUE_NOT_VALID"},
		{5, `{}`, "ENTITY_TYPE_NOT_SUPPORTED"},
		{180, `{}`, "NOT_FOUND"},
	} {
		if code, text := c.refused("crm.item.add", fmt.Sprintf(`{"entityTypeId":%d,"fields":%s}`, tt.etid, tt.fields)); code != tt.code {
			t.Errorf("%d %s: %s %s, want %s", tt.etid, tt.fields, code, text, tt.code)
		}
	}
	for _, call := range []string{"update", "get", "delete"} {
		if code, text := c.refused("crm.item."+call, `{"entityTypeId":2,"id":9,"fields":{}}`); code != "NOT_FOUND" || text != "Item not found" {
			t.Errorf("%s: %s %s", call, code, text)
		}
	}
}

func TestAnUpdateDoesNotFailForWhatItLeavesAlone(t *testing.T) {
	c := openCRM(t, 3)
	c.add(4, `{"isMyCompany":"Y"}`)
	c.add(7, `{"mycompanyId":1}`)
	c.ask("crm.item.delete", `{"entityTypeId":4,"id":1}`)
	c.has(c.update(7, 1, `{"title":"T"}`), map[string]any{"title": "T", "mycompanyId": 1.0})
}

func TestImportBringsHistoryAndTakesListsOfCommunications(t *testing.T) {
	c := openCRM(t, 3)
	c.now = time.Date(2026, 6, 1, 12, 0, 0, 0, c.p.zone)
	fields := `{"name":"Ann","createdTime":"2026-01-10T10:00:00+03:00","createdBy":4,
		"PHONE":[{"VALUE":"+49 1","VALUE_TYPE":"MOBILE"},{"VALUE":"+49 2"}],"fm":[{"typeId":"EMAIL","value":"x@y.example"}]}`
	id := c.under("crm.item.import", "item", `{"entityTypeId":3,"fields":`+fields+`}`)["id"]
	got := c.get(3, id)
	c.has(got, map[string]any{
		"createdTime": "2026-01-10T10:00:00+03:00", "createdBy": 4.0, "hasPhone": "Y", "hasEmail": "N", "phoneMobile": "+49 1", "phoneWork": "+49 2",
	})
	c.user = 2 // no administrator
	if code, _ := c.refused("crm.item.import", `{"entityTypeId":3,"fields":`+fields+`}`); code != "CRM_FIELD_ERROR_VALUE_NOT_VALID" {
		t.Errorf("a time of somebody who is no administrator: %s", code)
	}
	c.ask("crm.item.import", `{"entityTypeId":3,"fields":{"createdBy":4}}`)
	c.has(c.get(3, 2), map[string]any{"createdTime": "2026-06-01T12:00:00+03:00", "createdBy": 2.0})
	c.user = 1
	for _, stamps := range []string{`"createdTime":"2026-06-02T00:00:00Z"`, `"createdTime":"2020-01-01T00:00:00Z"`, `"updatedTime":"2026-01-01"`} {
		if code, _ := c.refused("crm.item.import", `{"entityTypeId":3,"fields":{`+stamps+`}}`); code != "CRM_FIELD_ERROR_VALUE_NOT_VALID" {
			t.Errorf("%s: %s", stamps, code)
		}
	}
	c.has(c.add(3, `{"PHONE":[{"VALUE":"+49 1"}],"createdTime":"2020-01-01"}`), map[string]any{"hasPhone": "N", "createdTime": "2026-06-01T12:00:00+03:00"})
}

func TestABatchImportHasAnOutcomePerRow(t *testing.T) {
	c := openCRM(t, 3)
	got := c.ask("crm.item.batchImport", `{"entityTypeId":2,"data":[{"title":"A"},{"title":"B","currencyId":"XXX"},7,{"title":"C"}]}`)
	want := map[string]any{"items": []any{
		map[string]any{"item": map[string]any{"id": 1.0}},
		map[string]any{"error": "CRM_FIELD_ERROR_VALUE_NOT_VALID", "error_description": `Invalid value for field "Currency"`},
		map[string]any{"error": "100", "error_description": "Expected iterable value for multiple field, but got `integer` instead"},
		map[string]any{"item": map[string]any{"id": 2.0}},
	}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	rows := strings.Repeat(`{"title":"x"},`, 20) + `{"title":"x"}`
	if code, _ := c.refused("crm.item.batchImport", `{"entityTypeId":2,"data":[`+rows+`]}`); code != "MAX_IMPORT_BATCH_SIZE_EXCEEDED" {
		t.Error(code)
	}
	if got := c.ids(2, `{}`); !cmp.Equal(got, []int{1, 2}) {
		t.Errorf("items %v", got)
	}
}

func TestFilesAreStoredKeptAndLost(t *testing.T) {
	c := openCRM(t, 3)
	c.add(3, `{"photo":["a.png","aGVsbG8="]}`)
	photo, _ := c.get(3, 1)["photo"].(map[string]any)
	if photo["id"] != 1.0 || photo["url"] == "" || photo["urlMachine"] == "" {
		t.Fatalf("photo %v", photo)
	}
	for value, keeps := range map[string]bool{`{"id":1}`: true, `{"id":77}`: false, `""`: false, `["b.png","***"]`: false} {
		c.update(3, 1, `{"photo":["a.png","aGVsbG8="]}`)
		before := c.get(3, 1)["photo"].(map[string]any)["id"]
		after, _ := c.update(3, 1, `{"photo":`+strings.Replace(value, "1}", fmt.Sprint(before)+"}", 1)+`}`)["photo"].(map[string]any)
		if got := after != nil && after["id"] == before; got != keeps {
			t.Errorf("photo after %s: %v, before %v", value, after, before)
		}
	}
}

func TestNoFileIsLeftBehind(t *testing.T) {
	c := openCRM(t, 3)
	files := func() (n int) {
		if err := c.p.db.QueryRowContext(t.Context(), "SELECT count(*) FROM crm_file").Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	c.add(3, `{"photo":["a.png","aGVsbG8="]}`)
	c.update(3, 1, `{"photo":["b.png","aGVsbG8="]}`)
	if got := files(); got != 1 {
		t.Errorf("%d files after a replacement", got)
	}
	c.ask("crm.item.delete", `{"entityTypeId":3,"id":1}`)
	if got := files(); got != 0 {
		t.Errorf("%d files after the deletion", got)
	}
	c.ask("crm.item.batchImport", `{"entityTypeId":3,"data":[{"photo":["a.png","aGVsbG8="],"companyIds":[9]}]}`)
	if got := files(); got != 0 {
		t.Errorf("%d files after a refused row", got)
	}
}

func TestABatchedCommandOfTextsMeansTheSame(t *testing.T) {
	w := newWire(t)
	c := &crm{t: t, user: 1, p: w.p}
	c.add(3, `{}`)
	command := "crm.item.add?entityTypeId=2&fields[title]=A&fields[opportunity]=12.50&fields[contactIds][]=1&fields[isManualOpportunity]=Y" +
		"&fields[begindate]=2026-01-02&fields[observers]="
	w.result("batch", `{"cmd":{"a":"`+command+`"}}`)
	c.has(c.get(2, 1), map[string]any{
		"title": "A", "opportunity": 12.5, "contactIds": []any{1.0}, "isManualOpportunity": "Y",
		"begindate": "2026-01-02T03:00:00+03:00", "observers": []any{},
	})
}

func TestTextBecomesBBCode(t *testing.T) {
	for text, want := range map[string]string{
		"plain\nlines":                            "plain\nlines",
		"<b>Bold</b> <em>i</em> <u>u</u>":         "[B]Bold[/B] [I]i[/I] [U]u[/U]",
		"one<br>two<br/>three":                    "one\ntwo\nthree",
		"<p>para</p><div class=x>d</div>":         "[P]para[/P]d",
		"<ul><li>a</li></ul><ol><li>b</li></ol>":  "[LIST][*]a[/LIST][LIST=1][*]b[/LIST]",
		`<a href="https://x.example">x</a>`:       "[URL=https://x.example]x[/URL]",
		"A & B < C > D":                           "A &amp; B &lt; C &gt; D",
		"A &amp; B":                               "A &amp; B",
		"[user=1]Ann[/user] [b]b[/b] [note] [1]":  "Ann [b]b[/b] [note] [1]",
		"[color=red]c[/color] [disk file id=n12]": "c ",
		"<script>alert(1)</script>ok":             "ok",
	} {
		if got := toBBCode(text); got != want {
			t.Errorf("%q becomes %q, want %q", text, got, want)
		}
	}
	c := openCRM(t, 3)
	c.has(c.add(7, `{"content":"<b>x</b>","terms":"a & b","comments":""}`), map[string]any{"content": "[B]x[/B]", "terms": "a &amp; b", "comments": nil})
}

func TestBBCodeStaysAsItIs(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		parts := rapid.SliceOf(rapid.SampledFrom([]string{"<b>", "</b>", "[b]", "[user=1]", "<", ">", "&", "&lt;", "&#91;", "a", " ", "[", "]", "<br>", "quote"}))
		text := strings.Join(parts.Draw(t, "parts"), "")
		once := toBBCode(text)
		if twice := toBBCode(once); twice != once {
			t.Fatalf("%q becomes %q, then %q", text, once, twice)
		}
	})
}

func TestFieldsDescribeTheEntity(t *testing.T) {
	c := openCRM(t, 3)
	spa := c.smart(`{"title":"E","isStagesEnabled":"Y","relations":{"parent":[{"entityTypeId":2}]}}`)
	fields := c.under("crm.item.fields", "fields", fmt.Sprintf(`{"entityTypeId":%v}`, spa["entityTypeId"]))
	want := map[string]any{
		"type": "crm_status", "isRequired": false, "isReadOnly": false, "isImmutable": false, "isMultiple": false, "isDynamic": false,
		"statusType": "DYNAMIC_128_STAGE_2", "title": "Stage", "upperName": "STAGE_ID",
	}
	if diff := cmp.Diff(want, fields["stageId"]); diff != "" {
		t.Error(diff)
	}
	parent, _ := fields["parentId2"].(map[string]any)
	if diff := cmp.Diff(map[string]any{"parentEntityTypeId": 2.0}, parent["settings"]); diff != "" || parent["upperName"] != "PARENT_ID_2" {
		t.Errorf("parentId2 is %v", parent)
	}
	for _, absent := range []string{"utmSource", "begindate", "companyId", "entityTypeId", "comments", "originId"} {
		if _, ok := fields[absent]; ok {
			t.Errorf("%s is listed", absent)
		}
	}
	contact := c.under("crm.item.fields", "fields", `{"entityTypeId":3}`)
	company := contact["companyId"].(map[string]any)
	if company["isDeprecated"] != true || contact["honorific"].(map[string]any)["statusType"] != "HONORIFIC" {
		t.Errorf("contact fields %v", contact)
	}
}
