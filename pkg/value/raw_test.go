package value

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// rawLists draws JSON of lists as portals print it: mostly as a machine does, some with
// blanks, escapes, other elements, or cut.
func rawLists(element *rapid.Generator[string]) *rapid.Generator[string] {
	return rapid.Custom(func(t *rapid.T) string {
		raw := "[" + strings.Join(rapid.SliceOfN(element, 0, 3).Draw(t, "elements"), rapid.SampledFrom([]string{",", ",", ", "}).Draw(t, "comma")) + "]"
		switch rapid.IntRange(0, 9).Draw(t, "odd") {
		case 0:
			return raw[:rapid.IntRange(0, len(raw)).Draw(t, "cut")]
		case 1:
			at := rapid.IntRange(0, len(raw)-1).Draw(t, "at")
			return raw[:at] + rapid.SampledFrom([]string{`"`, `\`, ` `, `{`, `]`, "\xff", `:`, `1`}).Draw(t, "byte") + raw[at+1:]
		}
		return raw
	})
}

// What is told from the bytes alone is what reading would tell.
func TestRawSameIsSame(t *testing.T) {
	rows := rapid.Custom(func(t *rapid.T) string {
		members := []string{
			rapid.SampledFrom([]string{`"id":7`, `"id":"8"`, `"ID":9`}).Draw(t, "id"),
			fmt.Sprintf(`"typeId":%q`, rapid.SampledFrom([]string{"PHONE", "PHONE", "EMAIL"}).Draw(t, "typeId")),
			rapid.SampledFrom([]string{`"valueType":"WORK"`, `"valueType":"HOME"`, `"valueType":null`, `"x":1`}).Draw(t, "type"),
			rapid.SampledFrom([]string{`"value":"+49 30 1"`, `"value":"+49 30 2"`, `"value":"\u002b49 30 1"`, `"value":1`}).Draw(t, "value"),
		}
		return "{" + strings.Join(rapid.Permutation(members).Draw(t, "members"), ",") + "}"
	})
	ids := rapid.SampledFrom([]string{`1`, `"1"`, `12`, `"12"`, `"\u0031"`, `null`, `0`, `01`, `"x"`, `[1]`})
	kinds := []struct {
		typ  Type
		raw  *rapid.Generator[string]
		want *rapid.Generator[string]
	}{
		{Type{Name: "crm_multifield", Multi: "PHONE"}, rawLists(rows), rapid.SampledFrom([]string{"+49 30 1", "+49 30 2", "+49301"})},
		{Type{Name: "crm_company", Multiple: true}, rawLists(ids), rapid.SampledFrom([]string{"1", "12"})},
		{Type{Name: "crm_contact", Multiple: true, Primary: true}, rawLists(ids), rapid.SampledFrom([]string{"1", "12"})},
		{Type{Name: "string", Multiple: true, Ordered: true}, rawLists(ids), rapid.SampledFrom([]string{"1", "12", "x"})},
		{Type{Name: "crm_company"}, ids, rapid.SampledFrom([]string{"1", "12"})},
	}
	told := 0
	rapid.Check(t, func(rt *rapid.T) {
		k := rapid.SampledFrom(kinds).Draw(rt, "kind")
		c, d := MustCodecOf(k.typ), nodes(rapid.SliceOfNDistinct(k.want, 1, 2, rapid.ID[string]).Draw(rt, "want")...)
		if !k.typ.Multiple && k.typ.Multi == "" {
			d = d.Items[0]
		}
		want, err := c.Parse(portalNames{}, d)
		if err != nil {
			rt.Skip(err) // a draw that nobody can declare; told shows that others are compared
		}
		raw := []byte(k.raw.Draw(rt, "raw"))
		if !RawSame(c, want, raw) {
			return
		}
		told++
		if live, err := c.Read(raw); err != nil || !c.Same(want, live) {
			rt.Fatalf("%s is taken for %v, and read as %v, %v", raw, want, live, err)
		}
	})
	if told == 0 {
		t.Error("nothing was told from the bytes alone")
	}
}

// What a portal prints most often need not be read.
func TestOrdinaryListsAreComparedAsTheyAreWritten(t *testing.T) {
	phone, links := Type{Name: "crm_multifield", Multi: "PHONE"}, Type{Name: "crm_contact", Multiple: true, Primary: true}
	for _, tc := range []struct {
		typ  Type
		want []string
		raw  string
		same bool
	}{
		{phone, []string{"+49 30 1"}, `[{"id":1,"typeId":"EMAIL","value":"x","valueType":"WORK"},{"id":2,"typeId":"PHONE","value":"+49 30 1","valueType":"WORK"}]`, true},
		{phone, []string{"+49 30 1"}, `[{"id":1,"typeId":"PHONE","value":"+49 30 1","valueType":"WORK"},{"id":2,"typeId":"PHONE","value":"+49 30 2","valueType":"WORK"}]`, false},
		{phone, []string{"+49 30 1"}, `[]`, false},
		{phone, []string{"+49 30 1"}, `[{"id":1,"typeId":"PHONE","value":"+49 30 1","valueType":"WORK"}`, false},
		{links, []string{"7"}, `[7]`, true},
		{links, []string{"7"}, `[7,8]`, false},
		{links, []string{"7", "8"}, `[7,8]`, false}, // which one is the primary one stands elsewhere
		{Type{Name: "crm_contact", Multiple: true}, []string{"7", "8"}, `["7",8]`, true},
	} {
		c := MustCodecOf(tc.typ)
		want, err := c.Parse(portalNames{}, nodes(tc.want...))
		if err != nil {
			t.Fatal(err)
		}
		if got := RawSame(c, want, []byte(tc.raw)); got != tc.same {
			t.Errorf("%v and %s: %t", tc.want, tc.raw, got)
		}
		if n := testing.AllocsPerRun(10, func() { RawSame(c, want, []byte(tc.raw)) }); tc.same && n > 1 {
			t.Errorf("%s costs %v allocations", tc.raw, n)
		}
	}
}

// Long lists are looked through by keys, and tell the same as short ones.
func TestLongListsAreComparedAsShortOnes(t *testing.T) {
	c := MustCodecOf(Type{Name: "crm_contact", Multiple: true})
	for n := 1; n <= 3*mostInARow; n++ {
		var texts []string
		for i := range n {
			texts = append(texts, fmt.Sprint(i+1))
		}
		want, err := c.Parse(portalNames{}, nodes(texts...))
		slices.Reverse(texts)
		live, _ := c.Read([]byte("[" + strings.Join(texts, ",") + "]"))
		if err != nil || !c.Same(want, live) {
			t.Errorf("%d: %v is not %v: %v", n, want, live, err)
		}
		texts[0] = "77"
		if live, _ = c.Read([]byte("[" + strings.Join(texts, ",") + "]")); c.Same(want, live) {
			t.Errorf("%d: %v is %v", n, want, live)
		}
		if _, err := c.Parse(portalNames{}, nodes(append(texts, "77")...)); err == nil {
			t.Errorf("%d: a value stands twice", n)
		}
	}
}
