package diff

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/b24apply/b24apply/pkg/spec"
)

func scalar(text string) spec.Value { return spec.Value{Kind: spec.Scalar, Text: text, Plain: true} }

func list(items ...spec.Value) spec.Value { return spec.Value{Kind: spec.List, Items: items} }

func ref(a string) spec.Value {
	return spec.Value{Kind: spec.Map, Pairs: []spec.Pair{{Key: "ref", Value: scalar(a)}}}
}

func testScope() *scope {
	meta := &Meta{
		Statuses: map[string][]StatusEntry{
			"SOURCE":       {{ID: "CALL", Name: "Call"}, {ID: "WEB", Name: "Website"}, {ID: "UC_1", Name: "Fair"}, {ID: "UC_2", Name: "Fair"}},
			"DEAL_STAGE":   {{ID: "NEW", Name: "New"}, {ID: "WON", Name: "Won"}},
			"DEAL_STAGE_9": {{ID: "C9:NEW", Name: "New"}, {ID: "C9:WON", Name: "Signed"}},
		},
		Categories: map[int][]Category{2: {{ID: 0, Name: "General", Default: true}, {ID: 9, Name: "Partners", Code: "partners"}}},
		Users: []User{
			{ID: 1, Name: "Olga Petrova", Email: "olga@acme.example", Active: true},
			{ID: 2, Name: "Ann Lee", Email: "ann@acme.example", Active: false},
			{ID: 3, Name: "Bo Chan", Email: "bo@acme.example", Active: true},
			{ID: 4, Name: "Bo Chan", Email: "bo.chan@acme.example", Active: true},
		},
	}
	ids := map[spec.Address]int{"company/acme": 815}
	return &scope{view: &view{set: spec.NewSet(spec.Project{}, nil, nil), meta: meta}, meta: meta, entityTypeID: 2, dictionary: "SOURCE",
		ids: func(a spec.Address) (int, bool) { id, ok := ids[a]; return id, ok }}
}

// A declared value and what the portal answers for it are the same value, whatever
// form the portal prints it in.
func TestValuesAreComparedByType(t *testing.T) {
	partners := testScope()
	partners.stages.category = 9
	users := listCodec{one: userCodec{}}
	contacts := listCodec{one: linkCodec{}, primary: true}
	phones, emails := multifieldCodec{typeID: "PHONE"}, multifieldCodec{typeID: "EMAIL"}
	rows := `[{"id":7,"valueType":"WORK","value":"+49 30 1234567","typeId":"PHONE"},{"id":8,"valueType":"HOME","value":"Bob@X.example","typeId":"EMAIL"}]`
	for _, tc := range []struct {
		codec codec
		scope *scope
		want  spec.Value
		live  string
		equal bool
	}{
		{stringCodec{}, nil, scalar("007"), `"007"`, true},
		{stringCodec{}, nil, scalar("7"), `"007"`, false},
		{stringCodec{}, nil, scalar(""), `null`, true},
		{stringCodec{}, nil, scalar("a"), `"A"`, false},
		{doubleCodec{places: 2}, nil, scalar("12000.00"), `12000`, true},
		{doubleCodec{places: 2}, nil, scalar("999.99"), `999.9900000000001`, true},
		{doubleCodec{places: 2}, nil, scalar("1e3"), `"1000.00"`, true},
		{doubleCodec{places: 2}, nil, scalar("0"), `null`, false},
		{dateCodec{}, nil, scalar("2026-03-04"), `"2026-03-04T00:00:00+03:00"`, true},
		{dateCodec{}, nil, scalar("2026-03-04"), `"2026-03-04T00:00:00+00:00"`, true},
		{doubleCodec{places: 2}, nil, scalar("0.01"), `0`, false},
		{integerCodec{}, nil, scalar("80"), `80`, true},
		{integerCodec{}, nil, scalar("0"), `null`, false},
		{booleanCodec{}, nil, scalar("true"), `"Y"`, true},
		{booleanCodec{}, nil, scalar("no"), `"N"`, true},
		{booleanCodec{}, nil, scalar("Y"), `"N"`, false},
		{dateCodec{}, nil, scalar("2024-06-18"), `"2024-06-18T02:00:00+02:00"`, true},
		{dateCodec{}, nil, scalar("2024-06-18"), `"2024-06-17T19:00:00-05:00"`, true},
		{dateCodec{}, nil, scalar("2024-06-17"), `"2024-06-17T19:00:00-05:00"`, false},
		{datetimeCodec{}, nil, scalar("2024-07-18T12:00:14Z"), `"2024-07-18T14:00:14+02:00"`, true},
		{currencyCodec{}, nil, scalar("eur"), `"EUR"`, true},
		{markupCodec{}, nil, scalar("a <b>& b</b>\n"), `"a [B]&amp; b[/B]"`, true},
		{markupCodec{}, nil, scalar("a\nb"), `"a\r\nb"`, true},
		{markupCodec{}, nil, scalar("a"), `"b"`, false},
		{markupCodec{}, nil, scalar("<p>One</p><p>Two</p>"), `"[P]One[/P][P]Two[/P]"`, true},
		{markupCodec{}, nil, scalar("<ul><li>one</li></ul>"), `"[LIST][*]one[/LIST]"`, true},
		{markupCodec{}, nil, scalar("<a href=\"https://x.example/?a=1&b=2\">x</a>"), `"[URL=https://x.example/?a=1&amp;b=2]x[/URL]"`, true},
		{markupCodec{}, nil, scalar("<del>old</del>"), `"[S]old[/S]"`, true},
		{statusCodec{}, nil, scalar("Website"), `"WEB"`, true},
		{statusCodec{}, nil, scalar("WEB"), `"WEB"`, true},
		{statusCodec{}, nil, scalar("WEB"), `"CALL"`, false},
		{categoryCodec{}, nil, scalar("General"), `0`, true},
		{categoryCodec{}, nil, scalar("partners"), `9`, true},
		{categoryCodec{}, nil, scalar("Partners"), `0`, false},
		{stageCodec{}, nil, scalar("Won"), `"WON"`, true},
		{stageCodec{}, partners, scalar("Signed"), `"C9:WON"`, true},
		{stageCodec{}, partners, scalar("WON"), `"C9:WON"`, true},
		{stageCodec{}, partners, scalar("C9:NEW"), `"C9:WON"`, false},
		{userCodec{}, nil, scalar("OLGA@acme.example"), `1`, true},
		{userCodec{}, nil, scalar("Olga Petrova"), `"1"`, true},
		{userCodec{}, nil, scalar("2"), `2`, true},
		{users, nil, list(scalar("1"), scalar("3")), `[3,1]`, true},
		{users, nil, list(scalar("1")), `[1,3]`, false},
		{users, nil, list(), `[]`, true},
		{linkCodec{}, nil, ref("company/acme"), `815`, true},
		{linkCodec{}, nil, ref("company/new"), `0`, false},
		{linkCodec{}, nil, scalar("0"), `null`, true},
		{contacts, nil, list(scalar("4"), scalar("5"), scalar("6")), `[4,6,5]`, true},
		{contacts, nil, list(scalar("4"), scalar("5")), `[5,4]`, false},
		{phones, nil, list(scalar("+493012-34567")), rows, true},
		{phones, nil, list(scalar("+49 30 1234568")), rows, false},
		{phones, nil, list(), rows, false},
		{emails, nil, list(scalar("bob@x.example")), rows, true},
	} {
		s := tc.scope
		if s == nil {
			s = testScope()
		}
		t.Run(fmt.Sprintf("%T %s %s", tc.codec, tc.want.Text, tc.live), func(t *testing.T) {
			want, err := tc.codec.parse(s, tc.want)
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

// What cannot be resolved is refused with the candidates; nothing is guessed.
func TestUnresolvableValuesAreRefusedWithTheCandidates(t *testing.T) {
	for _, tc := range []struct {
		codec codec
		value spec.Value
		want  complaint
	}{
		{statusCodec{}, scalar("Fair"), complaint{"value", `"Fair" names 2 values of dictionary SOURCE`, "write the id: UC_1 (Fair), UC_2 (Fair)"}},
		{stageCodec{}, scalar("Wom"), complaint{"stage", `"Wom" is no stage of pipeline "General"`, `did you mean "Won"? stages: New, Won`}},
		{categoryCodec{}, scalar("Partner"), complaint{"pipeline", `"Partner" is no pipeline`, `did you mean "Partners"? pipelines: General, Partners`}},
		{userCodec{}, scalar("Bo Chan"), complaint{"user", `"Bo Chan": the portal has 2 active users with this full name`, "write the id: 3, 4"}},
		{userCodec{}, scalar("ann@acme.example"), complaint{"user", `"ann@acme.example": the portal has no active user with this e-mail`, hintUser}},
		{userCodec{}, scalar("0"), complaint{"user", "0 is no user", hintUser}},
		{markupCodec{}, scalar("see [user=1]Olga[/user]"), complaint{"markup", "the portal removes the tag [user=1] from this text", "use the BBCode tags b, i, u, s, p, list, *, url and img only"}},
		{doubleCodec{places: 2}, scalar("Y"), complaint{"type", `"Y" is not a number`, `write a number with a point, such as "1250.50"`}},
		{doubleCodec{places: 2}, scalar("1.005"), complaint{"type", "1.005 has more than the 2 decimals that the portal keeps", "round it in the manifest"}},
		{dateCodec{}, scalar("2025-02-29"), complaint{"type", `"2025-02-29" is not a date`, "write the day as YYYY-MM-DD"}},
		{datetimeCodec{}, scalar("2025-02-28T10:00:00"), complaint{"type", `"2025-02-28T10:00:00" is not a time with an offset`, "write it as 2026-01-31T09:30:00+01:00, with the offset"}},
		{linkCodec{}, scalar("acme"), complaint{"reference", `"acme" is neither a reference nor an id`, "write {ref: company/acme} or an id"}},
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

// An update of a multi-field touches only the rows that differ, and each by its id.
func TestMultifieldIsEditedByRow(t *testing.T) {
	live := []contactRow{{1, "+49 30 1", "WORK"}, {2, "+49 30 2", "WORK"}, {3, "+49 30 3", "HOME"}}
	row := func(value, typ string) contactRow { return contactRow{value: value, typ: typ} }
	for _, tc := range []struct {
		name string
		want []contactRow
		fm   map[string]any
	}{
		{"one number less", []contactRow{row("+49301", ""), row("+49303", "")},
			map[string]any{"2": map[string]any{"typeId": "PHONE", "value": ""}}},
		{"one number more", []contactRow{row("+49301", ""), row("+49302", ""), row("+49303", ""), row("+49304", "")},
			map[string]any{"n0": map[string]any{"typeId": "PHONE", "valueType": "WORK", "value": "+49304"}}},
		{"another type", []contactRow{row("+49301", "MOBILE"), row("+49302", ""), row("+49303", "")},
			map[string]any{"1": map[string]any{"typeId": "PHONE", "valueType": "MOBILE", "value": "+49301"}}},
		{"a corrected number keeps its row and type", []contactRow{row("+49301", ""), row("+49302", ""), row("+49309", "")},
			map[string]any{"3": map[string]any{"typeId": "PHONE", "valueType": "HOME", "value": "+49309"}}},
		{"none", nil,
			map[string]any{
				"1": map[string]any{"typeId": "PHONE", "value": ""},
				"2": map[string]any{"typeId": "PHONE", "value": ""},
				"3": map[string]any{"typeId": "PHONE", "value": ""},
			}},
		{"the same number as phone and as fax", []contactRow{row("+49301", ""), row("+49301", "FAX"), row("+49302", ""), row("+49303", "")},
			map[string]any{"n0": map[string]any{"typeId": "PHONE", "valueType": "FAX", "value": "+49301"}}},
		{"the same in another order", []contactRow{row("+49303", "HOME"), row("+49302", "WORK"), row("+49301", "WORK")}, map[string]any{}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got := fmByRow(multifieldCodec{typeID: "PHONE"}.pair(tc.want, live))
			if d := cmp.Diff(tc.fm, got); d != "" {
				t.Error(d)
			}
		})
	}
}

// A relation flag that the manifest leaves open keeps its live value, and flags go
// out as the strings that the portal understands.
func TestRelationsAreSentWholeWithStringFlags(t *testing.T) {
	live, err := relationsCodec{}.read(json.RawMessage(`[{"entityTypeId":3,"isChildrenListEnabled":"Y","isPredefined":"Y"},{"entityTypeId":2,"isChildrenListEnabled":"Y","isPredefined":"N"}]`))
	if err != nil {
		t.Fatal(err)
	}
	s := testScope()
	want, err := relationsCodec{}.parse(s, list(scalar("deal"), scalar("lead")))
	if err != nil {
		t.Fatal(err)
	}
	if (relationsCodec{}).equal(want, live) {
		t.Error("a missing relation is no difference")
	}
	got := relationsCodec{}.send(want, live)
	if d := cmp.Diff([]any{
		map[string]any{"entityTypeId": 2, "isChildrenListEnabled": "true"},
		map[string]any{"entityTypeId": 1, "isChildrenListEnabled": "false"},
	}, got); d != "" {
		t.Error(d)
	}
	same, err := relationsCodec{}.parse(s, list(scalar("deal")))
	if err != nil {
		t.Fatal(err)
	}
	if !(relationsCodec{}).equal(same, live) {
		t.Error("the portal's predefined relations are a difference")
	}
}
