package value

// A ListChange is what becomes of the entries of a list that is shown before and after:
// which go and which come, by their places in the two. All others stay.
type ListChange struct {
	Gone  []int `json:"gone,omitempty"`  // places in the list before
	Come  []int `json:"come,omitempty"`  // places in the list after
	First bool  `json:"first,omitempty"` // an entry that stays becomes the first one, where that one is the primary one
}

// ShowBoth shows what a field holds and what it will hold. An entry that stays is shown by
// the name under which it is declared, so that people see that it does.
func ShowBoth(n Names, c Codec, want, live Value) (before, after Shown) {
	will := c.After(want, live)
	before, after = c.Show(n, live), Whole(c).Show(n, will)
	list, ok := Whole(c).(listCodec)
	if files, is := Whole(c).(fileListCodec); is {
		list, ok = files.listCodec, true
	}
	if !ok {
		return before, after
	}
	declared := list.index(entriesOf(will))
	for j, x := range entriesOf(live) {
		if i := declared.declared(x); i >= 0 {
			before.Items()[j] = after.Items()[i]
		}
	}
	return before, after
}

// Compare tells what becomes of the entries of a list, of what ShowBoth gives; nil where one
// side is no list. Entries that read alike are the same, and so are those that the codec
// takes for the same.
func Compare(c Codec, want, live Value, before, after Shown) *ListChange {
	if !before.IsList() || !after.IsList() {
		return nil
	}
	p := &pairing{before: before.Items(), after: after.Items()}
	p.alike(Shown.reading, Shown.reading)
	contacts, ok := Whole(c).(multifieldCodec)
	if ok {
		p.contacts(contacts, rowsOf(c.After(want, live)), rowsOf(live))
	}
	out := p.rest()
	list, ok := Whole(c).(listCodec)
	out.First = ok && list.Primary && p.came[0] && p.before[0].String() != p.after[0].String()
	return out
}

// reading is the same for entries that read alike.
func (s Shown) reading() string {
	if s.Style() == Row && !s.Rest.Says.IsZero() {
		return s.Rest.Says.String()
	}
	return s.String()
}

// A pairing finds the entries of two lists that are the same.
type pairing struct {
	before, after []Shown
	stays         []bool // of before
	came          []bool // of after: it was there before
}

// alike pairs the entries that read alike.
func (p *pairing) alike(old, now func(Shown) string) {
	p.stays, p.came = make([]bool, len(p.before)), make([]bool, len(p.after))
	free := make(map[string][]int, len(p.before))
	for j, s := range p.before {
		free[old(s)] = append(free[old(s)], j)
	}
	for i, s := range p.after {
		if at := free[now(s)]; len(at) > 0 {
			free[now(s)] = at[1:]
			p.stays[at[0]], p.came[i] = true, true
		}
	}
}

// contacts pairs the phone numbers, or the like, that are the same under another spelling,
// or whose type is left open. What is shown are the rows, one by one.
func (p *pairing) contacts(c multifieldCodec, want, live []row) {
	free := c.byValue(live)
	for i, w := range want {
		if p.came[i] {
			continue
		}
		for _, l := range free[c.normal(w.text)] {
			if !p.stays[l.index] && isOfType(w, l.row) {
				p.stays[l.index], p.came[i] = true, true
				break
			}
		}
	}
}

func (p *pairing) rest() *ListChange {
	out := &ListChange{}
	for j, stays := range p.stays {
		if !stays {
			out.Gone = append(out.Gone, j)
		}
	}
	for i, came := range p.came {
		if !came {
			out.Come = append(out.Come, i)
		}
	}
	return out
}
