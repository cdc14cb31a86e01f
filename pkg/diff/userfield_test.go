package diff

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/b24apply/b24apply/internal/ui/words"
	"github.com/b24apply/b24apply/pkg/spec"
)

func mapping(pairs ...any) spec.Value {
	v := spec.Value{Kind: spec.Map}
	for i := 0; i < len(pairs); i += 2 {
		v.Pairs = append(v.Pairs, spec.Pair{Key: pairs[i].(string), Value: pairs[i+1].(spec.Value)})
	}
	return v
}

func colours() []*Option {
	return []*Option{{ID: 12, Label: "Red", Code: "r"}, {ID: 13, Label: "Green", Code: "Red"}, {ID: 14, Label: "12", Code: "g"}, {ID: 15, Label: "Blue", Code: "b"}, {ID: 16, Label: "Blue", Code: ""}}
}

// A declared value of a user field and the portal's form of it are one value.
func TestUserFieldValuesAreComparedByMeaning(t *testing.T) {
	deals := crmCodec{entities: []int{2}}
	several := crmCodec{entities: []int{2, 4, 131}}
	for _, tc := range []struct {
		codec codec
		want  spec.Value
		live  string
		equal bool
	}{
		{enumCodec{options: colours()}, scalar("Red"), `12`, true},
		{enumCodec{options: colours()}, scalar("Red"), `13`, false}, // a label goes before a code
		{enumCodec{options: colours()}, scalar("r"), `"12"`, true},
		{enumCodec{options: colours()}, scalar("12"), `14`, true}, // and before an id
		{enumCodec{options: colours()}, scalar("16"), `16`, true},
		{enumCodec{options: colours()}, scalar(""), `0`, true},
		{enumCodec{options: colours()}, scalar(""), `false`, true},
		{moneyCodec{}, scalar("12.50|eur"), `"12.5|EUR"`, true},
		{moneyCodec{}, scalar("300|RUB"), `"300.00|RUB"`, true},
		{moneyCodec{}, scalar("300|RUB"), `"300.01|RUB"`, false},
		{moneyCodec{}, scalar("300|RUB"), `"300|USD"`, false},
		{moneyCodec{}, scalar("300|RUB"), `"three hundred"`, false},
		{moneyCodec{}, mapping("amount", scalar("0.10"), "currency", scalar("EUR")), `".1|EUR"`, true},
		{moneyCodec{}, scalar(""), `""`, true},
		{addressCodec{}, scalar("Main St 1"), `"Main St 1|;|77"`, true},
		{addressCodec{}, scalar("Main St 1"), `"Main St 1|52.5;13.4|78"`, true},
		{addressCodec{}, scalar("Main St 1|52.50;13.4"), `"Main St 1|52.5;13.40|78"`, true},
		{addressCodec{}, scalar("Main St 1|52.5;13.4"), `"Main St 1|;|78"`, false},
		{addressCodec{}, scalar("Main St 2"), `"Main St 1|;|77"`, false},
		{urlCodec{}, scalar(" https://acme.example "), `"https://acme.example"`, true},
		{deals, scalar("D_7"), `"7"`, true},
		{deals, scalar("7"), `"D_7"`, true},
		{deals, scalar("7"), `7`, true},
		{several, scalar("CO_7"), `"D_7"`, false},
		{several, scalar("co_7"), `"CO_7"`, true},
		{several, scalar("T83_5"), `"T83_5"`, true},
		{several, scalar("D_7"), `"7"`, false}, // nobody knows of which type
		{several, scalar(""), `null`, true},
		{idCodec{}, scalar("7"), `"7"`, true},
		{listCodec{one: stringCodec{}, ordered: true}, list(scalar("a"), scalar("b")), `["b","a"]`, false},
		{listCodec{one: enumCodec{options: colours()}}, list(scalar("Red"), scalar("g")), `[14,12]`, true},
		{listCodec{one: enumCodec{options: colours()}}, list(), `false`, true},
		{membersCodec{listCodec{one: stringCodec{}, ordered: true}}, mapping("add", list(scalar("a")), "remove", list(scalar("x"))), `["b","a"]`, true},
		{membersCodec{listCodec{one: stringCodec{}, ordered: true}}, mapping("remove", list(scalar("x"))), `["b","x"]`, false},
		{membersCodec{multifieldCodec{typeID: "PHONE"}}, mapping("add", list(scalar("+49 30 1"))), `[{"id":1,"typeId":"PHONE","valueType":"FAX","value":"+49301"}]`, true},
		{membersCodec{multifieldCodec{typeID: "PHONE"}}, mapping("add", list(mapping("value", scalar("+49 30 1"), "type", scalar("WORK")))), `[{"id":1,"typeId":"PHONE","valueType":"FAX","value":"+49301"}]`, false},
	} {
		t.Run(fmt.Sprintf("%T %v %s", tc.codec, tc.want, tc.live), func(t *testing.T) {
			want, err := tc.codec.parse(testScope(), tc.want)
			if err != nil {
				t.Fatal(err)
			}
			live, err := tc.codec.read(json.RawMessage(tc.live))
			if err != nil {
				t.Fatal(err)
			}
			if got := tc.codec.equal(want, live); got != tc.equal {
				t.Errorf("equal(%v, %v) = %v, want %v", want, live, got, tc.equal)
			}
		})
	}
}

func TestUserFieldValuesThatCannotBeHeldAreRefused(t *testing.T) {
	several := crmCodec{entities: []int{2, 131}}
	for _, tc := range []struct {
		codec codec
		value spec.Value
		want  complaint
	}{
		{enumCodec{options: colours()}, scalar("Blue"), complaint{"option", `"Blue" names 2 options`, "write the code or the id: b (id 15), (id 16)"}},
		{enumCodec{options: colours()[:2], unread: "scope"}, scalar("Rot"), complaint{"option", `"Rot" is no option of this field`, `options: Red, Green; codes of options could not be read: scope`}},
		{enumCodec{}, scalar("99"), complaint{"option", `"99" is no option of this field`, "the field has no options"}},
		{moneyCodec{}, scalar("12.50"), complaint{"type", `"12.50" has no currency`, hintMoney + ": without a currency the portal would take its own"}},
		{moneyCodec{}, scalar("1e3|EUR"), complaint{"type", `"1e3|EUR" is no money`, hintMoney}},
		{addressCodec{}, scalar("a|b"), complaint{"type", `"a|b" holds a | that begins no coordinates`, hintAddress}},
		{addressCodec{}, scalar("Main St_del "), complaint{"type", `"Main St_del ": the portal deletes an address that ends with _del`, "end it otherwise"}},
		{addressCodec{}, scalar(`{"a":1}`), complaint{"type", "the portal takes this text for a location of its own", hintAddress}},
		{several, scalar("7"), complaint{"reference", `"7" is no record`, "write {ref: deal/name}, or the type and the id as D_12 (deal D_…, T83_…)"}},
		{several, scalar("CO_7"), complaint{"reference", "company 7 is of a type that the field's settings do not allow", "the field takes deal D_…, T83_…"}},
		{several, mapping("ref", scalar("company/acme")), complaint{"reference", "company/acme → 815 is of a type that the field's settings do not allow", "the field takes deal D_…, T83_…"}},
		{idCodec{}, scalar("Pump"), complaint{"type", `"Pump" is no id`, "write the id that the element has on this portal; the CRM's interface does not show names"}},
		{fileCodec{}, scalar("a.png"), complaint{"type", "this is no file", "write {file: path}, with a path below the manifest's folder"}},
		{markupCodec{}, scalar("Jane <jane@acme.example>"), complaint{"markup", "the portal removes the tag <jane@acme.example> from this text", "use the BBCode tags b, i, u, s, p, list, *, url and img only; write < as &lt; where it begins no tag"}},
	} {
		t.Run(tc.want.message, func(t *testing.T) {
			_, err := tc.codec.parse(testScope(), tc.value)
			got, ok := err.(*complaint)
			if !ok {
				t.Fatalf("error %v, want a complaint", err)
			}
			if d := cmp.Diff(tc.want, *got, cmp.AllowUnexported(complaint{})); d != "" {
				t.Error(d)
			}
		})
	}
}

// Every type of user field has a codec, or a refusal that says what to do instead.
func TestATypeThatCannotBeWrittenIsRefusedWithAWayOut(t *testing.T) {
	v := &view{meta: &Meta{}}
	for typ, hint := range map[spec.FieldType]string{typeBooking: "calendar", typeDiskFile: "of type file", "video": "does not document"} {
		_, err := v.userFieldCodec(LiveField{Type: typ}, "X")
		c, ok := err.(*complaint)
		if !ok || !strings.Contains(c.hint, hint) || !strings.Contains(c.message, "X: values of a field of type "+string(typ)) {
			t.Errorf("%s: %#v", typ, err)
		}
	}
}

// Membership sends the whole list that the live one becomes.
func TestMembershipSendsTheWholeThatTheLiveListBecomes(t *testing.T) {
	texts := membersCodec{listCodec{one: stringCodec{}, ordered: true}}
	want, err := texts.parse(testScope(), mapping("add", list(scalar("a"), scalar("n")), "remove", list(scalar("x"))))
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff([]any{"z", "a", "n"}, texts.send(want, []any{"z", "x", "a"})); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff([]any{"a", "n"}, texts.send(want, nil)); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff([]string{"+ a", "+ n", "- x"}, texts.show(nil, want)); d != "" {
		t.Error(d)
	}
	phones := membersCodec{multifieldCodec{typeID: "PHONE"}}
	twice := mapping("add", list(scalar("+49 30 1"), mapping("value", scalar("+49 30 1"), "type", scalar("FAX"))), "remove", list(scalar("+49 30 2")))
	if want, err = phones.parse(testScope(), twice); err != nil {
		t.Fatal(err)
	}
	edits := phones.send(want, []contactRow{{1, "+49301", "WORK"}, {2, "+49302", "HOME"}, {3, "030 9", "HOME"}}).([]contactEdit)
	if d := cmp.Diff(map[string]any{"2": map[string]any{"typeId": "PHONE", "valueType": "FAX", "value": "+49 30 1"}}, fmByRow(edits)); d != "" {
		t.Errorf("the removed row becomes the added one, others stay: %s", d)
	}
}

// A file whose content cannot be read makes its record fail, not the plan.
func TestAFileThatCannotBeReadConcernsItsRecordOnly(t *testing.T) {
	s := load(t, "apiVersion: b24apply/v1\nkind: Deal\nmetadata: {name: d}\nspec: {fields: {title: D, SCAN: {file: manifests.yaml}}}\n")
	state := dealState(map[spec.Address][]Row{"deal/d": {row(t, `{"id":7,"title":"D","ufCrmScan":{"id":9,"url":"/x","urlMachine":"/rest/x?token=t0ken"}}`)}})
	state.Meta.Fields[2] = NewLiveFields([]LiveField{{Name: "title", Type: spec.TypeString}, {Name: "ufCrmScan", UpperName: "UF_CRM_SCAN", Type: spec.TypeFile, Dynamic: true}})
	state.Meta.Files = map[int]FileContent{9: {Fault: "HTTP 500"}}
	plan, problems := Compute(s, state)
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	if c := plan.Changes[0]; c.Action != Refuse || c.Reason.Code != "UNREADABLE_VALUE" || words.Text(c.Reason.Message) != "SCAN: file 9 cannot be compared: HTTP 500" {
		t.Errorf("%s %s %s", c.Action, c.Reason.Code, words.Text(c.Reason.Message))
	}
}
