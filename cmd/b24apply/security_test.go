package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var (
	promise   = regexp.MustCompile(`(?m)^\| ([^|]+) \| ([^|]+) \|$`)
	namedTest = regexp.MustCompile("`(Test[A-Za-z0-9]+|[a-z0-9_]+\\.txtar)`")
)

// Every promise of SECURITY.md names a test, and every test that it names is there.
func TestEveryPromiseHasItsTest(t *testing.T) {
	page, err := os.ReadFile(filepath.Join(repository, "SECURITY.md"))
	if err != nil {
		t.Fatal(err)
	}
	there := testNames(t)
	rows := promise.FindAllStringSubmatch(string(page), -1)
	if len(rows) < 10 {
		t.Fatalf("the page has %d promises", len(rows))
	}
	for _, row := range rows[1:] { // the first is the head
		if !namedTest.MatchString(row[2]) && !strings.HasPrefix(row[1], "-") {
			t.Errorf("no test keeps: %s", row[1])
		}
	}
	for _, name := range namedTest.FindAllStringSubmatch(string(page), -1) {
		if !there[name[1]] {
			t.Errorf("there is no test %s", name[1])
		}
	}
}

// testNames are the test functions and the scripts of the repository.
func testNames(t *testing.T) map[string]bool {
	t.Helper()
	names := make(map[string]bool)
	for _, pattern := range []string{"cmd/*/*_test.go", "internal/*/*_test.go", "internal/*/*/*_test.go", "pkg/*/*_test.go", "pkg/*/*/*_test.go"} {
		files, err := filepath.Glob(filepath.Join(repository, pattern))
		if err != nil || len(files) == 0 {
			t.Fatalf("no tests match %s: %v", pattern, err)
		}
		for _, file := range files {
			content, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range regexp.MustCompile(`(?m)^func (Test\w+)\(`).FindAllStringSubmatch(string(content), -1) {
				names[m[1]] = true
			}
		}
	}
	scripts, err := filepath.Glob(filepath.Join("testdata", "script", "*.txtar"))
	if err != nil {
		t.Fatal(err)
	}
	for _, script := range scripts {
		names[filepath.Base(script)] = true
	}
	return names
}
