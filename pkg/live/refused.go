package live

import (
	"context"
	"maps"

	"github.com/b24apply/b24apply/pkg/kind"
)

// A partReader reads one part of what belongs to the owners of searches.
type partReader func(*Reader, context.Context, []kind.PartSearch) ([]map[int][]kind.Row, error)

// manyRefused is how many owners in a row may be refused before all others of a search are
// taken for refused as well.
const manyRefused = 8

// narrowed reads again what was refused, in halves, down to the owners whose part the portal
// does not show. So one record's refusal hides no other one's rows. A refused credential is
// the error of all.
func (r *Reader) narrowed(ctx context.Context, read partReader, searches []kind.PartSearch, err error) ([]map[int][]kind.Row, error) {
	if _, fault := asKind(err); fault != nil {
		return nil, err
	}
	found, refused := make([]map[int][]kind.Row, len(searches)), &kind.PartRefusals{ByOwner: make([]map[int]*kind.Refusal, len(searches))}
	for i, s := range searches {
		n := &narrowing{read: read, search: s, found: make(map[int][]kind.Row), refused: make(map[int]*kind.Refusal)}
		if err := n.ask(ctx, r, s.Owners); err != nil {
			return nil, err
		}
		found[i], refused.ByOwner[i] = n.found, n.refused
	}
	return found, refused
}

// A narrowing finds the owners of one search that are refused.
type narrowing struct {
	read    partReader
	search  kind.PartSearch
	found   map[int][]kind.Row
	refused map[int]*kind.Refusal
	inARow  int
}

func (n *narrowing) ask(ctx context.Context, r *Reader, owners []int) error {
	if len(owners) == 0 {
		return nil
	}
	part := n.search
	part.Owners = owners
	rows, err := n.read(r, ctx, []kind.PartSearch{part})
	if err == nil {
		n.inARow = 0
		maps.Copy(n.found, rows[0])
		return nil
	}
	refusal, fault := asKind(err)
	switch {
	case fault != nil:
		return err
	case len(owners) == 1 || n.inARow >= manyRefused:
		n.inARow++
		for _, id := range owners {
			n.refused[id] = refusal
		}
		return nil
	}
	half := len(owners) / 2
	if err := n.ask(ctx, r, owners[:half]); err != nil {
		return err
	}
	return n.ask(ctx, r, owners[half:])
}
