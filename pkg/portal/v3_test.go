package portal

import (
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// v3 sends a call of REST 3.0 and returns the whole answer.
func (w wire) v3(path, contentType, key, body string) *httptest.ResponseRecorder {
	w.t.Helper()
	r := httptest.NewRequest("POST", "/rest/api/"+path, strings.NewReader(body))
	r.Header.Set("Content-Type", contentType)
	if key != "" {
		r.Header.Set("Idempotency-Key", key)
	}
	rec := httptest.NewRecorder()
	w.p.ServeHTTP(rec, r)
	return rec
}

const v3JSON = "application/json"

func TestV3AnswersAreEnvelopesAndErrorsAreObjects(t *testing.T) {
	w := newWire(t)
	hook, err := w.p.AddWebhook(t.Context(), Webhook{User: 2, Secret: "jan", Scopes: []string{"crm"}})
	if err != nil {
		t.Fatal(err)
	}
	task := `{"fields":{"title":"Prepare","creatorId":1,"responsibleId":2}}`
	for _, tt := range []struct {
		path, contentType, body string
		status                  int
		want                    string
	}{
		{"1/s3cret/tasks.task.add", v3JSON, task, 200, `{"result":{"item":{"id":1,"title":"Prepare","description":"","creatorId":1,"responsibleId":2,`},
		{"1/s3cret/Tasks.Task.Get", v3JSON, `{"id":1,"select":["id","nope"]}`, 200, `{"result":{"item":{"id":1}},"time":{`},
		{"1/s3cret/batch", v3JSON, `[{"method":"tasks.task.get","query":{"id":1,"select":["title"]}},{"method":"tasks.task.get","query":{"id":1,"select":["id"]}}]`, 200, `{"result":[{"item":{"title":"Prepare"}},{"item":{"id":1}}],"time":{`},
		{"1/s3cret/tasks.task.delete", v3JSON, `{"id":1}`, 200, `{"result":{"result":true},"time":{`},
		{"1/s3cret/tasks.task.get", v3JSON, `{"id":1}`, 400, `{"error":{"code":"BITRIX_REST_V3_EXCEPTION_ACCESSDENIEDEXCEPTION","message":"Access denied"}}`},
		{"1/s3cret/tasks.task.get?id=1", v3JSON, `{}`, 400, "{\"error\":{\"code\":\"BITRIX_REST_V3_EXCEPTION_VALIDATION_REQUESTVALIDATIONEXCEPTION\",\"message\":\"Error during request object validation\",\"validation\":[{\"message\":\"Required field `id` is not specified\",\"field\":\"id\"}]}}"},
		{"1/s3cret/tasks.task.get", v3JSON, `{"id":"1"}`, 400, "Field `id` requires data type `int`"},
		{"1/s3cret/tasks.task.add", v3JSON, `{"fields":{"title":"x","creatorId":1,"responsibleId":99}}`, 400, `"field":"responsibleId"`},
		{"1/s3cret/tasks.task.add", v3JSON, `{"fields":{}}`, 400, `"field":"title"},{`},
		{"1/s3cret/tasks.task.get", "application/x-www-form-urlencoded", "id=1", 400, "BITRIX_REST_V3_EXCEPTION_INVALIDJSONEXCEPTION"},
		{"1/s3cret/tasks.task.get", v3JSON, `{"id":`, 400, "BITRIX_REST_V3_EXCEPTION_INVALIDJSONEXCEPTION"},
		{"1/s3cret/tasks.task.get", v3JSON, `7`, 400, "BITRIX_REST_V3_EXCEPTION_INVALIDJSONEXCEPTION"},
		{"1/s3cret/tasks.task.get", v3JSON, `[]`, 400, "REQUESTVALIDATIONEXCEPTION"},
		{"1/s3cret/batch", v3JSON, `{"cmd":{}}`, 400, "BITRIX_REST_V3_EXCEPTION_INVALIDSELECTEXCEPTION"},
		{"1/s3cret/batch", v3JSON, `[{"method":"tasks.task.get"}]`, 400, "REQUESTVALIDATIONEXCEPTION"},
		{"1/s3cret/crm.item.list", v3JSON, `{}`, 404, `{"error":{"code":"ERROR_METHOD_NOT_FOUND",`},
		{"1/guess/rest.scope.list", v3JSON, ``, 401, `{"error":{"code":"INVALID_CREDENTIALS",`},
		{"rest.scope.list", v3JSON, ``, 401, `{"error":{"code":"NO_AUTH_FOUND",`},
		{"1/s3cret/rest.scope.list", v3JSON, ``, 200, `{"method":"tasks.task.add","scope":"tasks"}`},
		{"1/s3cret/documentation", v3JSON, ``, 200, `{"openapi":"3.0.0","info":{`},
		{strings.TrimPrefix(hook.Path(), "/rest/") + "tasks.task.get", v3JSON, `{"id":1}`, 403, "BITRIX_REST_V3_EXCEPTION_INSUFFICIENTSCOPEEXCEPTION"},
	} {
		got := w.v3(tt.path, tt.contentType, "", tt.body)
		if got.Code != tt.status || !strings.Contains(got.Body.String(), tt.want) {
			t.Errorf("%s %s: %d %s, want %d %s", tt.path, tt.body, got.Code, got.Body, tt.status, tt.want)
		}
	}
}

func TestAV3CallIsRepeatedByItsKey(t *testing.T) {
	w := newWire(t)
	const add = "1/s3cret/tasks.task.add"
	body := func(title string) string {
		return `{"fields":{"title":"` + title + `","creatorId":1,"responsibleId":1}}`
	}
	first := w.v3(add, v3JSON, "k 1", body("A"))
	again := w.v3(add, v3JSON, "k 1", body("A"))
	if first.Body.String() != again.Body.String() || first.Code != 200 {
		t.Errorf("the answers are\n%s\n%s", first.Body, again.Body)
	}
	for name, got := range map[string]*httptest.ResponseRecorder{"first": first, "again": again} {
		replayed := got.Header().Get("Idempotent-Replayed")
		if got.Header().Get("Idempotency-Key") != "k 1" || (replayed == "true") != (name == "again") {
			t.Errorf("%s: headers %v", name, got.Header())
		}
	}
	if got := w.v3(add, v3JSON, "k 1", body("B")); got.Code != 422 || !strings.Contains(got.Body.String(), "IDEMPOTENCYKEYREUSEDEXCEPTION") {
		t.Errorf("another body: %d %s", got.Code, got.Body)
	}
	if got := w.v3(add, v3JSON, "k2", body("A")); !strings.Contains(got.Body.String(), `"id":2`) {
		t.Errorf("another key: %s", got.Body)
	}
	hook, err := w.p.AddWebhook(t.Context(), Webhook{User: 1, Secret: "other"})
	if err != nil {
		t.Fatal(err)
	}
	if got := w.v3(strings.TrimPrefix(hook.Path(), "/rest/")+"tasks.task.add", v3JSON, "k2", body("A")); !strings.Contains(got.Body.String(), `"id":3`) {
		t.Errorf("another webhook: %s", got.Body)
	}
	for range 2 { // an answer with an error is not kept
		if got := w.v3(add, v3JSON, "k3", `{}`); got.Code != 400 || got.Header().Get("Idempotent-Replayed") != "" {
			t.Errorf("an error: %d %v", got.Code, got.Header())
		}
	}
	for key, status := range map[string]int{strings.Repeat("k", 255): 200, strings.Repeat("k", 256): 400, "ключ": 400, "a\tb": 400} {
		if got := w.v3(add, v3JSON, key, body("C")); got.Code != status {
			t.Errorf("%.10q: %d %s, want %d", key, got.Code, got.Body, status)
		}
	}
	if got := w.v3("1/s3cret/tasks.task.get", v3JSON, strings.Repeat("k", 256), `{"id":1}`); got.Code != 200 {
		t.Errorf("a read with a key: %d %s", got.Code, got.Body)
	}
}

func TestAV3AnswerIsForgottenAfterADay(t *testing.T) {
	w := newWire(t)
	const add, body = "1/s3cret/tasks.task.add", `{"fields":{"title":"A","creatorId":1,"responsibleId":1}}`
	w.v3(add, v3JSON, "k", body)
	_, err := w.p.db.ExecContext(t.Context(), `UPDATE rest_replay SET at = at - ?`, int64(replayWindow/time.Second))
	if err != nil {
		t.Fatal(err)
	}
	if got := w.v3(add, v3JSON, "k", body); got.Header().Get("Idempotent-Replayed") != "" || !strings.Contains(got.Body.String(), `"id":2`) {
		t.Errorf("after a day: %v %s", got.Header(), got.Body)
	}
}
