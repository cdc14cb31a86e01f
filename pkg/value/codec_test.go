package value

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

var sales = Name{ID: "9", Name: "Sales"}

// portalNames is a portal with a few names of everything.
type portalNames struct{}

func (portalNames) Known(t Type) *Known {
	switch t.Name {
	case "user", "employee":
		return &Known{Names: []Name{
			{ID: "1", Name: "Olga Petrova", Codes: []string{"olga@acme.example"}},
			{ID: "2", Name: "Ann Lee", Codes: []string{"ann@acme.example"}, Gone: true},
			{ID: "3", Name: "Bo Chan"}, {ID: "4", Name: "Bo Chan"},
		}}
	case "stage":
		return &Known{Of: `"Sales"`, Names: []Name{{ID: "C9:NEW", Name: "New", Codes: []string{"NEW"}, Of: &sales}, {ID: "C9:WON", Name: "Won", Codes: []string{"WON"}, Of: &sales}}}
	}
	return &Known{Names: []Name{{ID: "12", Name: "Red", Codes: []string{"r"}}, {ID: "13", Name: "Green", Codes: []string{"g"}}, {ID: "20", Name: "20", Codes: []string{"20"}}}}
}

func (portalNames) Link(a Address) string {
	return map[Address]string{"company/acme": "815", "deal/d": "7"}[a]
}

func (portalNames) Lookup(l Lookup) (Value, error) {
	return Text("77", Part{"found", Text(l.Space + " 77")}), nil
}

func (portalNames) Entity(space string) (string, Address) {
	if space == "deal" {
		return "D", ""
	}
	return "", NewAddress("spa", space)
}

func (portalNames) EntityType(space string) (string, Address) {
	switch space {
	case "deal":
		return "2", ""
	case "spa":
		return "", NewAddress("spa", space)
	}
	return "", ""
}

func (portalNames) EntityName(code string) (string, bool) {
	name := map[string]string{"D": "deal", "CO": "company"}[code]
	return name, name != "" || code[0] == 'T'
}

func (portalNames) File(d Node) Value {
	path, _ := d.File()
	return Text("", Part{"name", Text(path)}, Part{"path", Text(path)}, Part{"sha256", Text("ab")}, Part{"size", Text("12")})
}

func node(text string) Node { return Node{Kind: Scalar, Text: text} }

func nodes(texts ...string) Node {
	d := Node{Kind: List}
	for _, t := range texts {
		d.Items = append(d.Items, node(t))
	}
	return d
}

// likely gives texts that are values of a type.
var likely = map[string]*rapid.Generator[string]{
	"integer":        rapid.StringMatching(`[1-9][0-9]{0,11}|0`),
	"double":         rapid.StringMatching(`-?[0-9]{1,8}(\.[0-9]{1,2})?`),
	"boolean":        rapid.SampledFrom([]string{"Y", "no", "TRUE", "false"}),
	"date":           rapid.StringMatching(`(19|20)[0-9]{2}-(0[1-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-8])`),
	"datetime":       rapid.StringMatching(`20[0-9]{2}-0[1-9]-[12][0-8]T[01][0-9]:[0-5][0-9]:[0-5][0-9](Z|[+-]0[0-9]:[03]0)`),
	"money":          rapid.StringMatching(`-?[0-9]{1,9}(\.[0-9]{1,4})?\|[A-Za-z]{3}`),
	"address":        rapid.StringMatching(`[A-Za-zß, ]{1,20}[0-9]{1,3}(\|-?[0-9]{1,2}\.[0-9]{1,5};-?[0-9]{1,3})?`),
	"crm_currency":   rapid.StringMatching(`[A-Za-z]{3}`),
	"user":           rapid.SampledFrom([]string{"1", "OLGA@acme.example", "Olga Petrova", "77"}),
	"employee":       rapid.SampledFrom([]string{"1", "Olga Petrova"}),
	"stage":          rapid.SampledFrom([]string{"New", "WON", "C9:WON"}),
	"crm":            rapid.StringMatching(`(D|CO|d|co|T80)_[1-9][0-9]{0,3}`),
	"choice":         rapid.SampledFrom([]string{"a", "b"}),
	"crm_multifield": nil, // a list of its own
	"price":          nil, // prices, product rows and relations have laws of their own
	"products":       nil,
	"relations":      nil,
	"file":           nil, // what is sent is not what comes back
}

func textOf(name string) *rapid.Generator[string] {
	if g, known := likely[name]; known {
		return g
	}
	switch MustCodecOf(Type{Name: name}).(type) {
	case namedCodec, enumCodec, statusCodec, categoryCodec:
		return rapid.SampledFrom([]string{"Red", "g", "12", "20"})
	case booleanCodec, flagCodec, checkBoxCodec:
		return likely["boolean"]
	case markupCodec: // what the portal would remove is no value: it is refused
		return rapid.StringMatching(`[ -Zé🙂a-z]{1,20}x`).Filter(func(s string) bool { return lostMarkup(s) == "" })
	case textCodec, urlCodec, identCodec, locationCodec:
		return rapid.StringMatching(`[ -Zé🙂a-z]{1,20}x`)
	}
	return rapid.StringMatching(`[1-9][0-9]{0,8}`)
}

// typesOf gives each type as one value, as several and by membership.
func typesOf(name string) []Type {
	t := Type{Name: name, Places: 2, Choices: []string{"a", "b"}, Multi: "PHONE"}
	user := t
	user.Blank, user.Nullable = true, true
	several := t
	several.Multiple = true
	return []Type{t, user, several}
}

// What is declared, sent and answered is the same value, shown and written back it
// still is, and its JSON is.
func TestValuesComeBack(t *testing.T) {
	for _, name := range slices.Sorted(maps.Keys(codecs)) {
		if g, known := likely[name]; known && g == nil {
			continue
		}
		t.Run(name, func(t *testing.T) {
			rapid.Check(t, func(rt *rapid.T) {
				typ := rapid.SampledFrom(typesOf(name)).Draw(rt, "type")
				d := node(textOf(name).Draw(rt, "text"))
				if typ.Multiple {
					d = Node{Kind: List, Items: []Node{d}}
				}
				comesBack(rt, MustCodecOf(typ), d)
			})
		})
	}
}

func comesBack(rt *rapid.T, c Codec, d Node) {
	want, err := c.Parse(portalNames{}, d)
	if err != nil {
		rt.Fatalf("%s is refused: %v", d.Text, err)
	}
	raw, err := json.Marshal(c.Wire(want, Value{}))
	if err != nil {
		rt.Fatal(err)
	}
	live, err := c.Read(raw)
	if err != nil || !c.Same(want, live) {
		rt.Fatalf("%v is sent as %s and read as %v: %v", want, raw, live, err)
	}
	if c.Key(want) != c.Key(live) || c.Key(live) == "" {
		rt.Fatalf("%q and %q are keys of one value", c.Key(want), c.Key(live))
	}
	if !c.Same(want, want) || c.Show(portalNames{}, want).IsEmpty() {
		rt.Fatalf("%v is not itself, or is not shown", want)
	}
	if RawSame(c, want, raw) && !c.Same(want, live) {
		rt.Fatalf("%s is taken for %v", raw, want)
	}
	again, err := c.Parse(portalNames{}, c.Declare(portalNames{}, live))
	if err != nil || !c.Same(again, live) {
		rt.Fatalf("%v is declared as %v, which is %v: %v", live, c.Declare(portalNames{}, live), again, err)
	}
	text, err := json.Marshal(want)
	var loaded Value
	if err != nil || json.Unmarshal(text, &loaded) != nil || !loaded.Equal(want) {
		rt.Fatalf("%v is saved as %s and loaded as %v", want, text, loaded)
	}
}

// Whatever a portal answers is read or refused, and nothing panics at what was read.
func FuzzRead(f *testing.F) {
	for _, seed := range []string{`null`, `"x"`, `12.50`, `[1,"2",{}]`, `{"id":7}`, `{"1":{"typeId":"PHONE","value":"+49"}}`, `{"value":"Y"}`, `"300|RUB"`, `"2026-01-01T00:00:00+03:00"`, `[`, `"1e999999999"`, `-`, `"\ud800"`} {
		f.Add([]byte(seed))
	}
	names := slices.Sorted(maps.Keys(codecs))
	f.Fuzz(func(t *testing.T, raw []byte) {
		for _, name := range names {
			for _, typ := range typesOf(name) {
				for _, wrapped := range []bool{false, true} {
					typ.Wrapped = wrapped
					c := MustCodecOf(typ)
					live, err := c.Read(raw)
					if err != nil {
						continue
					}
					_, _, _ = c.Show(portalNames{}, live).String(), c.Key(live), c.Declare(portalNames{}, live)
					if _, err := json.Marshal(live); err != nil {
						t.Errorf("%s: %q is read as %v: %v", name, raw, live, err)
					}
				}
			}
		}
	})
}

// Without names only the form is looked at; what only the portal can tell is marked.
func TestOfflineNamesStayAsWritten(t *testing.T) {
	for _, name := range []string{"user", "stage", "crm_status", "crm_category", "enumeration", "measure"} {
		c := MustCodecOf(Type{Name: name, Filled: true})
		v, err := c.Parse(nil, node("Nobody Knows"))
		if err != nil || v.Text != "Nobody Knows" {
			t.Errorf("%s: %v, %v", name, v, err)
		}
		_, err = c.Parse(portalNames{}, node("Nobody Knows"))
		if f, ok := err.(*Fault); !ok || !f.Portal {
			t.Errorf("%s: %v is not marked as the portal's", name, err)
		}
	}
}

// An update of a multi-field touches only the rows that differ, and each by its id.
func TestPhonesAreComparedByNumber(t *testing.T) {
	c := MustCodecOf(Type{Name: "crm_multifield", Multi: "PHONE"})
	live, err := c.Read([]byte(`[{"id":1,"valueType":"WORK","value":"+49 30 1","typeId":"PHONE"},{"id":"2","valueType":"HOME","value":"+49 30 2","typeId":"PHONE"},{"id":3,"typeId":"EMAIL","value":"x"}]`))
	if err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		want Node
		fm   map[string]any
	}{
		{nodes("+49301", "+49302"), map[string]any{}},
		{nodes("+49 30 2", "+49 30 1"), map[string]any{}},
		{nodes("+49301"), map[string]any{"2": map[string]any{"typeId": "PHONE", "value": ""}}},
		{nodes("+49301", "+49303"), map[string]any{"2": map[string]any{"typeId": "PHONE", "valueType": "HOME", "value": "+49303"}}},
		{nodes("+49301", "+49302", "+49309"), map[string]any{"n0": map[string]any{"typeId": "PHONE", "valueType": "WORK", "value": "+49309"}}},
	} {
		want, err := c.Parse(nil, tc.want)
		if err != nil {
			t.Fatal(err)
		}
		got := c.Wire(want, live).(Edits).ByRow()
		if d := cmp.Diff(tc.fm, got); d != "" || c.Same(want, live) != (len(tc.fm) == 0) {
			t.Errorf("%v: %s", want, d)
		}
	}
}

// A membership leaves what it does not name alone, and shows what it adds and removes.
func TestMembershipsLeaveTheRest(t *testing.T) {
	c := MustCodecOf(Type{Name: "string", Multiple: true, Members: true})
	d := Node{Kind: Map, Pairs: []Pair{{Key: "add", Value: nodes("a")}, {Key: "remove", Value: nodes("x")}}}
	want, err := c.Parse(nil, d)
	if err != nil {
		t.Fatal(err)
	}
	live := Listed(Text("b"), Text("x"))
	if d := cmp.Diff([]any{"b", "a"}, c.Wire(want, live)); d != "" {
		t.Error(d)
	}
	if c.Same(want, live) || !c.Same(want, Listed(Text("a"), Text("b"))) || c.Same(Mapped(), Value{}) != true {
		t.Error("what a list holds is not what the membership says")
	}
	before, after := ShowBoth(nil, c, want, live)
	if d := cmp.Diff([]any{[]string{"b", "x"}, []string{"b", "a"}, []string{"+ a", "- x"}}, []any{before.Plain(), after.Plain(), c.Show(nil, want).Plain()}); d != "" {
		t.Error(d)
	}
}

// A type that is registered has all that the types of the table have.
func TestARegisteredTypeIsOneOfTheTable(t *testing.T) {
	undo := Register("shouted", func(t Type) Codec { return shouted{textCodec{base{t, ""}}} })
	c, ok := CodecOf(Type{Name: "shouted", Multiple: true})
	if v, err := c.Parse(nil, nodes("a", "b")); !ok || err != nil || !c.Same(v, Listed(Text("B"), Text("A"))) {
		t.Errorf("%v, %v", v, err)
	}
	undo()
	if _, ok := CodecOf(Type{Name: "shouted"}); ok {
		t.Error("the type is still there")
	}
}

type shouted struct{ textCodec }

func (c shouted) Parse(n Names, d Node) (Value, error) {
	v, err := c.textCodec.Parse(n, d)
	v.Text = strings.ToUpper(v.Text)
	return v, err
}

// An instant is the same in any zone, and is shown in that of the project.
func TestInstantsMoveBetweenZones(t *testing.T) {
	v := Listed(Text("2026-01-31T23:30:00Z"))
	moved := InZone(v, time.FixedZone("", 3600))
	if moved.Entries()[0].Text != "2026-02-01T00:30:00+01:00" || !MustCodecOf(Type{Name: "datetime", Multiple: true}).Same(v, moved) {
		t.Errorf("%v", moved)
	}
}
