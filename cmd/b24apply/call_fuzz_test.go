package main

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
)

// Items of any bytes, in any format, end without a panic, and what is printed is JSON, a
// line each.
func FuzzCallItems(f *testing.F) {
	f.Add([]byte("{\"resource\":\"a\",\"fields\":{\"title\":\"A\"}}\n{\n"), "ndjson", "")
	f.Add([]byte("id,fields.title\n1,\"A\nB\"\n2\n"), "csv", "")
	f.Add([]byte("id;fields[title];fields.title\n1;2;3\n"), "csv", ";")
	f.Add([]byte("\ufeffid\tx\n1\t\xff\n"), "tsv", "")
	f.Add([]byte("fields.title;fields.opportunity\na;1250,50\n"), "csv", "")
	f.Add([]byte("[]:,0[]:\n1,2\n"), "csv", "")
	f.Fuzz(func(t *testing.T, items []byte, format, delimiter string) {
		args := []string{"call", "crm.item.update", "--items", "-", "--items-format", format, "--dry-run"}
		if delimiter != "" {
			args = append(args, "--delimiter", delimiter)
		}
		var out, log bytes.Buffer
		code := run(t.Context(), env{stdin: bytes.NewReader(items), stdout: &out, stderr: &log, getenv: getter(nil)}, args)
		if code == exitPending || strings.Contains(log.String(), "a bug") {
			t.Fatalf("exit code %d: %s", code, log.String())
		}
		for line := range strings.Lines(out.String()) {
			if !json.Valid([]byte(line)) {
				t.Fatalf("no JSON: %q", line)
			}
		}
	})
}
