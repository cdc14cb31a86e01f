package spec

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"
)

// Every text of YAML of this repository keeps its meaning when it is laid out, or is left alone; those that
// people are shown as examples are laid out already.
func TestLayingOutChangesNoMeaning(t *testing.T) {
	laid, left := 0, 0
	root := filepath.Join("..", "..")
	try := func(name string, text []byte) {
		before, err := meaningOf(text)
		if err != nil {
			return // nobody lays that out
		}
		out, err := Lay(text)
		if err != nil {
			left++
			t.Logf("left alone: %s", name)
			return
		}
		laid++
		if after, err := meaningOf(out); err != nil || after != before {
			t.Errorf("%s means something else once it is laid out", name)
		}
		if again, err := Lay(out); err != nil || string(again) != string(out) {
			t.Errorf("%s is another one when it is laid out twice", name)
		}
		if strings.HasPrefix(name, "examples/") && string(out) != string(text) {
			t.Errorf("%s is not laid out: run b24apply fmt", name)
		}
	}
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.Contains(path, "node_modules") {
			return err
		}
		rel, _ := filepath.Rel(root, path)
		rel = filepath.ToSlash(rel)
		switch filepath.Ext(path) {
		case ".yaml", ".yml":
			text, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			try(rel, text)
		case ".txtar":
			script, err := txtar.ParseFile(path)
			if err != nil {
				return err
			}
			for _, f := range script.Files {
				if ext := filepath.Ext(f.Name); ext == ".yaml" || ext == ".yml" {
					try(rel+":"+f.Name, f.Data)
				}
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if laid < 300 || left > laid/20 {
		t.Errorf("%d files were laid out, and %d were left alone", laid, left)
	}
}

func FuzzLay(f *testing.F) {
	for _, seed := range []string{"a:\n    b: |\n       x\n    c: [1,\n  2]\n", "- - a\n  - b: 'x\n    y'\n", "# c\na: \"b\\\n   c\"\n", "a: &x !t |+\n  y\n\nb: *x\n"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		out, err := Lay(text)
		if err != nil {
			return
		}
		if again, err := Lay(out); err != nil || string(again) != string(out) {
			t.Errorf("%q is laid out as %q, and that as %q (%v)", text, out, again, err)
		}
	})
}
