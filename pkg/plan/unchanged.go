package plan

import (
	"cmp"
	"iter"

	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/value"
)

// An Unchanged is a record that already is as declared: all that people and reports are
// told of it. Most records of a large plan are such, so it is small.
type Unchanged struct {
	Address      value.Address   `json:"address"`
	Kind         string          `json:"kind"`
	ID           string          `json:"id"`
	EntityTypeID int             `json:"entityTypeId,omitempty"`
	Type         value.Address   `json:"type,omitempty"`  // see Change.Type
	Title        string          `json:"title,omitempty"` // the live one, or the declared one
	Deps         []value.Address `json:"deps,omitempty"`
	Source       value.Pos       `json:"source"`

	Facts *kind.Kind `json:"-"` // what is known of Kind; see Plan.Know
}

// Change gives the change that it is: one whose action is NoOp, of a record that its mark
// has found.
func (u *Unchanged) Change() Change {
	return Change{Address: u.Address, Kind: u.Kind, Action: NoOp, ID: u.ID, EntityTypeID: u.EntityTypeID, Type: u.Type,
		Title: u.Title, Deps: u.Deps, Source: u.Source, Facts: u.Facts, Marked: true}
}

// Size is the number of all planned items.
func (p *Plan) Size() int { return len(p.Changes) + len(p.Unchanged) }

// All gives every planned item in plan order, with its index in Changes, or -1 for one of
// Unchanged, whose change is good until the next.
func (p *Plan) All() iter.Seq2[int, *Change] {
	return func(yield func(int, *Change) bool) {
		var made Change
		j := 0
		unchanged := func(until *Change) bool {
			for ; j < len(p.Unchanged) && (until == nil || p.Unchanged[j].before(until)); j++ {
				if made = p.Unchanged[j].Change(); !yield(-1, &made) {
					return false
				}
			}
			return true
		}
		for i := range p.Changes {
			if !unchanged(&p.Changes[i]) || !yield(i, &p.Changes[i]) {
				return
			}
		}
		unchanged(nil)
	}
}

// before tells whether it stands before a change in plan order.
func (u *Unchanged) before(c *Change) bool {
	return cmp.Or(cmp.Compare(rankOf(u.Facts), rankOf(c.Facts)), cmp.Compare(u.Address, c.Address)) < 0
}

func rankOf(k *kind.Kind) int {
	if k == nil {
		return 0
	}
	return k.Rank
}
