package rows

import (
	"errors"
	"io"
	"strconv"
	"strings"

	"github.com/b24apply/b24apply/internal/safefile"
	"github.com/b24apply/b24apply/internal/ui"
	"github.com/b24apply/b24apply/pkg/spec"
	"github.com/b24apply/b24apply/pkg/spec/table"
	"github.com/b24apply/b24apply/pkg/value"
)

// Rejects writes the rows of a set that were rejected to a file, one line each, as its table is written.
// Where none was, there is no file. The path has been through [safefile.Writable].
func Rejects(path string, set *spec.RecordSet) error {
	if len(set.Rejects) == 0 {
		return nil
	}
	why := make(map[int]*spec.Reject)
	for i := range set.Rejects {
		for _, p := range set.Rejects[i].Rows {
			why[p.Number] = &set.Rejects[i]
		}
	}
	return safefile.Replace(path, func(w io.Writer) error {
		var out *table.Writer
		err := eachRow(set.Table, func(columns []string) {
			out = table.NewWriter(w, set.Table.Dialect, append(columns, table.RejectColumns...))
		}, func(row table.Row, columns int) {
			if r := why[row.Number]; r != nil {
				out.Row(append(cells(row, columns, r), rejectCells(set, row, r)...))
			}
		})
		if out == nil {
			return err
		}
		return errors.Join(err, out.Close())
	})
}

// rejectCells are those of [table.RejectColumns].
func rejectCells(set *spec.RecordSet, row table.Row, r *spec.Reject) []string {
	said := make([]string, len(r.Why))
	for i, p := range r.Why {
		said[i] = ui.Inert(ui.Text(p.Message))
	}
	first := r.Why[0]
	raw := r.Raw
	if first.Rule == secretRule {
		raw = ""
	}
	return []string{ui.Inert(set.Table.Name), strconv.Itoa(row.Number), strconv.Itoa(max(first.Line, row.Line)), strconv.FormatInt(max(r.Offset, row.Offset), 10), r.Column, first.Rule, raw, strings.Join(said, "; ")}
}

// secretRule is the rule of rows that hold a credential, which is not written again.
const secretRule = "secret"

// cells are those of the source, as many as it has columns.
func cells(row table.Row, columns int, r *spec.Reject) []string {
	out := make([]string, columns, columns+len(table.RejectColumns))
	for i := range min(columns, len(row.Cells)) {
		if r == nil || r.Why[0].Rule != secretRule {
			out[i] = text(row.Cells[i])
		}
	}
	return out
}

// text is a cell as CSV has it.
func text(c table.Cell) string {
	if c.List != nil {
		return strings.Join(c.List, "; ")
	}
	return c.Text
}

// eachRow reads a table again, in its order. head gets the names of its columns.
func eachRow(t *spec.Table, head func(columns []string), each func(row table.Row, columns int)) error {
	n := 0
	return eachRowOf(t, func(columns []string) { n = len(columns); head(columns) }, func(_ *table.Reader, row table.Row) { each(row, n) })
}

func eachRowOf(t *spec.Table, head func(columns []string), each func(*table.Reader, table.Row)) error {
	file, err := t.Open()
	if err != nil {
		return value.While(err, "reading-table", value.T("file", t.Name))
	}
	defer file.Close()
	reader, faults := t.Read(file)
	for _, f := range faults {
		if !f.Warning {
			return f
		}
	}
	names := make([]string, len(reader.Columns()))
	for i, c := range reader.Columns() {
		names[i] = c.Name
	}
	head(names)
	for {
		row, err := reader.Next()
		var fault *table.Fault
		if err == io.EOF {
			return nil
		} else if err != nil && !errors.As(err, &fault) {
			return err
		}
		each(reader, row)
	}
}
