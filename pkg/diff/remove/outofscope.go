package remove

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/b24apply/b24apply/pkg/diff/declared"
	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/plan"
	"github.com/b24apply/b24apply/pkg/spec"
	"github.com/b24apply/b24apply/pkg/value"
)

// A Leftover is what carries the owner's mark in a store of which nothing is declared, so
// that pruning leaves it alone.
type Leftover struct {
	Kind    *kind.Kind
	Type    string       // items of a smart process: which
	Count   int          // as the portal counts; 0 if it refuses to tell
	Records []Undeclared // the first of them
}

// says names the records of the store.
func (l Leftover) says() value.Message {
	if l.Type != "" {
		return value.Say("all-items-of-named-type", value.Q("type", l.Type))
	}
	return value.Say("all-of-kind", l.Kind.Arg("kinds"))
}

// ReadOutOfScope counts what carries the owner's mark in the stores that pruning does not
// touch. A kind that the credential may not read is said so, and no error.
func (f *Reader) ReadOutOfScope(ctx context.Context, scoped []Scope) error {
	if err := f.ReadForeignStores(ctx); err != nil {
		return err
	}
	var open []*Vacancy
	for _, s := range f.OtherScopes(scoped) {
		sl := f.Slot(&spec.Resource{Kind: s.Kind, Address: value.NewAddress(s.space, ""), Type: s.space}, s.Type)
		if len(sl.Wires()) == 0 {
			continue // no record can carry a mark
		}
		for _, at := range f.Stores(s.Kind, s.Type.EntityTypeID) {
			open = append(open, &Vacancy{Store: at, Space: s.space, Type: s.Type, Slot: sl})
		}
	}
	searches := make([]kind.Search, len(open))
	for i, v := range open {
		searches[i] = v.Marked(f.Set.Project.Name)
	}
	answers, err := f.Asker.First(ctx, searches)
	if err != nil {
		return value.While(err, "counting-out-of-scope")
	}
	named := f.NamedFormer()
	for i, a := range answers {
		v := open[i]
		left := Leftover{Kind: v.Kind}
		if v.Kind.Space == "" {
			left.Type = v.Space
		}
		if a.Refused == nil {
			left.Records = f.Undeclared(v, a.Rows, named)
			left.Count = len(left.Records) + max(0, a.Total-len(a.Rows))
		}
		if left.Count > 0 || a.Refused != nil {
			f.Found.OutOfScope = append(f.Found.OutOfScope, left)
		}
	}
	return nil
}

// ReadForeignStores reads what it takes to know all stores: the types, the catalogues, and
// the fields of kinds whose mark lies in a user field.
func (f *Reader) ReadForeignStores(ctx context.Context) error {
	if f.Meta.Types == nil {
		if err := f.Types(ctx); err != nil {
			return err
		}
	}
	if len(f.Meta.Catalog.Iblocks) == 0 {
		catalogs, err := f.Asker.Catalogs(ctx)
		if err != nil && !isRefusal(err) {
			return value.While(err, "reading-catalogues")
		}
		f.Meta.Catalog.Iblocks = append(f.Meta.Catalog.Iblocks, catalogs.Iblocks...)
		f.Meta.Catalog.Variations = append(f.Meta.Catalog.Variations, catalogs.Variations...)
	}
	w := kind.Wanted{Kinds: f.Meta.Kinds}
	for _, k := range kind.All() {
		slot := f.Set.Project.SlotOf(&spec.Resource{Kind: k, Address: value.NewAddress(k.Space, "")})
		_, known := f.Meta.Fields[k.EntityTypeID]
		if k.Class == kind.ClassRecord && k.EntityTypeID != 0 && !known && slot.Key == kind.KeyField {
			w.Entities = append(w.Entities, kind.WantedEntity{EntityTypeID: k.EntityTypeID})
		}
	}
	names, err := f.Asker.Names(ctx, w)
	if err != nil {
		return value.While(err, "reading-fields-of-marks")
	}
	maps.Copy(f.Meta.Fields, names.Fields)
	return nil
}

// isRefusal tells whether the portal refused one question, and not the credential.
func isRefusal(err error) bool {
	var refusal *kind.Refusal
	return errors.As(err, &refusal) && refusal.Scope != kind.ScopeCredential
}

// OtherScopes lists the entity types of the portal, and the kinds of the catalogue, that
// are not among those of a prune.
func (f *Reader) OtherScopes(scoped []Scope) []Scope {
	in := func(number int) bool {
		return slices.ContainsFunc(scoped, func(s Scope) bool { return s.Type.Store() == number })
	}
	var out []Scope
	for _, k := range f.Meta.Kinds.All() {
		t := f.TypeOf(&spec.Resource{Kind: k})
		if (k.Class == kind.ClassRecord && k.EntityTypeID != 0 || k.Class == kind.ClassCatalog) && !in(t.Store()) {
			out = append(out, Scope{Kind: k, space: k.Space, Type: t})
		}
	}
	for i := range f.Meta.Types {
		t := &f.Meta.Types[i]
		if in(t.EntityTypeID) {
			continue
		}
		space := strings.ToLower(t.Code)
		if space == "" {
			space = strconv.Itoa(t.EntityTypeID)
		}
		out = append(out, Scope{Kind: f.Meta.Kinds.Items(), space: space, Type: declared.Type{EntityTypeID: t.EntityTypeID, Live: t}})
	}
	return out
}

// NoteOutOfScope names what a prune leaves alone: of kinds that are not selected, and of those
// of which nothing is declared.
func (c *Remover) NoteOutOfScope(p *plan.Plan) {
	var hidden []value.Message
	why := make(map[string][]Leftover)
	for _, left := range c.Found.OutOfScope {
		switch {
		case left.Count == 0:
			hidden = append(hidden, left.says())
		case c.Set.Selected && c.Set.Declares(left.Kind, left.Type):
			why["out-of-selection"] = append(why["out-of-selection"], left)
		default:
			why["out-of-scope"] = append(why["out-of-scope"], left)
		}
	}
	for _, sentence := range []string{"out-of-scope", "out-of-selection"} {
		if len(why[sentence]) > 0 {
			p.Notes = append(p.Notes, outOfScope(sentence, p.Owner, why[sentence]))
		}
	}
	if len(hidden) > 0 {
		p.Notes = append(p.Notes, plan.Note{Code: "OUT_OF_SCOPE", Message: value.Say("out-of-scope-is-not-known", value.Ms("kinds", hidden))})
	}
}

// outOfScope names the records of some stores.
func outOfScope(sentence, owner string, stores []Leftover) plan.Note {
	note := plan.Note{Code: "OUT_OF_SCOPE"}
	var counts []value.Message
	for _, left := range stores {
		counts = append(counts, value.Say("counted", value.N("n", left.Count), value.M("kinds", left.says())))
		const most = 5
		var names []value.Message
		for i, u := range left.Records {
			note.Addresses = append(note.Addresses, u.Resource.Address)
			if i < most {
				names = append(names, DescribeRow(u.Resource, u.Row))
			}
		}
		if more := left.Count - len(names); more > 0 {
			names = append(names, value.Say("and-more", value.N("n", more)))
		}
		note.Lines = append(note.Lines, value.Say("kinds-and-resources", value.M("kinds", left.says()), value.Ms("resources", names)))
	}
	note.Message = value.Say(sentence, value.T("owner", owner), value.Ms("counts", counts))
	return note
}

// NotePruned warns that what a prune removes may be another repository's: marks hold the
// name of the project, and nothing tells two repositories of one name apart.
func (c *Remover) NotePruned(p *plan.Plan, anyFound bool) {
	note := plan.Note{Code: "NOT_DECLARED"}
	for _, e := range c.Out.Entries() {
		if e.Removal && (e.Action == plan.Delete || e.Detached) && slices.ContainsFunc(c.Found.Undeclared, func(u Undeclared) bool { return u.Resource.Address == e.Address }) {
			note.Addresses = append(note.Addresses, e.Address)
		}
	}
	n := len(note.Addresses)
	if n == 0 || c.Found.Destroys {
		return
	}
	why := "pruned-is-not-declared"
	if !anyFound {
		why = "pruned-and-none-found"
	}
	note.Message = value.Say(why, value.N("n", n), value.T("owner", p.Owner), firstAddresses("resources", note.Addresses))
	p.Notes = append(p.Notes, note)
}

// firstAddresses gives a few addresses, and how many more there are.
func firstAddresses(name string, all []value.Address) value.Arg {
	if len(all) <= maxNamed+1 {
		return value.L(name, all)
	}
	first := value.L(name, all[:maxNamed])
	first.Messages = []value.Message{value.Say("and-more", value.N("n", len(all)-maxNamed))}
	return first
}

// maxNamed is how many addresses a sentence names.
const maxNamed = 10

// A Vacancy is a store in which the plan creates something.
type Vacancy struct {
	kind.Store
	Space string
	Type  declared.Type
	Slot  declared.Slot
	Names []value.Address // what no record was found for
}

// Marked asks for what carries the mark of an owner.
func (v *Vacancy) Marked(owner string) kind.Search {
	marks := v.Slot.Mark(owner, "")
	return victims(v.Store, marks, marksBegin(marks))
}

// DescribeRow names a record by its address, its id and what people call it.
func DescribeRow(r *spec.Resource, row kind.Row) value.Message {
	args := []value.Arg{value.T("resource", r.Address), value.N("id", row.Int("id"))}
	if title := r.Kind.TitleOf(row); title != "" {
		return value.Say("resource-of-id-and-title", append(args, value.Q("title", title))...)
	}
	return value.Say("resource-of-id", args...)
}

// Undeclared picks those rows of a store whose mark names no declared address.
func (f *Reader) Undeclared(v *Vacancy, rows []kind.Row, named map[value.Address]bool) (out []Undeclared) {
	for _, row := range rows {
		h := v.Slot.Held(row)
		address := value.NewAddress(v.Space, h.Name)
		if h.Owner != f.Set.Project.Name || !isOwnName(h.Name) || f.Set.Names(address) || named[address] {
			continue
		}
		r := &spec.Resource{Kind: v.Kind, Name: h.Name, Address: address}
		if v.Kind.Space == "" {
			r.Type = v.Space
		}
		out = append(out, Undeclared{Resource: r, EntityTypeID: v.Type.EntityTypeID, Row: row})
	}
	return out
}

// NamedFormer lists the addresses that Absent and Moved speak of.
func (f *Reader) NamedFormer() map[value.Address]bool {
	named := make(map[value.Address]bool)
	for _, former := range f.Set.Former {
		named[former.Address] = true
	}
	return named
}
