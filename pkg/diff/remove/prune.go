package remove

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

// At tells where the record stands.
func (u Undeclared) At() kind.RecordID {
	return kind.RecordID{EntityTypeID: u.Resource.Kind.StoreNumber(u.EntityTypeID), ID: u.Row.Int("id")}
}

// ReadMarked reads what carries the owner's mark, as far as it is to be removed, and what the
// removal would touch.
func (f *Reader) ReadMarked(ctx context.Context, scopes []Scope, goes func(Undeclared) bool) error {
	found, set := f.Found, f.Set
	var victims []kind.RecordID
	for _, s := range scopes {
		marked, err := f.ScanMarked(ctx, s)
		var no *kind.Refusal
		if errors.As(err, &no) && no.Scope != kind.ScopeCredential {
			f.blind(no)
			continue
		}
		if err != nil {
			return value.While(err, "looking-for-what-is-pruned", s.Kind.Arg("kinds"))
		}
		for _, u := range marked {
			if !goes(u) {
				continue
			}
			found.Undeclared = append(found.Undeclared, u)
			victims = append(victims, u.At())
		}
	}
	if how := set.Project.Lifecycle.OnRemove; !found.Destroys && (how == spec.OnRemoveKeep || how == spec.OnRemoveDetach) {
		return nil
	}
	if err := f.ReadPointers(ctx, victims); err != nil {
		return err
	}
	return f.readContents(ctx, undeclaredHolders(found.Undeclared))
}

// A Scope is one entity type of which something is declared.
type Scope struct {
	Kind  *kind.Kind
	space string
	Type  declared.Type
}

// PruneScopes lists the live entity types that resources are of, those of smart processes
// among them included.
func (f *Reader) PruneScopes(resources []*spec.Resource) []Scope {
	byEntity := make(map[int]Scope)
	for _, r := range resources {
		var s Scope
		switch r.Kind.Class {
		case kind.ClassType:
			s = Scope{Kind: f.Meta.Kinds.Items(), space: r.Address.Name(), Type: f.TypeByName(r.Address.Name())}
		case kind.ClassRecord, kind.ClassCatalog:
			space, _ := r.Address.Split()
			s = Scope{Kind: r.Kind, space: space, Type: f.TypeOf(r)}
		default:
			continue
		}
		if s.Type.Store() != 0 && !s.Type.Refused && !f.Meta.Missing[s.Type.EntityTypeID] {
			byEntity[s.Type.Store()] = s
		}
	}
	return slices.SortedFunc(maps.Values(byEntity), func(a, b Scope) int {
		return cmp.Or(cmp.Compare(a.Kind.Rank, b.Kind.Rank), cmp.Compare(a.space, b.space))
	})
}

// isOwnName tells whether a text is a name as a mark holds it. What else stands behind the
// owner's prefix was not written by this program.
func isOwnName(text string) bool { return value.IsName(text) && text == strings.ToLower(text) }

// ScanMarked reads every record of a scope that carries a mark of the owner, and
// checks each one byte for byte: the portal's filters ignore case.
func (f *Reader) ScanMarked(ctx context.Context, s Scope) ([]Undeclared, error) {
	nameless := &spec.Resource{Kind: s.Kind, Address: value.NewAddress(s.space, ""), Type: s.space}
	if f.FormerMark(nameless, s.Type) == nil {
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
func (f *Reader) scanOwner(ctx context.Context, s Scope, owner string, nameless *spec.Resource) ([]Undeclared, error) {
	slot := f.Slot(nameless, s.Type)
	prefix := slot.Mark(owner, "")
	var out []Undeclared
	for row, err := range f.marked(ctx, s, prefix) {
		if err == nil {
			err = showsMark(row, s.Kind, prefix)
		}
		if err != nil {
			return nil, err
		}
		last := prefix[len(prefix)-1]
		name, ok := strings.CutPrefix(row.Text(last.Wire), last.Value)
		if !ok || !isOwnName(name) {
			continue
		}
		r := &spec.Resource{Kind: s.Kind, Name: name, Address: value.NewAddress(s.space, name), Type: nameless.Type}
		if plan.Carries(row, slot.Mark(owner, name)) {
			out = append(out, Undeclared{Resource: r, EntityTypeID: s.Type.EntityTypeID, Row: row})
		}
	}
	return out, nil
}

// marked reads the rows of a scope whose mark may start as the nameless one does.
func (f *Reader) marked(ctx context.Context, s Scope, prefix []plan.Mark) iter.Seq2[kind.Row, error] {
	return func(yield func(kind.Row, error) bool) {
		for _, at := range f.Stores(s.Kind, s.Type.EntityTypeID) {
			for row, err := range f.Asker.Scan(ctx, victims(at, prefix, marksBegin(prefix))) {
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

// blind notes, for a prune, what the portal refused to tell: what is declared, or marked, may
// then be there and be taken for something else.
func (f *Reader) blind(no *kind.Refusal) {
	if f.Found.Blind == nil {
		f.Found.Blind = no
	}
}

// ReadBlindly notes the first of the declared resources that could not be read.
func (f *Reader) ReadBlindly(context.Context) error {
	for _, r := range f.Subjects() {
		if no := f.NotRead(r); no != nil {
			f.blind(no)
			return nil
		}
	}
	return nil
}
