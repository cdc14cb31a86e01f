package portal

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// by calls a method through a new webhook and returns the result, or the status
// and the body of an error.
func (w wire) by(h Webhook, method, params string) (string, string) {
	w.t.Helper()
	h, err := w.p.AddWebhook(w.t.Context(), h)
	if err != nil {
		w.t.Fatal(err)
	}
	status, body := w.send("POST", h.Path()+method, "application/json", params)
	if status != http.StatusOK {
		return "", fmt.Sprint(status, " ", jsonField(w.t, body, "error"))
	}
	return jsonField(w.t, body, "result"), ""
}

func TestAWebhookActsAsItsUserAndOnlyWithItsSecret(t *testing.T) {
	p := openPortal(t, Config{Secret: "s3cret", Webhooks: []Webhook{{User: 2, Secret: "jan"}, {User: 7, Secret: "left"}}})
	w := wire{t, p}
	if got := w.result("user.current", `{}`); !strings.Contains(got, `"ID":"1"`) {
		t.Errorf("user 1 is %s", got)
	}
	if got, _ := w.by(Webhook{User: 2, Secret: "jan"}, "user.current", `{}`); !strings.Contains(got, `"NAME":"Jan"`) {
		t.Errorf("user 2 is %s", got)
	}
	for _, target := range []string{"/rest/1/jan/profile", "/rest/2/s3cret/profile", "/rest/7/left/profile", "/rest/3/jan/profile"} {
		if status, body := w.send("GET", target, "", ""); status != 401 || jsonField(t, body, "error") != `"INVALID_CREDENTIALS"` {
			t.Errorf("%s: %d %s", target, status, body)
		}
	}
}

func TestAScopeThatIsNotGrantedIsRefused(t *testing.T) {
	w := newWire(t)
	only := func(scopes ...string) Webhook { return Webhook{User: 1, Secret: "w", Scopes: scopes} }
	for _, tt := range []struct {
		hook           Webhook
		method, params string
		result, fault  string
	}{
		{only("user"), "crm.item.list", `{"entityTypeId":2}`, "", `403 "insufficient_scope"`},
		{only("crm"), "crm.item.list", `{"entityTypeId":2}`, `{"items":[]}`, ""},
		{only("crm"), "user.get", `{}`, "", `403 "insufficient_scope"`},
		{only("user_basic"), "user.current", `{"select":["ID"]}`, "any", ""},
		{only(), "server.time", `{}`, "any", ""},
		{only("user", "crm"), "scope", `{}`, `["crm","user"]`, ""},
		{only("crm"), "method.get", `{"name":"user.get"}`, `{"isExisting":true,"isAvailable":false}`, ""},
		{only("crm"), "app.info", `{}`, `{"SCOPE":["crm"],"LICENSE":"de_pro100"}`, ""},
		{only("crm"), "placement.bind", `{}`, "", `403 "insufficient_scope"`},
	} {
		result, fault := w.by(tt.hook, tt.method, tt.params)
		if fault != tt.fault || result != tt.result && tt.result != "any" {
			t.Errorf("%v %s: got %s %s, want %s %s", tt.hook.Scopes, tt.method, result, fault, tt.result, tt.fault)
		}
	}
	if _, fault := w.by(Webhook{User: 1, Secret: "s3cret", Scopes: []string{"user"}}, "crm.item.list", `{"entityTypeId":2}`); fault != `403 "insufficient_scope"` {
		t.Errorf("the first webhook with fewer scopes: %s", fault)
	}
	result, _ := w.by(only("crm"), "batch", `{"cmd":{"a":"user.get","b":"crm.item.list?entityTypeId=2"}}`)
	if !strings.Contains(result, `"result_error":{"a":{"error":"insufficient_scope"`) || !strings.Contains(result, `"b":{"items":[]}`) {
		t.Errorf("a batch answers %s", result)
	}
}

func TestASmallUserScopeHidesFieldsAndDropsFiltersByThem(t *testing.T) {
	w := newWire(t)
	byEmail := `{"FILTER":{"=EMAIL":"olga@acme.example","ACTIVE":true}}`
	for scope, want := range map[string]struct {
		found int
		email bool
	}{"user": {1, true}, "user_basic": {1, true}, "user_brief": {7, false}} {
		result, _ := w.by(Webhook{User: 1, Secret: "w", Scopes: []string{scope}}, "user.get", byEmail)
		var users []map[string]any
		if err := json.Unmarshal([]byte(result), &users); err != nil {
			t.Fatal(err)
		}
		if _, shown := users[0]["EMAIL"]; len(users) != want.found || shown != want.email {
			t.Errorf("%s: %d users with e-mail %v, want %v", scope, len(users), shown, want)
		}
	}
}

// restricted gives a user other rights on the portal of c: items 1 and 2 of an
// entity type are the deals of users 1 and 2.
func restricted(t *testing.T, rights Rights) *crm {
	t.Helper()
	c := openCRM(t, 3)
	c.add(2, `{"title":"Olga's"}`)
	c.user = 2
	c.add(2, `{"title":"Jan's"}`)
	c.grant = &grant{rights: rights}
	return c
}

// outcome calls a method and returns "ok" or the code of its fault.
func (c *crm) outcome(method, params string) string {
	c.t.Helper()
	_, err := c.try(method, params)
	var f *fault
	if errors.As(err, &f) {
		return f.code
	}
	if err != nil {
		c.t.Fatalf("%s: %v", method, err)
	}
	return "ok"
}

func TestRightsNarrowWhatAWebhookSeesAndDoes(t *testing.T) {
	const denied = "ACCESS_DENIED"
	calls := []struct{ name, method, params string }{
		{"get other", "crm.item.get", `{"entityTypeId":2,"id":1}`},
		{"get own", "crm.item.get", `{"entityTypeId":2,"id":2}`},
		{"describe", "crm.item.fields", `{"entityTypeId":2}`},
		{"update other", "crm.item.update", `{"entityTypeId":2,"id":1,"fields":{"title":"x"}}`},
		{"update own", "crm.item.update", `{"entityTypeId":2,"id":2,"fields":{"title":"x"}}`},
		{"add for other", "crm.item.add", `{"entityTypeId":2,"fields":{"assignedById":1}}`},
		{"add own", "crm.item.add", `{"entityTypeId":2,"fields":{}}`},
		{"import", "crm.item.import", `{"entityTypeId":2,"fields":{}}`},
		{"import several", "crm.item.batchImport", `{"entityTypeId":2,"data":[{}]}`},
		{"delete other", "crm.item.delete", `{"entityTypeId":2,"id":1}`},
		{"delete own", "crm.item.delete", `{"entityTypeId":2,"id":2}`},
		{"add a contact", "crm.item.add", `{"entityTypeId":3,"fields":{}}`},
	}
	for name, tt := range map[string]struct {
		rights Rights
		denied []string
	}{
		"all":          {nil, nil},
		"read own":     {Rights{"2.read": LevelOwn}, []string{"get other"}},
		"read none":    {Rights{"read": LevelNone}, []string{"get other", "get own", "describe"}},
		"update own":   {Rights{"2.update": LevelOwn}, []string{"update other"}},
		"update none":  {Rights{"update": LevelNone}, []string{"update other", "update own"}},
		"add own":      {Rights{"2.add": LevelOwn}, []string{"add for other"}},
		"add none":     {Rights{"add": LevelNone}, []string{"add for other", "add own", "add a contact"}},
		"import none":  {Rights{"2.import": LevelNone}, []string{"import", "import several"}},
		"delete own":   {Rights{"delete": LevelOwn}, []string{"delete other"}},
		"a type first": {Rights{"add": LevelNone, "2.add": LevelAll}, []string{"add a contact"}},
	} {
		t.Run(name, func(t *testing.T) {
			c := restricted(t, tt.rights)
			var got []string
			for _, call := range calls {
				if code := c.outcome(call.method, call.params); code == denied {
					got = append(got, call.name)
				} else if code != "ok" {
					t.Errorf("%s: %s", call.name, code)
				}
			}
			if diff := cmp.Diff(tt.denied, got); diff != "" {
				t.Errorf("denied (-want +got):\n%s", diff)
			}
		})
	}
}

func TestRowsThatMayNotBeReadAreMissingFromLists(t *testing.T) {
	for level, want := range map[Level][]int{LevelAll: {1, 2}, LevelOwn: {2}, LevelNone: {}} {
		c := restricted(t, Rights{"2.read": level})
		if diff := cmp.Diff(want, c.ids(2, `{}`)); diff != "" {
			t.Errorf("%s: %s", level, diff)
		}
		r, err := c.try("crm.item.list", `{"entityTypeId":2,"filter":{"0":{"logic":"OR","0":{"=id":1},"1":{"=id":2}}}}`)
		if err != nil || r.total != len(want) {
			t.Errorf("%s: total %d, %v", level, r.total, err)
		}
		result := c.ask("crm.stagehistory.list", `{"entityTypeId":2}`).(map[string]any)["items"].([]any)
		if len(result) != len(want) {
			t.Errorf("%s: stage history of %d items, want %d", level, len(result), len(want))
		}
	}
}

func TestALinkToAnItemThatMayNotBeReadIsRefused(t *testing.T) {
	c := openCRM(t, 3)
	c.add(3, `{"name":"Ann"}`)
	c.user, c.grant = 2, &grant{rights: Rights{"3.read": LevelOwn}}
	if code, text := c.refused("crm.item.add", `{"entityTypeId":2,"fields":{"contactIds":[1]}}`); code != "0" || !strings.Contains(text, "Contact #1") {
		t.Errorf("got %s %s", code, text)
	}
}

func TestAdministrationTakesAnAdministratorOrTheRight(t *testing.T) {
	w := newWire(t)
	settings := map[string]string{
		"crm.type.add": `{"fields":{"title":"A"}}`, "crm.type.list": `{}`, "crm.category.add": `{"entityTypeId":2,"fields":{"name":"P"}}`,
		"crm.status.add": `{"fields":{"ENTITY_ID":"SOURCE","STATUS_ID":"X","NAME":"X"}}`, "crm.automatedsolution.list": `{}`,
	}
	codes := map[string]string{"crm.status.add": `400 ""`}
	for name, tt := range map[string]struct {
		hook    Webhook
		allowed bool
	}{
		"an administrator":         {Webhook{User: 1, Secret: "w", Scopes: []string{"crm"}}, true},
		"another user":             {Webhook{User: 2, Secret: "w"}, false},
		"a user with the right":    {Webhook{User: 2, Secret: "w", Rights: Rights{"config": LevelAll}}, true},
		"an administrator without": {Webhook{User: 1, Secret: "x", Rights: Rights{"config": LevelNone}}, false},
	} {
		for method, params := range settings {
			want := codes[method]
			if want == "" {
				want = `400 "ACCESS_DENIED"`
			}
			if _, fault := w.by(tt.hook, method, params); tt.allowed != (fault == "") && !strings.Contains(fault, "ERROR_CORE") || !tt.allowed && fault != want {
				t.Errorf("%s, %s: %s", name, method, fault)
			}
		}
		if _, fault := w.by(tt.hook, "crm.status.list", `{}`); fault != "" {
			t.Errorf("%s may not read dictionaries: %s", name, fault)
		}
	}
}

func TestWebhooksAreAddedWhileThePortalRuns(t *testing.T) {
	w := newWire(t)
	for body, want := range map[string]struct {
		status int
		text   string
	}{
		`{"user":3,"secret":"m4ria","scopes":["crm"],"rights":{"2.read":"own"}}`: {200, `{"path":"/rest/3/m4ria/"}` + "\n"},
		`{"user":3}`:                             {200, `{"path":"/rest/3/`},
		`{"user":99}`:                            {400, "user 99, who does not exist"},
		`{"user":3,"secret":"a/b"}`:              {400, "only letters"},
		`{"user":3,"rights":{"2.fly":"all"}}`:    {400, `unknown right "2.fly"`},
		`{"user":3,"rights":{"x.read":"all"}}`:   {400, `unknown right "x.read"`},
		`{"user":3,"rights":{"2.config":"all"}}`: {400, `unknown right "2.config"`},
		`{"user":3,"rights":{"read":"some"}}`:    {400, `level "some"`},
		`{"user":3,"rights":{"config":"own"}}`:   {400, `level "own"`},
		`{"user":3,"right":{}}`:                  {400, "unknown field"},
		`{`:                                      {400, "a webhook is a JSON object"},
	} {
		status, got := w.send("POST", "/__portal/webhooks", "application/json", body)
		if status != want.status || !strings.Contains(got, want.text) {
			t.Errorf("%s: %d %s, want %d %s", body, status, got, want.status, want.text)
		}
	}
	if status, _ := w.send("GET", "/__portal/webhooks", "", ""); status != 405 {
		t.Errorf("GET answers %d", status)
	}
	if status, body := w.send("GET", "/rest/3/m4ria/scope", "", ""); status != 200 || jsonField(t, body, "result") != `["crm"]` {
		t.Errorf("the new webhook answers %d %s", status, body)
	}
}
