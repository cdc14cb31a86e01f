package portal

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestStageHistoryTellsEveryMove(t *testing.T) {
	c := openCRM(t, 3)
	c.now = time.Date(2026, 8, 21, 10, 0, 0, 0, c.p.zone)
	pipeline := c.under("crm.category.add", "category", `{"entityTypeId":2,"fields":{"name":"P"}}`)["id"].(float64)
	c.add(2, `{}`)
	c.update(2, 1, `{"title":"no move"}`)
	c.update(2, 1, `{"stageId":"EXECUTING"}`)
	c.update(2, 1, fmt.Sprintf(`{"categoryId":%v}`, pipeline))
	c.update(2, 1, fmt.Sprintf(`{"stageId":"C%v:LOSE"}`, pipeline))
	c.add(2, `{"stageId":"WON"}`)
	row := func(id, kind, owner, category float64, group, stage string) any {
		return map[string]any{"ID": id, "TYPE_ID": kind, "OWNER_ID": owner, "CREATED_TIME": "2026-08-21T10:00:00+03:00",
			"CATEGORY_ID": category, "STAGE_SEMANTIC_ID": group, "STAGE_ID": stage}
	}
	want := []any{
		row(1, 1, 1, 0, "P", "NEW"), row(2, 2, 1, 0, "P", "EXECUTING"),
		row(3, 5, 1, pipeline, "P", fmt.Sprintf("C%v:NEW", pipeline)), row(4, 3, 1, pipeline, "F", fmt.Sprintf("C%v:LOSE", pipeline)),
		row(5, 1, 2, 0, "S", "WON"),
	}
	list := func(params string) any { return c.ask("crm.stagehistory.list", params).(map[string]any)["items"] }
	if diff := cmp.Diff(want, list(`{"entityTypeId":2}`)); diff != "" {
		t.Errorf("history differs (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(want[3:4], list(`{"entityTypeId":2,"filter":{"OWNER_ID":1,"=STAGE_SEMANTIC_ID":"F"}}`)); diff != "" {
		t.Errorf("filtered: %s", diff)
	}
	ids := []any{map[string]any{"ID": 5.0}, map[string]any{"ID": 4.0}}
	if diff := cmp.Diff(ids, list(`{"entityTypeId":"2","filter":{">ID":3},"order":{"ID":"DESC"},"select":["ID"]}`)); diff != "" {
		t.Errorf("sorted: %s", diff)
	}
	c.ask("crm.item.delete", `{"entityTypeId":2,"id":1}`)
	if diff := cmp.Diff(want[4:], list(`{"entityTypeId":2}`)); diff != "" {
		t.Errorf("after the deletion: %s", diff)
	}
}

func TestStageHistoryIsKeptPerEntityType(t *testing.T) {
	c := openCRM(t, 3)
	spa := int(c.smart(`{"title":"E","isStagesEnabled":"Y"}`)["entityTypeId"].(float64))
	for _, etid := range []int{1, 31, spa, 3, 7} {
		c.add(etid, `{}`)
	}
	for etid, key := range map[int]string{1: "STATUS_ID", 31: "STAGE_ID", spa: "STAGE_ID"} {
		items := c.ask("crm.stagehistory.list", fmt.Sprintf(`{"entityTypeId":%d}`, etid)).(map[string]any)["items"].([]any)
		if len(items) != 1 || items[0].(map[string]any)[key] == nil {
			t.Errorf("%d: %v", etid, items)
		}
	}
	for params, want := range map[string]string{
		`{"entityTypeId":3}`:                               "ENTITY_TYPE_NOT_SUPPORTED",
		`{"entityTypeId":7}`:                               "ENTITY_TYPE_NOT_SUPPORTED",
		`{"entityTypeId":999}`:                             "NOT_FOUND",
		`{"entityTypeId":1,"filter":{"STAGE_ID":"NEW"}}`:   "INVALID_ARG_VALUE",
		`{"entityTypeId":2,"filter":{"OWNER":1}}`:          "INVALID_ARG_VALUE",
		`{"entityTypeId":2,"filter":{"CREATED_TIME":"x"}}`: "INVALID_ARG_VALUE",
		`{"entityTypeId":2,"order":{"ETID":"ASC"}}`:        "INVALID_ARG_VALUE",
		`{"entityTypeId":2,"order":{"ID":"up"}}`:           "INVALID_ARG_VALUE",
	} {
		if code, _ := c.refused("crm.stagehistory.list", params); code != want {
			t.Errorf("%s: %s, want %s", params, code, want)
		}
	}
}

func TestAWorkplaceTakesTheTypesOfOthers(t *testing.T) {
	c := openCRM(t, 3)
	for range 3 {
		c.smart(`{"title":"E"}`)
	}
	solution := func(method, params string) any {
		return c.ask("crm.automatedsolution."+method, params).(map[string]any)["automatedSolution"]
	}
	is := func(got any, id float64, title string, types ...any) {
		t.Helper()
		if diff := cmp.Diff(map[string]any{"id": id, "title": title, "typeIds": append([]any{}, types...)}, got); diff != "" {
			t.Error(diff)
		}
	}
	is(solution("add", `{"fields":{"title":"HR","typeIds":[1,2]}}`), 1, "HR", 1.0, 2.0)
	is(solution("add", `{"fields":{"title":"R&D","typeIds":["2",3,99]}}`), 2, "R&D", 2.0, 3.0)
	is(solution("get", `{"id":1}`), 1, "HR", 1.0)
	c.has(c.under("crm.type.get", "type", `{"id":2}`), map[string]any{"customSectionId": 2.0})
	is(solution("update", `{"id":2,"fields":{"typeIds":[3]}}`), 2, "R&D", 3.0)
	c.has(c.under("crm.type.get", "type", `{"id":2}`), map[string]any{"customSectionId": nil})
	is(solution("update", `{"id":2,"fields":{"title":"Lab"}}`), 2, "Lab", 3.0)
	r, err := c.try("crm.automatedsolution.list", `{"filter":{"0":{"logic":"OR","0":{"%title":"a"},"1":{">id":9}}},"order":{"title":"DESC"}}`)
	if err != nil || r.total != 1 {
		t.Errorf("list: %+v, %v", r, err)
	}
	for _, tt := range []struct{ method, params, want string }{
		{"delete", `{"id":2}`, "HAS_BOUND_TYPES"},
		{"get", `{"id":9}`, "NOT_FOUND"},
		{"get", `{}`, "100"},
		{"add", `{"fields":{"title":" "}}`, "BX_EMPTY_REQUIRED"},
		{"update", `{"id":1,"fields":{"title":""}}`, "BX_EMPTY_REQUIRED"},
		{"list", `{"filter":{"typeIds":1}}`, "INVALID_ARG_VALUE"},
	} {
		if code, _ := c.refused("crm.automatedsolution."+tt.method, tt.params); code != tt.want {
			t.Errorf("%s %s: %s, want %s", tt.method, tt.params, code, tt.want)
		}
	}
	solution("update", `{"id":2,"fields":{"typeIds":[]}}`)
	if got := c.ask("crm.automatedsolution.delete", `{"id":2}`); got != nil {
		t.Errorf("delete answers %v", got)
	}
	if fields := c.ask("crm.automatedsolution.fields", `{}`).(map[string]any); fields["typeIds"].(map[string]any)["isMultiple"] != true {
		t.Errorf("fields: %v", fields)
	}
}

func TestDuplicatesAreFoundByNormalisedCommunications(t *testing.T) {
	c := openCRM(t, 3)
	c.add(1, `{"fm":[{"typeId":"PHONE","value":"+49 (30) 555-01 ext"}]}`)
	c.add(3, `{"name":"Ann","fm":[{"typeId":"PHONE","value":"0049 30 55501"},{"typeId":"EMAIL","value":"Ann@B.example"}]}`)
	c.add(4, `{"title":"A","fm":[{"typeId":"PHONE","value":"8 (912) 345-67-89"}]}`)
	c.add(3, `{"name":"Eve","fm":[{"typeId":"EMAIL","value":"ann@b.example"}]}`)
	for params, want := range map[string]any{
		`{"type":"PHONE","values":["+493055501"]}`:                             map[string]any{"LEAD": []any{1.0}, "CONTACT": []any{1.0}},
		`{"type":"PHONE","values":["+493055501"],"entity_type":"LEAD"}`:        map[string]any{"LEAD": []any{1.0}},
		`{"type":"PHONE","values":["+7 912 345 67 89;12"]}`:                    map[string]any{"COMPANY": []any{1.0}},
		`{"type":"EMAIL","values":["ANN@b.example","x"]}`:                      map[string]any{"CONTACT": []any{1.0, 2.0}},
		`{"type":"EMAIL","values":["nobody@b.example"]}`:                       []any{},
		`{"TYPE":"email","VALUES":{"a":"ann@b.example"},"entity_type":"LEAD"}`: []any{},
	} {
		if diff := cmp.Diff(want, c.ask("crm.duplicate.findbycomm", params)); diff != "" {
			t.Errorf("%s: %s", params, diff)
		}
	}
	for params, want := range map[string]string{
		`{"values":["x"]}`:                "Communication type is not defined",
		`{"type":"WEB","values":["x"]}`:   "Communication type 'WEB' is not supported in current context",
		`{"type":"EMAIL"}`:                "Communication values is not defined",
		`{"type":"PHONE","values":["-"]}`: "Communication values is not defined",
	} {
		if code, _ := c.refused("crm.duplicate.findbycomm", params); code != want {
			t.Errorf("%s: %s, want %s", params, code, want)
		}
	}
}

func TestTwentyDuplicatesOfATypeEndTheSearch(t *testing.T) {
	c := openCRM(t, 3)
	for range 21 {
		c.add(1, `{"fm":[{"typeId":"EMAIL","value":"a@b.example"}]}`)
	}
	c.add(3, `{"name":"Ann","fm":[{"typeId":"EMAIL","value":"a@b.example"}]}`)
	found := c.ask("crm.duplicate.findbycomm", `{"type":"EMAIL","values":["a@b.example"]}`).(map[string]any)
	if len(found["LEAD"].([]any)) != 20 || len(found) != 1 {
		t.Errorf("found %v", found)
	}
}

func TestTimelineComments(t *testing.T) {
	c := openCRM(t, 3)
	c.now = time.Date(2026, 8, 21, 10, 0, 0, 0, c.p.zone)
	spa := int(c.smart(`{"title":"E"}`)["entityTypeId"].(float64))
	c.add(spa, `{}`)
	c.add(2, `{}`)
	if id := c.ask("crm.timeline.comment.add", `{"fields":{"ENTITY_ID":1,"ENTITY_TYPE":"deal","COMMENT":"first","FILES":[["a.txt","aGVsbG8="],["b.png","aGVsbG8="],["bad"]]}}`); id != 1.0 {
		t.Fatalf("add answers %v", id)
	}
	c.ask("crm.timeline.comment.add", fmt.Sprintf(`{"fields":{"ENTITY_ID":1,"ENTITY_TYPE":"DYNAMIC_%d","COMMENT":"of the process"}}`, spa))
	c.ask("crm.timeline.comment.add", `{"fields":{"ENTITY_ID":"1","ENTITY_TYPE":"deal","COMMENT":"second"}}`)
	get := func(id int) map[string]any {
		return c.ask("crm.timeline.comment.get", fmt.Sprintf(`{"id":%d}`, id)).(map[string]any)
	}
	first := get(1)
	c.has(first, map[string]any{"ID": "1", "ENTITY_ID": "1", "ENTITY_TYPE": "deal", "COMMENT": "first", "AUTHOR_ID": "1", "CREATED": "2026-08-21T10:00:00+03:00"})
	files := first["FILES"].(map[string]any)
	c.has(files["2"].(map[string]any), map[string]any{"id": 2.0, "name": "b.png", "type": "image", "size": 5.0, "authorId": 1.0, "authorName": "Olga Petrova"})
	c.has(get(2), map[string]any{"ENTITY_TYPE": fmt.Sprintf("dynamic_%d", spa), "FILES": map[string]any{}})

	if got := c.ask("crm.timeline.comment.update", `{"id":1,"fields":{"COMMENT":"changed","FILES":[{"id":2},["c.txt","aGVsbG8="],{"id":77}]}}`); got != 1.0 {
		t.Errorf("update answers %v", got)
	}
	files = get(1)["FILES"].(map[string]any)
	if files["1"] != nil || files["2"] == nil || files["3"] == nil || len(files) != 2 || get(1)["COMMENT"] != "changed" {
		t.Errorf("after the update: %v", get(1))
	}
	listed := func(rest string) string {
		return c.legacyIDs("crm.timeline.comment.list", `{"filter":{"ENTITY_ID":1,"ENTITY_TYPE":"deal"}`+rest+`}`)
	}
	if up, down := listed(""), listed(`,"order":{"CREATED":"ASC","ID":"DESC"},"select":["ID"]`); up != "1 3" || down != "3 1" {
		t.Errorf("lists are %q and %q", up, down)
	}
	if got := c.ask("crm.timeline.comment.delete", `{"id":3,"ownerTypeId":2,"ownerId":1}`); got != nil || listed("") != "1" {
		t.Errorf("delete answers %v and leaves %q", got, listed(""))
	}
	c.ask("crm.item.delete", `{"entityTypeId":2,"id":1}`)
	if code, text := c.refused("crm.timeline.comment.get", `{"id":1}`); code != "" || text != "Not found" {
		t.Errorf("the comment of a deleted deal: %q %q", code, text)
	}
}

func TestTimelineCommentErrors(t *testing.T) {
	c := openCRM(t, 3)
	c.add(2, `{}`)
	c.ask("crm.timeline.comment.add", `{"fields":{"ENTITY_ID":1,"ENTITY_TYPE":"deal","COMMENT":"a"}}`)
	for _, tt := range []struct{ method, params, code string }{
		{"add", `{}`, "100"},
		{"add", `{"fields":{"COMMENT":"x"}}`, "100"},
		{"add", `{"fields":{"ENTITY_ID":1,"ENTITY_TYPE":"deal","COMMENT":" "}}`, "INVALID_ARG_VALUE"},
		{"add", `{"fields":{"ENTITY_ID":9,"ENTITY_TYPE":"deal","COMMENT":"x"}}`, "OWNER_NOT_FOUND"},
		{"add", `{"fields":{"ENTITY_ID":1,"ENTITY_TYPE":"dynamic_999","COMMENT":"x"}}`, "OWNER_NOT_FOUND"},
		{"add", `{"fields":{"ENTITY_ID":1,"ENTITY_TYPE":"planet","COMMENT":"x"}}`, "OWNER_NOT_FOUND"},
		{"update", `{"id":9,"fields":{"COMMENT":"x"}}`, "NOT_FOUND"},
		{"update", `{"id":1,"fields":{"COMMENT":""}}`, "INVALID_ARG_VALUE"},
		{"update", `{"id":1,"ownerTypeId":3,"fields":{"COMMENT":"x"}}`, "NOT_FOUND"},
		{"update", `{"id":1}`, "100"},
		{"delete", `{}`, "100"},
		{"get", `{}`, ""},
		{"list", `{}`, ""},
		{"list", `{"filter":{"ENTITY_ID":9,"ENTITY_TYPE":"deal"}}`, ""},
	} {
		if code, _ := c.refused("crm.timeline.comment."+tt.method, tt.params); code != tt.code {
			t.Errorf("%s %s: %q, want %q", tt.method, tt.params, code, tt.code)
		}
	}
	if fields := c.ask("crm.timeline.comment.fields", `{}`).(map[string]any); fields["ENTITY_ID"].(map[string]any)["isImmutable"] != true {
		t.Errorf("fields: %v", fields)
	}
}

func TestEnumerationsAreLists(t *testing.T) {
	c := openCRM(t, 3)
	want := []any{
		map[string]any{"ID": 1.0, "NAME": "Classic CRM", "SYMBOL_CODE": nil, "SYMBOL_CODE_SHORT": nil},
		map[string]any{"ID": 2.0, "NAME": "Simple CRM", "SYMBOL_CODE": nil, "SYMBOL_CODE_SHORT": nil},
	}
	if diff := cmp.Diff(want, c.ask("crm.enum.settings.mode", `{}`)); diff != "" {
		t.Error(diff)
	}
	for method, want := range map[string]string{
		"crm.enum.activitytype": "Meeting", "crm.enum.contenttype": "HTML", "crm.enum.fields": "SYMBOL_CODE_SHORT",
		"crm.multifield.fields": "VALUE_TYPE", "crm.enum.getorderownertypes": "DEAL",
	} {
		if got := fmt.Sprint(c.ask(method, `{}`)); !strings.Contains(got, want) {
			t.Errorf("%s answers %s, want %s in it", method, got, want)
		}
	}
}
