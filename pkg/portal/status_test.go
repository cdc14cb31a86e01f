package portal

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestStatusesAreListedAsDocumented(t *testing.T) {
	c := openCRM(t, 3)
	rows := c.ask("crm.status.list", `{"order":{"SORT":"ASC"},"filter":{"ENTITY_ID":"DEAL_STAGE"}}`).([]any)
	if len(rows) != 8 {
		t.Fatalf("%d deal stages", len(rows))
	}
	first := rows[0].(map[string]any)
	want := map[string]any{
		"ID": first["ID"], "ENTITY_ID": "DEAL_STAGE", "STATUS_ID": "NEW", "NAME": "New", "NAME_INIT": "New", "SORT": "10", "SYSTEM": "Y",
		"CATEGORY_ID": nil, "COLOR": "#39A8EF", "SEMANTICS": nil, "EXTRA": map[string]any{"SEMANTICS": "process", "COLOR": "#39A8EF"},
	}
	if diff := cmp.Diff(want, first); diff != "" {
		t.Error(diff)
	}
	if _, isText := first["ID"].(string); !isText {
		t.Errorf("ID is %T", first["ID"])
	}
	last := rows[7].(map[string]any)
	c.has(last, map[string]any{"STATUS_ID": "APOLOGY", "SEMANTICS": "F", "EXTRA": map[string]any{"SEMANTICS": "apology", "COLOR": "#FF5752"}})
}

func TestStatusFilters(t *testing.T) {
	c := openCRM(t, 3)
	all := len(c.ask("crm.status.list", `{}`).([]any))
	for filter, want := range map[string]int{
		`{"ENTITY_ID":"HONORIFIC"}`:                        4,
		`{"ENTITY_ID":"HONORIFIC","STATUS_ID":"HNR_EN_2"}`: 1,
		`{"entity_id":"HONORIFIC","SORT":20}`:              1,
		`{"ENTITY_ID":"NOPE"}`:                             0,
		`{"ENTITY_ID":"DEAL%"}`:                            0,
		`{"ENTITYID":"HONORIFIC"}`:                         all, // a typing error returns everything
	} {
		if got := len(c.ask("crm.status.list", `{"filter":`+filter+`}`).([]any)); got != want {
			t.Errorf("%s finds %d, want %d", filter, got, want)
		}
	}
	if code, text := c.refused("crm.status.list", `{"filter":{"ENTITY_ID":["SOURCE"]}}`); code != "" || text == "" {
		t.Errorf("an array as filter: %q %q", code, text)
	}
	if r, err := c.try("crm.status.list", `{}`); err != nil || r.total != all || r.next != 0 || all <= 50 {
		t.Errorf("total %d of %d, next %d, %v", r.total, all, r.next, err)
	}
}

func TestAStatusIsAddedChangedAndDeleted(t *testing.T) {
	c := openCRM(t, 3)
	c.ask("crm.category.add", `{"entityTypeId":2,"fields":{"name":"Second"}}`)
	id := c.ask("crm.status.add", `{"fields":{"ENTITY_ID":"DEAL_STAGE_1","STATUS_ID":"decision","NAME":" Decision ","SORT":55,"COLOR":"39A8EF"}}`)
	if _, isNumber := id.(float64); !isNumber {
		t.Fatalf("add answers %v", id)
	}
	get := `{"id":` + strings.TrimSpace(jsonText(id)) + `}`
	c.has(c.ask("crm.status.get", get).(map[string]any), map[string]any{
		"STATUS_ID": "C1:DECISION", "NAME": "Decision", "COLOR": "#39A8EF", "CATEGORY_ID": "1", "SYSTEM": "N", "SORT": "55",
	})
	c.has(c.add(2, `{"categoryId":1,"stageId":"C1:DECISION"}`), map[string]any{"stageId": "C1:DECISION"})
	update := strings.TrimSuffix(get, "}") + `,"fields":{"NAME":"D","STATUS_ID":"X","SEMANTICS":"S","ENTITY_ID":"SOURCE","SORT":0}}`
	if got := c.ask("crm.status.update", update); got != true {
		t.Errorf("update answers %v", got)
	}
	c.has(c.ask("crm.status.get", get).(map[string]any), map[string]any{
		"STATUS_ID": "C1:DECISION", "NAME": "D", "ENTITY_ID": "DEAL_STAGE_1", "SEMANTICS": nil, "SORT": "10",
	})
	if _, text := c.refused("crm.status.delete", get); text != "There are active items in this status." {
		t.Error(text)
	}
	c.update(2, 1, `{"stageId":"C1:NEW"}`)
	if got := c.ask("crm.status.delete", get); got != true {
		t.Errorf("delete answers %v", got)
	}
	if _, text := c.refused("crm.status.get", get); text != "Status is not found." {
		t.Error(text)
	}
}

// jsonText shows a number of a decoded answer.
func jsonText(v any) string { return floatText(v.(float64)) }

func TestStatusesAreRefused(t *testing.T) {
	c := openCRM(t, 3)
	c.smart(`{"title":"E"}`)
	for _, tt := range []struct{ method, params, code, text string }{
		{"add", `{"fields":{}}`, "", "The field ENTITY_ID is required.\nThe field STATUS_ID is required."},
		{"add", `{"fields":"x"}`, "", "Parameter 'fields' must be array."},
		{"add", `{"fields":{"ENTITY_ID":"SOURCE","STATUS_ID":"X"}}`, "", "The field Title is required."},
		{"add", `{"fields":{"ENTITY_ID":"MINE","STATUS_ID":"X","NAME":"x"}}`, "", "Specified entity type is not supported."},
		{"add", `{"fields":{"ENTITY_ID":"SOURCE","STATUS_ID":"WEB","NAME":"x"}}`, "ERROR_CORE", "The specified status ID already exists."},
		{"add", `{"fields":{"ENTITY_ID":"DYNAMIC_128_STAGE_2","STATUS_ID":"DT128_2:NEW","NAME":"x"}}`, "ERROR_CORE", "The specified status ID already exists."},
		{"add", `{"fields":{"ENTITY_ID":"DEAL_STAGE","STATUS_ID":"WON2","NAME":"x","SEMANTICS":"S","SORT":65}}`, "", "Cannot create more than one successful stage."},
		{"add", `{"fields":{"ENTITY_ID":"STATUS","STATUS_ID":"A23456789012345678901X","NAME":"x"}}`, "", "The status ID is longer than 21 characters."},
		{"get", `{}`, "", "Invalid identifier."},
		{"delete", `{"id":1}`, "", `CRM System Status can be deleted only if parameter FORCED is specified and equal to "Y".`},
		{"entity.items", `{"entityId":"X"}`, "", "The parameter entityId is not defined or invalid."},
	} {
		if code, text := c.refused("crm.status."+tt.method, tt.params); code != tt.code || text != tt.text {
			t.Errorf("%s %s: %q %q, want %q %q", tt.method, tt.params, code, text, tt.code, tt.text)
		}
	}
	if _, text := c.refused("crm.status.add", `{"fields":{"ENTITY_ID":"DEAL_STAGE","STATUS_ID":"LATE","NAME":"x","SORT":65}}`); !strings.HasPrefix(text, "Cannot create more stages after the final stage") {
		t.Error(text)
	}
	c.ask("crm.status.add", `{"fields":{"ENTITY_ID":"SOURCE","STATUS_ID":"my Source.é","NAME":"x"}}`)
}

func TestDirectoriesAreListed(t *testing.T) {
	c := openCRM(t, 3)
	c.smart(`{"title":"E"}`)
	found := make(map[string]map[string]any)
	for _, row := range c.ask("crm.status.entity.types", `{}`).([]any) {
		m := row.(map[string]any)
		found[m["ID"].(string)] = m
	}
	c.has(found["DEAL_STAGE"], map[string]any{"ENTITY_TYPE_ID": 2.0, "CATEGORY_ID": 0.0, "SEMANTIC_INFO": map[string]any{
		"START_FIELD": "NEW", "FINAL_SUCCESS_FIELD": "WON", "FINAL_UNSUCCESS_FIELD": "LOSE", "FINAL_SORT": 0.0,
	}})
	c.has(found["DYNAMIC_128_STAGE_2"], map[string]any{"PREFIX": "DT128_2", "SEMANTIC_INFO": []any{}, "IS_DEFAULT_CATEGORY": true})
	c.has(found["SOURCE"], map[string]any{"NAME": "Sources", "SEMANTIC_INFO": nil})
	items := c.ask("crm.status.entity.items", `{"entityId":"QUOTE_STATUS"}`).([]any)
	if diff := cmp.Diff(any(map[string]any{"NAME": "Draft", "SORT": 10.0, "STATUS_ID": "DRAFT"}), items[0]); diff != "" {
		t.Error(diff)
	}
}

func TestCurrenciesAreListed(t *testing.T) {
	c := openCRM(t, 3)
	list := c.ask("crm.currency.list", `{}`).([]any)
	var codes []any
	for _, row := range list {
		codes = append(codes, row.(map[string]any)["CURRENCY"])
	}
	if diff := cmp.Diff([]any{"EUR", "USD", "GBP", "RUB"}, codes); diff != "" {
		t.Error(diff)
	}
	c.has(list[0].(map[string]any), map[string]any{"BASE": "Y", "AMOUNT": "1.0000", "AMOUNT_CNT": "1"})
	if got := c.ask("crm.currency.base.get", `{}`); got != "EUR" {
		t.Error(got)
	}
}
