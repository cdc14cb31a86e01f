package table

import "slices"

// A Schema is what is declared of the columns of a table, in the words of Table Schema.
// Source: https://datapackage.org/standard/table-schema/
type Schema struct {
	Fields     []Field
	Missing    []string // missingValues; nil: the empty text
	PrimaryKey []string
	Match      FieldsMatch // fieldsMatch; "" is exact
}

// A Field is one column of a schema.
type Field struct {
	Name        string
	Title       string
	Description string
	Type        string // string, number, integer, boolean, date, datetime…; "" is any
	Format      string // of dates: default, any of strptime, such as %d.%m.%Y
	Numbers     Numbers
	Constraints Constraints
}

// Constraints are what values of a column must be.
type Constraints struct {
	Required             bool
	Unique               bool
	MinLength, MaxLength int // 0: unbounded
	Minimum, Maximum     string
	Pattern              string
	Enum                 []string
}

func (s *Schema) names() []string {
	names := make([]string, len(s.Fields))
	for i, f := range s.Fields {
		names[i] = f.Name
	}
	return names
}

// field finds a field; nil if there is none, or no schema.
func (s *Schema) field(name string) *Field {
	if s == nil {
		return nil
	}
	if i := slices.IndexFunc(s.Fields, func(f Field) bool { return f.Name == name }); i >= 0 {
		return &s.Fields[i]
	}
	return nil
}

// strict tells whether a table may have no other columns than these.
func (s *Schema) strict(match FieldsMatch) bool {
	if match == "" {
		match = s.Match
	}
	return match != MatchSubset && match != MatchPartial
}
