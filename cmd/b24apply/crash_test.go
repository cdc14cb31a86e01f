package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// A bug in a command ends with 1 and says that it is one: 2 means that changes are
// pending. apply leaves a report, and -o json a document.
func TestCaseB12ACrashExitsWithOne(t *testing.T) {
	manifest := "apiVersion: b24apply/v1\nkind: Company\nmetadata: {name: c}\nspec: {fields: {title: C}}\n"
	for _, args := range [][]string{
		{"plan", "-f", "c.yaml", "--detailed-exitcode", "-o", "json"},
		{"apply", "-f", "c.yaml", "--yes", "-o", "json", "--report", "r.json"},
		{"apply", "-f", "c.yaml", "--yes", "--report", "r.json"},
		{"adopt", "company/c", "--id", "3", "-f", "c.yaml", "--yes", "--report", "r.json"},
		{"doctor", "-f", "c.yaml"},
		{"call", "profile"},
	} {
		for _, asked := range []string{webhookVariable, planVariable} { // before the command, and inside it
			dir := t.TempDir()
			if err := os.WriteFile(filepath.Join(dir, "c.yaml"), []byte(manifest), 0o600); err != nil {
				t.Fatal(err)
			}
			var out, log bytes.Buffer
			code := run(t.Context(), env{stdin: strings.NewReader(""), stdout: &out, stderr: &log, getenv: func(name string) (string, bool) {
				if name == asked {
					_ = []string{}[len(name)]
				}
				if name == webhookVariable {
					return "http://127.0.0.1:9/rest/1/abcdefghijkl/", true
				}
				return "", false
			}}, append([]string{"-C", dir}, args...))
			if code != exitError || !strings.Contains(log.String(), "a bug") {
				t.Errorf("%v: exit code %d: %s", args, code, log.String())
			}
			if slices.Contains(args, "-o") != (out.Len() > 0) || out.Len() > 0 && !json.Valid(out.Bytes()) {
				t.Errorf("%v: stdout %q", args, out.String())
			}
			if asked != planVariable || !slices.Contains(args, "r.json") {
				continue
			}
			if content, err := os.ReadFile(filepath.Join(dir, "r.json")); err != nil || !bytes.Contains(content, []byte(`"exitCode": 1`)) || !bytes.Contains(content, []byte("a bug")) {
				t.Errorf("%v: the report is %q, %v", args, content, err)
			}
		}
	}
}
