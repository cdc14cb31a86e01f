package table

import (
	"regexp"
	"slices"
	"strings"

	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/value"
)

// A rule gives one value of a record. Its verbs run in one order, whatever their order in the
// manifest: where the value comes from, split, trim, pattern, values and valuesFile, the verb
// of its type, ref or lookup; then required, default and empty for what is missing.
type rule struct {
	pos      value.Pos
	key      bool     // it is a part of the key
	columns  []string // column: one; or those whose values name a referred record; join and coalesce: in their order
	joined   bool
	with     string // join: between the texts
	first    bool   // coalesce
	constant *value.Node

	split    []string
	trim     bool
	pattern  *regexp.Regexp
	values   map[string]value.Node
	others   *value.Node // values: what "*" says
	file     *lookupTable
	convert  []verb // of the type
	ref      string
	lookup   []string // a space and a field
	required bool
	fallback *value.Node // default
	clears   bool        // empty: clear

	onlyIfEmpty bool
}

// A verb turns the text of a cell into that of a value.
type verb func(text string) (string, *Fault)

// rule reads a rule. nil stands for one that is wrong, of which the faults are told.
func (c *compiler) rule(n value.Node, field *kind.Rule) *rule {
	r := &rule{pos: n.Pos}
	before, begins := len(c.faults), 0
	for _, p := range n.Pairs {
		read, known := verbs[p.Key]
		if !known {
			c.bad(p.Pos, "map", "no-verb", "verbs-are", quoted("name", p.Key), value.L("verbs", sortedKeys(verbs)))
			continue
		}
		if slices.Contains(beginnings, p.Key) {
			begins++
		}
		read(c, r, p, field)
	}
	if begins != 1 {
		c.bad(n.Pos, "map", "not-one-beginning", "", value.L("verbs", beginnings))
	}
	if len(r.columns) > 1 && !r.joined && !r.first && r.ref == "" {
		c.bad(n.Pos, "map", "columns-without-ref", "")
	}
	if len(c.faults) > before {
		return nil
	}
	return r
}

// verbs read the verbs of a rule by their names. This is all that there is.
var verbs = map[string]func(*compiler, *rule, value.Pair, *kind.Rule){
	"column":      (*compiler).column,
	"constant":    func(c *compiler, r *rule, p value.Pair, _ *kind.Rule) { r.constant = &p.Value },
	"trim":        func(c *compiler, r *rule, p value.Pair, _ *kind.Rule) { r.trim = c.flag(p) },
	"required":    func(c *compiler, r *rule, p value.Pair, _ *kind.Rule) { r.required = c.flag(p) },
	"default":     func(c *compiler, r *rule, p value.Pair, _ *kind.Rule) { r.fallback = &p.Value },
	"onlyIfEmpty": func(c *compiler, r *rule, p value.Pair, _ *kind.Rule) { r.onlyIfEmpty = c.flag(p) },
}

// flag reads true or false.
func (c *compiler) flag(p value.Pair) bool {
	if p.Value.Kind != value.Scalar || p.Value.Text != "true" && p.Value.Text != "false" {
		c.bad(p.Value.Pos, "map", "no-flag", "", quoted("verb", p.Key))
	}
	return p.Value.Text == "true"
}

// column reads the name of a column, or, for a reference to a record whose key has several
// parts, their names.
func (c *compiler) column(r *rule, p value.Pair, _ *kind.Rule) {
	c.columns(r, p)
}

func (c *compiler) columns(r *rule, p value.Pair) {
	items := p.Value.Items
	if p.Value.Kind != value.List {
		items = []value.Node{p.Value}
	}
	for _, item := range items {
		c.use(item)
		r.columns = append(r.columns, item.Text)
	}
	if len(items) == 0 {
		c.bad(p.Value.Pos, "map", "no-column-name", "")
	}
}

// isNumber tells whether a field holds numbers.
func isNumber(field *kind.Rule) bool {
	return field != nil && (field.Type == kind.TypeDouble || field.Type == kind.TypeInteger)
}

// trimmed cuts what people do not see around a text: blanks, no-break ones too.
func trimmed(text string) string {
	return strings.TrimFunc(text, isBlankRune)
}
