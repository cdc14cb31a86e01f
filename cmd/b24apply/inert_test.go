package main

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/b24apply/b24apply/pkg/portal"
)

// hostileLines are texts that a terminal or the runner of a CI service would obey.
var hostileLines = []string{
	"no\x1b[2J\n::error::hi", "::warning file=x::z", "##[set-output name=approved]true", "##vso[task.complete result=Succeeded;]", "##teamcity[buildStop]",
	"a\u202eb\u2066c\u009b1Ad\u200be", "\x1b]0;title\x07x", "one\r::stop-commands::two", " \t::add-mask::x",
}

// A hostileWorld answers every call with one text, as a result or as a refusal.
type hostileWorld struct {
	*testing.T
	dir, url string
	text     string
	refuses  bool
}

func newHostileWorld(t *testing.T) *hostileWorld {
	t.Helper()
	w := &hostileWorld{T: t, dir: t.TempDir()}
	server := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, _ *http.Request) {
		if w.refuses {
			rw.WriteHeader(http.StatusBadRequest)
			_ = json.NewEncoder(rw).Encode(map[string]string{"error": "X" + w.text, "error_description": w.text, "argument": w.text})
			return
		}
		_ = json.NewEncoder(rw).Encode(map[string]any{"result": map[string]string{"text": w.text, w.text: "x"}, "time": map[string]any{}})
	}))
	t.Cleanup(server.Close)
	w.url = server.URL
	return w
}

func (w *hostileWorld) write(name, content string) {
	w.Helper()
	if err := os.WriteFile(filepath.Join(w.dir, name), []byte(content), 0o600); err != nil {
		w.Fatal(err)
	}
}

// inert runs a command under a CI service and looks at all that it says. It must show
// the text in some form, since else nothing was tried.
func (w *hostileWorld) inert(shows string, args ...string) (stdout string) {
	w.Helper()
	var out bytes.Buffer
	var log sharedBuffer
	vars := map[string]string{"GITHUB_ACTIONS": "true", "TF_BUILD": "True", planVariable: "box", webhookVariable: w.url + "/rest/1/abcdefghijkl/"}
	run(w.Context(), env{stdin: strings.NewReader(""), stdout: &out, stderr: &log, getenv: getter(vars)}, append([]string{"-v", "-C", w.dir}, args...))
	all := out.String() + "\n" + log.String()
	if !strings.Contains(all, shows) {
		w.Errorf("%q does not show %q:\n%s", args, shows, all)
	}
	checkInert(w.T, strings.Join(args, " "), all)
	return out.String()
}

// checkInert looks at text as a terminal and the runners of CI services do.
func checkInert(t *testing.T, what, text string) {
	t.Helper()
	for line := range strings.FieldsFuncSeq(text, func(r rune) bool { return r == '\n' || r == '\r' }) {
		if strings.HasPrefix(strings.TrimSpace(line), "::") || strings.Contains(line, "##[") || strings.Contains(line, "##vso[") || strings.Contains(line, "##teamcity[") {
			t.Errorf("%s: a command: %q", what, line)
		}
		if bad := strings.IndexFunc(line, func(r rune) bool { return r != '\t' && !unicode.IsPrint(r) }); bad >= 0 || !utf8.ValidString(line) {
			t.Errorf("%s: not printable: %q", what, line)
		}
	}
}

func TestCaseA8HostileTextIsInertInEveryCommand(t *testing.T) {
	w := newHostileWorld(t)
	for _, w.text = range hostileLines {
		quoted, err := json.Marshal(w.text)
		if err != nil {
			t.Fatal(err)
		}
		const head = "apiVersion: b24apply/v1\nkind: "
		w.write("good.yaml", head+"Company\nmetadata: {name: c}\nspec: {fields: {title: "+string(quoted)+", comments: [1]}}\n")
		w.write("keys.yaml", head+"Company\nmetadata: {name: c, labels: {"+string(quoted)+": "+string(quoted)+"}}\nspec: {fields: {"+string(quoted)+": 1}}\n")
		w.write("project.yaml", head+"Project\nmetadata: {name: acme}\nspec: {environments: {stage: {portal: {webhook: {file: "+string(quoted)+"}}}}}\n")
		w.write("items.ndjson", `{"resource":`+string(quoted)+`,"fields":{"title":`+string(quoted)+"}}\n")
		for _, w.refuses = range []bool{true, false} {
			w.inert("comments", "validate", "-f", "good.yaml")
			w.inert("labels", "validate", "-f", "keys.yaml")
			w.inert("portal request", "call", "crm.item.list", "--yes")
			w.inert("portal request", "call", "user.current", "--full", "--yes")
			w.inert("resource", "call", "crm.item.add", "--items", "items.ndjson", "--yes")
			w.inert("Portal", "doctor")
			w.inert("there is no", strings.ReplaceAll(w.text, "\x00", ""))
			w.inert("unknown flag", "plan", "--"+w.text)
			w.inert("no such format", "plan", "-o", w.text)
			w.inert("environment", "plan", "--env", w.text)
			w.inert("b24apply", "apply", "--var", w.text+"=1")
			w.inert("b24apply", "call", w.text)
		}
		if err := os.Rename(filepath.Join(w.dir, "project.yaml"), filepath.Join(w.dir, "b24apply.yaml")); err != nil {
			t.Fatal(err)
		}
		w.inert("comments", "plan", "--env", "stage", "-f", "good.yaml")
		w.inert("b24apply", "call", "profile", "--env", "stage")
		_ = os.Remove(filepath.Join(w.dir, "b24apply.yaml"))
	}
}

func TestCaseA8FileNamesAreInert(t *testing.T) {
	w := newHostileWorld(t)
	for _, name := range []string{"::warning::z.yaml", "::error file=app.js,line=1::z.yaml", "##[error]z.yaml", " ::debug::z.yaml", "\x1b[2Jz.yaml", "\u202elmay.z.yaml"} {
		w.write(name, "apiVersion: b24apply/v1\nkind: Company\nmetadata: {name: c}\nspec: {fields: {title: C, revenue: x}}\n")
		for _, format := range []string{"text", "json"} {
			w.inert("z.yaml", "validate", "-f", name, "-o", format)
			w.inert("z.yaml", "plan", "-f", name, "-o", format)
		}
		if err := os.Remove(filepath.Join(w.dir, name)); err != nil {
			t.Fatal(err)
		}
	}
}

// Plans and reports are inert on the screen and in files, and JSON says just the same.
func TestCaseA8PlansAndReportsAreInert(t *testing.T) {
	p, err := portal.Open(t.Context(), portal.Config{})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(p)
	t.Cleanup(func() { server.Close(); _ = p.Close() })
	for i, text := range hostileLines {
		text = strings.Map(func(r rune) rune {
			if r == '\n' || r == '\r' {
				return '\u2028' // a title has one line
			}
			return r
		}, text) + "x"
		w := &hostileWorld{T: t, dir: t.TempDir(), url: server.URL}
		quoted := strconv.QuoteToASCII(text) // YAML knows these escapes too
		manifest := "apiVersion: b24apply/v1\nkind: Company\nmetadata: {name: c" + string(rune('a'+i)) + "}\nspec: {fields: {title: " + quoted + "}}\n"
		w.write("c.yaml", manifest)
		vars := map[string]string{planVariable: "box", webhookVariable: server.URL + p.WebhookPath(), "B24_STATE_HOME": t.TempDir()}
		for _, args := range [][]string{{"plan"}, {"plan", "-o", "json"}, {"apply", "--yes", "-o", "json", "--report", "r.txt", "--report", "r.json"}, {"apply", "--yes"}, {"plan"}} {
			for i, arg := range args {
				if strings.HasPrefix(arg, "r.") {
					args[i] = filepath.Join(w.dir, arg)
				}
			}
			var out, log bytes.Buffer
			run(t.Context(), env{stdin: strings.NewReader(""), stdout: &out, stderr: &log, getenv: getter(vars)}, append([]string{"-C", w.dir}, append(args, "-f", filepath.Join(w.dir, "c.yaml"))...))
			checkInert(t, strings.Join(args, " "), out.String()+"\n"+log.String())
			if strings.Contains(strings.Join(args, " "), "plan -o json") {
				var document struct {
					Changes []struct{ Title string }
				}
				if err := json.Unmarshal(out.Bytes(), &document); err != nil || len(document.Changes) != 1 || document.Changes[0].Title != text {
					t.Errorf("%q became %+v, %v\n%s%s", text, document, err, out.String(), log.String())
				}
			}
		}
		for _, name := range []string{"r.txt", "r.json"} {
			content, err := os.ReadFile(filepath.Join(w.dir, name))
			if err != nil {
				t.Fatal(err)
			}
			checkInert(t, name, string(content))
		}
	}
}
