package plan

import (
	"cmp"
	"encoding/json"
	"iter"
	"slices"

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

// An UnchangedList are records that already are as declared, in the order of changes. What is
// said of one is made when somebody asks: a plan has a few bytes for each. The zero list and
// nil hold none.
type UnchangedList struct {
	size int
	at   func(i int) Unchanged
	read []Unchanged // by UnmarshalJSON; nil else
}

// NewUnchanged makes a list of so many records, of which at tells what is said.
func NewUnchanged(size int, at func(i int) Unchanged) *UnchangedList {
	if size == 0 {
		return &UnchangedList{} // what at knows may be large
	}
	return &UnchangedList{size: size, at: at}
}

// Len is the number of records.
func (l *UnchangedList) Len() int {
	if l == nil {
		return 0
	}
	return l.size
}

// At says what is told of record i.
func (l *UnchangedList) At(i int) Unchanged { return l.at(i) }

// All gives every record.
func (l *UnchangedList) All() iter.Seq[Unchanged] {
	return func(yield func(Unchanged) bool) {
		for i := range l.Len() {
			if !yield(l.At(i)) {
				return
			}
		}
	}
}

// only gives the list of the record with an address; nil if there is none.
func (l *UnchangedList) only(a value.Address) *UnchangedList {
	for u := range l.All() {
		if u.Address == a {
			return NewUnchanged(1, func(int) Unchanged { return u })
		}
	}
	return nil
}

// know gives every record that was read the facts of its kind; see [Plan.Know].
func (l *UnchangedList) know(kinds *kind.Table) error {
	if l == nil {
		return nil
	}
	for i := range l.read {
		u := &l.read[i]
		if u.Facts = kinds.ByName(u.Kind); u.Facts == nil {
			return value.Err("is-of-no-kind", value.T("address", u.Address), value.Q("kind", u.Kind))
		}
	}
	return nil
}

// IsZero tells whether there is nothing to be written.
func (l *UnchangedList) IsZero() bool { return l.Len() == 0 }

// MarshalJSON writes the list.
func (l *UnchangedList) MarshalJSON() ([]byte, error) {
	return json.Marshal(slices.AppendSeq(make([]Unchanged, 0, l.Len()), l.All()))
}

// UnmarshalJSON reads what MarshalJSON has written.
func (l *UnchangedList) UnmarshalJSON(raw []byte) error {
	var read []Unchanged
	if err := json.Unmarshal(raw, &read); err != nil {
		return err
	}
	*l = UnchangedList{size: len(read), at: func(i int) Unchanged { return read[i] }, read: read}
	return nil
}

// Size is the number of all planned items, those that are only counted among them.
func (p *Plan) Size() int { return p.Changes.Len() + p.Unchanged.Len() + p.UnlistedCount() }

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
	Unchanged *Unchanged // nil for a change; good until the next item
}

// Items gives every planned item in plan order.
func (p *Plan) Items() iter.Seq[Item] {
	return func(yield func(Item) bool) {
		next, stop := iter.Pull(p.Unchanged.All())
		defer stop()
		u, more := next()
		unchanged := func(until *Entry) bool {
			for ; more && (until == nil || u.before(until)); u, more = next() {
				if !yield(Item{-1, &u}) {
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
