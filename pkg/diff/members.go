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
	removed := c.index(anys(m.remove))
	out := c.index(slices.DeleteFunc(slices.Clone(anys(live)), func(x any) bool { return removed.declared(x) >= 0 }))
	for _, x := range anys(m.add) {
		if out.live(x) < 0 {
			out.add(x)
		}
	}
	if len(out.list) == 0 {
		return nil
	}
	return out.list
}

func (c listCodec) holds(m members, live any) bool {
	have, removed := c.index(anys(live)), c.index(anys(m.remove))
	return !slices.ContainsFunc(anys(m.add), func(x any) bool { return have.live(x) < 0 }) &&
		!slices.ContainsFunc(have.list, func(y any) bool { return removed.declared(y) >= 0 })
}

func anys(v any) []any {
	list, _ := v.([]any)
	return list
}

// merge changes the type of a number in place where it is there with another one
// that nothing else claims; the same number may stand twice, as phone and as fax.
func (c multifieldCodec) merge(m members, live any) any {
	removed := c.byValue(contactRows(m.remove))
	rows := slices.DeleteFunc(slices.Clone(contactRows(live)), func(l contactRow) bool { return c.named(removed, l) })
	alike, claimed := c.byValue(rows), make([]bool, len(rows))
	claim := func(w contactRow, fits func(l contactRow) bool) int {
		for _, n := range alike[c.normal(w.value)] {
			if !claimed[n.index] && fits(rows[n.index]) {
				claimed[n.index] = true
				return n.index
			}
		}
		return -1
	}
	open := slices.DeleteFunc(slices.Clone(contactRows(m.add)), func(w contactRow) bool {
		return claim(w, func(l contactRow) bool { return isOfType(w, l) }) >= 0
	})
	for _, w := range open {
		if i := claim(w, func(contactRow) bool { return true }); i >= 0 {
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
	have, removed := c.byValue(contactRows(live)), c.byValue(contactRows(m.remove))
	for _, w := range contactRows(m.add) {
		if !slices.ContainsFunc(have[c.normal(w.value)], func(l numberedRow) bool { return isOfType(w, l.contactRow) }) {
			return false
		}
	}
	return !slices.ContainsFunc(contactRows(live), func(l contactRow) bool { return len(removed) > 0 && c.named(removed, l) })
}

// A numberedRow is a row with its place in a list.
type numberedRow struct {
	contactRow
	index int
}

// byValue finds rows by their values as they are compared; lists can be long.
func (c multifieldCodec) byValue(rows []contactRow) map[string][]numberedRow {
	out := make(map[string][]numberedRow, len(rows))
	for i, r := range rows {
		key := c.normal(r.value)
		out[key] = append(out[key], numberedRow{r, i})
	}
	return out
}

// named tells whether declared rows name a live one.
func (c multifieldCodec) named(declared map[string][]numberedRow, live contactRow) bool {
	return slices.ContainsFunc(declared[c.normal(live.value)], func(w numberedRow) bool { return isOfType(w.contactRow, live) })
}

// isOfType tells whether a live row has the declared type; an open type takes any.
func isOfType(w, live contactRow) bool {
	return w.typ == "" || strings.EqualFold(w.typ, live.typ)
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
