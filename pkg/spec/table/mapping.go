package table

import (
	"io"
	"slices"
	"strings"
	"time"

	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/value"
)

// Options are what a mapping depends on beside its own words.
type Options struct {
	Kind    *kind.Kind     // of the records; nil if it is not known, and then nothing is known of its fields
	Dialect Dialect        // of the source: how numbers and days are written where no rule says it
	Schema  *Schema        // of the source; nil for none
	Zone    *time.Location // of times without an offset, where the source has no zone of its own; nil: they are faults
	Region  string         // of phones, where a rule says only that it is one; "": those with their country alone
	// Open opens a valuesFile, by its path as it is written. What goes wrong is told at the
	// place of the path. nil: there can be none.
	Open func(path string) (io.ReadCloser, error)
}

// A Mapping says how rows become records. It is compiled from spec.key, spec.map, spec.where,
// spec.rows and the parts with sources of their own, and does not change.
type Mapping struct {
	options     Options
	key         []*rule
	fields      []entry // sorted by name
	parts       []entry // sorted by name
	where       []condition
	groupBy     []*rule
	onDuplicate OnDuplicate
	children    []*Child
	rules       []*rule  // by their ids
	columns     []string // that are read, in the order of the mapping
	used        map[string]value.Pos
}

// An entry is a name and what gives its value.
type entry struct {
	name string
	tree *tree
	pos  value.Pos
}

// A tree gives a value: by a rule, or as a list or a map of trees. One of the three is set.
type tree struct {
	pos   value.Pos
	rule  *rule
	items []*tree
	pairs []entry
	list  bool // the value is a list even where it has one entry
}

// Compile reads the mapping of a RecordSet's spec. What is wrong is told at its place in the
// manifest; with faults there is no mapping.
func Compile(spec value.Node, o Options) (*Mapping, []*value.Fault) {
	c := &compiler{m: &Mapping{options: o, used: make(map[string]value.Pos)}}
	c.spec(spec)
	if len(c.faults) > 0 {
		return nil, c.faults
	}
	return c.m, nil
}

// Columns are the columns that the mapping reads, each once, in its order.
func (m *Mapping) Columns() []string { return m.columns }

// Children are the sources of rows that belong to records, such as their products.
func (m *Mapping) Children() []*Child { return m.children }

// OnlyIfEmpty are the fields that are set only where the portal has none, sorted.
func (m *Mapping) OnlyIfEmpty() (names []string) {
	for _, f := range m.fields {
		if f.tree.rule != nil && f.tree.rule.onlyIfEmpty {
			names = append(names, f.name)
		}
	}
	return names
}

// Fields are the names of the fields and parts that a record may declare, sorted.
func (m *Mapping) Fields() (names []string) {
	for _, e := range slices.Concat(m.fields, m.parts) {
		names = append(names, e.name)
	}
	for _, c := range m.children {
		names = append(names, c.Part)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// A compiler reads a mapping and gathers what is wrong with it.
type compiler struct {
	m      *Mapping
	faults []*value.Fault
}

func (c *compiler) bad(pos value.Pos, rule, message, hint string, args ...value.Arg) {
	f := value.Bad(rule, message, hint, args...)
	f.Pos = pos
	c.faults = append(c.faults, f)
}

func (c *compiler) spec(spec value.Node) {
	key, declared := spec.Get("key")
	if s := c.m.options.Schema; !declared && s != nil && len(s.PrimaryKey) > 0 {
		key = value.Node{Kind: value.List, Pos: spec.Pos}
		for _, name := range s.PrimaryKey {
			key.Items = append(key.Items, value.Node{Kind: value.Scalar, Text: name, Pos: spec.Pos})
		}
	}
	c.key(key, spec.Pos)
	fields, _ := spec.Get("map")
	for _, p := range fields.Pairs {
		c.entry(p)
	}
	where, _ := spec.Get("where")
	c.where(where)
	rows, _ := spec.Get("rows")
	c.rows(rows)
	c.children(spec)
	for _, list := range []*[]entry{&c.m.fields, &c.m.parts} {
		slices.SortFunc(*list, func(a, b entry) int { return strings.Compare(a.name, b.name) })
	}
}

// key reads the columns whose values name a record.
func (c *compiler) key(n value.Node, at value.Pos) {
	items := n.Items
	if n.Kind == value.Scalar {
		items = []value.Node{n}
	}
	if len(items) == 0 {
		c.bad(at, "map", "no-key", "")
	}
	for _, item := range items {
		switch item.Kind {
		case value.Scalar:
			r := c.newRule(item.Pos)
			r.key = true
			c.columns(r, item)
			c.m.key = append(c.m.key, r)
		case value.Map:
			if r := c.rule(item, nil); r != nil {
				r.key = true
				c.m.key = append(c.m.key, r)
			}
		default:
			c.bad(item.Pos, "map", "no-column-name", "")
		}
	}
}

// use notes that a column is read.
func (c *compiler) use(n value.Node) {
	if n.Kind != value.Scalar || n.Text == "" {
		c.bad(n.Pos, "map", "no-column-name", "")
		return
	}
	if _, ok := c.m.used[n.Text]; !ok {
		c.m.used[n.Text] = n.Pos
		c.m.columns = append(c.m.columns, n.Text)
	}
}

// entry reads one line of the map. A name with a dot, such as parents.deal, is an entry of a map.
func (c *compiler) entry(p value.Pair) {
	name, inner, dotted := strings.Cut(p.Key, ".")
	field := c.fieldRule(name)
	if dotted {
		t := c.tree(p.Value, nil)
		if t == nil {
			return
		}
		list := c.listOf(name)
		if i := slices.IndexFunc(*list, func(e entry) bool { return e.name == name }); i >= 0 {
			(*list)[i].tree.pairs = append((*list)[i].tree.pairs, entry{inner, t, p.Pos})
			return
		}
		*list = append(*list, entry{name, &tree{pos: p.Pos, pairs: []entry{{inner, t, p.Pos}}}, p.Pos})
		return
	}
	t := c.tree(p.Value, field)
	if t == nil {
		return
	}
	list := c.listOf(name)
	t.list = t.items != nil || field != nil && (field.Multiple || field.Type == kind.TypeMultifield)
	*list = append(*list, entry{name, t, p.Pos})
}

// listOf is where an entry belongs: a part of the kind, or a field.
func (c *compiler) listOf(name string) *[]entry {
	if k := c.m.options.Kind; k != nil && slices.ContainsFunc(k.Parts, func(p kind.Part) bool { return p.Name == name }) {
		return &c.m.parts
	}
	return &c.m.fields
}

// fieldRule is what is known of a field; nil for nothing.
func (c *compiler) fieldRule(name string) *kind.Rule {
	if c.m.options.Kind == nil {
		return nil
	}
	return c.m.options.Kind.Rule(name)
}

// tree reads what gives a value. A map with one of the verbs that begin a rule is a rule; any
// other map holds trees, and so does a list.
func (c *compiler) tree(n value.Node, field *kind.Rule) *tree {
	t := &tree{pos: n.Pos}
	switch {
	case n.Kind == value.List:
		t.items = []*tree{}
		for _, item := range n.Items {
			if inner := c.tree(item, field); inner != nil {
				t.items = append(t.items, inner)
			}
		}
	case isRule(n):
		if t.rule = c.rule(n, field); t.rule == nil {
			return nil
		}
	case n.Kind == value.Map && len(n.Pairs) > 0:
		for _, p := range n.Pairs {
			if inner := c.tree(p.Value, nil); inner != nil {
				t.pairs = append(t.pairs, entry{p.Key, inner, p.Pos})
			}
		}
	default:
		c.bad(n.Pos, "map", "no-rule", "write-a-rule")
		return nil
	}
	return t
}

// isRule tells whether a map is a rule, by the verbs that begin one.
func isRule(n value.Node) bool {
	return n.Kind == value.Map && slices.ContainsFunc(n.Pairs, func(p value.Pair) bool { return slices.Contains(beginnings, p.Key) })
}

// beginnings are the verbs that say where a value comes from. A rule has one of them.
var beginnings = []string{"column", "join", "coalesce", "constant"}
