package main

import (
	"cmp"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode"

	gocmp "github.com/google/go-cmp/cmp"
)

// A caseTest is one test or script that keeps a case mended.
type caseTest struct {
	id    string // such as "A1"
	claim string // in words, from the test's name
	where string // a file below the repository, and the test in it
}

// cases names every case that must be kept, by section.
var cases = map[string][]int{
	"A": between(1, 12),
	"B": without(between(1, 13), 10),
	"C": without(between(1, 19), 4, 10, 11, 12),
}

func between(first, last int) []int {
	var all []int
	for n := first; n <= last; n++ {
		all = append(all, n)
	}
	return all
}

func without(all []int, some ...int) []int {
	return slices.DeleteFunc(all, func(n int) bool { return slices.Contains(some, n) })
}

// test/cases.md says for every case that once went wrong which tests keep it right;
// UPDATE_DOCS=1 writes it anew from their names.
func TestEveryCaseHasATest(t *testing.T) {
	found := findCaseTests(t)
	byID := map[string][]caseTest{}
	for _, c := range found {
		byID[c.id] = append(byID[c.id], c)
	}
	for section, numbers := range cases {
		for _, n := range numbers {
			if id := section + strconv.Itoa(n); len(byID[id]) == 0 {
				t.Errorf("no test is named after case %s", id)
			}
		}
	}
	path := filepath.Join(repository, "test", "cases.md")
	want := casesPage(byID)
	if os.Getenv("UPDATE_DOCS") != "" {
		if err := os.WriteFile(path, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := gocmp.Diff(lines(string(got)), lines(want)); diff != "" {
		t.Errorf("run this test with UPDATE_DOCS=1 (-page +tests):\n%s", diff)
	}
}

const casesHead = `# Cases

What once went wrong, each case with the tests that keep it right. Sections: **A** a repository is not trusted, **B** never a
duplicate, **C** never a silent loss and no false picture, **D** words that help, **E** the portal in a box. A test is named after its case
and claims what holds; a script is run by ` + "`TestScript`" + `. This page is written by ` + "`UPDATE_DOCS=1 go test ./cmd/b24apply -run EveryCase`" + `.

| Case | What holds | Kept by |
|---|---|---|
`

func casesPage(byID map[string][]caseTest) string {
	var b strings.Builder
	b.WriteString(casesHead)
	for _, id := range slices.SortedFunc(maps.Keys(byID), compareCases) {
		for _, c := range byID[id] {
			fmt.Fprintf(&b, "| %s | %s | `%s` |\n", c.id, c.claim, c.where)
		}
	}
	return b.String()
}

// compareCases sorts "A2" before "A10".
func compareCases(a, b string) int {
	number := func(id string) int { n, _ := strconv.Atoi(id[1:]); return n }
	return cmp.Or(strings.Compare(a[:1], b[:1]), cmp.Compare(number(a), number(b)))
}

var (
	caseFunc   = regexp.MustCompile(`(?m)^func Test(?:Case([ABC]\d+|[DE])|(Words))(\w+)\(`)
	caseScript = regexp.MustCompile(`^(?:case_([a-e]\d*)|(words))_(\w+)\.txtar$`)
)

// findCaseTests lists the tests and scripts that are named after cases, in order of
// their paths.
func findCaseTests(t *testing.T) []caseTest {
	t.Helper()
	var found []caseTest
	err := filepath.WalkDir(repository, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if name := entry.Name(); entry.IsDir() {
			if name == ".git" || name == "node_modules" {
				return fs.SkipDir
			}
			return nil
		}
		rel, err := filepath.Rel(repository, path)
		if err != nil {
			return err
		}
		rel = filepath.ToSlash(rel)
		if m := caseScript.FindStringSubmatch(entry.Name()); m != nil {
			id := cmp.Or(strings.ToUpper(m[1]), "D")
			found = append(found, caseTest{id: id, claim: strings.ReplaceAll(m[3], "_", " "), where: rel})
		}
		if !strings.HasSuffix(rel, "_test.go") {
			return nil
		}
		text, err := os.ReadFile(path)
		for _, m := range caseFunc.FindAllStringSubmatch(string(text), -1) {
			name := strings.TrimSuffix(strings.TrimPrefix(m[0], "func "), "(")
			found = append(found, caseTest{id: cmp.Or(m[1], "D"), claim: sentence(m[3]), where: rel + " " + name})
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// sentence gives the words of a name such as "ProjectCannotRunPrograms". What is written
// in capitals, such as "JSON", stays so; "A" is an article.
func sentence(name string) string {
	var words []string
	runes := []rune(name)
	for start, i := 0, 1; i <= len(runes); i++ {
		if i < len(runes) && !startsWord(runes, i) {
			continue
		}
		w := string(runes[start:i])
		if i-start == 1 || strings.ToUpper(w) != w {
			w = strings.ToLower(w)
		}
		words, start = append(words, w), i
	}
	return strings.Join(words, " ")
}

// startsWord tells whether a capital letter is the first of a word: behind a small
// letter or a digit, or before a small one.
func startsWord(runes []rune, i int) bool {
	return unicode.IsUpper(runes[i]) && (!unicode.IsUpper(runes[i-1]) || i+1 < len(runes) && unicode.IsLower(runes[i+1]))
}
