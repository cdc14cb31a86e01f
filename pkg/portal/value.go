package portal

import "slices"

// A Map is an ordered map with string keys: what PHP calls an array, what a JSON
// object and a bracketed form both decode to. Values are nil, bool, json.Number,
// string, []any or *Map. The zero value is empty and ready to use.
type Map struct {
	keys []string
	vals map[string]any
}

// Set adds a key at the end, or replaces its value in place.
func (m *Map) Set(key string, v any) {
	if m.vals == nil {
		m.vals = make(map[string]any)
	}
	if _, ok := m.vals[key]; !ok {
		m.keys = append(m.keys, key)
	}
	m.vals[key] = v
}

// Get returns a key's value and whether it is there. A nil Map has no keys.
func (m *Map) Get(key string) (any, bool) {
	if m == nil {
		return nil, false
	}
	v, ok := m.vals[key]
	return v, ok
}

// Keys lists the keys in order. The caller must not change the slice.
func (m *Map) Keys() []string {
	if m == nil {
		return nil
	}
	return m.keys
}

// Len counts the keys.
func (m *Map) Len() int { return len(m.Keys()) }

// remove takes a key out of the map.
func (m *Map) remove(key string) {
	if _, ok := m.vals[key]; ok {
		delete(m.vals, key)
		m.keys = slices.DeleteFunc(slices.Clone(m.keys), func(k string) bool { return k == key })
	}
}
