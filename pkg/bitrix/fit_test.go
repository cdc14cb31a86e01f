package bitrix

import (
	"strings"
	"testing"
)

// Only what no database would take for equal is a misfit; the portal's own
// comparison is lenient.
func TestRowsThatCannotFitTheFilterAreErrors(t *testing.T) {
	type f = map[string]any
	for _, tc := range []struct {
		name   string
		filter f
		row    string
		want   string // part of the error; "" for none
	}{
		{"equal", f{"=title": "Acme"}, `{"title":"Acme"}`, ""},
		{"other case and trailing blanks", f{"=title": "acme"}, `{"title":"ACME  "}`, ""},
		{"accent", f{"=title": "Muller"}, `{"title":"Müller"}`, ""},
		{"accent in the filter", f{"=title": "Müller"}, `{"title":"MULLER"}`, ""},
		{"other text", f{"=title": "Acme"}, `{"title":"Globex"}`, `"=title"`},
		{"other text beside an accent", f{"=title": "Müller"}, `{"title":"Smith"}`, `"=title"`},
		{"part of the text", f{"=title": "Acme"}, `{"title":"Acme Ltd"}`, `"=title"`},
		{"pattern", f{"title": "Ac%"}, `{"title":"Acme"}`, ""},
		{"contains", f{"%title": "cm"}, `{"title":"ACME"}`, ""},
		{"does not contain", f{"%title": "x"}, `{"title":"Acme"}`, `"%title"`},
		{"one of the keys", f{"@originId": []any{"a", "b"}}, `{"originId":"B"}`, ""},
		{"none of the keys", f{"@originId": []string{"a", "b"}}, `{"originId":"c"}`, `"@originId"`},
		{"no value for a key", f{"@originId": []any{"a"}}, `{"originId":null}`, `"@originId"`},
		{"number as text", f{"=companyId": 5}, `{"companyId":"5"}`, ""},
		{"another number", f{"@companyId": []int{5, 6}}, `{"companyId":7}`, `"@companyId"`},
		{"money", f{"=opportunity": "100.00"}, `{"opportunity":100}`, ""},
		{"money with a currency", f{"=ufCrmSum": 100}, `{"ufCrmSum":"100|EUR"}`, ""},
		{"money in another form", f{"=ufCrmSum": "100|EUR"}, `{"ufCrmSum":"100.00|EUR"}`, ""},
		{"a key that is no money", f{"=originId": "7|main"}, `{"originId":"8|main"}`, `"=originId"`},
		{"flag", f{"=ufCrmFlag": 1}, `{"ufCrmFlag":"Y"}`, ""},
		{"other flag", f{"=opened": "Y"}, `{"opened":"N"}`, `"=opened"`},
		{"boolean", f{"ACTIVE": true}, `{"ACTIVE":false}`, `"ACTIVE"`},
		{"text that is no flag", f{"=title": "x"}, `{"title":"y"}`, `"=title"`},
		{"empty wanted", f{"=xmlId": ""}, `{"xmlId":null}`, ""},
		{"empty wanted, there is one", f{"=xmlId": nil}, `{"xmlId":"a"}`, `"=xmlId"`},
		{"a list that holds it", f{"contactIds": 5}, `{"contactIds":[4,5]}`, ""},
		{"a list that lacks it", f{"contactIds": 5}, `{"contactIds":[4]}`, `"contactIds"`},
		{"an empty list", f{"observers": 5}, `{"observers":[]}`, `"observers"`},
		{"excluded", f{"!=stageId": "WON"}, `{"stageId":"WON"}`, `"!=stageId"`},
		{"excluded in another case", f{"!stageId": "WON"}, `{"stageId":"won"}`, ""},
		{"above", f{">opportunity": 5}, `{"opportunity":"5.5"}`, ""},
		{"not above", f{">opportunity": 5}, `{"opportunity":5}`, `">opportunity"`},
		{"a day in the portal's zone", f{"=closedate": "2025-03-01"}, `{"closedate":"2025-03-01T03:00:00+03:00"}`, ""},
		{"another day", f{"=closedate": "2025-03-01"}, `{"closedate":"2025-03-09T03:00:00+03:00"}`, `"=closedate"`},
		{"long before", f{">=createdTime": "2025-03-01T00:00:00+00:00"}, `{"createdTime":"2024-03-01T03:00:00+03:00"}`, `">=createdTime"`},
		{"an older method's name", f{"ASSIGNED_BY_ID": 1}, `{"assignedById":2}`, `"ASSIGNED_BY_ID"`},
		{"not shown", f{"=titel": "x"}, `{"title":"x"}`, "does not show titel"},
		{"not shown, as is known", f{"=hidden": "x"}, `{"title":"x"}`, ""},
		{"one of two groups", f{"0": f{"logic": "OR", "0": f{"=title": "a"}, "1": f{"=title": "b"}}}, `{"title":"b"}`, ""},
		{"none of two groups", f{"0": f{"logic": "OR", "0": f{"=title": "a"}, "1": f{"=title": "b"}}}, `{"title":"c"}`, `"0"`},
		{"logic at the top", f{"logic": "or", "0": f{"=title": "a"}}, `{"title":"c"}`, `"logic"`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			err := newCheck(tc.filter, []string{"hidden"}).row(mustRow(t, tc.row))
			if tc.want == "" && err != nil || tc.want != "" && (err == nil || !strings.Contains(err.Error(), tc.want)) {
				t.Errorf("got %v, want %q", err, tc.want)
			}
		})
	}
}

func mustRow(t testing.TB, text string) Row {
	t.Helper()
	row, err := ParseRow([]byte(text))
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return row
}

func FuzzFitNeverPanics(f *testing.F) {
	f.Add("=title", "a", `{"title":"b"}`)
	f.Add("@ID", "1", `{"id":[1,{"a":2}]}`)
	f.Add("><x", "ü", `{"x":"2025-01-01"}`)
	f.Fuzz(func(_ *testing.T, key, want, text string) {
		if row, err := ParseRow([]byte(text)); err == nil {
			_ = newCheck(map[string]any{key: []any{want}}, nil).row(row)
		}
	})
}
