package kind

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// What every kind has to say, so that nothing about it stands elsewhere.
func TestEveryKindSaysWhatItTakes(t *testing.T) {
	for _, k := range All() {
		if k.Name == "" || k.Plural == "" || k.Schema != strings.ToLower(k.Name)+".json" {
			t.Errorf("%s: plural %q, schema %q", k.Name, k.Plural, k.Schema)
		}
		if !k.HasFields() {
			continue
		}
		m := k.Methods
		for what, said := range map[string]bool{
			"methods": m.Add != "" && m.Update != "" && m.Get != "" && m.List != "" && m.Delete != "" && m.Item != "" && m.Items != "",
			"a mark":  k.Key != KeyNone, "titles": len(k.Titles) > 0, "names": len(k.Names) > 0, "what a review sees": len(k.Review) > 0,
			"codes":            k.Class != ClassRecord || k.Codes.Short != "" && k.Codes.Binding != "" && k.Codes.Object != "",
			"what looks alike": len(k.Alike) > 0,
			"a page":           k.Class != ClassRecord || k.URLPath(2, "17") != "",
		} {
			if !said {
				t.Errorf("%s does not say %s", k.Name, what)
			}
		}
		for _, name := range slices.Concat(k.Key.Fields(), slices.Concat(k.Titles...)) {
			if _, ok := k.Field(name); !ok {
				t.Errorf("%s has no field %s", k.Name, name)
			}
		}
		for _, l := range k.Alike {
			for _, name := range append(slices.Clone(l.Fields), l.Within) {
				rules := k.Fields
				if part, ok := partOf(k.Parts, l.Part); ok {
					columns, _ := partOf(part.Parts, ColumnsPart)
					rules = columns.Columns
				}
				if name != "" && !slices.ContainsFunc(rules, func(r Rule) bool { return r.Name == name }) {
					t.Errorf("%s looks alike by %s, which it does not have", k.Name, name)
				}
			}
		}
		if stages, staged := k.Stages.Directory != "", k.has(StageField); stages != staged {
			t.Errorf("%s: stages are kept %t, and it has a stage %t", k.Name, stages, staged)
		}
		if k.Stages.Pipelines != k.has(PipelineField) {
			t.Errorf("%s: it lies in pipelines %t", k.Name, k.Stages.Pipelines)
		}
		for _, held := range k.Holds {
			if ofBitrix.ByName(held) == nil {
				t.Errorf("%s holds %s, which is no kind", k.Name, held)
			}
		}
	}
}

var ofBitrix *Table

func partOf(parts []Part, name string) (Part, bool) {
	i := slices.IndexFunc(parts, func(p Part) bool { return p.Name == name })
	if i < 0 {
		return Part{}, false
	}
	return parts[i], true
}

func (k *Kind) has(field string) bool {
	_, ok := k.Field(field)
	return ok
}

// Rules are found by their names, and those that are refused name a remedy.
func TestRulesAreSortedAndComplete(t *testing.T) {
	check := func(where string, rules []Rule) {
		for i, r := range rules {
			if i > 0 && rules[i-1].Name >= r.Name {
				t.Errorf("%s: %s stands behind %s", where, r.Name, rules[i-1].Name)
			}
			if (r.Refuse == "") != (r.Hint == "") {
				t.Errorf("%s.%s is refused by %q with the remedy %q", where, r.Name, r.Refuse, r.Hint)
			}
			if r.Doc == "" && r.Refuse == "" {
				t.Errorf("%s.%s has no title", where, r.Name)
			}
			if r.Type == TypeMultifield && r.Refuse == "" && len(ValueTypes(r.Multi)) == 0 {
				t.Errorf("%s.%s: no value types for %q", where, r.Name, r.Multi)
			}
			if r.Type == TypeBoolean && !r.NoClear {
				t.Errorf("%s.%s is emptied, and a yes or no has no empty value", where, r.Name)
			}
			if r.Flag != "" && !ofBitrix.ByName("SPA").has(r.Flag) {
				t.Errorf("%s.%s: a smart process has no %s", where, r.Name, r.Flag)
			}
		}
	}
	var parts func(where string, of []Part)
	parts = func(where string, of []Part) {
		for _, p := range of {
			check(where+"."+p.Name, p.Columns)
			parts(where+"."+p.Name, p.Parts)
		}
	}
	for _, k := range All() {
		check(k.Name, k.Fields)
		parts(k.Name, k.Parts)
	}
}

// No two kinds may be meant by one name, number or code.
func TestKindsAreToldApart(t *testing.T) {
	seen := make(map[string]string)
	for _, k := range All() {
		for what, text := range map[string]string{
			"name": k.Name, "space": k.Space, "entityTypeId": fmt.Sprint(k.EntityTypeID), "link": string(k.Link), "short code": k.Codes.Short, "binding": k.Codes.Binding, "object": k.Codes.Object,
		} {
			if other, ok := seen[what+text]; ok && text != "" && text != "0" {
				t.Errorf("%s and %s have the %s %s", other, k.Name, what, text)
			}
			seen[what+text] = k.Name
		}
	}
}

// Whatever the portal calls an entity type, the name leads back to it.
func TestCodesLeadBack(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		entity := rapid.OneOf(rapid.SampledFrom([]int{1, 2, 3, 4, 7, 14, 31}), rapid.IntRange(128, 1<<20)).Draw(rt, "entityTypeId")
		k := ofBitrix.OfEntity(entity)
		code := ofBitrix.ShortCode(entity)
		if got := ofBitrix.ByShort(code); got != entity {
			rt.Fatalf("%s is %d, want %d", code, got, entity)
		}
		if got := ofBitrix.ByShort(strings.ToLower(code)); got != entity {
			rt.Fatalf("%s in lower case is %d, want %d", code, got, entity)
		}
		if got := ofBitrix.ByBinding(fill(k.Codes.Binding, entity, 0)); got != entity && entity != order.EntityTypeID {
			rt.Fatalf("%s is %d, want %d", k.Codes.Binding, got, entity)
		}
		category := rapid.IntRange(0, 1<<20).Draw(rt, "category")
		if k.Stages.Prefix == "" {
			return
		}
		id := k.StageID(entity, category, "WON")
		if got, ok := k.PipelineOf(entity, id); !ok || got != category || ShortStage(id) != "WON" {
			rt.Fatalf("%s is of pipeline %d, %t, and in short %s", id, got, ok, ShortStage(id))
		}
	})
	for _, none := range []string{"", "X", "T", "Tzz", "DT", "CRM_DEAL", "T-1", "DYNAMIC_"} {
		if short, binding := ofBitrix.ByShort(none), ofBitrix.ByBinding(none); short != 0 || binding != 0 {
			t.Errorf("%q stands for %d and %d", none, short, binding)
		}
	}
}

func TestWhereStagesAreKept(t *testing.T) {
	for _, c := range []struct {
		entity, category int
		want             string
	}{
		{1, 0, "STATUS"}, {2, 0, "DEAL_STAGE"}, {2, 9, "DEAL_STAGE_9"}, {7, 0, "QUOTE_STATUS"}, {31, 2, "SMART_INVOICE_STAGE_2"}, {1038, 4, "DYNAMIC_1038_STAGE_4"},
	} {
		if got := ofBitrix.OfEntity(c.entity).StageDirectory(c.entity, c.category); got != c.want {
			t.Errorf("pipeline %d of %d: %s, want %s", c.category, c.entity, got, c.want)
		}
	}
	for _, id := range []string{"WON", "C:WON", "Cx:WON", "DT31_2:NEW", ""} {
		if n, ok := deal.PipelineOf(2, id); ok {
			t.Errorf("the stage %q of a deal tells the pipeline %d", id, n)
		}
	}
}

func TestWhatUserFieldsBelongTo(t *testing.T) {
	items := ofBitrix.Items()
	if _, ok := items.Object(0); ok {
		t.Error("the object of a type without an id is known")
	}
	if got, ok := items.Object(12); got != "CRM_12" || !ok {
		t.Errorf("type 12: %s, %t", got, ok)
	}
	for k, want := range map[*Kind]string{deal: "CRM_DEAL", invoice: "CRM_SMART_INVOICE", items: "CRM_12"} {
		if got := k.ObjectOf("UF_CRM_12_SERIAL"); got != want {
			t.Errorf("%s: %s, want %s", k.Name, got, want)
		}
	}
	if got := items.ObjectOf("UF_SERIAL"); got != "" {
		t.Errorf("a field that tells no type belongs to %s", got)
	}
}

func TestTitles(t *testing.T) {
	for _, c := range []struct {
		kind *Kind
		row  string
		want string
	}{
		{deal, `{"title":"Website ","name":"x"}`, "Website "},
		{contact, `{"name":"Jane","lastName":"Doe","title":"no"}`, "Jane Doe"},
		{contact, `{"lastName":"Doe"}`, "Doe"},
		{lead, `{"title":null,"name":"Jane","lastName":""}`, "Jane"},
		{product, `{"name":"Bolt"}`, "Bolt"},
		{deal, `{"id":1}`, ""},
	} {
		row, err := DecodeRow(json.RawMessage(c.row))
		if err != nil {
			t.Fatal(err)
		}
		if got := c.kind.Title(row.Text); got != c.want {
			t.Errorf("%s %s: %q, want %q", c.kind.Name, c.row, got, c.want)
		}
	}
}

// A table with a kind of its own finds it like any other, and leaves the built-in one alone.
func TestATableTakesFurtherKinds(t *testing.T) {
	before := ofBitrix.Names()
	partner := &Kind{Name: "Partner", Space: "partner", Class: ClassRecord, Rank: 20, EntityTypeID: 4, Link: TypeCompany, Fields: []Rule{{Name: "title"}, {Name: "active", Type: TypeBoolean}}}
	machine := &Kind{Name: "Machine", Space: "machine", Class: ClassRecord, Rank: 55, EntityTypeID: 1040, Codes: Codes{Short: "T410"}}
	with := ofBitrix.With(partner, machine)
	for what, got := range map[string]*Kind{
		"name": with.ByName("Machine"), "space": with.BySpace("MACHINE"), "entity": with.ByEntity(1040), "of": with.OfEntity(1040), "of space": with.OfSpace("machine"),
	} {
		if got == nil || got.Name != "Machine" {
			t.Errorf("by %s: %v", what, got)
		}
	}
	if with.ByShort("T410") != 1040 || with.ShortCode(1040) != "T410" || with.RecordSpace("1040") != "machine" {
		t.Error("its codes do not lead to it")
	}
	if with.ByName("Company") != nil || with.ByEntity(4).Name != "Partner" || with.ByLink(TypeCompany).Name != "Partner" {
		t.Error("a kind with the entityTypeId of another does not take its place")
	}
	if r, ok := with.ByName("Partner").Field("active"); !ok || !r.NoClear {
		t.Errorf("its rules are not put in order: %+v", r)
	}
	if diff := cmp.Diff(before, ofBitrix.Names()); diff != "" || ofBitrix.ByEntity(4).Name != "Company" {
		t.Errorf("the built-in table has changed: %s", diff)
	}
	if !slices.IsSortedFunc(with.All(), func(a, b *Kind) int { return a.Rank - b.Rank }) {
		t.Error("the kinds are not in the order of their ranks")
	}
}

func TestNamesThatMeanAField(t *testing.T) {
	for _, c := range []struct {
		kind        *Kind
		name        string
		older, word string
	}{
		{deal, "STAGE_ID", "stageId", ""}, {lead, "STATUS_ID", "stageId", "stageId"}, {deal, "NAME", "title", "title"}, {contact, "NAME", "name", "lastName"},
		{spaItem, "NAME", "", "title"}, {deal, "PARENT_ID_140", "parents", ""}, {contact, "PHONE", "phones", "phones"}, {deal, "first_name", "", ""}, {contact, "first_name", "", "name"},
		{company, "ADDRESS_CITY", "addresses", ""}, {deal, "ADDRESS_CITY", "", ""}, {deal, "UF_CRM_X", "", ""}, {deal, "pipeline", "", "categoryId"},
	} {
		if older, word := c.kind.OlderName(c.name), c.kind.Meant(c.name); older != c.older || word != c.word {
			t.Errorf("%s %s: older API %q, meant %q; want %q and %q", c.kind.Name, c.name, older, word, c.older, c.word)
		}
	}
}
