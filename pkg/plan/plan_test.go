package plan

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"github.com/b24apply/b24apply/internal/ui/words"
	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/value"
)

// values draws canonical values of every form, some levels deep.
func values(depth int) *rapid.Generator[value.Value] {
	return rapid.Custom(func(t *rapid.T) value.Value {
		most := 0
		if depth > 0 {
			most = 3
		}
		named := func(label string) []value.Part {
			var out []value.Part
			for _, name := range rapid.SliceOfNDistinct(rapid.StringMatching(`[a-z]{1,4}`), 0, most, rapid.ID[string]).Draw(t, label) {
				out = append(out, value.Part{Name: name, Value: values(depth-1).Draw(t, name)})
			}
			return out
		}
		switch rapid.IntRange(0, 3).Draw(t, "form") {
		case 0:
			return value.Value{}
		case 1:
			return value.Mapped(named("members")...)
		case 2:
			var entries []value.Value
			for range rapid.IntRange(0, most).Draw(t, "entries") {
				entries = append(entries, values(depth-1).Draw(t, "entry"))
			}
			return value.Listed(entries...)
		}
		return value.Text(rapid.String().Draw(t, "text"), named("attributes")...)
	})
}

// shown draws shown values of every form, some levels deep.
func shown(depth int) *rapid.Generator[value.Shown] {
	return rapid.Custom(func(t *rapid.T) value.Shown {
		s := value.Shown{Text: rapid.String().Draw(t, "text")}
		if depth == 0 || rapid.Bool().Draw(t, "alone") {
			return s
		}
		style := rapid.SampledFrom([]value.Style{value.Alone, value.Bracketed, value.Row, value.Number}).Draw(t, "style")
		s.Rest = &value.Rest{Style: style, Items: rapid.SliceOfN(shown(depth-1), 0, 2).Draw(t, "items")}
		for _, name := range rapid.SliceOfN(rapid.String(), 0, 2).Draw(t, "names") {
			s.Rest.Parts = append(s.Rest.Parts, value.ShownPart{Name: name, Shown: shown(depth-1).Draw(t, "part")})
		}
		return s
	})
}

// anything draws what is written down of changes and plans.
func anything() rapid.MakeConfig {
	message := rapid.Custom(func(t *rapid.T) value.Message {
		return value.Say(rapid.StringMatching(`[a-z-]{1,8}`).Draw(t, "code"), value.T("name", rapid.String().Draw(t, "name")), value.L("list", []string{"a"}))
	})
	config := rapid.MakeConfig{
		Types: map[reflect.Type]*rapid.Generator[any]{
			reflect.TypeFor[value.Value]():    values(1).AsAny(),
			reflect.TypeFor[value.Shown]():    shown(2).AsAny(),
			reflect.TypeFor[value.Message]():  message.AsAny(),
			reflect.TypeFor[[]value.Column](): rapid.Just([]value.Column{{Name: "price", Wire: "PRICE", Type: value.Type{Name: "double", Places: 2}}}).AsAny(),
		},
		Fields: map[reflect.Type]map[string]*rapid.Generator[any]{
			reflect.TypeFor[Unchanged](): {"Facts": rapid.Just((*kind.Kind)(nil)).AsAny()},
			reflect.TypeFor[Change]():    {"Facts": rapid.Just((*kind.Kind)(nil)).AsAny()},
		},
	}
	few := rapid.SliceOfN(rapid.MakeCustom[Field](config), 0, 2).AsAny()
	for _, name := range []string{"Fields", "Held", "Kept"} {
		config.Fields[reflect.TypeFor[Change]()][name] = few
	}
	return config
}

// plans draws plans with anything in every field that is written down.
func plans() *rapid.Generator[Plan] {
	config := anything()
	source := rapid.Map(rapid.SliceOfN(rapid.MakeCustom[Change](config), 0, 2), func(changes []Change) *Source { return List(changes...) })
	unchanged := rapid.Map(rapid.SliceOfN(rapid.MakeCustom[Unchanged](config), 0, 2), unchangedOf)
	config.Fields[reflect.TypeFor[Plan]()] = map[string]*rapid.Generator[any]{"Changes": source.AsAny(), "Unchanged": unchanged.AsAny()}
	return rapid.MakeCustom[Plan](config)
}

// A plan that is written down and read back is the same, byte by byte and part by part.
func TestAPlanComesBackFromJSON(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		p := plans().Draw(rt, "plan")
		written, err := json.Marshal(&p)
		if err != nil {
			rt.Fatal(err)
		}
		var back Plan
		if err := json.Unmarshal(written, &back); err != nil {
			rt.Fatalf("%v:\n%s", err, written)
		}
		again, err := json.Marshal(&back)
		if err != nil || string(again) != string(written) {
			rt.Fatalf("%v\nwritten %s\nagain   %s", err, written, again)
		}
		if d := cmp.Diff(p, back, cmpopts.EquateEmpty(), cmp.Transformer("changes", changesOf), cmp.Transformer("unchanged", func(l *UnchangedList) []Unchanged { return slices.Collect(l.All()) })); d != "" {
			rt.Fatalf("-written +read:\n%s", d)
		}
	})
}

func unchangedOf(list []Unchanged) *UnchangedList {
	return NewUnchanged(len(list), func(i int) Unchanged { return list[i] })
}

// changesOf reads all that a Source holds.
func changesOf(s *Source) (out []Change) {
	for c, err := range s.All() {
		if err != nil {
			panic(err)
		}
		out = append(out, *c)
	}
	return out
}

// Nothing of a plan is hidden from JSON but the facts of kinds.
func TestEverythingOfAPlanIsWritten(t *testing.T) {
	seen := make(map[reflect.Type]bool)
	var look func(typ reflect.Type)
	look = func(typ reflect.Type) {
		for typ.Kind() == reflect.Pointer || typ.Kind() == reflect.Slice || typ.Kind() == reflect.Map {
			typ = typ.Elem()
		}
		switch typ { // what writes itself as a list
		case reflect.TypeFor[Source]():
			typ = reflect.TypeFor[Change]()
		case reflect.TypeFor[UnchangedList]():
			typ = reflect.TypeFor[Unchanged]()
		}
		if typ.Kind() != reflect.Struct || seen[typ] || !strings.HasSuffix(typ.PkgPath(), "pkg/plan") {
			return
		}
		seen[typ] = true
		for i := range typ.NumField() {
			f := typ.Field(i)
			name := typ.Name() + "." + f.Name
			hidden := f.Tag.Get("json") == "-"
			if !f.IsExported() || f.Tag.Get("json") == "" || hidden && name != "Change.Facts" && name != "Unchanged.Facts" {
				t.Errorf("%s is not written down", name)
			}
			if !hidden {
				look(f.Type)
			}
		}
	}
	look(reflect.TypeFor[Plan]())
	if len(seen) < 12 {
		t.Errorf("only %d types were seen", len(seen))
	}
}

func TestKindsAreKnownAgainAfterReading(t *testing.T) {
	p := &Plan{Changes: List([]Change{{Address: "deal/a", Kind: "Deal", Action: Create}, {Address: "fields/quote.key", Kind: "Fields"}}...)}
	if err := p.Know(nil); err != nil || !p.Changes.Entry(0).IsRecord() || p.Changes.Entry(1).IsRecord() {
		t.Errorf("%v %+v", err, changesOf(p.Changes))
	}
	p.Changes = List(Change{Address: "deal/a", Kind: "Deal", Fields: []Field{{Name: "title", Type: value.Type{Name: "shoe"}}}})
	if err := p.Know(nil); err == nil || !strings.Contains(words.Text(value.SaidBy(err)), "deal/a: title") {
		t.Errorf("a type that nobody knows: %v", err)
	}
	p.Changes = List(Change{Address: "fields/quote.key", Kind: "Shoe"})
	if err := p.Know(nil); err == nil || !strings.Contains(err.Error(), "fields/quote.key") {
		t.Errorf("a kind that nobody knows: %v", err)
	}
}

func TestDeletionsGoFromTheLastRankToTheFirst(t *testing.T) {
	p := &Plan{Changes: List([]Change{
		{Address: "company/a", Kind: "Company", Action: Delete}, {Address: "company/b", Kind: "Company", Action: Update},
		{Address: "deal/z", Kind: "Deal", Action: Delete}, {Address: "deal/c", Kind: "Deal", Action: Delete},
	}...)}
	if err := p.Know(nil); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff([]int{2, 3, 0}, p.Deletions()); d != "" {
		t.Error(d)
	}
	if p.Pending() != 4 || p.Counts()[Delete] != 3 {
		t.Errorf("%d pending, %v", p.Pending(), p.Counts())
	}
}

func TestAStepTakesItsFieldsFromTheRecord(t *testing.T) {
	c := Change{Action: Update, Fields: []Field{{Name: "a"}, {Name: "b", Once: true}}}
	if !c.Saves() || len(c.FieldsOf(c.Fields, 0)) != 2 {
		t.Errorf("%+v", c)
	}
	c.AddStep(Step{Name: "b", Part: Fields, Sets: []string{"b"}}, "b")
	if got := c.FieldsOf(c.Fields, 1); len(got) != 1 || got[0].Name != "b" || !c.SetsOnce(0) || !c.Saves() {
		t.Errorf("%+v", got)
	}
	if c.AddStep(Step{Name: "a"}, "a"); c.Saves() {
		t.Error("a change of steps only saves its record")
	}
}

func TestARefusedChangeSendsNothing(t *testing.T) {
	c := Change{Action: Update, Fields: []Field{{Name: "a"}}, Steps: []Step{{}}, Kept: []Field{{}}}
	c.RefuseFor("PREVENTED", value.Say("why"), value.Say("do-it"))
	want := Change{Action: Refuse, Reason: Reason{Code: "PREVENTED", Message: value.Say("why"), Hint: value.Say("do-it")}}
	if d := cmp.Diff(want, c); d != "" {
		t.Error(d)
	}
}

// Adopting takes nothing of a change but the mark, after the field that is to hold it.
func TestAnAdoptionWritesNothingButTheMark(t *testing.T) {
	p := &Plan{Owner: "o", Notes: []Note{{}}, Changes: List([]Change{
		{Address: "fields/quote.key", Kind: "Fields", Action: Create},
		{Address: "quote/a", Kind: "Quote", Action: Adopt, MarkIn: "fields/quote.key", Fields: []Field{{Name: "title"}}, Steps: []Step{{}}, Deps: []value.Address{"fields/quote.key", "deal/x"}},
		{Address: "deal/new", Kind: "Deal", Action: Create}, {Address: "deal/old", Kind: "Deal", Action: Update},
	}...)}
	adoption := func(a value.Address) *Plan {
		part, err := p.Adoption(a)
		if err != nil {
			t.Fatal(err)
		}
		return part
	}
	part := adoption("quote/a")
	if got := changesOf(part.Changes); len(got) != 2 || got[0].Address != "fields/quote.key" || got[1].Fields != nil || len(got[1].Deps) != 1 || part.Notes != nil {
		t.Errorf("%+v", got)
	}
	for address, want := range map[value.Address]Action{"deal/new": Refuse, "deal/old": NoOp} {
		if got := adoption(address).Changes.Entry(0).Action; got != want {
			t.Errorf("%s: %s, want %s", address, got, want)
		}
	}
	if adoption("deal/none") != nil || len(changesOf(p.Changes)[1].Fields) != 1 {
		t.Error("a resource that the plan does not hold is adopted, or the plan was changed")
	}
}

// A message of the portal names a field by its title, if the title is that of one field.
func TestAFieldIsFoundByItsTitle(t *testing.T) {
	p := &Plan{Titles: map[int]map[string]string{2: {"Amount": "opportunity", "Inner code": "CODE", "Twice": ""}}}
	for message, want := range map[string]string{
		`Field "Amount" is required`: "opportunity", `Field “Inner code” is required`: "CODE", `«Amount» and &quot;Inner code&quot;`: "",
		`Field "Twice" is required`: "", `"Amount`: "opportunity", `Amount is required`: "",
	} {
		if got := p.FieldNamed(&Change{EntityTypeID: 2}, message); got != want {
			t.Errorf("%s: %q, want %q", message, got, want)
		}
	}
}

// All gives what changes and what does not in one order, and stops where it is told to.
func TestAllIsInPlanOrder(t *testing.T) {
	company, deal := (*kind.Table)(nil).ByName("Company"), (*kind.Table)(nil).ByName("Deal")
	p := &Plan{
		Changes:   List([]Change{{Address: "company/b", Facts: company, Action: Create}, {Address: "deal/a", Facts: deal, Action: Update}}...),
		Unchanged: unchangedOf([]Unchanged{{Address: "company/a", Facts: company, ID: "1"}, {Address: "company/c", Facts: company}, {Address: "deal/b", Facts: deal}}),
	}
	var got []string
	for c, err := range p.All() {
		got = append(got, fmt.Sprint(c.Address, " ", c.Action, " ", err))
	}
	want := []string{"company/a no-op <nil>", "company/b create <nil>", "company/c no-op <nil>", "deal/a update <nil>", "deal/b no-op <nil>"}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("-want +got:\n%s", d)
	}
	for most := range p.Size() {
		n := 0
		for range p.All() {
			if n++; n > most {
				break
			}
		}
		if n != most+1 {
			t.Errorf("%d came, not %d", n, most+1)
		}
	}
	if n := p.Counts()[NoOp]; n != 3 {
		t.Errorf("%d no-ops", n)
	}
	if part, err := p.Adoption("company/a"); err != nil || part.Size() != 1 || part.Unchanged.At(0).ID != "1" {
		t.Errorf("%+v", part)
	}
}
