package portal

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// seeded describes a portal with names in place of ids.
func seeded(t *testing.T, base int) (meaning []string, ids map[string]float64) {
	t.Helper()
	p := openPortal(t, Config{Seed: "demo", IDBase: base})
	c := &crm{t: t, user: 1, p: p}
	spa := c.smart(`{"title":"Equipment"}`)
	ids = map[string]float64{"type": spa["id"].(float64), "entity": spa["entityTypeId"].(float64)}
	item := c.add(int(ids["entity"]), `{"title":"Drill"}`)
	ids["item"] = item["id"].(float64)
	ids["pipeline"] = c.under("crm.category.add", "category", `{"entityTypeId":2,"fields":{"name":"P"}}`)["id"].(float64)
	ids["invoice"] = c.add(31, `{}`)["categoryId"].(float64)
	ids["status"] = c.ask("crm.status.add", `{"fields":{"ENTITY_ID":"SOURCE","STATUS_ID":"FAIR","NAME":"Fair"}}`).(float64)
	names := make(map[float64]string)
	for _, e := range []struct {
		etid  int
		title string
	}{{4, "title"}, {3, "lastName"}} {
		for _, row := range c.ask("crm.item.list", fmt.Sprintf(`{"entityTypeId":%d}`, e.etid)).(map[string]any)["items"].([]any) {
			row := row.(map[string]any)
			names[row["id"].(float64)*10+float64(e.etid)] = row[e.title].(string)
		}
	}
	for _, row := range c.ask("crm.item.list", `{"entityTypeId":2,"order":{"id":"ASC"}}`).(map[string]any)["items"].([]any) {
		deal := row.(map[string]any)
		company, contact := deal["companyId"].(float64), deal["contactIds"].([]any)[0].(float64)
		meaning = append(meaning, fmt.Sprint(deal["title"], " / ", names[company*10+4], " / ", names[contact*10+3]))
		ids["last deal"] = deal["id"].(float64)
	}
	return meaning, ids
}

func TestTwoPortalsOfOneMeaningHaveDifferentIDs(t *testing.T) {
	plain, first := seeded(t, 0)
	shifted, second := seeded(t, 5001)
	if diff := cmp.Diff(plain, shifted); diff != "" || len(plain) == 0 || strings.Contains(plain[0], " /  / ") {
		t.Errorf("the meaning differs, or there is none: %s\n%v", diff, plain)
	}
	for name, id := range second {
		if id < 5001 || id == first[name] {
			t.Errorf("%s is %v with a base and %v without", name, id, first[name])
		}
	}
	if want := 1030.0 + 5000; second["entity"] != want || first["entity"] != 128 {
		t.Errorf("entity types are %v and %v, want 128 and %v", first["entity"], second["entity"], want)
	}
}

func TestTheIDBaseIsKeptWithTheFile(t *testing.T) {
	file := filepath.Join(t.TempDir(), "portal.db")
	openPortal(t, Config{Data: file, IDBase: 700}).Close()
	c := &crm{t: t, user: 1, p: openPortal(t, Config{Data: file, IDBase: 9})}
	if got := c.add(2, `{}`)["id"]; got != 700.0 {
		t.Errorf("the first deal is %v, want 700", got)
	}
}

func TestIDsAreNeverUsedAgain(t *testing.T) {
	c := openCRM(t, 3)
	for _, base := range []string{"", "700"} {
		if base != "" {
			c = &crm{t: t, user: 1, p: openPortal(t, Config{IDBase: 700})}
		}
		first := c.add(2, `{}`)["id"].(float64)
		c.ask("crm.item.delete", fmt.Sprintf(`{"entityTypeId":2,"id":%v}`, first))
		if second := c.add(2, `{}`)["id"].(float64); second != first+1 {
			t.Errorf("after deal %v comes %v", first, second)
		}
	}
}
