package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// Bounds of what a reader has to hold in mind at once, in lines. A package is not counted with
// its tests, nor with those below it.
const (
	longestFunction = 60
	medianFunction  = 10
	longestFile     = 500
	largestPackage  = 5_100 // "about 5,000"
)

// roomy are packages that are larger, each with its bound; they may shrink and not grow.
var roomy = map[string]int{
	"cmd/b24apply": 12_100,
	"pkg/apply":    7_100,
	"pkg/bitrix":   8_700,
	"pkg/portal":   23_000,
	"pkg/spec":     10_700,
	"pkg/value":    7_000,
}

// A function is short, so is a file, and a package is a room that one can look over.
func TestSizesStayReadable(t *testing.T) {
	var functions []int
	packages := make(map[string]int)
	for _, top := range []string{"cmd", "internal", "pkg", "schemas"} {
		err := filepath.WalkDir(filepath.Join(repository, top), func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") || strings.Contains(filepath.ToSlash(path), "/testdata/") {
				return err
			}
			name, err := filepath.Rel(repository, path)
			if err != nil {
				return err
			}
			name = filepath.ToSlash(name)
			set := token.NewFileSet()
			file, err := parser.ParseFile(set, path, nil, 0)
			if err != nil {
				return err
			}
			lines := set.File(file.Pos()).LineCount()
			isTable := strings.Contains(name, "/words/messages_") || strings.Contains(name, "/words/russian_") // which has no end
			if !isTable {
				packages[filepath.ToSlash(filepath.Dir(name))] += lines
			}
			if lines > longestFile && !isTable {
				t.Errorf("%s has %d lines, and %d are the most", name, lines, longestFile)
			}
			for _, decl := range file.Decls {
				if f, ok := decl.(*ast.FuncDecl); ok {
					n := set.Position(f.End()).Line - set.Position(f.Pos()).Line + 1
					if functions = append(functions, n); n > longestFunction {
						t.Errorf("%s: %s has %d lines, and %d are the most", name, f.Name.Name, n, longestFunction)
					}
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	slices.Sort(functions)
	if median := functions[len(functions)/2]; len(functions) < 3_000 || median > medianFunction {
		t.Errorf("%d functions have a median of %d lines", len(functions), median)
	}
	for name, lines := range packages {
		if most := max(largestPackage, roomy[name]); lines > most {
			t.Errorf("%s has %d lines, and %d are the most: is a part of it a room of its own?", name, lines, most)
		}
		t.Logf("%6d %s", lines, name)
	}
}
