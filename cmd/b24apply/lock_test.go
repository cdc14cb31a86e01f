package main

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/b24apply/b24apply/internal/runlock"
	"github.com/b24apply/b24apply/pkg/portal"
)

// A lockBench is a portal that can make its callers wait, and a folder with a project.
type lockBench struct {
	*testing.T
	dir, state string
	portal     *portal.Portal
	server     *httptest.Server
	entered    chan struct{} // gets a value for each request that waits
	open       chan struct{} // lets them go on once it is closed
	mu         sync.Mutex
	shut       bool
}

const lockManifest = `apiVersion: b24apply/v1
kind: Company
metadata: {name: acme}
spec: {fields: {title: Acme}}
`

func newLockBench(t *testing.T) *lockBench {
	b := &lockBench{T: t, dir: t.TempDir(), state: t.TempDir(), entered: make(chan struct{}, 100), open: make(chan struct{})}
	var err error
	if b.portal, err = portal.Open(t.Context(), portal.Config{}); err != nil {
		t.Fatal(err)
	}
	b.server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b.mu.Lock()
		shut := b.shut
		b.mu.Unlock()
		if shut {
			b.entered <- struct{}{}
			<-b.open
		}
		b.portal.ServeHTTP(w, r)
	}))
	t.Cleanup(func() { b.server.Close(); _ = b.portal.Close() })
	b.write("company.yaml", lockManifest)
	return b
}

func (b *lockBench) write(name, text string) {
	b.Helper()
	if err := os.WriteFile(filepath.Join(b.dir, name), []byte(text), 0o600); err != nil {
		b.Fatal(err)
	}
}

// hold makes requests wait from now on.
func (b *lockBench) hold(shut bool) {
	b.mu.Lock()
	b.shut = shut
	b.mu.Unlock()
}

// run runs one command in the project's folder.
func (b *lockBench) run(args ...string) (code int, stderr string) {
	var out, errs bytes.Buffer
	e := env{stdin: strings.NewReader(""), stdout: &out, stderr: &errs, getenv: getter(map[string]string{planVariable: "box", stateVariable: b.state})}
	code = run(context.Background(), e, args)
	return code, errs.String()
}

func (b *lockBench) apply(more ...string) (code int, stderr string) {
	return b.run(append([]string{"apply", "-f", filepath.Join(b.dir, "company.yaml"), "--yes", "--portal", b.server.URL + b.portal.WebhookPath()}, more...)...)
}

// take holds the lock of a portal and owner as another run would.
func (b *lockBench) take(portal, owner string) (release func()) {
	b.Helper()
	lock, err := runlock.Take(b.Context(), runlock.Config{Dir: filepath.Join(b.state, "locks"), Portal: portal, Owner: owner, Command: "apply", Run: "other-run"})
	if err != nil {
		b.Fatal(err)
	}
	return lock.Unlock
}

// Two applies on one machine: the second one ends at once and says for whom.
func TestCaseB1OneMachineOneRun(t *testing.T) {
	b := newLockBench(t)
	b.hold(true)
	first := make(chan int)
	go func() {
		code, _ := b.apply()
		first <- code
	}()
	<-b.entered // the first one plans
	code, stderr := b.apply("-C", t.TempDir())
	host, _ := os.Hostname()
	said := regexp.MustCompile(`(?m)^b24apply: another run is changing this portal for the same owner: apply, run \d{8}T\d{6}-[0-9a-f]{8}, process \d+ of \S+ on ` +
		regexp.QuoteMeta(host) + `, for \d+s; nothing was written\n\thint: .*--lock-timeout`)
	if code != exitHeld || !said.MatchString(stderr) {
		t.Errorf("the second apply: exit code %d, want 7\n%s", code, stderr)
	}
	b.hold(false)
	close(b.open)
	if code := <-first; code != exitDone {
		t.Errorf("the first apply: exit code %d", code)
	}
	if got := b.portal.Stats().Commands["crm.item.add"]; got != 1 {
		t.Errorf("%d records were created, want 1", got)
	}
	if code, stderr := b.apply(); code != exitDone {
		t.Errorf("an apply afterwards: exit code %d\n%s", code, stderr)
	}
}

// One portal is one portal however it is reached, and another owner is nobody's rival.
func TestCaseB1OnePortalHoweverItIsReached(t *testing.T) {
	b := newLockBench(t)
	port := b.server.URL[strings.LastIndex(b.server.URL, ":"):]
	db := filepath.Join(b.dir, "box.db")
	link := filepath.Join(t.TempDir(), "link")
	if err := os.Symlink(b.dir, link); err != nil {
		t.Fatal(err)
	}
	if code, stderr := b.run("apply", "-f", filepath.Join(b.dir, "company.yaml"), "--yes", "--portal", "embedded:"+db); code != exitDone {
		t.Fatalf("exit code %d\n%s", code, stderr)
	}
	file, err := runlock.File(db)
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name, portal, owner string
		args                []string
		code                int
	}{
		{"by the name of this machine", runlock.Portal("LOCALHOST" + port), "default", nil, exitHeld},
		{"by its address", runlock.Portal("127.0.0.1" + port), "default", nil, exitHeld},
		{"with another owner", runlock.Portal("localhost" + port), "acme", nil, exitDone},
		{"on another port", runlock.Portal("localhost:1"), "default", nil, exitDone},
		{"adopt", runlock.Portal("localhost" + port), "default", []string{"adopt", "company/acme", "--id", "1", "--yes"}, exitHeld},
		{"adopt that only looks", runlock.Portal("localhost" + port), "default", []string{"adopt", "company/acme", "--id", "1", "--dry-run"}, exitDone},
		{"plan", runlock.Portal("localhost" + port), "default", []string{"plan"}, exitDone},
		{"embedded", file, "default", []string{"apply", "--yes", "--portal", "embedded:" + db}, exitHeld},
		{"embedded, through a link", file, "default", []string{"apply", "--yes", "--portal", "embedded:" + filepath.Join(link, "box.db")}, exitHeld},
	} {
		t.Run(tt.name, func(t *testing.T) {
			defer b.take(tt.portal, tt.owner)()
			args := []string{"apply", "--yes"}
			if tt.args != nil {
				args = tt.args
			}
			if !strings.Contains(strings.Join(args, " "), "--portal") {
				args = append(args, "--portal", b.server.URL+b.portal.WebhookPath())
			}
			code, stderr := b.run(append(args, "-f", filepath.Join(b.dir, "company.yaml"))...)
			if code != tt.code || code == exitHeld && !strings.Contains(stderr, "run other-run") {
				t.Errorf("exit code %d, want %d\n%s", code, tt.code, stderr)
			}
		})
	}
	for text, want := range map[string]string{"Acme.Bitrix24.DE": "acme.bitrix24.de", "acme.bitrix24.de.": "acme.bitrix24.de", "acme.bitrix24.de:443": "acme.bitrix24.de",
		"acme.example:8443": "acme.example:8443", "[::1]:80": "localhost", "127.0.0.2:8024": "localhost:8024"} {
		if got := runlock.Portal(text); got != want {
			t.Errorf("portal %s is %s, want %s", text, got, want)
		}
	}
}

// --lock-timeout waits for the other run, and no longer than it says.
func TestCaseB1LockTimeoutWaits(t *testing.T) {
	b := newLockBench(t)
	portal := runlock.Portal(strings.TrimPrefix(b.server.URL, "http://"))
	release := b.take(portal, "default")
	code, stderr := b.apply("--lock-timeout", "100ms")
	if code != exitHeld || !strings.Contains(stderr, "it was waited for 100ms") {
		t.Errorf("exit code %d, want 7\n%s", code, stderr)
	}
	time.AfterFunc(100*time.Millisecond, release)
	if code, stderr = b.apply("--lock-timeout", "1m"); code != exitDone || !strings.Contains(stderr, "waiting up to 1m0s for another run: apply, run other-run") {
		t.Errorf("exit code %d, want 0\n%s", code, stderr)
	}
	if code, stderr = b.apply("--lock-timeout", "-1s"); code != exitError {
		t.Errorf("exit code %d, want 1\n%s", code, stderr)
	}
}

// A folder for locks that can't be used is an error that names it, and no link in it is
// followed.
func TestCaseB1LockFolderMustBeUsable(t *testing.T) {
	b := newLockBench(t)
	if code, stderr := b.apply(); code != exitDone {
		t.Fatalf("exit code %d\n%s", code, stderr)
	}
	locks, err := filepath.Glob(filepath.Join(b.state, "locks", "*"))
	if err != nil || len(locks) != 1 {
		t.Fatalf("the folder holds %q, %v", locks, err)
	}
	if info, err := os.Stat(locks[0]); err != nil || info.Mode() != 0o600 {
		t.Errorf("the lock's mode is %v, %v", info.Mode(), err)
	}
	victim := filepath.Join(b.dir, "victim")
	b.write("victim", "untouched")
	for name, place := range map[string]func() error{
		"a link to a file":   func() error { return os.Symlink(victim, locks[0]) },
		"a link to nothing":  func() error { return os.Symlink(victim+"2", locks[0]) },
		"a folder":           func() error { return os.Mkdir(locks[0], 0o700) },
		"a file as a folder": func() error { b.state = victim; return nil },
	} {
		if err := os.RemoveAll(locks[0]); err != nil {
			t.Fatal(err)
		}
		if err := place(); err != nil {
			t.Fatal(err)
		}
		state := b.state
		code, stderr := b.apply()
		b.state = filepath.Dir(filepath.Dir(locks[0]))
		if code != exitError || !strings.Contains(stderr, state) || !strings.Contains(stderr, stateVariable) {
			t.Errorf("%s: exit code %d, want 1\n%s", name, code, stderr)
		}
	}
	if text, err := os.ReadFile(victim); err == nil && string(text) != "untouched" {
		t.Errorf("a link was followed: the file holds %q", text)
	}
	if _, err := os.Stat(victim + "2"); err == nil {
		t.Error("a link was followed: the file was made")
	}
}

// A run under a former name of the project writes the same records.
func TestCaseB1AFormerNameIsTheSameOwner(t *testing.T) {
	b := newLockBench(t)
	portal := runlock.Portal(strings.TrimPrefix(b.server.URL, "http://"))
	project := func(name, former string) string {
		dir := t.TempDir()
		text := "apiVersion: b24apply/v1\nkind: Project\nmetadata: {name: " + name + "}\nspec: {formerNames: " + former + ", manifests: [\"m.yaml\"]}\n"
		manifest := "apiVersion: b24apply/v1\nkind: Company\nmetadata: {name: " + name + "}\nspec: {fields: {title: A}}\n"
		if err := errors.Join(os.WriteFile(filepath.Join(dir, "b24apply.yaml"), []byte(text), 0o600), os.WriteFile(filepath.Join(dir, "m.yaml"), []byte(manifest), 0o600)); err != nil {
			t.Fatal(err)
		}
		return dir
	}
	for _, tt := range []struct {
		held, name, former string
		code               int
	}{
		{"acme", "acme-crm", "[acme]", exitHeld},
		{"zeta", "acme-crm", "[beta, zeta]", exitHeld},
		{"acme-crm", "acme-crm", "[acme]", exitHeld},
		{"acme", "acme-crm", "[]", exitDone},
	} {
		t.Run(tt.held+" is held, formerNames "+tt.former, func(t *testing.T) {
			release := b.take(portal, tt.held)
			args := []string{"apply", "-C", project(tt.name, tt.former), "--yes", "--portal", b.server.URL + b.portal.WebhookPath()}
			code, stderr := b.run(args...)
			release()
			if code != tt.code {
				t.Errorf("exit code %d, want %d\n%s", code, tt.code, stderr)
			}
			if code, stderr := b.run(args...); code != exitDone {
				t.Errorf("then: exit code %d\n%s", code, stderr)
			}
		})
	}
}
