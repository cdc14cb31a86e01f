package spec

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	diffs "github.com/google/go-cmp/cmp"

	"github.com/b24apply/b24apply/internal/ui/words"
)

// render shows problems as people see them.
func render(ps Problems) string {
	var b strings.Builder
	ps = slices.Clone(ps)
	slices.SortStableFunc(ps, func(a, b Problem) int {
		return cmp.Or(a.Pos.Compare(b.Pos), cmp.Compare(words.Text(a.Message), words.Text(b.Message)))
	})
	for _, p := range ps {
		fmt.Fprintf(&b, "%s: %s [%s]\n", filepath.ToSlash(p.Pos.String()), words.Text(p.Message), p.Rule)
		if p.Excerpt != "" {
			number := fmt.Sprintf("%3d", p.Line)
			pad := []rune(strings.Map(func(r rune) rune {
				if r == '\t' {
					return r
				}
				return ' '
			}, p.Excerpt))
			pad = pad[:min(len(pad), p.Col-1)]
			fmt.Fprintf(&b, "%s | %s\n%s | %s^%s\n", number, p.Excerpt, strings.Repeat(" ", len(number)), string(pad), strings.Repeat("~", max(0, p.Width-1)))
		}
		if hint := words.Hint(p.Rule, p.Hint); hint != "" {
			fmt.Fprintf(&b, "\thint: %s\n", hint)
		}
	}
	return b.String()
}

func testEnv(name string) (string, bool) {
	v, ok := map[string]string{
		"B24_VAR_LEAD":    "olga@acme.example",
		"B24_VAR_EMPTY":   "",
		"B24_VAR_CANARY":  "canary-7f3a",
		"B24_VAR_WEBHOOK": "https://acme.bitrix24.com/rest/1/canary7f3a/",
	}[name]
	return v, ok
}

// Every problem of testdata/problems/*.yaml reads as its .out file says.
func TestProblemsReadAsInTheGoldenFiles(t *testing.T) {
	files, err := filepath.Glob("testdata/problems/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatalf("no golden files: %v", err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			var vars []string
			if text, err := os.ReadFile(file); err == nil && strings.Contains(string(text), "${var.amount}") {
				vars = []string{"amount=12", "nothing=null"}
			}
			set, problems := Load(Options{Files: []string{file}, Getenv: testEnv, Vars: vars})
			if (set == nil) != problems.HasErrors() {
				t.Errorf("set is nil: %t, has errors: %t", set == nil, problems.HasErrors())
			}
			checkInside(t, file, problems)
			got := render(problems)
			if strings.Contains(got, "canary") {
				t.Errorf("a secret is shown:\n%s", got)
			}
			golden := strings.TrimSuffix(file, ".yaml") + ".out"
			if *update {
				if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if diff := diffs.Diff(string(want), got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

// checkInside checks that every problem lies inside its file.
func checkInside(t *testing.T, file string, problems Problems) {
	t.Helper()
	src, refused := readSource(file, nil)
	if refused != nil {
		return
	}
	for _, p := range problems {
		if p.File != file || p.Line == 0 {
			continue
		}
		if p.Line > len(src.lines()) || p.Col < 1 || p.Col > len([]rune(src.line(p.Line)))+1 {
			t.Errorf("the problem %s lies outside of its file", p)
		}
	}
}
