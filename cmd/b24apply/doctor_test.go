package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/b24apply/b24apply/internal/ui"
	"github.com/b24apply/b24apply/pkg/portal"
	"github.com/b24apply/b24apply/pkg/value"
)

// portalHook gives the script another webhook of its portal.
func portalHook(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) != 1 || neg {
		ts.Fatalf("usage: portal-hook JSON")
	}
	var hook portal.Webhook
	ts.Check(json.Unmarshal([]byte(args[0]), &hook))
	hook, err := portalOf(ts).portal.AddWebhook(context.Background(), hook)
	ts.Check(err)
	ts.Setenv("B24_WEBHOOK_URL", ts.Getenv("PORTAL")+hook.Path())
}

// examined runs the doctor on a webhook and returns its checks and its exit code.
func examined(t *testing.T, webhook string, more map[string]string, args ...string) ([]shownCheck, int) {
	t.Helper()
	t.Chdir(t.TempDir())
	var out, diagnostics bytes.Buffer
	code := run(t.Context(), env{
		stdin: strings.NewReader(""), stdout: &out, stderr: &diagnostics,
		getenv: func(name string) (string, bool) {
			if name == webhookVariable {
				return webhook, true
			}
			v, ok := more[name]
			return v, ok
		},
	}, append([]string{"doctor", "-o", "json"}, args...))
	var document struct{ Checks []shownCheck }
	if err := json.Unmarshal(out.Bytes(), &document); err != nil {
		t.Fatalf("%v in %s%s", err, out.String(), diagnostics.String())
	}
	if secret := "canary123"; strings.Contains(out.String()+diagnostics.String(), secret) {
		t.Errorf("the output holds the secret:\n%s%s", out.String(), diagnostics.String())
	}
	return document.Checks, code
}

// finding is the first finding of a check.
func findingOf(t *testing.T, checks []shownCheck, name string) shownCheck {
	t.Helper()
	i := slices.IndexFunc(checks, func(c shownCheck) bool { return c.Name == name })
	if i < 0 {
		t.Fatalf("there is no check %q in %+v", name, checks)
	}
	return checks[i]
}

// assertFinding compares the status of a check, and looks for texts in its message
// and hint.
func assertFinding(t *testing.T, checks []shownCheck, name string, status ui.CheckStatus, texts ...string) {
	t.Helper()
	c := findingOf(t, checks, name)
	if c.Status != status {
		t.Errorf("%s is %s, want %s: %s", name, c.Status, status, c.Message)
	}
	for _, text := range texts {
		if !strings.Contains(c.Message+"\n"+c.Hint, text) {
			t.Errorf("%s does not say %q: %s; %s", name, text, c.Message, c.Hint)
		}
	}
	if (c.Status == ui.CheckWarn || c.Status == ui.CheckFail) && c.Hint == "" {
		t.Errorf("%s says nothing of what to do", name)
	}
}

func TestChecksNeedOnlyChecksBeforeThem(t *testing.T) {
	seen := make(map[string]bool)
	for _, c := range doctorChecks() {
		for _, need := range c.needs {
			if !seen[need] {
				t.Errorf("%s needs %q, which does not stand before it", c.name, need)
			}
		}
		if seen[c.name] {
			t.Errorf("two checks are named %q", c.name)
		}
		seen[c.name] = true
	}
}

// portalServer serves a portal with the secret canary123, with changes to its answers.
func portalServer(t *testing.T, edit func(answer map[string]any)) (webhook string) {
	t.Helper()
	p, err := portal.Open(t.Context(), portal.Config{Secret: "canary123"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = p.Close() })
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		rec := httptest.NewRecorder()
		p.ServeHTTP(rec, r)
		var answer map[string]any
		if edit != nil && json.Unmarshal(rec.Body.Bytes(), &answer) == nil {
			edit(answer)
			w.WriteHeader(rec.Code)
			_ = json.NewEncoder(w).Encode(answer)
			return
		}
		w.WriteHeader(rec.Code)
		_, _ = w.Write(rec.Body.Bytes())
	}))
	t.Cleanup(server.Close)
	return server.URL + p.WebhookPath()
}

func TestAClockThatDiffersIsAWarningOnly(t *testing.T) {
	for _, tt := range []struct {
		shift  float64 // of the portal's clock, in seconds
		status ui.CheckStatus
		text   string
	}{
		{0, ui.CheckOK, "agrees"},
		{30, ui.CheckOK, "ahead of"},
		{300, ui.CheckWarn, "the portal's clock is 5m0s ahead of this machine's"},
		{-7200, ui.CheckWarn, "behind"},
	} {
		t.Run(fmt.Sprint(tt.shift), func(t *testing.T) {
			checks, code := examined(t, portalServer(t, func(answer map[string]any) {
				if cost, ok := answer["time"].(map[string]any); ok {
					cost["finish"] = cost["finish"].(float64) + tt.shift
				}
			}), nil)
			assertFinding(t, checks, "clock", tt.status, tt.text)
			if code != exitDone {
				t.Errorf("exit code %d", code)
			}
		})
	}
}

func TestAMethodThatHasUsedMostOfItsTimeIsAWarning(t *testing.T) {
	checks, code := examined(t, portalServer(t, func(answer map[string]any) {
		if cost, ok := answer["time"].(map[string]any); ok {
			cost["operating"] = 400.0
		}
	}), nil)
	i := slices.IndexFunc(checks, func(c shownCheck) bool { return c.Name == "limits" && c.Status == ui.CheckWarn })
	if i < 0 || !strings.Contains(checks[i].Message, "profile has used 400 s of the 480 s") {
		t.Errorf("no warning of the used time: %+v", checks)
	}
	if code != exitDone {
		t.Errorf("exit code %d", code)
	}
}

func TestThePlanIsComparedWithTheLicence(t *testing.T) {
	for _, tt := range []struct {
		licence, kept string
		status        ui.CheckStatus
		text          string
	}{
		{"de_pro100", "standard", ui.CheckOK, "keeps to plan standard"},
		{"", "standard", ui.CheckInfo, "does not tell"},
		{"de_ent250", "standard", ui.CheckWarn, "slower than it could be"},
		{"de_ent250", "box", ui.CheckWarn, "will refuse requests"},
		{"de_basic", "enterprise", ui.CheckWarn, "will refuse requests"},
		{"de_selfhosted", "enterprise", ui.CheckWarn, "allows no limit of requests; with plan enterprise (5 requests a second after a burst of 250) b24apply is slower"},
	} {
		got := comparePlans(tt.licence, tt.kept)[0]
		if got.status != tt.status || !strings.Contains(ui.Text(got.message), tt.text) || got.hint.IsZero() != (tt.status != ui.CheckWarn) {
			t.Errorf("%s, plan %s: %+v", tt.licence, tt.kept, got)
		}
	}
}

func TestACheckEndsBeforeTheClientGivesUpWaiting(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		checks := new(doctor).run(t.Context(), []check{{"slow", "", nil, func(_ *doctor, ctx context.Context) []finding {
			<-ctx.Done()
			return unknown(value.Verbatim("nothing"), context.Cause(ctx))
		}}})
		if c := checks[0]; c.Status != ui.CheckWarn || !strings.Contains(ui.Text(c.Message), "no answer that decides within 30s") {
			t.Errorf("%s: %s", c.Status, ui.Text(c.Message))
		}
		if took := time.Since(began); took != checkPatience {
			t.Errorf("it took %s", took)
		}
	})
}

func TestAnInterruptedDoctorShowsNothing(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { cancel() }))
	defer server.Close()
	var out, diagnostics bytes.Buffer
	code := run(ctx, env{stdout: &out, stderr: &diagnostics, getenv: func(string) (string, bool) { return "", false }},
		[]string{"doctor", "-C", t.TempDir(), "--portal", server.URL + "/rest/1/canary123/"})
	if code != exitInterrupted || out.Len() > 0 || !strings.Contains(diagnostics.String(), "interrupted") {
		t.Errorf("exit code %d, output %q %q", code, out.String(), diagnostics.String())
	}
}

func TestMemberIdsAreComparedWhereBothAreKnown(t *testing.T) {
	for _, tt := range []struct {
		expected, told string
		want           ui.CheckStatus
	}{
		{"", "", ui.CheckInfo}, {"a", "", ui.CheckInfo}, {"", "a", ui.CheckInfo}, {"a", "a", ui.CheckOK}, {"a", "b", ui.CheckFail},
		{"A1", "a1", ui.CheckOK}, // as plan compares them
	} {
		if got := compareMembers(tt.expected, tt.told)[0].status; got != tt.want {
			t.Errorf("expected %q, told %q: %s, want %s", tt.expected, tt.told, got, tt.want)
		}
	}
}

func TestARefusedBatchLeavesWhatOneCallTold(t *testing.T) {
	checks, code := examined(t, portalServer(t, func(answer map[string]any) {
		if result, ok := answer["result"].(map[string]any); ok && result["result_error"] != nil {
			answer["error"] = "ACCESS_DENIED"
		}
	}), nil)
	assertFinding(t, checks, "batch", ui.CheckFail, "no answer: ACCESS_DENIED")
	assertFinding(t, checks, "user", ui.CheckOK, "Olga Petrova (user 1), active, an administrator")
	assertFinding(t, checks, "time zone", ui.CheckSkip, `"batch" failed`)
	assertFinding(t, checks, "clock", ui.CheckOK)
	if code != exitAuth {
		t.Errorf("exit code %d, want %d", code, exitAuth)
	}
}

func TestARenamedPortalIsNamedByItsNewName(t *testing.T) {
	webhook := portalServer(t, nil)
	renamed := strings.Split(webhook, "/")[2]
	old := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "http://"+renamed+r.URL.Path, http.StatusFound)
	}))
	defer old.Close()
	checks, code := examined(t, old.URL+"/rest/1/canary123/", nil)
	assertFinding(t, checks, "portal's name", ui.CheckWarn, "redirects to "+renamed, "put "+renamed+" in place of the old address")
	assertFinding(t, checks, "read access", ui.CheckOK)
	if code != exitDone {
		t.Errorf("exit code %d", code)
	}
}

// A shownCheck is a check as JSON shows it.
type shownCheck struct {
	Name    string         `json:"check"`
	Status  ui.CheckStatus `json:"status"`
	Message string         `json:"message"`
	Hint    string         `json:"hint"`
}
