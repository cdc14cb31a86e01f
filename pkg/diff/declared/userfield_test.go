package declared

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/b24apply/b24apply/pkg/diff/denial"
	"github.com/b24apply/b24apply/pkg/diff/meta"
	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/spec"
	"github.com/b24apply/b24apply/pkg/value"
)

func mapping(pairs ...any) value.Node {
	v := value.Node{Kind: value.Map}
	for i := 0; i < len(pairs); i += 2 {
		v.Pairs = append(v.Pairs, value.Pair{Key: pairs[i].(string), Value: pairs[i+1].(value.Node)})
	}
	return v
}

func colours() []*kind.Option {
	return []*kind.Option{{ID: 12, Label: "Red", Code: "r"}, {ID: 13, Label: "Green", Code: "Red"}, {ID: 14, Label: "12", Code: "g"}, {ID: 15, Label: "Blue", Code: "b"}, {ID: 16, Label: "Blue", Code: ""}}
}

// A declared value of a user field and the portal's form of it are one value.
func TestUserFieldValuesAreComparedByMeaning(t *testing.T) {
	deals := value.MustCodecOf(value.Type{Name: "crm", Entities: []string{"D"}})
	several := value.MustCodecOf(value.Type{Name: "crm", Entities: []string{"D", "CO", "T83"}})
	for _, tc := range []struct {
		codec value.Codec
		want  value.Node
		live  string
		equal bool
	}{
		{value.MustCodecOf(value.Type{Name: "enumeration", Blank: true, Field: "ufColour"}), scalar("Red"), `12`, true},
		{value.MustCodecOf(value.Type{Name: "enumeration", Blank: true, Field: "ufColour"}), scalar("Red"), `13`, false}, // a label goes before a code
		{value.MustCodecOf(value.Type{Name: "enumeration", Blank: true, Field: "ufColour"}), scalar("r"), `"12"`, true},
		{value.MustCodecOf(value.Type{Name: "enumeration", Blank: true, Field: "ufColour"}), scalar("12"), `14`, true}, // and before an id
		{value.MustCodecOf(value.Type{Name: "enumeration", Blank: true, Field: "ufColour"}), scalar("16"), `16`, true},
		{value.MustCodecOf(value.Type{Name: "enumeration", Blank: true, Field: "ufColour"}), scalar(""), `0`, true},
		{value.MustCodecOf(value.Type{Name: "enumeration", Blank: true, Field: "ufColour"}), scalar(""), `false`, true},
		{value.MustCodecOf(value.Type{Name: "money"}), scalar("12.50|eur"), `"12.5|EUR"`, true},
		{value.MustCodecOf(value.Type{Name: "money"}), scalar("300|RUB"), `"300.00|RUB"`, true},
		{value.MustCodecOf(value.Type{Name: "money"}), scalar("300|RUB"), `"300.01|RUB"`, false},
		{value.MustCodecOf(value.Type{Name: "money"}), scalar("300|RUB"), `"300|USD"`, false},
		{value.MustCodecOf(value.Type{Name: "money"}), scalar("300|RUB"), `"three hundred"`, false},
		{value.MustCodecOf(value.Type{Name: "money"}), mapping("amount", scalar("0.10"), "currency", scalar("EUR")), `".1|EUR"`, true},
		{value.MustCodecOf(value.Type{Name: "money"}), scalar(""), `""`, true},
		{value.MustCodecOf(value.Type{Name: "address"}), scalar("Main St 1"), `"Main St 1|;|77"`, true},
		{value.MustCodecOf(value.Type{Name: "address"}), scalar("Main St 1"), `"Main St 1|52.5;13.4|78"`, true},
		{value.MustCodecOf(value.Type{Name: "address"}), scalar("Main St 1|52.50;13.4"), `"Main St 1|52.5;13.40|78"`, true},
		{value.MustCodecOf(value.Type{Name: "address"}), scalar("Main St 1|52.5;13.4"), `"Main St 1|;|78"`, false},
		{value.MustCodecOf(value.Type{Name: "address"}), scalar("Main St 2"), `"Main St 1|;|77"`, false},
		{value.MustCodecOf(value.Type{Name: "url"}), scalar(" https://acme.example "), `"https://acme.example"`, true},
		{deals, scalar("D_7"), `"7"`, true},
		{deals, scalar("7"), `"D_7"`, true},
		{deals, scalar("7"), `7`, true},
		{several, scalar("CO_7"), `"D_7"`, false},
		{several, scalar("co_7"), `"CO_7"`, true},
		{several, scalar("T83_5"), `"T83_5"`, true},
		{several, scalar("D_7"), `"7"`, false}, // nobody knows of which type
		{several, scalar(""), `null`, true},
		{value.MustCodecOf(value.Type{Name: "iblock_element"}), scalar("7"), `"7"`, true},
		{value.MustCodecOf(value.Type{Name: "string", Multiple: true, Ordered: true}), list(scalar("a"), scalar("b")), `["b","a"]`, false},
		{value.MustCodecOf(value.Type{Name: "enumeration", Multiple: true, Field: "ufColour"}), list(scalar("Red"), scalar("g")), `[14,12]`, true},
		{value.MustCodecOf(value.Type{Name: "enumeration", Multiple: true, Field: "ufColour"}), list(), `false`, true},
		{value.MustCodecOf(value.Type{Name: "string", Multiple: true, Ordered: true, Members: true}), mapping("add", list(scalar("a")), "remove", list(scalar("x"))), `["b","a"]`, true},
		{value.MustCodecOf(value.Type{Name: "string", Multiple: true, Ordered: true, Members: true}), mapping("remove", list(scalar("x"))), `["b","x"]`, false},
		{value.MustCodecOf(value.Type{Name: "crm_multifield", Multi: "PHONE", Members: true}), mapping("add", list(scalar("+49 30 1"))), `[{"id":1,"typeId":"PHONE","valueType":"FAX","value":"+49301"}]`, true},
		{value.MustCodecOf(value.Type{Name: "crm_multifield", Multi: "PHONE", Members: true}), mapping("add", list(mapping("value", scalar("+49 30 1"), "type", scalar("WORK")))), `[{"id":1,"typeId":"PHONE","valueType":"FAX","value":"+49301"}]`, false},
	} {
		t.Run(fmt.Sprintf("%T %v %s", tc.codec, tc.want, tc.live), func(t *testing.T) {
			want, err := tc.codec.Parse(testScope().Names(), tc.want)
			if err != nil {
				t.Fatal(err)
			}
			live, err := tc.codec.Read(json.RawMessage(tc.live))
			if err != nil {
				t.Fatal(err)
			}
			if got := tc.codec.Same(want, live); got != tc.equal {
				t.Errorf("equal(%v, %v) = %v, want %v", want, live, got, tc.equal)
			}
		})
	}
}

func TestUserFieldValuesThatCannotBeHeldAreRefused(t *testing.T) {
	several := value.MustCodecOf(value.Type{Name: "crm", Entities: []string{"D", "T83"}})
	for _, tc := range []struct {
		codec value.Codec
		value value.Node
		want  complaint
	}{
		{value.MustCodecOf(value.Type{Name: "enumeration", Blank: true, Field: "ufColour"}), scalar("Blue"), complaint{"option", `"Blue" names 2 options`, "write the code or the id: b (id 15), (id 16)"}},
		{value.MustCodecOf(value.Type{Name: "enumeration", Field: "ufTwo"}), scalar("Gelb"), complaint{"option", `"Gelb" is no option of this field`, `options: Red, Green`}},
		{value.MustCodecOf(value.Type{Name: "enumeration"}), scalar("99"), complaint{"option", `"99" is no option of this field`, "the field has no options"}},
		{value.MustCodecOf(value.Type{Name: "money"}), scalar("12.50"), complaint{"type", `"12.50" has no currency`, `write "12.50|EUR", or {amount: "12.50", currency: EUR}` + ": without a currency the portal would take its own"}},
		{value.MustCodecOf(value.Type{Name: "money"}), scalar("1e3|EUR"), complaint{"type", `"1e3|EUR" is no money`, `write "12.50|EUR", or {amount: "12.50", currency: EUR}`}},
		{value.MustCodecOf(value.Type{Name: "address"}), scalar("a|b"), complaint{"type", `"a|b" holds a | that begins no coordinates`, "write the address as one text, or as \"text|lat;lng\""}},
		{value.MustCodecOf(value.Type{Name: "address"}), scalar("Main St_del "), complaint{"type", `"Main St_del ": the portal deletes an address that ends with _del`, "end it otherwise"}},
		{value.MustCodecOf(value.Type{Name: "address"}), scalar(`{"a":1}`), complaint{"type", "the portal takes this text for a location of its own", "write the address as one text, or as \"text|lat;lng\""}},
		{several, scalar("7"), complaint{"reference", `"7" is no record`, "write {ref: deal/name}, or the type and the id as D_12 (deal D_…, T83_…)"}},
		{several, scalar("CO_7"), complaint{"reference", "company 7 is of a type that the field's settings do not allow", "the field takes deal D_…, T83_…"}},
		{several, mapping("ref", scalar("company/acme")), complaint{"reference", "company/acme → 815 is of a type that the field's settings do not allow", "the field takes deal D_…, T83_…"}},
		{value.MustCodecOf(value.Type{Name: "iblock_element"}), scalar("Pump"), complaint{"type", `"Pump" is no id`, "write the id that the element has on this portal; the CRM's interface does not show names"}},
		{value.MustCodecOf(value.Type{Name: "file"}), scalar("a.png"), complaint{"type", `"a.png" is not a file`, "write {file: path}"}},
		{value.MustCodecOf(value.Type{Name: "markup"}), scalar("Jane <jane@acme.example>"), complaint{"markup", "the portal removes the tag <jane@acme.example> from this text", "use the BBCode tags b, i, u, s, p, list, *, url and img only; write < as &lt; where it begins no tag"}},
	} {
		t.Run(tc.want.message, func(t *testing.T) {
			_, err := tc.codec.Parse(testScope().Names(), tc.value)
			if d := cmp.Diff(tc.want, faultOf(t, err), cmp.AllowUnexported(complaint{})); d != "" {
				t.Error(d)
			}
		})
	}
}

// Every type of user field has a codec, or a refusal that says what to do instead.
func TestATypeThatCannotBeWrittenIsRefusedWithAWayOut(t *testing.T) {
	v := &View{Meta: &meta.Data{}, Set: spec.NewSet(spec.Project{}, nil, nil)}
	for typ, hint := range map[kind.FieldType]string{kind.TypeBooking: "calendar", kind.TypeDiskFile: "of type file", "video": "does not document"} {
		_, err := v.withCodec(Target{Name: "X"}, v.liveType(kind.LiveField{Type: typ, Dynamic: true}))
		if c := faultOf(t, err); denial.CodeOf(err) != "NOT_WRITABLE" || !strings.Contains(c.hint, hint) || !strings.Contains(c.message, "X: values of a field of type "+string(typ)) {
			t.Errorf("%s: %#v", typ, err)
		}
	}
}

// Membership sends the whole list that the live one becomes.
func TestMembershipSendsTheWholeThatTheLiveListBecomes(t *testing.T) {
	texts := value.MustCodecOf(value.Type{Name: "string", Multiple: true, Ordered: true, Members: true})
	want, err := texts.Parse(testScope().Names(), mapping("add", list(scalar("a"), scalar("n")), "remove", list(scalar("x"))))
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff([]any{"z", "a", "n"}, texts.Wire(want, value.Listed(value.Text("z"), value.Text("x"), value.Text("a")))); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff([]any{"a", "n"}, texts.Wire(want, value.Value{})); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff([]string{"+ a", "+ n", "- x"}, texts.Show(nil, want).Plain()); d != "" {
		t.Error(d)
	}
	phones := value.MustCodecOf(value.Type{Name: "crm_multifield", Multi: "PHONE", Members: true})
	twice := mapping("add", list(scalar("+49 30 1"), mapping("value", scalar("+49 30 1"), "type", scalar("FAX"))), "remove", list(scalar("+49 30 2")))
	if want, err = phones.Parse(testScope().Names(), twice); err != nil {
		t.Fatal(err)
	}
	live, err := phones.Read(json.RawMessage(`[{"id":1,"typeId":"PHONE","value":"+49301","valueType":"WORK"},{"id":2,"typeId":"PHONE","value":"+49302","valueType":"HOME"},{"id":3,"typeId":"PHONE","value":"030 9","valueType":"HOME"}]`))
	if err != nil {
		t.Fatal(err)
	}
	edits := phones.Wire(want, live).(value.Edits)
	if d := cmp.Diff(map[string]any{"2": map[string]any{"typeId": "PHONE", "valueType": "FAX", "value": "+49 30 1"}}, edits.ByRow()); d != "" {
		t.Errorf("the removed row becomes the added one, others stay: %s", d)
	}
}
