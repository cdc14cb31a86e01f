package spec

import (
	"slices"

	"github.com/b24apply/b24apply/pkg/spec/table"
	"github.com/b24apply/b24apply/pkg/value"
)

// passes takes the problems of a resource since some were found. Those of a row concern its
// set, which says what becomes of such rows.
func (l *linker) passes(r *Resource, before int) {
	if r.Row == nil || len(l.problems) == before {
		return
	}
	if l.rejected == nil {
		l.rejected = make(map[*Resource]Problems)
	}
	l.rejected[r] = append(l.rejected[r], slices.Clone(l.problems[before:])...)
	l.problems = l.problems[:before]
}

// dropRows takes the rows that were rejected out of what is declared, and with them the rows
// that refer to one of those, and so on. What is declared otherwise and refers to one is a problem.
func (l *linker) dropRows() {
	if len(l.rejected) == 0 {
		return
	}
	gone, pointers := make(map[value.Address]bool), make(map[value.Address][]*Resource)
	var open []value.Address
	drop := func(r *Resource) {
		if l.byAddress[r.Address] == r {
			gone[r.Address] = true
			open = append(open, r.Address)
		}
	}
	for _, r := range l.resources {
		for _, dep := range r.Deps {
			pointers[dep] = append(pointers[dep], r)
		}
		if l.rejected[r] != nil {
			drop(r)
		}
	}
	for len(open) > 0 {
		target := open[0]
		open = open[1:]
		for _, r := range pointers[target] {
			before, known := len(l.problems), l.rejected[r] != nil
			l.refersToRejected(r, target)
			if l.passes(r, before); r.Row != nil && !known {
				drop(r)
			}
		}
	}
	l.resources = slices.DeleteFunc(slices.Clone(l.resources), func(r *Resource) bool {
		why := l.rejected[r]
		if why == nil {
			return false
		}
		rows := r.Row.rowsOf(r)
		r.Row.Counts.Valid -= len(rows)
		r.Row.reject(Reject{Rows: rows, Address: r.Address, Duplicate: why[0].Rule == "address", Offset: rows[0].Offset, Why: why})
		return true
	})
	for a := range gone {
		delete(l.byAddress, a)
	}
}

// refersToRejected says where a resource refers to a row that was rejected.
func (l *linker) refersToRejected(r *Resource, target value.Address) {
	for _, k := range l.links(r, r.Fields(), r.Parts()) {
		if k.target == target {
			l.problem(k.at, string(target), "reference", value.Say("mend-row-first"), value.Say("ref-to-rejected", value.T("field", k.field), value.T("resource", target), value.T("at", l.byAddress[target].Pos.String())))
			return
		}
	}
}

// rowsOf gives the rows that declare a record.
func (s *RecordSet) rowsOf(r *Resource) []table.Place { return s.RowsAt(r.Pos.Line) }

// RowsAt gives the rows of the record that stands at a line of the table; none if none does.
func (s *RecordSet) RowsAt(line int) []table.Place {
	i, found := slices.BinarySearchFunc(s.records, line, func(rec rowRecord, line int) int { return rec.first.Line - line })
	if !found {
		return nil
	}
	return s.records[i].rows()
}

// Declared gives what the record at a line of the table declares; nil if none stands there, or
// if Options do not keep the rows. One that was rejected since it refers to nothing is there too.
func (s *RecordSet) Declared(line int) *Resource {
	i, found := slices.BinarySearchFunc(s.records, line, func(rec rowRecord, line int) int { return rec.first.Line - line })
	if !found || s.declared == nil {
		return nil
	}
	return s.declared[i]
}
