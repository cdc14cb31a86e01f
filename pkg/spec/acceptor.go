package spec

import (
	"regexp"
	"slices"
	"unicode/utf8"

	"github.com/b24apply/b24apply/pkg/value"
	"github.com/santhosh-tekuri/jsonschema/v5"
)

// An acceptor is a compiled schema that only ever says yes: what it accepts is valid. What
// it does not accept may be valid too, which the validator finds out; it also knows why.
type acceptor struct {
	never    bool // the schema holds what acceptors know nothing of
	types    typeSet
	ref      *acceptor
	oneOf    []string // of a text: const, or enum; nil for any
	anyText  bool     // neither const nor enum
	nullable bool     // null is among the values of enum

	minProps, maxProps int // here and below: -1 is no bound
	required           []string
	named              map[string][]*acceptor // by the names under properties
	patterns           []patternAcceptor
	names              *acceptor // propertyNames
	closed             bool      // no other names
	others             *acceptor // for other names
	anyMap             bool      // nothing is asked of the entries

	minItems, maxItems int
	items              *acceptor

	minLength, maxLength int
	pattern              *regexp.Regexp
	minimum              *int64
}

type patternAcceptor struct {
	name  *regexp.Regexp
	value *acceptor
}

// A typeSet is a set of the types of JSON.
type typeSet uint8

const (
	typeString typeSet = 1 << iota
	typeFraction
	typeWhole
	typeBoolean
	typeNull
	typeObject
	typeArray
	anyType typeSet = 1<<iota - 1
)

var typesByName = map[string]typeSet{
	"string": typeString, "number": typeFraction | typeWhole, "integer": typeWhole, "boolean": typeBoolean,
	"null": typeNull, "object": typeObject, "array": typeArray,
}

// An acceptorCompiler makes one acceptor of each schema, however often it is referred to.
type acceptorCompiler map[*jsonschema.Schema]*acceptor

func (c acceptorCompiler) compile(s *jsonschema.Schema) *acceptor {
	if s == nil {
		return nil
	}
	if a := c[s]; a != nil {
		return a
	}
	a := &acceptor{
		types: anyType, anyText: true, minProps: s.MinProperties, maxProps: s.MaxProperties, required: s.Required,
		minItems: s.MinItems, maxItems: s.MaxItems, minLength: s.MinLength, maxLength: s.MaxLength, pattern: s.Pattern,
	}
	c[s] = a
	a.never = isBeyond(s)
	a.ref, a.items, a.names = c.compile(s.Ref), c.compile(s.Items2020), c.compile(s.PropertyNames)
	a.setTypes(s.Types)
	a.setChoices(s)
	a.setMinimum(s)
	c.setProperties(a, s)
	return a
}

// isBeyond tells whether a schema holds a keyword that acceptors know nothing of.
func isBeyond(s *jsonschema.Schema) bool {
	return s.Always != nil || s.RecursiveRef != nil || s.DynamicRef != nil || s.Not != nil || s.If != nil ||
		len(s.AllOf)+len(s.AnyOf)+len(s.OneOf)+len(s.PrefixItems) > 0 ||
		s.RegexProperties || s.Dependencies != nil || s.DependentRequired != nil || s.DependentSchemas != nil || s.UnevaluatedProperties != nil ||
		s.UniqueItems || s.Items != nil || s.AdditionalItems != nil || s.Contains != nil || s.UnevaluatedItems != nil ||
		s.ExclusiveMinimum != nil || s.Maximum != nil || s.ExclusiveMaximum != nil || s.MultipleOf != nil ||
		s.Format != "" || s.ContentEncoding != "" || s.ContentMediaType != "" || s.ContentSchema != nil || len(s.Extensions) > 0
}

func (a *acceptor) setTypes(names []string) {
	if len(names) == 0 {
		return
	}
	a.types = 0
	for _, name := range names {
		a.types |= typesByName[name]
	}
}

// setChoices takes const and enum. Values that are neither texts nor null are not accepted.
func (a *acceptor) setChoices(s *jsonschema.Schema) {
	if len(s.Constant) == 0 && len(s.Enum) == 0 {
		return
	}
	a.anyText = false
	choices := s.Enum
	if len(s.Constant) > 0 {
		choices = s.Constant[:1]
		a.never = a.never || len(s.Enum) > 0
	}
	for _, choice := range choices {
		if text, ok := choice.(string); ok {
			a.oneOf = append(a.oneOf, text)
		}
		a.nullable = a.nullable || choice == nil
	}
}

func (a *acceptor) setMinimum(s *jsonschema.Schema) {
	if s.Minimum == nil {
		return
	}
	least := s.Minimum.Num().Int64()
	a.minimum = &least
	a.never = a.never || !s.Minimum.IsInt() || !s.Minimum.Num().IsInt64()
}

func (c acceptorCompiler) setProperties(a *acceptor, s *jsonschema.Schema) {
	for name, p := range s.PatternProperties {
		a.patterns = append(a.patterns, patternAcceptor{name, c.compile(p)})
	}
	switch other := s.AdditionalProperties.(type) {
	case bool:
		a.closed = !other
	case *jsonschema.Schema:
		a.others = c.compile(other)
	}
	a.named = make(map[string][]*acceptor, len(s.Properties))
	for name, p := range s.Properties {
		a.named[name] = append(a.matching(name), c.compile(p))
	}
	a.anyMap = len(a.named) == 0 && len(a.patterns) == 0 && a.names == nil && !a.closed && a.others == nil
}

// matching gives what the patterns ask of the value of a name.
func (a *acceptor) matching(name string) (all []*acceptor) {
	for _, p := range a.patterns {
		if p.name.MatchString(name) {
			all = append(all, p.value)
		}
	}
	return all
}

func (a *acceptor) accepts(v *value.Node) bool {
	switch {
	case a == nil:
		return true
	case a.never || a.ref != nil && !a.ref.accepts(v):
		return false
	}
	switch v.Kind {
	case value.Null:
		return a.types&typeNull != 0 && (a.anyText || a.nullable)
	case value.List:
		return a.acceptsList(v)
	case value.Map:
		return a.acceptsMap(v)
	}
	return a.acceptsScalar(v)
}

func (a *acceptor) acceptsList(v *value.Node) bool {
	if a.types&typeArray == 0 || !a.anyText || !within(len(v.Items), a.minItems, a.maxItems) {
		return false
	}
	for i := range v.Items {
		if !a.items.accepts(&v.Items[i]) {
			return false
		}
	}
	return true
}

func (a *acceptor) acceptsMap(v *value.Node) bool {
	if a.types&typeObject == 0 || !a.anyText || !within(len(v.Pairs), a.minProps, a.maxProps) {
		return false
	}
	for _, name := range a.required {
		if !slices.ContainsFunc(v.Pairs, func(p value.Pair) bool { return p.Key == name }) {
			return false
		}
	}
	for i := 0; i < len(v.Pairs) && !a.anyMap; i++ {
		if !a.acceptsPair(&v.Pairs[i]) {
			return false
		}
	}
	return true
}

func (a *acceptor) acceptsPair(p *value.Pair) bool {
	if a.names != nil && !a.names.accepts(&value.Node{Kind: value.Scalar, Text: p.Key}) {
		return false
	}
	all, known := a.named[p.Key]
	if !known {
		all = a.matching(p.Key)
		known = len(all) > 0
	}
	for _, one := range all {
		if !one.accepts(&p.Value) {
			return false
		}
	}
	return known || !a.closed && a.others.accepts(&p.Value)
}

func (a *acceptor) acceptsScalar(v *value.Node) bool {
	if !isTyped(v) {
		return a.acceptsText(v.Text)
	}
	switch n := scalarInstance(*v).(type) {
	case bool:
		return a.types&typeBoolean != 0 && a.anyText
	case int64:
		return a.types&typeWhole != 0 && a.anyText && (a.minimum == nil || n >= *a.minimum)
	case float64:
		return a.types&typeFraction != 0 && a.anyText && a.minimum == nil
	}
	return a.acceptsText(v.Text)
}

func (a *acceptor) acceptsText(text string) bool {
	bounded := a.minLength >= 0 || a.maxLength >= 0
	return a.types&typeString != 0 && (a.anyText || slices.Contains(a.oneOf, text)) &&
		(!bounded || within(utf8.RuneCountInString(text), a.minLength, a.maxLength)) &&
		(a.pattern == nil || a.pattern.MatchString(text))
}

// within tells whether a count is inside of two bounds, of which -1 is none.
func within(n, least, most int) bool { return n >= least && (most < 0 || n <= most) }
