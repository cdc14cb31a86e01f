package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"maps"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/spec"
)

var repository = filepath.Join("..", "..")

// pages lists the documents, by their paths from the repository's root.
func pages(t *testing.T) []string {
	t.Helper()
	var all []string
	for _, pattern := range []string{"*.md", "docs/*.md", "examples/*/README.md"} {
		found, err := filepath.Glob(filepath.Join(repository, pattern))
		if err != nil || len(found) == 0 {
			t.Fatalf("no pages match %s: %v", pattern, err)
		}
		for _, path := range found {
			rel, err := filepath.Rel(repository, path)
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, filepath.ToSlash(rel))
		}
	}
	return all
}

// The fenced blocks of a page run from top to bottom in a folder of its own, which
// for the page of an example is a copy of that example:
//
//	```yaml        a manifest, saved under the name in its first line, "# file: NAME"; it must be valid
//	```yaml part   one of several files that only together are valid, as the next commands show
//	```yaml wrong  a manifest with a mistake that the next commands show
//	```console     commands after "$ ", each with all that it prints
//
// In what is printed, … stands for any text, and alone on a line for any lines. A
// command that fails is followed by "$ echo $?". "b24apply portal" serves until the
// page ends, on a free port that is shown as the default one.
func TestFencedBlocksDoWhatThePagesSay(t *testing.T) {
	for _, name := range pages(t) {
		t.Run(name, func(t *testing.T) {
			content, err := os.ReadFile(filepath.Join(repository, filepath.FromSlash(name)))
			if err != nil {
				t.Fatal(err)
			}
			dir := t.TempDir()
			if folder := filepath.Dir(filepath.FromSlash(name)); strings.HasPrefix(name, "examples/") {
				if err := os.CopyFS(dir, os.DirFS(filepath.Join(repository, folder))); err != nil {
					t.Fatal(err)
				}
				if err := os.RemoveAll(filepath.Join(dir, ".b24apply")); err != nil {
					t.Fatal(err)
				}
			}
			t.Chdir(dir)
			p := &page{T: t, vars: map[string]string{stateVariable: t.TempDir()}}
			for _, b := range fencedBlocks(string(content)) {
				p.block(b)
			}
		})
	}
}

// A block is a fenced block: its info string, its text, and the line of its fence.
type block struct {
	info, text string
	line       int
}

var fence = regexp.MustCompile("(?ms)^```([^\n`]*)\n(.*?)^```$")

func fencedBlocks(page string) []block {
	var out []block
	for _, m := range fence.FindAllStringSubmatchIndex(page, -1) {
		out = append(out, block{page[m[2]:m[3]], page[m[4]:m[5]], 1 + strings.Count(page[:m[0]], "\n")})
	}
	return out
}

// A page is the world of one document's commands.
type page struct {
	*testing.T
	vars   map[string]string
	code   int    // the last command's exit code
	served string // the first line that "b24apply portal" printed
	host   string // of the served portal; "" before
}

// shownHost is the host of every portal in the pages.
const shownHost = embeddedAddress

func (p *page) block(b block) {
	p.Helper()
	switch b.info {
	case "yaml", "yaml part", "yaml wrong":
		p.save(b)
	case "csv":
		p.table(b)
	case "console":
		p.console(b)
	case "", "sh", "json", "text", "go":
	default:
		p.Errorf("line %d: no block is fenced as %q here", b.line, b.info)
	}
}

var fileLine = regexp.MustCompile(`^# file: (\S+)\n`)

func (p *page) save(b block) {
	p.Helper()
	m := fileLine.FindStringSubmatch(b.text)
	if m == nil {
		p.Errorf("line %d: a manifest starts with its name, as in # file: deals.yaml", b.line)
		return
	}
	path := filepath.FromSlash(m[1])
	if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, []byte(b.text), 0o600)); err != nil {
		p.Fatal(err)
	}
	if b.info != "yaml" {
		return
	}
	if out, code := p.b24apply([]string{"validate", "-f", path}); code != exitDone || strings.Contains(out, "warning:") {
		p.Errorf("line %d: %s is not valid, or warned of:\n%s", b.line, path, out)
	}
}

// table saves a table, whose name stands in front of it.
func (p *page) table(b block) {
	p.Helper()
	m := fileLine.FindStringSubmatch(b.text)
	if m == nil {
		p.Fatalf("line %d: a table starts with its name, as in # file: customers.csv", b.line)
	}
	if err := os.WriteFile(filepath.FromSlash(m[1]), []byte(b.text[len(m[0]):]), 0o600); err != nil {
		p.Fatal(err)
	}
}

func (p *page) console(b block) {
	p.Helper()
	commands := strings.Split("\n"+b.text, "\n$ ")
	if strings.TrimSpace(commands[0]) != "" || len(commands) < 2 {
		p.Errorf("line %d: a console block starts with a command", b.line)
		return
	}
	for i, c := range commands[1:] {
		command, want, _ := strings.Cut(c, "\n")
		got := p.command(command)
		if !printed(want).MatchString(got) {
			p.Errorf("line %d: %s: prints otherwise (-page +command):\n%s", b.line, command, cmp.Diff(lines(want), lines(got)))
		}
		told := i+2 < len(commands) && strings.HasPrefix(commands[i+2], "echo $?")
		if p.code != 0 && !told {
			p.Errorf("line %d: %s: exit code %d, which the page does not show", b.line, command, p.code)
		}
	}
}

// printed matches what a page says that a command prints.
func printed(page string) *regexp.Regexp {
	var b strings.Builder
	b.WriteString(`\A`)
	for _, line := range lines(page) {
		if line == "…" {
			b.WriteString(`(?:.*\n)*?`)
			continue
		}
		b.WriteString(strings.ReplaceAll(regexp.QuoteMeta(line), "…", ".*") + `[ ]*\n`)
	}
	b.WriteString(`\n*\z`)
	return regexp.MustCompile(b.String())
}

func lines(s string) []string {
	s = strings.TrimRight(s, "\n")
	if s == "" {
		return nil
	}
	return strings.Split(s, "\n")
}

// command runs one line of a shell and gives what it prints, as a page shows it.
func (p *page) command(line string) string {
	p.Helper()
	words := shellWords(line)
	switch {
	case line == "echo $?":
		code := p.code
		p.code = 0
		return strconv.Itoa(code) + "\n"
	case words[0] == "export":
		name, value, _ := strings.Cut(words[1], "=")
		if p.served != "" && printed(value).MatchString(p.served) {
			value = strings.Replace(strings.TrimSpace(p.served), shownHost, p.host, 1)
		}
		p.vars[name] = value
		return ""
	case words[0] == "curl":
		return p.get(words[len(words)-1])
	case words[0] != "b24apply":
		out, err := exec.Command("sh", "-c", line).CombinedOutput()
		if err != nil {
			p.Fatalf("%s: %v\n%s", line, err, out)
		}
		return string(out)
	case slices.Contains(words, "portal"):
		return p.serve(words[1:])
	}
	out, code := p.b24apply(words[1:])
	p.code = code
	return out
}

func (p *page) env(w io.Writer, interrupts <-chan os.Signal) env {
	return env{
		stdin: strings.NewReader(""), stdout: w, stderr: w,
		interrupts: func() (<-chan os.Signal, func()) { return interrupts, func() {} },
		getenv:     func(name string) (string, bool) { v, ok := p.vars[name]; return v, ok },
	}
}

func (p *page) b24apply(args []string) (out string, code int) {
	var b bytes.Buffer
	code = run(p.Context(), p.env(&b, nil), args)
	return p.shown(b.String()), code
}

func (p *page) shown(out string) string {
	if p.host == "" {
		return out
	}
	return strings.ReplaceAll(out, p.host, shownHost)
}

var webhookLine = regexp.MustCompile(`^http://([^/]+)/rest/`)

// serve starts a portal that ends with the page, and gives the two lines that it
// prints before it waits for requests.
func (p *page) serve(args []string) string {
	p.Helper()
	r, w := io.Pipe()
	interrupts, done := make(chan os.Signal, 1), make(chan int, 1)
	go func() {
		code := run(context.Background(), p.env(w, interrupts), append(args, "--addr", "127.0.0.1:0"))
		_ = w.Close()
		done <- code
	}()
	p.Cleanup(func() {
		interrupts <- os.Interrupt
		if code := <-done; code != exitDone {
			p.Errorf("the portal ended with exit code %d", code)
		}
	})
	in := bufio.NewReader(r)
	first, _ := in.ReadString('\n')
	second, _ := in.ReadString('\n')
	if m := webhookLine.FindStringSubmatch(first); m != nil {
		p.host = m[1]
		p.served = p.shown(first)
	}
	return p.shown(first + second)
}

// get is what curl does with its last argument, against the served portal.
func (p *page) get(word string) string {
	p.Helper()
	if p.host == "" {
		p.Fatalf("curl %s: no portal is served yet", word)
	}
	url := os.Expand(strings.Trim(word, `"`), func(name string) string { return p.vars[name] })
	response, err := http.Get(strings.Replace(url, shownHost, p.host, 1))
	if err != nil {
		p.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		p.Fatal(err)
	}
	return p.shown(string(body)) + "\n"
}

var relativeLink = regexp.MustCompile(`\]\(([^):#]+)(?:#[^)]*)?\)`)

// Links between the pages, and from them to files, lead somewhere.
func TestLinksInThePagesLeadSomewhere(t *testing.T) {
	for _, name := range pages(t) {
		content, err := os.ReadFile(filepath.Join(repository, filepath.FromSlash(name)))
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range relativeLink.FindAllStringSubmatch(fence.ReplaceAllString(string(content), ""), -1) {
			if _, err := os.Stat(filepath.Join(repository, filepath.FromSlash(name), "..", filepath.FromSlash(m[1]))); err != nil {
				t.Errorf("%s: the link %s leads nowhere", name, m[1])
			}
		}
	}
}

// ARCHITECTURE.md shows the same import table as the test of the layout.
func TestTheArchitecturePageShowsTheLayout(t *testing.T) {
	content, err := os.ReadFile(filepath.Join(repository, "ARCHITECTURE.md"))
	if err != nil {
		t.Fatal(err)
	}
	got := make(map[string][]string)
	for _, m := range regexp.MustCompile("(?m)^\\| `([^`]+)` \\|[^|]*\\| ([^|]*) \\|$").FindAllStringSubmatch(string(content), -1) {
		got[m[1]] = nil
		for _, own := range regexp.MustCompile("`([^`]+)`").FindAllStringSubmatch(m[2], -1) {
			got[m[1]] = append(got[m[1]], own[1])
		}
	}
	if diff := cmp.Diff(layout, got); diff != "" {
		t.Errorf("-layout +page:\n%s", diff)
	}
}

// docs/fields.md lists the fields of the kinds as the tool knows them;
// UPDATE_DOCS=1 writes its table anew.
func TestTheFieldsPageListsEveryField(t *testing.T) {
	path := filepath.Join(repository, "docs", "fields.md")
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	text, _, found := strings.Cut(string(content), "\n| Field |")
	if !found {
		t.Fatal("docs/fields.md has no table")
	}
	want := text + "\n" + fieldTable(kind.BuiltIn().Records()) + catalogueFields + fieldTable(kind.BuiltIn().Catalogs())
	if os.Getenv("UPDATE_DOCS") != "" {
		if err := os.WriteFile(path, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(lines(string(content)), lines(want)); diff != "" {
		t.Errorf("run this test with UPDATE_DOCS=1 (-page +kinds):\n%s", diff)
	}
}

// catalogueFields stands above the second table.
const catalogueFields = `
## The product catalogue

Names and meanings are those of the official references of [products](https://apidocs.bitrix24.com/api-reference/catalog/product/catalog-product-add.html)
and [sections](https://apidocs.bitrix24.com/api-reference/catalog/section/catalog-section-add.html); ` + "`price`" + ` is b24apply's own. Properties of products go by their codes.

`

// fieldTable has a row for every field that can be declared, and a column for
// every kind of record: ● for yes, ○ for a field that cannot be emptied, 1 for one
// that is set with the record and never after.
func fieldTable(kinds []*kind.Kind) string {
	rows := make(map[string][]string)
	var head strings.Builder
	head.WriteString("| Field | What it is |")
	for i, k := range kinds {
		head.WriteString(" " + k.Name + " |")
		for _, r := range k.Fields {
			if r.Refuse != "" {
				continue
			}
			if rows[r.Name] == nil {
				rows[r.Name] = append([]string{"`" + r.Name + "`", r.Doc}, make([]string, len(kinds))...)
			}
			rows[r.Name][2+i] = fieldSign(r)
		}
	}
	var b strings.Builder
	b.WriteString(head.String() + "\n|---|---|" + strings.Repeat(":-:|", len(kinds)) + "\n")
	for _, name := range slices.Sorted(maps.Keys(rows)) {
		b.WriteString("| " + strings.Join(rows[name], " | ") + " |\n")
	}
	return b.String()
}

func fieldSign(r kind.Rule) string {
	switch {
	case r.Immutable:
		return "1"
	case r.NoClear:
		return "○"
	}
	return "●"
}

// The examples are read without a warning.
func TestTheExamplesAreValidWithoutWarnings(t *testing.T) {
	folders, err := filepath.Glob(filepath.Join(repository, "examples", "*", spec.ProjectFile))
	if err != nil || len(folders) == 0 {
		t.Fatalf("no examples: %v", err)
	}
	for _, path := range folders {
		if _, problems := spec.Load(spec.Options{Dir: filepath.Dir(path), Getenv: func(string) (string, bool) { return "set", true }}); len(problems) > 0 {
			t.Errorf("%s: %v", path, problems)
		}
	}
}
