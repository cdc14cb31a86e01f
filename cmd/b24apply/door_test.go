package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"strings"
	"testing"
)

// mayTouchWriters says which function may name a writer that leads out of the process.
var mayTouchWriters = map[string]string{"os.Stdout": "mainCode", "os.Stderr": "mainCode", "log.SetOutput": "mainCode", "e.stdout": "newApp", "e.stderr": "newApp"}

// Whatever is printed passes the door: no other code can name the writers behind it, or
// uses a function that knows them by itself.
func TestCaseA8NoPrintingPlaceBypassesTheDoor(t *testing.T) {
	for _, dir := range []string{"cmd", "internal", "pkg"} {
		err := filepath.WalkDir(filepath.Join("..", "..", dir), func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
				return err
			}
			files := token.NewFileSet()
			file, err := parser.ParseFile(files, path, nil, 0)
			if err != nil {
				return err
			}
			for _, decl := range file.Decls {
				ast.Inspect(decl, func(n ast.Node) bool {
					if use := rawWriter(n); use != "" && !(path == filepath.Join("..", "..", "cmd", "b24apply", filepath.Base(path)) && mayTouchWriters[use] == funcName(decl)) {
						t.Errorf("%s: %s bypasses the door", files.Position(n.Pos()), use)
					}
					return true
				})
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

func funcName(decl ast.Decl) string {
	if f, ok := decl.(*ast.FuncDecl); ok {
		return f.Name.Name
	}
	return "no function"
}

// standardLog are the functions of log and log/slog that write to a logger of their own.
var standardLog = map[string]bool{
	"Print": true, "Printf": true, "Println": true, "Fatal": true, "Fatalf": true, "Fatalln": true, "Panic": true, "Panicf": true, "Panicln": true,
	"Default": true, "Writer": true, "SetOutput": true, "Output": true, "Info": true, "Warn": true, "Error": true, "Debug": true, "Log": true, "LogAttrs": true,
}

// rawWriter tells how code reaches a writer without the door; "" if it does not.
func rawWriter(n ast.Node) string {
	if call, ok := n.(*ast.CallExpr); ok {
		if f, ok := call.Fun.(*ast.Ident); ok && (f.Name == "print" || f.Name == "println") {
			return f.Name
		}
	}
	s, ok := n.(*ast.SelectorExpr)
	if !ok {
		return ""
	}
	if inner, ok := s.X.(*ast.SelectorExpr); ok && inner.Sel.Name == "env" && (s.Sel.Name == "stdout" || s.Sel.Name == "stderr") {
		return "env." + s.Sel.Name
	}
	from, ok := s.X.(*ast.Ident)
	if !ok {
		return ""
	}
	switch use := from.Name + "." + s.Sel.Name; {
	case use == "os.Stdout", use == "os.Stderr", use == "e.stdout", use == "e.stderr", use == "env.stdout", use == "env.stderr":
		return use
	case from.Name == "fmt" && strings.HasPrefix(s.Sel.Name, "Print"), from.Name == "log" && standardLog[s.Sel.Name]:
		return use
	case from.Name == "slog" && standardLog[s.Sel.Name], use == "syscall.Write":
		return use
	}
	return ""
}
