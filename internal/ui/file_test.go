package ui

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/b24apply/b24apply/pkg/value"
)

func TestReportFileHasTheFormatOfItsName(t *testing.T) {
	tests := []struct {
		name string
		want func(io.Writer) error
	}{
		{"report.json", func(w io.Writer) error { return ReportJSON(w, ended()) }},
		{"REPORT.JSON", func(w io.Writer) error { return ReportJSON(w, ended()) }},
		{"report.txt", func(w io.Writer) error { return Report(w, ended(), Style{}) }},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), tt.name)
			if err := ProbeReport(path); err != nil {
				t.Fatal(err)
			}
			if err := saveAs(path); err != nil {
				t.Fatal(err)
			}
			got, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(render(t, tt.want), string(got)); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
		})
	}
}

func saveAs(path string) error {
	return saveReport(path, Style{}, nil, func(f format, w io.Writer) error { return f.report(w, ended()) })
}

func TestReportFileOfAnUnknownFormatIsRefused(t *testing.T) {
	for _, name := range []string{"report.pdf", "report", "json", "report.json.bak", "report."} {
		path := filepath.Join(t.TempDir(), name)
		for what, err := range map[string]error{"ProbeReport": ProbeReport(path), "saveReport": saveAs(path)} {
			if err == nil || !strings.Contains(Text(value.SaidBy(err)), name) || !strings.HasSuffix(Text(value.SaidBy(err)), ": .csv, .html, .json, .md, .ndjson, .txt, .xml") {
				t.Errorf("%s(%s): %v, want the supported formats", what, name, err)
			}
		}
		if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s was written", name)
		}
	}
}

func TestReportFileNeedsAFolder(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{filepath.Join(dir, "none", "r.json"), filepath.Join(file, "r.json")} {
		if err := ProbeReport(path); err == nil {
			t.Errorf("ProbeReport accepts %s", path)
		}
		if err := saveAs(path); err == nil {
			t.Errorf("saveReport accepts %s", path)
		}
	}
}

func TestReportFileIsReplacedAsAWhole(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "report.txt")
	if err := os.WriteFile(path, []byte("old"), 0o644); err != nil {
		t.Fatal(err)
	}
	reader, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Close()

	refusal := errors.New("no space left")
	err = replaceFile(path, func(w io.Writer) error {
		if _, err := io.WriteString(w, "half"); err != nil {
			t.Fatal(err)
		}
		return refusal
	})
	if !errors.Is(err, refusal) {
		t.Fatalf("error %v, want %v", err, refusal)
	}
	if got, _ := os.ReadFile(path); string(got) != "old" {
		t.Errorf("after a failed write the file holds %q", got)
	}

	if err := saveAs(path); err != nil {
		t.Fatal(err)
	}
	if got, _ := io.ReadAll(reader); string(got) != "old" {
		t.Errorf("who had the old file open reads %q", got)
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	if len(entries) != 1 {
		t.Errorf("the folder holds %d files, want the report alone", len(entries))
	}
}

func TestRenderersReturnTheErrorOfTheWriter(t *testing.T) {
	full := errors.New("disk full")
	w := writerFunc(func([]byte) (int, error) { return 0, full })
	for name, err := range map[string]error{
		"Problems":     Problems(w, findings(), Style{}),
		"ProblemsJSON": ProblemsJSON(w, findings()),
		"Plan":         Plan(w, story(), Style{}),
		"PlanJSON":     PlanJSON(w, story()),
		"Report":       Report(w, ended(), Style{}),
		"ReportJSON":   ReportJSON(w, ended()),
		"Outcome":      Outcome(w, ended().Items.List()[0], Style{}),
	} {
		if !errors.Is(err, full) {
			t.Errorf("%s: %v, want %v", name, err, full)
		}
	}
}

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(b []byte) (int, error) { return f(b) }
