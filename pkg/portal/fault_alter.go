package portal

import (
	"errors"
	"slices"
	"strings"
)

// loseFields takes the field of a rule out of all that a writing command holds.
func loseFields(a *armed, m method, c *call) int {
	if !m.write || !hasField(c.params, a.Field) || !a.fires() {
		return 0
	}
	eachRecord(c.params, func(m *Map) { m.remove(a.Field) })
	return 1
}

// hasField reports whether a parameter of a call holds a key at any depth.
func hasField(params *Map, field string) bool {
	found := false
	eachRecord(params, func(m *Map) {
		_, ok := m.Get(field)
		found = found || ok
	})
	return found
}

// markFields are where a program keeps its own name of a record.
var markFields = []string{"originId", "originatorId", "xmlId"}

// loseMarks takes the marks out of the records that a command adds. Each record counts
// for itself, so that every second row of an import can lose its mark.
func loseMarks(a *armed, m method, c *call) int {
	fields := markFields
	if a.Field != "" {
		fields = []string{a.Field}
	}
	if !m.write || !adds(m.name) {
		return 0
	}
	fired := 0
	eachRecord(c.params, func(m *Map) {
		marks := keysLike(m, fields)
		if len(marks) == 0 || !a.fires() {
			return
		}
		fired++
		for _, key := range marks {
			m.remove(key)
		}
	})
	return fired
}

// keysLike lists the keys of a map that spell one of the fields, in whatever case and
// with or without underscores.
func keysLike(m *Map, fields []string) []string {
	var found []string
	for _, key := range m.Keys() {
		if slices.ContainsFunc(fields, func(f string) bool { return plainName(f) == plainName(key) }) {
			found = append(found, key)
		}
	}
	return found
}

func plainName(name string) string { return strings.ToLower(strings.ReplaceAll(name, "_", "")) }

// A keptList is a field that a command wanted to empty, and how the answer
// shows it.
type keptList struct {
	field string
	echo  any
}

// keepLists takes a field that an update empties out of it.
func keepLists(a *armed, m method, c *call) int {
	if !m.write || !strings.HasSuffix(strings.ToLower(m.name), ".update") {
		return 0
	}
	fired := 0
	eachRecord(c.params, func(m *Map) {
		for _, key := range keysLike(m, []string{a.Field}) {
			if v, _ := m.Get(key); !isBlank(v) || !a.fires() {
				continue
			}
			fired++
			m.remove(key)
			var echo any
			if a.To == "[]" {
				echo = []any{}
			}
			c.kept = append(c.kept, keptList{key, echo})
		}
	})
	return fired
}

func checkEcho(rule FaultRule) error {
	if rule.To != "" && rule.To != "[]" {
		return errors.New("to=[] is all that the answer of keep-list can be, besides null")
	}
	return nil
}

// echoKept makes an answer show lists as emptied that were kept.
func (c *call) echoKept(r reply) {
	answer, _ := r.value.(*Map)
	v, _ := answer.Get("item")
	item, ok := v.(*Map)
	if !ok {
		return
	}
	for _, kept := range c.kept {
		for _, key := range keysLike(item, []string{kept.field}) {
			item.Set(key, kept.echo)
		}
	}
}

// eachRecord visits the maps inside the parameters, but not these themselves.
func eachRecord(params *Map, visit func(*Map)) {
	var walk func(any)
	walk = func(v any) {
		switch v := v.(type) {
		case *Map:
			visit(v)
			for _, key := range v.keys {
				walk(v.vals[key])
			}
		case []any:
			for _, item := range v {
				walk(item)
			}
		}
	}
	for _, key := range params.Keys() {
		walk(params.vals[key])
	}
}
