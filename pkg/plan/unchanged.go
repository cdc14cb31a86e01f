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

// Size is the number of all planned items, those that are only counted among them.
func (p *Plan) Size() int { return p.Changes.Len() + len(p.Unchanged) + p.UnlistedCount() }

// UnlistedCount is the number of records that stay as they are and are only counted.
func (p *Plan) UnlistedCount() (n int) {
	for _, u := range p.Unlisted {
		n += u.Count
	}
	return n
}

// An Item is a change of a plan by its index in Changes, or one of its Unchanged.
type Item struct {
	Index     int        // -1 for Unchanged
	Unchanged *Unchanged // nil for a change
}

// Items gives every planned item in plan order.
func (p *Plan) Items() iter.Seq[Item] {
	return func(yield func(Item) bool) {
		j := 0
		unchanged := func(until *Entry) bool {
			for ; j < len(p.Unchanged) && (until == nil || p.Unchanged[j].before(until)); j++ {
				if !yield(Item{-1, &p.Unchanged[j]}) {
					return false
				}
			}
			return true
		}
		for i, e := range p.Changes.Entries() {
			if !unchanged(e) || !yield(Item{Index: i}) {
				return
			}
		}
		unchanged(nil)
	}
}

// All reads every planned item in plan order, and ends after an error, which is that of the
// plan's file. What is unchanged is good until the next.
func (p *Plan) All() iter.Seq2[*Change, error] {
	return func(yield func(*Change, error) bool) {
		var made Change
		for item := range p.Items() {
			c, err := &made, error(nil)
			if item.Unchanged != nil {
				made = item.Unchanged.Change()
			} else {
				c, err = p.Changes.Change(item.Index)
			}
			if !yield(c, err) || err != nil {
				return
			}
		}
	}
}

// before tells whether it stands before a change in plan order.
func (u *Unchanged) before(e *Entry) bool {
	return cmp.Or(cmp.Compare(rankOf(u.Facts), rankOf(e.Facts)), cmp.Compare(u.Address, e.Address)) < 0
}

func rankOf(k *kind.Kind) int {
	if k == nil {
		return 0
	}
	return k.Rank
}
