//go:build unix

package spec

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"
)

const growthHead = "apiVersion: b24apply/v1\nkind: Company\nmetadata: {name: c}\nspec:\n  fields:\n"

// growing are inputs of any size that could cost more than their size.
var growing = map[string]struct {
	size  int
	write func(n int) string
}{
	"a long line of webhooks": {1 << 10, func(n int) string { return strings.Repeat("https://a.b/rest/1/abcdefgh ", n) }},
	"a long line of addresses": {1 << 11, func(n int) string {
		return growthHead + "    comments: " + strings.Repeat("https://a.b/rest/x ", n) + "\n"
	}},
	"unknown keys on one line": {1 << 10, func(n int) string {
		var b strings.Builder
		b.WriteString("apiVersion: b24apply/v1\nkind: Company\nmetadata: {name: c}\nspec: {fields: {")
		for i := range n {
			fmt.Fprintf(&b, "titel%d: x, ", i)
		}
		return b.String() + "}}\n"
	}},
	"unknown keys, a line each": {1 << 11, func(n int) string {
		var b strings.Builder
		b.WriteString(growthHead)
		for i := range n {
			fmt.Fprintf(&b, "    titel%d: x\n", i)
		}
		return b.String()
	}},
	"phones in a flow list": {1 << 13, func(n int) string { return growthHead + "    phones: [" + strings.Repeat("+49301234567, ", n) + "]\n" }},
	"different phones": {1 << 12, func(n int) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, "+4930%07d, ", i)
		}
		return growthHead + "    phones: [" + b.String() + "]\n"
	}},
	"wrong phones":         {1 << 11, func(n int) string { return growthHead + "    phones: [" + strings.Repeat("[], ", n) + "]\n" }},
	"empty documents":      {1 << 16, func(n int) string { return strings.Repeat("---\n", n) }},
	"documents of nothing": {1 << 12, func(n int) string { return strings.Repeat("---\nx: y\n", n) }},
	"deep lists":           {1 << 11, func(n int) string { return growthHead + "    comments: " + strings.Repeat("[", n) + "\n" }},
	"deep maps":            {1 << 11, func(n int) string { return growthHead + "    comments: " + strings.Repeat("{a: ", n) + "\n" }},
	"closed deep lists": {1 << 11, func(n int) string {
		return growthHead + "    comments: " + strings.Repeat("[", n) + strings.Repeat("]", n) + "\n"
	}},
	"quotes":        {1 << 13, func(n int) string { return growthHead + "    comments: \"" + strings.Repeat("\\\"", n) + "\"\n" }},
	"single quotes": {1 << 13, func(n int) string { return growthHead + "    comments: '" + strings.Repeat("''", n) + "'\n" }},
	"anchors": {1 << 11, func(n int) string {
		var b strings.Builder
		b.WriteString(growthHead + "    phones:\n")
		for i := range n {
			fmt.Fprintf(&b, "    - &a%d \"+493012345%d\"\n", i, i)
		}
		return b.String()
	}},
	"aliases": {1 << 11, func(n int) string {
		return growthHead + "    title: &a x\n    phones: [" + strings.Repeat("*a, ", n) + "]\n"
	}},
	"variables":           {1 << 11, func(n int) string { return growthHead + "    title: \"" + strings.Repeat("${var.x}", n) + "\"\n" }},
	"open variables":      {1 << 12, func(n int) string { return growthHead + "    title: \"" + strings.Repeat("${", n) + "\"\n" }},
	"dollars":             {1 << 12, func(n int) string { return growthHead + "    title: \"" + strings.Repeat("$$", n) + "\"\n" }},
	"records of one name": {1 << 9, func(n int) string { return strings.Repeat("---\n"+growthHead+"    title: T\n", n) }},
	"records of one phone": {1 << 9, func(n int) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, "---\napiVersion: b24apply/v1\nkind: Contact\nmetadata: {name: c%d}\nspec: {match: [[phone]], fields: {name: N, phones: [\"+49301234567\"]}}\n", i)
		}
		return b.String()
	}},
	"keys twice": {1 << 11, func(n int) string { return growthHead + strings.Repeat("    title: T\n", n) }},
	"keys twice on one line": {1 << 11, func(n int) string {
		return "apiVersion: b24apply/v1\nkind: Company\nmetadata: {name: c}\nspec: {fields: {" + strings.Repeat("title: T, ", n) + "}}\n"
	}},
	"wrong references": {1 << 9, func(n int) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, "---\napiVersion: b24apply/v1\nkind: Deal\nmetadata: {name: d%d}\nspec: {fields: {title: T, companyId: {ref: company/acmee%d}}}\n---\napiVersion: b24apply/v1\nkind: Company\nmetadata: {name: acme%d}\nspec: {fields: {title: T}}\n", i, i, i)
		}
		return b.String()
	}},
	"a chain of references": {1 << 9, func(n int) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, "---\napiVersion: b24apply/v1\nkind: Deal\nmetadata: {name: d%d}\nspec: {fields: {title: T, parents: {deal: {ref: deal/d%d}}}}\n", i, (i+1)%n)
		}
		return b.String()
	}},
	"a chain of moves": {1 << 12, func(n int) string {
		var b strings.Builder
		b.WriteString("apiVersion: b24apply/v1\nkind: Moved\nmetadata: {name: m}\nspec:\n  moves:\n")
		for i := range n {
			fmt.Fprintf(&b, "  - {from: company/c%d, to: company/c%d}\n", i, i+1)
		}
		return b.String() + "---\n" + strings.Replace(growthHead, "name: c", fmt.Sprintf("name: c%d", n), 1) + "    title: T\n"
	}},
	"a circle of moves": {1 << 12, func(n int) string {
		var b strings.Builder
		b.WriteString("apiVersion: b24apply/v1\nkind: Moved\nmetadata: {name: m}\nspec:\n  moves:\n")
		for i := range n {
			fmt.Fprintf(&b, "  - {from: company/c%d, to: company/c%d}\n", i, (i+1)%n)
		}
		return b.String()
	}},
	"a chain of merges that all are referred to": {1 << 11, func(n int) string {
		var b strings.Builder
		b.WriteString("apiVersion: b24apply/v1\nkind: Merged\nmetadata: {name: m}\nspec:\n  merges:\n")
		for i := range n {
			fmt.Fprintf(&b, "  - {from: contact/c%d, into: contact/c%d}\n", i, i+1)
		}
		fmt.Fprintf(&b, "---\napiVersion: b24apply/v1\nkind: Contact\nmetadata: {name: c%d}\nspec: {fields: {name: N}}\n---\napiVersion: b24apply/v1\nkind: Deal\nmetadata: {name: d}\nspec:\n  fields:\n    title: T\n    contacts:\n", n)
		for i := range n {
			fmt.Fprintf(&b, "    - {ref: contact/c%d}\n", i)
		}
		return b.String()
	}},
	"comments":     {1 << 15, func(n int) string { return growthHead + strings.Repeat("# x\n", n) + "    title: T\n" }},
	"a long key":   {1 << 15, func(n int) string { return growthHead + "    ? " + strings.Repeat("k", n) + "\n    : x\n" }},
	"blanks":       {1 << 15, func(n int) string { return growthHead + "    title: " + strings.Repeat(" ", n) + "x\n" }},
	"tabs":         {1 << 15, func(n int) string { return growthHead + "    title: " + strings.Repeat("\t", n) + "x\n" }},
	"one bad line": {1 << 15, func(n int) string { return growthHead + "    title: [" + strings.Repeat("x", n) + "\n" }},
	"merge keys":   {1 << 10, func(n int) string { return growthHead + "    <<: [" + strings.Repeat("{title: T}, ", n) + "]\n" }},
	"markup":       {1 << 12, func(n int) string { return growthHead + "    comments: \"" + strings.Repeat("<b>[b]", n) + "\"\n" }},
	"options": {1 << 10, func(n int) string {
		var b strings.Builder
		b.WriteString("apiVersion: b24apply/v1\nkind: SPA\nmetadata: {name: s}\nspec:\n  title: S\n  fields:\n    F:\n      type: enumeration\n      options:\n")
		for i := range n {
			fmt.Fprintf(&b, "      - {code: c%d, label: L%d}\n", i, i)
		}
		return b.String()
	}},
}

func loadCost(t *testing.T, text string) time.Duration {
	t.Helper()
	file := filepath.Join(t.TempDir(), "m.yaml")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	start := startTime(t)
	_, problems := Load(Options{Dir: filepath.Dir(file), Files: []string{file}})
	_ = problems.WithExcerpts()
	return usedTime(t) - start
}

// startTime is usedTime once the garbage of what ran before is collected, which would
// otherwise be counted with what begins.
func startTime(t *testing.T) time.Duration {
	t.Helper()
	runtime.GC()
	return usedTime(t)
}

// usedTime is what the process has used of the processors.
func usedTime(t *testing.T) time.Duration {
	t.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		t.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// Twice the input costs less than three times as much, where a quadratic reader costs four times. What is measured is the
// least of several runs, beside a little that a busy machine may take.
func TestCaseA7CostGrowsWithTheSize(t *testing.T) {
	const most, noise, tries = 3, 30 * time.Millisecond, 12
	for name, g := range growing {
		t.Run(name, func(t *testing.T) {
			one, two := time.Hour, time.Hour
			for range tries {
				one, two = min(one, loadCost(t, g.write(g.size))), min(two, loadCost(t, g.write(2*g.size)))
				if float64(two) < most*float64(one)+float64(noise) {
					return
				}
			}
			t.Errorf("%d took %s, %d took %s", g.size, one, 2*g.size, two)
		})
	}
}

// The sizes of the inputs that once took a minute.
func TestCaseA7BadInputOfFullSizeIsQuick(t *testing.T) {
	for name, text := range map[string]string{
		"64 KiB of webhooks":  growing["a long line of webhooks"].write(64 << 10 / 28),
		"20,000 unknown keys": growing["unknown keys on one line"].write(20_000),
		"500,000 phones":      growing["phones in a flow list"].write(500_000),
		"31 MiB of markers":   strings.Repeat("---\n", 31<<20/4),
	} {
		if took := loadCost(t, text); took > 20*time.Second {
			t.Errorf("%s took %s", name, took)
		}
	}
}

func TestCaseA7PatternsOfManyStarsAreQuick(t *testing.T) {
	stars := strings.Split(strings.Repeat("**/", 30)+"x.yaml", "/")
	path := strings.Split(strings.Repeat("a/", 200)+"y.yaml", "/")
	start := time.Now()
	for range 10 {
		if matchSegments(stars, path) {
			t.Error("it matches")
		}
	}
	if took := time.Since(start); took > 5*time.Second {
		t.Errorf("took %s", took)
	}
	for _, tc := range []struct {
		pattern, path string
		want          bool
	}{
		{"**", "a/b", true}, {"**/x", "x", true}, {"**/x", "a/b/x", true}, {"a/**", "a", true}, {"a/**/b", "a/b", true}, {"a/**/b", "a/c/d/b", true},
		{"a/**/b/**/c", "a/b/b/x/c", true}, {"**/b/*", "b/b/c", true}, {"**/a/**/b", "a/a", false}, {"*/x", "a/b/x", false}, {"a/**/b", "a/c", false}, {"**/**/x", "y/x", true},
	} {
		if got := matchSegments(strings.Split(tc.pattern, "/"), strings.Split(tc.path, "/")); got != tc.want {
			t.Errorf("%s matches %s: %v", tc.pattern, tc.path, got)
		}
	}
}

// A project is bad input too: its patterns times its files, and its variables times those
// that are not set.
func TestCaseA7ProjectsCostNoMoreThanTheirSize(t *testing.T) {
	const most, noise, tries = 3, 30 * time.Millisecond, 12
	for name, write := range map[string]func(n int) (project, manifest string){
		"variables": func(n int) (string, string) {
			var set, used strings.Builder
			for i := range n {
				fmt.Fprintf(&set, "v%d: x, ", i)
				fmt.Fprintf(&used, "${var.w%d}", i)
			}
			return "{manifests: [\"m/*.yaml\"], environments: {e: {portal: {webhook: {env: B24_X}}, vars: {" + set.String() + "}}}}", used.String()
		},
		"former names": func(n int) (string, string) {
			var names strings.Builder
			for i := range n {
				fmt.Fprintf(&names, "f%d, ", i)
			}
			return "{manifests: [\"m/*.yaml\"], formerNames: [" + names.String() + "]}", "T"
		},
		"patterns and files": func(n int) (string, string) {
			return "{manifests: [" + strings.Repeat("\"m/**/*.yaml\", ", 50) + "]}", "files"
		},
		"many patterns": func(n int) (string, string) {
			return "{manifests: [" + strings.Repeat("\"m/**/*.yaml\", ", n) + "]}", "files"
		},
	} {
		t.Run(name, func(t *testing.T) {
			cost := func(n int) time.Duration {
				dir := t.TempDir()
				project, manifest := write(n)
				files := map[string]string{"b24apply.yaml": "apiVersion: b24apply/v1\nkind: Project\nmetadata: {name: p}\nspec: " + project + "\n", "m/c.yaml": growthHead + "    title: \"" + manifest + "\"\n"}
				for i := 0; manifest == "files" && i < n; i++ {
					files[fmt.Sprintf("m/f%d.yaml", i)] = strings.Replace(growthHead, "name: c", fmt.Sprintf("name: c%d", i), 1) + "    title: T\n"
				}
				if err := os.Mkdir(filepath.Join(dir, "m"), 0o700); err != nil {
					t.Fatal(err)
				}
				for name, text := range files {
					if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
						t.Fatal(err)
					}
				}
				start := startTime(t)
				_, problems := Load(Options{Dir: dir})
				_ = problems.WithExcerpts()
				return usedTime(t) - start
			}
			one, two := time.Hour, time.Hour
			for range tries {
				one, two = min(one, cost(1000)), min(two, cost(2000))
				if float64(two) < most*float64(one)+float64(noise) {
					return
				}
			}
			t.Errorf("1000 took %s, 2000 took %s", one, two)
		})
	}
}
