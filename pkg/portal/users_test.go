package portal

import (
	"encoding/json"
	"strings"
	"testing"
)

// userIDs lists the ids that user.get answers with, in order.
func (w wire) userIDs(params string) string {
	w.t.Helper()
	var users []struct{ ID string }
	if err := json.Unmarshal([]byte(w.result("user.get", params)), &users); err != nil {
		w.t.Fatal(err)
	}
	var ids []string
	for _, u := range users {
		ids = append(ids, u.ID)
	}
	return strings.Join(ids, " ")
}

func TestUserGetFilters(t *testing.T) {
	w := newWire(t)
	tests := map[string]struct{ params, want string }{
		"everyone":                       {`{}`, "1 2 3 4 5 6 7 8"},
		"a key at the top":               {`{"EMAIL":"olga@acme.example"}`, "1"},
		"a key in any case":              {`{"filter":{"email":"OLGA@acme.example"}}`, "1"},
		"an underscore is a wildcard":    {`{"FILTER":{"EMAIL":"lena_f@acme.example"}}`, "5 6"},
		"an exact key has no wildcard":   {`{"FILTER":{"=EMAIL":"lena_f@acme.example"}}`, "5"},
		"a percent sign is a wildcard":   {`{"FILTER":{"NAME":"ma%"}}`, "3"},
		"a part is not enough":           {`{"FILTER":{"NAME":"ma"}}`, ""},
		"ACTIVE true":                    {`{"FILTER":{"ACTIVE":true}}`, "1 2 3 4 5 6 8"},
		"ACTIVE Y":                       {`{"ACTIVE":"Y"}`, "1 2 3 4 5 6 8"},
		"ACTIVE false":                   {`{"FILTER":{"ACTIVE":false}}`, "7"},
		"one last name":                  {`{"FILTER":{"LAST_NAME":"Schmidt"}}`, "3 4"},
		"two conditions":                 {`{"FILTER":{"LAST_NAME":"Schmidt","NAME":"Peter"}}`, "4"},
		"several values":                 {`{"FILTER":{"ID":[2,"5"]}}`, "2 5"},
		"IN":                             {`{"FILTER":{"@NAME":["Jan","Tom"]}}`, "2 7"},
		"NOT IN":                         {`{"FILTER":{"!@ID":[1,2,3,4,5]}}`, "6 7 8"},
		"not equal":                      {`{"FILTER":{"!LAST_NAME":"Schmidt","!=ID":1}}`, "2 5 6 7 8"},
		"a substring":                    {`{"FILTER":{"%LAST_NAME":"OV"}}`, "1 2 8"},
		"no substring":                   {`{"FILTER":{"!%EMAIL":"acme"}}`, "8"},
		"a pattern":                      {`{"FILTER":{"=%EMAIL":"%.example","%=LAST_NAME":"F%"}}`, "5 6"},
		"no pattern":                     {`{"FILTER":{"!=%EMAIL":"%@acme.example"}}`, "8"},
		"ids compare as numbers":         {`{"FILTER":{">ID":"6","<ID":"10"}}`, "7 8"},
		"ids from and to":                {`{"FILTER":{">=ID":2,"<=ID":3}}`, "2 3"},
		"dates compare as instants":      {`{"FILTER":{">=DATE_REGISTER":"2024-06-03T03:00:00+03:00"}}`, "7 8"},
		"what is no date finds none":     {`{"FILTER":{">DATE_REGISTER":"soon"}}`, ""},
		"a department":                   {`{"FILTER":{"UF_DEPARTMENT":3}}`, "4 5"},
		"a type":                         {`{"USER_TYPE":"extranet"}`, "8"},
		"a search":                       {`{"FILTER":{"NAME_SEARCH":"schm"}}`, "3 4"},
		"an unknown key finds everyone":  {`{"FILTER":{"E_MAIL":"olga@acme.example"}}`, "1 2 3 4 5 6 7 8"},
		"an array that holds arrays":     {`{"FILTER":{"NAME":[["Jan"]]}}`, ""},
		"a field that is an empty thing": {`{"FILTER":{"TIMESTAMP_X":"x"}}`, ""},
		"sorted":                         {`{"sort":"LAST_NAME","order":"desc","FILTER":{"<ID":5}}`, "3 4 1 2"},
		"sorted by id":                   {`{"SORT":"ID","ORDER":"DESC"}`, "8 7 6 5 4 3 2 1"},
		"sorted by date":                 {`{"SORT":"DATE_REGISTER","ORDER":"DESC","FILTER":{">ID":5}}`, "8 7 6"},
		"sorted by nothing known":        {`{"SORT":"SHOE_SIZE","ORDER":"DESC","FILTER":{">ID":5}}`, "6 7 8"},
		"a page beyond the end":          {`{"start":50}`, ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if got := w.userIDs(tt.params); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestAUserIsShownAsBitrix24ShowsThem(t *testing.T) {
	w := newWire(t)
	const want = `{"ID":"1","XML_ID":"26100701","ACTIVE":true,"NAME":"Olga","LAST_NAME":"Petrova","SECOND_NAME":"","EMAIL":"olga@acme.example",` +
		`"LAST_LOGIN":"","DATE_REGISTER":"2024-01-15T03:00:00+03:00","TIME_ZONE":"","IS_ONLINE":"N","TIMESTAMP_X":{},` +
		`"LAST_ACTIVITY_DATE":{},"PERSONAL_GENDER":"F","PERSONAL_BIRTHDAY":"","WORK_POSITION":"Head of Sales",` +
		`"UF_EMPLOYMENT_DATE":"","UF_DEPARTMENT":[1],"USER_TYPE":"employee"}`
	if got := w.result("user.current", `{}`); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if got := w.result("user.get", `{"ID":1}`); got != "["+want+"]" {
		t.Errorf("got %s, want %s in a list", got, want)
	}
}

func TestUserGetSelectsFields(t *testing.T) {
	w := newWire(t)
	for _, tt := range []struct{ params, want string }{
		{`{"ID":2,"select":["NAME","id","NOPE"]}`, `[{"ID":"2","NAME":"Jan"}]`},
		{`{"ID":2,"SELECT":["UF_*"]}`, `[{"UF_EMPLOYMENT_DATE":"","UF_DEPARTMENT":[1]}]`},
		{`{"ID":99,"select":["*"]}`, `[]`},
	} {
		if got := w.result("user.get", tt.params); got != tt.want {
			t.Errorf("%s: got %s, want %s", tt.params, got, tt.want)
		}
	}
	if got := w.userIDs(`{"ID":2,"select":["*"]}`); got != "2" {
		t.Errorf("the mask * selects %q", got)
	}
}

func TestUserGetCounts(t *testing.T) {
	w := newWire(t)
	for params, want := range map[string]string{`{"LAST_NAME":"Schmidt"}`: "2", `{"start":-1}`: ""} {
		_, body := w.send("POST", "/rest/1/s3cret/user.get", "application/json", params)
		if got := jsonField(t, body, "total"); got != want {
			t.Errorf("%s: total is %q, want %q", params, got, want)
		}
	}
}

func TestLikePatterns(t *testing.T) {
	for _, tt := range []struct {
		text, pattern string
		want          bool
	}{
		{"", "", true}, {"", "%", true}, {"a", "", false}, {"abc", "abc", true}, {"abc", "a_c", true}, {"abc", "a_", false},
		{"abc", "%c", true}, {"abc", "a%", true}, {"abc", "%b%", true}, {"abc", "%d%", false}, {"aab", "a%ab", true},
		{"abab", "%ab", true}, {"ö", "_", true}, {"50%", "50%", true}, {"a", "a%%", true},
	} {
		if got := like(tt.text, tt.pattern); got != tt.want {
			t.Errorf("%q like %q: got %t", tt.text, tt.pattern, got)
		}
	}
}
