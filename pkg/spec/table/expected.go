package table

import (
	"slices"
	"strings"
)

// Schema is a Table Schema of what the mapping expects of its table: the columns that it reads,
// in its order, and what the rules say of their cells.
func (m *Mapping) Schema() *Schema {
	s := &Schema{Match: MatchSubset, Missing: m.options.Dialect.MissingValues}
	for _, name := range m.columns {
		f := Field{Name: name, Type: "string"}
		if declared := m.options.Schema.field(name); declared != nil {
			f = *declared
		}
		s.Fields = append(s.Fields, f)
	}
	for _, r := range m.rules {
		for _, name := range r.columns {
			r.expect(s.field(name))
		}
	}
	for _, r := range m.key {
		for _, name := range r.columns {
			f := s.field(name)
			f.Constraints.Required = f.Constraints.Required || r.fallback == nil && !r.first
			s.PrimaryKey = append(s.PrimaryKey, name)
		}
	}
	for _, e := range slices.Concat(m.fields, m.parts) {
		e.tree.title(s, e.name)
	}
	return s
}

// expect notes what a rule says of a cell that it reads.
func (r *rule) expect(f *Field) {
	if f == nil {
		return
	}
	if r.is.Type != "" {
		f.Type, f.Format, f.DecimalChar, f.GroupChar = r.is.Type, r.is.Format, r.is.DecimalChar, r.is.GroupChar
	}
	single := len(r.columns) == 1 && r.split == nil
	f.Constraints.Required = f.Constraints.Required || single && r.required
	if single && r.pattern != nil {
		text := r.pattern.String()
		f.Constraints.Pattern = text[len("^(?:") : len(text)-len(")$")]
	}
	if single && r.others != nil && r.others.Text == "error" && f.Constraints.Enum == nil {
		for _, text := range sortedKeys(r.values) {
			f.Constraints.Enum = append(f.Constraints.Enum, text)
		}
	}
}

// title names the field of a record that a column becomes, where the schema has no title for it.
func (t *tree) title(s *Schema, name string) {
	if t.rule != nil {
		for _, column := range t.rule.columns {
			if f := s.field(column); f != nil && f.Title == "" && column != name {
				f.Title = name
			}
		}
	}
	for _, item := range t.items {
		item.title(s, name)
	}
	for _, e := range t.pairs {
		e.tree.title(s, name+"."+e.name)
	}
}

// strptime writes forms as Table Schema has them. Several are "any", which is all that it knows
// for them.
func strptime(forms []string) string {
	if len(forms) != 1 {
		return "any"
	}
	return strings.NewReplacer("YYYY", "%Y", "MM", "%m", "DD", "%d", "HH", "%H", "mm", "%M", "ss", "%S", "M", "%m", "D", "%d", "H", "%H", "Z", "%z").Replace(forms[0])
}
