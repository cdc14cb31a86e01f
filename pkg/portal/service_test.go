package portal

import (
	"strings"
	"testing"
	"time"
)

func TestServiceMethods(t *testing.T) {
	w := newWire(t)
	for _, tt := range []struct{ method, params, want string }{
		{"profile", `{}`, `{"ID":"1","ADMIN":true,"NAME":"Olga","LAST_NAME":"Petrova","PERSONAL_GENDER":"F","TIME_ZONE":""}`},
		{"scope", `{}`, `["bizproc","catalog","crm","department","disk","entity","imconnector","placement","user","userfieldconfig"]`},
		{"scope", `{"full":true}`, `["bizproc","catalog","crm","department","disk","entity","imconnector","placement","user","userfieldconfig"]`},
		{"app.info", `{}`, `{"SCOPE":["bizproc","catalog","crm","department","disk","entity","imconnector","placement","user","userfieldconfig"],"LICENSE":"de_pro100"}`},
		{"methods", `{"scope":"user"}`, `["user.current","user.get","user.search"]`},
		{"method.get", `{"name":"user.get"}`, `{"isExisting":true,"isAvailable":true}`},
		{"method.get", `{"name":"crm.nope"}`, `{"isExisting":false,"isAvailable":false}`},
		{"method.get", `{}`, `{"isExisting":false,"isAvailable":false}`},
		{"user.admin", `{}`, `true`},
	} {
		if got := w.result(tt.method, tt.params); got != tt.want {
			t.Errorf("%s %s: got %s, want %s", tt.method, tt.params, got, tt.want)
		}
	}
}

func TestMethodsListsAllOrThoseWithoutAScope(t *testing.T) {
	w := newWire(t)
	if got := w.result("methods", `{}`); !strings.Contains(got, `"user.get"`) || !strings.Contains(got, `"batch"`) {
		t.Errorf("all methods are %s", got)
	}
	if got := w.result("methods", `{"scope":""}`); strings.Contains(got, `"user.get"`) || !strings.Contains(got, `"profile"`) {
		t.Errorf("common methods are %s", got)
	}
}

func TestServerTimeHasThePortalsOffset(t *testing.T) {
	w := newWire(t)
	got, err := time.Parse(`"`+time.RFC3339+`"`, w.result("server.time", `{}`))
	if err != nil {
		t.Fatal(err)
	}
	if _, offset := got.Zone(); offset != 3*60*60 || time.Since(got).Abs() > time.Minute {
		t.Errorf("server time is %s", got)
	}
}
