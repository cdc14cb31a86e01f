package diff

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

// readOutOfScope counts what carries the owner's mark in the stores that pruning does not
// touch. A kind that the credential may not read is said so, and no error.
func (f *fetcher) readOutOfScope(ctx context.Context, scoped []pruneScope) error {
	if err := f.readForeignStores(ctx); err != nil {
		return err
	}
	var open []*vacancy
	for _, s := range f.otherScopes(scoped) {
		sl := f.Slot(&spec.Resource{Kind: s.kind, Address: value.NewAddress(s.space, ""), Type: s.space}, s.typ)
		if len(sl.Wires()) == 0 {
			continue // no record can carry a mark
		}
		for _, at := range f.Stores(s.kind, s.typ.EntityTypeID) {
			open = append(open, &vacancy{Store: at, space: s.space, typ: s.typ, slot: sl})
		}
	}
	searches := make([]kind.Search, len(open))
	for i, v := range open {
		searches[i] = v.marked(f.Set.Project.Name)
	}
	answers, err := f.asker.First(ctx, searches)
	if err != nil {
		return value.While(err, "counting-out-of-scope")
	}
	named := f.namedFormer()
	for i, a := range answers {
		v := open[i]
		left := Leftover{Kind: v.Kind}
		if v.Kind.Space == "" {
			left.Type = v.space
		}
		if a.Refused == nil {
			left.Records = f.undeclared(v, a.Rows, named)
			left.Count = len(left.Records) + max(0, a.Total-len(a.Rows))
		}
		if left.Count > 0 || a.Refused != nil {
			f.state.OutOfScope = append(f.state.OutOfScope, left)
		}
	}
	return nil
}

// readForeignStores reads what it takes to know all stores: the types, the catalogues, and
// the fields of kinds whose mark lies in a user field.
func (f *fetcher) readForeignStores(ctx context.Context) error {
	if f.Meta.Types == nil {
		if err := f.fetchTypes(ctx); err != nil {
			return err
		}
	}
	if len(f.Meta.Catalog.Iblocks) == 0 {
		catalogs, err := f.asker.Catalogs(ctx)
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
	names, err := f.asker.Names(ctx, w)
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

// otherScopes lists the entity types of the portal, and the kinds of the catalogue, that
// are not among those of a prune.
func (f *fetcher) otherScopes(scoped []pruneScope) []pruneScope {
	in := func(number int) bool {
		return slices.ContainsFunc(scoped, func(s pruneScope) bool { return s.typ.Store() == number })
	}
	var out []pruneScope
	for _, k := range f.Meta.Kinds.All() {
		t := f.TypeOf(&spec.Resource{Kind: k})
		if (k.Class == kind.ClassRecord && k.EntityTypeID != 0 || k.Class == kind.ClassCatalog) && !in(t.Store()) {
			out = append(out, pruneScope{kind: k, space: k.Space, typ: t})
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
		out = append(out, pruneScope{kind: f.Meta.Kinds.Items(), space: space, typ: declared.Type{EntityTypeID: t.EntityTypeID, Live: t}})
	}
	return out
}

// noteOutOfScope names what a prune leaves alone: of kinds that are not selected, and of those
// of which nothing is declared.
func (c *computer) noteOutOfScope(p *plan.Plan) {
	var hidden []value.Message
	why := make(map[string][]Leftover)
	for _, left := range c.state.OutOfScope {
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
				names = append(names, describeRow(u.Resource, u.Row))
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

// notePruned warns that what a prune removes may be another repository's: marks hold the
// name of the project, and nothing tells two repositories of one name apart.
func (c *computer) notePruned(p *plan.Plan) {
	note := plan.Note{Code: "NOT_DECLARED"}
	for _, e := range c.out.Entries() {
		if e.Removal && (e.Action == plan.Delete || e.Detached) && slices.ContainsFunc(c.state.Undeclared, func(u Undeclared) bool { return u.Resource.Address == e.Address }) {
			note.Addresses = append(note.Addresses, e.Address)
		}
	}
	n := len(note.Addresses)
	if n == 0 || c.state.Destroys {
		return
	}
	why := "pruned-is-not-declared"
	if !c.state.found() {
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
