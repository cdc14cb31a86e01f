package diff

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/b24apply/b24apply/pkg/spec"
)

// members is a declared {add: […], remove: […]}: what a list must hold and what it
// must not, as two lists of the field's own codec.
type members struct{ add, remove any }

// A wholeSet is the codec of a field that the portal only takes as a whole.
type wholeSet interface {
	codec
	// merge gives the whole that comes of a live one: it without what is to be
	// removed, and with what is to be added.
	merge(m members, live any) any
	// holds tells whether a live whole is as merge would leave it.
	holds(m members, live any) bool
}

// membersCodec: membership in a list, the rest of which is not ours. What is sent
// is the whole that the live one becomes.
type membersCodec struct{ wholeSet }

func (c membersCodec) parse(s *scope, v spec.Value) (any, error) {
	add, remove, _ := v.Membership()
	var m members
	var err error
	if m.add, err = c.wholeSet.parse(s, add); err != nil {
		return nil, err
	}
	if m.remove, err = c.wholeSet.parse(s, remove); err != nil {
		return nil, err
	}
	if m.add != nil && m.remove != nil && !c.holds(members{remove: m.remove}, m.add) {
		return nil, complain("duplicate-value", "keep it on one side", "a value is both added and removed")
	}
	return m, nil
}

func (c membersCodec) read(raw json.RawMessage) (any, error) { return c.wholeSet.read(raw) }

func (c membersCodec) equal(want, live any) bool { return c.holds(want.(members), live) }

func (c membersCodec) send(want, live any) any {
	return c.wholeSet.send(c.merge(want.(members), live), live)
}

// show gives "+ x" and "- y" for a membership.
func (c membersCodec) show(s *scope, v any) any {
	m, ok := v.(members)
	if !ok {
		return c.wholeSet.show(s, v)
	}
	var out []string
	for _, side := range []struct {
		sign string
		list any
	}{{"+ ", m.add}, {"- ", m.remove}} {
		shown, _ := c.wholeSet.show(s, side.list).([]string)
		for _, x := range shown {
			out = append(out, side.sign+x)
		}
	}
	return out
}

// settle fills in the ids of both sides.
func (m members) settle(k *Known) (any, error) {
	var err error
	if m.add, err = k.settle(m.add); err != nil {
		return nil, err
	}
	m.remove, err = k.settle(m.remove)
	return m, err
}

// outcome is what a field holds after it was sent, for people.
func outcome(c codec, want, live any) any {
	switch c := c.(type) {
	case membersCodec:
		return c.merge(want.(members), live)
	case fileListCodec:
		return c.kept(want, live)
	}
	return want
}

// whole gives the codec of the list behind a membership, or c itself.
func whole(c codec) codec {
	if m, ok := c.(membersCodec); ok {
		return m.wholeSet
	}
	return c
}

// forValue gives the codec for the form in which a value is declared.
func forValue(c codec, v spec.Value) codec {
	if set, ok := c.(wholeSet); ok {
		if _, _, is := v.Membership(); is {
			return membersCodec{set}
		}
	}
	return c
}

func (c listCodec) merge(m members, live any) any {
	out := slices.DeleteFunc(slices.Clone(anys(live)), func(x any) bool { return c.contains(anys(m.remove), x) })
	for _, x := range anys(m.add) {
		if !slices.ContainsFunc(out, func(y any) bool { return c.one.equal(x, y) }) {
			out = append(out, x)
		}
	}
	if len(out) == 0 {
		return nil
	}
	return out
}

func (c listCodec) holds(m members, live any) bool {
	have := anys(live)
	for _, x := range anys(m.add) {
		if !slices.ContainsFunc(have, func(y any) bool { return c.one.equal(x, y) }) {
			return false
		}
	}
	return !slices.ContainsFunc(have, func(y any) bool { return c.contains(anys(m.remove), y) })
}

// contains tells whether a declared list names a live value.
func (c listCodec) contains(declared []any, live any) bool {
	return slices.ContainsFunc(declared, func(x any) bool { return c.one.equal(x, live) })
}

func anys(v any) []any {
	list, _ := v.([]any)
	return list
}

// merge changes the type of a number in place where it is there with another one
// that nothing else claims; the same number may stand twice, as phone and as fax.
func (c multifieldCodec) merge(m members, live any) any {
	rows := slices.DeleteFunc(slices.Clone(contactRows(live)), func(l contactRow) bool { return c.named(m.remove, l) })
	claimed := make([]bool, len(rows))
	claim := func(fits func(l contactRow) bool) int {
		for i, l := range rows[:len(claimed)] {
			if !claimed[i] && fits(l) {
				claimed[i] = true
				return i
			}
		}
		return -1
	}
	open := slices.DeleteFunc(slices.Clone(contactRows(m.add)), func(w contactRow) bool {
		return claim(func(l contactRow) bool { return c.fits(w, l) }) >= 0
	})
	for _, w := range open {
		if i := claim(func(l contactRow) bool { return c.same(w.value, l.value) }); i >= 0 {
			rows[i].typ = w.typ
			continue
		}
		rows = append(rows, w)
	}
	if len(rows) == 0 {
		return nil
	}
	return rows
}

func (c multifieldCodec) holds(m members, live any) bool {
	have := contactRows(live)
	for _, w := range contactRows(m.add) {
		if !slices.ContainsFunc(have, func(l contactRow) bool { return c.fits(w, l) }) {
			return false
		}
	}
	return !slices.ContainsFunc(have, func(l contactRow) bool { return c.named(m.remove, l) })
}

// named tells whether a declared list names a live row.
func (c multifieldCodec) named(declared any, live contactRow) bool {
	return slices.ContainsFunc(contactRows(declared), func(w contactRow) bool { return c.fits(w, live) })
}

// fits tells whether a live row is the declared one; an open type takes any.
func (c multifieldCodec) fits(w, live contactRow) bool {
	return c.same(w.value, live.value) && (w.typ == "" || strings.EqualFold(w.typ, live.typ))
}

func contactRows(v any) []contactRow {
	rows, _ := v.([]contactRow)
	return rows
}

// isEmptyList tells whether a wire value is a list of nothing, as it comes of a
// membership that only removes.
func isEmptyList(v any) bool {
	list, ok := v.([]any)
	return ok && len(list) == 0
}
