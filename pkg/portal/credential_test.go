package portal

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestTwoWebhooksOfOneUserDoNotShareABudget(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWireOf(t, Config{
			Limits:   Limits{Operating: 30 * time.Second},
			Costs:    []Cost{{Method: "test.echo", Time: 20 * time.Second}},
			Webhooks: []Webhook{{User: 1, Secret: "other"}},
		})
		w.spend("test.echo")
		w.spend("test.echo")
		var got []int
		for _, secret := range []string{"s3cret", "other", "other", "other"} {
			status, _ := w.send("GET", "/rest/1/"+secret+"/test.echo", "", "")
			got = append(got, status)
		}
		if diff := cmp.Diff([]int{429, 200, 200, 429}, got); diff != "" {
			t.Error(diff)
		}
	})
}

func TestARefusalByScopesOrRightsCostsNoTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWireOf(t, Config{Costs: []Cost{{Method: "*", Time: time.Minute}}, Application: testApplication})
		access, _ := w.pair()
		hook := Webhook{User: 2, Secret: "w", Scopes: []string{"crm"}}
		start := time.Now()
		if _, fault := w.by(hook, "user.get", `{}`); fault != `403 "insufficient_scope"` {
			t.Errorf("a scope: %s", fault)
		}
		if _, fault := w.by(hook, "crm.type.list", `{}`); fault != `400 "ACCESS_DENIED"` {
			t.Errorf("a right: %s", fault)
		}
		if code := w.called(access, "crm.item.list"); code != "insufficient_scope" {
			t.Errorf("a token's scope: %s", code)
		}
		if took := time.Since(start); took != 0 {
			t.Errorf("the refusals took %s", took)
		}
		if got := w.p.Stats().Commands; len(got) != 0 {
			t.Errorf("refused commands count as run: %v", got)
		}
	})
}

func TestOnlyCallersWithoutAnApplicationNeedOne(t *testing.T) {
	w := newWireOf(t, Config{Application: testApplication})
	access, _ := w.pair()
	for method, want := range map[string][2]string{
		"app.option.get": {"ACCESS_DENIED", "ERROR_METHOD_NOT_FOUND"},
		"placement.get":  {"WRONG_AUTH_TYPE", "ERROR_METHOD_NOT_FOUND"},
		"entity.get":     {"ACCESS_DENIED", "insufficient_scope"},
	} {
		_, body := w.send("GET", "/rest/1/s3cret/"+method, "", "")
		got := [2]string{strings.Trim(jsonField(t, body, "error"), `"`), w.called(access, method)}
		if got != want {
			t.Errorf("%s: a webhook and a token get %q, want %q", method, got, want)
		}
	}
}

func TestARightToConfigureCoversCustomFields(t *testing.T) {
	const params = `{"moduleId":"crm","field":{"entityId":"CRM_DEAL","fieldName":"UF_CRM_DEAL_Y","userTypeId":"string"}}`
	for name, tt := range map[string]struct {
		user  int
		grant *grant
		want  string
	}{
		"an employee":              {2, &grant{}, "You cannot create custom fields"},
		"with the right":           {2, &grant{rights: Rights{"config": LevelAll}}, ""},
		"an administrator without": {1, &grant{rights: Rights{"config": LevelNone}}, "You cannot create custom fields"},
		"without the scope":        {1, &grant{scopes: []string{"userfieldconfig"}}, "The current method required more scopes. (crm)"},
	} {
		c := openCRM(t, 3)
		c.user, c.grant = tt.user, tt.grant
		text := ""
		if _, err := c.try("userfieldconfig.add", params); err != nil {
			text = asFault(err).text
		}
		if text != tt.want {
			t.Errorf("%s: got %q, want %q", name, text, tt.want)
		}
	}
}

func TestREST3ObeysTheRateOfRequests(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWireOf(t, Config{Limits: Limits{Burst: 2, Drain: 1}})
		w.v3("1/s3cret/rest.scope.list", v3JSON, "", "")
		w.result("test.nothing", `{}`) // one bucket for both
		got := w.v3("1/s3cret/rest.scope.list", v3JSON, "", "")
		const want = `{"error":{"code":"QUERY_LIMIT_EXCEEDED","message":"Too many requests"}}`
		if got.Code != http.StatusServiceUnavailable || got.Body.String() != want {
			t.Errorf("got %d %s", got.Code, got.Body)
		}
		if diff := cmp.Diff(map[string]int{"QUERY_LIMIT_EXCEEDED": 1}, w.p.Stats().Refused); diff != "" {
			t.Error(diff)
		}
	})
}

func TestREST3HasTheFaultsOfItsMethods(t *testing.T) {
	w := newWireOf(t, Config{Faults: "502:tasks.task.add,n=2;504:tasks.task.get,when=after,n=1"})
	const task = `{"fields":{"title":"A","creatorId":1,"responsibleId":1}}`
	var got []int
	for _, call := range [][2]string{
		{"tasks.task.add", task}, {"batch", `[{"method":"Tasks.Task.Add","query":` + task + `}]`}, {"tasks.task.add", task},
		{"tasks.task.get", `{"id":1}`}, {"tasks.task.get", `{"id":1}`},
	} {
		got = append(got, w.v3("1/s3cret/"+call[0], v3JSON, "", call[1]).Code)
	}
	if diff := cmp.Diff([]int{502, 502, 200, 504, 200}, got); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(map[string]int{"tasks.task.add": 1, "tasks.task.get": 2}, w.p.Stats().Commands); diff != "" {
		t.Error(diff)
	}
}

func TestREST3HasABudgetOfExecutionTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWireOf(t, Config{Limits: Limits{Operating: time.Second}})
		reset := time.Now().Add(operatingWindow)
		got := w.v3("1/s3cret/rest.scope.list", v3JSON, "", "")
		var answer struct{ Time operating }
		if err := json.Unmarshal(got.Body.Bytes(), &answer); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(operating{0, reset.Unix()}, answer.Time); diff != "" {
			t.Error(diff)
		}
		hook, err := w.p.authorize(address{user: "1", secret: "s3cret"})
		if err != nil {
			t.Fatal(err)
		}
		w.p.meter.add(meterKey{"rest.scope.list", hook.credential()}, time.Now(), time.Now(), time.Minute)
		got = w.v3("1/s3cret/rest.scope.list", v3JSON, "", "")
		if got.Code != http.StatusTooManyRequests || !strings.Contains(got.Body.String(), `{"error":{"code":"OPERATION_TIME_LIMIT",`) {
			t.Errorf("got %d %s", got.Code, got.Body)
		}
	})
}

func TestREST3TakesAnAccessToken(t *testing.T) {
	app := testApplication
	app.Scopes = nil
	for name, tt := range map[string]struct {
		app        Application
		form, head string
		status     int
		want       string
	}{
		"in the body":      {app, `{"id":7,"auth":"$"}`, "", 400, "ACCESSDENIEDEXCEPTION"}, // the task does not exist
		"in the header":    {app, `{"id":7}`, "Bearer $", 400, "ACCESSDENIEDEXCEPTION"},
		"in a batch":       {app, `[{"method":"nope"}]`, "Bearer $", 404, "ERROR_METHOD_NOT_FOUND"},
		"of another scope": {testApplication, `{"id":7,"auth":"$"}`, "", 403, "provided by the access token"},
		"unknown":          {app, `{"id":7,"auth":"guess"}`, "", 401, `{"error":{"code":"invalid_token",`},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWireOf(t, Config{Application: tt.app})
			access, _ := w.pair()
			method := "tasks.task.get"
			if strings.HasPrefix(tt.form, "[") {
				method = batchMethod
			}
			r := httptest.NewRequest("POST", "/rest/api/"+method, strings.NewReader(strings.ReplaceAll(tt.form, "$", access)))
			r.Header.Set("Content-Type", v3JSON)
			r.Header.Set("Authorization", strings.ReplaceAll(tt.head, "$", access))
			rec := httptest.NewRecorder()
			w.p.ServeHTTP(rec, r)
			if rec.Code != tt.status || !strings.Contains(rec.Body.String(), tt.want) {
				t.Errorf("got %d %s, want %d %s", rec.Code, rec.Body, tt.status, tt.want)
			}
		})
	}
}

func TestProductRowsHaveTheRightsOfTheirItem(t *testing.T) {
	calls := []struct{ name, method, params string }{
		{"get", "crm.item.productrow.get", `{"id":1}`},
		{"list", "crm.item.productrow.list", `{"filter":{"=ownerType":"D","=ownerId":1}}`},
		{"list many", "crm.item.productrow.list", `{"filter":{"=ownerType":"D","=ownerId":[1,2]}}`},
		{"unpaid", "crm.item.productrow.getAvailableForPayment", `{"ownerType":"D","ownerId":1}`},
		{"add", "crm.item.productrow.add", `{"fields":{"ownerType":"D","ownerId":1,"price":1}}`},
		{"update", "crm.item.productrow.update", `{"id":1,"fields":{"price":2}}`},
		{"delete", "crm.item.productrow.delete", `{"id":1}`},
		{"set", "crm.item.productrow.set", `{"ownerType":"D","ownerId":1,"productRows":[{"price":3}]}`},
	}
	for name, tt := range map[string]struct {
		rights Rights
		denied []string
	}{
		"all":         {nil, nil},
		"read own":    {Rights{"2.read": LevelOwn}, []string{"get", "list", "list many", "unpaid"}},
		"update none": {Rights{"2.read": LevelAll, "update": LevelNone}, []string{"add", "update", "delete", "set"}},
	} {
		t.Run(name, func(t *testing.T) {
			c := restricted(t, nil)
			c.row(`"price":5`)
			c.grant = &grant{rights: tt.rights}
			var got []string
			for _, call := range calls {
				if code := c.outcome(call.method, call.params); code == "ACCESS_DENIED" {
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

func TestTheIDBaseMovesEveryFamily(t *testing.T) {
	c := &crm{t: t, user: 1, p: openPortal(t, Config{IDBase: 700})}
	c.add(4, `{"title":"A"}`)
	c.add(2, `{}`)
	presets := c.ask("crm.requisite.preset.list", `{}`).([]any)
	preset := presets[0].(map[string]any)["ID"]
	c.userField("CRM_DEAL", "X", "string", "")
	got := map[string]any{
		"preset":    preset,
		"row":       c.under("crm.item.productrow.add", "productRow", `{"fields":{"ownerType":"D","ownerId":700,"price":1}}`)["id"],
		"requisite": c.ask("crm.requisite.add", fmt.Sprintf(`{"fields":{"ENTITY_TYPE_ID":4,"ENTITY_ID":700,"PRESET_ID":%v,"NAME":"R"}}`, preset)),
		"field":     c.readUserField(700)["id"],
	}
	if diff := cmp.Diff(map[string]any{"preset": "700", "row": 700.0, "requisite": 700.0, "field": "700"}, got); diff != "" {
		t.Error(diff)
	}
}
