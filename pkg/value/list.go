package value

import (
	"fmt"
	"slices"
	"strconv"
)

// listCodec: several values of one type as a whole set. The portal keeps no
// order of links except that the first is the primary one; of user fields see
// Traits.Set.
type listCodec struct {
	Type
	one Codec
}

// severalOf gives the codec of several values.
func severalOf(t Type, one Codec) Codec {
	if one.Traits().File {
		return fileListCodec{listCodec{t, one}}
	}
	return listCodec{t, one}
}

// entriesOf gives the entries of a list, in a slice of its own.
func entriesOf(v Value) []Value {
	if v.Form != FormList {
		return nil
	}
	out := make([]Value, len(v.Parts))
	for i, p := range v.Parts {
		out[i] = p.Value
	}
	return out
}

// Entries gives the entries of a list.
func (v Value) Entries() []Value { return entriesOf(v) }

// Each gives the entries of a list, or the value itself.
func Each(v Value) []Value {
	if v.Form == FormText {
		return []Value{v}
	}
	return v.Entries()
}

func (c listCodec) Parse(n Names, d Node) (Value, error) {
	if d.Kind != List {
		return Value{}, Bad("type", "no-list", "write-a-list", shape(d))
	}
	out := c.index(make([]Value, 0, len(d.Items)))
	for _, item := range d.Items {
		x, err := c.one.Parse(n, item)
		if err != nil {
			return Value{}, At(item.Pos, err)
		}
		if x.IsEmpty() {
			return Value{}, At(item.Pos, Bad("type", "empty-entry", "leave-entry-out"))
		}
		if out.find(x, func(y Value) bool { return c.one.Same(x, y) || x.Equal(y) }) >= 0 {
			return Value{}, At(item.Pos, Bad("duplicate-value", "value-twice", "leave-one-out"))
		}
		out.add(x)
	}
	return Listed(out.list...), nil
}

func (c listCodec) Read(raw []byte) (Value, error) {
	var out []Value
	for _, item := range Elements(raw) {
		x, err := c.one.Read(item)
		if err != nil {
			return Value{}, err
		}
		if !x.IsEmpty() {
			out = append(out, x)
		}
	}
	return Listed(out...), nil
}

func (c listCodec) Same(want, live Value) bool {
	a, b := entriesOf(want), entriesOf(live)
	if len(a) != len(b) {
		return false
	}
	if c.Ordered {
		return slices.EqualFunc(a, b, c.one.Same)
	}
	if c.Primary && len(a) > 0 && !c.one.Same(a[0], b[0]) {
		return false
	}
	return c.index(b).holdsAll(a)
}

// rawSame tells that a list holds the declared entries in their order, written so. Which of
// several links is the primary one stands elsewhere.
func (c listCodec) rawSame(want Value, raw []byte) bool {
	if want.Form != FormList || len(want.Parts) == 0 || c.Primary && len(want.Parts) > 1 || !c.one.Traits().Plain {
		return false
	}
	s := scan{rest: raw}
	s.must('[')
	for i := range want.Parts {
		if i > 0 {
			s.must(',')
		}
		text := want.Parts[i].Value.Text
		if element := s.scalar(); s.lost || text == "" || !spells(element, text) {
			return false
		}
	}
	s.must(']')
	return !s.lost && len(s.rest) == 0
}

func (c listCodec) Wire(want, _ Value) any {
	if want.Len() == 0 && c.Blank {
		return ""
	}
	out := []any{}
	for _, x := range entriesOf(want) {
		out = append(out, c.one.Wire(x, Value{}))
	}
	return out
}

func (c listCodec) Show(n Names, v Value) Shown {
	var out []Shown
	for _, x := range entriesOf(v) {
		out = append(out, c.one.Show(n, x))
	}
	return Several(out)
}

func (c listCodec) Declare(n Names, v Value) Node {
	if v.IsEmpty() {
		return Node{}
	}
	d := Node{Kind: List}
	for _, x := range entriesOf(v) {
		d.Items = append(d.Items, c.one.Declare(n, x))
	}
	return d
}

func (c listCodec) After(want, _ Value) Value { return want }

// Key lists the keys of the entries, sorted; of a list of links the first one counts.
func (c listCodec) Key(v Value) string {
	if v.IsEmpty() {
		return ""
	}
	var keys []string
	for _, x := range entriesOf(v) {
		keys = append(keys, entryKey(c.one, x))
	}
	first := ""
	if c.Primary && len(keys) > 0 {
		first = keys[0]
	}
	return joinKeys(keys, true) + first
}

// entryKey is the key of an entry of a list, which the list puts in quotes.
func entryKey(c Codec, v Value) string {
	if own, ok := c.(interface{ entryKey(Value) string }); ok {
		return own.entryKey(v)
	}
	key := c.Key(v)
	if text, err := strconv.Unquote(key); err == nil && !c.Traits().Keyed {
		return text
	}
	return key
}

func joinKeys(keys []string, isSet bool) string {
	if len(keys) == 0 {
		return ""
	}
	if isSet {
		slices.Sort(keys)
	}
	return fmt.Sprintf("%q", keys)
}

func (c listCodec) Schema() map[string]any {
	return map[string]any{"type": []any{"array", "object", "null"}, "items": c.one.Schema()}
}

// Traits are those of one value, but that no list is one line.
func (c listCodec) Traits() Traits {
	t := c.one.Traits()
	t.Keyed, t.Plain = false, false
	return t
}

func (c listCodec) merge(m, live Value) Value {
	removed := c.index(entriesOf(m.Get("remove")))
	out := c.index(slices.DeleteFunc(entriesOf(live), func(x Value) bool { return removed.declared(x) >= 0 }))
	for _, x := range entriesOf(m.Get("add")) {
		if out.live(x) < 0 {
			out.add(x)
		}
	}
	return Listed(out.list...)
}

func (c listCodec) holds(m, live Value) bool {
	have, removed := c.index(entriesOf(live)), c.index(entriesOf(m.Get("remove")))
	return !slices.ContainsFunc(entriesOf(m.Get("add")), func(x Value) bool { return have.live(x) < 0 }) &&
		!slices.ContainsFunc(have.list, func(y Value) bool { return removed.declared(y) >= 0 })
}
