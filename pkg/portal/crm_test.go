package portal

import (
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// A crm calls the methods of an open portal.
type crm struct {
	t     *testing.T
	p     *Portal
	user  int
	now   time.Time // zero is the real time
	grant *grant
}

// openCRM opens an empty portal whose server is in the zone with this offset.
func openCRM(t *testing.T, hours int) *crm {
	t.Helper()
	return &crm{t: t, user: 1, p: openPortal(t, Config{Zone: time.FixedZone("", hours*60*60)})}
}

// try calls a method with parameters in JSON.
func (c *crm) try(name, params string) (reply, error) {
	c.t.Helper()
	v, err := decodeJSON([]byte(params))
	if err != nil {
		c.t.Fatalf("%s %s: %v", name, params, err)
	}
	args, _ := asMap(v)
	now := c.now
	if now.IsZero() {
		now = c.p.now()
	}
	m := c.p.methods[strings.ToLower(name)]
	if m.run == nil {
		c.t.Fatalf("no method %s", name)
	}
	command := &call{method: strings.ToLower(name), params: args, user: c.user, now: now, portal: c.p, grant: c.grant}
	if err := c.p.permit(c.t.Context(), m, command); err != nil {
		return reply{}, err
	}
	return m.run(c.t.Context(), command)
}

// ask calls a method and returns its result as decoded JSON.
func (c *crm) ask(name, params string) any {
	c.t.Helper()
	r, err := c.try(name, params)
	if err != nil {
		c.t.Fatalf("%s %s: %v", name, params, err)
	}
	b, err := encode(r.value, c.p.zone)
	if err != nil {
		c.t.Fatalf("%s: %v", name, err)
	}
	var result any
	if err := json.Unmarshal(b, &result); err != nil {
		c.t.Fatalf("%s: %v in %s", name, err, b)
	}
	return result
}

// under calls a method and returns the object under one key of its result.
func (c *crm) under(name, key, params string) map[string]any {
	c.t.Helper()
	object, ok := c.ask(name, params).(map[string]any)[key].(map[string]any)
	if !ok {
		c.t.Fatalf("%s %s: no object under %q", name, params, key)
	}
	return object
}

func (c *crm) add(etid int, fields string) map[string]any {
	c.t.Helper()
	return c.under("crm.item.add", "item", fmt.Sprintf(`{"entityTypeId":%d,"fields":%s}`, etid, fields))
}

func (c *crm) update(etid int, id any, fields string) map[string]any {
	c.t.Helper()
	return c.under("crm.item.update", "item", fmt.Sprintf(`{"entityTypeId":%d,"id":%v,"fields":%s}`, etid, id, fields))
}

func (c *crm) get(etid int, id any) map[string]any {
	c.t.Helper()
	return c.under("crm.item.get", "item", fmt.Sprintf(`{"entityTypeId":%d,"id":%v}`, etid, id))
}

// ids lists the ids of the items that a filter finds.
func (c *crm) ids(etid int, filter string) []int {
	c.t.Helper()
	result := c.ask("crm.item.list", fmt.Sprintf(`{"entityTypeId":%d,"select":["id"],"filter":%s}`, etid, filter))
	found := []int{}
	for _, item := range result.(map[string]any)["items"].([]any) {
		found = append(found, int(item.(map[string]any)["id"].(float64)))
	}
	return found
}

// refused calls a method that must fail and returns the code and the text.
func (c *crm) refused(name, params string) (code, text string) {
	c.t.Helper()
	_, err := c.try(name, params)
	var f *fault
	if !errors.As(err, &f) {
		c.t.Fatalf("%s %s: %v, want a fault", name, params, err)
	}
	return f.code, f.text
}

// has compares some keys of an item.
func (c *crm) has(got map[string]any, want map[string]any) {
	c.t.Helper()
	some := make(map[string]any, len(want))
	for key := range want {
		some[key] = got[key]
	}
	if diff := cmp.Diff(want, some); diff != "" {
		c.t.Errorf("item differs (-want +got):\n%s", diff)
	}
}

// smart adds a smart process type and returns its answer.
func (c *crm) smart(fields string) map[string]any {
	c.t.Helper()
	return c.under("crm.type.add", "type", `{"fields":`+fields+`}`)
}

// queryPlan returns how the database would read a list.
func (c *crm) queryPlan(query string, args ...any) string {
	c.t.Helper()
	var plan []string
	err := c.p.tx(c.t.Context(), func(tx *sql.Tx) error {
		rows, err := tx.QueryContext(c.t.Context(), "EXPLAIN QUERY PLAN "+query, args...)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var id, parent, unused int
			var detail string
			if err := rows.Scan(&id, &parent, &unused, &detail); err != nil {
				return err
			}
			plan = append(plan, detail)
		}
		return rows.Err()
	})
	if err != nil {
		c.t.Fatal(err)
	}
	return strings.Join(plan, "; ")
}

func TestLookupsByKeyAndScansByIDUseAnIndex(t *testing.T) {
	c := openCRM(t, 3)
	for filter, want := range map[string]string{
		`{"=originId":"k1"}`:                        "crm_item_2_originId",
		`{"@originId":["k1","k2","k3"]}`:            "crm_item_2_originId",
		`{"=originatorId":"app","@originId":["k"]}`: "crm_item_2_originId",
		`{"=companyId":5}`:                          "crm_item_2_companyId",
		`{">id":5}`:                                 "INTEGER PRIMARY KEY (rowid>?)",
		`{"@id":[5,6]}`:                             "INTEGER PRIMARY KEY (rowid=?)",
		`{"contactIds":[5]}`:                        "crm_link_value",
	} {
		v, _ := decodeJSON([]byte(`{"filter":` + filter + `,"order":{"id":"ASC"}}`))
		args, _ := asMap(v)
		l, err := newListing(&call{params: args, now: c.p.now(), portal: c.p}, 2, (&entity{set: systemFields()[2]}).find)
		if err != nil {
			t.Fatal(err)
		}
		plan := c.queryPlan(`SELECT "id", "title" FROM "crm_item_2" `+l.page(0), l.args...)
		if !strings.Contains(plan, want) {
			t.Errorf("%s reads by %q, want %q", filter, plan, want)
		}
	}
}

func TestEveryRowOfTheFieldTableHasAColumnPerEntity(t *testing.T) {
	for _, row := range fieldTable {
		if got := len(strings.Fields(row.cells)); got != len(tableColumns) {
			t.Errorf("%s has %d cells, want %d", row.name, got, len(tableColumns))
		}
	}
}
