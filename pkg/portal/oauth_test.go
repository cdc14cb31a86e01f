package portal

import (
	"encoding/json"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// testApplication is installed on the portals of these tests.
var testApplication = Application{
	ClientID: "local.1a2b", ClientSecret: "canary-of-the-client", RedirectURL: "https://app.example/back?keep=1", Scopes: []string{"user", "placement"},
}

// authorize opens the authorization page and returns the status, the body and
// the parameters with which the user is sent back.
func (w wire) authorize(query string) (int, string, url.Values) {
	w.t.Helper()
	rec := httptest.NewRecorder()
	w.p.ServeHTTP(rec, httptest.NewRequest("GET", "http://portal.example/oauth/authorize/?"+query, nil))
	location, err := url.Parse(rec.Header().Get("Location"))
	if err != nil {
		w.t.Fatal(err)
	}
	return rec.Code, rec.Body.String(), location.Query()
}

// code returns a new authorization code.
func (w wire) code() string {
	w.t.Helper()
	_, body, values := w.authorize("client_id=local.1a2b")
	if values.Get("code") == "" {
		w.t.Fatalf("no code: %s", body)
	}
	return values.Get("code")
}

// token asks the token endpoint and returns its status and answer.
func (w wire) token(grant, name, value string) (int, map[string]any) {
	w.t.Helper()
	query := url.Values{"grant_type": {grant}, "client_id": {"local.1a2b"}, "client_secret": {"canary-of-the-client"}, name: {value}}
	return w.tokenRequest("GET", "http://portal.example/oauth/token/?"+query.Encode(), "")
}

func (w wire) tokenRequest(verb, target, form string) (int, map[string]any) {
	w.t.Helper()
	status, body := w.send(verb, target, "application/x-www-form-urlencoded", form)
	var answer map[string]any
	if err := json.Unmarshal([]byte(body), &answer); err != nil {
		w.t.Fatalf("%v in %s", err, body)
	}
	if strings.Contains(body, "canary") {
		w.t.Errorf("the answer shows the client's secret: %s", body)
	}
	return status, answer
}

// pair returns an access and a refresh token.
func (w wire) pair() (access, refresh string) {
	w.t.Helper()
	status, answer := w.token("authorization_code", "code", w.code())
	if status != http.StatusOK {
		w.t.Fatalf("status %d: %v", status, answer)
	}
	return answer["access_token"].(string), answer["refresh_token"].(string)
}

// called calls a method with an access token and returns the error's code, or
// "" for an answer.
func (w wire) called(access, method string) string {
	w.t.Helper()
	_, body := w.send("GET", "/rest/"+method+"?auth="+url.QueryEscape(access), "", "")
	return strings.Trim(jsonField(w.t, body, "error"), `"`)
}

// See settings/oauth/index.md and auto-renewal.md.
func TestTheWholeAuthorization(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWireOf(t, Config{Application: testApplication})
		status, _, back := w.authorize("client_id=local.1a2b&state=a%26b")
		code, member := back.Get("code"), back.Get("member_id")
		want := url.Values{
			"keep": {"1"}, "code": {code}, "state": {"a&b"}, "domain": {"portal.example"}, "member_id": {member},
			"scope": {"user,placement"}, "server_domain": {"portal.example"},
		}
		if diff := cmp.Diff(want, back); diff != "" || status != http.StatusFound || code == "" || !regexp.MustCompile(`^[0-9a-f]{32}$`).MatchString(member) {
			t.Errorf("status %d, %s", status, diff)
		}

		time.Sleep(29 * time.Second)
		status, first := w.token("authorization_code", "code", code)
		answer := map[string]any{
			"access_token": first["access_token"], "refresh_token": first["refresh_token"], "expires_in": 3600.0, "scope": "user,placement",
			"domain": "portal.example", "client_endpoint": "http://portal.example/rest/", "server_endpoint": "http://portal.example/rest/",
			"member_id": member, "status": "L",
		}
		if diff := cmp.Diff(answer, first); diff != "" || status != http.StatusOK {
			t.Errorf("status %d, %s", status, diff)
		}

		access := first["access_token"].(string)
		time.Sleep(time.Hour - time.Second)
		if got := w.called(access, "user.current"); got != "" {
			t.Errorf("within the hour: %s", got)
		}
		time.Sleep(time.Second)
		if got := w.called(access, "user.current"); got != "expired_token" {
			t.Errorf("after an hour: %q", got)
		}

		status, second := w.token("refresh_token", "refresh_token", first["refresh_token"].(string))
		answer = maps.Clone(answer)
		answer["access_token"], answer["refresh_token"] = second["access_token"], second["refresh_token"]
		answer["expires"], answer["user_id"] = float64(time.Now().Add(time.Hour).Unix()), 1.0
		if diff := cmp.Diff(answer, second); diff != "" || status != http.StatusOK {
			t.Errorf("status %d, %s", status, diff)
		}
		if second["access_token"] == first["access_token"] || second["refresh_token"] == first["refresh_token"] {
			t.Error("the tokens do not rotate")
		}
		if got := w.called(second["access_token"].(string), "user.current"); got != "" {
			t.Errorf("renewed: %s", got)
		}
	})
}

func TestTheTokenEndpointTakesAFormToo(t *testing.T) {
	w := newWireOf(t, Config{Application: testApplication})
	form := url.Values{"grant_type": {"authorization_code"}, "client_id": {"local.1a2b"}, "client_secret": {"canary-of-the-client"}, "code": {w.code()}}
	if status, answer := w.tokenRequest("POST", "/oauth/token", form.Encode()); status != http.StatusOK || answer["access_token"] == nil {
		t.Errorf("got %d %v", status, answer)
	}
}

func TestTheTokenEndpointRefuses(t *testing.T) {
	tests := map[string]struct {
		wait   time.Duration
		change map[string]string
		status int
		code   string
	}{
		"a code of half a minute":   {30 * time.Second, nil, 400, "invalid_grant"},
		"another code":              {0, map[string]string{"code": "guess"}, 400, "invalid_grant"},
		"a code as a refresh token": {0, map[string]string{"grant_type": "refresh_token", "refresh_token": "$code"}, 400, "invalid_grant"},
		"a wrong secret":            {0, map[string]string{"client_secret": "guess"}, 401, "invalid_client"},
		"no secret":                 {0, map[string]string{"client_secret": ""}, 401, "invalid_client"},
		"another client":            {0, map[string]string{"client_id": "local.other"}, 401, "invalid_client"},
		"no client":                 {0, map[string]string{"client_id": ""}, 400, "invalid_request"},
		"no code":                   {0, map[string]string{"code": ""}, 400, "invalid_request"},
		"another grant":             {0, map[string]string{"grant_type": "password"}, 400, "invalid_request"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWireOf(t, Config{Application: testApplication})
				code := w.code()
				query := url.Values{"grant_type": {"authorization_code"}, "client_id": {"local.1a2b"}, "client_secret": {"canary-of-the-client"}, "code": {code}}
				for name, value := range tt.change {
					query.Set(name, strings.ReplaceAll(value, "$code", code))
				}
				time.Sleep(tt.wait)
				status, answer := w.tokenRequest("GET", "/oauth/token/?"+query.Encode(), "")
				if diff := cmp.Diff([]any{tt.status, tt.code}, []any{status, answer["error"]}); diff != "" || answer["error_description"] == "" {
					t.Errorf("%s in %v", diff, answer)
				}
				if tt.wait > 0 {
					return
				}
				if status, answer := w.token("authorization_code", "code", code); status != http.StatusOK {
					t.Errorf("the refusal used the code up: %v", answer)
				}
			})
		})
	}
}

func TestCodesAndRefreshTokensAreGoodOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWireOf(t, Config{Application: testApplication})
		code := w.code()
		_, answer := w.token("authorization_code", "code", code)
		refresh := answer["refresh_token"].(string)
		if status, answer := w.token("authorization_code", "code", code); status != 400 || answer["error"] != "invalid_grant" {
			t.Errorf("the code again: %d %v", status, answer)
		}
		time.Sleep(180*24*time.Hour - time.Second)
		status, answer := w.token("refresh_token", "refresh_token", refresh)
		if status != http.StatusOK {
			t.Fatalf("on the last day: %d %v", status, answer)
		}
		if status, answer := w.token("refresh_token", "refresh_token", refresh); status != 400 || answer["error"] != "invalid_grant" {
			t.Errorf("the refresh token again: %d %v", status, answer)
		}
		time.Sleep(180 * 24 * time.Hour)
		if status, answer := w.token("refresh_token", "refresh_token", answer["refresh_token"].(string)); status != 400 || answer["error"] != "invalid_grant" {
			t.Errorf("after 180 days: %d %v", status, answer)
		}
	})
}

func TestAnAccessTokenIsAcceptedInEveryPlace(t *testing.T) {
	w := newWireOf(t, Config{Application: testApplication})
	access, refresh := w.pair()
	tests := map[string]struct {
		target, header, contentType, body string
		want                              string
	}{
		"auth in the query":              {"user.current?auth=$", "", "", "", ""},
		"access_token in the query":      {"user.current.json?access_token=$", "", "", "", ""},
		"auth in JSON":                   {"user.current", "", "application/json", `{"auth":"$"}`, ""},
		"access_token in JSON":           {"user.current", "", "application/json", `{"access_token":"$"}`, ""},
		"auth in a form":                 {"user.current", "", "application/x-www-form-urlencoded", "auth=$", ""},
		"a bearer token":                 {"user.current", "Bearer $", "", "", ""},
		"a bearer token in small":        {"user.current", "bearer $", "", "", ""},
		"the parameter wins":             {"user.current?auth=guess", "Bearer $", "", "", "invalid_token"},
		"basic authorization":            {"user.current", "Basic $", "", "", "NO_AUTH_FOUND"},
		"nothing":                        {"user.current", "", "", "", "NO_AUTH_FOUND"},
		"a list":                         {"user.current?auth[]=$", "", "", "", "NO_AUTH_FOUND"},
		"an unknown token":               {"user.current?auth=guess", "", "", "", "invalid_token"},
		"a refresh token":                {"user.current?auth=" + refresh, "", "", "", "invalid_token"},
		"a user but no secret":           {"1//user.current?auth=$", "", "", "", "NO_AUTH_FOUND"},
		"XML":                            {"user.current.xml?auth=$", "", "", "", "INVALID_REQUEST"},
		"an unknown method":              {"nope?auth=$", "", "", "", "ERROR_METHOD_NOT_FOUND"},
		"a method of another scope":      {"crm.item.list?auth=$", "", "", "", "insufficient_scope"},
		"a method that needs no scope":   {"profile?auth=$", "", "", "", ""},
		"a batch that holds the methods": {"batch?auth=$&cmd[]=user.current", "", "", "", ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			fill := func(text string) string { return strings.ReplaceAll(text, "$", access) }
			r := httptest.NewRequest("POST", "/rest/"+fill(tt.target), strings.NewReader(fill(tt.body)))
			r.Header.Set("Content-Type", tt.contentType)
			r.Header.Set("Authorization", fill(tt.header))
			rec := httptest.NewRecorder()
			w.p.ServeHTTP(rec, r)
			if got := strings.Trim(jsonField(t, rec.Body.String(), "error"), `"`); got != tt.want || (rec.Code == http.StatusOK) != (tt.want == "") {
				t.Errorf("got %d %s, want %q", rec.Code, rec.Body, tt.want)
			}
			if strings.Contains(rec.Body.String(), access) {
				t.Errorf("the answer shows the token: %s", rec.Body)
			}
		})
	}
	_, body := w.send("POST", "/rest/test.echo?a=1&auth="+access, "application/json", `{"b":2,"access_token":"`+access+`"}`)
	if got, want := jsonField(t, body, "result"), `{"a":"1","b":2}`; got != want {
		t.Errorf("the method got %s, want %s", got, want)
	}
}

func TestAnApplicationLearnsAboutItself(t *testing.T) {
	tests := map[string]struct {
		scopes             []string
		method, want, from string
	}{
		"app.info": {testApplication.Scopes, "app.info", `{"ID":1,"CODE":"local.1a2b","VERSION":1,"STATUS":"L","INSTALLED":true,"PAYMENT_EXPIRED":"N","DAYS":null,` +
			`"LANGUAGE_ID":"en","LICENSE":"de_pro100","LICENSE_TYPE":"pro100","LICENSE_FAMILY":"pro"}`, ""},
		"its scopes":                      {testApplication.Scopes, "scope", `["user","placement"]`, ""},
		"all scopes granted":              {nil, "scope", "", "scope"},
		"the full list":                   {testApplication.Scopes, "scope?full=1", "", "scope"},
		"a method of no scope of its own": {testApplication.Scopes, "method.get?name=crm.item.list", `{"isExisting":true,"isAvailable":false}`, ""},
		"a method that it may call":       {testApplication.Scopes, "method.get?name=user.get", `{"isExisting":true,"isAvailable":true}`, ""},
		"its user":                        {testApplication.Scopes, "user.admin", "true", ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			app := testApplication
			app.Scopes = tt.scopes
			w := newWireOf(t, Config{Application: app})
			access, _ := w.pair()
			want := tt.want
			if tt.from != "" {
				want = w.result(tt.from, `{}`)
			}
			_, body := w.send("POST", "/rest/"+tt.method, "application/json", `{"auth":"`+access+`"}`)
			if got := jsonField(t, body, "result"); got != want {
				t.Errorf("got %s, want %s", body, want)
			}
		})
	}
}

func TestAMissingScopeFailsOneCommandOfABatch(t *testing.T) {
	w := newWireOf(t, Config{Application: testApplication})
	access, _ := w.pair()
	_, body := w.send("GET", "/rest/batch?auth="+access+"&cmd[a]=crm.item.list&cmd[b]=user.admin", "", "")
	want := `{"a":{"error":"insufficient_scope","error_description":"The request requires higher privileges than provided by the access token"}}`
	if got := jsonField(t, jsonField(t, body, "result"), "result_error"); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestTheAuthorizationPageShowsItsErrorsToTheUserAlone(t *testing.T) {
	w := newWireOf(t, Config{Application: testApplication})
	for _, query := range []string{"", "client_id=", "client_id=local.other&redirect_uri=https%3A%2F%2Fevil.example"} {
		status, body, back := w.authorize(query)
		if status != http.StatusBadRequest || len(back) != 0 || !strings.Contains(body, "Application not found") {
			t.Errorf("%q: %d %s %v", query, status, body, back)
		}
	}
	none := newWire(t)
	if status, _, _ := none.authorize("client_id="); status != http.StatusBadRequest {
		t.Errorf("without an application: %d", status)
	}
	if got := none.called("guess", "profile"); got != "invalid_token" {
		t.Errorf("without an application: %s", got)
	}
}

func TestWithoutARedirectTheCodeIsShown(t *testing.T) {
	app := testApplication
	app.RedirectURL = ""
	w := newWireOf(t, Config{Application: app})
	status, body, _ := w.authorize("client_id=local.1a2b")
	code := regexp.MustCompile(`<p>([a-z0-9]{40,})</p>`).FindStringSubmatch(body)
	if status != http.StatusOK || code == nil {
		t.Fatalf("got %d %s", status, body)
	}
	if status, answer := w.token("authorization_code", "code", code[1]); status != http.StatusOK {
		t.Errorf("got %d %v", status, answer)
	}
}

func TestTokensOutliveThePortalButAreNotInItsFile(t *testing.T) {
	file := filepath.Join(t.TempDir(), "portal.db")
	cfg := Config{Data: file, Application: testApplication}
	w := newWireOf(t, cfg)
	access, refresh := w.pair()
	_, _, before := w.authorize("client_id=local.1a2b")
	w.p.Close()
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for _, secret := range []string{access, refresh, "canary-of-the-client"} {
		if strings.Contains(string(content), secret) {
			t.Errorf("the file holds %s", secret)
		}
	}
	if !strings.Contains(string(content), tokenHash(access)) {
		t.Error("the file does not hold the token's hash: where did this test look?")
	}
	w = newWireOf(t, cfg)
	_, _, after := w.authorize("client_id=local.1a2b")
	if before.Get("member_id") != after.Get("member_id") {
		t.Error("the portal's identity changed")
	}
	if got := w.called(access, "user.current"); got != "" {
		t.Errorf("the access token: %s", got)
	}
	cfg.Application.ClientID = "local.other"
	w.p.Close()
	if got := newWireOf(t, cfg).called(access, "user.current"); got != "invalid_token" {
		t.Errorf("the token of an application that is gone: %s", got)
	}
}

func TestAnAnswerOfTheTokenEndpointCanBeLost(t *testing.T) {
	w := newWireOf(t, Config{Application: testApplication, Faults: "503:*;500:/oauth/token,when=after,n=1"})
	code := w.code()
	query := url.Values{"grant_type": {"authorization_code"}, "client_id": {"local.1a2b"}, "client_secret": {"canary-of-the-client"}, "code": {code}}
	if status, body := w.send("GET", "/oauth/token/?"+query.Encode(), "", ""); status != http.StatusInternalServerError || body != htmlPage("500 Internal Server Error") {
		t.Errorf("got %d %s", status, body)
	}
	if status, answer := w.token("authorization_code", "code", code); status != 400 || answer["error"] != "invalid_grant" {
		t.Errorf("the code was not used up: %d %v", status, answer)
	}
}

func TestBudgetsBelongToTheWebhookOrTheApplication(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWireOf(t, Config{Application: testApplication, Limits: Limits{Operating: 5 * time.Second}, Costs: []Cost{{Method: "profile", Time: 4 * time.Second}}})
		access, refresh := w.pair()
		got := []string{w.called(access, "profile"), w.called(access, "profile"), w.called(access, "profile")}
		w.result("profile", `{}`) // the webhook has used nothing
		_, answer := w.token("refresh_token", "refresh_token", refresh)
		got = append(got, w.called(answer["access_token"].(string), "profile")) // another token of the same application
		if want := []string{"", "", "OPERATION_TIME_LIMIT", "OPERATION_TIME_LIMIT"}; !slices.Equal(got, want) {
			t.Errorf("got %q, want %q", got, want)
		}
	})
}
