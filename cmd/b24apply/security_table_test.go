//go:build unix

package main

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"
)

// A reader is one way in which a file reaches a command.
type fileReader struct {
	name string
	// path is where the file is, from the folder of the test; "" if the project writes the
	// path, which is then any.
	path string
	// project is the project file, where PATH stands for the path, and manifest another file.
	project, manifest string
	args              []string // PATH stands for the path
	// operator says that the operator has named the file, which may then be anywhere.
	operator bool
	// quotes says that what the file holds may be quoted, as excerpts of manifests are.
	quotes bool
	// anything says that the file may hold what it likes.
	anything bool
	// survives says that damage is told, and does not end the command.
	survives bool
	vars     map[string]string
}

const tableProject = "apiVersion: b24apply/v1\nkind: Project\nmetadata: {name: p}\nspec:\n"

const tableManifest = "apiVersion: b24apply/v1\nkind: Company\nmetadata: {name: c}\nspec: {fields: {title: C%s}}\n"

func environment(portal string) string {
	return tableProject + "  manifests: [c.yaml]\n  environments: {e: {portal: {" + portal + "}}}\n"
}

// fileReaders are all of them; who adds one adds it here.
var fileReaders = []fileReader{
	{name: "a manifest that the project names", project: tableProject + `  manifests: ["PATH"]` + "\n", args: []string{"validate"}, quotes: true},
	{name: "a manifest that a pattern finds", path: "m/a.yaml", project: tableProject + `  manifests: ["m/*.yaml"]` + "\n", args: []string{"validate"}, quotes: true},
	{name: "the project file", path: "b24apply.yaml", args: []string{"validate"}, quotes: true},
	{name: "-f FILE", args: []string{"validate", "-f", "PATH"}, operator: true, quotes: true},
	{name: "-f FOLDER", path: "m/a.yaml", args: []string{"validate", "-f", "m"}, quotes: true},
	{name: "the file of a webhook", project: environment(`webhook: {file: "PATH"}`), args: []string{"plan"}},
	{name: "the file of an access token", project: environment(`token: {address: 127.0.0.1:1, access: {file: "PATH"}}`), args: []string{"doctor"}},
	{name: "the file of a client secret", project: environment(`token: {address: 127.0.0.1:1, access: {env: B24_T}, refresh: {env: B24_T}, clientId: x, clientSecret: {file: "PATH"}}`),
		args: []string{"call", "profile"}, vars: map[string]string{"B24_T": "abcdef0123456789"}},
	{name: "a secret in the operator's folder", project: environment(`webhook: {file: "PATH"}`), args: []string{"plan"}, vars: map[string]string{"B24_SECRETS_DIR": "."}},
	{name: "the file of a field", manifest: ", logo: {file: \"PATH\"}", args: []string{"validate", "-f", "c.yaml"}, anything: true},
	{name: "--items in NDJSON", args: []string{"call", "crm.company.add", "--yes", "--items-format", "ndjson", "--items", "PATH"}, operator: true},
	{name: "--items in CSV", args: []string{"call", "crm.company.add", "--yes", "--items-format", "csv", "--items", "PATH"}, operator: true, quotes: true},
	{name: "a parameter's file", args: []string{"call", "crm.company.list", "--dry-run", "a:=@PATH"}, operator: true},
	{name: "--json @FILE", args: []string{"call", "crm.company.list", "--dry-run", "--json", "@PATH"}, operator: true},
	{name: "the tokens of a login", path: "config/logins/acme.example.json", args: []string{"plan", "-f", "c.yaml", "--portal", "acme.example"}, operator: true, vars: map[string]string{configVariable: "config"}},
	{name: "a certificate", args: []string{"portal", "--addr", "127.0.0.1:0", "--tls-cert", "PATH", "--tls-key", "PATH"}, operator: true},
	{name: "the records of an embedded portal", path: ".b24apply/portal.db", args: []string{"plan", "-f", "c.yaml", "--portal", "embedded"}},
	{name: "the journal of its records", path: ".b24apply/portal.db-wal", args: []string{"plan", "-f", "c.yaml", "--portal", "embedded"}, survives: true},
	{name: "what was applied last", path: ".b24apply/applied.ndjson", args: []string{"plan", "-f", "c.yaml", "--portal", "embedded:fresh.db"}, survives: true},
}

// threats are what a file may be. Each puts it in place and gives its path, "" if the
// reader has no such path.
var threats = []struct {
	name  string
	place func(t *testing.T, dir, path string) string
}{
	{"..", func(t *testing.T, dir, path string) string { return onlyNamed(path, "../outside/canary") }},
	{"absolute", func(t *testing.T, dir, path string) string {
		return onlyNamed(path, filepath.Join(filepath.Dir(dir), "outside", "canary"))
	}},
	{"link", func(t *testing.T, dir, path string) string {
		return placed(t, dir, path, func(name string) error {
			return os.Symlink(filepath.Join(filepath.Dir(dir), "outside", "canary"), name)
		})
	}},
	{"link to a device", func(t *testing.T, dir, path string) string {
		return placed(t, dir, path, func(name string) error { return os.Symlink("/dev/zero", name) })
	}},
	{"FIFO", func(t *testing.T, dir, path string) string {
		return placed(t, dir, path, func(name string) error { return syscall.Mkfifo(name, 0o600) })
	}},
	{"device", func(t *testing.T, dir, path string) string { return onlyNamed(path, "/dev/zero") }},
	{"process", func(t *testing.T, dir, path string) string { return onlyNamed(path, "/proc/self/environ") }},
	{"huge", func(t *testing.T, dir, path string) string {
		return placed(t, dir, path, func(name string) error {
			if err := os.WriteFile(name, nil, 0o600); err != nil {
				return err
			}
			return os.Truncate(name, 3<<30)
		})
	}},
	{"hostile text", func(t *testing.T, dir, path string) string {
		return placed(t, dir, path, func(name string) error { return os.WriteFile(name, []byte(hostileFile), 0o600) })
	}},
}

const hostileFile = "\x1b]0;canary\a\x1b[2J\r::error::canary\n##vso[task.canary]\n{\"canary\u202e\u009b\": [canary\n"

func onlyNamed(path, name string) string {
	if path != "" {
		return ""
	}
	return name
}

func placed(t *testing.T, dir, path string, put func(string) error) string {
	t.Helper()
	if path == "" {
		path = "file"
	}
	name := filepath.Join(dir, path)
	if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.RemoveAll(name); err != nil {
		t.Fatal(err)
	}
	if err := put(name); err != nil {
		t.Skipf("this system has no such file: %v", err)
	}
	return path
}

// Whatever a file is, and however it reaches a command, the command ends soon, with an
// error that says what is wrong, and shows nothing of another file.
func TestSecurityTable(t *testing.T) {
	for _, r := range fileReaders {
		for _, threat := range threats {
			t.Run(r.name+"/"+threat.name, func(t *testing.T) { r.meet(t, threat.name, threat.place) })
		}
	}
}

func (r fileReader) meet(t *testing.T, threat string, place func(*testing.T, string, string) string) {
	parent := t.TempDir()
	dir := filepath.Join(parent, "project")
	write := func(name, content string) {
		t.Helper()
		if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(filepath.Join(parent, "outside", "canary"), "https://canary.bitrix24.com/rest/1/canary0123456/\n")
	write(filepath.Join(dir, ".git", "config"), "")
	write(filepath.Join(dir, "c.yaml"), fmt.Sprintf(tableManifest, ""))
	path := place(t, dir, r.path)
	elsewhere := strings.Contains("..|absolute|link|process", threat)
	switch {
	case path == "":
		t.Skip("its path is fixed")
	case elsewhere && r.operator:
		t.Skip("what the operator names may be anywhere")
	}
	fill := func(text string) string { return strings.ReplaceAll(text, "PATH", path) }
	if r.project != "" {
		write(filepath.Join(dir, "b24apply.yaml"), fill(r.project))
	}
	if r.manifest != "" {
		write(filepath.Join(dir, "c.yaml"), fmt.Sprintf(tableManifest, fill(r.manifest)))
	}
	r.endsWell(t, dir, fill, threat)
}

// endsWell runs the command and looks at how it ends.
func (r fileReader) endsWell(t *testing.T, dir string, fill func(string) string, threat string) {
	t.Helper()
	vars := map[string]string{planVariable: "box"}
	for name, v := range r.vars {
		vars[name] = filepath.Join(dir, v)
		if name == "B24_T" {
			vars[name] = v
		}
	}
	var args []string
	for _, arg := range r.args {
		args = append(args, fill(arg))
	}
	if args[0] == "call" && r.project == "" {
		vars[webhookVariable] = "http://127.0.0.1:1/rest/1/abcdef012345/"
	}
	if args[0] == "portal" {
		for i, arg := range args {
			if strings.HasPrefix(args[max(0, i-1)], "--tls") && !filepath.IsAbs(arg) {
				args[i] = filepath.Join(dir, arg)
			}
		}
	}
	var out, log sharedBuffer
	code := make(chan int, 1)
	began, used := time.Now(), cpu(t)
	go func() {
		code <- run(t.Context(), env{stdin: strings.NewReader(""), stdout: &out, stderr: &log, getenv: getter(vars)}, append([]string{"-C", dir}, args...))
	}()
	var got int
	select {
	case got = <-code:
	case <-time.After(20 * time.Second):
		t.Fatalf("it still runs after %s", time.Since(began))
	}
	// A second is meant. Its measure is the processor's, since other tests run beside this one.
	if spent := cpu(t) - used; spent > time.Second && !raceDetector {
		t.Errorf("it took %s of CPU", spent)
	}
	shown := out.String() + log.String()
	switch {
	case got == 0 && !r.survives && !(r.anything && threat == "hostile text"):
		t.Errorf("it succeeded:\n%s", shown)
	case got != 0 && !told.MatchString(shown):
		t.Errorf("it does not say what is wrong:\n%s", shown)
	case raw.MatchString(shown):
		t.Errorf("it writes raw text:\n%q", shown)
	case strings.Contains(shown, "canary") && !(r.quotes && threat == "hostile text") && !strings.Contains(fill("PATH"), "canary"):
		t.Errorf("it quotes the file:\n%s", shown)
	case strings.Contains(strings.ReplaceAll(shown, fill("PATH"), ""), "canary0123456"):
		t.Errorf("it quotes the credential:\n%s", shown)
	}
}

var (
	// told matches the first line of what says what is wrong, wherever a command says it.
	told = regexp.MustCompile(`(?m)^(b24apply: \S+ \S+ \S+|\S.*: \S.* \[\w+\]$|fail  +\S+|\{"resource":.*"error":")`)
	raw  = regexp.MustCompile("[\x00-\x08\x0b-\x1f\x7f\u0080-\u009f\u202a-\u202e]|(?m)^(::|##)")
)

// cpu is the processor time that this process has used.
func cpu(t *testing.T) time.Duration {
	t.Helper()
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		t.Fatal(err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}
