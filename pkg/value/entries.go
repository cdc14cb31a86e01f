package value

import "slices"

// entries finds what a list holds as its codec compares it: by a key where equal values
// have one, since lists can be long, else one by one.
type entries struct {
	one   Codec
	keyed bool
	list  []Value
	taken []bool
	byKey map[string][]int
}

func (c listCodec) index(list []Value) *entries {
	e := &entries{one: c.one, keyed: c.one.Traits().Keyed, list: list, taken: make([]bool, len(list)), byKey: make(map[string][]int, len(list))}
	for i, x := range list {
		if key, ok := e.key(x); ok {
			e.byKey[key] = append(e.byKey[key], i)
		}
	}
	return e
}

// key gives what equal values have in common and others have not; ok is false for a link
// that is still open, and where the codec compares otherwise.
func (e *entries) key(v Value) (key string, ok bool) {
	if !e.keyed || v.Text == "" {
		return "", false
	}
	return e.one.Key(v), true
}

// find gives the index of the first entry that is not taken and equals x, or -1. fits
// compares where there are no keys.
func (e *entries) find(x Value, fits func(entry Value) bool) int {
	if key, ok := e.key(x); ok {
		for len(e.byKey[key]) > 0 && e.taken[e.byKey[key][0]] {
			e.byKey[key] = e.byKey[key][1:]
		}
		if found := e.byKey[key]; len(found) > 0 {
			return found[0]
		}
		return -1
	}
	for i, y := range e.list {
		if !e.taken[i] && fits(y) {
			return i
		}
	}
	return -1
}

// declared finds the entry of a declared list that a live value is.
func (e *entries) declared(live Value) int {
	return e.find(live, func(want Value) bool { return e.one.Same(want, live) })
}

// live finds the entry of a live list that a declared value is.
func (e *entries) live(want Value) int {
	return e.find(want, func(live Value) bool { return e.one.Same(want, live) })
}

// add puts a value at the end of the list.
func (e *entries) add(x Value) {
	if key, ok := e.key(x); ok {
		e.byKey[key] = append(e.byKey[key], len(e.list))
	}
	e.list, e.taken = append(e.list, x), append(e.taken, false)
}

// holdsAll tells whether a live list holds every declared value, each by an entry of its own.
func (e *entries) holdsAll(want []Value) bool {
	return !slices.ContainsFunc(want, func(x Value) bool {
		i := e.live(x)
		if i >= 0 {
			e.taken[i] = true
		}
		return i < 0
	})
}
