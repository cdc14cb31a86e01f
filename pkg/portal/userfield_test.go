package portal

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// userField adds a custom field with userfieldconfig and returns its answer.
func (c *crm) userField(object, name, kind, more string) map[string]any {
	c.t.Helper()
	return c.under("userfieldconfig.add", "field", fmt.Sprintf(
		`{"moduleId":"crm","field":{"entityId":%q,"fieldName":"UF_%s_%s","userTypeId":%q%s}}`, object, object, name, kind, more))
}

func (c *crm) changeUserField(id any, fields string) map[string]any {
	c.t.Helper()
	return c.under("userfieldconfig.update", "field", fmt.Sprintf(`{"moduleId":"crm","id":%v,"field":%s}`, id, fields))
}

func (c *crm) readUserField(id any) map[string]any {
	c.t.Helper()
	return c.under("userfieldconfig.get", "field", fmt.Sprintf(`{"moduleId":"crm","id":%v}`, id))
}

// same compares a value with one written as JSON.
func same(t *testing.T, what string, got any, want string) {
	t.Helper()
	v, err := decodeJSON([]byte(want))
	if err != nil {
		t.Fatalf("%s: %v", want, err)
	}
	if diff := cmp.Diff(plain(v), got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

// plain turns what decodeJSON returns into what encoding/json returns.
func plain(v any) any {
	switch v := v.(type) {
	case *Map:
		m := make(map[string]any)
		for _, key := range v.Keys() {
			item, _ := v.Get(key)
			m[key] = plain(item)
		}
		return m
	case []any:
		list := []any{}
		for _, item := range v {
			list = append(list, plain(item))
		}
		return list
	case fmt.Stringer:
		x, _ := floatValue(v.String())
		return x
	}
	return v
}

func TestUserFieldConfigAnswersStringsAndFullSettings(t *testing.T) {
	c := openCRM(t, 3)
	c.smart(`{"title":"Equipment"}`)
	got := c.userField("CRM_1", "GRADE", "enumeration", `,"xmlId":"grade","showFilter":"Y","sort":0,"showInList":"N",
		"listColumnLabel":{"en":"ignored"},"errorMessage":{"fr":"ignored"},"helpMessage":"ignored","settings":{"DISPLAY":"UI","FOREIGN":1},
		"editFormLabel":{"en":"Grade","ru":"Сорт"},"enum":[{"value":"A","def":"Y","sort":10,"xmlId":"A"},{"value":"B","def":"Y","sort":"20"},{"value":""}]`)
	key := got["enum"].([]any)[1].(map[string]any)["xmlId"].(string)
	if len(key) != 32 || strings.Trim(key, "0123456789abcdef") != "" {
		t.Errorf("the missing xmlId became %q, want an md5", key)
	}
	want := `{"id":"1","entityId":"CRM_1","fieldName":"UF_CRM_1_GRADE","userTypeId":"enumeration","xmlId":"grade","sort":"100",
		"multiple":"N","mandatory":"N","showFilter":"E","showInList":"Y","editInList":"Y","isSearchable":"N",
		"settings":{"DISPLAY":"UI","LIST_HEIGHT":1,"CAPTION_NO_VALUE":"","SHOW_NO_VALUE":"Y"},"languageId":{"en":"en","ru":"ru"},
		"editFormLabel":{"en":"Grade","ru":"Сорт"},"listColumnLabel":{"en":null,"ru":null},"listFilterLabel":{"en":null,"ru":null},
		"errorMessage":{"en":null,"ru":null},"helpMessage":{"en":null,"ru":null},
		"enum":[{"id":"1","userFieldId":"1","value":"A","def":"Y","sort":"10","xmlId":"A"},
			{"id":"2","userFieldId":"1","value":"B","def":"N","sort":"20","xmlId":"` + key + `"}]}`
	same(t, "add", got, want)
	same(t, "get", c.readUserField(1), want)
}

func TestEveryUserTypeNormalisesItsSettings(t *testing.T) {
	c := openCRM(t, 3)
	for i, tt := range []struct{ kind, sent, want string }{
		{"string", `{"MAX_LENGTH":"5","ROWS":0}`, `{"SIZE":20,"ROWS":1,"REGEXP":"","MIN_LENGTH":0,"MAX_LENGTH":5,"DEFAULT_VALUE":""}`},
		{"integer", `{"MIN_VALUE":"2","DEFAULT_VALUE":"7"}`, `{"SIZE":20,"MIN_VALUE":2,"MAX_VALUE":0,"DEFAULT_VALUE":7}`},
		{"double", `{}`, `{"PRECISION":0,"SIZE":20,"MIN_VALUE":0,"MAX_VALUE":0,"DEFAULT_VALUE":null}`},
		{"double", `{"PRECISION":99,"MAX_VALUE":1.5}`, `{"PRECISION":12,"SIZE":20,"MIN_VALUE":0,"MAX_VALUE":1.5,"DEFAULT_VALUE":null}`},
		{"boolean", `{"DEFAULT_VALUE":5,"DISPLAY":"WRONG","LABEL":["no","yes","?"]}`, `{"DEFAULT_VALUE":1,"DISPLAY":"CHECKBOX","LABEL":["no","yes"],"LABEL_CHECKBOX":""}`},
		{"boolean", `{"LABEL_CHECKBOX":{"en":"On"}}`, `{"DEFAULT_VALUE":0,"DISPLAY":"CHECKBOX","LABEL":["",""],"LABEL_CHECKBOX":{"en":"On"}}`},
		{"date", `{"DEFAULT_VALUE":{"TYPE":"NOW"}}`, `{"DEFAULT_VALUE":{"TYPE":"NOW","VALUE":""}}`},
		{"datetime", `{"DEFAULT_VALUE":"x","USE_SECOND":"N"}`, `{"DEFAULT_VALUE":{"TYPE":"NONE","VALUE":""},"USE_SECOND":"N","USE_TIMEZONE":"N"}`},
		{"enumeration", `{"LIST_HEIGHT":-3}`, `{"DISPLAY":"LIST","LIST_HEIGHT":1,"CAPTION_NO_VALUE":"","SHOW_NO_VALUE":"Y"}`},
		{"money", `{"DEFAULT_VALUE":"5|USD"}`, `{"DEFAULT_VALUE":"5|USD"}`},
		{"url", `{"POPUP":"N"}`, `{"POPUP":"N","SIZE":20,"MIN_LENGTH":0,"MAX_LENGTH":0,"DEFAULT_VALUE":"","ROWS":1}`},
		{"address", `{}`, `{"SHOW_MAP":"Y"}`},
		{"file", `{"EXTENSIONS":"pdf, png"}`, `{"SIZE":20,"LIST_WIDTH":0,"LIST_HEIGHT":0,"MAX_SHOW_SIZE":0,"MAX_ALLOWED_SIZE":0,"EXTENSIONS":["pdf","png"],"TARGET_BLANK":"Y"}`},
		{"file", `{}`, `{"SIZE":20,"LIST_WIDTH":0,"LIST_HEIGHT":0,"MAX_SHOW_SIZE":0,"MAX_ALLOWED_SIZE":0,"EXTENSIONS":[],"TARGET_BLANK":"Y"}`},
		{"employee", `{"ANY":1}`, `[]`},
		{"crm_status", `{"ENTITY_TYPE":"SOURCE"}`, `{"ENTITY_TYPE":"SOURCE"}`},
		{"crm", `{}`, `{"LEAD":"Y","CONTACT":"N","COMPANY":"N","DEAL":"N","QUOTE":"N","ORDER":"N","SMART_INVOICE":"N"}`},
		{"crm", `{"DYNAMIC_177":"Y","DYNAMIC_x":"Y"}`, `{"LEAD":"N","CONTACT":"N","COMPANY":"N","DEAL":"N","QUOTE":"N","ORDER":"N","SMART_INVOICE":"N","DYNAMIC_177":"Y"}`},
		{"iblock_element", `{"IBLOCK_ID":"9"}`, `{"IBLOCK_TYPE_ID":"","IBLOCK_ID":9,"DEFAULT_VALUE":"","DISPLAY":"LIST","LIST_HEIGHT":1,"ACTIVE_FILTER":"N"}`},
		{"rest_219_test", `{"ANY":1}`, `[]`},
	} {
		got := c.userField("CRM_DEAL", fmt.Sprint("F", i), tt.kind, `,"settings":`+tt.sent)
		same(t, tt.kind+" "+tt.sent, got["settings"], tt.want)
	}
}

func TestSettingsAreReplacedAsAWhole(t *testing.T) {
	c := openCRM(t, 3)
	f := c.userField("CRM_DEAL", "X", "double", `,"settings":{"PRECISION":3,"MAX_VALUE":9}`)
	same(t, "update", c.changeUserField(f["id"], `{"settings":{"MAX_VALUE":7}}`)["settings"],
		`{"PRECISION":0,"SIZE":20,"MIN_VALUE":0,"MAX_VALUE":7,"DEFAULT_VALUE":null}`)
	same(t, "untouched", c.changeUserField(f["id"], `{"sort":5}`)["settings"],
		`{"PRECISION":0,"SIZE":20,"MIN_VALUE":0,"MAX_VALUE":7,"DEFAULT_VALUE":null}`)
}

func TestImmutableTraitsOfAFieldAreIgnored(t *testing.T) {
	c := openCRM(t, 3)
	f := c.userField("CRM_DEAL", "X", "string", `,"multiple":"Y"`)
	got := c.changeUserField(f["id"], `{"entityId":"CRM_LEAD","fieldName":"UF_CRM_DEAL_Y","userTypeId":"integer","multiple":"N","mandatory":"Y","isSearchable":"Y","xmlId":"k"}`)
	c.has(got, map[string]any{
		"entityId": "CRM_DEAL", "fieldName": "UF_CRM_DEAL_X", "userTypeId": "string", "multiple": "Y",
		"mandatory": "Y", "isSearchable": "Y", "xmlId": "k", "id": f["id"],
	})
}

func TestTrap58AnyLabelMapWipesAllOthers(t *testing.T) {
	c := openCRM(t, 3)
	f := c.userField("CRM_DEAL", "X", "string", `,"editFormLabel":{"en":"One","de":"Eins"},"helpMessage":{"en":"Help"}`)
	id := f["id"]
	for _, sent := range []string{`{"sort":7}`, `{"editFormLabel":"text"}`, `{"listColumnLabel":{"en":"x"}}`, `{"helpMessage":"text"}`} {
		same(t, sent, c.changeUserField(id, sent)["editFormLabel"], `{"en":"One","de":"Eins"}`)
	}
	got := c.changeUserField(id, `{"editFormLabel":{"en":"Two"}}`)
	same(t, "languages", got["languageId"], `{"en":"en"}`)
	same(t, "labels", got["editFormLabel"], `{"en":"Two"}`)
	same(t, "help", got["helpMessage"], `{"en":null}`)
	got = c.changeUserField(id, `{"helpMessage":{"de":"Hilfe"}}`)
	same(t, "labels", got["editFormLabel"], `{"de":null}`)
}

func TestTrap59TheEnumIsReplacedAsAWhole(t *testing.T) {
	for _, multiple := range []string{"N", "Y"} {
		c := openCRM(t, 3)
		f := c.userField("CRM_DEAL", "GRADE", "enumeration", `,"multiple":"`+multiple+`","enum":[{"value":"A","xmlId":"a"},{"value":"B","xmlId":"b"},{"value":"C","xmlId":"c"}]`)
		send := map[string]string{"N": `{"ufCrmDealGrade":%d}`, "Y": `{"ufCrmDealGrade":[%d]}`}[multiple]
		for option := 1; option <= 3; option++ {
			c.add(2, fmt.Sprintf(send, option))
		}
		got := c.changeUserField(f["id"], `{"userTypeId":"enumeration","enum":[{"id":"1","value":"A2"},{"value":"B","xmlId":"b"},{"id":3,"value":"","del":"Y"}]}`)
		same(t, "options", got["enum"], `[
			{"id":"1","userFieldId":"1","value":"A2","def":"N","sort":"0","xmlId":"a"},
			{"id":"4","userFieldId":"1","value":"B","def":"N","sort":"0","xmlId":"b"}]`)
		want := map[string][]any{"N": {1.0, nil, nil}, "Y": {[]any{1.0}, []any{}, []any{}}}[multiple]
		for i, v := range want {
			c.has(c.get(2, i+1), map[string]any{"ufCrmDealGrade": v})
		}
	}
}

func TestTrap60NamingTheTypeWithoutAnEnumDeletesAllOptions(t *testing.T) {
	c := openCRM(t, 3)
	f := c.userField("CRM_DEAL", "GRADE", "enumeration", `,"enum":[{"value":"A"}]`)
	if got := c.changeUserField(f["id"], `{"enum":[]}`)["enum"].([]any); len(got) != 1 {
		t.Errorf("an enum without userTypeId left %d options, want 1", len(got))
	}
	if got := c.changeUserField(f["id"], `{"userTypeId":"enumeration"}`)["enum"].([]any); len(got) != 0 {
		t.Errorf("userTypeId without an enum left %v", got)
	}
}

func TestTrap61ADuplicateXMLIDSavesNoOptionUnderSuccess(t *testing.T) {
	c := openCRM(t, 3)
	twice := `"enum":[{"value":"A","xmlId":"a"},{"value":"B","xmlId":"a"}]`
	f := c.userField("CRM_DEAL", "GRADE", "enumeration", `,`+twice)
	same(t, "added", f["enum"], `[]`)
	c.changeUserField(f["id"], `{"userTypeId":"enumeration","enum":[{"value":"Z","xmlId":"z"}]}`)
	got := c.changeUserField(f["id"], `{"userTypeId":"enumeration",`+twice+`}`)["enum"]
	same(t, "updated", got, `[{"id":"1","userFieldId":"1","value":"Z","def":"N","sort":"0","xmlId":"z"}]`)
}

func TestUserFieldConfigRefusals(t *testing.T) {
	c := openCRM(t, 3)
	c.userField("CRM_DEAL", "X", "string", "")
	add := func(fields string) string { return `{"moduleId":"crm","field":` + fields + `}` }
	for _, tt := range []struct{ method, params, code, text string }{
		{"add", add(`{"entityId":"CRM_DEAL","fieldName":"UF_CRM_X","userTypeId":"string"}`), "", "You cannot create custom fields"},
		{"add", add(`{"entityId":"CRM_DEAL","fieldName":"uf_crm_deal_X","userTypeId":"string"}`), "", "You cannot create custom fields"},
		{"add", add(`{"entityId":"CRM_9","fieldName":"UF_CRM_9_X","userTypeId":"string"}`), "", "You cannot create custom fields"},
		{"add", add(`{"entityId":"CRM_DEAL","fieldName":"UF_CRM_DEAL_x","userTypeId":"string"}`), "", "Field name contains invalid characters. Allowed characters are: A-Z, 0-9 and _."},
		{"add", add(`{"entityId":"CRM_DEAL","fieldName":"UF_CRM_DEAL_X\" TEXT","userTypeId":"string"}`), "", "Field name contains invalid characters. Allowed characters are: A-Z, 0-9 and _."},
		{"add", add(`{"entityId":"CRM_DEAL","fieldName":"UF_CRM_DEAL_` + strings.Repeat("X", 39) + `","userTypeId":"string"}`), "", "Field name is too long (more than 50 characters)."},
		{"add", add(`{"entityId":"CRM_DEAL","fieldName":"UF_CRM_DEAL_X","userTypeId":"string"}`), "", "Field UF_CRM_DEAL_X for object CRM_DEAL already exists."},
		{"add", add(`{"entityId":"CRM_DEAL","fieldName":"UF_CRM_DEAL_Y","userTypeId":"colour"}`), "", "Fail to create new user field"},
		{"add", add(`{"entityId":"CRM_DEAL","fieldName":"UF_CRM_DEAL_Y"}`), "", "The 'USER_TYPE_ID' field is not found."},
		{"add", add(`{"entityId":"CRM_DEAL","userTypeId":"string"}`), "", "The 'FIELD_NAME' field is not found."},
		{"add", `{"moduleId":"crm"}`, "100", "Could not find value for parameter {field}"},
		{"get", `{"moduleId":"crm","id":99}`, "", "You do not have permission to view user field settings"},
		{"update", `{"moduleId":"crm","id":99,"field":{}}`, "", "You cannot change the settings of the user field"},
		{"delete", `{"moduleId":"crm","id":99}`, "", "You cannot delete the user field"},
		{"get", `{"id":1}`, "100", "Could not find value for parameter {moduleId}"},
		{"getTypes", `{"moduleId":"rpa"}`, "", "The current method required more scopes. (rpa)"},
		{"list", `{"moduleId":"user"}`, "", "No settings for UserFieldAccess"},
		{"list", `{"moduleId":"crm","filter":{"nope":1}}`, "INVALID_ARG_VALUE", "Invalid filter: field 'NOPE' is not allowed in filter"},
	} {
		code, text := c.refused("userfieldconfig."+tt.method, tt.params)
		if code != tt.code || text != tt.text {
			t.Errorf("%s %s: %q %q, want %q %q", tt.method, tt.params, code, text, tt.code, tt.text)
		}
	}
	c.user = 2
	if _, text := c.refused("userfieldconfig.add", add(`{"entityId":"CRM_DEAL","fieldName":"UF_CRM_DEAL_Y","userTypeId":"string"}`)); text != "You cannot create custom fields" {
		t.Errorf("an employee reads %q", text)
	}
}

func TestUserFieldListsComeBySortWithLabelsOfOneLanguage(t *testing.T) {
	c := openCRM(t, 3)
	c.userField("CRM_DEAL", "LATE", "string", `,"sort":300`)
	c.userField("CRM_DEAL", "GRADE", "enumeration", `,"sort":200,"enum":[{"value":"A"}],"editFormLabel":{"en":"Grade","de":"Note"}`)
	c.userField("CRM_LEAD", "X", "string", "")
	names := func(params string) []any {
		t.Helper()
		found := []any{}
		for _, row := range c.ask("userfieldconfig.list", `{"moduleId":"crm",`+params+`}`).(map[string]any)["fields"].([]any) {
			found = append(found, row.(map[string]any)["fieldName"])
		}
		return found
	}
	for params, want := range map[string]string{
		`"filter":{"entityId":"CRM_DEAL"}`: `["UF_CRM_DEAL_GRADE","UF_CRM_DEAL_LATE"]`,
		`"filter":{}`:                      `["UF_CRM_LEAD_X","UF_CRM_DEAL_GRADE","UF_CRM_DEAL_LATE"]`,
		`"order":{"fieldName":"DESC"},"filter":{"@id":[1,2]}`:         `["UF_CRM_DEAL_LATE","UF_CRM_DEAL_GRADE"]`,
		`"filter":{"userTypeId":"string","multiple":"N",">sort":100}`: `["UF_CRM_DEAL_LATE"]`,
		`"start":50`: `[]`,
	} {
		same(t, params, names(params), want)
	}
	r, err := c.try("userfieldconfig.list", `{"moduleId":"crm","start":0}`)
	if err != nil || !r.list || r.total != 3 || r.next != 0 {
		t.Errorf("list: %+v, %v, want a total of 3", r, err)
	}
	rows := c.ask("userfieldconfig.list", `{"moduleId":"crm","filter":{"id":2},"select":{"0":"*","language":"de"}}`).(map[string]any)["fields"].([]any)
	row := rows[0].(map[string]any)
	same(t, "label", row["editFormLabel"], `{"de":"Note"}`)
	same(t, "language", row["languageId"], `{"de":"de"}`)
	c.has(row, map[string]any{"helpMessage": nil, "enum": nil, "sort": "200"})
	rows = c.ask("userfieldconfig.list", `{"moduleId":"crm","filter":{"id":2},"select":["fieldName","editFormLabel"]}`).(map[string]any)["fields"].([]any)
	same(t, "selected", rows[0], `{"fieldName":"UF_CRM_DEAL_GRADE","editFormLabel":null}`)
}

func TestTypesOfCustomFieldsAreTheDocumentedOnes(t *testing.T) {
	c := openCRM(t, 3)
	types := c.ask("userfieldconfig.getTypes", `{"moduleId":"crm"}`).(map[string]any)["types"].(map[string]any)
	same(t, "enumeration", types["enumeration"], `{"userTypeId":"enumeration","description":"List"}`)
	var legacy []any
	for _, row := range c.ask("crm.userfield.types", `{}`).([]any) {
		legacy = append(legacy, row.(map[string]any)["ID"])
	}
	if len(types) != 16 || len(legacy) != 16 {
		t.Errorf("%d types and %d older ones, want 16 of each", len(types), len(legacy))
	}
	for _, id := range legacy {
		if types[id.(string)] == nil {
			t.Errorf("%s is missing from getTypes", id)
		}
	}
}

func TestDeletedFieldsTakeTheirValuesAndFilesAlong(t *testing.T) {
	c := openCRM(t, 3)
	spa := c.smart(`{"title":"E"}`)
	etid := int(spa["entityTypeId"].(float64))
	one := c.userField("CRM_1", "DOC", "file", "")
	many := c.userField("CRM_1", "DOCS", "file", `,"multiple":"Y"`)
	text := c.userField("CRM_1", "CODE", "string", "")
	item := c.add(etid, `{"ufCrm1Doc":["a.txt","YQ=="],"ufCrm1Docs":[["b.txt","Yg=="],["c.txt","Yw=="]],"ufCrm1Code":"x"}`)
	for i, f := range []map[string]any{one, many, text} {
		if got := c.ask("userfieldconfig.delete", fmt.Sprintf(`{"moduleId":"crm","id":%v}`, f["id"])); got != nil {
			t.Errorf("delete answers %v, want null", got)
		}
		if files := c.fieldRows("crm_file"); files != []int{2, 0, 0}[i] {
			t.Errorf("%d files after deletion %d", files, i)
		}
	}
	got := c.get(etid, item["id"])
	for key := range got {
		if strings.HasPrefix(key, "uf") {
			t.Errorf("%s is still in the answer", key)
		}
	}
	again := c.userField("CRM_1", "CODE", "string", "")
	c.has(c.get(etid, item["id"]), map[string]any{"ufCrm1Code": nil})
	if again["id"] != "4" {
		t.Errorf("the new field has the id %v, want 4", again["id"])
	}
	c.ask("crm.item.delete", fmt.Sprintf(`{"entityTypeId":%d,"id":%v}`, etid, item["id"]))
	c.ask("crm.type.delete", fmt.Sprintf(`{"id":%v}`, spa["id"]))
	if n := c.fieldRows("crm_userfield") + c.fieldRows("crm_userfield_label") + c.fieldRows("crm_userfield_enum"); n != 0 {
		t.Errorf("%d rows of custom fields outlive their type", n)
	}
}

// rows counts the rows of a table.
func (c *crm) fieldRows(table string) int {
	c.t.Helper()
	var n int
	if err := c.p.db.QueryRowContext(c.t.Context(), "SELECT count(*) FROM "+quoteName(table)).Scan(&n); err != nil {
		c.t.Fatal(err)
	}
	return n
}
