package diff

import (
	"cmp"
	"context"
	"errors"
	"iter"
	"maps"
	"slices"
	"strings"

	"github.com/b24apply/b24apply/pkg/diff/declared"
	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/plan"
	"github.com/b24apply/b24apply/pkg/spec"
	"github.com/b24apply/b24apply/pkg/value"
)

// Undeclared is a live record that carries the owner's mark for an address which no
// manifest names.
type Undeclared struct {
	Resource     *spec.Resource // its kind and address; without fields
	EntityTypeID int            // 0 in the catalogue
	Row          kind.Row
}

// at tells where the record stands.
func (u Undeclared) at() kind.RecordID {
	return kind.RecordID{EntityTypeID: u.Resource.Kind.StoreNumber(u.EntityTypeID), ID: u.Row.Int("id")}
}

// FetchUndeclared adds to the state what pruning would remove: every record of the
// kinds and types of which something is declared that carries the owner's mark for
// an address that no manifest names. It reads all marked records of these kinds, or
// fails; it never gives a part of them. Call it after Fetch, with what that returned.
func FetchUndeclared(ctx context.Context, asker Asker, set *spec.Set, state *State) error {
	f := &fetcher{asker: asker, state: state, View: declared.NewView(set, &state.Meta, nil)}
	named := make(map[value.Address]bool)
	for _, former := range set.Former {
		named[former.Address] = true
	}
	if err := f.readBlindly(ctx); err != nil {
		return err
	}
	scopes := f.pruneScopes(set.Resources)
	if err := f.readOutOfScope(ctx, scopes); err != nil {
		return err
	}
	return f.readMarked(ctx, scopes, func(u Undeclared) bool { return !set.Names(u.Resource.Address) && !named[u.Resource.Address] })
}

// FetchOwned adds to the state everything that carries the owner's mark, declared or not, as
// what is to be removed. The set means nothing; see [spec.Set.Emptied]. Call it after Fetch.
func FetchOwned(ctx context.Context, asker Asker, set *spec.Set, state *State) error {
	f := &fetcher{asker: asker, state: state, View: declared.NewView(set, &state.Meta, nil)}
	state.Destroys = true
	if err := f.readBlindly(ctx); err != nil {
		return err
	}
	if err := f.readForeignStores(ctx); err != nil {
		return err
	}
	scopes := f.pruneScopes(set.Types())
	scopes = append(scopes, f.otherScopes(scopes)...)
	return f.readMarked(ctx, scopes, func(Undeclared) bool { return true })
}

// readMarked reads what carries the owner's mark, as far as it is to be removed, and what the
// removal would touch.
func (f *fetcher) readMarked(ctx context.Context, scopes []pruneScope, goes func(Undeclared) bool) error {
	state, set := f.state, f.Set
	var victims []kind.RecordID
	for _, s := range scopes {
		found, err := f.scanMarked(ctx, s)
		var no *kind.Refusal
		if errors.As(err, &no) && no.Scope != kind.ScopeCredential {
			f.blind(no)
			continue
		}
		if err != nil {
			return value.While(err, "looking-for-what-is-pruned", s.kind.Arg("kinds"))
		}
		for _, u := range found {
			if !goes(u) {
				continue
			}
			state.Undeclared = append(state.Undeclared, u)
			victims = append(victims, u.at())
		}
	}
	if how := set.Project.Lifecycle.OnRemove; !state.Destroys && (how == spec.OnRemoveKeep || how == spec.OnRemoveDetach) {
		return nil
	}
	if err := f.readPointers(ctx, victims); err != nil {
		return err
	}
	return f.readContents(ctx, undeclaredHolders(state.Undeclared))
}

// A pruneScope is one entity type of which something is declared.
type pruneScope struct {
	kind  *kind.Kind
	space string
	typ   declared.Type
}

// pruneScopes lists the live entity types that resources are of, those of smart processes
// among them included.
func (f *fetcher) pruneScopes(resources []*spec.Resource) []pruneScope {
	byEntity := make(map[int]pruneScope)
	for _, r := range resources {
		var s pruneScope
		switch r.Kind.Class {
		case kind.ClassType:
			s = pruneScope{kind: f.Meta.Kinds.Items(), space: r.Address.Name(), typ: f.TypeByName(r.Address.Name())}
		case kind.ClassRecord, kind.ClassCatalog:
			space, _ := r.Address.Split()
			s = pruneScope{kind: r.Kind, space: space, typ: f.TypeOf(r)}
		default:
			continue
		}
		if s.typ.Store() != 0 && !s.typ.Refused && !f.Meta.Missing[s.typ.EntityTypeID] {
			byEntity[s.typ.Store()] = s
		}
	}
	return slices.SortedFunc(maps.Values(byEntity), func(a, b pruneScope) int {
		return cmp.Or(cmp.Compare(a.kind.Rank, b.kind.Rank), cmp.Compare(a.space, b.space))
	})
}

// isOwnName tells whether a text is a name as a mark holds it. What else stands behind the
// owner's prefix was not written by this program.
func isOwnName(text string) bool { return value.IsName(text) && text == strings.ToLower(text) }

// scanMarked reads every record of a scope that carries a mark of the owner, and
// checks each one byte for byte: the portal's filters ignore case.
func (f *fetcher) scanMarked(ctx context.Context, s pruneScope) ([]Undeclared, error) {
	nameless := &spec.Resource{Kind: s.kind, Address: value.NewAddress(s.space, ""), Type: s.space}
	if f.FormerMark(nameless, s.typ) == nil {
		return nil, nil
	}
	var out []Undeclared
	for _, owner := range f.Owners() {
		found, err := f.scanOwner(ctx, s, owner, nameless)
		if err != nil {
			return nil, err
		}
		out = append(out, found...)
	}
	return out, nil
}

// scanOwner is scanMarked for one name of the owner.
func (f *fetcher) scanOwner(ctx context.Context, s pruneScope, owner string, nameless *spec.Resource) ([]Undeclared, error) {
	slot := f.Slot(nameless, s.typ)
	prefix := slot.Mark(owner, "")
	var out []Undeclared
	for row, err := range f.marked(ctx, s, prefix) {
		if err == nil {
			err = showsMark(row, s.kind, prefix)
		}
		if err != nil {
			return nil, err
		}
		last := prefix[len(prefix)-1]
		name, ok := strings.CutPrefix(row.Text(last.Wire), last.Value)
		if !ok || !isOwnName(name) {
			continue
		}
		r := &spec.Resource{Kind: s.kind, Name: name, Address: value.NewAddress(s.space, name), Type: nameless.Type}
		if plan.Carries(row, slot.Mark(owner, name)) {
			out = append(out, Undeclared{Resource: r, EntityTypeID: s.typ.EntityTypeID, Row: row})
		}
	}
	return out, nil
}

// marked reads the rows of a scope whose mark may start as the nameless one does.
func (f *fetcher) marked(ctx context.Context, s pruneScope, prefix []plan.Mark) iter.Seq2[kind.Row, error] {
	return func(yield func(kind.Row, error) bool) {
		for _, at := range f.Stores(s.kind, s.typ.EntityTypeID) {
			for row, err := range f.asker.Scan(ctx, victims(at, prefix, marksBegin(prefix))) {
				if !yield(row, err) {
					return
				}
			}
		}
	}
}

// marksBegin asks for the records whose mark holds what the nameless one does. Nothing in
// it is a wildcard.
func marksBegin(prefix []plan.Mark) []kind.Condition {
	var where []kind.Condition
	for _, m := range prefix[:len(prefix)-1] {
		where = append(where, kind.Condition{Field: m.Wire, Test: kind.Is, Values: []any{m.Value}})
	}
	if last := prefix[len(prefix)-1]; last.Value != "" {
		where = append(where, kind.Condition{Field: last.Wire, Test: kind.Contains, Values: []any{last.Value}})
	}
	return where
}
