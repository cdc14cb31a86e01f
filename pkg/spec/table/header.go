package table

import (
	"slices"
	"strings"

	"github.com/b24apply/b24apply/pkg/value"
)

// header reads the names of the columns of a CSV file, and compares them with the schema.
func (t *Reader) header() (faults []*Fault) {
	c := t.source.(*csvSource)
	if c.isEnd() {
		return []*Fault{bad("source", "empty-table", "")}
	}
	var names []string
	var at []value.Pos
	if t.dialect.NoHeader {
		if t.schema == nil || len(t.schema.Fields) == 0 {
			return []*Fault{bad("source", "no-names", "")}
		}
		names = t.schema.names()
		at = make([]value.Pos, len(names))
	} else {
		var fault *Fault
		if names, at, fault = t.names(c); fault != nil {
			return []*Fault{fault}
		}
	}
	if n := len(names); n > 1 && names[n-1] == "" {
		t.ignored = true // as each line of Bitrix24's own template ends with a delimiter
		names, at = names[:n-1], at[:n-1]
	}
	t.named = at
	if n := ours(names); n > 0 && !t.dialect.NoHeader {
		t.ours = n
		names, at = names[:len(names)-n], at[:len(at)-n]
		for i := range names {
			names[i] = plain(names[i])
		}
	}
	for i, name := range names {
		switch _, double := t.index[name]; {
		case name == "":
			faults = append(faults, placed(bad("columns", "nameless-column", "", value.N("n", i+1)), at[i]))
		case double:
			faults = append(faults, placed(bad("columns", "double-column", "", quoted("name", name)), at[i]))
		}
		t.add(name)
	}
	faults = append(faults, t.matchFields(at)...)
	if len(faults) == 0 && c.onlyBlank() {
		faults = append(faults, placed(bad("source", "header-only", ""), at[0]))
	}
	return faults
}

func placed(f *Fault, pos value.Pos) *Fault {
	f.Pos = pos
	return f
}

// names reads the lines of the header.
func (t *Reader) names(c *csvSource) (names []string, at []value.Pos, fault *Fault) {
	rows := t.dialect.HeaderRows
	for line := 1; line <= rows[len(rows)-1]; line++ {
		var row Row
		fault, err := c.read(&row)
		if err != nil {
			return nil, nil, bad("source", "header-cut", "")
		}
		if fault != nil {
			return nil, nil, fault
		}
		if !slices.Contains(rows, line) {
			continue
		}
		for i := range row.Cells {
			name := strings.TrimSpace(row.Cells[i].Text)
			if i == len(names) {
				names, at = append(names, name), append(at, row.pos(t.file, i))
			} else if name != "" {
				names[i] = strings.TrimPrefix(names[i]+t.dialect.HeaderJoin+name, t.dialect.HeaderJoin)
			}
		}
	}
	return names, at, nil
}

// onlyBlank tells whether no row follows.
func (c *csvSource) onlyBlank() bool {
	for at := 0; ; {
		switch c.byteAt(at) {
		case '\n', '\r':
			at++
		case -1:
			return true
		default:
			return false
		}
	}
}

// matchFields compares the columns with the fields of the schema.
func (t *Reader) matchFields(at []value.Pos) (faults []*Fault) {
	if t.schema == nil || len(t.schema.Fields) == 0 || t.dialect.NoHeader {
		return nil
	}
	match := t.dialect.FieldsMatch
	if match == "" {
		match = t.schema.Match
	}
	return MatchFields(match, t.schema.names(), t.columnNames(), at)
}

func (t *Reader) columnNames() []string {
	names := make([]string, len(t.columns))
	for i, c := range t.columns {
		names[i] = c.Name
	}
	return names
}

// MatchFields compares declared names with those of a table, which stand at these places.
// No relation is [MatchExact], as Data Package v2 has it.
func MatchFields(match FieldsMatch, declared, columns []string, at []value.Pos) (faults []*Fault) {
	place := func(i int) value.Pos {
		if i < len(at) {
			return at[i]
		}
		return value.Pos{}
	}
	if match != MatchSubset && match != MatchPartial {
		for i, name := range columns {
			if !slices.Contains(declared, name) {
				faults = append(faults, placed(bad("columns", "extra-column", "", quoted("name", name), value.Some("declared", declared)), place(i)))
			}
		}
	}
	if match != MatchSuperset && match != MatchPartial {
		for _, name := range declared {
			if !slices.Contains(columns, name) {
				faults = append(faults, placed(bad("columns", "missing-column", "", quoted("name", name), value.Some("columns", columns)), place(0)))
			}
		}
	}
	switch {
	case len(faults) > 0:
	case match == MatchPartial && !slices.ContainsFunc(columns, func(name string) bool { return slices.Contains(declared, name) }):
		faults = append(faults, placed(bad("columns", "no-declared-column", "", value.Some("declared", declared)), place(0)))
	case match == MatchExact || match == "":
		for i, name := range columns {
			if i < len(declared) && declared[i] != name {
				return append(faults, placed(bad("columns", "other-order", "", value.N("n", i+1), quoted("name", name), quoted("declared", declared[i])), place(i)))
			}
		}
	}
	return faults
}
