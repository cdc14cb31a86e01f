package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/b24apply/b24apply/internal/ui/words"
	"github.com/b24apply/b24apply/pkg/value"
)

// codeArguments says at which argument of a function a code stands, codeNames in which
// fields and variables codes are kept.
var (
	codeArguments = map[string]int{"problem": 2, "warning": 2, "refuseID": 1, "add": 2, "warn": 2, "newProblem": 1, "complain": 0, "resolve": 0, "Refuse": 0, "RefuseFor": 0, "refusal": 0, "Bad": 0, "Hint": 0, "HintIn": 1, "Unmet": 0, "bad": 0, "Refusing": 0, "Do": 0, "DoIn": 1}
	codeNames     = []string{"Rule", "Code", "rule", "code", "Refuses"}
	codeTypes     = map[string]int{"Refused": 0, "namedCodec": 1} // which of their values is a code
	codeForm      = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_-]*\??$`)
	portalsCodes  = []string{"ACCESS_DENIED", "CRM_FIELD_ERROR_REQUIRED"}
)

// Every code that the source gives to a problem, a refusal or an outcome is a row of
// the table in pkg/value, and every row is given by the source.
func TestEveryCodeOfTheSourceStandsInTheTable(t *testing.T) {
	given := make(map[string]string)
	for _, top := range []string{"pkg/value", "pkg/spec", "pkg/plan", "pkg/diff", "pkg/apply", "internal/ui/review/marks.go", "cmd/b24apply"} {
		read := 0
		err := filepath.WalkDir(filepath.Join(repository, filepath.FromSlash(top)), func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") || strings.Contains(filepath.ToSlash(path), "/testdata/") {
				return err
			}
			set := token.NewFileSet()
			file, err := parser.ParseFile(set, path, nil, 0)
			if err != nil {
				return err
			}
			read++
			findCodes(file, func(code string, at token.Pos) { given[code] = set.Position(at).String() })
			return nil
		})
		if err != nil || read == 0 {
			t.Fatalf("%d files in %s: %v", read, top, err)
		}
	}
	known := make(map[string]bool)
	for _, c := range value.Codes(value.Problem | value.Refused | value.Outcome | value.Call | value.Noted | value.Saved) {
		known[c.Name] = true
		if given[c.Name] == "" {
			t.Errorf("pkg/value has a row for %s, which nothing gives", c.Name)
		}
	}
	for code, at := range given {
		if !known[code] {
			t.Errorf("%s: the code %s has no row in pkg/value", at, code)
		}
	}
}

func findCodes(file *ast.File, found func(code string, at token.Pos)) {
	literal := func(e ast.Expr) {
		lit, ok := e.(*ast.BasicLit)
		if !ok || lit.Kind != token.STRING {
			return
		}
		if code, err := strconv.Unquote(lit.Value); err == nil && codeForm.MatchString(code) && !slices.Contains(portalsCodes, code) {
			found(code, lit.Pos())
		}
	}
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.CallExpr:
			if at, ok := codeArguments[lastName(n.Fun)]; ok && at < len(n.Args) && len(n.Args) > 1 {
				literal(n.Args[at])
				if isText := func(e ast.Expr) bool { _, is := e.(*ast.BasicLit); return is }; lastName(n.Fun) == "bad" && len(n.Args) > 3 && isText(n.Args[1]) && isText(n.Args[3]) {
					literal(n.Args[1]) // behind the place, and before a message and a hint
				}
			}
		case *ast.CompositeLit:
			if at, ok := codeTypes[lastName(n.Type)]; ok && at < len(n.Elts) {
				literal(n.Elts[at])
			}
		case *ast.FuncDecl:
			if strings.HasPrefix(n.Name.Name, "rule") && n.Type.Results != nil { // it chooses one
				ast.Inspect(n, func(n ast.Node) bool {
					if out, is := n.(*ast.ReturnStmt); is && len(out.Results) == 1 {
						literal(out.Results[0])
					}
					return true
				})
			}
		case *ast.KeyValueExpr:
			if slices.Contains(codeNames, lastName(n.Key)) {
				literal(n.Value)
			}
		case *ast.AssignStmt:
			for i, to := range n.Lhs {
				if slices.Contains(codeNames, lastName(to)) && len(n.Lhs) == len(n.Rhs) {
					literal(n.Rhs[i])
				}
			}
		case *ast.ValueSpec:
			for i, name := range n.Names {
				if strings.HasPrefix(strings.ToLower(name.Name), "code") && i < len(n.Values) {
					literal(n.Values[i])
				}
			}
		}
		return true
	})
}

// lastName is the name of an identifier, or of what is selected.
func lastName(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.Ident:
		return e.Name
	case *ast.SelectorExpr:
		return e.Sel.Name
	}
	return ""
}

// codeTables are the tables of docs/errors.md, by their first lines.
var codeTables = []struct {
	head string
	in   value.Place
}{
	{"| Rule | What is wrong | What to do |", value.Problem},
	{"| Code of a refusal | Why | What to do |", value.Refused},
	{"| Code of an outcome | Why | What to do |", value.Outcome},
	{"| Code of a call | Why | What to do |", value.Call},
	{"| Code of a note | Why | What to do |", value.Noted},
	{"| Code of a saved plan | Why | What to do |", value.Saved},
}

// docs/errors.md lists the codes of the table in pkg/value; UPDATE_DOCS=1 writes its
// tables anew.
func TestTheErrorsPageListsEveryCode(t *testing.T) {
	path := filepath.Join(repository, "docs", "errors.md")
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	want := string(content)
	for _, table := range codeTables {
		before, after, found := strings.Cut(want, table.head+"\n")
		if !found {
			t.Fatalf("docs/errors.md has no table %s", table.head)
		}
		_, after, _ = strings.Cut(after, "\n\n")
		want = before + codeTable(table.head, table.in) + "\n" + after
	}
	if os.Getenv("UPDATE_DOCS") != "" {
		if err := os.WriteFile(path, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(lines(string(content)), lines(want)); diff != "" {
		t.Errorf("run this test with UPDATE_DOCS=1 (-page +table):\n%s", diff)
	}
}

func codeTable(head string, in value.Place) string {
	var b strings.Builder
	b.WriteString(head + "\n|---|---|---|\n")
	for _, c := range value.Codes(in) {
		do := c.Do
		if do == "" {
			do = words.Hint(c.Name, value.Message{})
		}
		why := c.Why
		if c.Retryable {
			why += "; `retryable`"
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s |\n", c.Name, why, do)
	}
	return b.String()
}
