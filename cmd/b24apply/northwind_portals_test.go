package main

import (
	"crypto/sha256"
	"database/sql"
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/b24apply/b24apply/pkg/portal"
)

// northwindProject is one repository for two portals, on which other people do the work.
const northwindProject = `apiVersion: b24apply/v1
kind: Project
metadata: {name: northwind}
spec:
  manifests: ["*.yaml"]
  environments:
    east:
      portal: {webhook: {env: B24_EAST_WEBHOOK}}
      vars:
        employee1: olga@acme.example
        employee2: jan@acme.example
        employee3: maria.schmidt@acme.example
        employee4: peter.schmidt@acme.example
        employee5: lena_f@acme.example
        employee6: lena.f@acme.example
        employee7: Jan Novak
        employee8: Peter Schmidt
        employee9: Olga Petrova
    west:
      portal: {webhook: {env: B24_WEST_WEBHOOK}}
      vars:
        employee1: lena.f@acme.example
        employee2: lena_f@acme.example
        employee3: peter.schmidt@acme.example
        employee4: maria.schmidt@acme.example
        employee5: jan@acme.example
        employee6: olga@acme.example
        employee7: Lena Fischer
        employee8: Maria Schmidt
        employee9: Leonard Falk
`

// A northwindPortal is a portal that means what the tables mean: it has their pipeline,
// their user fields and their property of products, under ids and in an order of its own.
type northwindPortal struct {
	*fieldLadder
	env     string
	foreign map[string]int // how many records people have, by method and parameters
}

// The portals differ in whatever a manifest cannot know.
func northwindPortals(t *testing.T, staff []string) []*northwindPortal {
	t.Helper()
	east := &northwindPortal{fieldLadder: serveLadder(t, portal.Config{Zone: time.FixedZone("", 3*3600)}), env: "east"}
	west := &northwindPortal{fieldLadder: serveLadder(t, portal.Config{
		Zone: time.FixedZone("", -5*3600), IDBase: 7000, Seed: "demo", Data: renumberedUsers(t),
	}), env: "west"}
	east.prepare(staff, "WAITING")
	reversed := slices.Clone(staff)
	slices.Reverse(reversed)
	west.call("crm.category.add", `{"entityTypeId":2,"fields":{"name":"Returns","sort":10}}`)
	west.prepare(reversed, "UC_7K2Q")
	return []*northwindPortal{east, west}
}

// renumberedUsers makes the file of a portal whose people, but for the administrator,
// have each other's ids.
func renumberedUsers(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "portal.db")
	p, err := portal.Open(t.Context(), portal.Config{Data: path, Seed: "demo", IDBase: 7000})
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Close(); err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for _, statement := range []string{"UPDATE portal_user SET id = -(8 - id) WHERE id BETWEEN 2 AND 6", "UPDATE portal_user SET id = -id WHERE id < 0"} {
		if _, err := db.ExecContext(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
	return path
}

// prepare makes what manifests do not create.
func (w *northwindPortal) prepare(staff []string, waiting string) {
	w.t.Helper()
	category := w.answer("crm.category.add", `{"entityTypeId":2,"fields":{"name":"Orders","sort":500}}`)["category"].(map[string]any)["id"]
	w.call("crm.status.add", fmt.Sprintf(`{"fields":{"ENTITY_ID":"DEAL_STAGE_%v","STATUS_ID":%q,"NAME":"Awaiting shipment","SORT":25,"COLOR":"#ffcc00"}}`, category, waiting))
	var options []string
	for i, name := range staff {
		options = append(options, fmt.Sprintf(`{"value":%q,"sort":%d}`, name, 10*(i+1)))
	}
	w.call("userfieldconfig.add", fmt.Sprintf(`{"moduleId":"crm","field":{"entityId":"CRM_DEAL","fieldName":"UF_CRM_DEAL_SALES_REP","userTypeId":"enumeration","enum":[%s]}}`, strings.Join(options, ",")))
	w.call("userfieldconfig.add", `{"moduleId":"crm","field":{"entityId":"CRM_DEAL","fieldName":"UF_CRM_DEAL_SHIPPED_ON","userTypeId":"date"}}`)
	w.call("catalog.productProperty.add", fmt.Sprintf(`{"fields":{"iblockId":%v,"name":"Supplier","code":"SUPPLIER","propertyType":"S"}}`, w.catalogue()))
	w.foreign = w.counts()
	w.portal.ResetStats()
}

func (w *northwindPortal) catalogue() any {
	w.t.Helper()
	return w.answer("catalog.catalog.list", `{"filter":{"productIblockId":null}}`)["catalogs"].([]any)[0].(map[string]any)["id"]
}

// counts counts the records of the portal, whoever made them.
func (w *northwindPortal) counts() map[string]int {
	w.t.Helper()
	out := make(map[string]int)
	for kind, id := range map[string]int{"deals": 2, "contacts": 3, "companies": 4} {
		out[kind] = len(w.all("crm.item.list", fmt.Sprintf("entityTypeId=%d", id), "select[]=id"))
	}
	out["products"] = len(w.all("catalog.product.list", fmt.Sprintf("filter[iblockId]:=%v", w.catalogue()), "select[]=id", "select[]=iblockId"))
	out["requisites"] = len(w.all("crm.requisite.list", "select[]=ID"))
	out["addresses"] = len(w.all("crm.address.list", "select[]=ENTITY_ID"))
	return out
}

// added is how many records there are more than those that were there before.
func (w *northwindPortal) added() map[string]int {
	w.t.Helper()
	out := w.counts()
	for kind := range out {
		out[kind] -= w.foreign[kind]
	}
	return out
}

// writes runs one command in the repository and gives how many calls of each writing
// method it took, and how many requests.
func (w *northwindPortal) writes(code int, dir string, args ...string) (methods map[string]int, requests int, stdout string) {
	w.t.Helper()
	w.portal.ResetStats()
	out := w.run(code, append(args, "-C", dir, "--env", w.env)...)
	stats := w.portal.Stats()
	maps.DeleteFunc(stats.Commands, func(method string, _ int) bool {
		verb := method[strings.LastIndexByte(method, '.')+1:]
		return !slices.Contains([]string{"add", "batchImport", "delete", "import", "modify", "register", "set", "update", "upsert"}, verb)
	})
	sum := 0
	for _, n := range stats.Commands {
		sum += n
	}
	if sum != stats.Writes {
		w.t.Errorf("%v: %d calls of writing methods %v made %d writes", args, sum, stats.Commands, stats.Writes)
	}
	return stats.Commands, stats.Requests, out
}

// all reads a whole list.
func (w *northwindPortal) all(method string, params ...string) []map[string]any {
	w.t.Helper()
	var out []map[string]any
	lines := json.NewDecoder(strings.NewReader(w.run(exitDone, append([]string{"call", method, "--all"}, params...)...)))
	for lines.More() {
		var line map[string]any
		if err := lines.Decode(&line); err != nil {
			w.t.Fatal(err)
		}
		out = append(out, line)
	}
	return out
}

func folderDigest(t *testing.T, dir string) string {
	t.Helper()
	h := sha256.New()
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		content, err := os.ReadFile(path)
		fmt.Fprintf(h, "%s %d\n%s", path, len(content), content)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("%x", h.Sum(nil))
}
