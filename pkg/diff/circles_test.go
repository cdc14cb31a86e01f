package diff

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/b24apply/b24apply/pkg/diff/meta"
	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/plan"
	"github.com/b24apply/b24apply/pkg/value"
	"github.com/b24apply/b24apply/pkg/wire"
)

// linkState is a portal whose deals may hang on deals, and that has some records.
func linkState(live ...value.Address) *State {
	links := func(names ...string) kind.LiveFields {
		var out []kind.LiveField
		for _, n := range names {
			typ := kind.TypeString
			if n == "parentId2" {
				typ = kind.TypeEntity
			}
			out = append(out, kind.LiveField{Name: n, Type: typ})
		}
		return kind.NewLiveFields(out)
	}
	s := &State{Portal: "x.example", Records: make(map[value.Address][]kind.Row), Meta: meta.Data{Fields: map[int]kind.LiveFields{
		1: links("id", "title", "companyId", "contactIds"),
		2: links("id", "title", "companyId", "contactIds", "quoteId", "parentId2"),
		3: links("id", "name", "leadId", "companyIds"),
		4: links("id", "title", "leadId", "contactIds"),
		7: links("id", "title", "dealId"),
	}}}
	for i, a := range live {
		s.Records[a] = []kind.Row{{"id": []byte(fmt.Sprint(100 + i))}}
	}
	return s
}

// declare writes one record of each address with its fields.
func declare(records map[string]string) string {
	kinds := map[string]string{"lead": "Lead", "deal": "Deal", "contact": "Contact", "company": "Company", "quote": "Quote"}
	var b strings.Builder
	for _, address := range slices.Sorted(maps.Keys(records)) {
		space, name, _ := strings.Cut(address, "/")
		fmt.Fprintf(&b, "---\napiVersion: b24apply/v1\nkind: %s\nmetadata: {name: %s}\nspec: {fields: {%s}}\n", kinds[space], name, records[address])
	}
	return b.String()
}

// The cut is where it takes the fewest patches, and the same every time.
func TestCyclesAreSplitWithFewPatches(t *testing.T) {
	for name, tc := range map[string]struct {
		records map[string]string
		live    []value.Address
		want    map[value.Address]string // the step of each patched change and what it waits for
	}{
		"no cycle": {records: map[string]string{"company/a": "title: A", "deal/d": "companyId: {ref: company/a}"}},
		"two: the first in the plan is patched": {
			records: map[string]string{"company/a": "leadId: {ref: lead/b}", "lead/b": "companyId: {ref: company/a}"},
			want:    map[value.Address]string{"company/a": "leadId after lead/b"},
		},
		"itself": {
			records: map[string]string{"deal/d": "parentId2: {ref: deal/d}"},
			want:    map[value.Address]string{"deal/d": "parentId2 after deal/d"},
		},
		"three": {
			records: map[string]string{"company/a": "contactIds: [{ref: contact/c}]", "contact/c": "leadId: {ref: lead/l}", "lead/l": "companyId: {ref: company/a}"},
			want:    map[value.Address]string{"company/a": "contactIds after contact/c"},
		},
		"a hub is patched once, by all of its fields": {
			records: map[string]string{
				"lead/hub":  "companyId: {ref: company/a}, contactIds: [{ref: contact/x}, {ref: contact/y}]",
				"company/a": "leadId: {ref: lead/hub}", "contact/x": "leadId: {ref: lead/hub}", "contact/y": "leadId: {ref: lead/hub}",
			},
			want: map[value.Address]string{"lead/hub": "companyId, contactIds after company/a contact/x contact/y"},
		},
		"what exists is no obstacle": {
			records: map[string]string{"company/a": "title: A2, leadId: {ref: lead/b}", "lead/b": "title: B2, companyId: {ref: company/a}"},
			live:    []value.Address{"company/a", "lead/b"},
		},
		"one exists": {
			records: map[string]string{"company/a": "leadId: {ref: lead/b}", "lead/b": "companyId: {ref: company/a}"},
			live:    []value.Address{"company/a"},
		},
		"what only hangs on a cycle keeps its fields": {
			records: map[string]string{
				"company/a": "leadId: {ref: lead/b}", "lead/b": "companyId: {ref: company/a}",
				"deal/d": "companyId: {ref: company/a}, contactIds: [{ref: contact/c}]", "contact/c": "leadId: {ref: lead/b}",
			},
			want: map[value.Address]string{"company/a": "leadId after lead/b"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			set := load(t, declare(tc.records))
			plan, problems := Compute(set, linkState(tc.live...))
			if problems != nil {
				t.Fatal(problems)
			}
			got := make(map[value.Address]string)
			for _, c := range changesIn(plan) {
				for _, s := range c.Steps {
					got[c.Address] = fmt.Sprintf("%s after %s", s.Name, strings.Trim(fmt.Sprint(s.Deps), "[]"))
				}
			}
			if tc.want == nil {
				tc.want = map[value.Address]string{}
			}
			if d := cmp.Diff(tc.want, got); d != "" {
				t.Error(d)
			}
			checkOrder(t, plan)
		})
	}
}

// checkOrder checks that everything can be created in some order, and that nothing
// which is referred to is forgotten.
func checkOrder(t interface{ Errorf(string, ...any) }, plan *plan.Plan) {
	made := make(map[value.Address]bool)
	for range changesIn(plan) {
		for _, c := range changesIn(plan) {
			if !slices.ContainsFunc(c.Deps, func(a value.Address) bool { return !made[a] }) {
				made[c.Address] = true
			}
		}
	}
	for _, c := range changesIn(plan) {
		if !made[c.Address] {
			t.Errorf("%s can never be saved: it waits for %v", c.Address, c.Deps)
		}
		for _, d := range c.Fields {
			deps := c.Deps
			if d.Step > 0 {
				deps = c.Steps[d.Step-1].Deps
			}
			if l := d.Want; l.IsOpen() && !slices.Contains(deps, l.Ref()) {
				t.Errorf("%s: %s refers to %s and does not wait for it", c.Address, d.Name, l.Ref())
			}
		}
	}
}

// Whatever refers to whatever, there is an order in which it can be created; and equal
// inputs are split alike.
func TestEveryGraphOfRecordsCanBeCreated(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		n := rapid.IntRange(1, 12).Draw(rt, "deals")
		records := make(map[string]string)
		ref := func(space string, label string) string {
			return fmt.Sprintf("{ref: %s/r%d}", space, rapid.IntRange(0, n-1).Draw(rt, label))
		}
		for i := range n {
			records[fmt.Sprintf("deal/r%d", i)] = "companyId: " + ref("company", "company") + ", parentId2: " + ref("deal", "parent") + ", contactIds: [" + ref("contact", "contact") + "]"
			records[fmt.Sprintf("company/r%d", i)] = "leadId: " + ref("lead", "lead")
			records[fmt.Sprintf("lead/r%d", i)] = "companyId: " + ref("company", "of")
			records[fmt.Sprintf("contact/r%d", i)] = "leadId: " + ref("lead", "from") + ", companyIds: [" + ref("company", "at") + "]"
		}
		var live []value.Address
		for _, a := range slices.Sorted(maps.Keys(records)) {
			if rapid.IntRange(0, 3).Draw(rt, "live") == 0 {
				live = append(live, value.Address(a))
			}
		}
		set := load(t, declare(records))
		plan, problems := Compute(set, linkState(live...))
		if problems != nil {
			rt.Fatal(problems)
		}
		checkOrder(rt, plan)
		again, _ := Compute(set, linkState(live...))
		if d := cmp.Diff(steps(plan), steps(again)); d != "" {
			rt.Errorf("equal inputs are split in two ways: %s", d)
		}
	})
}

func steps(p *plan.Plan) (out []string) {
	for _, c := range changesIn(p) {
		out = append(out, fmt.Sprint(c.Address, c.Deps, c.Steps))
	}
	return out
}

// A step gets the id of its record and of what the steps before it made.
func TestAStepKnowsWhatWasMadeBefore(t *testing.T) {
	company := kind.BuiltIn().BySpace("company")
	c := &plan.Change{Address: "company/a", Kind: company.Name, Facts: company, Action: plan.Create, EntityTypeID: 4}
	c.AddStep(plan.Step{Name: "requisite", Part: plan.Requisite})
	c.AddStep(plan.Step{Name: "bank details", After: []int{0}, Part: plan.BankDetail, Of: plan.Parent{Step: 1}})
	var k wire.Known
	if _, err := wire.SettleStep(c, &k, 1); err == nil {
		t.Error("a step of a record that does not exist is settled")
	}
	k.SetID("company/a", "15")
	if _, err := wire.SettleStep(c, &k, 1); err == nil {
		t.Error("a step of a requisite that does not exist is settled")
	}
	k.SetStep("company/a", 0, "27")
	for step, want := range []map[string]any{{"ENTITY_TYPE_ID": 4, "ENTITY_ID": 15}, {"ENTITY_ID": 27}} {
		call, err := wire.SettleStep(c, &k, step)
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(want, call.Request().Params["fields"]); d != "" {
			t.Errorf("step %d (-want +got):\n%s", step, d)
		}
	}
	c.Steps[0].Part = "shoe size"
	if _, err := wire.SettleStep(c, &k, 0); err == nil {
		t.Error("a part that records do not have is settled")
	}
}
