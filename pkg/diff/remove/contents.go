package remove

import (
	"context"
	"slices"

	"github.com/b24apply/b24apply/pkg/diff/denial"
	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/plan"
	"github.com/b24apply/b24apply/pkg/spec"
	"github.com/b24apply/b24apply/pkg/value"
)

// A container is a live record that may hold others, in its store.
type container struct {
	kind.Store
	id int
}

// absentHolders lists the live sections that an Absent deletes.
func (f *Reader) absentHolders() []container {
	var out []container
	for _, a := range f.Set.Absent() {
		rows := f.Former[a.Address]
		if len(a.Kind.Holds) > 0 && len(rows) == 1 && a.OnRemove == spec.OnRemoveDelete {
			out = append(out, containerOf(a.Kind, rows[0]))
		}
	}
	return out
}

// undeclaredHolders lists the sections that a prune deletes.
func undeclaredHolders(all []Undeclared) []container {
	var out []container
	for _, u := range all {
		if len(u.Resource.Kind.Holds) > 0 {
			out = append(out, containerOf(u.Resource.Kind, u.Row))
		}
	}
	return out
}

func containerOf(k *kind.Kind, row kind.Row) container {
	return container{kind.Store{Kind: k, Iblock: row.Int(kind.CatalogueField)}, row.Int("id")}
}

// readContents counts what lies in sections that are to be deleted, those of people
// included: two counts a section, 50 to a request.
func (f *Reader) readContents(ctx context.Context, sections []container) error {
	var searches []kind.Search
	var at []kind.RecordID
	for _, s := range sections {
		for _, inner := range s.Inner() {
			searches = append(searches, kind.Search{Store: inner, Where: []kind.Condition{{Field: kind.SectionField, Test: kind.AnyOf, Values: []any{s.id}}}, Columns: []string{"id"}})
			at = append(at, s.Record(s.id))
		}
	}
	if f.Found.Contents == nil {
		f.Found.Contents, f.Found.ContentsNotRead = make(map[kind.RecordID]int), make(map[kind.RecordID]*kind.Refusal)
	}
	answers, err := f.Asker.Firsts(ctx, searches, "counting-contents-of-sections")
	for i, a := range answers {
		if a.Refused != nil {
			f.Found.ContentsNotRead[at[i]] = a.Refused
		}
		f.Found.Contents[at[i]] += max(len(a.Rows), a.Total)
	}
	return err
}

// emptyFirst makes the deletion of a section wait for what this plan deletes in it or
// moves out of it. A section that would not be empty then is refused: the portal would
// delete the rest with it, whoever it belongs to.
func (c *Remover) emptyFirst(removals []plan.Change) {
	leaving := c.leavers(removals)
	for again := true; again; {
		again = false
		for i := range removals {
			ch := &removals[i]
			if ch.Action != plan.Delete || len(ch.Facts.Holds) == 0 {
				continue
			}
			ch.Deps = nil
			for _, l := range leaving[value.IDNumber(ch.ID)] {
				if l.Action != plan.Refuse && slices.Contains(ch.Facts.Holds, l.Kind) {
					ch.Deps = append(ch.Deps, l.Address)
				}
			}
			if no := c.Found.ContentsNotRead[ch.Store().Record(value.IDNumber(ch.ID))]; no != nil {
				denial.RefuseNotRead(ch, no)
				ch.Deps, again = nil, true
				continue
			}
			if left := c.Found.Contents[ch.Store().Record(value.IDNumber(ch.ID))] - len(ch.Deps); left > 0 {
				ch.RefuseFor("SECTION_NOT_EMPTY", value.Say("section-not-empty", value.N("n", left)), value.Say("empty-section-first"))
				ch.Deps = nil
				again = true // the section that it lies in is not empty either
			}
			slices.Sort(ch.Deps)
		}
	}
}

// leavers gives, by the id of a section, the changes that take something out of it.
func (c *Remover) leavers(removals []plan.Change) map[int][]*plan.Change {
	out := make(map[int][]*plan.Change)
	for i := range removals {
		if d := &removals[i]; d.Action == plan.Delete && d.Inside != "" {
			section := value.IDNumber(d.Inside)
			out[section] = append(out[section], d)
		}
	}
	if len(out) == 0 && !slices.ContainsFunc(removals, func(ch plan.Change) bool { return ch.Action == plan.Delete && len(ch.Facts.Holds) > 0 }) {
		return nil
	}
	for i := range c.Out.Len() {
		ch := c.Out.Read(i)
		for _, d := range ch.Fields {
			if live := d.Live; !live.IsEmpty() && d.Wire == kind.SectionField {
				out[live.Int()] = append(out[live.Int()], ch)
			}
		}
	}
	return out
}
