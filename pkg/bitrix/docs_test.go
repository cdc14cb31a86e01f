package bitrix_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"regexp"
	"strings"
	"testing"
)

var goBlock = regexp.MustCompile("(?ms)^```go\n(.*?)^```$")

// The code of docs/library.md is that of the examples, which run.
func TestLibraryPageShowsTheExamples(t *testing.T) {
	page, err := os.ReadFile("../../docs/library.md")
	if err != nil {
		t.Fatal(err)
	}
	examples := exampleBodies(t)
	shown := make(map[string]bool)
	for _, m := range goBlock.FindAllStringSubmatch(string(page), -1) {
		body := strings.TrimSpace(m[1])
		name, ok := examples[body]
		if !ok {
			t.Errorf("no example has this code:\n%s", body)
		}
		shown[name] = true
	}
	for _, name := range examples {
		if !shown[name] {
			t.Errorf("%s is not on the page", name)
		}
	}
}

// exampleBodies maps the code of the examples, without the output, to their names.
func exampleBodies(t *testing.T) map[string]string {
	t.Helper()
	source, err := os.ReadFile("example_test.go")
	if err != nil {
		t.Fatal(err)
	}
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, "example_test.go", source, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	bodies := make(map[string]string)
	for _, d := range file.Decls {
		f, ok := d.(*ast.FuncDecl)
		if !ok || !strings.HasPrefix(f.Name.Name, "Example") {
			continue
		}
		body := string(source[fset.Position(f.Body.Lbrace).Offset+1 : fset.Position(f.Body.Rbrace).Offset])
		body, _, _ = strings.Cut(body, "\t// Output:")
		body = strings.TrimPrefix(body, "\n")
		bodies[strings.TrimSpace(strings.ReplaceAll(strings.TrimPrefix(body, "\t"), "\n\t", "\n"))] = f.Name.Name
	}
	return bodies
}
