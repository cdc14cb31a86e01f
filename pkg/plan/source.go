package plan

import (
	"cmp"
	"encoding/json"
	"iter"
	"slices"
	"strings"
	"time"

	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/value"
)

// A Source holds the changes of a plan in plan order: in memory as long as they are few, else
// in a file. It gives them as often as it is asked, all of them or one by its index. What is
// in memory of a change whose values lie in a file is its [Entry]. The zero Source and nil hold
// nothing. A Source belongs to one goroutine.
//
// A change that comes from a Source is the caller's; Put takes it back where it was altered.
// Lists inside it are shared, and no caller writes into them.
type Source struct {
	entries []Entry
	held    []*Change // the changes themselves; nil once they lie in a file
	file    *spool
	where   Spool
	shown   func(*Change) // see Through
	free    []*Change     // that were given back
	most    int           // how many changes are to come in all, if somebody has told
}

// A Spool says when the changes of a plan go to a file, and where.
type Spool struct {
	Above int    // so many changes stay in memory; 0 means none does
	Dir   string // the folder in which that of the file is made; "" means that of the system for temporary files
}

// SpoolAbove is how many changes stay in memory by default.
const SpoolAbove = 10_000

// NewSource makes an empty Source whose changes go to a file when they are many.
func NewSource(where Spool) *Source { return &Source{where: where} }

// List makes a Source of some changes, in memory.
func List(changes ...Change) *Source {
	s := &Source{where: Spool{Above: int(^uint(0) >> 1)}}
	for i := range changes {
		_ = s.Append(&changes[i]) // memory has no errors
	}
	return s
}

// An Entry is what is known of a change without reading it.
type Entry struct {
	Address      value.Address
	Kind         string
	Facts        *kind.Kind
	Action       Action
	ID           string
	EntityTypeID int
	Deps         []value.Address
	Source       value.Pos
	Fields       int  // how many fields it sets
	Steps        int  // how many steps it has
	Kept         bool // some differences stay
	Unread       bool // some live values cannot be read
	Quiet        bool // its own request is not sent; see Change.Saves
	Marked       bool
	Removal      bool
	Detached     bool
	Alike        bool  // a record of the portal looks the same
	Anew         bool  // undoing creates it again, with another id
	Lasting      bool  // undoing does not bring all of it back
	Agreed       bool  // some of its fields that were as declared are to be remembered
	Imports      bool  // it creates by an import
	Dated        int64 // when what it creates was created, in seconds of Unix; 0 where that is not sent

	at place // where the change lies in the file
}

// IsRecord tells whether the change is one of a record or product, not of a type or field.
func (e *Entry) IsRecord() bool { return e.Facts != nil && e.Facts.HasFields() }

// Writes tells whether anything may be sent for the change.
func (e *Entry) Writes() bool { return e.Action != NoOp && e.Action != Refuse }

// EntryOf gives what an entry says of a change.
func EntryOf(c *Change) Entry {
	back, _ := c.Reversal()
	return Entry{Address: c.Address, Kind: c.Kind, Facts: c.Facts, Action: c.Action, ID: c.ID, EntityTypeID: c.EntityTypeID, Deps: c.Deps, Source: c.Source,
		Fields: len(c.Fields), Steps: len(c.Steps), Kept: len(c.Kept) > 0, Unread: len(c.Unread) > 0, Quiet: !c.Saves(), Marked: c.Marked, Removal: c.Removal, Detached: c.Detached, Alike: len(c.Alike) > 0, Agreed: len(c.Agreed) > 0,
		Anew: back == ByNewID, Lasting: back == Never, Imports: c.Action == Create && c.Route.Imports(), Dated: c.created()}
}

// created is the time at which the record of a create was created, if an import is to bring it.
func (c *Change) created() int64 {
	if c.Action != Create || !c.Route.Preserves() {
		return 0
	}
	for i := range c.Fields {
		if c.Fields[i].Name == kind.CreatedTime {
			at, _ := time.Parse(time.RFC3339, c.Fields[i].Want.Text)
			return at.Unix()
		}
	}
	return 0
}

// Change is what the entry says of its change.
func (e *Entry) Change() Change {
	var c Change
	e.fill(&c)
	return c
}

// fill gives a change what its entry holds.
func (e *Entry) fill(c *Change) {
	c.Address, c.Kind, c.Facts, c.Action, c.ID, c.EntityTypeID, c.Deps, c.Source = e.Address, e.Kind, e.Facts, e.Action, e.ID, e.EntityTypeID, e.Deps, e.Source
	c.Marked, c.Removal, c.Detached = e.Marked, e.Removal, e.Detached
}

// Through gives the same changes for people, each as shown makes it: lists in a change are to be copied, since
// they are shared. Who sends changes gets them as they are; see Own. Both Sources are one file.
func (s *Source) Through(shown func(*Change)) *Source {
	if s == nil {
		return nil
	}
	seen := *s
	seen.shown = shown
	return &seen
}

// Raw gives the changes as they are.
func (s *Source) Raw() *Source { return s.Through(nil) }

// Shown gives a change of Raw as this Source shows it.
func (s *Source) Shown(c *Change) *Change {
	if s.shown == nil {
		return c
	}
	seen := *c
	s.shown(&seen)
	return &seen
}

// Keeps tells whether the Source keeps the lists of fields of the change that it was given
// last. If not, they are the caller's again.
func (s *Source) Keeps() bool { return s.file == nil }

// Len is the number of changes.
func (s *Source) Len() int {
	if s == nil {
		return 0
	}
	return len(s.entries)
}

// Entry gives what is known of a change without reading it. What it says of the change may be
// altered in place, Fields, Steps, Kept, Unread, Quiet, Alike and Agreed aside.
func (s *Source) Entry(i int) *Entry { return &s.entries[i] }

// Entries gives the entries of all changes in their order.
func (s *Source) Entries() iter.Seq2[int, *Entry] {
	return func(yield func(int, *Entry) bool) {
		for i := range s.Len() {
			if !yield(i, &s.entries[i]) {
				return
			}
		}
	}
}

// Grow makes room for the entries of so many more changes. They go to a file from the first one on
// if they are many.
func (s *Source) Grow(n int) {
	s.entries = slices.Grow(s.entries, n)
	s.most = len(s.entries) + n
}

// Append adds a change behind all others. An error is that of the file, and whatever was not
// written is lost.
func (s *Source) Append(c *Change) error {
	s.entries = append(s.entries, Entry{})
	if s.file == nil && max(len(s.entries), s.most) > s.where.Above {
		if err := s.spill(); err != nil {
			return err
		}
	}
	if s.file == nil {
		s.held = append(s.held, nil)
	}
	return s.Put(len(s.entries)-1, c)
}

// Put replaces change i.
func (s *Source) Put(i int, c *Change) (err error) {
	e := EntryOf(c)
	if s.file == nil {
		kept := *c
		s.held[i] = &kept
	} else if e.at, err = s.file.write(c); err != nil {
		return err
	}
	s.entries[i] = e
	return nil
}

// spill writes what is in memory to a file.
func (s *Source) spill() (err error) {
	if s.file, err = newSpool(s.where.Dir); err != nil {
		return err
	}
	for i, c := range s.held {
		s.entries[i].fill(c)
		if s.entries[i].at, err = s.file.write(c); err != nil {
			return err
		}
	}
	s.held = nil
	return nil
}

// Change reads change i. An error says that the file cannot be read, or does not hold what was
// written.
func (s *Source) Change(i int) (*Change, error) { return s.fresh(i, whole) }

// Own is Change for who sends it: the fields are the caller's to write to, and need not hold
// what people are shown of their values.
func (s *Source) Own(i int) (*Change, error) {
	if s.file == nil {
		c, err := s.fresh(i, sent)
		if err == nil {
			c.Fields, c.Held = slices.Clone(c.Fields), slices.Clone(c.Held)
		}
		return c, err
	}
	var c *Change
	if n := len(s.free); n > 0 {
		c, s.free = s.free[n-1], s.free[:n-1]
	} else {
		c = &Change{}
	}
	if err := s.read(c, i, sent); err != nil {
		return nil, err
	}
	return c, nil
}

// Release takes back what Own has given, of which nobody knows any more: what it was read into is
// room for the next one. Nobody has to.
func (s *Source) Release(c *Change) {
	if s.file != nil {
		clear(c.Fields) // their texts are parts of larger ones
		clear(c.Held)
		s.free = append(s.free, c)
	}
}

// Brief is Change without Fields and Held.
func (s *Source) Brief(i int) (*Change, error) { return s.fresh(i, brief) }

func (s *Source) fresh(i int, much extent) (*Change, error) {
	c := &Change{}
	if err := s.read(c, i, much); err != nil {
		return nil, err
	}
	return c, nil
}

func (s *Source) read(c *Change, i int, much extent) error {
	e := &s.entries[i]
	if s.file == nil {
		*c = *s.held[i]
	} else if err := s.file.read(c, e.at, much); err != nil {
		return err
	}
	if e.fill(c); much == brief {
		c.Fields, c.Held = nil, nil
	}
	if s.shown != nil && much != sent {
		s.shown(c)
	}
	return nil
}

// A Glance reads changes into one place, for who only looks at them: each is good until the
// next one is read, but for its texts.
type Glance struct {
	of *Source
	c  Change
}

// Glance makes a Glance of a Source.
func (s *Source) Glance() *Glance { return &Glance{of: s} }

// Change reads change i; see [Source.Change].
func (g *Glance) Change(i int) (*Change, error) { return g.read(i, whole) }

// Brief reads change i without Fields and Held.
func (g *Glance) Brief(i int) (*Change, error) { return g.read(i, brief) }

func (g *Glance) read(i int, much extent) (*Change, error) {
	if g.of.file == nil {
		g.c = Change{} // the room of what is in memory is not to be written to
	}
	if err := g.of.read(&g.c, i, much); err != nil {
		return nil, err
	}
	return &g.c, nil
}

// All reads every change in plan order, and ends after an error.
func (g *Glance) All() iter.Seq2[*Change, error] {
	return func(yield func(*Change, error) bool) {
		for i := range g.of.Len() {
			c, err := g.Change(i)
			if !yield(c, err) || err != nil {
				return
			}
		}
	}
}

// All reads every change in plan order, and ends after an error.
func (s *Source) All() iter.Seq2[*Change, error] {
	return func(yield func(*Change, error) bool) {
		for i := range s.Len() {
			c, err := s.Change(i)
			if !yield(c, err) || err != nil {
				return
			}
		}
	}
}

// Sort puts the changes in plan order: by rank of kind and address.
func (s *Source) Sort() {
	order := make([]int, s.Len())
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int {
		x, y := &s.entries[a], &s.entries[b]
		return cmp.Or(cmp.Compare(rankOf(x.Facts), rankOf(y.Facts)), cmp.Compare(x.Address, y.Address))
	})
	if slices.IsSorted(order) {
		return
	}
	s.arrange(order)
}

// arrange puts what stands at order[i] at i, in place, since a second list would be large.
func (s *Source) arrange(order []int) {
	for first := range order {
		entry, change := s.entries[first], (*Change)(nil)
		if s.file == nil {
			change = s.held[first]
		}
		for to := first; order[to] >= 0; {
			from := order[to]
			order[to] = -1
			if from == first {
				s.entries[to] = entry
			} else {
				s.entries[to] = s.entries[from]
			}
			if s.file == nil && from == first {
				s.held[to] = change
			} else if s.file == nil {
				s.held[to] = s.held[from]
			}
			to = from
		}
	}
}

// Compact gives what is in memory of changes that lie in a file a memory of its own: their
// addresses are cut from the manifests, which they would keep.
func (s *Source) Compact() {
	if s == nil || s.file == nil {
		return
	}
	var text strings.Builder
	size, names := 0, 0
	for i := range s.entries {
		size, names = size+len(s.entries[i].Address), names+len(s.entries[i].Deps)
	}
	text.Grow(size)
	own, deps := make(map[value.Address]value.Address, len(s.entries)), make([]value.Address, 0, names)
	for i := range s.entries {
		e := &s.entries[i]
		from := text.Len()
		text.WriteString(string(e.Address))
		e.Address = value.Address(text.String()[from:])
		own[e.Address] = e.Address
	}
	for i := range s.entries {
		e := &s.entries[i]
		if len(e.Deps) == 0 {
			continue
		}
		from := len(deps)
		for _, d := range e.Deps {
			known, ok := own[d]
			if !ok {
				known = value.Address(strings.Clone(string(d)))
			}
			deps = append(deps, known)
		}
		e.Deps = deps[from:len(deps):len(deps)]
	}
}

// find reads the change of an address; nil if there is none.
func (s *Source) find(a value.Address) (*Change, error) {
	for i, e := range s.Entries() {
		if e.Address == a {
			return s.Change(i)
		}
	}
	return nil, nil
}

// know gives every change the facts of its kind; see [Plan.Know].
func (s *Source) know(kinds *kind.Table) error {
	for i, e := range s.Entries() {
		if e.Facts = kinds.ByName(e.Kind); e.Kind == kind.UserFields().Name {
			e.Facts = kind.UserFields()
		}
		if e.Facts == nil {
			return value.Err("is-of-no-kind", value.T("address", e.Address), value.Q("kind", e.Kind))
		}
		c, err := s.Change(i)
		if err != nil {
			return err
		}
		back, _ := c.Reversal() // which is by the kind
		e.Anew, e.Lasting = back == ByNewID, back == Never
		for _, d := range slices.Concat(c.Fields, c.Held) {
			if _, ok := value.CodecOf(d.Type); !ok {
				return value.Err("is-of-no-type", value.T("address", e.Address), value.T("field", d.Name), value.Q("type", d.Type.Name))
			}
		}
	}
	return nil
}

// Close removes the file, after which no change can be read.
func (s *Source) Close() error {
	if s == nil || s.file == nil {
		return nil
	}
	return s.file.close()
}

// MarshalJSON writes the list of changes.
func (s *Source) MarshalJSON() ([]byte, error) {
	out := []byte{'['}
	for c, err := range s.All() {
		if err != nil {
			return nil, err
		}
		text, err := json.Marshal(c)
		if err != nil {
			return nil, err
		}
		if len(out) > 1 {
			out = append(out, ',')
		}
		out = append(out, text...)
	}
	return append(out, ']'), nil
}

// UnmarshalJSON reads what MarshalJSON has written into memory.
func (s *Source) UnmarshalJSON(raw []byte) error {
	var changes []Change
	if err := json.Unmarshal(raw, &changes); err != nil {
		return err
	}
	*s = *List(changes...)
	return nil
}
