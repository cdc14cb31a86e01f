package ui

import (
	"bytes"
	"flag"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/plan"
	"github.com/b24apply/b24apply/pkg/value"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// english is how things are laid out by default.
var english Style

// golden compares text with a file in testdata.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(string(want), got); d != "" {
		t.Errorf("%s (-want +got):\n%s", name, d)
	}
}

// render gives what a renderer writes.
func render(t *testing.T, f func(io.Writer) error) string {
	t.Helper()
	var b bytes.Buffer
	if err := f(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func at(file string, line, col int) value.Pos { return value.Pos{File: file, Line: line, Col: col} }

// field is a field whose values are written as people read them.
func field(name string, t kind.FieldType, before, after any) plan.Field {
	f := plan.Field{Name: name, Type: value.Type{Name: string(t)}, Before: shown(t, before), After: shown(t, after)}
	f.List = value.Compare(nil, value.Value{}, value.Value{}, f.Before, f.After)
	return f
}

// shown reads nil, a text, or a []string for several values.
func shown(t kind.FieldType, v any) value.Shown {
	switch v := v.(type) {
	case []string:
		items := make([]value.Shown, len(v))
		for i, s := range v {
			items[i] = shownEntry(t, s)
		}
		return value.Several(items)
	case string:
		return shownEntry(t, v)
	}
	return value.Shown{}
}

func shownEntry(t kind.FieldType, s string) value.Shown {
	link := strings.HasPrefix(string(t), "crm_") && t != kind.TypeStatus && t != kind.TypeMultifield
	ref, id, arrow := strings.Cut(s, " → ")
	found, lookup := strings.CutSuffix(s, " (lookup)")
	open, later := strings.CutSuffix(s, " (known after apply)")
	switch {
	case t == kind.TypeProducts:
		return value.InParts(s, value.Row)
	case link && lookup:
		return value.InParts(found, value.Found)
	case link && later:
		return value.InParts(open, value.Open)
	case link && arrow:
		return value.InParts(ref, value.Pointer, value.P(value.PartID, id))
	case link && strings.Trim(s, "0123456789") == "":
		return value.InParts(s, value.Number)
	}
	return value.Shown{Text: s}
}
