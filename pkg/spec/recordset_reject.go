package spec

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/b24apply/b24apply/pkg/spec/table"
	"github.com/b24apply/b24apply/pkg/value"
)

// shownRows is how many rows of a set that are wrong in one way are shown; the others are
// counted, and the file of rejects has them all.
const shownRows = 5

// A Reject is a record of a set that its rows do not declare, and why.
type Reject struct {
	Rows      []table.Place // of the record, in the order of the table
	Address   value.Address // "" where not even that is known
	Duplicate bool          // another row has its key
	Column    string        // of the table; "" for the rows as a whole
	Raw       string        // the cell as it stands there
	Offset    int64         // of the cell, in the file as it is when it is unpacked
	Why       Problems      // in their order, at least one
}

// reject notes a record that is not declared.
func (s *RecordSet) reject(r Reject) {
	s.Rejects = append(s.Rejects, r)
	if r.Address != "" {
		s.named(r.Address)
	}
	if n := len(r.Rows); r.Duplicate {
		s.Counts.Duplicate += n
	} else {
		s.Counts.Rejected += n
	}
}

// named keeps an address that rows name and do not declare.
func (s *RecordSet) named(a value.Address) {
	if s.Named == nil {
		s.Named = make(map[value.Address]bool)
	}
	s.Named[a] = true
}

// problems are those of the rejected rows, as many as people read: errors if nothing may be
// done while a row is invalid.
func (s *RecordSet) problems() (out Problems) {
	slices.SortStableFunc(s.Rejects, func(a, b Reject) int { return cmp.Compare(a.Rows[0].Number, b.Rows[0].Number) })
	var why alike
	for _, r := range s.Rejects {
		for _, p := range r.Why {
			if p.Severity = SeverityError; s.Rules.Skip {
				p.Severity = SeverityWarning
			}
			why.add(r.Column, p)
		}
	}
	out = append(why.told(s.Name), s.warnings.told(s.Name)...)
	if s.Rules.Skip && s.beyond() {
		r := report{src: s.manifest}
		r.problem(s.Rules.pos, s.Rules.most, "rows", value.Say("mend-rows-or-allow-more"),
			value.Say("too-many-rejected", value.T("set", s.Name), value.N("n", s.bad()), value.N("of", s.Counts.Rows), value.T("most", s.Rules.most)))
		out = append(out, r.problems...)
	}
	return out
}

// An alike counts problems that differ in their rows only, and keeps the first of them.
type alike struct {
	first Problems
	seen  map[string]int
	last  map[string]Problem // of those of which there are more
}

func (a *alike) add(column string, p Problem) {
	key := strings.Join([]string{column, p.Rule, p.Message.Code, string(p.Severity)}, "\x00")
	for _, arg := range p.Message.Args {
		if arg.Message != nil {
			key += "\x00" + arg.Message.Code
		}
	}
	if a.seen == nil {
		a.seen, a.last = make(map[string]int), make(map[string]Problem)
	}
	if a.seen[key]++; a.seen[key] <= shownRows {
		a.first = append(a.first, p)
	} else {
		a.last[key] = p
	}
}

func (a *alike) told(set string) Problems {
	out := slices.Clone(a.first)
	for key, p := range a.last { // whoever shows problems sorts them
		p.Message = value.Say("rows-alike", value.N("n", a.seen[key]-shownRows), value.T("set", set), value.M("last", p.Message))
		p.Hint = value.Say("rejects-have-all")
		out = append(out, p)
	}
	return out
}

// bad counts the rows that are not as they must be. Duplicates are where nobody said which counts.
func (s *RecordSet) bad() int {
	if s.Rules.OnDuplicate == "first" || s.Rules.OnDuplicate == "last" {
		return s.Counts.Rejected
	}
	return s.Counts.Rejected + s.Counts.Duplicate
}

// beyond tells whether more rows were rejected than may be.
func (s *RecordSet) beyond() bool {
	bad := s.bad()
	return s.Rules.max >= 0 && bad > s.Rules.max || s.Rules.percent >= 0 && float64(bad)*100 > s.Rules.percent*float64(s.Counts.Rows)
}

// tellRows tells of the rows of all sets that declare nothing.
func (l *loader) tellRows() {
	for _, s := range l.sets {
		if s.Table != nil {
			l.refuse(s.problems()...)
		}
	}
}

// column says of which column of the table the first problem is, where it is about a cell.
func (r *Reject) column(m *table.Mapper) {
	if len(r.Why) > 0 {
		r.Column, r.Raw, r.Offset = m.CellAt(r.Why[0].Pos)
	}
}

// readMost reads a number or a share; -1 stands for no bound.
func readMost(text string) (max int, percent float64) {
	if share, is := strings.CutSuffix(text, "%"); is {
		percent, err := strconv.ParseFloat(share, 64)
		if err == nil {
			return -1, percent
		}
	}
	if n, err := strconv.Atoi(text); err == nil {
		return n, -1
	}
	return -1, -1
}

// setsMeant are the sets of which a run means any row.
func (l *loader) setsMeant(s *Set) []*RecordSet {
	rows := make(map[*RecordSet]bool)
	for _, r := range s.Resources {
		if r.Row != nil {
			rows[r.Row] = true
		}
	}
	return slices.DeleteFunc(slices.Clone(l.sets), func(t *RecordSet) bool {
		return l.beside[t.Pos.File] || !rows[t] && (s.Selected || t.Counts.Valid > 0)
	})
}

// showTables hands over the sets whose tables were read.
func (l *loader) showTables() {
	if l.o.Tables == nil {
		return
	}
	l.o.Tables(slices.DeleteFunc(slices.Clone(l.sets), func(s *RecordSet) bool { return s.Table == nil || l.beside[s.Pos.File] }))
}
