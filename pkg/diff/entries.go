package diff

import "slices"

// entries finds what a list holds as its codec compares it: by a key where equal values
// have one, since lists can be long, else one by one.
type entries struct {
	one   codec
	list  []any
	taken []bool
	byKey map[any][]int
}

func (c listCodec) index(list []any) *entries {
	e := &entries{one: c.one, list: list, taken: make([]bool, len(list)), byKey: make(map[any][]int, len(list))}
	for i, x := range list {
		if key, ok := entryKey(c.one, x); ok {
			e.byKey[key] = append(e.byKey[key], i)
		}
	}
	return e
}

// entryKey gives what equal values of a codec have in common and others have not; ok is
// false if the codec compares otherwise.
func entryKey(c codec, v any) (key any, ok bool) {
	switch c := c.(type) {
	case blankCodec:
		return entryKey(c.codec, v)
	case stringCodec, dateCodec, enumCodec, optionCodec, userCodec, idCodec:
		return v, true
	case linkCodec:
		l, is := v.(link)
		return l.id, is && l.id != 0
	}
	return nil, false
}

// find gives the index of the first entry that is not taken and equals x, or -1. fits
// compares where there are no keys.
func (e *entries) find(x any, fits func(entry any) bool) int {
	if key, ok := entryKey(e.one, x); ok {
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
func (e *entries) declared(live any) int {
	return e.find(live, func(want any) bool { return e.one.equal(want, live) })
}

// live finds the entry of a live list that a declared value is.
func (e *entries) live(want any) int {
	return e.find(want, func(live any) bool { return e.one.equal(want, live) })
}

// add puts a value at the end of the list.
func (e *entries) add(x any) {
	if key, ok := entryKey(e.one, x); ok {
		e.byKey[key] = append(e.byKey[key], len(e.list))
	}
	e.list, e.taken = append(e.list, x), append(e.taken, false)
}

// holdsAll tells whether a live list holds every declared value, each by an entry of its own.
func (e *entries) holdsAll(want []any) bool {
	return !slices.ContainsFunc(want, func(x any) bool {
		i := e.live(x)
		if i >= 0 {
			e.taken[i] = true
		}
		return i < 0
	})
}
