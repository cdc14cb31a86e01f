package table

import (
	"bytes"
	"encoding/json"
	"errors"
	"regexp"
	"slices"
	"strings"

	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/value"
)

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
	Name        string      `json:"name"`
	Title       string      `json:"title,omitempty"`
	Description string      `json:"description,omitempty"`
	Type        string      `json:"type,omitempty"`   // string, number, integer, boolean, date, datetime…; "" is any
	Format      string      `json:"format,omitempty"` // of dates: default, any, or of strptime, such as %d.%m.%Y
	DecimalChar string      `json:"decimalChar,omitempty"`
	GroupChar   string      `json:"groupChar,omitempty"`
	TrueValues  []string    `json:"trueValues,omitempty"`
	FalseValues []string    `json:"falseValues,omitempty"`
	Constraints Constraints `json:"constraints,omitzero"`

	pattern *regexp.Regexp
	convert verb // of its type; nil for texts
}

// Constraints are what values of a column must be.
type Constraints struct {
	Required  bool   `json:"required,omitempty"`
	Unique    bool   `json:"unique,omitempty"`
	MinLength int    `json:"minLength,omitempty"` // in characters; 0: unbounded
	MaxLength int    `json:"maxLength,omitempty"`
	Minimum   any    `json:"minimum,omitempty"` // a number, or a day as a text
	Maximum   any    `json:"maximum,omitempty"`
	Pattern   string `json:"pattern,omitempty"` // which the whole text matches
	Enum      []any  `json:"enum,omitempty"`
}

// wireSchema is a Schema as it is written.
type wireSchema struct {
	Fields     []Field           `json:"fields"`
	Missing    []json.RawMessage `json:"missingValues,omitempty"`
	PrimaryKey json.RawMessage   `json:"primaryKey,omitempty"`
	Match      json.RawMessage   `json:"fieldsMatch,omitempty"`
}

// ReadSchema reads a Table Schema, of a sidecar. Properties that it does not know, such as
// foreign keys, say nothing here.
func ReadSchema(text []byte, file string) (*Schema, *Fault) {
	text = bytes.TrimPrefix(text, []byte("\ufeff"))
	var w wireSchema
	if err := json.Unmarshal(text, &w); err != nil {
		return nil, schemaFault(text, file, err)
	}
	s := &Schema{Fields: w.Fields}
	for _, raw := range w.Missing {
		s.Missing = append(s.Missing, textOf(raw))
	}
	s.PrimaryKey = textsOf(w.PrimaryKey)
	for _, m := range textsOf(w.Match) {
		s.Match = FieldsMatch(m)
	}
	for i := range s.Fields {
		if f := s.Fields[i].compile(); f != nil {
			return nil, placed(f, value.Pos{File: file})
		}
	}
	return s, nil
}

func schemaFault(text []byte, file string, err error) *Fault {
	f := placed(bad("schema", "no-table-schema", "", value.M("error", value.Verbatim(err.Error()))), value.Pos{File: file})
	var syntax *json.SyntaxError
	var typ *json.UnmarshalTypeError
	switch {
	case errors.As(err, &syntax):
		f.Offset = syntax.Offset
	case errors.As(err, &typ):
		f.Offset = typ.Offset
	}
	f.Offset = min(f.Offset, int64(len(text)))
	f.Pos.Line = 1 + bytes.Count(text[:f.Offset], newline)
	return f
}

// textOf is a text, or the value of {value: text, label: text}.
func textOf(raw json.RawMessage) string {
	var text string
	if json.Unmarshal(raw, &text) == nil {
		return text
	}
	var labelled struct {
		Value string `json:"value"`
	}
	_ = json.Unmarshal(raw, &labelled) // what is neither says nothing
	return labelled.Value
}

// textsOf is a list of texts, of which one may stand without a list.
func textsOf(raw json.RawMessage) (out []string) {
	if len(raw) == 0 || string(raw) == "null" {
		return nil
	}
	if json.Unmarshal(raw, &out) == nil {
		return out
	}
	return []string{textOf(raw)}
}

// compile prepares the checks of a field.
func (f *Field) compile() *Fault {
	if p := f.Constraints.Pattern; p != "" {
		re, err := regexp.Compile(`^(?:` + p + `)$`)
		if err != nil {
			return bad("schema", "no-pattern", "", quoted("pattern", p))
		}
		f.pattern = re
	}
	switch f.Type {
	case "number", "integer":
		f.convert = (&decimalVerb{numbers: f.numbers()}).convert
	case "date", "datetime":
		forms, ok := f.forms()
		if !ok {
			return bad("schema", "no-date-form", "", quoted("form", f.Format))
		}
		f.convert = func(text string) (string, *Fault) {
			d := &dateVerb{}
			for _, form := range forms {
				parsed, _ := parseForm(form)
				parsed.clock = false // the time of day is not looked at here
				d.forms = append(d.forms, parsed)
			}
			return d.convert(text)
		}
	case "boolean":
		f.convert = f.truth
	}
	return nil
}

func (f *Field) numbers() Numbers {
	n := Numbers{Decimal: '.'}
	for _, r := range f.DecimalChar {
		n.Decimal = r
	}
	for _, r := range f.GroupChar {
		n.Group = r
	}
	return n
}

// forms are those of a field of days or times.
func (f *Field) forms() ([]string, bool) {
	if f.Format == "" || f.Format == "default" || f.Format == "any" {
		return isoForms, true
	}
	_, ok := parseForm(f.Format)
	return []string{f.Format}, ok
}

// truth gives true or false for the texts that stand for them.
func (f *Field) truth(text string) (string, *Fault) {
	trues, falses := f.TrueValues, f.FalseValues
	if trues == nil {
		trues = []string{"true", "True", "TRUE", "1"}
	}
	if falses == nil {
		falses = []string{"false", "False", "FALSE", "0"}
	}
	switch {
	case slices.Contains(trues, text):
		return "true", nil
	case slices.Contains(falses, text):
		return "false", nil
	}
	return "", bad("constraint", "no-truth", "", quoted("value", text), value.L("choices", slices.Concat(trues, falses)))
}

// imply adds to a rule the verb of the column's type.
func (f *Field) imply(c *compiler, r *rule, field *kind.Rule) bool {
	switch f.Type {
	case "number", "integer":
		if f.DecimalChar == "" && f.GroupChar == "" && c.m.options.Dialect.Local {
			return false // as the source says
		}
		r.convert = append(r.convert, f.convert)
	case "date", "datetime":
		forms, _ := f.forms()
		c.addDate(r, forms, field)
	case "boolean":
		r.convert = append(r.convert, f.truth)
	default:
		return false
	}
	return true
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

// Write writes a schema as JSON.
func (s *Schema) Write() ([]byte, error) {
	w := struct {
		Schema     string      `json:"$schema"`
		Fields     []Field     `json:"fields"`
		Missing    []string    `json:"missingValues,omitempty"`
		PrimaryKey []string    `json:"primaryKey,omitempty"`
		Match      FieldsMatch `json:"fieldsMatch,omitempty"`
	}{"https://datapackage.org/profiles/2.0/tableschema.json", s.Fields, s.Missing, s.PrimaryKey, s.Match}
	var b strings.Builder
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	err := enc.Encode(w)
	return []byte(b.String()), err
}
