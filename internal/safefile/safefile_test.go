//go:build unix

package safefile

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

// world makes a folder with good and bad files, beside a secret one.
func world(t *testing.T) string {
	t.Helper()
	parent := t.TempDir()
	dir := filepath.Join(parent, "dir")
	do := func(errs ...error) {
		t.Helper()
		if err := errors.Join(errs...); err != nil {
			t.Fatal(err)
		}
	}
	do(os.MkdirAll(filepath.Join(dir, "deep", ".hidden"), 0o700), os.Mkdir(filepath.Join(dir, ".git"), 0o700))
	for _, name := range []string{"a", "deep/b", "deep/.hidden/c", ".git/config", "../secret"} {
		do(os.WriteFile(filepath.Join(dir, name), []byte("content"), 0o600))
	}
	for name, to := range map[string]string{
		"in": "deep/b", "deep/up": "../a", "out": "../secret", "absolute": filepath.Join(dir, "a"), "hidden": ".git/config", "deep/roundabout": "../../dir/a",
		"folder": "deep/.hidden", "loop": "loop", "one": "two", "two": "one", "nowhere": "none", "device": "/dev/zero",
	} {
		do(os.Symlink(to, filepath.Join(dir, name)))
	}
	do(syscall.Mkfifo(filepath.Join(dir, "fifo"), 0o600), os.Truncate(filepath.Join(dir, "deep", "b"), 6))
	return dir
}

// A name from a repository opens a regular, visible file below the folder, or nothing.
func TestCaseA6BelowOpensNothingElse(t *testing.T) {
	folder, err := Below(world(t))
	if err != nil {
		t.Fatal(err)
	}
	defer folder.Close()
	for name, want := range map[string]error{
		"a": nil, "./a": nil, "deep/b": nil, "deep/../a": nil, "in": nil, "deep/up": nil,
		"": ErrIrregular, ".": ErrIrregular, "deep": ErrIrregular, "fifo": ErrIrregular,
		"..": ErrOutside, "../secret": ErrOutside, "deep/../../secret": ErrOutside, "/etc/hosts": ErrOutside, `deep\b`: ErrOutside, "a\x00": ErrOutside,
		"out": ErrOutside, "absolute": ErrOutside, "device": ErrOutside, "deep/roundabout": ErrOutside,
		".git/config": ErrHidden, "hidden": ErrHidden, "deep/.hidden/c": ErrHidden, "folder/c": ErrHidden,
		"loop": ErrCircle, "one": ErrCircle, "none": fs.ErrNotExist, "nowhere": fs.ErrNotExist, "a/b": syscall.ENOTDIR,
	} {
		if _, err := folder.Read(name, 100); !errors.Is(err, want) {
			t.Errorf("%q: got %v, want %v", name, err, want)
		}
	}
	var large *SizeError
	if _, err := folder.Read("a", 6); !errors.As(err, &large) {
		t.Errorf("a file beyond the bound: %v", err)
	}
}

// Nothing is written through a link in a state folder, nor onto what is no file.
func TestCaseA10WritableRefusesLinksOfTheStateFolder(t *testing.T) {
	dir := world(t)
	path := func(parts ...string) string { return filepath.Join(append([]string{dir}, parts...)...) }
	if err := errors.Join(os.Mkdir(path(StateFolder), 0o700), os.Symlink("../../x", path(StateFolder, "db")), os.Symlink("../../x", path(StateFolder, "good-wal")),
		os.Symlink("../deep", path(StateFolder, "sub")), os.Symlink(StateFolder, path("other"))); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]error{
		path(StateFolder, "good"): nil, path("a"): nil, path("in"): nil, path("none"): nil, path("no", StateFolder, "db"): nil,
		path(StateFolder, "db"): ErrLink, path(StateFolder, "sub", "db"): ErrLink, path("fifo"): ErrIrregular, path("device"): ErrIrregular,
	} {
		if err := Writable(name); !errors.Is(err, want) {
			t.Errorf("%s: got %v, want %v", name, err, want)
		}
	}
	if err := Writable(path(StateFolder, "good"), "-wal"); !errors.Is(err, ErrLink) {
		t.Errorf("a journal that is a link: %v", err)
	}
}
