package plan

import (
	"errors"
	"io"
	"slices"

	"github.com/b24apply/b24apply/pkg/value"
)

// Forget erases what a change holds of a record: all values, and whatever was made of them for
// people. Whose it is, what was done, and with which fields stays.
func (c *Change) Forget() {
	c.Forgotten = true
	c.Title, c.Declared, c.Saved, c.Last, c.Alike, c.Agreed, c.Unread = "", "", "", nil, nil, nil, nil
	c.Reason.Message, c.Reason.Hint, c.Risk, c.Pointers = value.Message{}, value.Message{}, value.Message{}, nil
	c.Fields, c.Held, c.Kept, c.Moves, c.Match, c.Labels = nameless(c.Fields), nil, nameless(c.Kept), nil, nil, nil
	if c.Place != nil {
		c.Place = &Place{Catalogue: c.Place.Catalogue}
	}
	c.Steps = slices.Clone(c.Steps)
	for i := range c.Steps {
		c.Steps[i].Live, c.Steps[i].Trace = value.Value{}, nil
	}
}

// nameless gives fields without values.
func nameless(fields []Field) []Field {
	var out []Field
	for _, d := range fields {
		out = append(out, Field{Name: d.Name, Label: d.Label, Type: d.Type, Wire: d.Wire, Step: d.Step})
	}
	return out
}

// forgetTitle erases what a change says of another record, and tells whether it did.
func (c *Change) forgetTitle(a value.Address) (found bool) {
	c.Pointers = slices.Clone(c.Pointers)
	for i := range c.Pointers {
		first := slices.Clone(c.Pointers[i].First)
		for k := range first {
			if first[k].Address == a && first[k].Title != "" {
				first[k].Title, found = "", true
			}
		}
		c.Pointers[i].First = first
	}
	return found
}

// Forget copies a saved plan without the values of a resource; see [Change.Forget]. It gives the
// indexes of the changes that it has erased, and tells whether it has written anything: a plan
// that says nothing of the resource is not copied. The error is that of [Read] or [Write].
func Forget(r io.Reader, w io.Writer, where Spool, a value.Address) (erased []int, wrote bool, err error) {
	saved, err := Read(r, where)
	if err != nil {
		return nil, false, err
	}
	p := saved.Plan
	defer func() { err = errors.Join(err, p.Changes.Close()) }()
	for i, e := range p.Changes.Entries() {
		if e.Address != a && e.Action != Delete {
			continue
		}
		c, err := p.Changes.Change(i)
		if err != nil {
			return nil, false, err
		}
		switch {
		case c.Address == a:
			c.Forget()
			erased = append(erased, i)
		case c.forgetTitle(a):
			wrote = true
		default:
			continue
		}
		if err := p.Changes.Put(i, c); err != nil {
			return nil, false, err
		}
	}
	for i := range p.Notes {
		if slices.Contains(p.Notes[i].Addresses, a) && len(p.Notes[i].Lines) > 0 {
			p.Notes[i].Lines, wrote = nil, true
		}
	}
	if wrote = wrote || len(erased) > 0; !wrote {
		return nil, false, nil
	}
	h := saved.Header
	if !slices.Contains(h.Forgotten, a) {
		h.Forgotten = append(h.Forgotten, a)
	}
	_, err = Write(w, h, p)
	return erased, true, err
}
