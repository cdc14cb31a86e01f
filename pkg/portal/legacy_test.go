package portal

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestEveryRowOfTheLegacyTableShowsAFieldOfItsEntities(t *testing.T) {
	for _, row := range legacyTable {
		cells := strings.Fields(row.cells)
		if len(cells) != len(legacyColumns) {
			t.Fatalf("%s has %d cells, want %d", row.name, len(cells), len(legacyColumns))
		}
		for i, cell := range cells {
			known := systemFields()[legacyColumns[i].etid].byName[row.field] != nil
			if cell != "-" && cell != "N" && !known {
				t.Errorf("crm.%s: %s shows %q, which is no field", legacyColumns[i].name, row.name, row.field)
			}
			if cell == "N" && row.field != "" {
				t.Errorf("crm.%s: %s has a field and no data", legacyColumns[i].name, row.name)
			}
		}
	}
}

func TestLegacyMethodsShowTheItemsOfTheSameStoreInStrings(t *testing.T) {
	c := openCRM(t, 3)
	c.now = time.Date(2026, 8, 21, 10, 0, 0, 0, c.p.zone)
	c.add(4, `{"title":"Acme"}`)
	if got := c.ask("crm.deal.add", `{"fields":{"TITLE":"Old","OPPORTUNITY":12.5,"STAGE_ID":"PREPARATION","COMPANY_ID":1,
		"PROBABILITY":"50","BEGINDATE":"2024-08-30","COMMENTS":"<b>x</b>","UTM_SOURCE":"g","NOPE":1,"DATE_CREATE":"2001-01-01"},
		"params":{"REGISTER_SONET_EVENT":"Y"}}`); got != 1.0 {
		t.Fatalf("add answers %v, want 1", got)
	}
	c.has(c.get(2, 1), map[string]any{"title": "Old", "opportunity": 12.5, "stageId": "PREPARATION", "companyId": 1.0, "comments": "[B]x[/B]"})
	want := map[string]any{
		"ID": "1", "TITLE": "Old", "TYPE_ID": "SALE", "CATEGORY_ID": "0", "STAGE_ID": "PREPARATION", "STAGE_SEMANTIC_ID": "P",
		"IS_NEW": "N", "IS_RECURRING": "N", "IS_RETURN_CUSTOMER": "N", "IS_REPEATED_APPROACH": "N", "PROBABILITY": "50",
		"CURRENCY_ID": "EUR", "OPPORTUNITY": "12.50", "IS_MANUAL_OPPORTUNITY": "N", "TAX_VALUE": "0.00", "COMPANY_ID": "1",
		"CONTACT_ID": nil, "QUOTE_ID": nil, "LEAD_ID": nil, "BEGINDATE": "2024-08-30T03:00:00+03:00", "CLOSEDATE": "2026-08-28T03:00:00+03:00",
		"OPENED": "Y", "CLOSED": "N", "COMMENTS": "[B]x[/B]", "SOURCE_ID": "CALL", "SOURCE_DESCRIPTION": nil, "ADDITIONAL_INFO": nil,
		"LOCATION_ID": nil, "ASSIGNED_BY_ID": "1", "CREATED_BY_ID": "1", "MODIFY_BY_ID": "1", "MOVED_BY_ID": "1",
		"DATE_CREATE": "2026-08-21T10:00:00+03:00", "DATE_MODIFY": "2026-08-21T10:00:00+03:00", "MOVED_TIME": "2026-08-21T10:00:00+03:00",
		"ORIGINATOR_ID": nil, "ORIGIN_ID": nil, "UTM_SOURCE": "g", "UTM_MEDIUM": nil, "UTM_CAMPAIGN": nil, "UTM_CONTENT": nil, "UTM_TERM": nil,
		"LAST_ACTIVITY_TIME": "2026-08-21T10:00:00+03:00", "LAST_ACTIVITY_BY": "1",
	}
	if diff := cmp.Diff(want, c.ask("crm.deal.get", `{"id":"1"}`)); diff != "" {
		t.Errorf("get differs (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]any{want}, c.ask("crm.deal.list", `{"filter":{"ID":1}}`)); diff != "" {
		t.Errorf("list differs (-want +got):\n%s", diff)
	}
	if got := c.ask("crm.deal.update", `{"ID":1,"FIELDS":{"TITLE":"New","CATEGORY_ID":5,"STAGE_ID":"WON"}}`); got != true {
		t.Errorf("update answers %v", got)
	}
	c.has(c.get(2, 1), map[string]any{"title": "New", "stageId": "WON", "categoryId": 0.0, "closed": "Y"})
	if got := c.ask("crm.deal.delete", `{"id":1}`); got != true {
		t.Errorf("delete answers %v", got)
	}
	if ids := c.ids(2, `{}`); len(ids) != 0 {
		t.Errorf("deals %v are left", ids)
	}
}

func TestEveryLegacyEntityIsAddedReadAndDescribed(t *testing.T) {
	c := openCRM(t, 3)
	for name, field := range map[string]string{"lead": "STATUS_ID", "deal": "STAGE_ID", "contact": "TYPE_ID", "company": "COMPANY_TYPE", "quote": "STATUS_ID"} {
		id := c.ask("crm."+name+".add", `{"fields":{"TITLE":"T","NAME":"N"}}`)
		got := c.ask("crm."+name+".get", fmt.Sprintf(`{"id":%v}`, id)).(map[string]any)
		fields := c.ask("crm."+name+".fields", `{}`).(map[string]any)
		for key := range got {
			if fields[key] == nil {
				t.Errorf("crm.%s: %s is not described", name, key)
			}
		}
		described, _ := fields[field].(map[string]any)
		if got[field] == nil || described["statusType"] == nil || described["upperName"] != nil {
			t.Errorf("crm.%s: %s is %v, described as %v", name, field, got[field], described)
		}
		if open, _ := fields["OPENED"].(map[string]any); open["type"] != "char" {
			t.Errorf("crm.%s: OPENED is described as %v", name, open)
		}
	}
}

func TestLegacyCommunicationsAreListsByType(t *testing.T) {
	c := openCRM(t, 3)
	c.ask("crm.contact.add", `{"fields":{"NAME":"Ann","PHONE":[{"VALUE":"+49 1","VALUE_TYPE":"WORK"},{"VALUE":"+49 2","VALUE_TYPE":"HOME"}],
		"EMAIL":[{"VALUE":"a@b.example"}]}}`)
	phones := func() any { return c.ask("crm.contact.get", `{"id":1}`).(map[string]any)["PHONE"] }
	row := func(id, kind, value string) any {
		return map[string]any{"ID": id, "VALUE_TYPE": kind, "VALUE": value, "TYPE_ID": "PHONE"}
	}
	if diff := cmp.Diff([]any{row("1", "WORK", "+49 1"), row("2", "HOME", "+49 2")}, phones()); diff != "" {
		t.Errorf("after add: %s", diff)
	}
	c.ask("crm.contact.update", `{"id":1,"fields":{"PHONE":[{"ID":1,"VALUE":"+49 9"},{"ID":"2","DELETE":"Y"},{"VALUE":"+49 3","VALUE_TYPE":"FAX"}]}}`)
	if diff := cmp.Diff([]any{row("1", "WORK", "+49 9"), row("4", "FAX", "+49 3")}, phones()); diff != "" {
		t.Errorf("after update: %s", diff)
	}
	listed := c.ask("crm.contact.list", `{"filter":{"PHONE":"+49 9"},"select":["NAME","EMAIL"]}`)
	want := []any{map[string]any{"ID": "1", "NAME": "Ann", "EMAIL": []any{
		map[string]any{"ID": "3", "VALUE_TYPE": "WORK", "VALUE": "a@b.example", "TYPE_ID": "EMAIL"}}}}
	if diff := cmp.Diff(want, listed); diff != "" {
		t.Errorf("list: %s", diff)
	}
	if _, shown := c.ask("crm.contact.list", `{}`).([]any)[0].(map[string]any)["PHONE"]; shown {
		t.Error("a list without a selection shows phones")
	}
}

// legacyIDs lists the ids that a legacy list answers with.
func (c *crm) legacyIDs(method, params string) string {
	c.t.Helper()
	var ids []string
	for _, row := range c.ask(method, params).([]any) {
		ids = append(ids, row.(map[string]any)["ID"].(string))
	}
	return strings.Join(ids, " ")
}

func TestLegacyFilters(t *testing.T) {
	c := openCRM(t, 3)
	for _, fields := range []string{
		`{"name":"Ann","lastName":"Lee","fm":[{"typeId":"PHONE","value":"+49 1"}]}`,
		`{"name":"Anna","lastName":"Lee","fm":[{"typeId":"EMAIL","value":"anna@b.example"}]}`,
		`{"name":"Bob","lastName":"A_b","assignedById":2}`,
	} {
		c.add(3, fields)
	}
	for name, tt := range map[string]struct{ params, want string }{
		"all, by id":                        {`{}`, "1 2 3"},
		"a bare key is equality":            {`{"filter":{"NAME":"Ann"}}`, "1"},
		"without wildcards":                 {`{"filter":{"NAME":"An%"}}`, ""},
		"another spelling of the filter":    {`{"FILTER":{"NAME":"Bob"}}`, "3"},
		"a part":                            {`{"filter":{"%NAME":"nn"}}`, "1 2"},
		"a pattern":                         {`{"filter":{"=%NAME":"A%"}}`, "1 2"},
		"not equal":                         {`{"filter":{"!NAME":"Ann"}}`, "2 3"},
		"any of several":                    {`{"filter":{"@ID":[1,3]}}`, "1 3"},
		"an array under a bare key":         {`{"filter":{"ID":["2","3"]}}`, "2 3"},
		"none of several":                   {`{"filter":{"!@ID":[1,3]}}`, "2"},
		"a user":                            {`{"filter":{"ASSIGNED_BY_ID":"2"}}`, "3"},
		"an order":                          {`{"order":{"LAST_NAME":"DESC","ID":"DESC"}}`, "2 1 3"},
		"an unknown key is not looked at":   {`{"filter":{"NMAE":"Ann"},"order":{"NMAE":"ASC"}}`, "1 2 3"},
		"names of today are unknown here":   {`{"filter":{"lastName":"Lee","createdBy":7}}`, "1 2 3"},
		"a phone":                           {`{"filter":{"PHONE":"+49 1"}}`, "1"},
		"a part of an e-mail":               {`{"filter":{"%EMAIL":"ANNA@"}}`, "2"},
		"no e-mail like this":               {`{"filter":{"!EMAIL":"anna@b.example"}}`, "1 3"},
		"any of no phones":                  {`{"filter":{"PHONE":[]}}`, ""},
		"a phone and a name":                {`{"filter":{"PHONE":"+49 1","NAME":"Bob"}}`, ""},
		"a page beyond the end":             {`{"start":50}`, ""},
		"a direction that is none sorts up": {`{"order":{"ID":"sideways"}}`, "1 2 3"},
	} {
		t.Run(name, func(t *testing.T) {
			c.t = t
			if got := c.legacyIDs("crm.contact.list", tt.params); got != tt.want {
				t.Errorf("%s: got %q, want %q", tt.params, got, tt.want)
			}
		})
	}
}

func TestLegacySelections(t *testing.T) {
	c := openCRM(t, 3)
	c.add(2, `{"title":"A","opportunity":5}`)
	for _, tt := range []struct{ sel, want string }{
		{`["TITLE","OPPORTUNITY"]`, "ID OPPORTUNITY TITLE"},
		{`["NOPE"]`, "ID"},
		{`["UF_*"]`, "ID"},
		{`["CONTACT_IDS"]`, "ID"},
	} {
		row := c.ask("crm.deal.list", `{"select":`+tt.sel+`}`).([]any)[0].(map[string]any)
		var keys []string
		for _, key := range []string{"CONTACT_IDS", "ID", "OPPORTUNITY", "TITLE"} {
			if _, ok := row[key]; ok {
				keys = append(keys, key)
			}
		}
		if got := strings.Join(keys, " "); got != tt.want || len(row) != len(keys) {
			t.Errorf("%s: %v, want %s", tt.sel, row, tt.want)
		}
	}
}

func TestLegacyListsCountAndPage(t *testing.T) {
	c := openCRM(t, 3)
	for range 51 {
		c.add(1, `{}`)
	}
	first, err := c.try("crm.lead.list", `{"select":["ID"]}`)
	if err != nil || !first.list || first.total != 51 || first.next != 50 {
		t.Errorf("first page: %+v, %v", first, err)
	}
	second, err := c.try("crm.lead.list", `{"start":50}`)
	if err != nil || second.next != 0 || len(second.value.([]any)) != 1 {
		t.Errorf("second page: %+v, %v", second, err)
	}
	if r, err := c.try("crm.lead.list", `{"start":-1}`); err != nil || r.list {
		t.Errorf("without counting: %+v, %v", r, err)
	}
}

func TestLegacyErrorsHaveTextsButNoCodes(t *testing.T) {
	c := openCRM(t, 3)
	c.add(2, `{}`)
	for _, tt := range []struct{ method, params, code, text string }{
		{"crm.deal.get", `{}`, "", "ID is not defined or invalid."},
		{"crm.deal.get", `{"id":0}`, "", "ID is not defined or invalid."},
		{"crm.deal.get", `{"id":9}`, "", "Not found"},
		{"crm.deal.update", `{"id":9,"fields":{}}`, "", "Not found"},
		{"crm.deal.update", `{"id":1}`, "", "Parameter 'fields' must be array."},
		{"crm.deal.add", `{"fields":"x"}`, "", "Parameter 'fields' must be array."},
		{"crm.deal.add", `{"fields":{},"params":"x"}`, "", "Parameter 'params' must be array."},
		{"crm.deal.add", `{"fields":{"CURRENCY_ID":"XXX"}}`, "", `Invalid value for the "Currency" field`},
		{"crm.deal.delete", `{"id":9}`, "", "Not found"},
		{"crm.contact.delete", `{"id":9}`, "ERROR_CORE", "Element not found"},
		{"crm.deal.list", `{"filter":"x"}`, "", "Parameter 'filter' must be array."},
		{"crm.deal.list", `{"order":"x"}`, "", "Parameter 'order' must be array."},
		{"crm.deal.list", `{"filter":{">ID":[1,2]}}`, "", "Invalid filter: field 'ID' has invalid value"},
	} {
		if code, text := c.refused(tt.method, tt.params); code != tt.code || text != tt.text {
			t.Errorf("%s %s: got %q %q, want %q %q", tt.method, tt.params, code, text, tt.code, tt.text)
		}
	}
	c.grant = &grant{rights: Rights{"read": LevelNone, "add": LevelNone, "update": LevelNone, "delete": LevelNone}}
	for _, method := range []string{"get", "update", "delete", "add", "list"} {
		if code, text := c.refused("crm.deal."+method, `{"id":1,"fields":{}}`); code != "" || text != "Access denied." {
			t.Errorf("without rights, %s: %q %q", method, code, text)
		}
	}
}

func TestALegacyFileComesInAndGoesOutWrapped(t *testing.T) {
	c := openCRM(t, 3)
	c.ask("crm.company.add", `{"fields":{"TITLE":"A","LOGO":{"fileData":["a.png","aGVsbG8="]}}}`)
	logo, _ := c.ask("crm.company.get", `{"id":1}`).(map[string]any)["LOGO"].(map[string]any)
	if logo["id"] != 1.0 || logo["showUrl"] == nil || logo["downloadUrl"] == nil {
		t.Errorf("the logo is %v", logo)
	}
	c.ask("crm.company.update", `{"id":1,"fields":{"LOGO":{"remove":"Y"}}}`)
	c.has(c.get(4, 1), map[string]any{"logo": nil})
}

func TestCustomFieldNamesOfParentsAreLegacyNames(t *testing.T) {
	c := openCRM(t, 3)
	spa := c.smart(`{"title":"P","relations":{"child":[{"entityTypeId":2,"isChildrenListEnabled":"true"}]}}`)
	etid := int(spa["entityTypeId"].(float64))
	c.add(etid, `{"title":"parent"}`)
	key := fmt.Sprintf("PARENT_ID_%d", etid)
	c.ask("crm.deal.add", `{"fields":{"`+key+`":1}}`)
	if got := c.ask("crm.deal.get", `{"id":1}`).(map[string]any)[key]; got != "1" {
		t.Errorf("%s is %v", key, got)
	}
	if got := c.legacyIDs("crm.deal.list", `{"filter":{"`+key+`":1}}`); got != "1" {
		t.Errorf("the filter finds %q", got)
	}
}

func TestBindingsAreTheListsOfTheItems(t *testing.T) {
	c := openCRM(t, 3)
	for range 3 {
		c.add(3, `{"name":"Ann"}`)
		c.add(4, `{"title":"Acme"}`)
	}
	c.add(1, `{}`)
	c.add(2, `{}`)
	c.add(7, `{}`)
	for _, b := range bindings {
		prefix := "crm." + b.owner + "." + b.target + "."
		call := func(method, rest string) any { return c.ask(prefix+method, `{"id":1`+rest+`}`) }
		linked := func() string {
			var ids []string
			for i, row := range call("items.get", "").([]any) {
				row := row.(map[string]any)
				if primary := row["IS_PRIMARY"] == "Y"; primary != (i == 0) || row["ROLE_ID"] != 0.0 || row["SORT"] != float64(10*(i+1)) {
					t.Errorf("%s: row %d is %v", prefix, i, row)
				}
				ids = append(ids, fmt.Sprint(row[b.key]))
			}
			return strings.Join(ids, " ")
		}
		item := func(id int, rest string) string { return fmt.Sprintf(`{"%s":%d%s}`, b.key, id, rest) }
		steps := []struct {
			do   func() any
			want any
			ids  string
		}{
			{func() any { return call("items.delete", "") }, true, ""},
			{func() any { return call("add", `,"fields":`+item(2, "")) }, true, "2"},
			{func() any { return call("add", `,"fields":`+item(2, "")) }, false, "2"},
			{func() any { return call("add", `,"fields":`+item(3, `,"IS_PRIMARY":"Y"`)) }, true, "3 2"},
			{func() any { return call("delete", `,"fields":`+item(1, "")) }, false, "3 2"},
			{func() any { return call("delete", `,"fields":`+item(3, "")) }, true, "2"},
			{func() any {
				return call("items.set", `,"items":[`+item(1, `,"SORT":300`)+","+item(2, `,"SORT":100`)+","+item(3, `,"SORT":400,"IS_PRIMARY":"Y"`)+"]")
			}, true, "3 2 1"},
			{func() any { return call("items.set", `,"items":[`+item(2, "")+","+item(1, "")+`]`) }, true, "2 1"},
		}
		for i, step := range steps {
			if got := step.do(); got != step.want || linked() != step.ids {
				t.Errorf("%s step %d: got %v and %q, want %v and %q", prefix, i, got, linked(), step.want, step.ids)
			}
		}
		if fields := c.ask(prefix+"fields", `{}`).(map[string]any); fields[b.key].(map[string]any)["isRequired"] != true {
			t.Errorf("%sfields: %v", prefix, fields)
		}
		for _, tt := range []struct{ method, params, text string }{
			{"items.get", `{}`, "The parameter 'ownerEntityID' is invalid or not defined."},
			{"items.get", `{"id":99}`, "Not found."},
			{"items.set", `{"id":1}`, "The parameter items must be array."},
			{"add", `{"id":1}`, "The parameter 'fields' must be array."},
			{"delete", `{"id":1,"fields":{}}`, "The parameter 'fields' is not valid."},
		} {
			if code, text := c.refused(prefix+tt.method, tt.params); code != "" || text != tt.text {
				t.Errorf("%s%s: %q %q, want %q", prefix, tt.method, code, text, tt.text)
			}
		}
	}
}

func TestContactsAndCompaniesShareOneRelation(t *testing.T) {
	c := openCRM(t, 3)
	c.add(4, `{"title":"A"}`)
	c.add(4, `{"title":"B"}`)
	c.add(3, `{"name":"Ann","companyIds":[2,1]}`)
	c.add(3, `{"name":"Bob"}`)
	c.has(c.get(4, 1), map[string]any{"contactIds": []any{1.0}})
	c.update(4, 1, `{"contactIds":[2,1]}`)
	c.has(c.get(3, 2), map[string]any{"companyIds": []any{1.0}, "companyId": 1.0})
	c.has(c.get(3, 1), map[string]any{"companyIds": []any{2.0, 1.0}, "companyId": 2.0})
	c.update(4, 2, `{"contactIds":[]}`)
	c.has(c.get(3, 1), map[string]any{"companyIds": []any{1.0}, "companyId": 1.0})
	c.update(3, 1, `{"companyIds":[]}`)
	c.has(c.get(4, 1), map[string]any{"contactIds": []any{2.0}})
}
