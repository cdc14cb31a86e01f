package portal

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestATypeIsAnsweredAsDocumented(t *testing.T) {
	c := openCRM(t, 2)
	c.now = time.Date(2024, 7, 5, 19, 47, 33, 0, c.p.zone)
	got := c.smart(`{"title":" Equipment ","code":"equipment","entityTypeId":"1130","isClientEnabled":"Y","isStagesEnabled":true,
		"isCategoriesEnabled":"true","isDocumentsEnabled":1,"isUseInUserfieldEnabled":"Y","name":"ignored",
		"linkedUserFields":{"TASKS_TASK|UF_CRM_TASK":"true"},
		"relations":{"parent":[{"entityTypeId":2,"isChildrenListEnabled":"true"},{"entityTypeId":3},{"entityTypeId":555}],"child":[{"entityTypeId":31}]}}`)
	want := map[string]any{
		"id": 1.0, "title": "Equipment", "code": "equipment", "createdBy": 1.0, "entityTypeId": 1130.0, "customSectionId": nil,
		"isCategoriesEnabled": "Y", "isStagesEnabled": "Y", "isBeginCloseDatesEnabled": "N", "isClientEnabled": "Y",
		"isUseInUserfieldEnabled": "Y", "isLinkWithProductsEnabled": "N", "isMycompanyEnabled": "N", "isDocumentsEnabled": "N",
		"isSourceEnabled": "N", "isObserversEnabled": "N", "isRecyclebinEnabled": "N", "isAutomationEnabled": "N",
		"isBizProcEnabled": "N", "isSetOpenPermissions": "Y", "isPaymentsEnabled": "N", "isCountersEnabled": "N",
		"createdTime": "2024-07-05T19:47:33+02:00", "updatedTime": "2024-07-05T19:47:33+02:00", "updatedBy": 1.0,
		"customSections":   []any{},
		"linkedUserFields": map[string]any{"CALENDAR_EVENT|UF_CRM_CAL_EVENT": "N", "TASKS_TASK|UF_CRM_TASK": "Y", "TASKS_TASK_TEMPLATE|UF_CRM_TASK": "N"},
		"relations": map[string]any{
			"parent": []any{
				map[string]any{"entityTypeId": 3.0, "isChildrenListEnabled": "Y", "isPredefined": "Y"},
				map[string]any{"entityTypeId": 4.0, "isChildrenListEnabled": "Y", "isPredefined": "Y"},
				map[string]any{"entityTypeId": 2.0, "isChildrenListEnabled": "Y", "isPredefined": "N"},
			},
			"child": []any{map[string]any{"entityTypeId": 31.0, "isChildrenListEnabled": "N", "isPredefined": "N"}},
		},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("crm.type.add (-want +got):\n%s", diff)
	}
	for _, call := range []string{`crm.type.get {"id":1}`, `crm.type.getByEntityTypeId {"entityTypeId":1130}`} {
		var name, params string
		fmt.Sscan(call, &name, &params)
		if diff := cmp.Diff(want, c.under(name, "type", params)); diff != "" {
			t.Errorf("%s:\n%s", name, diff)
		}
	}
	for _, key := range []string{"relations", "linkedUserFields", "customSections"} {
		delete(want, key)
	}
	listed := c.ask("crm.type.list", `{"filter":{"=code":"equipment"}}`).(map[string]any)["types"]
	if diff := cmp.Diff(any([]any{want}), listed); diff != "" {
		t.Errorf("crm.type.list:\n%s", diff)
	}
	c.has(c.add(31, `{}`), map[string]any{"parentId1130": nil})
}

func TestATypeUpdateIsPartial(t *testing.T) {
	c := openCRM(t, 3)
	c.now = time.Date(2026, 1, 1, 0, 0, 0, 0, c.p.zone)
	c.smart(`{"title":"E","code":"e","isStagesEnabled":"Y","isSetOpenPermissions":"N","isUseInUserfieldEnabled":"Y",
		"linkedUserFields":{"TASKS_TASK|UF_CRM_TASK":"true"},"relations":{"parent":[{"entityTypeId":2},{"entityTypeId":1}],"child":[{"entityTypeId":31}]}}`)
	update := func(fields string) map[string]any {
		c.now = c.now.Add(time.Hour)
		return c.under("crm.type.update", "type", `{"id":1,"fields":`+fields+`}`)
	}
	c.has(update(`{"entityTypeId":190,"name":"x","nope":1,"title":"E","code":"e"}`), map[string]any{
		"entityTypeId": 128.0, "updatedTime": "2026-01-01T00:00:00+03:00", "isStagesEnabled": "Y", "isSetOpenPermissions": "N",
	})
	got := update(`{"title":"F","linkedUserFields":{"CALENDAR_EVENT|UF_CRM_CAL_EVENT":"true"},"relations":{"parent":[{"entityTypeId":2}]}}`)
	c.has(got, map[string]any{"title": "F", "code": "e", "updatedTime": "2026-01-01T02:00:00+03:00", "linkedUserFields": map[string]any{
		// Without isUseInUserfieldEnabled in the same call nothing is linked.
		"CALENDAR_EVENT|UF_CRM_CAL_EVENT": "N", "TASKS_TASK|UF_CRM_TASK": "Y", "TASKS_TASK_TEMPLATE|UF_CRM_TASK": "N",
	}})
	relations := got["relations"].(map[string]any)
	if parents, children := relations["parent"].([]any), relations["child"].([]any); len(parents) != 1 || len(children) != 1 {
		t.Errorf("relations %v", relations)
	}
	if got := c.ask("crm.type.update", `{"ID":1,"fields":{"title":"x"}}`); got != nil {
		t.Errorf("update without id answers %v, want null", got)
	}
	if got := c.ask("crm.type.delete", `{"entityTypeId":128}`); got != nil {
		t.Errorf("delete without id answers %v, want null", got)
	}
}

func TestTypesAreRefused(t *testing.T) {
	c := openCRM(t, 3)
	c.smart(`{"title":"E","entityTypeId":150}`)
	for _, tt := range []struct{ method, params, code, text string }{
		{"crm.type.add", `{}`, "100", "Could not find value for parameter {fields}"},
		{"crm.type.add", `{"fields":{"title":" "}}`, "0", `The "Title" field is required`},
		{"crm.type.add", `{"fields":{"title":"x","entityTypeId":1031}}`, "INVALID_ARG_VALUE", "entityTypeId is out of allowed range"},
		{"crm.type.add", `{"fields":{"title":"x","entityTypeId":192}}`, "INVALID_ARG_VALUE", "entityTypeId is out of allowed range"},
		{"crm.type.add", `{"fields":{"title":"x","entityTypeId":31}}`, "INVALID_ARG_VALUE", "entityTypeId is out of allowed range"},
		{"crm.type.add", `{"fields":{"title":"x","entityTypeId":150}}`, "INVALID_ARG_VALUE", "entityTypeId 150 is already in use"},
		{"crm.type.add", `{"fields":{"title":"x","isExternal":"true"}}`, "0", "Select a workplace where the SPA will be located"},
		{"crm.type.update", `{"id":7,"fields":{"title":"x"}}`, "0", "SPA not found"},
		{"crm.type.get", `{"id":7}`, "0", "SPA not found"},
		{"crm.type.get", `{}`, "100", "Could not find value for parameter {id}"},
		{"crm.type.getByEntityTypeId", `{"entityTypeId":777}`, "0", "Smart process not found"},
		{"crm.type.delete", `{"id":7}`, "0", "Smart process not found"},
		{"crm.type.list", `{"filter":{"nope":1}}`, "INVALID_ARG_VALUE", "Invalid filter: field 'NOPE' is not allowed in filter"},
	} {
		if code, text := c.refused(tt.method, tt.params); code != tt.code || text != tt.text {
			t.Errorf("%s %s: %q %q, want %q %q", tt.method, tt.params, code, text, tt.code, tt.text)
		}
	}
}

func TestANewTypeHasAPipelineWithFiveStages(t *testing.T) {
	c := openCRM(t, 3)
	c.smart(`{"title":"E"}`) // stages are made even if they are off
	var stages []string
	for _, row := range c.ask("crm.status.list", `{"filter":{"ENTITY_ID":"DYNAMIC_128_STAGE_2"},"order":{"SORT":"ASC"}}`).([]any) {
		m := row.(map[string]any)
		stages = append(stages, fmt.Sprint(m["STATUS_ID"], " ", m["SORT"], " ", m["SYSTEM"], " ", m["SEMANTICS"], " ", m["CATEGORY_ID"]))
	}
	want := []string{
		"DT128_2:NEW 10 Y <nil> 2", "DT128_2:PREPARATION 20 N <nil> 2", "DT128_2:CLIENT 30 N <nil> 2",
		"DT128_2:SUCCESS 40 Y S 2", "DT128_2:FAIL 50 Y F 2",
	}
	if diff := cmp.Diff(want, stages); diff != "" {
		t.Error(diff)
	}
}

func TestATypeWithItemsStaysAndOneWithoutGoesWhole(t *testing.T) {
	c := openCRM(t, 3)
	c.smart(`{"title":"E","relations":{"child":[{"entityTypeId":2}]}}`)
	c.add(128, `{}`)
	c.has(c.add(2, `{"parentId128":1}`), map[string]any{"parentId128": 1.0})
	if code, _ := c.refused("crm.type.delete", `{"id":1}`); code != "BX_ERROR" {
		t.Error(code)
	}
	c.ask("crm.item.delete", `{"entityTypeId":128,"id":1}`)
	if got := c.ask("crm.type.delete", `{"id":1}`); !cmp.Equal(got, []any{}) {
		t.Errorf("delete answers %v", got)
	}
	if code, text := c.refused("crm.item.list", `{"entityTypeId":128}`); code != "NOT_FOUND" || text != "Smart process not found" {
		t.Error(code, text)
	}
	if rows := c.ask("crm.status.list", `{"filter":{"ENTITY_ID":"DYNAMIC_128_STAGE_2"}}`).([]any); len(rows) != 0 {
		t.Errorf("stages left: %v", rows)
	}
	if _, ok := c.get(2, 1)["parentId128"]; ok {
		t.Error("the deal still has a parent of the type")
	}
	again := c.smart(`{"title":"E","relations":{"child":[{"entityTypeId":2}]}}`)
	c.has(again, map[string]any{"id": 2.0, "entityTypeId": 128.0})
	c.has(c.get(2, 1), map[string]any{"parentId128": nil})
	c.has(c.add(128, `{}`), map[string]any{"id": 1.0, "title": "E #1"})
}

func TestTheNextFreeEntityTypeIDIsAllowed(t *testing.T) {
	c := openCRM(t, 3)
	c.smart(`{"title":"E"}`)
	for etid := 129; etid < 191; etid++ {
		if _, err := c.p.db.ExecContext(t.Context(), `INSERT INTO crm_type ("title", "entityTypeId") VALUES ('E', ?)`, etid); err != nil {
			t.Fatal(err)
		}
	}
	c.smart(`{"title":"E"}`)
	c.smart(`{"title":"E"}`)
	types := c.ask("crm.type.list", `{"order":{"id":"DESC"}}`).(map[string]any)["types"].([]any)
	c.has(types[0].(map[string]any), map[string]any{"entityTypeId": 1030.0})
	c.has(types[1].(map[string]any), map[string]any{"entityTypeId": 191.0})
}
