package main

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/shopspring/decimal"

	"github.com/b24apply/b24apply/pkg/portal"
)

// A real company's tables become manifests: everything is created, a second plan is
// empty, and 50 edits are exactly 50 updates.
func TestNorthwindIsMigratedAndKeptUpToDate(t *testing.T) {
	tables := os.Getenv("B24APPLY_NORTHWIND")
	if tables == "" {
		t.Skip("B24APPLY_NORTHWIND does not name the folder of the Northwind tables")
	}
	const records, edits = 91 + 91 + 830, 50
	dir := t.TempDir()
	northwind := readNorthwind(t, tables)
	northwind.write(t, dir)
	w := newWorld(t)

	w.run(exitDone, "apply", "-f", dir, "--yes")
	stats := w.portal.Stats()
	if stats.Writes != records {
		t.Errorf("the first apply wrote %d records, want %d", stats.Writes, records)
	}
	if most := ceil(records, 50) + 10 + ceil(records, 2500) + 20; stats.Requests > most {
		t.Errorf("the first apply took %d requests, want at most %d", stats.Requests, most)
	}

	w.portal.ResetStats()
	w.run(exitDone, "plan", "-f", dir, "--detailed-exitcode")
	stats = w.portal.Stats()
	if most := ceil(records, 2500) + 20; stats.Requests > most || stats.Writes != 0 {
		t.Errorf("the empty plan took %d requests and %d writes, want at most %d and 0", stats.Requests, stats.Writes, most)
	}

	for i := range edits {
		switch i % 5 {
		case 0:
			northwind.companies[i].fields["phones"] = fmt.Sprintf(`["+49 30 555 %04d"]`, i)
		case 1:
			northwind.contacts[i].fields["post"] = "Chief Procurement Officer"
		case 2:
			northwind.deals[i].fields["stageId"] = "FINAL_INVOICE"
		case 3:
			northwind.deals[i].fields["opportunity"] = `"1.25"`
		case 4:
			northwind.companies[i].fields["comments"] = "null"
		}
	}
	northwind.write(t, dir)
	report := w.report(exitDone, "apply", "-f", dir, "--yes")
	if report.Counts["succeeded"] != edits || report.Counts["unchanged"] != records-edits {
		t.Errorf("counts %v, want %d succeeded", report.Counts, edits)
	}
	if n := w.portal.Stats().Commands["crm.item.update"]; n != edits {
		t.Errorf("%d updates were executed, want %d", n, edits)
	}
	w.run(exitDone, "plan", "-f", dir, "--detailed-exitcode")
}

func ceil(n, d int) int { return (n + d - 1) / d }

// A world is a portal on loopback and the command line that works on it.
type world struct {
	t      *testing.T
	portal *portal.Portal
	url    string
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
	server := httptest.NewServer(p)
	t.Cleanup(func() { server.Close(); _ = p.Close() })
	return &world{t: t, portal: p, url: server.URL + p.WebhookPath()}
}

// run runs one command and checks its exit code.
func (w *world) run(code int, args ...string) (stdout string) {
	w.t.Helper()
	var out, errs bytes.Buffer
	e := env{stdin: strings.NewReader(""), stdout: &out, stderr: &errs, getenv: boxPlan}
	if got := run(context.Background(), e, append(args, "--portal", w.url)); got != code {
		w.t.Fatalf("%v: exit code %d, want %d\n%s\n%s", args, got, code, tail(out.String()), tail(errs.String()))
	}
	return out.String()
}

// boxPlan is an environment that only says that the portal has no limits.
func boxPlan(name string) (string, bool) { return "box", name == "B24_PLAN" }

func tail(s string) string { return s[max(0, len(s)-3000):] }

type jsonReport struct {
	Counts map[string]int
	Items  []struct {
		Resource, Action, Status, Error, Code, Timestamp, Hint string
		ID                                                     int
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

// northwind is the tables as records.
type northwind struct{ companies, contacts, deals []record }

type record struct {
	kind, name string
	fields     map[string]string // YAML values
}

func readNorthwind(t *testing.T, dir string) *northwind {
	var n northwind
	for _, c := range readTable(t, filepath.Join(dir, "customers.csv")) {
		phones := []string{text(c["phone"])}
		if c["fax"] != "" {
			phones = append(phones, fmt.Sprintf("{value: %s, type: FAX}", text(c["fax"])))
		}
		n.companies = append(n.companies, record{"Company", c["customerID"], map[string]string{
			"title":    text(c["companyName"]),
			"phones":   "[" + strings.Join(phones, ", ") + "]",
			"comments": text(strings.Join([]string{c["address"], c["postalCode"], c["city"], c["region"], c["country"]}, " ")),
			"typeId":   "CUSTOMER",
		}})
		first, last, _ := strings.Cut(c["contactName"], " ")
		n.contacts = append(n.contacts, record{"Contact", c["customerID"], map[string]string{
			"name":       text(first),
			"lastName":   text(last),
			"post":       text(c["contactTitle"]),
			"companyIds": fmt.Sprintf("[{ref: company/%s}]", c["customerID"]),
		}})
	}
	totals := make(map[string]decimal.Decimal)
	for _, d := range readTable(t, filepath.Join(dir, "order_details.csv")) {
		one := decimal.NewFromInt(1)
		line := decimal.RequireFromString(d["unitPrice"]).Mul(decimal.RequireFromString(d["quantity"])).Mul(one.Sub(decimal.RequireFromString(d["discount"])))
		totals[d["orderID"]] = totals[d["orderID"]].Add(line)
	}
	for _, o := range readTable(t, filepath.Join(dir, "orders.csv")) {
		stage := "EXECUTING"
		if o["shippedDate"] != "" {
			stage = "WON"
		}
		n.deals = append(n.deals, record{"Deal", "order-" + o["orderID"], map[string]string{
			"title":               text("Order " + o["orderID"]),
			"companyId":           fmt.Sprintf("{ref: company/%s}", o["customerID"]),
			"contactIds":          fmt.Sprintf("[{ref: contact/%s}]", o["customerID"]),
			"stageId":             stage,
			"opportunity":         fmt.Sprintf("%q", totals[o["orderID"]].StringFixed(2)),
			"isManualOpportunity": "Y",
			"currencyId":          "USD",
			"begindate":           o["orderDate"][:len("2006-01-02")],
			"closedate":           o["requiredDate"][:len("2006-01-02")],
			"additionalInfo":      text(strings.Join([]string{o["shipName"], o["shipAddress"], o["shipCity"], o["shipCountry"]}, ", ")),
		}})
	}
	return &n
}

// text writes a YAML string in single quotes.
func text(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }

// readTable reads a CSV file by its header; the text NULL is an empty value.
func readTable(t *testing.T, path string) []map[string]string {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	r := csv.NewReader(f)
	r.LazyQuotes = true
	rows, err := r.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var out []map[string]string
	for _, row := range rows[1:] {
		m := make(map[string]string)
		for i, v := range row {
			if v != "NULL" {
				m[rows[0][i]] = v
			}
		}
		out = append(out, m)
	}
	return out
}

func (n *northwind) write(t *testing.T, dir string) {
	t.Helper()
	for name, records := range map[string][]record{"companies": n.companies, "contacts": n.contacts, "deals": n.deals} {
		var b strings.Builder
		for _, r := range records {
			fmt.Fprintf(&b, "---\napiVersion: b24apply/v1\nkind: %s\nmetadata: {name: %s}\nspec:\n  fields:\n", r.kind, r.name)
			for field, value := range r.fields {
				fmt.Fprintf(&b, "    %s: %s\n", field, value)
			}
		}
		if err := os.WriteFile(filepath.Join(dir, name+".yaml"), []byte(b.String()), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// One bad record among 100: 99 are applied, what depends on it is blocked, and
// every planned item is reported exactly once.
func TestOneBadRecordAmongAHundred(t *testing.T) {
	dir := t.TempDir()
	n := &northwind{}
	for i := range 100 {
		n.companies = append(n.companies, record{"Company", fmt.Sprintf("c%02d", i), map[string]string{"title": text(fmt.Sprint("Company ", i))}})
	}
	n.companies[42].fields["currencyId"] = "XXX" // no currency of the portal
	n.contacts = []record{{"Contact", "boss", map[string]string{"name": "Boss", "companyIds": "[{ref: company/c42}]"}}, {"Contact", "other", map[string]string{"name": "Other"}}}
	n.deals = []record{{"Deal", "big", map[string]string{"title": "Big", "contactIds": "[{ref: contact/boss}]"}}}
	n.write(t, dir)
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
			if item.Status != "failed" || item.Error == "" || item.Code != "CRM_FIELD_ERROR_VALUE_NOT_VALID" || item.Timestamp == "" {
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
