package spec

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The nearest project file above counts, through links too, and the search ends where
// the folder of somebody else's work begins.
func TestCaseB2ProjectIsFoundUpwards(t *testing.T) {
	const file = "apiVersion: b24apply/v1\nkind: Project\nmetadata: {name: acme}\n"
	dir := tree(t, map[string]string{
		"b24apply.yaml":          file,
		"manifests/deep/er/a":    "",
		"repo/.git/HEAD":         "",
		"repo/sub/a":             "",
		"worktree/.git":          "gitdir: elsewhere",
		"worktree/sub/a":         "",
		"nested/b24apply.yaml":   strings.Replace(file, "acme", "nested", 1),
		"nested/manifests/a":     "",
		"home/me/code/a":         "",
		"own/.git/HEAD":          "",
		"own/b24apply.yaml":      file,
		"folder/b24apply.yaml/x": "", // a folder of that name is no project file
	})
	t.Setenv("HOME", filepath.Join(dir, "home", "me"))
	if err := os.Symlink(filepath.Join(dir, "nested", "manifests"), filepath.Join(dir, "repo", "linked")); err != nil {
		t.Fatal(err)
	}
	for from, want := range map[string]string{
		".":                 "b24apply.yaml",
		"manifests/deep/er": "b24apply.yaml",
		"nested/manifests":  "nested/b24apply.yaml",
		"repo/linked":       "nested/b24apply.yaml", // where the folder really is
		"folder":            "b24apply.yaml",
		"own":               "own/b24apply.yaml",
		"repo":              "",
		"repo/sub":          "",
		"worktree/sub":      "",
		"home/me/code":      "",
		"home":              "b24apply.yaml",
		"not/there":         "",
	} {
		got, err := Locate(Options{Dir: filepath.Join(dir, filepath.FromSlash(from))})
		if want != "" {
			want = filepath.Join(dir, filepath.FromSlash(want))
		}
		if err != nil || got != want {
			t.Errorf("from %s: %q, %v; want %q", from, got, err, want)
		}
		named, err := Locate(Options{Dir: t.TempDir(), Files: []string{filepath.Join(dir, filepath.FromSlash(from), "*.yaml")}})
		if err != nil || named != want {
			t.Errorf("by -f from %s: %q, %v; want %q", from, named, err, want)
		}
	}
	var two *TwoProjectsError
	if _, err := Locate(Options{Dir: filepath.Join(dir, "manifests"), Files: []string{"../nested/manifests"}}); !errors.As(err, &two) {
		t.Errorf("two projects: %v", err)
	}
}

// Above the starting folder, a project file that another user could have written does
// not count, and that is told.
func TestCaseB2NoProjectOfAnotherUser(t *testing.T) {
	if os.Geteuid() != 0 {
		// Only root can give a folder away. Others can see whose the root of all folders is.
		if isOwn("/") || !isOwn(t.TempDir()) {
			t.Error("another user's folder counts as one's own, or one's own as another's")
		}
		return
	}
	const file = "apiVersion: b24apply/v1\nkind: Project\nmetadata: {name: acme}\nspec: {manifests: [a.yaml]}\n"
	for name, given := range map[string]string{"folder": "", "file in a shared folder": ProjectFile} {
		dir := tree(t, map[string]string{"b24apply.yaml": file, "a.yaml": company("a", "A"), "sub/b.yaml": company("b", "B")})
		if err := os.Chown(filepath.Join(dir, given), 12345, 12345); err != nil {
			t.Fatal(err)
		}
		set, problems := Load(Options{Dir: filepath.Join(dir, "sub"), Files: []string{"b.yaml"}})
		if set == nil || set.Project.Name != DefaultOwner || !strings.Contains(render(problems), "this project file is not used") {
			t.Errorf("%s: %v", name, problems)
		}
		if set, problems := Load(Options{Dir: dir}); set == nil || set.Project.Name != "acme" {
			t.Errorf("%s: the starting folder may belong to anybody: %v", name, problems)
		}
	}
}
