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

	gocmp "github.com/google/go-cmp/cmp"

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
	foreign map[string]int // how many records people have, by kind
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

// on is the portal in a test of its own.
func (w *northwindPortal) on(t *testing.T) *northwindPortal {
	here, ladder, world := *w, *w.fieldLadder, *w.world
	world.t, world.quiet = t, true
	ladder.world, here.fieldLadder = &world, &ladder
	return &here
}

// converges applies the repository and plans once more. It checks what was written, by
// method, that requests are as few as promised, and that the second plan is empty.
func (w *northwindPortal) converges(dir string, changes int, want map[string]int) {
	w.t.Helper()
	got, requests := w.writes(func() {
		if report := w.report(exitDone, "apply", "-C", dir, "--env", w.env, "--yes"); report.Counts["succeeded"] != changes {
			w.t.Errorf("counts %v, want %d succeeded", report.Counts, changes)
		}
	})
	if d := gocmp.Diff(want, got); d != "" {
		w.t.Errorf("writes, -want +got:\n%s", d)
	}
	// Reading asks for product rows record by record, 50 records to a request.
	reading := ceil(1158, 2500) + 20 + ceil(830, 50)
	most := reading + 10 + ceil(830, 50) // amounts are read after their rows
	for _, n := range got {
		most += ceil(n, 50)
	}
	if requests > most {
		w.t.Errorf("apply took %d requests, want at most %d", requests, most)
	}
	got, requests = w.writes(func() { w.run(exitDone, "plan", "-C", dir, "--env", w.env, "--detailed-exitcode") })
	if len(got) > 0 || requests > reading {
		w.t.Errorf("the empty plan took %d requests, want at most %d, and wrote %v", requests, reading, got)
	}
}

// writes gives how many calls of each writing method something took, and how many requests.
func (w *northwindPortal) writes(do func()) (methods map[string]int, requests int) {
	w.t.Helper()
	w.portal.ResetStats()
	do()
	stats := w.portal.Stats()
	maps.DeleteFunc(stats.Commands, func(method string, _ int) bool {
		verb := method[strings.LastIndexByte(method, '.')+1:]
		return !slices.Contains([]string{"add", "delete", "set", "update"}, verb)
	})
	sum := 0
	for _, n := range stats.Commands {
		sum += n
	}
	if sum != stats.Writes {
		w.t.Errorf("%v are %d calls, and %d were writes", stats.Commands, sum, stats.Writes)
	}
	return stats.Commands, stats.Requests
}

// counts counts the records of the portal, whoever made them.
func (w *northwindPortal) counts() map[string]int {
	w.t.Helper()
	out := make(map[string]int)
	for kind, id := range map[string]int{"deals": 2, "contacts": 3, "companies": 4} {
		out[kind] = len(w.all("crm.item.list", fmt.Sprintf("entityTypeId=%d", id), "select[]=id"))
	}
	out["products"] = len(w.products())
	out["requisites"] = len(w.all("crm.requisite.list", "select[]=ID"))
	out["addresses"] = len(w.all("crm.address.list", "select[]=ENTITY_ID"))
	return out
}

// checkCounts checks that there is one of everything beside what people had.
func (w *northwindPortal) checkCounts(n *northwind) {
	w.t.Helper()
	want := map[string]int{"deals": len(n.orders), "contacts": len(n.contacts), "companies": len(n.companies), "products": len(n.products),
		"requisites": len(n.contacts), "addresses": len(n.contacts)}
	for kind, foreign := range w.foreign {
		want[kind] += foreign
	}
	if d := gocmp.Diff(want, w.counts()); d != "" {
		w.t.Errorf("records, -want +got:\n%s", d)
	}
}

func (w *northwindPortal) products() []map[string]any {
	w.t.Helper()
	return w.all("catalog.product.list", fmt.Sprintf("filter[iblockId]:=%v", w.catalogue()), "select[]=id", "select[]=iblockId", "select[]=active")
}

// deals are the migrated orders, by their names.
func (w *northwindPortal) deals() map[string]map[string]any {
	w.t.Helper()
	out := make(map[string]map[string]any)
	for _, d := range w.all("crm.item.list", "entityTypeId=2", "filter[=originatorId]=b24apply:northwind",
		"select[]=originId", "select[]=opportunity", "select[]=stageId", "select[]=begindate", "select[]=closedate") {
		out[fmt.Sprint(d["originId"])] = d
	}
	return out
}

// checkAmounts checks that every deal has the amount that was billed.
func (w *northwindPortal) checkAmounts(n *northwind) {
	w.t.Helper()
	want, got := make(map[string]string), make(map[string]string)
	for _, o := range n.orders {
		want[o.name] = o.billed().StringFixed(2)
	}
	for name, d := range w.deals() {
		got[name] = fmt.Sprintf("%.2f", d["opportunity"])
	}
	if d := gocmp.Diff(want, got); d != "" {
		w.t.Errorf("amounts, -want +got:\n%s", d)
	}
}

// all reads a whole list.
func (w *northwindPortal) all(method string, params ...string) []map[string]any {
	w.t.Helper()
	return w.lines(append([]string{"call", method, "--all"}, params...)...)
}

// lines runs a command that prints an object a line.
func (w *northwindPortal) lines(args ...string) []map[string]any {
	w.t.Helper()
	var out []map[string]any
	lines := json.NewDecoder(strings.NewReader(w.run(exitDone, args...)))
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
		switch {
		case err == nil && d.IsDir() && d.Name() == ".b24apply":
			return fs.SkipDir // what runs leave of themselves
		case err != nil || d.IsDir():
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
