package apply

import (
	"crypto/sha256"
	"encoding/hex"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/b24apply/b24apply/internal/ui/words"
	"github.com/b24apply/b24apply/pkg/value"
)

// A file is sent only if it is what it was when the plan was made, and never one outside its
// folder.
func TestAFileIsReadAsItWasPlanned(t *testing.T) {
	for name, tc := range map[string]struct {
		file string
		now  string // what the file holds when it is sent; "-": it is gone
		want string // part of the error; "" for none
	}{
		"as it was":         {"logos/a.png", "PNG", ""},
		"another content":   {"logos/a.png", "GIF", "logos/a.png: the file has changed since the plan; plan again"},
		"a longer content":  {"logos/a.png", "PNG and more", "the file has changed since the plan"},
		"a shorter content": {"logos/a.png", "P", "the file has changed since the plan"},
		"gone":              {"logos/a.png", "-", "logos/a.png: "},
		"outside":           {"../secret", "PNG", "logos/a.png: "},
		"hidden":            {".git/config", "PNG", "logos/a.png: "},
	} {
		t.Run(name, func(t *testing.T) {
			top := t.TempDir()
			folder := filepath.Join(top, "project")
			for _, file := range []string{"logos/a.png", ".git/config", "../secret"} {
				path := filepath.Join(folder, file)
				if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
					t.Fatal(err)
				}
				if tc.now == "-" {
					continue
				}
				if err := os.WriteFile(path, []byte(tc.now), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			named := "project"
			if name == "hidden" || name == "changed" {
				named = folder // as an absolute path
			}
			sum := sha256.Sum256([]byte("PNG"))
			part := func(name, text string) value.Part { return value.Part{Name: name, Value: value.Text(text)} }
			content, err := filesBelow(top).read(value.Text("", part("file", tc.file), part("folder", named), part("path", "logos/a.png"),
				part("sha256", hex.EncodeToString(sum[:])), part("size", strconv.Itoa(3))))
			if tc.want == "" && (err != nil || string(content) != "PNG") {
				t.Errorf("%q, %v", content, err)
			}
			if tc.want != "" && (err == nil || !strings.Contains(words.Text(value.SaidBy(err)), tc.want) || content != nil) {
				t.Errorf("%q, %v, want %q", content, err, tc.want)
			}
		})
	}
}
