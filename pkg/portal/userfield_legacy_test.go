package portal

import (
	"fmt"
	"strings"
	"testing"
)

func TestOlderMethodsOfCustomFieldsShareOneStore(t *testing.T) {
	c := openCRM(t, 3)
	for i, object := range []string{"lead", "deal", "contact", "company", "quote", "invoice", "requisite"} {
		id := c.ask("crm."+object+".userfield.add", `{"fields":{"FIELD_NAME":"my_note","USER_TYPE_ID":"string","SHOW_FILTER":"Y"}}`)
		if id != float64(i+1) {
			t.Fatalf("%s: id %v, want %d", object, id, i+1)
		}
		got := c.ask("crm."+object+".userfield.get", fmt.Sprintf(`{"id":%v}`, id)).(map[string]any)
		c.has(got, map[string]any{
			"ID": fmt.Sprint(id), "ENTITY_ID": "CRM_" + strings.ToUpper(object), "FIELD_NAME": "UF_CRM_MY_NOTE", "USER_TYPE_ID": "string",
			"XML_ID": nil, "SORT": "100", "MULTIPLE": "N", "MANDATORY": "N", "SHOW_FILTER": "E", "SHOW_IN_LIST": "N",
			"EDIT_IN_LIST": "Y", "IS_SEARCHABLE": "N",
		})
		c.has(c.readUserField(id), map[string]any{"fieldName": "UF_CRM_MY_NOTE", "showFilter": "E"})
	}
	c.has(c.add(2, `{"ufCrmMyNote":"x"}`), map[string]any{"ufCrmMyNote": "x"})
	c.userField("CRM_DEAL", "MY_NOTE", "string", "") // both kinds of names live side by side
	if got := c.ask("crm.deal.userfield.delete", `{"id":2}`); got != true {
		t.Errorf("delete answers %v, want true", got)
	}
	got := c.get(2, 1)
	if _, left := got["ufCrmMyNote"]; left {
		t.Error("the deleted field is still in the answer")
	}
	c.has(got, map[string]any{"ufCrmDealMyNote": nil})
}

func TestOlderMethodsPrefixNames(t *testing.T) {
	for name, want := range map[string]string{
		"MANAGER_NOTE": "UF_CRM_MANAGER_NOTE", "UF_MANAGER_NOTE": "UF_CRM_MANAGER_NOTE", "UF_CRM_MANAGER_NOTE": "UF_CRM_MANAGER_NOTE",
		"manager": "UF_CRM_MANAGER", strings.Repeat("X", 43): "UF_CRM_" + strings.Repeat("X", 43),
	} {
		c := openCRM(t, 3)
		id := c.ask("crm.deal.userfield.add", fmt.Sprintf(`{"FIELDS":{"FIELD_NAME":%q,"USER_TYPE_ID":"string"}}`, name))
		c.has(c.readUserField(id), map[string]any{"fieldName": want})
	}
}

func TestOlderMethodsSpreadLabelsOverAllLanguages(t *testing.T) {
	c := openCRM(t, 3)
	c.ask("crm.deal.userfield.add", `{"fields":{"FIELD_NAME":"X","USER_TYPE_ID":"string","LABEL":"Any","EDIT_FORM_LABEL":{"de":"Feld"},"HELP_MESSAGE":"Help"}}`)
	get := func() map[string]any { return c.ask("crm.deal.userfield.get", `{"id":1}`).(map[string]any) }
	texts := func(kind string) []any {
		m := get()[kind].(map[string]any)
		return []any{float64(len(m)), m["en"], m["de"], m["ru"]}
	}
	same(t, "edit", texts("EDIT_FORM_LABEL"), `[21,"Any","Feld","Any"]`)
	same(t, "column", texts("LIST_COLUMN_LABEL"), `[21,"Any","Any","Any"]`)
	same(t, "help", texts("HELP_MESSAGE"), `[21,"Help","Help","Help"]`)
	if got := c.ask("crm.deal.userfield.update", `{"id":1,"fields":{"EDIT_FORM_LABEL":{"en":"New"}}}`); got != true {
		t.Errorf("update answers %v, want true", got)
	}
	same(t, "edit", texts("EDIT_FORM_LABEL"), `[21,"New","",""]`)
	same(t, "untouched", texts("LIST_COLUMN_LABEL"), `[21,"Any","Any","Any"]`)
}

func TestOlderMethodsChangeOnlyWhatIsSent(t *testing.T) {
	c := openCRM(t, 3)
	c.ask("crm.deal.userfield.add", `{"fields":{"FIELD_NAME":"D","USER_TYPE_ID":"double","SETTINGS":{"MAX_VALUE":5}}}`)
	settings := func(id int) any {
		return c.ask("crm.deal.userfield.get", fmt.Sprintf(`{"id":%d}`, id)).(map[string]any)["SETTINGS"]
	}
	same(t, "two decimal places, no unknown setting", settings(1), `{"PRECISION":2,"SIZE":20,"MIN_VALUE":0,"MAX_VALUE":0,"DEFAULT_VALUE":null}`)
	c.ask("crm.deal.userfield.update", `{"id":1,"fields":{"SETTINGS":{"DEFAULT_VALUE":1.5},"MANDATORY":"Y","USER_TYPE_ID":"string"}}`)
	same(t, "merged", settings(1), `{"PRECISION":2,"SIZE":20,"MIN_VALUE":0,"MAX_VALUE":0,"DEFAULT_VALUE":1.5}`)
	c.has(c.readUserField(1), map[string]any{"mandatory": "Y", "userTypeId": "double"})

	linked := c.userField("CRM_DEAL", "LINK", "crm", `,"settings":{"DYNAMIC_177":"Y"}`)
	c.ask("crm.deal.userfield.update", fmt.Sprintf(`{"id":%v,"fields":{"SETTINGS":{"DEAL":"Y","QUOTE":"Y"}}}`, linked["id"]))
	same(t, "links", settings(2), `{"LEAD":"N","CONTACT":"N","COMPANY":"N","DEAL":"Y","QUOTE":"N","ORDER":"N","SMART_INVOICE":"N","DYNAMIC_177":"Y"}`)

	c.ask("crm.deal.userfield.add", `{"fields":{"FIELD_NAME":"E","USER_TYPE_ID":"enumeration","LIST":[{"VALUE":"A","SORT":10,"DEF":"Y","XML_ID":"a"},{"VALUE":"B","SORT":20,"XML_ID":"b"}]}}`)
	c.ask("crm.deal.userfield.update", `{"id":3,"fields":{"LIST":[{"ID":"2","VALUE":"B2"},{"VALUE":"C","SORT":5,"XML_ID":"c"}]}}`)
	list := func() any { return c.ask("crm.deal.userfield.get", `{"id":3}`).(map[string]any)["LIST"] }
	same(t, "list", list(), `[{"ID":"3","SORT":"5","VALUE":"C","DEF":"N","XML_ID":"c"},
		{"ID":"1","SORT":"10","VALUE":"A","DEF":"Y","XML_ID":"a"},{"ID":"2","SORT":"20","VALUE":"B2","DEF":"N","XML_ID":"b"}]`)
	c.ask("crm.deal.userfield.update", `{"id":3,"fields":{"LIST":[{"ID":1,"VALUE":"A","DEL":"Y"}]}}`)
	same(t, "after DEL", list(), `[{"ID":"3","SORT":"5","VALUE":"C","DEF":"N","XML_ID":"c"},{"ID":"2","SORT":"20","VALUE":"B2","DEF":"N","XML_ID":"b"}]`)
}

func TestOlderListsOfCustomFields(t *testing.T) {
	c := openCRM(t, 3)
	c.ask("crm.deal.userfield.add", `{"fields":{"FIELD_NAME":"S","USER_TYPE_ID":"string","SORT":300,"LABEL":"Any","MULTIPLE":"Y"}}`)
	c.ask("crm.deal.userfield.add", `{"fields":{"FIELD_NAME":"E","USER_TYPE_ID":"enumeration","LIST":[{"VALUE":"A","XML_ID":"a"}]}}`)
	c.ask("crm.lead.userfield.add", `{"fields":{"FIELD_NAME":"S","USER_TYPE_ID":"string"}}`)
	for params, want := range map[string]string{
		`{}`:                                    `["2","1"]`,
		`{"order":{"ID":"ASC","NOPE":"ASC"}}`:   `["1","2"]`,
		`{"order":{"ID":"sideways"}}`:           `["2","1"]`,
		`{"filter":{"MULTIPLE":"Y","NOPE":1}}`:  `["1"]`,
		`{"filter":{"!USER_TYPE_ID":"string"}}`: `["2"]`,
		`{"filter":{">=SORT":300}}`:             `["1"]`,
		`{"filter":{"ENTITY_ID":"CRM_LEAD"}}`:   `[]`,
	} {
		ids := []any{}
		for _, row := range c.ask("crm.deal.userfield.list", params).([]any) {
			ids = append(ids, row.(map[string]any)["ID"])
		}
		same(t, params, ids, want)
	}
	r, err := c.try("crm.deal.userfield.list", `{}`)
	if err != nil || !r.list || r.total != 2 {
		t.Errorf("list: %+v, %v, want a total of 2", r, err)
	}
	rows := c.ask("crm.deal.userfield.list", `{"filter":{"LANG":"en"}}`).([]any)
	same(t, "options", rows[0].(map[string]any)["LIST"], `[{"ID":"1","SORT":"0","VALUE":"A","DEF":"N","XML_ID":"a"}]`)
	c.has(rows[1].(map[string]any), map[string]any{"EDIT_FORM_LABEL": "Any", "HELP_MESSAGE": "Any"})
	bare := c.ask("crm.deal.userfield.list", `{}`).([]any)[1].(map[string]any)
	if _, has := bare["EDIT_FORM_LABEL"]; has {
		t.Error("labels are listed without LANG")
	}
}

func TestOlderMethodsOfCustomFieldsRefuse(t *testing.T) {
	c := openCRM(t, 3)
	c.ask("crm.deal.userfield.add", `{"fields":{"FIELD_NAME":"X","USER_TYPE_ID":"enumeration"}}`)
	twice := `"LIST":[{"VALUE":"A","XML_ID":"a"},{"VALUE":"B","XML_ID":"a"}]`
	for _, tt := range []struct{ method, params, code, text string }{
		{"crm.deal.userfield.add", `{}`, "", "Parameter 'fields' must be array."},
		{"crm.deal.userfield.add", `{"fields":{}}`, "", "The 'FIELD_NAME' field is not found.\nThe 'USER_TYPE_ID' field is not found."},
		{"crm.deal.userfield.add", `{"fields":{"FIELD_NAME":"Y"}}`, "", "The 'USER_TYPE_ID' field is not found."},
		{"crm.deal.userfield.add", `{"fields":{"FIELD_NAME":"Y","USER_TYPE_ID":"colour"}}`, "ERROR_CORE", "Incorrect custom type specified."},
		{"crm.deal.userfield.add", `{"fields":{"FIELD_NAME":"Y-1","USER_TYPE_ID":"string"}}`, "ERROR_CORE", "Field name contains invalid characters. Allowed characters are: A-Z, 0-9 and _."},
		{"crm.deal.userfield.add", `{"fields":{"FIELD_NAME":"` + strings.Repeat("Y", 44) + `","USER_TYPE_ID":"string"}}`, "ERROR_CORE", "Field name is too long (more than 50 characters)."},
		{"crm.deal.userfield.add", `{"fields":{"FIELD_NAME":"x","USER_TYPE_ID":"string"}}`, "ERROR_CORE", "Field UF_CRM_X for object CRM_DEAL already exists."},
		{"crm.deal.userfield.add", `{"fields":{"FIELD_NAME":"Y","USER_TYPE_ID":"enumeration",` + twice + `}}`, "ERROR_CORE", "List item with value XML_ID=a already exists."},
		{"crm.deal.userfield.update", `{"id":1,"fields":{` + twice + `}}`, "ERROR_CORE", "List item with value XML_ID=a already exists."},
		{"crm.deal.userfield.get", `{}`, "", "ID is not defined or invalid."},
		{"crm.deal.userfield.get", `{"id":99}`, "ERROR_NOT_FOUND", "The entity with ID '99' is not found."},
		{"crm.lead.userfield.delete", `{"id":1}`, "", "Access denied."},
		{"crm.deal.userfield.list", `{"filter":"x"}`, "", "Parameter 'filter' must be array."},
		{"crm.userfield.settings.fields", `{}`, "", "Parameter 'type' is not specified or empty."},
	} {
		if code, text := c.refused(tt.method, tt.params); code != tt.code || text != tt.text {
			t.Errorf("%s %s: %q %q, want %q %q", tt.method, tt.params, code, text, tt.code, tt.text)
		}
	}
	c.user = 2
	for _, method := range []string{"add", "update", "delete"} {
		if _, text := c.refused("crm.deal.userfield."+method, `{"id":1,"fields":{"FIELD_NAME":"Y","USER_TYPE_ID":"string"}}`); text != "Access denied." {
			t.Errorf("%s by an employee: %q", method, text)
		}
	}
	if c.fieldRows("crm_userfield") != 1 {
		t.Error("a refused field was stored")
	}
}

func TestDescriptionsOfCustomFieldsAreTheDocumentedOnes(t *testing.T) {
	c := openCRM(t, 3)
	same(t, "double", c.ask("crm.userfield.settings.fields", `{"type":"double"}`),
		`{"DEFAULT_VALUE":{"type":"double","title":"Default Value"},"PRECISION":{"type":"int","title":"Precision"}}`)
	same(t, "employee", c.ask("crm.userfield.settings.fields", `{"type":"employee"}`), `[]`)
	same(t, "options", c.ask("crm.userfield.enumeration.fields", `{}`), `{"ID":{"type":"int","title":"ID","isReadOnly":true},
		"SORT":{"type":"int","title":"Sorting"},"VALUE":{"type":"string","title":"Value"},"DEF":{"type":"string","title":"Default Value"},
		"DEL":{"type":"string","title":"Element Deletion Flag"}}`)
	same(t, "fields", c.ask("crm.userfield.fields", `{}`), `{
		"ID":{"type":"int","title":"ID","isReadOnly":true},
		"ENTITY_ID":{"type":"string","title":"Object","isImmutable":true},
		"FIELD_NAME":{"type":"string","title":"Code","isImmutable":true},
		"USER_TYPE_ID":{"type":"string","title":"Data Type","isImmutable":true},
		"XML_ID":{"type":"string","title":"External ID (XML ID)"},
		"SORT":{"type":"int","title":"Sorting"},
		"MULTIPLE":{"type":"char","title":"Multiple"},
		"MANDATORY":{"type":"char","title":"Mandatory"},
		"SHOW_FILTER":{"type":"char","title":"Show in list filter"},
		"SHOW_IN_LIST":{"type":"char","title":"Show in list"},
		"EDIT_IN_LIST":{"type":"char","title":"Allow user editing"},
		"IS_SEARCHABLE":{"type":"char","title":"Field values are searchable"},
		"EDIT_FORM_LABEL":{"type":"string","title":"Label in edit form"},
		"LIST_COLUMN_LABEL":{"type":"string","title":"Header in list"},
		"LIST_FILTER_LABEL":{"type":"string","title":"Filter label in list"},
		"ERROR_MESSAGE":{"type":"string","title":"Error message"},
		"HELP_MESSAGE":{"type":"string","title":"Help"},
		"LIST":{"type":"uf_enum_element","title":"List elements","isMultiple":true},
		"SETTINGS":{"type":"object","title":"Additional settings (dependent on type)"}}`)
}
