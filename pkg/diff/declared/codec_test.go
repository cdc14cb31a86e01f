package declared

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/b24apply/b24apply/internal/ui/words"
	"github.com/b24apply/b24apply/pkg/diff/meta"
	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/spec"
	"github.com/b24apply/b24apply/pkg/value"
)

func scalar(text string) value.Node { return value.Node{Kind: value.Scalar, Text: text, Plain: true} }

func list(items ...value.Node) value.Node { return value.Node{Kind: value.List, Items: items} }

func ref(a string) value.Node {
	return value.Node{Kind: value.Map, Pairs: []value.Pair{{Key: "ref", Value: scalar(a)}}}
}

func testScope() *meta.Scope {
	m := &meta.Data{
		Statuses: map[string][]kind.StatusEntry{
			"SOURCE":       {{ID: "CALL", Name: "Call"}, {ID: "WEB", Name: "Website"}, {ID: "UC_1", Name: "Fair"}, {ID: "UC_2", Name: "Fair"}},
			"DEAL_STAGE":   {{ID: "NEW", Name: "New"}, {ID: "WON", Name: "Won"}},
			"DEAL_STAGE_9": {{ID: "C9:NEW", Name: "New"}, {ID: "C9:WON", Name: "Signed"}},
		},
		Categories: map[int][]kind.Category{2: {{ID: 0, Name: "General", Default: true}, {ID: 9, Name: "Partners", Code: "partners"}}},
		Users: []kind.User{
			{ID: 1, Name: "Olga Petrova", Email: "olga@acme.example", Active: true},
			{ID: 2, Name: "Ann Lee", Email: "ann@acme.example", Active: false},
			{ID: 3, Name: "Bo Chan", Email: "bo@acme.example", Active: true},
			{ID: 4, Name: "Bo Chan", Email: "bo.chan@acme.example", Active: true},
		},
	}
	m.Fields = map[int]kind.LiveFields{2: kind.NewLiveFields([]kind.LiveField{{Name: "ufColour", Options: colours()}, {Name: "ufTwo", Options: colours()[:2]}})}
	ids := map[value.Address]int{"company/acme": 815}
	return &meta.Scope{Resources: &View{Set: spec.NewSet(spec.Project{}, nil, nil), Meta: m}, Meta: m, EntityTypeID: 2,
		IDs: func(a value.Address) (int, bool) { id, ok := ids[a]; return id, ok }}
}

// A declared value and what the portal answers for it are the same value, whatever
// form the portal prints it in.
func TestValuesAreComparedByType(t *testing.T) {
	partners := testScope()
	partners.Stages.Category = 9
	users := value.MustCodecOf(value.Type{Name: "user", Multiple: true})
	contacts := value.MustCodecOf(value.Type{Name: "crm_contact", Multiple: true, Primary: true})
	phones, emails := value.MustCodecOf(value.Type{Name: "crm_multifield", Multi: "PHONE"}), value.MustCodecOf(value.Type{Name: "crm_multifield", Multi: "EMAIL"})
	rows := `[{"id":7,"valueType":"WORK","value":"+49 30 1234567","typeId":"PHONE"},{"id":8,"valueType":"HOME","value":"Bob@X.example","typeId":"EMAIL"}]`
	for _, tc := range []struct {
		codec value.Codec
		scope *meta.Scope
		want  value.Node
		live  string
		equal bool
	}{
		{value.MustCodecOf(value.Type{Name: "string"}), nil, scalar("007"), `"007"`, true},
		{value.MustCodecOf(value.Type{Name: "string"}), nil, scalar("7"), `"007"`, false},
		{value.MustCodecOf(value.Type{Name: "string"}), nil, scalar(""), `null`, true},
		{value.MustCodecOf(value.Type{Name: "string"}), nil, scalar("a"), `"A"`, false},
		{value.MustCodecOf(value.Type{Name: "double", Places: 2}), nil, scalar("12000.00"), `12000`, true},
		{value.MustCodecOf(value.Type{Name: "double", Places: 2}), nil, scalar("999.99"), `999.9900000000001`, true},
		{value.MustCodecOf(value.Type{Name: "double", Places: 2}), nil, scalar("1000"), `"1000.00"`, true},
		{value.MustCodecOf(value.Type{Name: "double", Places: 2}), nil, scalar("0"), `null`, false},
		{value.MustCodecOf(value.Type{Name: "date"}), nil, scalar("2026-03-04"), `"2026-03-04T00:00:00+03:00"`, true},
		{value.MustCodecOf(value.Type{Name: "date"}), nil, scalar("2026-03-04"), `"2026-03-04T00:00:00+00:00"`, true},
		{value.MustCodecOf(value.Type{Name: "double", Places: 2}), nil, scalar("0.01"), `0`, false},
		{value.MustCodecOf(value.Type{Name: "integer"}), nil, scalar("80"), `80`, true},
		{value.MustCodecOf(value.Type{Name: "integer"}), nil, scalar("0"), `null`, false},
		{value.MustCodecOf(value.Type{Name: "boolean"}), nil, scalar("true"), `"Y"`, true},
		{value.MustCodecOf(value.Type{Name: "boolean"}), nil, scalar("no"), `"N"`, true},
		{value.MustCodecOf(value.Type{Name: "boolean"}), nil, scalar("Y"), `"N"`, false},
		{value.MustCodecOf(value.Type{Name: "date"}), nil, scalar("2024-06-18"), `"2024-06-18T02:00:00+02:00"`, true},
		{value.MustCodecOf(value.Type{Name: "date"}), nil, scalar("2024-06-18"), `"2024-06-17T19:00:00-05:00"`, true},
		{value.MustCodecOf(value.Type{Name: "date"}), nil, scalar("2024-06-17"), `"2024-06-17T19:00:00-05:00"`, false},
		{value.MustCodecOf(value.Type{Name: "datetime"}), nil, scalar("2024-07-18T12:00:14Z"), `"2024-07-18T14:00:14+02:00"`, true},
		{value.MustCodecOf(value.Type{Name: "crm_currency"}), nil, scalar("eur"), `"EUR"`, true},
		{value.MustCodecOf(value.Type{Name: "markup"}), nil, scalar("a <b>& b</b>\n"), `"a [B]&amp; b[/B]"`, true},
		{value.MustCodecOf(value.Type{Name: "markup"}), nil, scalar("a\nb"), `"a\r\nb"`, true},
		{value.MustCodecOf(value.Type{Name: "markup"}), nil, scalar("a"), `"b"`, false},
		{value.MustCodecOf(value.Type{Name: "markup"}), nil, scalar("<p>One</p><p>Two</p>"), `"[P]One[/P][P]Two[/P]"`, true},
		{value.MustCodecOf(value.Type{Name: "markup"}), nil, scalar("<ul><li>one</li></ul>"), `"[LIST][*]one[/LIST]"`, true},
		{value.MustCodecOf(value.Type{Name: "markup"}), nil, scalar("<a href=\"https://x.example/?a=1&b=2\">x</a>"), `"[URL=https://x.example/?a=1&amp;b=2]x[/URL]"`, true},
		{value.MustCodecOf(value.Type{Name: "markup"}), nil, scalar("<del>old</del>"), `"[S]old[/S]"`, true},
		{value.MustCodecOf(value.Type{Name: "crm_status", Dictionary: "SOURCE"}), nil, scalar("Website"), `"WEB"`, true},
		{value.MustCodecOf(value.Type{Name: "crm_status", Dictionary: "SOURCE"}), nil, scalar("WEB"), `"WEB"`, true},
		{value.MustCodecOf(value.Type{Name: "crm_status", Dictionary: "SOURCE"}), nil, scalar("WEB"), `"CALL"`, false},
		{value.MustCodecOf(value.Type{Name: "crm_category"}), nil, scalar("General"), `0`, true},
		{value.MustCodecOf(value.Type{Name: "crm_category"}), nil, scalar("partners"), `9`, true},
		{value.MustCodecOf(value.Type{Name: "crm_category"}), nil, scalar("Partners"), `0`, false},
		{value.MustCodecOf(value.Type{Name: "stage"}), nil, scalar("Won"), `"WON"`, true},
		{value.MustCodecOf(value.Type{Name: "stage"}), partners, scalar("Signed"), `"C9:WON"`, true},
		{value.MustCodecOf(value.Type{Name: "stage"}), partners, scalar("WON"), `"C9:WON"`, true},
		{value.MustCodecOf(value.Type{Name: "stage"}), partners, scalar("C9:NEW"), `"C9:WON"`, false},
		{value.MustCodecOf(value.Type{Name: "user"}), nil, scalar("OLGA@acme.example"), `1`, true},
		{value.MustCodecOf(value.Type{Name: "user"}), nil, scalar("Olga Petrova"), `"1"`, true},
		{value.MustCodecOf(value.Type{Name: "user"}), nil, scalar("2"), `2`, true},
		{users, nil, list(scalar("1"), scalar("3")), `[3,1]`, true},
		{users, nil, list(scalar("1")), `[1,3]`, false},
		{users, nil, list(), `[]`, true},
		{value.MustCodecOf(value.Type{Name: "crm_company"}), nil, ref("company/acme"), `815`, true},
		{value.MustCodecOf(value.Type{Name: "crm_company"}), nil, ref("company/new"), `0`, false},
		{value.MustCodecOf(value.Type{Name: "crm_company"}), nil, scalar("0"), `null`, true},
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
			want, err := tc.codec.Parse(s.Names(), tc.want)
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

// complaint is what a refused value is told.
type complaint struct{ rule, message, hint string }

// faultOf gives what a refused value is told.
func faultOf(t *testing.T, err error) complaint {
	f, ok := err.(*value.Fault)
	if !ok {
		t.Fatalf("error %v, want a fault", err)
	}
	return complaint{f.Rule, words.Text(f.Message), words.Text(f.Hint)}
}

// What cannot be resolved is refused with the candidates; nothing is guessed.
func TestUnresolvableValuesAreRefusedWithTheCandidates(t *testing.T) {
	for _, tc := range []struct {
		codec value.Codec
		value value.Node
		want  complaint
	}{
		{value.MustCodecOf(value.Type{Name: "crm_status", Dictionary: "SOURCE"}), scalar("Fair"), complaint{"value", `"Fair" names 2 values of dictionary SOURCE`, "write the id: UC_1 (Fair), UC_2 (Fair)"}},
		{value.MustCodecOf(value.Type{Name: "stage"}), scalar("Wom"), complaint{"stage", `"Wom" is no stage of pipeline "General"`, `did you mean "Won"? stages: New, Won`}},
		{value.MustCodecOf(value.Type{Name: "crm_category"}), scalar("Partner"), complaint{"pipeline", `"Partner" is no pipeline`, `did you mean "Partners"? pipelines: General, Partners`}},
		{value.MustCodecOf(value.Type{Name: "user"}), scalar("Bo Chan"), complaint{"user", `"Bo Chan": the portal has 2 active users with this full name`, "write the id: 3, 4"}},
		{value.MustCodecOf(value.Type{Name: "user"}), scalar("ann@acme.example"), complaint{"user", `"ann@acme.example" is there, but inactive: user 2`, "write the id, the e-mail or the exact full name of an active user; e-mails are only visible with the scope user or user_basic"}},
		{value.MustCodecOf(value.Type{Name: "user"}), scalar("0"), complaint{"user", "0 is no user", "write the id, the e-mail or the exact full name of an active user; e-mails are only visible with the scope user or user_basic"}},
		{value.MustCodecOf(value.Type{Name: "markup"}), scalar("see [user=1]Olga[/user]"), complaint{"markup", "the portal removes the tag [user=1] from this text", "use the BBCode tags b, i, u, s, p, list, *, url and img only"}},
		{value.MustCodecOf(value.Type{Name: "double", Places: 2}), scalar("Y"), complaint{"type", `"Y" is not a number`, "write digits with a point, such as 1250.50"}},
		{value.MustCodecOf(value.Type{Name: "double", Places: 2}), scalar("1.005"), complaint{"type", "1.005 has more than the 2 decimals that the portal keeps", "round it in the manifest"}},
		{value.MustCodecOf(value.Type{Name: "date"}), scalar("2025-02-29"), complaint{"type", `"2025-02-29" is not a date (YYYY-MM-DD)`, "write a day of the calendar, such as 2026-12-31"}},
		{value.MustCodecOf(value.Type{Name: "datetime"}), scalar("2025-02-28T10:00:00"), complaint{"type", `"2025-02-28T10:00:00" is not a time with an offset`, "write it as 2026-01-31T09:30:00+01:00"}},
		{value.MustCodecOf(value.Type{Name: "crm_company"}), scalar("acme"), complaint{"type", `"acme" is not a link`, "a link is written {ref: kind/name}, {lookup: {kind: {field: value}}} or as an id"}},
	} {
		t.Run(tc.want.message, func(t *testing.T) {
			_, err := tc.codec.Parse(testScope().Names(), tc.value)
			if d := cmp.Diff(tc.want, faultOf(t, err), cmp.AllowUnexported(complaint{})); d != "" {
				t.Error(d)
			}
		})
	}
}

// A relation flag that the manifest leaves open keeps its live value, and flags go
// out as the strings that the portal understands.
func TestRelationsAreSentWholeWithStringFlags(t *testing.T) {
	relations := value.MustCodecOf(relationsType)
	live, err := relations.Read(json.RawMessage(`[{"entityTypeId":3,"isChildrenListEnabled":"Y","isPredefined":"Y"},{"entityTypeId":2,"isChildrenListEnabled":"Y","isPredefined":"N"}]`))
	if err != nil {
		t.Fatal(err)
	}
	s := testScope()
	want, err := relations.Parse(s.Names(), list(scalar("deal"), scalar("lead")))
	if err != nil {
		t.Fatal(err)
	}
	if relations.Same(want, live) {
		t.Error("a missing relation is no difference")
	}
	got := relations.Wire(want, live)
	if d := cmp.Diff([]any{
		map[string]any{"entityTypeId": 2, "isChildrenListEnabled": "true"},
		map[string]any{"entityTypeId": 1, "isChildrenListEnabled": "false"},
	}, got); d != "" {
		t.Error(d)
	}
	same, err := relations.Parse(s.Names(), list(scalar("deal")))
	if err != nil {
		t.Fatal(err)
	}
	if !relations.Same(same, live) {
		t.Error("the portal's predefined relations are a difference")
	}
}
