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
	id       int // among those of the mapping
	pos      value.Pos
	key      bool     // it is a part of the key
	child    bool     // it reads the rows of a child source, not those of the set
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
	space    string // lookup: of the record
	field    string // lookup: that has the value
	required bool
	fallback *value.Node // default
	clears   bool        // empty: clear

	onlyIfEmpty bool

	is Field // what it expects of its cells: their type, and how that is written
}

// A verb turns the text of a cell into that of a value. A fault that is a warning comes with it.
type verb func(text string) (string, *Fault)

// rule reads a rule. nil stands for one that is wrong, of which the faults are told.
func (c *compiler) rule(n value.Node, field *kind.Rule) *rule {
	r := c.newRule(n.Pos)
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
	c.imply(r, field)
	return r
}

func (c *compiler) newRule(pos value.Pos) *rule {
	r := &rule{id: len(c.m.rules), pos: pos}
	c.m.rules = append(c.m.rules, r)
	return r
}

// imply adds the verb of a type that a rule does not name: that of the column's field in the
// schema, else that of the declared field, where the source says how it writes such.
func (c *compiler) imply(r *rule, field *kind.Rule) {
	if len(r.columns) != 1 || len(r.convert) > 0 || r.ref != "" || r.space != "" || r.values != nil || r.file != nil {
		return
	}
	if f := c.m.options.Schema.field(r.columns[0]); f != nil && f.imply(c, r, field) {
		return
	}
	if d := c.m.options.Dialect; !d.Local || field == nil {
		return
	}
	switch {
	case isNumber(field):
		r.addDecimal(&decimalVerb{numbers: c.m.options.Dialect.with().Numbers})
	case field.Type == kind.TypeDate || field.Type == kind.TypeDatetime:
		c.addDate(r, c.dates(), field)
	}
}

// verbs read the verbs of a rule by their names. This is all that there is.
var verbs = map[string]func(*compiler, *rule, value.Pair, *kind.Rule){
	"coalesce": (*compiler).coalesce,
	"column":   func(c *compiler, r *rule, p value.Pair, _ *kind.Rule) { c.columns(r, p.Value) },
	"constant": func(c *compiler, r *rule, p value.Pair, _ *kind.Rule) { r.constant = &p.Value },
	"date":     (*compiler).date,
	"decimal":  (*compiler).decimal,
	"default":  func(c *compiler, r *rule, p value.Pair, _ *kind.Rule) { r.fallback = &p.Value },
	"email": func(c *compiler, r *rule, p value.Pair, _ *kind.Rule) {
		r.is = Field{Type: "string", Format: "email"}
		c.check(r, p, emailVerb)
	},
	"empty":       (*compiler).empty,
	"inn":         func(c *compiler, r *rule, p value.Pair, _ *kind.Rule) { c.check(r, p, taxID) },
	"join":        (*compiler).join,
	"lookup":      (*compiler).lookup,
	"onlyIfEmpty": func(c *compiler, r *rule, p value.Pair, _ *kind.Rule) { r.onlyIfEmpty = c.flag(p) },
	"option":      func(c *compiler, r *rule, p value.Pair, _ *kind.Rule) { c.says(r, p, "id", "label", "code") },
	"pattern":     (*compiler).pattern,
	"phone":       (*compiler).phone,
	"ref":         (*compiler).refer,
	"required":    func(c *compiler, r *rule, p value.Pair, _ *kind.Rule) { r.required = c.flag(p) },
	"split":       (*compiler).split,
	"stage":       func(c *compiler, r *rule, p value.Pair, _ *kind.Rule) { c.says(r, p, "id", "title") },
	"trim":        func(c *compiler, r *rule, p value.Pair, _ *kind.Rule) { r.trim = c.flag(p) },
	"user":        func(c *compiler, r *rule, p value.Pair, _ *kind.Rule) { c.says(r, p, "id", "email", "name") },
	"values":      (*compiler).values,
	"valuesFile":  (*compiler).valuesFile,
}

// flag reads true or false.
func (c *compiler) flag(p value.Pair) bool {
	if p.Value.Kind != value.Scalar || p.Value.Text != "true" && p.Value.Text != "false" {
		c.bad(p.Value.Pos, "map", "no-flag", "", quoted("verb", p.Key))
	}
	return p.Value.Text == "true"
}

// columns reads the names of columns. A rule has several where they are joined, where the first
// with a value is taken, and where they are the parts of the key of a referred record.
func (c *compiler) columns(r *rule, n value.Node) {
	items := n.Items
	if n.Kind != value.List {
		items = []value.Node{n}
	}
	for _, item := range items {
		c.use(item)
		r.columns = append(r.columns, item.Text)
	}
	if len(items) == 0 {
		c.bad(n.Pos, "map", "no-column-name", "")
	}
}

func (c *compiler) coalesce(r *rule, p value.Pair, _ *kind.Rule) {
	r.first = true
	c.columns(r, p.Value)
}

// join reads {columns: [a, b], with: " "}, or a list of columns, whose texts a blank joins.
func (c *compiler) join(r *rule, p value.Pair, _ *kind.Rule) {
	r.joined, r.with = true, " "
	if p.Value.Kind != value.Map {
		c.columns(r, p.Value)
		return
	}
	for _, q := range p.Value.Pairs {
		switch q.Key {
		case "columns":
			c.columns(r, q.Value)
		case "with":
			r.with = q.Value.Text
		default:
			c.unknown(q, "columns", "with")
		}
	}
}

// unknown is a key of a verb that it does not have.
func (c *compiler) unknown(p value.Pair, known ...string) {
	c.bad(p.Pos, "map", "no-key-of-verb", "", quoted("name", p.Key), value.L("known", known))
}

// split reads what stands between several values in a cell.
func (c *compiler) split(r *rule, p value.Pair, _ *kind.Rule) {
	r.split = c.texts(p.Value)
	if len(r.split) == 0 || slices.Contains(r.split, "") {
		c.bad(p.Value.Pos, "map", "no-separator", "")
	}
}

// texts reads a list of texts, of which one may stand without a list.
func (c *compiler) texts(n value.Node) (out []string) {
	items := n.Items
	if n.Kind == value.Scalar {
		items = []value.Node{n}
	}
	for _, item := range items {
		if item.Kind != value.Scalar {
			c.bad(item.Pos, "map", "no-text", "")
			continue
		}
		out = append(out, item.Text)
	}
	return out
}

// pattern reads a pattern that the whole text matches. Where it has a group, the value is
// what the first one matches.
func (c *compiler) pattern(r *rule, p value.Pair, _ *kind.Rule) {
	re, err := regexp.Compile(`^(?:` + p.Value.Text + `)$`)
	if err != nil || p.Value.Text == "" {
		c.bad(p.Value.Pos, "map", "no-pattern", "", quoted("pattern", p.Value.Text))
		return
	}
	r.pattern = re
}

// values reads what values stand for others; "*" says what becomes of all others: a value,
// or "error". Without it they stay.
func (c *compiler) values(r *rule, p value.Pair, _ *kind.Rule) {
	if p.Value.Kind != value.Map || len(p.Value.Pairs) == 0 {
		c.bad(p.Value.Pos, "map", "no-values", "")
		return
	}
	r.values = make(map[string]value.Node, len(p.Value.Pairs))
	for _, q := range p.Value.Pairs {
		if q.Key == "*" {
			r.others = &q.Value
			continue
		}
		r.values[q.Key] = q.Value
	}
}

// empty reads what a missing value means: nothing is said of the field (keep), or it is to be
// empty (clear).
func (c *compiler) empty(r *rule, p value.Pair, _ *kind.Rule) {
	if r.clears = p.Value.Text == "clear"; !r.clears && p.Value.Text != "keep" {
		c.bad(p.Value.Pos, "map", "none-of-choices", "", quoted("value", p.Value.Text), value.L("choices", []string{"keep", "clear"}))
	}
}

// check adds a verb that is turned on by true.
func (c *compiler) check(r *rule, p value.Pair, v verb) {
	if c.flag(p) {
		r.convert = append(r.convert, v)
	}
}

func (c *compiler) phone(r *rule, p value.Pair, _ *kind.Rule) {
	region := p.Value.Text
	if region == "true" {
		region = c.m.options.Region
	}
	if (region != "" || p.Value.Text == "") && !value.IsRegion(region) {
		c.bad(p.Value.Pos, "map", "no-region", "", quoted("value", region))
	}
	r.convert = append(r.convert, phoneVerb(region))
}

// says adds a check that a cell names a thing in one of the forms that the field takes, so
// that a name that is a number is not taken for an id. True stands for any of the forms.
func (c *compiler) says(r *rule, p value.Pair, forms ...string) {
	is := p.Value.Text
	if is == "true" {
		return
	}
	if !slices.Contains(forms, is) {
		c.bad(p.Value.Pos, "map", "none-of-choices", "", quoted("value", is), value.L("choices", forms))
	}
	r.convert = append(r.convert, func(text string) (string, *Fault) {
		switch {
		case is == "id" && !isDigits(text) && p.Key != "stage", is == "email" && !address.MatchString(text), is != "id" && isDigits(text):
			return "", bad("form", "not-of-form", "", quoted("value", text), value.T("form", is))
		}
		return text, nil
	})
}

// refer reads the space of records that a key names: a kind, or the name of a smart process.
func (c *compiler) refer(r *rule, p value.Pair, _ *kind.Rule) {
	if r.ref = strings.ToLower(p.Value.Text); r.ref == "" || strings.Contains(r.ref, "/") {
		c.bad(p.Value.Pos, "map", "no-space", "")
	}
}

// lookup reads {company: inn}: the live record of a kind whose field has the value.
func (c *compiler) lookup(r *rule, p value.Pair, _ *kind.Rule) {
	if p.Value.Kind != value.Map || len(p.Value.Pairs) != 1 || p.Value.Pairs[0].Value.Kind != value.Scalar {
		c.bad(p.Value.Pos, "map", "no-lookup", "")
		return
	}
	r.space, r.field = p.Value.Pairs[0].Key, p.Value.Pairs[0].Value.Text
}

// date reads the forms in which days or times are written: true for those of the source, one,
// or a list.
func (c *compiler) date(r *rule, p value.Pair, field *kind.Rule) {
	if p.Value.Kind == value.Scalar && p.Value.Text == "true" {
		c.addDate(r, c.dates(), field)
		return
	}
	texts := c.texts(p.Value)
	for _, text := range texts {
		if _, ok := parseForm(text); !ok {
			c.bad(p.Value.Pos, "map", "no-date-form", "", quoted("form", text))
			return
		}
	}
	c.addDate(r, texts, field)
}

// dates are the forms of the source.
func (c *compiler) dates() []string {
	if d := c.m.options.Dialect.Dates; len(d) > 0 {
		return d
	}
	return isoForms
}

func (c *compiler) addDate(r *rule, texts []string, field *kind.Rule) {
	r.is = Field{Type: "date", Format: strptime(texts)}
	d := &dateVerb{zone: c.m.options.Dialect.Zone, clock: field != nil && field.Type == kind.TypeDatetime}
	if d.zone == nil {
		d.zone = c.m.options.Zone
	}
	for _, text := range texts {
		f, _ := parseForm(text)
		d.forms = append(d.forms, f)
		if f.clock {
			r.is.Type = "datetime"
		}
	}
	r.convert = append(r.convert, d.convert)
}

// addDecimal adds the verb of numbers.
func (r *rule) addDecimal(d *decimalVerb) {
	r.is = Field{Type: "number", DecimalChar: string(d.numbers.Decimal)}
	if d.numbers.Group != 0 {
		r.is.GroupChar = string(d.numbers.Group)
	}
	r.convert = append(r.convert, d.convert)
}

// decimal reads how numbers are written: true for as in the source, or a map of decimalChar,
// groupChar and factor.
func (c *compiler) decimal(r *rule, p value.Pair, _ *kind.Rule) {
	d := &decimalVerb{numbers: c.m.options.Dialect.with().Numbers}
	if p.Value.Kind == value.Scalar && p.Value.Text == "true" {
		r.addDecimal(d)
		return
	}
	if p.Value.Kind != value.Map {
		c.bad(p.Value.Pos, "map", "no-decimal", "")
		return
	}
	for _, q := range p.Value.Pairs {
		switch q.Key {
		case "decimalChar":
			d.numbers.Decimal = c.oneRune(q)
		case "groupChar":
			d.numbers.Group = c.oneRune(q)
		case "factor":
			n, err := value.ReadDecimal(q.Value.Text)
			if err != nil || n.IsZero() {
				c.bad(q.Value.Pos, "map", "no-factor", "", quoted("value", q.Value.Text))
			}
			d.factor = &n
		default:
			c.unknown(q, "decimalChar", "groupChar", "factor")
		}
	}
	if d.numbers.Decimal == d.numbers.Group {
		c.bad(p.Value.Pos, "map", "no-decimal", "")
	}
	r.addDecimal(d)
}

func (c *compiler) oneRune(p value.Pair) rune {
	runes := []rune(p.Value.Text)
	if len(runes) != 1 {
		c.bad(p.Value.Pos, "map", "no-single-character", "", quoted("name", p.Key))
		return 0
	}
	return runes[0]
}

// isNumber tells whether a field holds numbers.
func isNumber(field *kind.Rule) bool {
	return field != nil && (field.Type == kind.TypeDouble || field.Type == kind.TypeInteger)
}

// trimmed cuts what people do not see around a text: blanks, no-break ones too.
func trimmed(text string) string {
	return strings.TrimFunc(text, isBlankRune)
}
