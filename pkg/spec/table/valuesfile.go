package table

import (
	"io"

	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/value"
)

// maxValues is how many rows a table of values may have.
const maxValues = 1_000_000

// A lookupTable is what a valuesFile holds: values by the texts that stand for them.
type lookupTable struct {
	path string
	rows map[string]string
}

// valuesFile reads {csv: path, key: column, value: column}, with the keys of a source beside
// them, and the table.
func (c *compiler) valuesFile(r *rule, p value.Pair, _ *kind.Rule) {
	source := value.Node{Kind: value.Map, Pos: p.Value.Pos}
	columns := make(map[string]string)
	for _, q := range p.Value.Pairs {
		if q.Key == "key" || q.Key == "value" {
			columns[q.Key] = q.Value.Text
			continue
		}
		source.Pairs = append(source.Pairs, q)
	}
	s, faults := ReadSource(source)
	c.faults = append(c.faults, faults...)
	if columns["key"] == "" || columns["value"] == "" {
		c.bad(p.Value.Pos, "map", "no-values-file", "")
		return
	}
	if len(faults) > 0 {
		return
	}
	table, fault := c.readValues(s, columns["key"], columns["value"])
	if fault != nil {
		c.bad(s.Pos, fault.Rule, "in-values-file", "", value.T("file", s.Path), value.N("line", fault.Pos.Line), value.M("fault", fault.Message))
		return
	}
	r.file = table
}

func (c *compiler) readValues(s SourceFile, key, val string) (*lookupTable, *Fault) {
	if c.m.options.Open == nil {
		return nil, bad("file", "no-values-file-here", "")
	}
	f, err := c.m.options.Open(s.Path)
	if err != nil {
		return nil, bad("file", "cannot-read-table", "", value.M("error", value.SaidBy(err)))
	}
	defer f.Close()
	t, faults := Open(f, s.Path, s.Dialect, nil)
	for _, f := range faults {
		return nil, f
	}
	from, hasKey := t.Use(key)
	to, hasValue := t.Use(val)
	if !hasKey || !hasValue {
		missing := key
		if hasKey {
			missing = val
		}
		return nil, bad("columns", "missing-column", "", quoted("name", missing), value.Some("columns", t.columnNames()))
	}
	return readLookup(t, from, to)
}

func readLookup(t *Reader, from, to int) (*lookupTable, *Fault) {
	out := &lookupTable{path: t.file, rows: make(map[string]string)}
	for {
		row, err := t.Next()
		if f, ok := err.(*Fault); ok {
			return nil, f
		}
		if err == io.EOF {
			return out, nil
		}
		if err != nil {
			return nil, unreadable(err)
		}
		if row.Blank || row.Cells[from].Missing {
			continue
		}
		k := trimmed(row.Cells[from].Text)
		if other, ok := out.rows[k]; ok && other != row.Cells[to].Text {
			return nil, bad("duplicate-value", "value-stands-twice", "", quoted("value", k)).in(t.file, &row, from, "")
		}
		if len(out.rows) >= maxValues {
			return nil, bad("source", "too-many-values", "", value.N("most", maxValues))
		}
		out.rows[k] = row.Cells[to].Text
	}
}
