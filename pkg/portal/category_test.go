package portal

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestPipelinesAreListedAsDocumented(t *testing.T) {
	c := openCRM(t, 3)
	c.ask("crm.category.add", `{"entityTypeId":2,"fields":{"name":" Second ","sort":200,"originId":"p2","isDefault":"Y"}}`)
	r, err := c.try("crm.category.list", `{"entityTypeId":2}`)
	if err != nil || !r.list || r.total != 2 {
		t.Fatalf("total %d, %v", r.total, err)
	}
	want := map[string]any{"categories": []any{
		map[string]any{"id": 1.0, "name": "Second", "sort": 200.0, "entityTypeId": 2.0, "isDefault": "N", "originId": "p2", "originatorId": ""},
		map[string]any{"id": 0.0, "name": "General", "sort": 300.0, "entityTypeId": 2.0, "isDefault": "Y"},
	}}
	if diff := cmp.Diff(any(want), c.ask("crm.category.list", `{"entityTypeId":2}`)); diff != "" {
		t.Error(diff)
	}
	c.smart(`{"title":"E"}`)
	smart := map[string]any{"id": 2.0, "name": "General", "sort": 500.0, "entityTypeId": 128.0, "isDefault": "Y", "isSystem": "N", "code": ""}
	if diff := cmp.Diff(smart, c.under("crm.category.get", "category", `{"entityTypeId":128,"id":2}`)); diff != "" {
		t.Error(diff)
	}
}

func TestTheDefaultPipelineOfATypeMovesButNeverGoes(t *testing.T) {
	c := openCRM(t, 3)
	c.smart(`{"title":"E"}`)
	c.has(c.under("crm.category.add", "category", `{"entityTypeId":128,"fields":{"name":"Service","isDefault":"Y","sort":-5,"code":"svc"}}`),
		map[string]any{"id": 3.0, "isDefault": "Y", "sort": 0.0, "code": "svc"})
	c.has(c.under("crm.category.update", "category", `{"entityTypeId":128,"id":3,"fields":{"isDefault":"N","name":"S"}}`),
		map[string]any{"isDefault": "Y", "name": "S", "sort": 0.0})
	c.has(c.under("crm.category.get", "category", `{"entityTypeId":128,"id":2}`), map[string]any{"isDefault": "N"})
	c.has(c.add(128, `{}`), map[string]any{"categoryId": 3.0})
	filtered := c.ask("crm.category.list", `{"entityTypeId":128,"filter":{"code":"svc","name":"ignored"}}`).(map[string]any)["categories"]
	if len(filtered.([]any)) != 1 {
		t.Errorf("by code: %v", filtered)
	}
}

func TestPipelinesAreRefused(t *testing.T) {
	c := openCRM(t, 3)
	c.smart(`{"title":"E"}`)
	c.ask("crm.category.add", `{"entityTypeId":128,"fields":{"name":"Service"}}`)
	c.ask("crm.category.add", `{"entityTypeId":2,"fields":{"name":"Second"}}`)
	c.add(128, `{"categoryId":3}`)
	c.add(2, `{"categoryId":1}`)
	for _, tt := range []struct{ method, params, code string }{
		{"list", `{"entityTypeId":1}`, "ENTITY_TYPE_NOT_SUPPORTED"},
		{"list", `{"entityTypeId":7}`, "ENTITY_TYPE_NOT_SUPPORTED"},
		{"list", `{"entityTypeId":999}`, "NOT_FOUND"},
		{"list", `{}`, "100"},
		{"get", `{"entityTypeId":2,"id":9}`, "NOT_FOUND"},
		{"add", `{"entityTypeId":2,"fields":{"name":" "}}`, "0"},
		{"add", `{"entityTypeId":2,"fields":{"":"x"}}`, "0"},
		{"update", `{"entityTypeId":2,"id":1,"fields":{"name":""}}`, "0"},
		{"delete", `{"entityTypeId":2,"id":0}`, "0"},
		{"delete", `{"entityTypeId":2,"id":1}`, "0"},
		{"delete", `{"entityTypeId":128,"id":2}`, "BX_ERROR"},
		{"delete", `{"entityTypeId":128,"id":3}`, "BX_ERROR"},
		{"delete", `{"entityTypeId":3,"id":0}`, "REMOVING_DISABLED"},
	} {
		if code, text := c.refused("crm.category."+tt.method, tt.params); code != tt.code {
			t.Errorf("%s %s: %s %s, want %s", tt.method, tt.params, code, text, tt.code)
		}
	}
}

func TestADeletedPipelineTakesItsStagesAlong(t *testing.T) {
	c := openCRM(t, 3)
	id := c.under("crm.category.add", "category", `{"entityTypeId":2,"fields":{"name":"Second"}}`)["id"]
	stages := `{"filter":{"ENTITY_ID":"DEAL_STAGE_1"}}`
	if rows := c.ask("crm.status.list", stages).([]any); len(rows) != 8 || rows[0].(map[string]any)["STATUS_ID"] != "C1:NEW" {
		t.Errorf("stages %v", rows)
	}
	if got := c.ask("crm.category.delete", fmt.Sprintf(`{"entityTypeId":2,"id":%v}`, id)); got != nil {
		t.Errorf("delete answers %v, want null", got)
	}
	if rows := c.ask("crm.status.list", stages).([]any); len(rows) != 0 {
		t.Errorf("stages left: %v", rows)
	}
}
