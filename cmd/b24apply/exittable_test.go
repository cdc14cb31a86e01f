package main

import (
	"encoding/csv"
	"encoding/json"
	"encoding/xml"
	"io"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/creack/pty"

	"github.com/b24apply/b24apply/pkg/portal"
)

// outputs are what standard output can be. Each opens one, and gives what is closed after the
// command.
var outputs = map[string]func(*testing.T) (out *os.File, done func()){
	"terminal": func(t *testing.T) (*os.File, func()) {
		master, terminal, err := pty.Open()
		if err != nil {
			t.Fatal(err)
		}
		go func() { _, _ = io.Copy(io.Discard, master) }()
		return terminal, func() { terminal.Close(); master.Close() }
	},
	"pipe": func(t *testing.T) (*os.File, func()) {
		r, w := pipe(t)
		go func() { _, _ = io.Copy(io.Discard, r) }()
		return w, func() { w.Close(); r.Close() }
	},
	"closed": func(t *testing.T) (*os.File, func()) {
		r, w := pipe(t)
		r.Close()
		return w, func() { w.Close() }
	},
	"full disk": func(t *testing.T) (*os.File, func()) {
		full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
		if err != nil {
			t.Skip("this system has no full disk: ", err)
		}
		return full, func() { full.Close() }
	},
}

func pipe(t *testing.T) (r, w *os.File) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	return r, w
}

// An exitRow is one way in which a command ends.
type exitRow struct {
	command  []string
	faults   string
	manifest string
	want     int
	wrong    int // items that are not well
}

const threeCompanies = `apiVersion: b24apply/v1
kind: Company
metadata: {name: a}
spec: {fields: {title: A}}
---
apiVersion: b24apply/v1
kind: Company
metadata: {name: b}
spec: {fields: {title: B}}
---
apiVersion: b24apply/v1
kind: Company
metadata: {name: c}
spec: {fields: {title: "=C"}}
`

const failAdd = "fail:crm.item.add,code=CRM_FIELD_ERROR_VALUE_NOT_VALID,text=No"

var exitRows = map[string]exitRow{
	"apply, none failed":  {command: []string{"apply", "--yes"}, manifest: threeCompanies, want: exitDone},
	"apply, one failed":   {command: []string{"apply", "--yes"}, faults: failAdd + ",n=1", manifest: threeCompanies, want: exitItems, wrong: 1},
	"apply, all failed":   {command: []string{"apply", "--yes"}, faults: failAdd, manifest: threeCompanies, want: exitItems, wrong: 3},
	"apply, guarded":      {command: []string{"apply", "--yes", "--max-create", "1"}, manifest: threeCompanies, want: exitRefused, wrong: 3},
	"apply, invalid":      {command: []string{"apply", "--yes"}, manifest: strings.ReplaceAll(threeCompanies, "title", "titel"), want: exitInvalid},
	"plan":                {command: []string{"plan"}, manifest: threeCompanies, want: exitDone},
	"plan, pending":       {command: []string{"plan", "--detailed-exitcode"}, manifest: threeCompanies, want: exitPending},
	"plan, one refused":   {command: []string{"plan"}, manifest: threeCompanies + "---\napiVersion: b24apply/v1\nkind: Deal\nmetadata: {name: d}\nspec: {fields: {title: D, stageId: Nonsense}}\n", want: exitItems, wrong: 1},
	"plan, guarded":       {command: []string{"plan", "--max-create", "1"}, manifest: threeCompanies, want: exitRefused},
	"plan, invalid":       {command: []string{"plan"}, manifest: strings.ReplaceAll(threeCompanies, "title", "titel"), want: exitInvalid},
	"plan, portal is not": {command: []string{"plan", "--wait-for-portal", "0s"}, faults: "drop-before", manifest: threeCompanies, want: exitError},
}

// The exit code is one, whatever is printed, and wherever that goes; and every report says so.
func TestExitCodesAreTheSameInEveryFormatAndOnEveryOutput(t *testing.T) {
	t.Parallel()
	schemas := strictSchemas(t)
	for name, row := range exitRows {
		for output, open := range outputs {
			t.Run(name+", "+output, func(t *testing.T) {
				t.Parallel()
				for _, format := range []string{"text", "json"} {
					row.try(t, format, open, schemas)
				}
			})
		}
	}
}

func (row exitRow) try(t *testing.T, format string, open func(*testing.T) (*os.File, func()), schemas resultSchemas) {
	t.Helper()
	p, err := portal.Open(t.Context(), portal.Config{Faults: row.faults})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(p)
	defer func() { server.Close(); _ = p.Close() }()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "m.yaml"), []byte(row.manifest), 0o600); err != nil {
		t.Fatal(err)
	}
	out, done := open(t)
	defer done()
	var told strings.Builder
	args := append([]string{"-C", dir}, row.command...)
	args = append(args, "-f", "m.yaml", "--portal", server.URL+p.WebhookPath(), "-o", format)
	for _, ext := range []string{"txt", "json", "ndjson", "csv", "xml"} {
		args = append(args, "--report", "r."+ext)
	}
	e := env{stdin: strings.NewReader(""), stdout: out, stderr: &told, settle: 100 * time.Millisecond, getenv: getter(map[string]string{planVariable: "box", stateVariable: t.TempDir()})}
	if code := run(t.Context(), e, args); code != row.want {
		t.Fatalf("-o %s: exit code %d, want %d:\n%s", format, code, row.want, told.String())
	}
	row.judge(t, dir, schemas)
}

// judge reads the reports.
func (row exitRow) judge(t *testing.T, dir string, schemas resultSchemas) {
	t.Helper()
	read := func(ext string) []byte {
		text, err := os.ReadFile(filepath.Join(dir, "r."+ext))
		if err != nil || len(text) == 0 {
			t.Fatalf("r.%s: %v", ext, err)
		}
		return text
	}
	read("txt")
	var doc struct {
		ExitCode int
		Items    []any
		Changes  []any
	}
	if err := json.Unmarshal(read("json"), &doc); err != nil || doc.ExitCode != row.want {
		t.Errorf("r.json: exit code %d, %v", doc.ExitCode, err)
	}
	schema := "plan.schema.json"
	if row.command[0] == "apply" {
		schema = "report.schema.json"
	}
	schemas.check(t, schema, read("json"))
	items := len(doc.Items) + len(doc.Changes)
	row.judgeEvents(t, read("ndjson"), items, schemas)
	rows, err := csv.NewReader(strings.NewReader(string(read("csv")))).ReadAll()
	if err != nil || len(rows) != items+1 {
		t.Errorf("r.csv: %d lines for %d items, %v", len(rows), items, err)
	}
	row.judgeJUnit(t, read("xml"), items)
}

// judgeEvents reads the events: the first and the last one are there, and one for every item.
func (row exitRow) judgeEvents(t *testing.T, text []byte, items int, schemas resultSchemas) {
	t.Helper()
	var types []string
	var last struct {
		Type     string
		ExitCode *int
	}
	for line := range strings.Lines(string(text)) {
		schemas.check(t, "events.schema.json", []byte(line))
		last.ExitCode = nil
		if err := json.Unmarshal([]byte(line), &last); err != nil {
			t.Errorf("r.ndjson: %v: %s", err, line)
		}
		types = append(types, last.Type)
	}
	all := strings.Join(types, " ")
	if !strings.HasPrefix(all, "run-started") || last.Type != "run-ended" || last.ExitCode == nil || *last.ExitCode != row.want || strings.Count(all, "item")+strings.Count(all, "change") != items {
		t.Errorf("r.ndjson has %s for %d items", all, items)
	}
}

// judgeJUnit reads the cases: something is wrong exactly if the exit code says so.
func (row exitRow) judgeJUnit(t *testing.T, text []byte, items int) {
	t.Helper()
	type result struct {
		Tests    int `xml:"tests,attr"`
		Failures int `xml:"failures,attr"`
		Errors   int `xml:"errors,attr"`
		Skipped  int `xml:"skipped,attr"`
	}
	var doc struct {
		result
		Suite struct {
			result
			Cases []struct {
				Class   string    `xml:"classname,attr"`
				Failure *struct{} `xml:"failure"`
				Error   *struct{} `xml:"error"`
				Skipped *struct{} `xml:"skipped"`
			} `xml:"testcase"`
		} `xml:"testsuite"`
	}
	if err := xml.Unmarshal(text, &doc); err != nil {
		t.Fatalf("r.xml: %v", err)
	}
	var got result
	own := 0
	for _, c := range doc.Suite.Cases {
		got.Tests++
		for seen, n := range map[*int]bool{&got.Failures: c.Failure != nil, &got.Errors: c.Error != nil, &got.Skipped: c.Skipped != nil} {
			if n {
				*seen++
			}
		}
		if c.Class == "b24apply" {
			own++
		}
	}
	wrong := got.Failures+got.Errors > 0
	if got != doc.result || got != doc.Suite.result || got.Tests-own != items || wrong != (row.want != exitDone && row.want != exitPending) || got.Failures+got.Skipped < row.wrong {
		t.Errorf("r.xml has %+v, says %+v, for %d items:\n%s", got, doc.result, items, text)
	}
}

// A standard output that takes nothing is an error where no file holds the result.
func TestWordsAFullDiskIsToldIfNoFileHoldsTheResult(t *testing.T) {
	b := newLockBench(t)
	for report, want := range map[string]int{"": exitError, "r.json": exitDone} {
		full, done := outputs["full disk"](t)
		defer done()
		args := []string{"-C", b.dir, "plan", "-f", "company.yaml", "--portal", "embedded"}
		if report != "" {
			args = append(args, "--report", report)
		}
		var told strings.Builder
		code := run(t.Context(), env{stdin: strings.NewReader(""), stdout: full, stderr: &told, getenv: getter(map[string]string{stateVariable: b.state})}, args)
		if code != want || !strings.Contains(told.String(), "no space left on device") {
			t.Errorf("report %q: exit code %d, want %d: %s", report, code, want, told.String())
		}
	}
}
