package wire

import (
	"cmp"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/b24apply/b24apply/pkg/bitrix"
	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/plan"
	"github.com/b24apply/b24apply/pkg/value"
)

var update = flag.Bool("update", false, "rewrite the golden file")

// A testCase is a change and the calls that it has.
type testCase struct {
	name   string
	change plan.Change
}

// calls settles the record itself and every step.
func (tc *testCase) calls(t *testing.T) []Call {
	t.Helper()
	var k Known
	ready, err := Settle(&tc.change, &k)
	if err != nil {
		t.Fatalf("%s: %v", tc.name, err)
	}
	calls := []Call{ready}
	k.SetID(tc.change.Address, "7")
	for i := range tc.change.Steps {
		call, err := SettleStep(&tc.change, &k, i)
		if err != nil {
			t.Fatalf("%s: step %d: %v", tc.name, i, err)
		}
		calls = append(calls, call)
		k.SetStep(tc.change.Address, i, fmt.Sprint(30+i))
	}
	return calls
}

// writable are the kinds whose objects are made by calls.
func writable() []*kind.Kind {
	return slices.DeleteFunc(kind.BuiltIn().All(), func(k *kind.Kind) bool { return k.Methods.Add == "" })
}

// newChange is a change of one named thing of a kind.
func newChange(k *kind.Kind, action plan.Action) plan.Change {
	name := "title"
	if _, ok := k.Field("title"); k.HasFields() && !ok {
		name = "name"
	}
	c := plan.Change{Address: value.NewAddress(strings.ToLower(k.Name), "x"), Kind: k.Name, Facts: k, Action: action,
		Mark: plan.Slot{Facts: k, Key: k.Key, Wire: markField(k)}.Mark("o", "x")}
	if k.Methods.Typed {
		c.EntityTypeID = cmp.Or(k.EntityTypeID, 180)
	}
	if k.Methods.Placed {
		c.Place = &plan.Place{Catalogue: "23", Name: "Old"}
	}
	d := plan.Field{Name: name, Wire: name, Type: value.Type{Name: "string"}, Want: value.Text("New")}
	if action != plan.Create {
		c.ID, c.Own, c.Mark, d.Live = "7", c.Mark, nil, value.Text("Old")
	}
	c.Fields = []plan.Field{d}
	return c
}

func markField(k *kind.Kind) string {
	if k.Key == kind.KeyField {
		return "ufCrmKey"
	}
	return ""
}

// testCases are a create and an update of every kind, and for each part of a kind one row
// that is new, changed and deleted.
func testCases() []testCase {
	var out []testCase
	for _, k := range writable() {
		for _, action := range []plan.Action{plan.Create, plan.Update} {
			out = append(out, testCase{fmt.Sprint(action, " ", k.Name), newChange(k, action)})
		}
		for _, p := range partsOf(k.Parts) {
			for _, form := range []string{"new", "changed", "deleted"} {
				if c, ok := partChange(k, p, form); ok {
					out = append(out, testCase{fmt.Sprint(form, " ", p.Name, " of ", k.Name), c})
				}
			}
		}
		if rule, ok := k.Field(kind.PricePart); ok && rule.Type == kind.TypePrice {
			for _, form := range []string{"new", "changed", "deleted"} {
				out = append(out, testCase{fmt.Sprint(form, " price of ", k.Name), priceChange(k, rule, form)})
			}
		}
	}
	return out
}

// partsOf lists parts with their own parts, but for official columns, which are no rows.
func partsOf(parts []kind.Part) []kind.Part {
	var out []kind.Part
	for _, p := range parts {
		if p.Name != kind.ColumnsPart {
			out = append(append(out, p), partsOf(p.Parts)...)
		}
	}
	return out
}

// partChange is an update that consists of one step for a part.
func partChange(k *kind.Kind, p kind.Part, form string) (plan.Change, bool) {
	c := newChange(k, plan.Update)
	c.Fields = nil
	s := plan.Step{Name: p.Name + ".main", Part: plan.Part(p.Name), Remove: form == "deleted"}
	d := plan.Field{Name: p.Name + ".main.name", Wire: "NAME", Type: value.Type{Name: "string"}, Want: value.Text("New")}
	switch p.Name {
	case kind.ProductsPart:
		s.Remove = false
		d = plan.Field{Name: p.Name, Wire: p.Name, Type: kind.ProductsType("EUR")}
		row := value.Mapped(value.Part{Name: "name", Value: value.Text("Support")}, value.Part{Name: "price", Value: value.Text("10")})
		if form != "deleted" {
			d.Want = value.Listed(row)
		}
		if form != "new" {
			d.Live = value.Listed(row, row)
		}
	case kind.AddressesPart:
		s.Type, d.Wire = "6", "CITY"
		if form == "changed" {
			s.Live = value.Mapped(value.Part{Name: "CITY", Value: value.Text("Old")}, value.Part{Name: "COUNTRY", Value: value.Text("DE")})
		}
	default:
		if p.Rows.Method == "" {
			return c, false
		}
		if s.Mark = []plan.Mark{{Wire: "ORIGINATOR_ID", Value: "b24apply:o"}, {Wire: "XML_ID", Value: "main"}}; form != "new" {
			s.ID, s.Mark = "5", nil
		}
	}
	if p.Name == kind.BankDetailsPart || p.Name == kind.AddressesPart && k.EntityTypeID != 1 {
		s.Of = plan.Parent{ID: "4"}
	}
	if c.Fields = []plan.Field{d}; s.Remove {
		c.Fields = nil
	}
	c.AddStep(s, d.Name)
	return c, true
}

func priceChange(k *kind.Kind, rule kind.Rule, form string) plan.Change {
	c := newChange(k, plan.Update)
	typ := rule.ValueType()
	typ.Field = "1"
	d := plan.Field{Name: kind.PricePart, Wire: kind.PricePart, Type: typ}
	if form != "deleted" {
		d.Want = value.Text("10", value.Part{Name: "currency", Value: value.Text("EUR")})
	}
	if form != "new" {
		d.Live = value.Text("9", value.Part{Name: "currency", Value: value.Text("EUR")}, value.Part{Name: "id", Value: value.Text("3")})
	}
	c.Fields = []plan.Field{d}
	c.AddStep(plan.Step{Name: d.Name, Part: plan.Price, Type: "1"}, d.Name)
	return c
}

// requests writes down what the calls of a change send, read again and look for.
func requests(t *testing.T, tc *testCase) string {
	t.Helper()
	var b strings.Builder
	line := func(what, method string, params bitrix.Params) {
		text, err := json.Marshal(params)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&b, "  %-5s %s %s\n", what, method, text)
	}
	for i, c := range tc.calls(t) {
		if ready, ok := c.(*Ready); ok && i == 0 && !ready.Change.Saves() {
			continue
		}
		r := c.Request()
		line("send", r.Method, r.Params)
		g := c.Get(7)
		line("read", g.Method, g.Params)
		if c.Once() {
			l := c.Find()
			line("find", l.Method, l.Params)
		}
	}
	return b.String()
}

// Every change of every kind and of every part becomes the request that the documentation of
// its method describes.
func TestEveryChangeBecomesItsRequest(t *testing.T) {
	var b strings.Builder
	for _, tc := range testCases() {
		fmt.Fprintf(&b, "%s\n%s", tc.name, requests(t, &tc))
	}
	golden := filepath.Join("testdata", "requests.txt")
	if *update {
		if err := os.WriteFile(golden, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := gocmp.Diff(string(want), b.String()); diff != "" {
		t.Error(diff)
	}
}

// A change that was written down and read back sends the same requests.
func TestAChangeThroughJSONSendsTheSame(t *testing.T) {
	for _, tc := range testCases() {
		written, err := json.Marshal(plan.Plan{Changes: plan.List(tc.change)})
		if err != nil {
			t.Fatal(err)
		}
		var back plan.Plan
		if err := json.Unmarshal(written, &back); err != nil {
			t.Fatal(err)
		}
		if err := back.Know(nil); err != nil {
			t.Fatal(err)
		}
		change, err := back.Changes.Change(0)
		if err != nil {
			t.Fatal(err)
		}
		loaded := testCase{tc.name, *change}
		if diff := gocmp.Diff(requests(t, &tc), requests(t, &loaded)); diff != "" {
			t.Errorf("%s: -made +loaded:\n%s", tc.name, diff)
		}
	}
}

// An answer that echoes what was sent is taken; one that drops a field or alters the mark is
// a mismatch of it; one without an id, or of another form, is an error.
func TestAnswersAreVerified(t *testing.T) {
	for _, k := range writable() {
		c := newChange(k, plan.Create)
		tc := testCase{k.Name, c}
		ready := tc.calls(t)[0].(*Ready)
		field, last := c.Fields[0].Name, ""
		answer := map[string]any{"id": 7, field: "New"}
		for _, m := range c.Mark {
			answer[m.Wire], last = m.Value, m.Wire
		}
		for name, one := range map[string]struct {
			edit  func(map[string]any)
			wrong []string
			fails bool
		}{
			"echo":            {edit: func(map[string]any) {}},
			"an altered text": {edit: func(a map[string]any) { a[field] = "Nw" }, wrong: []string{field}},
			"a dropped field": {edit: func(a map[string]any) { delete(a, field) }, wrong: []string{field}},
			"a dropped mark":  {edit: func(a map[string]any) { delete(a, last) }, wrong: []string{last}},
			"no id":           {edit: func(a map[string]any) { delete(a, "id") }, fails: true},
		} {
			if last == "" && name == "a dropped mark" {
				continue
			}
			t.Run(k.Name+" "+name, func(t *testing.T) {
				given := make(map[string]any)
				for name, v := range answer {
					given[name] = v
				}
				one.edit(given)
				raw, err := json.Marshal(map[string]any{cmp.Or(k.Methods.Stored, k.Methods.Item): given})
				if err != nil {
					t.Fatal(err)
				}
				row, id, _, err := ready.Object(raw)
				if one.fails {
					if err == nil {
						t.Errorf("%s is taken, with id %d", raw, id)
					}
					return
				}
				if err != nil || id != 7 {
					t.Fatalf("id %d, %v", id, err)
				}
				var wrong []string
				for _, m := range ready.Verify(row) {
					wrong = append(wrong, m.Field)
				}
				if diff := gocmp.Diff(one.wrong, wrong); diff != "" {
					t.Errorf("-want +got:\n%s", diff)
				}
			})
		}
		for _, raw := range []string{"", "null", "true", "[]", `{"other":{"id":7}}`} {
			if _, _, _, err := ready.Object([]byte(raw)); err == nil {
				t.Errorf("%s: the answer %q is taken", k.Name, raw)
			}
		}
	}
}

// What a lost create made is found by its mark, byte for byte.
func TestALostCreateIsFoundByItsMark(t *testing.T) {
	for _, k := range writable() {
		if k.Methods.Alone {
			continue // types are told apart by more than a mark
		}
		c := newChange(k, plan.Create)
		tc := testCase{k.Name, c}
		row := map[string]any{"id": 7}
		for _, m := range c.Mark {
			row[m.Wire] = m.Value
		}
		mine, _ := json.Marshal(row)
		last := c.Mark[len(c.Mark)-1]
		row["id"], row[last.Wire] = 8, strings.ToUpper(last.Value)
		other, _ := json.Marshal(row)
		ids, err := tc.calls(t)[0].Found([]json.RawMessage{other, mine})
		if err != nil || !slices.Equal(ids, []int{7}) {
			t.Errorf("%s: %v, %v", k.Name, ids, err)
		}
	}
}

// What is not known when a change is settled is an error that names it.
func TestWhatIsNotThereYetIsAnError(t *testing.T) {
	deal := kind.BuiltIn().ByName("Deal")
	link := newChange(deal, plan.Create)
	link.Fields[0].Type, link.Fields[0].Want = value.Type{Name: "crm_company"}, value.Text("", value.Part{Name: "ref", Value: value.Text("company/acme")})
	item := newChange(kind.BuiltIn().Items(), plan.Create)
	item.EntityTypeID, item.Type = 0, "spa/equipment"
	for want, c := range map[string]plan.Change{"company/acme": link, "spa/equipment": item} {
		if _, err := Settle(&c, &Known{}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %s named", err, want)
		}
	}
	var k Known
	k.SetID("company/acme", "12")
	k.SetType("spa/equipment", CreatedType{EntityTypeID: 177})
	for name, c := range map[string]plan.Change{`"title":12`: link, `"entityTypeId":177`: item} {
		ready, err := Settle(&c, &k)
		if err != nil {
			t.Fatal(err)
		}
		if sent, _ := json.Marshal(ready.Request().Params); !strings.Contains(string(sent), name) {
			t.Errorf("%s, want %s", sent, name)
		}
	}
}
