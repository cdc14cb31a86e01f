package plan

import (
	"cmp"
	"slices"
	"strings"

	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/value"
)

// A Condition wants one field of a record to have a value. What the portal returns for it is
// judged by Meets, row by row: the portal compares texts without case, and phones without
// their extension.
type Condition struct {
	Wire  string
	Type  value.Type
	Codec value.Codec
	Want  value.Value
	Multi string // the typeId of a multi-field, any of whose values may agree: PHONE or EMAIL
}

// ConditionOf is the condition that a field's wanted value makes. It is false if no record can
// meet it: nothing is wanted, or a link is still open.
func ConditionOf(d *Field) (Condition, bool) {
	c := Condition{Wire: d.Wire, Type: d.Type, Codec: d.Codec(), Multi: d.Type.Multi, Want: d.Want}
	ok := c.Close()
	return c, ok && c.Wire != ""
}

// Close ends the making of a condition: it takes of a membership what the list is to hold, and
// tells whether a record can meet it.
func (c *Condition) Close() bool {
	if c.Type.Members { // of a membership what the list is to hold is looked for
		c.Codec, c.Type.Members, c.Want = value.Whole(c.Codec), false, value.Wanted(c.Want)
	}
	if c.Want.Form == value.FormText && (c.Want.IsOpen() || c.IsText() && strings.TrimSpace(c.Want.Text) == "") {
		return false
	}
	return !c.Want.IsEmpty()
}

// Meets tells whether a live row meets the condition. A row that cannot be read does not.
func (c Condition) Meets(row kind.Row) bool {
	live, err := c.Codec.Read(row[c.Wire])
	if err != nil || live.IsEmpty() {
		return false
	}
	if c.Multi != "" {
		wanted := c.Values()
		return slices.ContainsFunc(live.Entries(), func(l value.Value) bool {
			return slices.Contains(wanted, c.Type.Normal(l.Text))
		})
	}
	if c.IsText() && c.Want.IsBare() && live.IsBare() {
		return strings.TrimSpace(c.Want.Text) == strings.TrimSpace(live.Text)
	}
	return c.Codec.Same(c.Want, live)
}

// IsText tells whether a text is wanted.
func (c Condition) IsText() bool {
	t := kind.FieldType(c.Type.Public())
	return t == kind.TypeString || t == kind.TypeText
}

// Values gives the phones or e-mails of a multi-field's condition, normalised.
func (c Condition) Values() []string {
	rows := c.Want.Entries()
	out := make([]string, len(rows))
	for i, r := range rows {
		out[i] = c.Type.Normal(r.Text)
	}
	return out
}

// Almost tells whether a row has what is wanted but for what people overlook in a text:
// case, accents, blanks.
func (c Condition) Almost(row kind.Row) bool {
	live, err := c.Codec.Read(row[c.Wire])
	return err == nil && c.Multi == "" && c.IsText() && !live.IsEmpty() && value.Folded(c.Want.Text) == value.Folded(live.Text)
}

// FilterValue is the value as a filter takes it. User fields for yes and no are filtered by 1
// and 0. Source: api-reference/crm/universal/crm-item-list.md.
func (c Condition) FilterValue() any {
	sent := c.Codec.Wire(c.Want, value.Value{})
	user := kind.IsUserField(c.Wire)
	switch text, _ := sent.(string); {
	case c.IsText():
		return strings.TrimSpace(text)
	case kind.FieldType(c.Type.Public()) == kind.TypeBoolean && user && text == "Y":
		return "1"
	case kind.FieldType(c.Type.Public()) == kind.TypeBoolean && user:
		return "0"
	}
	return sent
}

// Listed tells whether many values of the field fit into one filter: those of texts and ids do,
// while numbers and times have more than one spelling.
func (c Condition) Listed() bool { return c.Codec.Traits().Listed }

// Spellings gives what is searched for by each phone or e-mail: e-mails as they are written,
// phones in each spelling that a portal may know.
func (c Condition) Spellings() [][]string {
	rows := c.Want.Entries()
	out := make([][]string, len(rows))
	for i, r := range rows {
		switch {
		case c.Multi == "EMAIL":
			out[i] = []string{strings.TrimSpace(r.Text)}
		case value.PhoneDigits(r.Text) != "": // the portal refuses a search for nothing
			out[i] = value.PhoneSpellings(r.Text, c.Type.Region)
		}
	}
	return out
}

// A MatchKey are conditions that a record has to meet all.
type MatchKey []Condition

// Meets tells whether a row meets all conditions.
func (k MatchKey) Meets(row kind.Row) bool {
	return !slices.ContainsFunc(k, func(c Condition) bool { return !c.Meets(row) })
}

// Contact gives the first condition on a phone or an e-mail: these are found by a method of
// their own.
func (k MatchKey) Contact() (Condition, bool) {
	i := slices.IndexFunc(k, func(c Condition) bool { return c.Multi != "" })
	if i < 0 {
		return Condition{}, false
	}
	return k[i], true
}

// listed gives the conditions that fit a list, in the order of their fields.
func (k MatchKey) listed() []Condition {
	out := slices.DeleteFunc(slices.Clone(k), func(c Condition) bool { return !c.Listed() })
	slices.SortFunc(out, func(a, b Condition) int { return cmp.Compare(a.Wire, b.Wire) })
	return out
}

// Shape groups the keys of one store that one list can answer; "" stands alone.
func (k MatchKey) Shape() string {
	parts := make([]string, 0, len(k))
	for _, c := range k.listed() {
		parts = append(parts, c.Wire)
	}
	return strings.Join(parts, " ")
}

// Where asks for the records of keys of one shape: a superset, since each field may have any
// of the values. Conditions that fit no list stand in the search of a key that has no other.
func Where(keys ...MatchKey) []kind.Condition {
	var where []kind.Condition
	if keys[0].Shape() == "" {
		for _, c := range keys[0] {
			where = append(where, kind.Condition{Field: c.Wire, Test: kind.Is, Values: []any{c.FilterValue()}})
		}
		return where
	}
	at := make(map[string]int)
	for _, k := range keys {
		for _, c := range k.listed() {
			i, known := at[c.Wire]
			if !known {
				i, at[c.Wire] = len(where), len(where)
				where = append(where, kind.Condition{Field: c.Wire, Test: kind.AnyOf})
			}
			if v := c.FilterValue(); !slices.Contains(where[i].Values, v) {
				where[i].Values = append(where[i].Values, v)
			}
		}
	}
	return where
}
