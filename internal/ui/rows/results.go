package rows

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"

	"github.com/b24apply/b24apply/internal/safefile"
	"github.com/b24apply/b24apply/internal/ui"
	"github.com/b24apply/b24apply/pkg/apply"
	"github.com/b24apply/b24apply/pkg/spec"
	"github.com/b24apply/b24apply/pkg/spec/table"
)

// The files of a run.
const (
	succeeded    = "succeeded"
	failed       = "failed" // also what was blocked, is partial, unknown or in conflict
	notAttempted = "not-attempted"
)

var files = []string{succeeded, failed, notAttempted}

// fileOf tells into which file an outcome belongs.
func fileOf(s apply.Status) string {
	switch s {
	case apply.Succeeded, apply.Unchanged, apply.Kept:
		return succeeded
	case apply.NotAttempted:
		return notAttempted
	}
	return failed
}

// path is that of one of the files of a set, NAME.failed.csv.
func path(dir string, set *spec.RecordSet, name string) string {
	return filepath.Join(dir, set.Name+"."+name+".csv")
}

// Clear makes the folder, and removes what an earlier run has left of some sets.
func Clear(dir string, sets []*spec.RecordSet) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return safefile.Plain(err)
	}
	for _, set := range sets {
		for _, name := range files {
			if err := safefile.Writable(path(dir, set, name)); err != nil {
				return err
			}
			if err := os.RemoveAll(path(dir, set, name)); err != nil {
				return safefile.Plain(err)
			}
		}
	}
	return nil
}

// Results writes the files of a set: each row whose record the run was about once, with what
// became of it. Of a record of several rows each has its outcome.
func Results(dir string, set *spec.RecordSet, report *apply.Report) error {
	ended := outcomes(set, report)
	if len(ended) == 0 {
		return nil
	}
	var all error
	for _, name := range files {
		all = errors.Join(all, safefile.Replace(path(dir, set, name), func(w io.Writer) error {
			return write(w, set, func(row int) *apply.Outcome {
				if o := ended[row]; o != nil && fileOf(o.Status) == name {
					return o
				}
				return nil
			})
		}))
	}
	return all
}

// outcomes gives those of a set by the numbers of its rows.
func outcomes(set *spec.RecordSet, report *apply.Report) map[int]*apply.Outcome {
	out := make(map[int]*apply.Outcome)
	for o := range report.Items.All() {
		if o.Source.File != set.Table.Name {
			continue
		}
		for _, p := range set.RowsAt(o.Source.Line) {
			out[p.Number] = &o
		}
	}
	return out
}

// write writes the rows that have an outcome.
func write(w io.Writer, set *spec.RecordSet, of func(row int) *apply.Outcome) error {
	var out *table.Writer
	err := eachRow(set.Table, func(columns []string) {
		out = table.NewWriter(w, set.Table.Dialect, slices.Concat(columns, table.ResultColumns))
	}, func(row table.Row, columns int) {
		if o := of(row.Number); o != nil {
			out.Row(append(cells(row, columns, nil), resultCells(row, o)...))
		}
	})
	if out == nil {
		return err
	}
	return errors.Join(err, out.Close())
}

// resultCells are those of [table.ResultColumns].
func resultCells(row table.Row, o *apply.Outcome) []string {
	return []string{strconv.Itoa(row.Number), o.ID, o.URL, string(o.Status), o.Code, ui.Inert(ui.Text(o.Error))}
}
