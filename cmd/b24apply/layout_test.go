package main

import (
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "github.com/b24apply/b24apply/"

// layout is the architecture: which package may import which of ours. A package
// that is not in the table may not exist.
var layout = map[string][]string{
	"cmd/b24apply":         {"internal/ui", "internal/ui/rows", "internal/safefile", "internal/runlock", "internal/crash", "internal/zfile", "internal/sealed", "pkg/apply", "pkg/apply/flow", "pkg/apply/journal", "pkg/apply/memory", "pkg/apply/rehearse", "pkg/apply/resume", "pkg/apply/undo", "pkg/diff", "pkg/diff/guard", "pkg/plan", "pkg/live", "pkg/spec", "pkg/kind", "pkg/value", "pkg/bitrix", "pkg/portal"},
	"internal/ui":          {"internal/ui/inert", "internal/ui/review", "internal/ui/html", "internal/ui/markdown", "internal/ui/words", "pkg/apply", "pkg/apply/rehearse", "pkg/plan", "pkg/spec", "pkg/value"},
	"internal/ui/words":    {"pkg/value"},
	"internal/ui/rows":     {"internal/ui", "internal/safefile", "pkg/apply", "pkg/spec", "pkg/spec/table", "pkg/value"},
	"pkg/apply/flow":       {"pkg/value"},
	"pkg/apply/journal":    {"pkg/plan", "pkg/value"},
	"pkg/apply/rehearse":   {"pkg/wire", "pkg/live", "pkg/plan", "pkg/kind", "pkg/value", "pkg/bitrix"},
	"pkg/apply/lanes":      nil,
	"pkg/apply/resume":     {"pkg/apply/journal", "pkg/value"},
	"pkg/apply/memory":     {"internal/safefile", "pkg/plan", "pkg/kind"},
	"pkg/apply":            {"pkg/apply/flow", "pkg/apply/journal", "pkg/apply/lanes", "pkg/apply/memory", "pkg/apply/resume", "pkg/apply/undo", "internal/safefile", "internal/crash", "pkg/wire", "pkg/live", "pkg/plan", "pkg/kind", "pkg/value", "pkg/bitrix"},
	"pkg/apply/undo":       {"pkg/apply/journal", "pkg/wire", "pkg/plan", "pkg/kind", "pkg/value"},
	"pkg/wire":             {"pkg/plan", "pkg/kind", "pkg/value", "pkg/bitrix"},
	"pkg/diff/double":      {"pkg/plan", "pkg/kind", "pkg/value"},
	"pkg/diff/draft":       {"pkg/spec", "pkg/plan", "pkg/kind", "pkg/value"},
	"pkg/diff/guard":       {"pkg/spec", "pkg/plan", "pkg/kind", "pkg/value"},
	"pkg/diff/denial":      {"pkg/spec", "pkg/plan", "pkg/kind", "pkg/value"},
	"pkg/diff/meta":        {"pkg/diff/denial", "pkg/plan", "pkg/kind", "pkg/value"},
	"pkg/diff/declared":    {"pkg/diff/meta", "pkg/diff/denial", "pkg/spec", "pkg/plan", "pkg/kind", "pkg/value"},
	"pkg/diff/ask":         {"pkg/kind", "pkg/value"},
	"pkg/diff/alike":       {"pkg/diff/ask", "pkg/diff/declared", "pkg/diff/draft", "pkg/diff/meta", "pkg/spec", "pkg/plan", "pkg/kind", "pkg/value"},
	"pkg/diff/compare":     {"pkg/diff/declared", "pkg/diff/denial", "pkg/diff/draft", "pkg/diff/meta", "pkg/spec", "pkg/plan", "pkg/kind", "pkg/value"},
	"pkg/diff/remove":      {"pkg/diff/ask", "pkg/diff/declared", "pkg/diff/denial", "pkg/diff/draft", "pkg/diff/guard", "pkg/diff/meta", "pkg/spec", "pkg/plan", "pkg/kind", "pkg/value"},
	"pkg/diff":             {"pkg/diff/alike", "pkg/diff/ask", "pkg/diff/compare", "pkg/diff/remove", "pkg/diff/declared", "pkg/diff/denial", "pkg/diff/double", "pkg/diff/draft", "pkg/diff/guard", "pkg/diff/meta", "pkg/spec", "pkg/plan", "pkg/kind", "pkg/value"},
	"pkg/spec":             {"pkg/spec/layout", "pkg/spec/table", "pkg/spec/form", "internal/safefile", "internal/crash", "schemas", "pkg/kind", "pkg/value"},
	"pkg/spec/form":        {"pkg/spec/table", "schemas", "pkg/kind"},
	"pkg/spec/table":       {"internal/zfile", "pkg/kind", "pkg/value"},
	"pkg/spec/layout":      nil,
	"pkg/live":             {"pkg/kind", "pkg/value", "pkg/bitrix", "internal/crash"},
	"pkg/plan":             {"pkg/kind", "pkg/value"},
	"pkg/kind":             {"pkg/value"},
	"pkg/value":            {"pkg/value/phone"},
	"pkg/value/phone":      nil,
	"pkg/bitrix":           {"internal/filelock", "internal/crash"},
	"internal/safefile":    nil,
	"internal/runlock":     {"internal/filelock"},
	"internal/filelock":    nil,
	"internal/crash":       nil,
	"internal/zfile":       nil,
	"internal/sealed":      nil,
	"pkg/portal":           nil,
	"schemas":              nil,
	"internal/ui/inert":    nil,
	"internal/ui/review":   {"internal/ui/words", "pkg/apply", "pkg/plan", "pkg/value"},
	"internal/ui/html":     {"internal/ui/review", "internal/ui/inert", "pkg/apply", "pkg/plan", "pkg/value"},
	"internal/ui/markdown": {"internal/ui/review", "internal/ui/inert", "pkg/apply", "pkg/plan", "pkg/value"},
	"internal/ui/madeup":   {"pkg/plan", "pkg/kind", "pkg/value"}, // for tests
}

// anywhere is what every package may import: tools of the language rather than doors to
// something outside.
var anywhere = []string{"golang.org/x/sync/errgroup", "github.com/go-json-experiment/json/jsontext"}

// Packages import only what the architecture allows, and each third-party module
// is imported from one package.
func TestPackagesImportOnlyWhatTheLayoutAllows(t *testing.T) {
	root := filepath.Join("..", "..")
	users := make(map[string]string) // third-party import → package
	seen := make(map[string]bool)
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (d.Name() == "testdata" || d.Name() == "node_modules" || strings.HasPrefix(d.Name(), ".") && len(d.Name()) > 2) {
			return filepath.SkipDir
		}
		if !strings.HasSuffix(path, ".go") {
			return nil
		}
		rel, err := filepath.Rel(root, filepath.Dir(path))
		if err != nil {
			return err
		}
		pkg := filepath.ToSlash(rel)
		seen[pkg] = true
		allowed, known := layout[pkg]
		if !known {
			t.Errorf("%s: package %s is not in the layout", path, pkg)
		}
		if strings.HasSuffix(path, "_test.go") {
			return nil // tests may look across
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		for _, imp := range file.Imports {
			name, err := strconv.Unquote(imp.Path.Value)
			if err != nil {
				return err
			}
			if own, ok := strings.CutPrefix(name, module); ok {
				if !slices.Contains(allowed, own) {
					t.Errorf("%s: %s may not import %s", path, pkg, own)
				}
				continue
			}
			if first, _, _ := strings.Cut(name, "/"); !strings.Contains(first, ".") || slices.Contains(anywhere, name) {
				continue // the standard library, and what is like it
			}
			if other, ok := users[name]; ok && other != pkg {
				t.Errorf("%s is imported from %s and from %s; one package should wrap it", name, other, pkg)
			}
			users[name] = pkg
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for pkg := range layout {
		if !seen[pkg] {
			t.Errorf("the layout names %s, which does not exist", pkg)
		}
	}
}
