package main

import (
	"strconv"
	"strings"

	"github.com/b24apply/b24apply/pkg/value"
)

// A tree collects parameters by their paths, and refuses those that contradict each
// other. Objects are map[string]any while it grows; finish makes lists of those
// whose keys are 0, 1, 2 and so on, as PHP does.
type tree struct{ root map[string]any }

func newTree() *tree { return &tree{root: map[string]any{}} }

// A finished value is taken as it is: its keys are no path of the command line.
type finished struct{ value any }

// set puts a value at a path. The last segment, or one in the middle, may be "" for
// the next free number.
func (t *tree) set(path []string, v any) error {
	at := t.root
	for i, key := range path[:len(path)-1] {
		if key == "" {
			key = strconv.Itoa(len(at))
		}
		switch next := at[key].(type) {
		case nil:
			inner := map[string]any{}
			at[key] = inner
			at = inner
		case map[string]any:
			at = next
		default:
			return value.Err("path-contradicts-other", value.T("path", showPath(path)), value.T("other", showPath(path[:i+1])))
		}
	}
	last := path[len(path)-1]
	if last == "" {
		last = strconv.Itoa(len(at))
	}
	switch at[last].(type) {
	case nil:
		at[last] = finished{v}
		return nil
	case map[string]any:
		return value.Err("path-contradicts-inside", value.T("path", showPath(path)))
	}
	return &failure{code: exitError, err: value.Err("path-is-given-twice", value.T("path", showPath(path))),
		hint: value.Say("for-list-write-brackets", value.T("path", showPath(path)))}
}

// merge puts an object at the top, key by key.
func (t *tree) merge(object map[string]any) error {
	for _, key := range sortedNames(object) {
		if err := t.mergeAt([]string{key}, object[key]); err != nil {
			return err
		}
	}
	return nil
}

func (t *tree) mergeAt(path []string, v any) error {
	inner, ok := v.(map[string]any)
	if !ok || len(inner) == 0 {
		return t.set(path, v)
	}
	for _, key := range sortedNames(inner) {
		if err := t.mergeAt(append(path[:len(path):len(path)], key), inner[key]); err != nil {
			return err
		}
	}
	return nil
}

// finish gives the parameters.
func (t *tree) finish() map[string]any { return finish(t.root, true).(map[string]any) }

func finish(v any, top bool) any {
	switch v := v.(type) {
	case finished:
		return v.value
	case map[string]any:
		out := make(map[string]any, len(v))
		for k, inner := range v {
			out[k] = finish(inner, false)
		}
		if list := numbered(out); list != nil && !top {
			return list
		}
		return out
	}
	return v
}

// numbered makes a list of an object whose keys are 0 to n-1, or nil.
func numbered(m map[string]any) []any {
	if len(m) == 0 {
		return nil
	}
	list := make([]any, len(m))
	for i := range list {
		v, ok := m[strconv.Itoa(i)]
		if !ok {
			return nil
		}
		list[i] = v
	}
	return list
}

// under lays one object under another: what the upper gives holds.
func under(lower, upper map[string]any) map[string]any {
	out := make(map[string]any, len(lower)+len(upper))
	for k, v := range lower {
		out[k] = v
	}
	for k, v := range upper {
		below, ok1 := out[k].(map[string]any)
		above, ok2 := v.(map[string]any)
		if ok1 && ok2 {
			v = under(below, above)
		}
		out[k] = v
	}
	return out
}

// showPath writes a path as people do.
func showPath(path []string) string {
	var b strings.Builder
	for i, key := range path {
		switch {
		case i == 0:
			b.WriteString(key)
		case key == "" || strings.ContainsAny(key, ".[]=<>!%@~: "):
			b.WriteString("[" + key + "]")
		default:
			b.WriteString("." + key)
		}
	}
	return b.String()
}
