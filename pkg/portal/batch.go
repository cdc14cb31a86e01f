package portal

import (
	"context"
	"net/http"
	"regexp"
	"strconv"
	"strings"
)

// batchMethod is the method that runs up to batchLimit others, see
// settings/how-to-call-rest-api/batch.md.
const (
	batchMethod = "batch"
	batchLimit  = 50
)

// A batch is a run of commands. Its maps have the commands' own keys.
type batch struct {
	caller                             *call
	results, errors, total, next, time *Map
}

// runBatch runs the commands of a batch in order. It never fails: each command
// has its own result or error.
func runBatch(ctx context.Context, c *call) (reply, error) {
	b := &batch{caller: c, results: new(Map), errors: new(Map), total: new(Map), next: new(Map), time: new(Map)}
	cmd, _ := c.fold("cmd")
	halt, _ := c.fold("halt")
	commands, _ := asMap(cmd)
	count := 0
	for _, key := range commands.Keys() {
		v, _ := commands.Get(key)
		command, ok := v.(string)
		if !ok {
			continue // a real portal skips what is no text, without an error
		}
		count++
		if ok := b.run(ctx, key, command, count); !ok && truthy(halt) {
			break
		}
	}
	return reply{value: b.answer()}, nil
}

// answer is the result of the whole batch.
func (b *batch) answer() *Map {
	m := new(Map)
	m.Set("result", b.results)
	m.Set("result_error", b.errors)
	m.Set("result_total", b.total)
	m.Set("result_next", b.next)
	m.Set("result_time", b.time)
	return m
}

// run runs the command that is number n of its batch, and reports whether it
// succeeded.
func (b *batch) run(ctx context.Context, key, command string, n int) bool {
	o := b.execute(ctx, command, n)
	if o.err != nil {
		b.errors.Set(key, asFault(o.err).envelope())
		return false
	}
	b.results.Set(key, o.value)
	b.time.Set(key, o.timing())
	if o.list {
		b.total.Set(key, o.total)
	}
	if o.next > 0 {
		b.next.Set(key, o.next)
	}
	return true
}

func (b *batch) execute(ctx context.Context, command string, n int) execution {
	if n > batchLimit {
		return execution{err: &fault{code: "ERROR_BATCH_LENGTH_EXCEEDED", text: "Max batch length exceeded"}}
	}
	name, query, _ := strings.Cut(command, "?")
	if strings.EqualFold(name, batchMethod) || strings.EqualFold(name, fileMethod) {
		return execution{err: &fault{
			status: http.StatusMethodNotAllowed,
			code:   "ERROR_BATCH_METHOD_NOT_ALLOWED",
			text:   "Method is not allowed for batch usage",
		}}
	}
	params := parseForm(query)
	b.resolve(params)
	return b.caller.portal.execute(ctx, b.caller.user, name, params)
}

// A reference runs to the next space, whatever stands there. It counts only if
// it has a key in brackets.
var (
	reference    = regexp.MustCompile(`(?i)\$(result|next|total|time|error)(\S*)`)
	referenceKey = regexp.MustCompile(`\[([^\]]+)\]`)
)

// resolve replaces the references in all texts of a command's parameters.
func (b *batch) resolve(params *Map) {
	for _, key := range params.Keys() {
		switch v, _ := params.Get(key); v := v.(type) {
		case *Map:
			b.resolve(v)
		case string:
			params.Set(key, b.substitute(v))
		}
	}
}

// substitute replaces the references in a text. A text that is one reference
// becomes the value itself; inside a longer text only texts and numbers are
// put in.
func (b *batch) substitute(text string) any {
	if !strings.Contains(text, "$") {
		return text
	}
	if whole := reference.FindStringIndex(text); whole != nil && whole[0] == 0 && whole[1] == len(text) {
		if v, ok := b.lookUp(text); ok {
			return v
		}
		return text
	}
	return reference.ReplaceAllStringFunc(text, func(ref string) string {
		v, ok := b.lookUp(ref)
		if !ok || v == nil || v == true || v == false {
			return ref
		}
		if s, ok := asString(v); ok {
			return s
		}
		return ref
	})
}

// lookUp returns what a reference points at. A missing path is no error: the
// deepest node that exists counts, as on a real portal.
func (b *batch) lookUp(ref string) (any, bool) {
	parts := reference.FindStringSubmatch(ref)
	keys := referenceKey.FindAllStringSubmatch(parts[2], -1)
	root, ok := b.root(parts[1])
	if !ok || len(keys) == 0 {
		return nil, false
	}
	node, ok := root.Get(keys[0][1])
	if !ok {
		return b.plain(root), true
	}
	node = b.plain(node)
	for _, key := range keys[1:] {
		child, ok := step(node, key[1])
		if !ok {
			break
		}
		node = child
	}
	return node, true
}

// root returns the map that a reference's name stands for. Names are found
// without case but looked up with it, so $Result[x] stays as it is.
func (b *batch) root(name string) (*Map, bool) {
	m, ok := map[string]*Map{"result": b.results, "error": b.errors, "total": b.total, "next": b.next, "time": b.time}[name]
	return m, ok
}

// plain turns an answer's value into one that can be a parameter.
func (b *batch) plain(v any) any {
	data, err := encode(v, b.caller.portal.zone)
	if err != nil {
		return nil
	}
	plain, err := decodeJSON(data)
	if err != nil {
		return nil
	}
	return plain
}

// step returns the child of a node.
func step(node any, key string) (any, bool) {
	switch node := node.(type) {
	case *Map:
		return node.Get(key)
	case []any:
		if i, err := strconv.Atoi(key); err == nil && i >= 0 && i < len(node) {
			return node[i], true
		}
	}
	return nil, false
}
