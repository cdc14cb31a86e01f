//go:build unix

package diff

import (
	"encoding/json"
	"fmt"
	"runtime"
	"runtime/debug"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/spec"
	"github.com/b24apply/b24apply/pkg/value"
	"github.com/b24apply/b24apply/pkg/wire"
)

// A growing input is one resource, or many, and what the portal has; n is its size.
type growing struct {
	size  int
	write func(n int) (manifests string, state *State)
}

const contactHead = "apiVersion: b24apply/v1\nkind: Contact\nmetadata: {name: c}\nspec: {fields: {name: C, "

func phone(i int) string { return fmt.Sprintf("+4930%07d", i) }

// manyPhones declares n phones beside those of the portal, which are live.
func manyPhones(n int, declared string, live func(i int) string) (string, *State) {
	var list, rows []string
	for i := range n {
		list = append(list, `"`+phone(i)+`"`)
		rows = append(rows, fmt.Sprintf(`{"id":%d,"typeId":"PHONE","valueType":"WORK","value":%q}`, i+1, live(i)))
	}
	state := dealState(map[value.Address][]kind.Row{"contact/c": {mustRow(`{"id":7,"name":"C","fm":[` + strings.Join(rows, ",") + `]}`)}})
	state.Meta.Fields[3] = fields("id", "name", "phones", "fm")
	return contactHead + "phones: " + fmt.Sprintf(declared, strings.Join(list, ", ")) + "}}\n", state
}

func mustRow(object string) kind.Row {
	r, err := kind.DecodeRow(json.RawMessage(object))
	if err != nil {
		panic(err)
	}
	return r
}

// manyProducts declares n product rows of a price each, beside live ones of others.
func manyProducts(n int, name func(i int) string, declared, live func(i int) int) (string, *State) {
	var list, rows []string
	for i := range n {
		list = append(list, fmt.Sprintf("{name: %s, price: %d}", name(i), declared(i)))
		rows = append(rows, liveRow(i+1, fmt.Sprintf(`"productName":%q,"price":%d`, name(i), live(i))))
	}
	deal := mustRow(`{"id":7,"title":"D","opportunity":10,"isManualOpportunity":"Y"}`)
	deal["products"] = json.RawMessage("[" + strings.Join(rows, ",") + "]")
	return strings.TrimSpace(fmt.Sprintf(oneDeal, "opportunity: 10")) + "\n  products: [" + strings.Join(list, ", ") + "]\n",
		dealState(map[value.Address][]kind.Row{"deal/d": {deal}})
}

// manyOptions declares n options of a list field that has as many.
func manyOptions(n int, label func(i int) string) (string, *State) {
	field := kind.LiveField{Name: "ufCrm_1_KIND", Type: kind.TypeEnumeration, Multiple: true, Dynamic: true, UpperName: "UF_CRM_1_KIND"}
	var list, ids []string
	for i := range n {
		field.Options = append(field.Options, &kind.Option{ID: i + 1, Label: label(i), Code: fmt.Sprintf("c%d", i)})
		list, ids = append(list, fmt.Sprintf("c%d", i)), append(ids, fmt.Sprint(n-i))
	}
	state := dealState(map[value.Address][]kind.Row{"deal/d": {mustRow(`{"id":7,"title":"T","ufCrm_1_KIND":[` + strings.Join(ids, ",") + `]}`)}})
	state.Meta.Fields[2] = kind.NewLiveFields([]kind.LiveField{{Name: "id", Type: kind.TypeInteger}, {Name: "title", Type: kind.TypeString}, field})
	return fmt.Sprintf(oneDeal, "KIND: ["+strings.Join(list, ", ")+"]"), state
}

var growingPlans = map[string]growing{
	"phones as they are": {1000, func(n int) (string, *State) { return manyPhones(n, "[%s]", phone) }},
	"phones in another order": {3000, func(n int) (string, *State) {
		return manyPhones(n, "[%s]", func(i int) string { return phone(n - 1 - i) })
	}},
	"other phones": {3000, func(n int) (string, *State) {
		return manyPhones(n, "[%s]", func(i int) string { return phone(5_000_000 + i) })
	}},
	"phones to add": {3000, func(n int) (string, *State) {
		return manyPhones(n, "{add: [%s]}", func(i int) string { return phone(5_000_000 + i) })
	}},
	"phones to remove": {3000, func(n int) (string, *State) { return manyPhones(n, "{remove: [%s]}", phone) }},
	"product rows in another order": {1000, func(n int) (string, *State) {
		return manyProducts(n, func(i int) string { return fmt.Sprint("P", i) }, func(i int) int { return i }, func(i int) int { return i + 1 })
	}},
	"product rows of one name": {1000, func(n int) (string, *State) {
		return manyProducts(n, func(int) string { return "P" }, func(i int) int { return i }, func(i int) int { return n - 1 - i })
	}},
	"product rows of one name with other prices": {1000, func(n int) (string, *State) {
		return manyProducts(n, func(int) string { return "P" }, func(i int) int { return i }, func(i int) int { return n + i })
	}},
	"options of a list":    {4000, func(n int) (string, *State) { return manyOptions(n, func(i int) string { return fmt.Sprint("L", i) }) }},
	"options of one label": {4000, func(n int) (string, *State) { return manyOptions(n, func(int) string { return "L" }) }},
	"unknown ids in a list": {8000, func(n int) (string, *State) {
		state := dealState(map[value.Address][]kind.Row{"deal/d": {mustRow(`{"id":7,"title":"D"}`)}})
		state.Meta.Fields[2] = kind.NewLiveFields([]kind.LiveField{{Name: "id", Type: kind.TypeInteger}, {Name: "title", Type: kind.TypeString}, {Name: "contactIds", Type: kind.TypeContact, Multiple: true}})
		state.Meta.Linked = make(map[kind.RecordID]bool)
		var ids []string
		for i := range n {
			ids = append(ids, fmt.Sprint(i+1))
			state.Meta.Linked[kind.RecordID{EntityTypeID: 3, ID: i + 1}] = false
		}
		return fmt.Sprintf(oneDeal, "contactIds: ["+strings.Join(ids, ", ")+"]"), state
	}},
	"records with unknown ids": {2000, func(n int) (string, *State) {
		state := dealState(nil)
		state.Meta.Linked = make(map[kind.RecordID]bool)
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, "---\napiVersion: b24apply/v1\nkind: Deal\nmetadata: {name: d%d}\nspec: {fields: {title: D, companyId: %d}}\n", i, i+1)
			state.Meta.Linked[kind.RecordID{EntityTypeID: 4, ID: i + 1}] = false
		}
		return b.String(), state
	}},
}

// planCost is what it costs to plan, and to write the requests down, without the collector:
// how often that runs depends on what else the machine does.
func planCost(t *testing.T, set *spec.Set, state *State) time.Duration {
	t.Helper()
	runtime.GC()
	defer debug.SetGCPercent(debug.SetGCPercent(-1))
	start := usedTime(t)
	plan, problems := Compute(set, state)
	if problems.HasErrors() {
		t.Fatal(problems[0])
	}
	for _, c := range pendingIn(plan) {
		ready, err := wire.Settle(&c, &wire.Known{})
		if err != nil {
			t.Fatal(err)
		}
		if c.Saves() {
			_ = ready.Request()
		}
	}
	return usedTime(t) - start
}

// usedTime is what the process has used of the processors.
func usedTime(t *testing.T) time.Duration {
	t.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		t.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// A plan of twice the size costs less than three times as much, where a quadratic one costs
// four times. What is measured is the least of several runs, beside a little that a busy machine may take.
func TestPlanningGrowsWithTheSize(t *testing.T) {
	const most, noise, tries = 3, 20 * time.Millisecond, 8
	for name, g := range growingPlans {
		t.Run(name, func(t *testing.T) {
			var sets [2]*spec.Set
			var states [2]*State
			for i := range sets {
				manifests, state := g.write(g.size << i)
				sets[i], states[i] = load(t, manifests), state
			}
			one, two := time.Hour, time.Hour
			for range tries {
				one, two = min(one, planCost(t, sets[0], states[0])), min(two, planCost(t, sets[1], states[1]))
				if float64(two) < most*float64(one)+float64(noise) {
					return
				}
			}
			t.Errorf("%d took %s, %d took %s", g.size, one, 2*g.size, two)
		})
	}
}
