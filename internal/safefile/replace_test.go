//go:build unix

package safefile

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
)

// A file is replaced when the new one is whole, and by one that only its owner may read.
func TestReplaceIsAllOrNothing(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "plan.ndjson")
	if err := os.WriteFile(path, []byte("old"), 0o644); err != nil {
		t.Fatal(err)
	}
	wrong := errors.New("half of it")
	err := Replace(path, func(w io.Writer) error { _, _ = io.WriteString(w, "new"); return wrong })
	if content, _ := os.ReadFile(path); !errors.Is(err, wrong) || string(content) != "old" {
		t.Errorf("%q, %v", content, err)
	}
	if err := Replace(path, func(w io.Writer) error { _, err := io.WriteString(w, "new"); return err }); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(path)
	content, _ := os.ReadFile(path)
	if err != nil || info.Mode() != 0o600 || string(content) != "new" {
		t.Errorf("%v %v, %q", info.Mode(), err, content)
	}
	if err := Replaceable(path); err != nil {
		t.Error(err)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) != 1 {
		t.Errorf("%v, %v", left, err)
	}
	if err := Replaceable(dir); !errors.Is(err, ErrIrregular) {
		t.Errorf("a folder: %v", err)
	}
	if err := Replaceable(filepath.Join(dir, "no", "plan")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a folder that is missing: %v", err)
	}
}
