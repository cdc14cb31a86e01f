package portal

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// object calls a method whose result is an object.
func (c *crm) object(name, params string) map[string]any {
	c.t.Helper()
	m, ok := c.ask(name, params).(map[string]any)
	if !ok {
		c.t.Fatalf("%s %s: no object", name, params)
	}
	return m
}

// same compares the result of a method.
func (c *crm) same(want any, name, params string) {
	c.t.Helper()
	if diff := cmp.Diff(want, c.ask(name, params)); diff != "" {
		c.t.Errorf("%s %s differs (-want +got):\n%s", name, params, diff)
	}
}

// refusals checks the codes and texts of calls that must fail.
func (c *crm) refusals(prefix string, list []refusal) {
	c.t.Helper()
	for _, tt := range list {
		if code, text := c.refused(prefix+tt.method, tt.params); code != tt.code || text != tt.text {
			c.t.Errorf("%s%s %s: %q %q, want %q %q", prefix, tt.method, tt.params, code, text, tt.code, tt.text)
		}
	}
}

type refusal struct{ method, params, code, text string }

// openClients opens a portal with a company, a contact and a requisite each.
func openClients(t *testing.T) *crm {
	c := openCRM(t, 3)
	c.now = time.Date(2026, 8, 21, 10, 0, 0, 0, c.p.zone)
	c.add(4, `{"title":"Acme"}`)
	c.add(3, `{"name":"Ann"}`)
	c.same(1.0, "crm.requisite.add", `{"fields":{"ENTITY_TYPE_ID":4,"ENTITY_ID":1,"PRESET_ID":"1","NAME":"Main","XML_ID":"k1","RQ_INN":7717586110}}`)
	c.same(2.0, "crm.requisite.add", `{"fields":{"entity_type_id":"3","ENTITY_ID":"1","PRESET_ID":3,"NAME":"Private","ACTIVE":"N","SORT":"10"}}`)
	return c
}

func TestARequisiteIsReadAsStrings(t *testing.T) {
	c := openClients(t)
	got := c.object("crm.requisite.get", `{"id":"1"}`)
	c.has(got, map[string]any{
		"ID": "1", "ENTITY_TYPE_ID": "4", "ENTITY_ID": "1", "PRESET_ID": "1", "NAME": "Main", "XML_ID": "k1", "RQ_INN": "7717586110",
		"DATE_CREATE": "2026-08-21T10:00:00+03:00", "DATE_MODIFY": "", "CREATED_BY_ID": "1", "MODIFY_BY_ID": nil, "ACTIVE": "Y",
		"ADDRESS_ONLY": "N", "SORT": "500", "RQ_VAT_PAYER": "N", "CODE": nil, "RQ_CPF": nil,
	})
	if len(got) != len(requisiteTable) {
		t.Errorf("%d keys, want %d", len(got), len(requisiteTable))
	}
	c.has(c.object("crm.requisite.get", `{"ID":2}`), map[string]any{"ACTIVE": "N", "SORT": "10"})
	fields := c.object("crm.requisite.fields", `{}`)
	want := map[string]any{
		"type": "crm_status", "isRequired": false, "isReadOnly": false, "isImmutable": false, "isMultiple": false, "isDynamic": false,
		"statusType": []any{"RQ_IDENT_TYPE_CO"}, "title": "RQ_IDENT_TYPE",
	}
	if diff := cmp.Diff(want, fields["RQ_IDENT_TYPE"]); diff != "" {
		t.Errorf("field differs (-want +got):\n%s", diff)
	}
}

func TestARequisiteKeepsItsOwnerAndTemplate(t *testing.T) {
	c := openClients(t)
	c.now = c.now.Add(time.Minute)
	c.user = 2
	c.same(true, "crm.requisite.update", `{"id":1,"fields":{"ENTITY_ID":9,"PRESET_ID":2,"CREATED_BY_ID":7,"NAME":"New","XML_ID":"","NOPE":1}}`)
	c.has(c.object("crm.requisite.get", `{"id":1}`), map[string]any{
		"ENTITY_ID": "1", "PRESET_ID": "1", "CREATED_BY_ID": "1", "NAME": "New", "XML_ID": nil,
		"DATE_MODIFY": "2026-08-21T10:01:00+03:00", "MODIFY_BY_ID": "2",
	})
}

func TestLegacyListsSelectFilterOrderAndPage(t *testing.T) {
	c := openClients(t)
	for i := range 60 {
		c.ask("crm.requisite.add", fmt.Sprintf(`{"fields":{"ENTITY_TYPE_ID":4,"ENTITY_ID":1,"PRESET_ID":1,"NAME":"R%02d","XML_ID":"x%d"}}`, i, i))
	}
	c.same([]any{map[string]any{"NAME": "R07"}}, "crm.requisite.list", `{"SELECT":["NAME","NOPE"],"FILTER":{"=xml_id":"X7"}}`)
	c.same([]any{map[string]any{"ID": "2"}, map[string]any{"ID": "1"}}, "crm.requisite.list",
		`{"select":["ID"],"filter":{"@ID":[1,2]},"order":{"sort":"asc","ID":"desc"}}`)
	r, err := c.try("crm.requisite.list", `{"filter":{"ENTITY_TYPE_ID":4},"order":{"ID":"ASC"},"start":50}`)
	if rows, _ := r.value.([]any); err != nil || r.total != 61 || r.next != 0 || len(rows) != 11 {
		t.Errorf("%d rows of %d, next %d, %v", len(rows), r.total, r.next, err)
	}
	if r, err = c.try("crm.requisite.list", `{"start":-1}`); err != nil || r.list {
		t.Errorf("start -1 counts: %+v, %v", r.list, err)
	}
	for _, params := range []string{`{"filter":{"NOPE":1}}`, `{"order":{"NOPE":"ASC"}}`, `{"filter":"x"}`, `{"order":{"ID":"UP"}}`, `{"select":"x"}`} {
		if code, text := c.refused("crm.requisite.list", params); code != "" || text == "" {
			t.Errorf("%s: %q %q", params, code, text)
		}
	}
}

func TestRequisitesRefuseWhatTheDocumentationSays(t *testing.T) {
	c := openClients(t)
	c.refusals("crm.requisite.", []refusal{
		{"add", `{}`, "", "Parameter 'fields' must be array."},
		{"add", `{"fields":{"ENTITY_ID":1,"PRESET_ID":1}}`, "", "ENTITY_TYPE_ID is not defined or invalid."},
		{"add", `{"fields":{"ENTITY_TYPE_ID":2,"ENTITY_ID":1,"PRESET_ID":1}}`, "", "ENTITY_TYPE_ID is not defined or invalid."},
		{"add", `{"fields":{"ENTITY_TYPE_ID":3,"PRESET_ID":1}}`, "", "ENTITY_ID is not defined or invalid."},
		{"add", `{"fields":{"ENTITY_TYPE_ID":3,"ENTITY_ID":1,"PRESET_ID":9}}`, "", "PRESET_ID is not defined or invalid."},
		{"add", `{"fields":{"ENTITY_TYPE_ID":3,"ENTITY_ID":9,"PRESET_ID":1}}`, "", "Entity not found."},
		{"get", `{}`, "", "ID is not defined or invalid."},
		{"get", `{"id":27}`, "", "The Requisite with ID '27' is not found"},
		{"update", `{"id":57,"fields":{}}`, "", "The Requisite with ID '57' is not found"},
		{"delete", `{"id":57}`, "", "The Requisite with ID '57' is not found"},
		{"bankdetail.add", `{"fields":{"NAME":"x"}}`, "", "ENTITY_ID is not defined or invalid."},
		{"bankdetail.get", `{"id":357}`, "", "The RequisiteBankDetail with ID '357' is not found"},
		{"preset.get", `{"id":347}`, "", "The Preset with ID '347' is not found"},
		{"preset.add", `{"fields":{"COUNTRY_ID":1,"NAME":"x"}}`, "", "ENTITY_TYPE_ID is not defined or invalid."},
		{"preset.add", `{"fields":{"ENTITY_TYPE_ID":8,"COUNTRY_ID":2,"NAME":"x"}}`, "", "COUNTRY_ID is not defined or invalid."},
		{"preset.add", `{"fields":{"ENTITY_TYPE_ID":8,"COUNTRY_ID":1}}`, "", "NAME is not defined or invalid."},
		{"preset.delete", `{"id":1}`, "", "You cannot delete the template because requisites have already been created for it"},
	})
}

func TestANewPortalHasTemplatesWithExternalCodes(t *testing.T) {
	c := openCRM(t, 3)
	c.same([]any{map[string]any{"ID": "1", "ENTITY_TYPE_ID": "8", "COUNTRY_ID": "1"}}, "crm.requisite.preset.list",
		`{"select":["ID","ENTITY_TYPE_ID","COUNTRY_ID"],"filter":{"=XML_ID":"#CRM_REQUISITE_PRESET_DEF_RU_COMPANY#"}}`)
	c.same(4.0, "crm.requisite.preset.add", `{"fields":{"ENTITY_TYPE_ID":8,"COUNTRY_ID":46,"NAME":"GmbH"}}`)
	c.same(true, "crm.requisite.preset.delete", `{"id":4}`)
	c.same(5.0, "crm.requisite.preset.add", `{"fields":{"ENTITY_TYPE_ID":8,"COUNTRY_ID":46,"NAME":"GmbH"}}`)
	if list := c.ask("crm.requisite.preset.countries", `{}`).([]any); !cmp.Equal(list[5], any(map[string]any{"ID": 46.0, "CODE": "DE", "TITLE": "Germany"})) {
		t.Errorf("countries %v", list)
	}
}

func TestABankDetailTakesTheCountryOfItsTemplate(t *testing.T) {
	c := openClients(t)
	c.same(1.0, "crm.requisite.bankdetail.add", `{"fields":{"ENTITY_ID":1,"NAME":"Bank","RQ_ACC_NUM":"407"}}`)
	c.same(2.0, "crm.requisite.bankdetail.add", `{"fields":{"ENTITY_ID":1,"COUNTRY_ID":46,"NAME":"Bank"}}`)
	c.has(c.object("crm.requisite.bankdetail.get", `{"id":1}`), map[string]any{"COUNTRY_ID": "1", "RQ_ACC_NUM": "407", "ENTITY_ID": "1", "SORT": "500"})
	c.has(c.object("crm.requisite.bankdetail.get", `{"id":2}`), map[string]any{"COUNTRY_ID": "46"})
}

func TestAddressesAreKeyedByTypeAndOwner(t *testing.T) {
	c := openClients(t)
	c.add(1, `{}`)
	add := `{"fields":{"TYPE_ID":1,"ENTITY_TYPE_ID":8,"ENTITY_ID":"1",%s}}`
	c.same(true, "crm.address.add", fmt.Sprintf(add, `"ADDRESS_1":"Hill 1","CITY":"Köln"`))
	want := map[string]any{
		"TYPE_ID": "1", "ENTITY_TYPE_ID": "8", "ENTITY_ID": "1", "ADDRESS_1": "Hill 1", "ADDRESS_2": nil, "CITY": "Köln", "POSTAL_CODE": nil,
		"REGION": nil, "PROVINCE": nil, "COUNTRY": nil, "COUNTRY_CODE": nil, "LOC_ADDR_ID": "1", "ANCHOR_TYPE_ID": "4", "ANCHOR_ID": "1",
	}
	c.same([]any{want}, "crm.address.list", `{"filter":{"ENTITY_TYPE_ID":8,"ENTITY_ID":1}}`)
	c.same(true, "crm.address.update", fmt.Sprintf(add, `"POSTAL_CODE":"50667"`))
	want["POSTAL_CODE"] = "50667"
	c.same([]any{want}, "crm.address.list", `{}`)
	c.same(true, "crm.address.add", fmt.Sprintf(add, `"CITY":"Bonn"`))
	want["CITY"], want["ADDRESS_1"], want["POSTAL_CODE"] = "Bonn", nil, nil
	c.same([]any{want}, "crm.address.list", `{}`)
	c.same(true, "crm.address.add", `{"fields":{"TYPE_ID":6,"ENTITY_TYPE_ID":1,"ENTITY_ID":1,"LOC_ADDR_ID":1}}`)
	c.same([]any{map[string]any{"CITY": "Bonn", "ANCHOR_TYPE_ID": "1", "LOC_ADDR_ID": "2"}}, "crm.address.list",
		`{"select":["CITY","ANCHOR_TYPE_ID","LOC_ADDR_ID"],"filter":{"TYPE_ID":6}}`)
	c.same(true, "crm.address.delete", `{"fields":{"TYPE_ID":6,"ENTITY_TYPE_ID":1,"ENTITY_ID":1}}`)
	c.same([]any{want}, "crm.address.list", `{}`)
	c.refusals("crm.address.", []refusal{
		{"add", `{"fields":{"TYPE_ID":2,"ENTITY_TYPE_ID":8,"ENTITY_ID":1}}`, "", "TYPE_ID is not defined or invalid."},
		{"add", `{"fields":{"TYPE_ID":1,"ENTITY_TYPE_ID":4,"ENTITY_ID":1}}`, "", "ENTITY_TYPE_ID is not defined or invalid."},
		{"add", `{"fields":{"TYPE_ID":1,"ENTITY_TYPE_ID":8,"ENTITY_ID":9}}`, "", "ENTITY_ID is not defined or invalid."},
		{"update", `{"fields":{"TYPE_ID":1,"ENTITY_TYPE_ID":8}}`, "", "ENTITY_ID is not defined or invalid."},
		{"update", `{"fields":{"TYPE_ID":4,"ENTITY_TYPE_ID":8,"ENTITY_ID":1}}`, "", "TypeAddress not found."},
		{"delete", `{"fields":{"TYPE_ID":4,"ENTITY_TYPE_ID":8,"ENTITY_ID":1}}`, "", "TypeAddress not found."},
	})
}

func TestADealChoosesRequisitesOfItsOwnParties(t *testing.T) {
	c := openClients(t)
	c.add(4, `{"title":"We","isMyCompany":"Y"}`)
	c.add(2, `{"companyId":1}`)
	c.ask("crm.requisite.add", `{"fields":{"ENTITY_TYPE_ID":4,"ENTITY_ID":2,"PRESET_ID":1,"NAME":"We"}}`)
	c.ask("crm.requisite.bankdetail.add", `{"fields":{"ENTITY_ID":1,"NAME":"Bank"}}`)
	register := func(requisite, bank, own, ownBank int) string {
		return fmt.Sprintf(`{"fields":{"ENTITY_TYPE_ID":2,"ENTITY_ID":1,"REQUISITE_ID":%d,"BANK_DETAIL_ID":%d,"MC_REQUISITE_ID":%d,"MC_BANK_DETAIL_ID":%d}}`,
			requisite, bank, own, ownBank)
	}
	c.same(true, "crm.requisite.link.register", register(1, 1, 3, 0))
	c.same(map[string]any{
		"ENTITY_TYPE_ID": 2.0, "ENTITY_ID": 1.0, "REQUISITE_ID": "1", "BANK_DETAIL_ID": "1", "MC_REQUISITE_ID": "3", "MC_BANK_DETAIL_ID": "0",
	}, "crm.requisite.link.get", `{"entityTypeId":2,"entityId":"1"}`)
	c.same(true, "crm.requisite.link.register", register(1, 0, 0, 0))
	c.same([]any{map[string]any{
		"ENTITY_TYPE_ID": "2", "ENTITY_ID": "1", "REQUISITE_ID": "1", "BANK_DETAIL_ID": "0", "MC_REQUISITE_ID": "0", "MC_BANK_DETAIL_ID": "0",
	}}, "crm.requisite.link.list", `{}`)
	c.refusals("crm.requisite.link.", []refusal{
		{"register", `{"fields":{"ENTITY_TYPE_ID":2,"ENTITY_ID":1}}`, "", "REQUISITE_ID is not defined or invalid."},
		{"register", `{"fields":{"ENTITY_TYPE_ID":3,"ENTITY_ID":1,"REQUISITE_ID":0,"BANK_DETAIL_ID":0,"MC_REQUISITE_ID":0,"MC_BANK_DETAIL_ID":0}}`, "", "ENTITY_TYPE_ID is not defined or invalid."},
		{"register", `{"fields":{"ENTITY_TYPE_ID":2,"ENTITY_ID":9,"REQUISITE_ID":0,"BANK_DETAIL_ID":0,"MC_REQUISITE_ID":0,"MC_BANK_DETAIL_ID":0}}`, "", "Entity is not found"},
		{"register", register(60, 0, 0, 0), "", "The Requisite with ID '60' is not found"},
		{"register", register(3, 0, 0, 0), "", "The Requisite with ID '3' is not assigned to Company with ID '1'"},
		{"register", register(2, 0, 0, 0), "", "The Requisite with ID '2' is not assigned to Contact with ID '0'"},
		{"register", register(1, 24, 0, 0), "", "The BankDetail with ID '24' is not found"},
		{"register", register(0, 1, 0, 0), "", "The BankDetail with ID '1' is not assigned to Requisite with ID '0'"},
		{"register", register(0, 0, 60, 0), "", "The Requisite of your company with ID '60' is not found"},
		{"register", register(0, 0, 1, 0), "", "The Requisite with ID '1' is not assigned to your company with ID '0'"},
		{"register", register(0, 0, 3, 1), "", "The BankDetail of your company with ID '1' is not assigned to Requisite of your company with ID '3'"},
		{"get", `{"entityId":1}`, "", "entityTypeId is not defined or invalid."},
		{"get", `{"entityTypeId":2,"entityId":9}`, "", "Not found"},
		{"unregister", `{"entityTypeId":2}`, "", "entityId is not defined or invalid."},
	})
	for range 2 {
		c.same(true, "crm.requisite.link.unregister", `{"entityTypeId":2,"entityId":1}`)
	}
	c.same([]any{}, "crm.requisite.link.list", `{}`)
}

func TestWhatHangsOnADeletedRecordGoesWithIt(t *testing.T) {
	c := openClients(t)
	c.add(2, `{"companyId":1}`)
	c.ask("crm.requisite.bankdetail.add", `{"fields":{"ENTITY_ID":1,"NAME":"Bank"}}`)
	c.ask("crm.address.add", `{"fields":{"TYPE_ID":1,"ENTITY_TYPE_ID":8,"ENTITY_ID":1,"CITY":"Bonn"}}`)
	c.ask("crm.requisite.link.register",
		`{"fields":{"ENTITY_TYPE_ID":2,"ENTITY_ID":1,"REQUISITE_ID":1,"BANK_DETAIL_ID":1,"MC_REQUISITE_ID":0,"MC_BANK_DETAIL_ID":0}}`)
	c.ask("crm.item.delete", `{"entityTypeId":4,"id":1}`)
	c.same([]any{map[string]any{"ID": "2"}}, "crm.requisite.list", `{"select":["ID"]}`)
	c.same([]any{}, "crm.requisite.bankdetail.list", `{}`)
	c.same([]any{}, "crm.address.list", `{}`)
	c.same([]any{map[string]any{"REQUISITE_ID": "0", "BANK_DETAIL_ID": "0"}}, "crm.requisite.link.list", `{"select":["REQUISITE_ID","BANK_DETAIL_ID"]}`)
	c.ask("crm.item.delete", `{"entityTypeId":2,"id":1}`)
	c.same([]any{}, "crm.requisite.link.list", `{}`)
}

func TestOwnerTypesIncludeSmartProcesses(t *testing.T) {
	c := openCRM(t, 3)
	etid := c.smart(`{"title":"Order"}`)["entityTypeId"].(float64)
	list := c.ask("crm.enum.ownertype", `{}`).([]any)
	want := map[string]any{
		"ID": etid, "NAME": "Order", "SYMBOL_CODE": fmt.Sprintf("DYNAMIC_%v", etid), "SYMBOL_CODE_SHORT": fmt.Sprintf("T%x", int(etid)),
	}
	if diff := cmp.Diff(want, list[len(list)-1]); diff != "" {
		t.Errorf("last entry differs (-want +got):\n%s", diff)
	}
	types := c.ask("crm.enum.addresstype", `{}`).([]any)
	if want := (map[string]any{"ID": 11.0, "NAME": "Shipping address", "SYMBOL_CODE": nil, "SYMBOL_CODE_SHORT": nil}); !cmp.Equal(types[0], any(want)) || len(types) != 6 {
		t.Errorf("address types %v", types)
	}
}

// A requisite's custom fields are shown by lists that name them only, as in the
// documentation's example.
func TestRequisitesHaveCustomFields(t *testing.T) {
	c := openClients(t)
	for _, kind := range []string{"string", "boolean", "double", "datetime"} {
		c.ask("crm.requisite.userfield.add", fmt.Sprintf(`{"fields":{"FIELD_NAME":"%s","USER_TYPE_ID":"%s"}}`, kind, kind))
	}
	c.same(true, "crm.requisite.update", `{"id":1,"fields":{"UF_CRM_STRING":"56","UF_CRM_BOOLEAN":"1","UF_CRM_DOUBLE":"2.5","UF_CRM_DATETIME":"2026-08-21T10:00:00+03:00"}}`)
	c.same([]any{map[string]any{"UF_CRM_STRING": "56", "UF_CRM_BOOLEAN": "1", "UF_CRM_DOUBLE": "2.5", "UF_CRM_DATETIME": "2026-08-21T10:00:00+03:00"}},
		"crm.requisite.list", `{"filter":{"ID":"1"},"select":["UF_CRM_STRING","UF_CRM_BOOLEAN","UF_CRM_DOUBLE","UF_CRM_DATETIME"]}`)
	c.same([]any{map[string]any{"ID": "1"}}, "crm.requisite.list", `{"filter":{"UF_CRM_STRING":"56"},"select":["ID"]}`)
	if row := c.object("crm.requisite.get", `{"id":1}`); len(row) != len(requisiteTable) {
		t.Errorf("%d keys, want %d", len(row), len(requisiteTable))
	}
	c.has(c.object("crm.requisite.fields", `{}`)["UF_CRM_BOOLEAN"].(map[string]any), map[string]any{"type": "boolean", "isDynamic": true})
	c.ask("crm.requisite.userfield.delete", `{"id":1}`)
	c.same([]any{map[string]any{"ID": "1"}}, "crm.requisite.list", `{"filter":{"ID":"1"},"select":["ID","UF_CRM_STRING"]}`)
}
