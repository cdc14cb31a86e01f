package main

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/b24apply/b24apply/pkg/bitrix"
	"github.com/b24apply/b24apply/pkg/portal"
)

// canaryFaults has every kind of fault that the portal knows, alone and where it
// meets the creating call. A mirror repeats the whole request in its refusal.
var canaryFaults = []string{
	"", "mirror",
	"drop-before", "drop-after", "reset", "reset,when=after", "delay,for=10ms", "500", "502", "504", "503", "expired-token,n=1", "expired-token",
	"redirect,to=127.0.0.1:9", "truncated", "wrong-type", "429", "fail,code=ACCESS_DENIED,status=401", "fail,code=X,text=c", "localized",
	"drop-after:crm.item.add", "500:crm.item.add", "fail:crm.item.add,code=X", "lose-field:crm.item.add,field=title",
	"late,for=10ms", "outage,for=100ms,n=1", "outage,for=50ms,n=1,status=503", "429,for=1s,n=1", "late-visible,for=50ms", "lose-mark", "keep-list,field=title",
	"foreign:crm.item.update,field=title,to=F", "robot:crm.item.add,field=title,to=R",
	"502:/oauth/token;expired-token:batch,n=9", "drop-before:/oauth/token;expired-token:batch,n=9", "truncated:/oauth/token;expired-token:batch,n=9",
}

// The kinds above are all that there are: FaultHelp names each once more, in its
// first column.
func TestEveryKindOfFaultMeetsTheCanary(t *testing.T) {
	all := strings.Join(canaryFaults, ";")
	for line := range strings.Lines(portal.FaultHelp) {
		if !strings.HasPrefix(line, "  ") || strings.HasPrefix(line, "   ") {
			continue
		}
		names, _, _ := strings.Cut(strings.TrimSpace(line), "  ")
		for _, name := range strings.Split(names, ", ") {
			if !strings.Contains(";"+all, ";"+name) {
				t.Errorf("no run meets the fault %s", name)
			}
		}
	}
}

// canaryCommands run against the portal; the rest of the commands once each.
var canaryCommands = [][]string{
	{"plan", "-f", "c.yaml", "--out", "plan.ndjson"},
	{"show", "plan.ndjson"},
	{"plan", "-f", "c.yaml", "--wait-for-portal", "0s"},
	{"apply", "-f", "c.yaml", "--yes", "-o", "json", "--report", "report.json", "--report", "report.txt"},
	{"doctor", "-o", "json"},
	{"call", "crm.item.list", "entityTypeId=4", "--all"},
	{"call", "crm.item.add", "entityTypeId=4", "--items", "items.ndjson", "--yes"},
	{"call", "tasks.task.add", "--v3", "fields.title=C", "fields.creatorId:=1", "fields.responsibleId:=1", "--yes"},
	{"call", "batch", "--v3", "--json", `[{"method":"tasks.task.get","query":{"id":1}}]`, "--full", "--yes"},
	{"logout", "HOST"},
}

// A credential occurs in no output and no file of any command, whatever it meets,
// in none of the forms that texts give it: not even when every request is told.
func TestNoCredentialIsShownWhateverHappens(t *testing.T) {
	for _, spec := range canaryFaults {
		t.Run(spec, func(t *testing.T) {
			t.Parallel()
			w := newCanaryWorld(t)
			for _, kind := range []string{"webhook", "token", "oauth"} {
				vars := w.credential(kind)
				w.fault(spec)
				for _, args := range canaryCommands {
					if args[0] == "logout" && kind == "webhook" {
						continue
					}
					w.run(vars, args, "")
				}
				w.fault("")
			}
		})
	}
}

// The commands that need no portal, and those that somebody adds.
func TestNoOtherCommandShowsACredential(t *testing.T) {
	w := newCanaryWorld(t)
	vars := w.credential("webhook")
	a := &app{env: env{stderr: io.Discard}}
	for _, c := range a.rootCommand().Commands() {
		args := []string{c.Name()}
		switch c.Name() {
		case "plan", "apply", "logout", "login", "portal", "completion", "help":
			continue // run elsewhere, or serving until they are ended
		case "validate":
			args = append(args, "-f", "c.yaml")
		case "init":
			args = append(args, "new")
		}
		w.run(vars, args, "")
	}
	vars = map[string]string{secretVariable: canarySecret, clientVariable: "local.1", configVariable: w.config, serverVariable: w.url}
	code := w.code()
	w.secrets = append(w.secrets, code)
	for _, paste := range []string{code, code, "http://x.example/?state=1&code=" + code} {
		w.run(vars, []string{"login", w.host, "--paste"}, paste+"\n")
	}
}

// The canaries. The client's needs escapes wherever it goes.
const (
	canaryHook   = "c4n4ry-Webhook_Secret"
	canarySecret = `c4n4ry/"<client>+ &é\`
)

// A canaryWorld is a portal, and one user's folders.
type canaryWorld struct {
	*testing.T
	url, host, dir, config string
	mirror                 atomic.Bool
	secrets                []string
}

func newCanaryWorld(t *testing.T) *canaryWorld {
	t.Helper()
	p, err := portal.Open(t.Context(), portal.Config{Secret: canaryHook, Application: portal.Application{
		ClientID: "local.1", ClientSecret: canarySecret, RedirectURL: "http://127.0.0.1:8025/",
	}})
	if err != nil {
		t.Fatal(err)
	}
	w := &canaryWorld{T: t, dir: t.TempDir(), config: t.TempDir(), secrets: []string{canaryHook, canarySecret}}
	server := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if !w.mirror.Load() || strings.HasPrefix(r.URL.Path, "/__portal/") {
			p.ServeHTTP(rw, r)
			return
		}
		body, _ := io.ReadAll(r.Body) // what came is enough
		rw.WriteHeader(http.StatusBadRequest)
		said := fmt.Sprintf("%s %s %s %s", r.URL.Path, r.URL, body, r.Header["Authorization"])
		_ = json.NewEncoder(rw).Encode(map[string]string{"error": "MIRROR", "error_description": said, "argument": said})
	}))
	t.Cleanup(func() { server.Close(); _ = p.Close() })
	w.url, w.host = server.URL, strings.TrimPrefix(server.URL, "http://")
	items := `{"resource":"a","fields":{"title":"A"}}` + "\n" + `{"fields":{"title":null}}` + "\nno JSON\n"
	if err := os.WriteFile(filepath.Join(w.dir, "items.ndjson"), []byte(items), 0o600); err != nil {
		t.Fatal(err)
	}
	manifest := "apiVersion: b24apply/v1\nkind: Company\nmetadata: {name: c}\nspec: {fields: {title: C}}\n"
	if err := os.WriteFile(filepath.Join(w.dir, "c.yaml"), []byte(manifest), 0o600); err != nil {
		t.Fatal(err)
	}
	return w
}

// fault makes one thing go wrong at the portal; "" mends everything.
func (w *canaryWorld) fault(spec string) {
	w.Helper()
	w.mirror.Store(spec == "mirror")
	rules := []portal.FaultRule{}
	if spec != "mirror" {
		var err error
		if rules, err = portal.ParseFaults(spec); err != nil {
			w.Fatal(err)
		}
	}
	body, err := json.Marshal(rules)
	if err != nil {
		w.Fatal(err)
	}
	for _, method := range []string{http.MethodDelete, http.MethodPost} {
		if len(rules) == 0 && method == http.MethodPost {
			continue
		}
		req, err := http.NewRequestWithContext(w.Context(), method, w.url+"/__portal/faults", bytes.NewReader(body))
		if err != nil {
			w.Fatal(err)
		}
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			w.Fatal(err)
		}
		_ = res.Body.Close()
		if res.StatusCode >= 300 {
			w.Fatalf("%s faults: %s", method, res.Status)
		}
	}
}

func (w *canaryWorld) code() string {
	w.Helper()
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	res, err := client.Get(w.url + "/oauth/authorize/?client_id=local.1")
	if err != nil {
		w.Fatal(err)
	}
	_ = res.Body.Close()
	back, err := res.Location()
	if err != nil {
		w.Fatal(err)
	}
	return back.Query().Get("code")
}

// credential gives the variables of one of the three ways in.
func (w *canaryWorld) credential(kind string) map[string]string {
	w.Helper()
	vars := map[string]string{planVariable: "box", configVariable: w.config, serverVariable: w.url}
	if kind == "webhook" {
		vars[webhookVariable] = w.url + "/rest/1/" + canaryHook + "/"
		return vars
	}
	address, err := bitrix.NewAddress(w.url)
	if err != nil {
		w.Fatal(err)
	}
	tokens, err := bitrix.Application{Portal: address, ClientID: "local.1", ClientSecret: canarySecret, Server: w.url}.Exchange(w.Context(), w.code())
	if err != nil {
		w.Fatal(err)
	}
	w.secrets = append(w.secrets, tokens.AccessToken, tokens.RefreshToken)
	vars[portalVariable] = w.host
	if kind == "token" {
		vars[accessVariable], vars[refreshVariable] = tokens.AccessToken, tokens.RefreshToken
		vars[clientVariable], vars[secretVariable] = "local.1", canarySecret
		return vars
	}
	path, err := (&app{env: env{getenv: getter(vars)}}).loginPath(address)
	if err == nil {
		err = bitrix.StoreTokens(w.Context(), path, tokens)
	}
	if err != nil {
		w.Fatal(err)
	}
	return vars
}

func getter(vars map[string]string) func(string) (string, bool) {
	return func(name string) (string, bool) { v, ok := vars[name]; return v, ok }
}

// canaryPatience is that of a person who interrupts what does not go on.
const canaryPatience = 400 * time.Millisecond

// run runs a command verbosely, looks for secrets in all that it leaves, and returns its stdout.
func (w *canaryWorld) run(vars map[string]string, args []string, stdin string) string {
	w.Helper()
	args = slices.Clone(args)
	for i, arg := range args {
		if arg == "HOST" {
			args[i] = w.host
		}
		if strings.HasPrefix(arg, "report.") {
			args[i] = filepath.Join(w.dir, arg)
		}
	}
	vars = maps.Clone(vars)
	vars[stateVariable] = filepath.Join(w.dir, "state")
	signals := make(chan os.Signal, 2)
	stop := time.AfterFunc(canaryPatience, func() { signals <- syscall.SIGINT; signals <- syscall.SIGINT })
	var out bytes.Buffer
	var log sharedBuffer
	code := run(w.Context(), env{
		stdin: strings.NewReader(stdin), stdout: &out, stderr: &log, getenv: getter(vars), settle: canaryPatience / 4,
		interrupts: func() (<-chan os.Signal, func()) { return signals, func() {} },
	}, append([]string{"--verbose", "-C", w.dir}, args...))
	stop.Stop()
	name := strings.Join(args, " ")
	if asks := []string{"plan", "apply", "call", "doctor"}; slices.Contains(asks, args[0]) && len(args) > 1 && !strings.Contains(log.String(), "level=DEBUG") {
		w.Errorf("%s told no request (exit code %d): %s", name, code, log.String())
	}
	w.collect()
	w.search(name+": stdout", out.String())
	w.search(name+": stderr", log.String())
	w.searchFiles(name, w.dir)
	w.searchFiles(name, w.config)
	return out.String()
}

// A sharedBuffer takes what several goroutines write, as a file does.
type sharedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *sharedBuffer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *sharedBuffer) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}

// collect learns the tokens that renewals have brought.
func (w *canaryWorld) collect() {
	w.Helper()
	for _, path := range w.tokenFiles() {
		if t, err := bitrix.ReadTokens(path); err == nil && !slices.Contains(w.secrets, t.AccessToken) {
			w.secrets = append(w.secrets, t.AccessToken, t.RefreshToken)
		}
	}
}

func (w *canaryWorld) tokenFiles() []string {
	w.Helper()
	found, err := filepath.Glob(filepath.Join(w.config, "*", "*.json"))
	if err != nil {
		w.Fatal(err)
	}
	return found
}

// searchFiles looks into all files but those that tokens are kept in.
func (w *canaryWorld) searchFiles(name, dir string) {
	w.Helper()
	kept := w.tokenFiles()
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || slices.Contains(kept, path) {
			return err
		}
		content, err := os.ReadFile(path)
		w.search(name+": "+filepath.Base(path), filepath.Base(path)+"\n"+string(content))
		return err
	})
	if err != nil {
		w.Error(err)
	}
}

func (w *canaryWorld) search(where, text string) {
	w.Helper()
	for _, secret := range w.secrets {
		for _, form := range secretForms(secret) {
			if strings.Contains(text, form) {
				w.Errorf("%s holds a credential as %q:\n%s", where, form, text)
				return
			}
		}
	}
}

// secretForms are the ways in which a text may hold a secret.
func secretForms(secret string) []string {
	quoted, err := json.Marshal(secret)
	if err != nil {
		panic(err)
	}
	inJSON := strings.Trim(string(quoted), `"`)
	logged := fmt.Sprintf("%q", secret)
	forms := []string{secret, url.QueryEscape(secret), url.PathEscape(secret), inJSON, strings.ReplaceAll(inJSON, "/", `\/`), logged[1 : len(logged)-1]}
	for offset := range 3 {
		// The first and last characters depend on what stands around the secret.
		text := append(make([]byte, offset), secret...)
		first := []int{0, 2, 3}[offset]
		for _, e := range []*base64.Encoding{base64.RawStdEncoding, base64.RawURLEncoding} {
			encoded := e.EncodeToString(text)
			forms = append(forms, encoded[first:len(encoded)-2])
		}
	}
	return forms
}

// The search above finds what it looks for.
func TestSecretIsFoundInEveryForm(t *testing.T) {
	for _, holder := range []string{
		"https://x.example/rest/1/" + canarySecret, url.QueryEscape("a=" + canarySecret), fmt.Sprintf("%q", "x "+canarySecret),
		base64.StdEncoding.EncodeToString([]byte("user:" + canarySecret + "!")), base64.URLEncoding.EncodeToString([]byte("ab" + canarySecret)),
	} {
		if !slices.ContainsFunc(secretForms(canarySecret), func(form string) bool { return strings.Contains(holder, form) }) {
			t.Errorf("not found in %s", holder)
		}
	}
}
