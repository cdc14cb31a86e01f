package value

import "slices"

// entries finds what a list holds as its codec compares it: by a key where equal values
// have one, since lists can be long, else one by one.
type entries struct {
	one   Codec
	keyed bool
	list  []Value
	taken []bool           // nil as long as none is
	byKey map[string][]int // nil as long as the list is short
}

// mostInARow is how many entries are looked through one by one.
const mostInARow = 8

func (c listCodec) index(list []Value) *entries {
	e := &entries{one: c.one, keyed: c.one.Traits().Keyed, list: list}
	e.file(0)
	return e
}

// file files the entries from one on by their keys, if there are many.
func (e *entries) file(from int) {
	if !e.keyed || len(e.list) <= mostInARow {
		return
	}
	if e.byKey == nil {
		e.byKey, from = make(map[string][]int, len(e.list)), 0
	}
	for i := from; i < len(e.list); i++ {
		if key, ok := e.key(e.list[i]); ok {
			e.byKey[key] = append(e.byKey[key], i)
		}
	}
}

func (e *entries) isTaken(i int) bool { return i < len(e.taken) && e.taken[i] }

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
	key, keyed := e.key(x)
	if keyed && e.byKey != nil {
		for len(e.byKey[key]) > 0 && e.isTaken(e.byKey[key][0]) {
			e.byKey[key] = e.byKey[key][1:]
		}
		if found := e.byKey[key]; len(found) > 0 {
			return found[0]
		}
		return -1
	}
	for i, y := range e.list {
		if e.isTaken(i) {
			continue
		}
		if keyed {
			if other, ok := e.key(y); ok && other == key {
				return i
			}
		} else if fits(y) {
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
	e.list = append(e.list, x)
	e.file(len(e.list) - 1)
}

// holdsAll tells whether a live list holds every declared value, each by an entry of its own.
func (e *entries) holdsAll(want []Value) bool {
	return !slices.ContainsFunc(want, func(x Value) bool {
		i := e.live(x)
		if i >= 0 {
			e.take(i)
		}
		return i < 0
	})
}

func (e *entries) take(i int) {
	for len(e.taken) <= i {
		e.taken = append(e.taken, false)
	}
	e.taken[i] = true
}
