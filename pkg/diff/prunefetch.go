package diff

import (
	"context"

	"github.com/b24apply/b24apply/pkg/diff/ask"
	"github.com/b24apply/b24apply/pkg/diff/declared"
	"github.com/b24apply/b24apply/pkg/diff/meta"
	"github.com/b24apply/b24apply/pkg/diff/remove"
	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/spec"
	"github.com/b24apply/b24apply/pkg/value"
)

// FetchUndeclared adds to the state what pruning would remove: every record of the
// kinds and types of which something is declared that carries the owner's mark for
// an address that no manifest names. It reads all marked records of these kinds, or
// fails; it never gives a part of them. Call it after Fetch, with what that returned.
func FetchUndeclared(ctx context.Context, asker ask.Asker, set *spec.Set, state *State) error {
	f := &fetcher{asker: ask.Portal{Asker: asker}, state: state, View: declared.NewView(set, &state.Meta, nil)}
	named := make(map[value.Address]bool)
	for _, former := range set.Former {
		named[former.Address] = true
	}
	if err := f.gone().ReadBlindly(ctx); err != nil {
		return err
	}
	scopes := f.gone().PruneScopes(set.Resources)
	if err := f.gone().ReadOutOfScope(ctx, scopes); err != nil {
		return err
	}
	return f.gone().ReadMarked(ctx, scopes, func(u remove.Undeclared) bool {
		return !set.Names(u.Resource.Address) && !named[u.Resource.Address]
	})
}

// FetchOwned adds to the state everything that carries the owner's mark, declared or not, as
// what is to be removed. The set means nothing; see [spec.Set.Emptied]. Call it after Fetch.
func FetchOwned(ctx context.Context, asker ask.Asker, set *spec.Set, state *State) error {
	f := &fetcher{asker: ask.Portal{Asker: asker}, state: state, View: declared.NewView(set, &state.Meta, nil)}
	state.Destroys = true
	if err := f.gone().ReadBlindly(ctx); err != nil {
		return err
	}
	if err := f.gone().ReadForeignStores(ctx); err != nil {
		return err
	}
	scopes := f.gone().PruneScopes(set.Types())
	scopes = append(scopes, f.gone().OtherScopes(scopes)...)
	return f.gone().ReadMarked(ctx, scopes, func(remove.Undeclared) bool { return true })
}

// PointingAt gives the records of the portal that point at some, by their system fields. What
// the credential may not read is left out.
func PointingAt(ctx context.Context, asker ask.Asker, kinds *kind.Table, at []kind.RecordID) (map[kind.RecordID][]kind.RecordID, error) {
	state := &State{Meta: meta.Data{Kinds: kinds}}
	f := &fetcher{asker: ask.Portal{Asker: asker}, state: state, View: declared.NewView(&spec.Set{}, &state.Meta, nil)}
	if err := f.gone().ReadPointers(ctx, at); err != nil {
		return nil, err
	}
	out := make(map[kind.RecordID][]kind.RecordID)
	for _, to := range at {
		for _, p := range state.Pointers[to] {
			ids := p.IDs
			if p.Total > len(ids) {
				all, err := f.gone().AllPointers(ctx, p.EntityTypeID, to)
				if err != nil {
					return nil, err
				}
				ids = all
			}
			for _, id := range ids {
				out[to] = append(out[to], kind.RecordID{EntityTypeID: p.EntityTypeID, ID: id})
			}
		}
	}
	return out, nil
}
