package main

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/portal"
)

// Every field that can be declared converges: created empty, set, changed, spelled in
// another way and cleared. After every apply a second plan is empty and writes
// nothing, east and west of UTC.
func TestEveryFieldOfEveryKindConverges(t *testing.T) {
	for _, zone := range []*time.Location{time.FixedZone("+03:00", 3*3600), time.FixedZone("-05:00", -5*3600)} {
		t.Run(zone.String(), func(t *testing.T) {
			t.Parallel()
			l := newLadder(t, portal.Config{Zone: zone})
			l.tape.loose = true
			l.recorded()
			for _, kind := range kind.All() {
				for _, rule := range kind.Fields {
					if l.climbable(kind, rule) {
						l.add(kind, rule)
					}
				}
			}
			l.climb()
		})
	}
}

// climbable leaves out what no manifest can declare.
func (l *fieldLadder) climbable(of *kind.Kind, rule kind.Rule) bool {
	return of.Class != kind.ClassProject && of.Class != kind.ClassCatalog && rule.Refuse == "" &&
		!slices.Contains(elsewhere, of.Name+"."+rule.Name)
}

// The rungs that every field climbs, in order.
const (
	rungEmpty   = iota // created with null
	rungFirst          // set
	rungSecond         // changed
	rungAgain          // the same in another spelling: no change
	rungCleared        // null
	rungs
)

var rungNames = [rungs]string{"created empty", "set", "changed", "spelled differently", "cleared"}

// A fieldLadder is a portal with records that others refer to, and one record for each
// field under test, which alone declares it. One more record declares them all.
type fieldLadder struct {
	*world
	dir    string
	ids    map[string]int // of the records that fields may link to
	tested []tested
}

// tested is one record and its fields on every rung; a field that is "" is absent.
type tested struct {
	address, kind, name string
	rungs               [rungs]map[string]string
}

// The stock is declared on every rung, so that there is something to refer to.
const stockTypes = `
kind: SPA
metadata: {name: site}
spec:
  title: Sites
  relations: {child: [lead, deal, contact, company, quote, invoice, asset]}
---
kind: SPA
metadata: {name: asset}
spec:
  title: Assets
  entityTypeId: 140
  isBeginCloseDatesEnabled: Y
  isCategoriesEnabled: Y
  isClientEnabled: Y
  isLinkWithProductsEnabled: Y
  isMycompanyEnabled: Y
  isObserversEnabled: Y
  isSourceEnabled: Y
  isStagesEnabled: Y
`

const stockRecords = `
kind: SPAItem
metadata: {name: NAME}
spec: {type: site, fields: {title: NAME}}
---
kind: Company
metadata: {name: NAME}
spec: {fields: {title: NAME, isMyCompany: Y}}
---
kind: Contact
metadata: {name: NAME}
spec: {fields: {name: NAME}}
---
kind: Lead
metadata: {name: NAME}
spec: {fields: {title: NAME}}
---
kind: Deal
metadata: {name: NAME}
spec: {fields: {title: NAME}}
`

// newLadder opens a portal and applies the stock: one record of each kind
// named left and one named right, and a second pipeline wherever there can be one.
func newLadder(t *testing.T, cfg portal.Config) *fieldLadder {
	t.Helper()
	l := ladderOf(openWorld(t, cfg))
	for name, content := range map[string]string{"first.txt": "one", "second.txt": "two", "again.txt": "two"} {
		if err := os.WriteFile(filepath.Join(l.dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	l.write("stock", stockTypes, strings.ReplaceAll(stockRecords, "NAME", "left"), strings.ReplaceAll(stockRecords, "NAME", "right"))
	var report struct {
		Items []struct {
			Resource string
			ID       int `json:",string"`
		}
	}
	if err := json.Unmarshal([]byte(l.run(exitDone, "apply", "-f", l.dir, "--yes", "-o", "json")), &report); err != nil {
		t.Fatal(err)
	}
	for _, item := range report.Items {
		l.ids[item.Resource] = item.ID
	}
	for _, entity := range []int{2, 31, 140} {
		l.call("crm.category.add", fmt.Sprintf(`{"entityTypeId":%d,"fields":{"name":"Partners"}}`, entity))
	}
	for _, name := range []string{"left", "right"} {
		l.call("crm.item.add", fmt.Sprintf(`{"entityTypeId":7,"fields":{"title":%q}}`, name))
	}
	return l
}

func (l *fieldLadder) call(method, params string) {
	l.t.Helper()
	response, err := foreignPost(l.url+method, params)
	if err != nil {
		l.t.Fatal(err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		l.t.Fatalf("%s: HTTP %d", method, response.StatusCode)
	}
}

// write writes documents, separated by ---, without their apiVersion.
func (l *fieldLadder) write(name string, documents ...string) {
	l.t.Helper()
	var b strings.Builder
	for _, text := range documents {
		for document := range strings.SplitSeq(text, "\n---\n") {
			fmt.Fprintf(&b, "---\napiVersion: b24apply/v1\n%s\n", strings.TrimSpace(document))
		}
	}
	if err := os.WriteFile(filepath.Join(l.dir, name+".yaml"), []byte(b.String()), 0o600); err != nil {
		l.t.Fatal(err)
	}
}

// add puts a field on the ladder.
func (l *fieldLadder) add(of *kind.Kind, rule kind.Rule) {
	s, ok := l.samplesOf(of, rule)
	if !ok {
		l.t.Errorf("no samples for %s of %s, which is of type %s", rule.Name, of.Name, rule.Type)
		return
	}
	null := "null"
	if rule.Type == kind.TypeParents {
		null = "{site: null}"
	}
	if rule.NoClear {
		null = ""
	}
	values := [rungs]string{null, s.first, s.second, s.again, null}
	if s.first == s.second { // it cannot be changed
		values[rungEmpty], values[rungCleared] = s.first, ""
	}
	l.declare(of, "only-"+rule.Name, rule.Name, values)
	l.declare(of, "everything", rule.Name, values)
}

func (l *fieldLadder) declare(kind *kind.Kind, record, field string, values [rungs]string) {
	space := kind.Space
	if kind.Name == "SPAItem" {
		space = "asset"
	}
	address := strings.ToLower(space + "/" + record)
	i := slices.IndexFunc(l.tested, func(r tested) bool { return r.address == address })
	if i < 0 {
		i = len(l.tested)
		r := tested{address: address, kind: kind.Name, name: record}
		for rung := range r.rungs {
			r.rungs[rung] = make(map[string]string)
		}
		l.tested = append(l.tested, r)
	}
	for rung, value := range values {
		l.tested[i].rungs[rung][field] = strings.ReplaceAll(value, "RECORD", record)
	}
}

// document writes the resource as it is declared on a rung.
func (r tested) document(rung int) string {
	var b strings.Builder
	fmt.Fprintf(&b, "kind: %s\nmetadata: {name: %s}\nspec:\n", r.kind, r.name)
	fields, indent := map[string]string{"opened": "Y"}, "    "
	switch r.kind {
	case "SPA":
		fields, indent = map[string]string{"title": "Type " + r.name}, "  "
	case "Product", "ProductSection":
		fields = map[string]string{"name": r.name}
		b.WriteString("  fields:\n")
	case "SPAItem":
		b.WriteString("  type: asset\n  fields:\n")
	default:
		b.WriteString("  fields:\n")
	}
	for name, value := range r.rungs[rung] {
		if value != "" {
			fields[name] = value
		}
	}
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		fmt.Fprintf(&b, "%s%s: %s\n", indent, name, fields[name])
	}
	return b.String()
}

// climb applies rung after rung. Each changes what differs from the one before and
// nothing else, and holds: a second plan is empty.
func (l *fieldLadder) climb() {
	for rung := range rungs {
		documents := make([]string, len(l.tested))
		for i, r := range l.tested {
			documents[i] = r.document(rung)
		}
		l.write("tested", documents...)
		if rung != rungAgain {
			l.applies(rung)
		}
		l.holds(rung)
	}
}

// applies applies a rung and checks that it wrote exactly what it should.
func (l *fieldLadder) applies(rung int) {
	l.t.Helper()
	for _, item := range l.rungReport(rung).Items {
		i := slices.IndexFunc(l.tested, func(r tested) bool { return r.address == item.Resource })
		want := "unchanged"
		if i >= 0 && l.tested[i].differs(rung) || strings.HasPrefix(item.Resource, "fields/") {
			want = "succeeded"
		}
		if item.Status != want {
			l.t.Errorf("%s: %s is %s, want %s: %s", rungNames[rung], item.Resource, item.Status, want, item.Error)
		}
	}
}

// differs tells whether a rung declares other values than the portal has from the
// rungs before. What was spelled in another way was not applied.
func (r tested) differs(rung int) bool {
	for field, value := range r.rungs[rung] {
		before := ""
		for i, earlier := range r.rungs[:rung] {
			if i != rungAgain {
				before = cmp.Or(earlier[field], before)
			}
		}
		if value != "" && value != before {
			return true
		}
	}
	return rung == rungEmpty
}

// anyExit runs one command whatever its exit code.
func (l *fieldLadder) anyExit(args ...string) (stdout string) {
	l.t.Helper()
	var out, errs bytes.Buffer
	e := l.taped(env{stdin: strings.NewReader(""), stdout: &out, stderr: &errs, getenv: boxPlan, kinds: l.kinds}, args)
	code := run(l.t.Context(), e, append(args, "--portal", l.url))
	if out.Len() == 0 {
		l.t.Fatalf("%v: exit code %d\n%s", args, code, tail(errs.String()))
	}
	return out.String()
}

func (l *fieldLadder) rungReport(rung int) (report jsonReport) {
	l.t.Helper()
	out := l.anyExit("apply", "-f", l.dir, "--yes", "-o", "json")
	if err := json.Unmarshal([]byte(out), &report); err != nil {
		l.t.Fatalf("%s: %v\n%s", rungNames[rung], err, tail(out))
	}
	if report.Items == nil {
		l.t.Fatalf("%s: refused:\n%s", rungNames[rung], out)
	}
	return report
}

// holds plans once more and names every field that is still to be changed.
func (l *fieldLadder) holds(rung int) {
	l.t.Helper()
	before := l.portal.Stats().Writes
	var plan struct {
		Changes []struct {
			Address, Action string
			Fields          []struct {
				Name          string
				Before, After any
			}
		}
	}
	out := l.anyExit("plan", "-f", l.dir, "-o", "json")
	if err := json.Unmarshal([]byte(out), &plan); err != nil {
		l.t.Fatal(err)
	}
	if plan.Changes == nil {
		l.t.Fatalf("%s: the plan is refused:\n%s", rungNames[rung], out)
	}
	for _, c := range plan.Changes {
		for _, f := range c.Fields {
			l.t.Errorf("%s: a second plan would %s %s: %s: %v → %v", rungNames[rung], c.Action, c.Address, f.Name, f.Before, f.After)
		}
		if c.Action != "no-op" && len(c.Fields) == 0 {
			l.t.Errorf("%s: a second plan would %s %s", rungNames[rung], c.Action, c.Address)
		}
	}
	if wrote := l.portal.Stats().Writes - before; wrote != 0 {
		l.t.Errorf("%s: the plan wrote %d times", rungNames[rung], wrote)
	}
}
