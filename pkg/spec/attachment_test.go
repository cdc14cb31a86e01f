package spec

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/b24apply/b24apply/internal/ui/words"
)

// loadLogo loads a company whose logo is the file of a path, from a folder that
// holds more than the manifest's own.
func loadLogo(t *testing.T, path string) (*Set, Problems, string) {
	t.Helper()
	dir := t.TempDir()
	files := map[string]string{
		"outside.png":           "outside",
		"m/logos/acme.png":      "PNG",
		"m/empty.png":           "",
		"m/huge.png":            strings.Repeat("x", MaxAttachment+1),
		"m/bell\a.png":          "x",
		"m/acme.yaml":           "apiVersion: b24apply/v1\nkind: Company\nmetadata: {name: acme}\nspec:\n  fields:\n    title: Acme\n    logo: {file: \"" + path + "\"}\n",
		"m/folder/is/not/a.png": "x",
	}
	for name, text := range files {
		if err := os.MkdirAll(filepath.Join(dir, filepath.Dir(name)), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for link, to := range map[string]string{"m/out.png": "../outside.png", "m/in.png": "logos/acme.png"} {
		if err := os.Symlink(to, filepath.Join(dir, link)); err != nil {
			t.Skip("no symbolic links here:", err)
		}
	}
	set, problems := Load(Options{Dir: dir, Files: []string{"m/acme.yaml"}})
	return set, problems, dir
}

func TestAnAttachmentIsReadFromTheManifestsFolder(t *testing.T) {
	for _, path := range []string{"logos/acme.png", "./logos/acme.png", "in.png"} {
		set, problems, dir := loadLogo(t, path)
		if len(problems) > 0 {
			t.Fatalf("%s: %v", path, problems)
		}
		f, _ := set.Resources[0].Field("logo")
		a := set.Attachment(f.Value)
		if a == nil {
			t.Fatalf("%s: the set does not know the file", path)
		}
		if a.Size != 3 || a.Name != filepath.Base(path) || a.SHA256 != "796120837694d3f3f29259cfeb25091698c2a0aa87873658d840b4993ee889b3" {
			t.Errorf("%s: %+v", path, a)
		}
		v := a.Value()
		if v.Get("folder").Text != "m" || v.Get("sha256").Text != a.SHA256 || v.Get("size").Text != "3" || v.Get("path").Text != path || v.Get("name").Text != a.Name {
			t.Errorf("%s is described as %+v", path, v)
		}
		if content, err := os.ReadFile(filepath.Join(dir, v.Get("folder").Text, v.Get("file").Text)); err != nil || string(content) != "PNG" {
			t.Errorf("%s: %q, %v", path, content, err)
		}
	}
}

func TestAnAttachmentThatCannotBeUsedIsAProblem(t *testing.T) {
	cases := []struct{ path, want string }{
		{"../outside.png", `logo: "../outside.png" leads out of the manifest's folder`},
		{"logos/../../outside.png", `logo: "logos/../../outside.png" leads out of the manifest's folder`},
		{"out.png", `logo: "out.png" leads out of the manifest's folder`},
		{"/etc/hosts", `logo: "/etc/hosts" leads out of the manifest's folder`},
		{`logos\\acme.png`, `logo: "logos\\acme.png" leads out of the manifest's folder`},
		{"none.png", `logo: "none.png" does not exist`},
		{"folder", `logo: "folder" cannot be used: the file is no regular file`},
		{"empty.png", `logo: "empty.png" cannot be used: the file is empty, which Bitrix24 does not store`},
		{"huge.png", `logo: "huge.png" cannot be used: the file is larger than 20 MiB`},
		{`bell\a.png`, `logo: "bell\a.png" holds a control character`},
	}
	for _, c := range cases {
		_, problems, _ := loadLogo(t, c.path)
		var got []string
		for _, p := range problems {
			if p.Severity == SeverityError {
				got = append(got, words.Text(p.Message))
			}
			if p.Line != 7 {
				t.Errorf("%s: the problem stands at %s", c.path, p.Pos)
			}
		}
		if diff := cmp.Diff([]string{c.want}, got); diff != "" {
			t.Errorf("%s: -want +got:\n%s", c.path, diff)
		}
	}
}
