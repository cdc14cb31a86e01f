package portal

import (
	"strings"
	"testing"
)

func TestDepartmentsAreFilteredByWholeValues(t *testing.T) {
	w := newWire(t)
	const acme = `{"ID":"1","NAME":"Acme","SORT":500,"UF_HEAD":"1"}`
	const marketing = `{"ID":"2","NAME":"Marketing","SORT":500,"PARENT":"1","UF_HEAD":"6"}`
	const service = `{"ID":"3","NAME":"Service","SORT":500,"PARENT":"1","UF_HEAD":"5"}`
	for params, want := range map[string]string{
		`{}`:                             acme + "," + marketing + "," + service,
		`{"NAME":"service"}`:             service,
		`{"NAME":"serv"}`:                "",
		`{"ID":[1,"3"]}`:                 acme + "," + service,
		`{"PARENT":1,"UF_HEAD":"6"}`:     marketing,
		`{"SORT":500,"ID":2}`:            marketing,
		`{"SORT":100}`:                   "",
		`{"sort":"NAME","order":"DESC"}`: service + "," + marketing + "," + acme,
		`{"START":50}`:                   "",
	} {
		if got := w.result("department.get", params); got != "["+want+"]" {
			t.Errorf("%s: got %s, want %s", params, got, want)
		}
	}
	if got := w.result("department.fields", `{}`); !strings.Contains(got, `"UF_HEAD":"Manager"`) {
		t.Errorf("fields: %s", got)
	}
}

func TestUserSearchMatchesBeginnings(t *testing.T) {
	w := newWire(t)
	search := func(params string) string {
		var ids []string
		for _, part := range strings.Split(w.result("user.search", params), `"ID":"`)[1:] {
			id, _, _ := strings.Cut(part, `"`)
			ids = append(ids, id)
		}
		return strings.Join(ids, " ")
	}
	for params, want := range map[string]string{
		`{"FILTER":{"FIND":"schm"}}`:                              "3 4",
		`{"FILTER":{"FIND":"peter schmidt"}}`:                     "4",
		`{"FILTER":{"FIND":"chmidt"}}`:                            "",
		`{"FILTER":{"FIND":"manager"}}`:                           "2 3 6 7",
		`{"FILTER":{"FIND":"service"}}`:                           "4 5",
		`{"FILTER":{"NAME":"le"}}`:                                "5 6",
		`{"FILTER":{"UF_DEPARTMENT_NAME":"Serv"}}`:                "4 5",
		`{"FILTER":{"FIND":"t"}}`:                                 "7",
		`{"FILTER":{"FIND":"t","ACTIVE":true}}`:                   "",
		`{"filter":{"LAST_NAME":"F"},"sort":"ID","order":"DESC"}`: "6 5",
		`{}`: "1 2 3 4 5 6 7 8",
	} {
		if got := search(params); got != want {
			t.Errorf("%s: got %q, want %q", params, got, want)
		}
	}
}

func TestMethodsForApplicationsRefuseAWebhook(t *testing.T) {
	w := newWire(t)
	for _, row := range applicationRows {
		for _, name := range row.methods {
			status, body := w.send("POST", "/rest/1/s3cret/"+name, "application/json", `{}`)
			if got := jsonField(t, body, "error"); status != 403 || got != `"`+row.code+`"` {
				t.Errorf("%s: %d %s", name, status, body)
			}
		}
	}
	_, body := w.send("POST", "/rest/1/s3cret/app.option.get", "application/json", `{}`)
	if want := `{"error":"ACCESS_DENIED","error_description":"Access denied! Application context required"}`; body != want {
		t.Errorf("got %s, want %s", body, want)
	}
}
