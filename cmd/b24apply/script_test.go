package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/b24apply/b24apply/pkg/portal"
)

// testState is the state folder of commands that tests run in their own process.
var testState string

// inFolder runs tests with a state folder, which it removes.
type inFolder struct{ *testing.M }

func (m inFolder) Run() int {
	var err error
	if testState, err = os.MkdirTemp("", "b24apply-state-"); err != nil {
		panic(err)
	}
	defer os.RemoveAll(testState)
	return m.M.Run()
}

func TestMain(m *testing.M) {
	testscript.Main(inFolder{m}, map[string]func(){
		"b24apply": func() { os.Exit(recordedMain()) },
	})
}

// Each script has a portal of its own on loopback, named by B24_WEBHOOK_URL. Its
// server stands three hours east of UTC; a script whose name ends in _west has one
// five hours west.
//
// Verbs besides the usual ones:
//
//	portal-call METHOD JSON     call the portal as another program would; the result is stdout
//	portal-writes N             the portal has executed N writing commands since the last count
//	portal-calls METHOD N       …and N commands of this method
//	portal-reset                start counting anew
//	portal-requests N           the portal has got N HTTP requests since the last count
//	portal-faults SPEC          what goes wrong from now on
//	replace FILE OLD NEW        replace the only occurrence of a text in a file
//	portal-hook JSON            use another webhook, {"user", "scopes", "rights"}, as B24_WEBHOOK_URL
//	portal-expire               every access token runs out
//	portal-tokens N             the portal has issued N pairs of tokens in all
//	browse FILE                 open the authorization page whose address stands in FILE, once it does, and follow it
//	authorize [STATE]           open the authorization page; the address to which it leads is stdout
//	ladder DIR                  apply every DIR/*.yaml in turn; after each, a plan is empty and writes nothing
func TestScript(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 filepath.Join("testdata", "script"),
		RequireExplicitExec: true,
		UpdateScripts:       os.Getenv("UPDATE_SCRIPTS") != "",
		Setup: func(e *testscript.Env) error {
			zone := time.FixedZone("", 3*3600)
			if strings.HasSuffix(filepath.Base(e.WorkDir), "_west") {
				zone = time.FixedZone("", -5*3600)
			}
			listen, err := freeAddress()
			if err != nil {
				return err
			}
			p, err := portal.Open(context.Background(), portal.Config{Zone: zone, Application: portal.Application{
				ClientID: "local.b24apply", ClientSecret: scriptSecret, RedirectURL: "http://" + listen + "/",
			}})
			if err != nil {
				return err
			}
			rec := &tape{Handler: p}
			server := httptest.NewServer(rec)
			rec.hide(e.WorkDir, "$WORK", server.URL, "$PORTAL", strings.TrimPrefix(server.URL, "http://"), "$HOST", listen, "$LISTEN")
			e.Defer(func() { rec.matchesScript(e) })
			e.Defer(func() { server.Close(); _ = p.Close() })
			e.Values[portalKey{}] = &scriptPortal{portal: p, url: server.URL + p.WebhookPath()}
			e.Setenv("B24_WEBHOOK_URL", server.URL+p.WebhookPath())
			e.Setenv("PORTAL", server.URL)
			root, err := filepath.Abs(repository)
			if err != nil {
				return err
			}
			e.Setenv("REPOSITORY", root)
			e.Setenv(recorderVariable, server.URL)
			e.Setenv("HOST", strings.TrimPrefix(server.URL, "http://"))
			e.Setenv("PORTNUMBER", server.URL[strings.LastIndexByte(server.URL, ':')+1:])
			e.Setenv("HOME", e.WorkDir)
			e.Setenv("LISTEN", listen)
			e.Setenv("CLIENT_SECRET", scriptSecret)
			e.Setenv("B24_OAUTH_SERVER", server.URL)
			e.Setenv("GORACE", "atexit_sleep_ms=0")
			e.Setenv("B24_PLAN", "box") // the portal has no limits
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"portal-call":     portalCall,
			"portal-writes":   portalWrites,
			"portal-calls":    portalCalls,
			"portal-reset":    portalReset,
			"portal-faults":   portalFaults,
			"portal-hook":     portalHook,
			"portal-requests": portalRequests,
			"portal-expire":   portalExpire,
			"portal-tokens":   portalTokens,
			"browse":          browse,
			"authorize":       authorize,
			"replace":         replaceText,
			"ladder":          ladder,
			"review":          exportReview,
		},
	})
}

type portalKey struct{}

type scriptPortal struct {
	portal *portal.Portal
	url    string
	writes int
	calls  map[string]int
	sent   int // HTTP requests
}

func portalOf(ts *testscript.TestScript) *scriptPortal {
	return ts.Value(portalKey{}).(*scriptPortal)
}

func portalCall(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) != 2 {
		ts.Fatalf("usage: portal-call METHOD JSON")
	}
	response, err := foreignPost(portalOf(ts).url+args[0], args[1])
	ts.Check(err)
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	ts.Check(err)
	var answer struct{ Result json.RawMessage }
	ts.Check(json.Unmarshal(body, &answer))
	if failed := response.StatusCode != http.StatusOK; failed != neg {
		ts.Fatalf("%s: HTTP %d: %s", args[0], response.StatusCode, body)
	}
	_, err = ts.Stdout().Write(append(bytes.TrimSpace(answer.Result), '\n'))
	ts.Check(err)
}

func portalWrites(ts *testscript.TestScript, neg bool, args []string) {
	p := portalOf(ts)
	want := atoi(ts, args[0])
	if got := p.portal.Stats().Writes - p.writes; (got == want) == neg {
		ts.Fatalf("the portal executed %d writes, want %d", got, want)
	}
}

func portalCalls(ts *testscript.TestScript, neg bool, args []string) {
	p := portalOf(ts)
	want := atoi(ts, args[1])
	if got := p.portal.Stats().Commands[args[0]] - p.calls[args[0]]; (got == want) == neg {
		ts.Fatalf("the portal executed %s %d times, want %d", args[0], got, want)
	}
}

func portalReset(ts *testscript.TestScript, _ bool, _ []string) {
	p := portalOf(ts)
	stats := p.portal.Stats()
	p.writes, p.calls, p.sent = stats.Writes, stats.Commands, stats.Requests
}

func atoi(ts *testscript.TestScript, s string) int {
	n, err := strconv.Atoi(s)
	ts.Check(err)
	return n
}

func replaceText(ts *testscript.TestScript, _ bool, args []string) {
	path := ts.MkAbs(args[0])
	content, err := os.ReadFile(path)
	ts.Check(err)
	if n := strings.Count(string(content), args[1]); n != 1 {
		ts.Fatalf("%s holds %q %d times", args[0], args[1], n)
	}
	ts.Check(os.WriteFile(path, []byte(strings.Replace(string(content), args[1], args[2], 1)), 0o644))
}

func ladder(ts *testscript.TestScript, _ bool, args []string) {
	rungs, err := filepath.Glob(filepath.Join(ts.MkAbs(args[0]), "*.yaml"))
	ts.Check(err)
	if len(rungs) == 0 {
		ts.Fatalf("%s holds no rungs", args[0])
	}
	for _, rung := range rungs {
		name := filepath.Base(rung)
		if err := ts.Exec("b24apply", "apply", "-f", rung, "--yes"); err != nil {
			ts.Fatalf("rung %s: apply: %v", name, err)
		}
		before := portalOf(ts).portal.Stats().Writes
		if err := ts.Exec("b24apply", "plan", "-f", rung, "--detailed-exitcode"); err != nil {
			ts.Fatalf("rung %s: the second plan is not empty: %v", name, err)
		}
		if wrote := portalOf(ts).portal.Stats().Writes - before; wrote != 0 {
			ts.Fatalf("rung %s: the second plan wrote %d times", name, wrote)
		}
		fmt.Fprintf(ts.Stdout(), "rung %s holds\n", name)
	}
}
