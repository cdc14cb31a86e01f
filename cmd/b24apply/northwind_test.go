package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/portal"
)

// A whole company moves to two portals from the same files: everything is written exactly
// once, amounts agree to the cent, and a second plan is empty. 50 edits are exactly
// those updates, and 5 orders that are declared absent are exactly those deletions.
func TestNorthwindIsMigratedAndKeptUpToDate(t *testing.T) {
	tables := os.Getenv("B24APPLY_NORTHWIND")
	if tables == "" {
		t.Skip("B24APPLY_NORTHWIND does not name the folder of the Northwind tables")
	}
	dir := t.TempDir()
	n := readNorthwind(t, tables)
	if raceDetector {
		n.lastOrders(80)
	}
	// Every customer and supplier has a contact and a requisite; the three shippers have none.
	orders, partners, companies := len(n.orders), len(n.contacts), len(n.companies)
	portals := northwindPortals(t, slices.Sorted(maps.Values(n.staff)))
	for _, step := range []struct {
		name    string
		edit    func(*northwind)
		changes int
		writes  map[string]int
		check   func(*northwindPortal, *northwind)
	}{
		{"everything is created", func(*northwind) {}, 8 + 77 + companies + partners + orders, map[string]int{
			"catalog.section.add": 8, "catalog.product.add": 77, "catalog.price.add": 77,
			"crm.item.add": companies + partners + orders, "crm.requisite.add": partners, "crm.address.add": partners,
			"crm.item.productrow.set": orders,
		}, func(w *northwindPortal, n *northwind) { w.checkTables(n, tables) }},
		{"50 edits", (*northwind).edit, 50, map[string]int{
			"catalog.section.update": 5, "catalog.product.update": 5, "catalog.price.update": 5,
			"crm.requisite.update": 5, "crm.address.update": 5, "crm.item.productrow.set": 5,
			// An amount by hand is set beside its rows, and a final stage moves the end date, which is set again.
			"crm.item.update": 4*5 + 1 + 5,
		}, (*northwindPortal).checkAmounts},
		{"5 orders are absent", (*northwind).remove, 5, map[string]int{"crm.item.delete": 5}, (*northwindPortal).checkAmounts},
	} {
		step.edit(n)
		n.write(t, dir)
		before := folderDigest(t, dir)
		t.Run(step.name, func(t *testing.T) {
			for _, w := range portals {
				t.Run(w.env, func(t *testing.T) {
					t.Parallel()
					w := w.on(t)
					w.converges(dir, step.changes, step.writes)
					w.checkCounts(n)
					step.check(w, n)
				})
			}
		})
		if after := folderDigest(t, dir); after != before {
			t.Errorf("%s: the files have changed", step.name)
		}
	}
}

func ceil(n, d int) int { return (n + d - 1) / d }

// A world is a portal on loopback and the command line that works on it.
type world struct {
	t      *testing.T
	portal *portal.Portal
	url    string
	quiet  bool // nothing that it is given deserves a warning
	tape   *tape
	kinds  *kind.Table
}

func newWorld(t *testing.T) *world {
	t.Helper()
	return openWorld(t, portal.Config{})
}

func openWorld(t *testing.T, cfg portal.Config) *world {
	t.Helper()
	p, err := portal.Open(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	return serveWorld(t, p)
}

// run runs one command and checks its exit code.
func (w *world) run(code int, args ...string) (stdout string) {
	w.t.Helper()
	var out, errs bytes.Buffer
	e := w.taped(env{stdin: strings.NewReader(""), stdout: &out, stderr: &errs, getenv: boxPlan, kinds: w.kinds}, args)
	if got := run(context.Background(), e, append(args, "--portal", w.url)); got != code {
		w.t.Fatalf("%v: exit code %d, want %d\n%s\n%s", args, got, code, tail(out.String()), tail(errs.String()))
	}
	if text := out.String() + errs.String(); w.quiet && (strings.Contains(text, "warning") || strings.Contains(text, "note: ")) {
		w.t.Errorf("%v warns of what is right:\n%s", args, tail(text))
	}
	return out.String()
}

// boxPlan is an environment that only says that the portal has no limits, and where
// runs keep their locks.
func boxPlan(name string) (string, bool) {
	if name == stateVariable {
		return testState, true
	}
	return "box", name == planVariable
}

func tail(s string) string { return s[max(0, len(s)-3000):] }

type jsonReport struct {
	Counts map[string]int
	Items  []struct {
		Resource, Action, Status, Error, Code, Timestamp, Hint string
		ID                                                     int `json:",string"`
	}
}

func (w *world) report(code int, args ...string) jsonReport {
	w.t.Helper()
	var r jsonReport
	if err := json.Unmarshal([]byte(w.run(code, append(args, "-o", "json")...)), &r); err != nil {
		w.t.Fatal(err)
	}
	return r
}

// One bad record among 100: 99 are applied, what depends on it is blocked, and
// every planned item is reported exactly once.
func TestOneBadRecordAmongAHundred(t *testing.T) {
	dir := t.TempDir()
	var companies []*record
	for i := range 100 {
		companies = append(companies, newRecord("Company", fmt.Sprintf("c%02d", i), "title", text(fmt.Sprint("Company ", i))))
	}
	companies[42].fields["currencyId"] = "XXX" // no currency of the portal
	writeRecords(t, dir, "companies", companies)
	writeRecords(t, dir, "others", []*record{
		newRecord("Contact", "boss", "name", "Boss", "companyIds", "[{ref: company/c42}]"),
		newRecord("Contact", "other", "name", "Other"),
		newRecord("Deal", "big", "title", "Big", "contactIds", "[{ref: contact/boss}]"),
	})
	w := newWorld(t)
	report := w.report(exitItems, "apply", "-f", dir, "--yes")
	if report.Counts["succeeded"] != 100 || report.Counts["failed"] != 1 || report.Counts["blocked"] != 2 || len(report.Items) != 103 {
		t.Errorf("%d items, counts %v", len(report.Items), report.Counts)
	}
	seen := make(map[string]bool)
	for _, item := range report.Items {
		if seen[item.Resource] {
			t.Errorf("%s is reported twice", item.Resource)
		}
		seen[item.Resource] = true
		switch item.Resource {
		case "company/c42":
			if item.Status != "failed" || item.Error == "" || item.Code != "NO_CURRENCY" || item.Timestamp == "" {
				t.Errorf("the bad one: %+v", item)
			}
		case "contact/boss", "deal/big":
			if item.Status != "blocked" || !strings.Contains(item.Error, "company/c42") {
				t.Errorf("a dependent: %+v", item)
			}
		}
	}
	if got := w.portal.Stats().Writes; got != 100 {
		t.Errorf("the portal executed %d writes, want 100", got)
	}
}
