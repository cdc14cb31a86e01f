package spec

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/b24apply/b24apply/pkg/value"
)

// A long text that many aliases stand for is kept once.
func TestAliasesKeepOneCopyOfAText(t *testing.T) {
	const size, aliases = 256 << 10, 2000
	long := strings.Repeat("x", size-8)
	var b strings.Builder
	fmt.Fprintf(&b, "apiVersion: b24apply/v1\nkind: Deal\nmetadata: {name: d}\nspec:\n  fields:\n    title: T\n    F0: &a \"%s 7\"\n", long)
	for i := range aliases {
		fmt.Fprintf(&b, "    F%d: *a\n", i+1)
	}
	file := filepath.Join(t.TempDir(), "m.yaml")
	if err := os.WriteFile(file, []byte(b.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	loadSchemas()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	set, problems := Load(Options{Files: []string{file}})
	runtime.ReadMemStats(&after)
	if set == nil {
		t.Fatal(problems)
	}
	if used := after.TotalAlloc - before.TotalAlloc; used > 64<<20 {
		t.Errorf("%d MiB for %d KiB of text", used>>20, b.Len()>>10)
	}
	fields := set.Resources[0].Fields()
	if last, ok := set.Resources[0].Field("title"); !ok || last.Value.Text != "T" {
		t.Errorf("behind all aliases stands %v", last)
	}
	if len(fields) != aliases+2 {
		t.Errorf("%d fields", len(fields))
	}
	for _, f := range fields {
		if f.Name != "title" && (f.Value.Text != long+" 7" || f.Value.Kind != value.Scalar) {
			t.Fatalf("%s is %.20q", f.Name, f.Value.Text)
		}
	}
}
