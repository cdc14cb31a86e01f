package portal

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestTrap15UnknownFieldsAreDropped(t *testing.T) {
	c := openCRM(t, 3)
	item := c.add(2, `{"title":"A","titel":"B","ufCrmNothing":"x"}`)
	c.has(item, map[string]any{"title": "A", "titel": nil, "ufCrmNothing": nil})
}

func TestTrap16ReadOnlyAndImmutableFieldsAreDropped(t *testing.T) {
	c := openCRM(t, 3)
	own := c.add(4, `{"title":"We","isMyCompany":"Y","hasPhone":"Y","createdBy":5}`)
	c.has(own, map[string]any{"isMyCompany": "Y", "hasPhone": "N", "createdBy": 1.0})
	c.has(c.update(4, own["id"], `{"isMyCompany":"N","id":99}`), map[string]any{"isMyCompany": "Y", "id": own["id"]})
	c.has(c.add(2, `{"webformId":5}`), map[string]any{"webformId": nil})
	c.has(c.add(1, `{"webformId":5}`), map[string]any{"webformId": 5.0})
}

func TestTrap17UnreadableDatesKeepTheOldValue(t *testing.T) {
	c := openCRM(t, 3)
	contact := c.add(3, `{"name":"Ann","birthdate":"1990-05-01"}`)
	for _, bad := range []string{`"formatDate(monthAgo)"`, `"32.13.1990"`, `5`, `true`} {
		c.has(c.update(3, contact["id"], `{"birthdate":`+bad+`}`), map[string]any{"birthdate": "1990-05-01T03:00:00+03:00"})
	}
}

func TestTrap18AForeignStageIsRevertedOrReplacedByTheFirst(t *testing.T) {
	c := openCRM(t, 3)
	deal := c.add(2, `{"stageId":"C9:NOPE"}`)
	c.has(deal, map[string]any{"stageId": "NEW", "categoryId": 0.0})
	c.update(2, deal["id"], `{"stageId":"EXECUTING"}`)
	c.has(c.update(2, deal["id"], `{"stageId":"Propsal"}`), map[string]any{"stageId": "EXECUTING", "previousStageId": "NEW"})
	c.has(c.update(2, deal["id"], `{"stageId":null}`), map[string]any{"stageId": "EXECUTING"})
}

func TestTrap19AChangeOfThePipelineChoosesAStageOfTheSameGroup(t *testing.T) {
	c := openCRM(t, 3)
	pipe := c.under("crm.category.add", "category", `{"entityTypeId":2,"fields":{"name":"Second"}}`)
	move := fmt.Sprintf(`{"categoryId":%v}`, pipe["id"])
	open := c.add(2, `{"stageId":"EXECUTING"}`)
	c.has(c.update(2, open["id"], move), map[string]any{"stageId": "C1:NEW", "categoryId": 1.0, "previousStageId": "EXECUTING"})
	lost := c.add(2, `{"stageId":"APOLOGY"}`)
	c.has(c.update(2, lost["id"], move), map[string]any{"stageId": "C1:LOSE", "stageSemanticId": "F"})
	both := c.add(2, `{}`)
	c.has(c.update(2, both["id"], `{"categoryId":1,"stageId":"C1:WON"}`), map[string]any{"stageId": "C1:WON"})
	for _, bad := range []string{"77", "null", `"Sales"`, `""`} {
		code, _ := c.refused("crm.item.update", fmt.Sprintf(`{"entityTypeId":2,"id":%v,"fields":{"categoryId":%s}}`, both["id"], bad))
		if code != "CRM_FIELD_ERROR_VALUE_NOT_VALID" {
			t.Errorf("category %s: %s", bad, code)
		}
	}
}

func TestTrap20SomeFieldsCannotBeEmptied(t *testing.T) {
	c := openCRM(t, 3)
	deal := c.add(2, `{"title":"A","begindate":"2026-01-02","closedate":"2026-02-03","assignedById":2,"currencyId":"USD"}`)
	got := c.update(2, deal["id"], `{"title":"","assignedById":0,"currencyId":null,"begindate":"","closedate":null}`)
	c.has(got, map[string]any{
		"title": "A", "assignedById": 2.0, "currencyId": "USD",
		"begindate": "2026-01-02T03:00:00+03:00", "closedate": "2026-02-03T03:00:00+03:00",
	})
	quote := c.add(7, `{"actualDate":"2026-03-04"}`)
	c.has(c.update(7, quote["id"], `{"actualDate":""}`), map[string]any{"actualDate": "2026-03-04T03:00:00+03:00"})
}

func TestTrap21UTMFieldsCannotBeEmptied(t *testing.T) {
	c := openCRM(t, 3)
	lead := c.add(1, `{"utmSource":"google"}`)
	c.has(c.update(1, lead["id"], `{"utmSource":"","utmMedium":"CPC"}`), map[string]any{"utmSource": "google", "utmMedium": "CPC"})
}

func TestTrap22TheTaxIsAlwaysComputed(t *testing.T) {
	c := openCRM(t, 3)
	deal := c.add(2, `{"taxValue":99.9,"opportunity":"1200.505","isManualOpportunity":"Y"}`)
	c.has(deal, map[string]any{"taxValue": 0.0, "opportunity": 1200.51, "isManualOpportunity": "Y"})
	c.has(c.update(2, deal["id"], `{"opportunity":null,"taxValue":5}`), map[string]any{"taxValue": 0.0, "opportunity": 0.0})
}

func TestTrap23FieldsOfDisabledFeaturesAreIgnored(t *testing.T) {
	c := openCRM(t, 3)
	spa := c.smart(`{"title":"Equipment"}`)
	etid := int(spa["entityTypeId"].(float64))
	company := c.add(4, `{"title":"Acme"}`)
	item := c.add(etid, fmt.Sprintf(`{"opportunity":5,"companyId":%v,"sourceId":"WEB"}`, company["id"]))
	for _, name := range []string{"opportunity", "companyId", "stageId", "sourceId", "begindate", "observers", "mycompanyId"} {
		if _, ok := item[name]; ok {
			t.Errorf("%s is in the answer", name)
		}
		code, _ := c.refused("crm.item.list", fmt.Sprintf(`{"entityTypeId":%d,"filter":{"%s":1}}`, etid, name))
		if code != "INVALID_ARG_VALUE" {
			t.Errorf("filter by %s: %s", name, code)
		}
	}
	c.ask("crm.type.update", fmt.Sprintf(`{"id":%v,"fields":{"isLinkWithProductsEnabled":"Y","isClientEnabled":true,"isStagesEnabled":"true"}}`, spa["id"]))
	got := c.update(etid, item["id"], fmt.Sprintf(`{"opportunity":5,"companyId":%v}`, company["id"]))
	c.has(got, map[string]any{
		"opportunity": 5.0, "companyId": company["id"], "contactIds": []any{},
		"stageId": fmt.Sprintf("DT%d_2:NEW", etid), "previousStageId": "", "sourceId": nil,
	})
}

func TestTrap24AParentNeedsARelation(t *testing.T) {
	c := openCRM(t, 3)
	spa := c.smart(`{"title":"Equipment"}`)
	etid := int(spa["entityTypeId"].(float64))
	deal := c.add(2, `{}`)
	item := c.add(etid, fmt.Sprintf(`{"parentId2":%v}`, deal["id"]))
	if _, ok := item["parentId2"]; ok {
		t.Error("parentId2 without a relation")
	}
	c.ask("crm.type.update", fmt.Sprintf(`{"id":%v,"fields":{"relations":{"parent":[{"entityTypeId":2}]}}}`, spa["id"]))
	c.has(c.get(etid, item["id"]), map[string]any{"parentId2": nil})
	c.has(c.update(etid, item["id"], fmt.Sprintf(`{"parentId2":%v}`, deal["id"])), map[string]any{"parentId2": deal["id"]})
	if got := c.ids(etid, fmt.Sprintf(`{">=parentId2":%v}`, deal["id"])); len(got) != 1 {
		t.Errorf("items by parent: %v", got)
	}
	c.has(c.add(31, fmt.Sprintf(`{"parentId2":%v}`, deal["id"])), map[string]any{"parentId2": deal["id"], "parentId7": nil})
}

func TestTrap25OnlyAFewValuesAreTrue(t *testing.T) {
	c := openCRM(t, 3)
	for value, want := range map[string]string{
		`true`: "Y", `"true"`: "Y", `"y"`: "Y", `"Y"`: "Y",
		`1`: "N", `"1"`: "N", `"Yes"`: "N", `"on"`: "N", `false`: "N", `null`: "N", `""`: "N", `"TRUE"`: "N",
	} {
		if got := c.add(2, `{"isManualOpportunity":`+value+`}`)["isManualOpportunity"]; got != want {
			t.Errorf("%s is %v, want %s", value, got, want)
		}
	}
	c.has(c.update(2, 1, `{"opened":"N"}`), map[string]any{"opened": "N"})
}

func TestTrap26FlagsOfRelationsAndLinkedFieldsNeedTheTextTrue(t *testing.T) {
	c := openCRM(t, 3)
	for value, want := range map[string]string{`"true"`: "Y", `"Y"`: "N", `true`: "N", `1`: "N"} {
		spa := c.smart(`{"title":"E","isUseInUserfieldEnabled":"Y","linkedUserFields":{"TASKS_TASK|UF_CRM_TASK":` + value +
			`},"relations":{"parent":[{"entityTypeId":2,"isChildrenListEnabled":` + value + `}]}}`)
		wantRelations := map[string]any{
			"parent": []any{map[string]any{"entityTypeId": 2.0, "isChildrenListEnabled": want, "isPredefined": "N"}},
			"child":  []any{},
		}
		if diff := cmp.Diff(wantRelations, spa["relations"]); diff != "" {
			t.Errorf("relations with %s:\n%s", value, diff)
		}
		if got := spa["linkedUserFields"].(map[string]any)["TASKS_TASK|UF_CRM_TASK"]; got != want {
			t.Errorf("linked field with %s: %v, want %s", value, got, want)
		}
	}
}

func TestTrap27UnchangedUpdatesSaveNothing(t *testing.T) {
	c := openCRM(t, 3)
	c.now = time.Date(2026, 3, 1, 12, 0, 0, 0, c.p.zone)
	spa := c.smart(`{"title":"E","relations":{"parent":[{"entityTypeId":2}]}}`)
	etid := int(spa["entityTypeId"].(float64))
	c.add(2, `{}`)
	item := c.add(etid, `{"title":"A","parentId2":1}`)
	c.now = c.now.Add(time.Hour)
	c.has(c.update(etid, item["id"], `{"title":"A","parentId2":1,"opened":"Y"}`), map[string]any{"updatedTime": "2026-03-01T12:00:00+03:00"})
	c.user = 2
	// Batches turn 1 into "1": the parent then counts as changed.
	c.has(c.update(etid, item["id"], `{"parentId2":"1"}`), map[string]any{"updatedTime": "2026-03-01T13:00:00+03:00", "updatedBy": 2.0, "createdBy": 1.0})
}
