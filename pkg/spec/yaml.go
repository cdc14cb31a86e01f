package spec

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
	"unique"

	"gopkg.in/yaml.v3"

	"github.com/b24apply/b24apply/pkg/value"
)

// Bounds of one document; beyond them it is refused.
const (
	maxDepth   = 64     // maps and lists within each other
	maxAliased = 10_000 // values that aliases stand for
)

// maxProbe bounds the documents whose syntax error is located exactly, in bytes.
const maxProbe = 1 << 20

// parseDocument reads a chunk. It is false if the chunk holds no value (nothing
// but a marker) or is broken, which has been reported.
func parseDocument(c chunk, r *report) (value.Node, bool) {
	root, err := parseNode(c.text)
	v, _, ok := parsed{chunk: c, root: root, above: c.line - 1, err: err}.value(r)
	return v, ok
}

// value turns the nodes into a value, or reports what is wrong with them. It tells too
// whether a null in the document is not written as null.
func (p parsed) value(r *report) (v value.Node, loose, ok bool) {
	if p.isPlain {
		return p.plain, false, true
	}
	if p.err != nil {
		reportSyntax(p.chunk, r, p.err)
		return value.Node{}, false, false
	}
	if p.root == nil {
		return value.Node{}, false, false
	}
	conv := converter{r: r, line: p.above}
	v = conv.value(p.root, 0)
	return v, conv.loose, !conv.broken && !(v.Kind == value.Null && p.root.Value == "")
}

var yamlPrefix = regexp.MustCompile(`^(?:yaml: )?(?:line (\d+): )?`)

// reportSyntax turns the parser's error into a problem on the line where the
// document first goes wrong. The parser itself names the start of the enclosing
// block, or no line at all.
func reportSyntax(c chunk, r *report, err error) {
	fact := yamlPrefix.ReplaceAllString(err.Error(), "")
	n := c.line + brokenLine(c.text, err, fact) - 1
	line := r.src.line(n)
	indent := len(line) - len(strings.TrimLeft(line, " \t"))
	cause, hint, col := causeOf(err, fact), value.Message{}, indent+1
	switch {
	case strings.Contains(fact, "control characters"):
		hint = value.Say("remove-control-character")
		if i := strings.IndexFunc(line, func(r rune) bool { return r != '\t' && unicode.IsControl(r) }); i >= 0 {
			col, line = utf8.RuneCountInString(line[:i])+1, ""
		}
	case strings.Contains(line[:indent], "\t"):
		cause, hint = value.Say("tab-in-indentation"), value.Say("indent-with-spaces")
	case strings.Contains(fact, "incompatible YAML document"):
		hint = value.Say("remove-yaml-line")
	case strings.Contains(fact, "mapping values are not allowed"):
		hint = value.Say("quote-colon")
	case strings.Contains(fact, "did not find expected ',' or") && strings.Contains(line, " #"):
		hint = value.Say("quote-hash")
	case strings.Contains(fact, "unknown escape character"), strings.Contains(fact, "hexdecimal number"):
		hint = value.Say("escape-begins")
	case strings.Contains(fact, "cannot start any token"):
		hint = value.Say("quote-special")
	}
	r.problem(value.Pos{File: r.src.name, Line: n, Col: col}, strings.TrimSpace(line), "yaml", hint, value.Say("yaml-broken", value.M("cause", cause)))
}

// causeOf is what is wrong: in our words, or in the parser's.
func causeOf(err error, fact string) value.Message {
	if says, ok := err.(value.Saying); ok {
		return says.Says()
	}
	return value.Verbatim(fact)
}

// brokenLine finds the first line after which text fails with this fact.
func brokenLine(text []byte, err error, fact string) int {
	if len(text) > maxProbe {
		line, _ := strconv.Atoi(yamlPrefix.FindStringSubmatch(err.Error())[1])
		return max(1, line)
	}
	var ends []int
	for i := 0; i < len(text); {
		_, i = nextLine(text, i)
		ends = append(ends, i)
	}
	low, high := 1, len(ends)
	for low < high {
		mid := (low + high) / 2
		if _, err := parseNode(text[:ends[mid-1]]); err != nil && yamlPrefix.ReplaceAllString(err.Error(), "") == fact {
			high = mid
		} else {
			low = mid + 1
		}
	}
	return low
}

// A converter turns the nodes of one document into values and drops them.
type converter struct {
	r       *report
	line    int                 // lines of the file above those that the nodes count
	open    map[*yaml.Node]bool // anchored nodes that are being converted
	aliases int                 // how many aliases the current node is inside of
	aliased int                 // values converted inside of aliases
	broken  bool                // the value is not whole, which has been reported
	burst   bool                // aliased has passed its bound, which has been reported
	loose   bool                // a null is not written as null
}

func (c *converter) pos(n *yaml.Node) value.Pos {
	return value.Pos{File: c.r.src.name, Line: c.line + n.Line, Col: n.Column}
}

func (c *converter) refuse(n *yaml.Node, hint, message value.Message) value.Node {
	c.broken = true
	c.r.problem(c.pos(n), n.Value, "yaml", hint, message)
	return value.Node{Pos: c.pos(n)}
}

func (c *converter) value(n *yaml.Node, depth int) value.Node {
	if c.aliases > 0 {
		if c.aliased++; c.aliased > maxAliased {
			return value.Node{} // reported where the alias stands
		}
	}
	switch {
	case depth > maxDepth:
		return c.refuse(n, value.Message{}, value.Say("nested-too-deep", value.N("most", maxDepth)))
	case n.Style&yaml.TaggedStyle != 0:
		return c.refuse(n, value.Say("remove-tag-of-value"), value.Say("value-has-tag", value.T("tag", n.Tag)))
	}
	v := value.Node{Pos: c.pos(n)}
	switch n.Kind {
	case yaml.ScalarNode:
		v.Text, v.Plain = n.Value, n.Style&(yaml.SingleQuotedStyle|yaml.DoubleQuotedStyle|yaml.LiteralStyle|yaml.FoldedStyle) == 0
		if v.Plain && isNull(v.Text) {
			if v.Text == literalNull {
				return value.Node{Pos: v.Pos}
			}
			c.loose = true
			return v
		}
		v.Kind = value.Scalar
	case yaml.SequenceNode:
		v.Kind = value.List
		c.list(n, &v, depth)
	case yaml.MappingNode:
		v.Kind = value.Map
		c.pairs(n, &v, depth)
	case yaml.AliasNode:
		return c.alias(n, depth)
	}
	return v
}

// literalNull is the one null that empties a field.
const literalNull = "null"

// isNull tells whether YAML takes a plain text for null.
func isNull(text string) bool {
	switch text {
	case "", "~", literalNull, "Null", "NULL":
		return true
	}
	return false
}

func (c *converter) list(n *yaml.Node, v *value.Node, depth int) {
	defer c.enter(n)()
	v.Items = make([]value.Node, 0, len(n.Content))
	for _, item := range n.Content {
		v.Items = append(v.Items, c.value(item, depth+1))
	}
}

// enter notes that an anchored node is being converted, until it is left.
func (c *converter) enter(n *yaml.Node) (leave func()) {
	if n.Anchor == "" {
		return func() {}
	}
	if c.open == nil {
		c.open = make(map[*yaml.Node]bool)
	}
	c.open[n] = true
	return func() { delete(c.open, n) }
}

func (c *converter) pairs(n *yaml.Node, v *value.Node, depth int) {
	defer c.enter(n)()
	v.Pairs = make([]value.Pair, 0, len(n.Content)/2)
	seen := keyLines{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, ok := c.key(n.Content[i])
		if !ok {
			continue
		}
		pos := c.pos(n.Content[i])
		if first, twice := seen.add(v.Pairs, key, pos.Line); twice {
			c.r.problem(pos, key, "duplicate-key", value.Say("keep-one-of-two"), value.Say("given-twice", value.T("key", quote(key)), value.N("line", first)))
			continue
		}
		v.Pairs = append(v.Pairs, value.Pair{Key: key, Value: c.value(n.Content[i+1], depth+1), Pos: pos})
	}
}

// A keyLines finds keys that stand twice in a map, which most of the time has a few.
type keyLines struct {
	lines map[string]int // once there are many
}

// fewKeys is up to how many it is quicker to look at all.
const fewKeys = 16

// add is asked before a key becomes one of the pairs.
func (k *keyLines) add(pairs []value.Pair, key string, line int) (first int, twice bool) {
	if k.lines == nil {
		for i := range pairs {
			if pairs[i].Key == key {
				return pairs[i].Pos.Line, true
			}
		}
		if len(pairs) < fewKeys {
			return 0, false
		}
		k.lines = make(map[string]int)
		for i := range pairs {
			k.lines[pairs[i].Key] = pairs[i].Pos.Line
		}
	}
	if first, twice = k.lines[key]; !twice {
		k.lines[key] = line
	}
	return first, twice
}

// key reads a key as the text that it is written with.
func (c *converter) key(n *yaml.Node) (string, bool) {
	switch {
	case n.Kind != yaml.ScalarNode:
		c.refuse(n, value.Message{}, value.Say("key-is-no-text"))
	case n.Tag == "!!merge":
		c.refuse(n, value.Say("repeat-the-keys"), value.Say("merge-key"))
	case n.Style&yaml.TaggedStyle != 0:
		c.refuse(n, value.Say("remove-tag"), value.Say("key-has-tag", value.T("tag", n.Tag)))
	default:
		// The same few keys stand in every document: one copy of each is enough.
		return unique.Make(n.Value).Value(), true
	}
	return "", false
}

// alias puts the anchored value in the alias's place. What lies inside keeps the
// position at which it is written.
func (c *converter) alias(n *yaml.Node, depth int) value.Node {
	if c.open[n.Alias] {
		return c.refuse(n, value.Message{}, value.Say("alias-of-itself", value.T("name", n.Value)))
	}
	c.aliases++
	v := c.value(n.Alias, depth)
	c.aliases--
	if c.aliased > maxAliased && c.aliases == 0 && !c.burst {
		c.burst = true
		return c.refuse(n, value.Say("use-fewer-aliases"), value.Say("too-many-aliased", value.N("most", maxAliased)))
	}
	return v
}

// quote shows text in a message: one line, bounded, without the secret part of a
// webhook URL.
func quote(text string) string {
	const most = 60
	runes := []rune(redact(text))
	if len(runes) > most {
		runes = append(runes[:most], '…')
	}
	return fmt.Sprintf("%q", string(runes))
}
