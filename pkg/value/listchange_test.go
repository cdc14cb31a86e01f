package value

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// contactsOf makes a live multi-field of texts and types.
func contactsOf(entries ...row) Value { return listOf(entries) }

// The entries of a list stay, go and come as their codec compares them.
func TestWhatBecomesOfAList(t *testing.T) {
	phones, emails := MustCodecOf(Type{Name: "crm_multifield", Multi: "PHONE", Region: "DE"}), MustCodecOf(Type{Name: "crm_multifield", Multi: "EMAIL"})
	sites, contacts := MustCodecOf(Type{Name: "crm_multifield", Multi: "WEB"}), MustCodecOf(Type{Name: "crm_contact", Multiple: true, Primary: true})
	users := MustCodecOf(Type{Name: "user", Multiple: true})
	work := func(text string) row { return row{"1", text, "WORK"} }
	link := func(ref, id string) Value { return Text(id, Part{"ref", Text(ref)}) }
	for name, tc := range map[string]struct {
		codec      Codec
		want, live Value
		change     *ListChange
	}{
		"a declared phone leaves the type open": {phones, contactsOf(row{"", "+493012", ""}), contactsOf(work("+49 (30) 1-2"), work("3")), &ListChange{Gone: []int{1}}},
		"a number of the region":                {phones, contactsOf(row{"", "030 901820", ""}), contactsOf(work("+49 30 901820")), &ListChange{}},
		"a phone changes its type":              {phones, contactsOf(row{"", "1", "MOBILE"}), contactsOf(work("1")), &ListChange{Gone: []int{0}, Come: []int{0}}},
		"the same number twice":                 {phones, contactsOf(row{"", "1", ""}), contactsOf(work("1"), row{"2", "1", "HOME"}), &ListChange{Gone: []int{1}}},
		"what is written alike pairs first":     {phones, contactsOf(row{"", "1", ""}, row{"", "1", "WORK"}), contactsOf(work("1"), row{"2", "1", "HOME"}), &ListChange{}},
		"e-mails ignore case":                   {emails, contactsOf(row{"", "bob@ACME.example", ""}), contactsOf(work("Bob@acme.example"), work("x@y.example")), &ListChange{Gone: []int{1}}},
		"websites do not":                       {sites, contactsOf(row{"", "http://a.example/x", ""}), contactsOf(work("http://a.example/X")), &ListChange{Gone: []int{0}, Come: []int{0}}},
		"a live link has no reference":          {contacts, Listed(link("contact/a", "7"), link("contact/b", "9")), Listed(Text("7"), Text("8")), &ListChange{Gone: []int{1}, Come: []int{1}}},
		"another link comes first":              {contacts, Listed(link("contact/b", "8"), link("contact/a", "7")), Listed(Text("7"), Text("8")), &ListChange{First: true}},
		"a new link comes first":                {contacts, Listed(link("contact/c", "9"), link("contact/a", "7")), Listed(Text("7")), &ListChange{Come: []int{0}}},
		"the order of users is nothing":         {users, Listed(Text("3"), Text("1")), Listed(Text("1"), Text("2")), &ListChange{Gone: []int{1}, Come: []int{0}}},
		"nothing was there":                     {users, Listed(Text("3")), Value{}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			before, after := ShowBoth(portalNames{}, tc.codec, tc.want, tc.live)
			if d := cmp.Diff(tc.change, Compare(tc.codec, tc.want, tc.live, before, after)); d != "" {
				t.Errorf("%v → %v (-want +got):\n%s", before, after, d)
			}
		})
	}
}

// Entries stay in pairs, so that as many stay of one list as of the other.
func TestAsManyEntriesStayAsCameBefore(t *testing.T) {
	c := MustCodecOf(Type{Name: "string", Multiple: true})
	lists := rapid.Map(rapid.SliceOfN(rapid.SampledFrom([]string{"a", "b", "c"}), 1, 6), func(texts []string) Value {
		var out []Value
		for _, text := range texts {
			out = append(out, Text(text))
		}
		return Listed(out...)
	})
	rapid.Check(t, func(rt *rapid.T) {
		want, live := lists.Draw(rt, "want"), lists.Draw(rt, "live")
		before, after := ShowBoth(nil, c, want, live)
		got := Compare(c, want, live, before, after)
		if live.Len()-len(got.Gone) != want.Len()-len(got.Come) || c.Same(want, live) != (len(got.Gone)+len(got.Come) == 0) {
			rt.Fatalf("%v → %v: %+v", before, after, got)
		}
	})
}

// What is shown has the details that its type gives it, and comes back from JSON.
func TestShownValuesHaveTheirDetails(t *testing.T) {
	stage, enum := Type{Name: "stage"}, Type{Name: "enumeration"}
	for name, tc := range map[string]struct {
		typ   Type
		value Value
		plain any
		json  string
	}{
		"a text":            {Type{Name: "string"}, Text("Acme"), "Acme", `"Acme"`},
		"nothing":           {Type{Name: "string"}, Value{}, nil, `null`},
		"money":             {Type{Name: "money"}, Text("12.5", Part{"currency", Text("EUR")}), "12.50 EUR", `{"text":"12.50","style":"spaced","parts":[{"name":"currency","shown":"EUR"}]}`},
		"a stage":           {stage, Text("C9:NEW"), "New", `{"text":"New","parts":[{"name":"id","shown":"C9:NEW"},{"name":"code","shown":"NEW"},{"name":"pipeline","shown":{"text":"Sales","parts":[{"name":"id","shown":"9"}]}}]}`},
		"an option":         {enum, Text("12"), "Red", `{"text":"Red","parts":[{"name":"id","shown":"12"},{"name":"code","shown":"r"}]}`},
		"an unknown option": {enum, Text("99"), "option 99", `{"text":"option","style":"spaced","parts":[{"name":"id","shown":"99"}]}`},
		"a user":            {Type{Name: "user"}, Text("3"), "Bo Chan (3)", `{"text":"Bo Chan","style":"bracketed","parts":[{"name":"id","shown":"3"}]}`},
		"a user who left":   {Type{Name: "user"}, Text("2"), "Ann Lee (2)", `{"text":"Ann Lee","style":"bracketed","parts":[{"name":"id","shown":"2"},{"name":"code","shown":"ann@acme.example"},{"name":"dismissed","shown":"Y"}]}`},
		"a link":            {Type{Name: "crm_deal"}, Text("7", Part{"ref", Text("deal/d")}), "deal/d → 7", `{"text":"deal/d","style":"pointer","parts":[{"name":"id","shown":"7"}]}`},
		"an open link":      {Type{Name: "crm_deal"}, Text("", Part{"ref", Text("deal/n")}), "deal/n", `{"text":"deal/n","style":"open"}`},
		"a bare link":       {Type{Name: "crm_deal"}, Text("7"), "7", `{"text":"7","style":"number"}`},
		"a link looked up":  {Type{Name: "crm_deal"}, Text("7", Part{"found", Text("deal 7 Big")}, Part{"title", Text("Big")}), "deal 7 Big", `{"text":"deal 7 Big","style":"found","parts":[{"name":"id","shown":"7"},{"name":"title","shown":"Big"}]}`},
		"a phone":           {Type{Name: "crm_multifield", Multi: "PHONE"}, contactsOf(row{"4", "+491", "WORK"}), []string{"+491 (work)"}, `{"items":[{"text":"+491","style":"bracketed","parts":[{"name":"type","shown":"work"}]}]}`},
		"rows": {rowsType, Listed(Mapped(Part{"name", Text("A")}, Part{"price", Text("2")})), []string{""}, `{"items":[{"style":"row","parts":[{"name":"name","shown":"A"},{"name":"price","shown":"2"},{"name":"currency","shown":"EUR"}],"says":` +
			`{"code":"row-line","args":[{"name":"parts","messages":[{"code":"so-many-at","args":[{"name":"n","text":"1"},{"name":"product","message":{"code":"verbatim","args":[{"name":"text","text":"A"}]}},{"name":"sum","text":"2.00 EUR"}]}]}]}}]}`},
		"a file of a portal": {Type{Name: "file"}, Text("5"), "file 5", `"file 5"`},
		"a known file":       {Type{Name: "file"}, Text("", Part{"name", Text("a.txt")}, Part{"sha256", Text("ab")}, Part{"size", Text("7")}), "a.txt (7 bytes)", `{"text":"a.txt","style":"bracketed","parts":[{"name":"size","shown":"7 bytes"},{"name":"bytes","shown":"7"},{"name":"sha256","shown":"ab"}]}`},
	} {
		t.Run(name, func(t *testing.T) {
			s := MustCodecOf(tc.typ).Show(portalNames{}, tc.value)
			written, err := json.Marshal(s)
			if d := cmp.Diff([]any{tc.plain, tc.json}, []any{s.Plain(), string(written)}); d != "" || err != nil {
				t.Errorf("%v (-want +got):\n%s", err, d)
			}
			var back Shown
			if err := json.Unmarshal(written, &back); err != nil || !cmp.Equal(s, back) {
				t.Errorf("%v: %s", err, cmp.Diff(s, back))
			}
		})
	}
}

// A spelling differs in case and blanks; anything else is a new value.
func TestOtherSpellingsAreTold(t *testing.T) {
	list := Type{Name: "string", Multiple: true}
	for name, tc := range map[string]struct {
		typ        Type
		want, live Value
		respelt    bool
	}{
		"case and blanks":   {Type{Name: "string"}, Text("Acme GmbH"), Text(" ACME\u00a0 gmbh"), true},
		"line breaks":       {Type{Name: "text"}, Text("a\nb"), Text("a\r\nb"), true},
		"another word":      {Type{Name: "string"}, Text("Acme AG"), Text("Acme GmbH"), false},
		"filled":            {Type{Name: "string"}, Text("a"), Value{}, false},
		"emptied":           {Type{Name: "string"}, Value{}, Text(" "), false},
		"a list":            {list, Listed(Text("A"), Text("b")), Listed(Text("a"), Text("B")), true},
		"a longer list":     {list, Listed(Text("A"), Text("b")), Listed(Text("a")), false},
		"ids have no case":  {Type{Name: "crm_status"}, Text("new"), Text("NEW"), false},
		"numbers are exact": {Type{Name: "double"}, Text("1"), Text("1.0"), false},
	} {
		t.Run(name, func(t *testing.T) {
			if got := Respelt(MustCodecOf(tc.typ), tc.want, tc.live); got != tc.respelt {
				t.Errorf("%v → %v: %v", tc.live, tc.want, got)
			}
		})
	}
}
