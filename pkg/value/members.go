package value

// A wholeSet is the codec of a field that the portal only takes as a whole.
type wholeSet interface {
	Codec
	// merge gives the whole that comes of a live one: it without what a membership
	// removes, and with what it adds.
	merge(m, live Value) Value
	// holds tells whether a live whole is as merge would leave it.
	holds(m, live Value) bool
}

// IsSet tells whether a type has values of which some can be added and removed.
func IsSet(t Type) bool {
	t.Members = false
	c, _ := CodecOf(t)
	_, ok := c.(wholeSet)
	return ok
}

// membersCodec: membership in a list, the rest of which is not ours: a map of add and
// remove, two lists of the field's own codec. What is sent is the whole that the live
// one becomes.
type membersCodec struct{ wholeSet }

func (c membersCodec) Parse(n Names, d Node) (Value, error) {
	add, remove, ok := d.Membership()
	if !ok {
		return Value{}, Bad("type", "no-membership", "write-membership", shape(d))
	}
	in, err := c.wholeSet.Parse(n, add)
	if err != nil {
		return Value{}, err
	}
	out, err := c.wholeSet.Parse(n, remove)
	if err != nil {
		return Value{}, err
	}
	m := membership(in, out)
	if !in.IsEmpty() && !out.IsEmpty() && !c.holds(membership(Value{}, out), in) {
		return Value{}, Bad("duplicate-value", "both-sides", "keep-one-side")
	}
	return m, nil
}

func membership(add, remove Value) Value {
	var parts []Part
	if !add.IsEmpty() {
		parts = append(parts, Part{"add", add})
	}
	if !remove.IsEmpty() {
		parts = append(parts, Part{"remove", remove})
	}
	return Mapped(parts...)
}

// Wanted gives what a declared value wants to be there: of a membership what it adds.
func Wanted(v Value) Value {
	if v.Form == FormMap {
		return v.Get("add")
	}
	return v
}

func (c membersCodec) Same(want, live Value) bool { return c.holds(want, live) }

func (c membersCodec) Wire(want, live Value) any {
	return c.wholeSet.Wire(c.merge(want, live), live)
}

func (c membersCodec) After(want, live Value) Value { return c.merge(want, live) }

// Show gives "+ x" and "- y" for a membership.
func (c membersCodec) Show(n Names, v Value) Shown {
	if v.Form != FormMap {
		return c.wholeSet.Show(n, v)
	}
	var out []Shown
	for _, side := range []struct {
		style Style
		list  Value
	}{{Added, v.Get("add")}, {Removed, v.Get("remove")}} {
		for _, x := range c.wholeSet.Show(n, side.list).Items() {
			out = append(out, Shown{Rest: &Rest{Style: side.style, Items: []Shown{x}}})
		}
	}
	return Several(out)
}

func (c membersCodec) Declare(n Names, v Value) Node {
	if v.Form != FormMap {
		return c.wholeSet.Declare(n, v)
	}
	d := Node{Kind: Map}
	for _, side := range []string{"add", "remove"} {
		list := c.wholeSet.Declare(n, v.Get(side))
		list.Kind = List
		d.Pairs = append(d.Pairs, Pair{Key: side, Value: list})
	}
	return d
}
