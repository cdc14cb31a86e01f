package spec

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/b24apply/b24apply/pkg/value"
	"github.com/santhosh-tekuri/jsonschema/v5"
	"pgregory.net/rapid"
)

// No schema of ours is beyond the acceptors: one that were would make every document slow
// that it describes.
func TestAcceptorsKnowEveryKeyword(t *testing.T) {
	done := acceptorCompiler{}
	for name := range loadSchemas().compiled {
		done.compile(loadSchemas().of(name).schema)
		for of, a := range done {
			if a.never {
				t.Errorf("%s: the acceptor of %s accepts nothing", name, of.Location)
			}
		}
	}
}

// What an acceptor does not know it does not accept, so that the validator is asked.
func TestAcceptorsLeaveOtherKeywordsToTheValidator(t *testing.T) {
	for _, tc := range []struct {
		schema string
		value  value.Node
		want   bool
	}{
		{`{"type": "string"}`, text("x"), true},
		{`{"type": "string", "not": {"const": "x"}}`, text("x"), false},
		{`{"oneOf": [{"type": "string"}, {"minLength": 1}]}`, text("x"), false},
		{`{"type": ["string", "null"], "enum": ["a", null]}`, text("a"), true},
		{`{"type": ["string", "null"], "enum": ["a", null]}`, value.Node{}, true},
		{`{"type": ["string", "null"], "enum": ["a"]}`, value.Node{}, false},
		{`{"enum": [1]}`, plain("1"), false},
		{`{"const": "a"}`, text("b"), false},
		{`{"minimum": 3}`, plain("2"), false},
		{`{"minimum": 3}`, plain("3"), true},
		{`{"minimum": 0.5}`, plain("1"), false},
		{`{"type": "integer"}`, plain("1.5"), false},
		{`{"type": "number"}`, plain("1.5"), true},
		{`{"type": "number"}`, text("1.5"), false},
		{`{"type": "string"}`, plain("2026-01-31"), true},
		{`{"type": "boolean"}`, plain("true"), true},
		{`{"minLength": 2, "maxLength": 3}`, text("äöü"), true},
		{`{"maxLength": 2}`, text("äöü"), false},
		{`{"pattern": "^a"}`, text("ba"), false},
		{`{"maximum": 3}`, plain("1"), false},
		{`false`, text("x"), false},
		{`{"items": {"type": "string"}, "minItems": 1}`, value.Node{Kind: value.List}, false},
		{`{"items": {"type": "string"}}`, value.Node{Kind: value.List, Items: []value.Node{text("a"), {}}}, false},
		{`{"items": {"type": "string"}}`, value.Node{Kind: value.List, Items: []value.Node{text("a")}}, true},
		{`{"uniqueItems": true}`, value.Node{Kind: value.List}, false},
		{`{"properties": {"a": {"type": "null"}}, "additionalProperties": false}`, pairs("a", value.Node{}), true},
		{`{"properties": {"a": {"type": "null"}}, "additionalProperties": false}`, pairs("b", value.Node{}), false},
		{`{"properties": {"a": {}}, "patternProperties": {"^a": {"type": "string"}}}`, pairs("a", value.Node{}), false},
		{`{"patternProperties": {"^a": {"type": "string"}}, "additionalProperties": {"type": "null"}}`, pairs("b", value.Node{}), true},
		{`{"propertyNames": {"pattern": "^a"}}`, pairs("b", value.Node{}), false},
		{`{"required": ["a"], "maxProperties": 1}`, pairs("a", value.Node{}), true},
		{`{"required": ["a"]}`, pairs("b", value.Node{}), false},
		{`{"minProperties": 2}`, pairs("b", value.Node{}), false},
	} {
		s := jsonschema.MustCompileString("x.json", tc.schema)
		if got := (acceptorCompiler{}).compile(s).accepts(&tc.value); got != tc.want {
			t.Errorf("%s accepts %v: %v", tc.schema, tc.value, got)
		}
	}
}

func text(s string) value.Node  { return value.Node{Kind: value.Scalar, Text: s} }
func plain(s string) value.Node { return value.Node{Kind: value.Scalar, Text: s, Plain: true} }
func pairs(key string, v value.Node) value.Node {
	return value.Node{Kind: value.Map, Pairs: []value.Pair{{Key: key, Value: v}}}
}
func isValid(schema string, v value.Node) bool {
	return loadSchemas().of(schema).schema.Validate(instance(v)) == nil
}

// The law of acceptors: their yes is the validator's.
func TestWhatIsAcceptedIsValid(t *testing.T) {
	var accepted, tried int
	schemas := loadSchemas()
	names := make([]string, 0, len(schemas.compiled))
	for name := range schemas.compiled {
		names = append(names, name)
	}
	slices.Sort(names)
	rapid.Check(t, func(t *rapid.T) {
		faults := rapid.IntRange(0, 40).Draw(t, "faults")
		for _, name := range names {
			v := nearSchema{t, faults}.value(schemas.of(name).schema, 0)
			tried++
			if !schemas.of(name).acceptor.accepts(&v) {
				continue
			}
			if accepted++; !isValid(name, v) {
				t.Fatalf("%s: %v is accepted and not valid", name, instance(v))
			}
		}
	})
	if accepted*20 < tried {
		t.Errorf("of %d documents %d were accepted: too few to tell anything", tried, accepted)
	}
}

// A nearSchema makes documents that satisfy a schema but for a few faults.
type nearSchema struct {
	t      *rapid.T
	faults int // in a thousand values
}

// sampleTexts are texts of which each pattern of our schemas takes some.
var sampleTexts = []string{
	"", " ", "acme", "company/acme", "deal/d-1", "T", "12", "-1", "0", "12.50", "1e3", "1.0", "2025-01-01", "+49 30 1234567", "10%", "100", "true", "FALSE", "null", "~",
	"SERIAL", "UF_CRM_X", "ufCrm5_A", "parentId12", "name", "title", "EUR", "12.5|EUR", "b24apply/v1", "https://a.b/rest", "B24_X", "äöü", "default", "prod", "Y", "WORK", "x y",
}

func (n nearSchema) value(s *jsonschema.Schema, depth int) value.Node {
	switch {
	case rapid.IntRange(0, 999).Draw(n.t, "fault") < n.faults || depth > 12:
		return n.any(depth)
	case s.Ref != nil:
		return n.value(s.Ref, depth)
	case len(s.Constant) > 0:
		return text(fmt.Sprint(s.Constant[0]))
	case len(s.Enum) > 0:
		return text(fmt.Sprint(rapid.SampledFrom(s.Enum).Draw(n.t, "choice")))
	}
	types := s.Types
	if len(types) == 0 {
		types = []string{"object"}
	}
	switch rapid.SampledFrom(types).Draw(n.t, "type") {
	case "object":
		return n.object(s, depth)
	case "array":
		return n.list(s, depth)
	case "null":
		return value.Node{}
	case "boolean":
		return plain("true")
	case "integer", "number":
		return plain(rapid.SampledFrom([]string{"0", "1", "7", "1.0", "-1", "99999999999"}).Draw(n.t, "number"))
	}
	fitting := slices.DeleteFunc(slices.Clone(sampleTexts), func(v string) bool { return s.Pattern != nil && !s.Pattern.MatchString(v) })
	if len(fitting) == 0 {
		fitting = sampleTexts
	}
	return text(rapid.SampledFrom(fitting).Draw(n.t, "text"))
}

func (n nearSchema) list(s *jsonschema.Schema, depth int) value.Node {
	v := value.Node{Kind: value.List}
	least := max(0, s.MinItems)
	if rapid.IntRange(0, 99).Draw(n.t, "short") < n.faults {
		least = 0
	}
	for range rapid.IntRange(least, max(2, s.MinItems)).Draw(n.t, "items") {
		if s.Items2020 == nil {
			v.Items = append(v.Items, n.any(depth+1))
			continue
		}
		v.Items = append(v.Items, n.value(s.Items2020, depth+1))
	}
	return v
}

func (n nearSchema) object(s *jsonschema.Schema, depth int) value.Node {
	v := value.Node{Kind: value.Map}
	add := func(name string, of *jsonschema.Schema) {
		if _, twice := v.Get(name); twice {
			return
		}
		if of == nil {
			v.Pairs = append(v.Pairs, value.Pair{Key: name, Value: n.any(depth + 1)})
			return
		}
		v.Pairs = append(v.Pairs, value.Pair{Key: name, Value: n.value(of, depth+1)})
	}
	names := make([]string, 0, len(s.Properties))
	for name := range s.Properties {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range s.Required {
		if rapid.IntRange(0, 999).Draw(n.t, "left out") >= n.faults {
			add(name, s.Properties[name])
		}
	}
	for range rapid.IntRange(0, 3).Draw(n.t, "optional") {
		if len(names) > 0 {
			name := rapid.SampledFrom(names).Draw(n.t, "name")
			add(name, s.Properties[name])
		}
	}
	other, _ := s.AdditionalProperties.(*jsonschema.Schema)
	for range rapid.IntRange(0, 1+max(0, s.MinProperties)).Draw(n.t, "further") {
		name := rapid.SampledFrom(sampleTexts).Draw(n.t, "other name")
		value := other
		for pattern, p := range s.PatternProperties {
			if pattern.MatchString(name) {
				value = p
			}
		}
		if value != nil || rapid.IntRange(0, 99).Draw(n.t, "unknown") < n.faults {
			add(name, value)
		}
	}
	return v
}

func (n nearSchema) any(depth int) value.Node {
	switch k := rapid.IntRange(0, 5).Draw(n.t, "any"); {
	case k == 0:
		return value.Node{}
	case k == 1 && depth < 14:
		return value.Node{Kind: value.List, Items: []value.Node{n.any(depth + 1)}}
	case k == 2 && depth < 14:
		return pairs(rapid.SampledFrom(sampleTexts).Draw(n.t, "key"), n.any(depth+1))
	case k == 3:
		return plain(rapid.SampledFrom(sampleTexts).Draw(n.t, "plain"))
	}
	return text(rapid.SampledFrom(sampleTexts).Draw(n.t, "text"))
}

// FuzzAcceptor is the same law for any text.
func FuzzAcceptor(f *testing.F) {
	for _, pattern := range []string{"../../examples/*/*.yaml", "../../examples/*/*/*.yaml", "testdata/*/*.yaml"} {
		files, _ := filepath.Glob(pattern)
		for _, file := range files {
			data, err := os.ReadFile(file)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(string(data))
		}
	}
	f.Add(mixManifest(6))
	f.Fuzz(func(t *testing.T, manifest string) {
		src, problem := newSource("m.yaml", []byte(manifest), nil)
		if problem != nil {
			return
		}
		for _, c := range split(nil, src) {
			v, ok := parseDocument(c, &report{src: src})
			if !ok {
				continue
			}
			for name := range loadSchemas().compiled {
				if loadSchemas().of(name).acceptor.accepts(&v) && !isValid(name, v) {
					t.Errorf("%s accepts %q", name, c.text)
				}
			}
		}
	})
}

// A plain scalar is the number that it was always taken for.
func TestTypedScalarsAreThoseThatParse(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.StringMatching(`[-+.0-9eExXpP_a-fn]{1,6}|(true|False|FALSE|tRue|nan|-Inf|\+inf)`).Draw(t, "text")
		got := scalarInstance(plain(s))
		var want any = s
		if f, err := strconv.ParseFloat(s, 64); err == nil && f-f == 0 && !strings.ContainsAny(s, "_xXpP") && strings.IndexByte("-+.0123456789", s[0]) >= 0 {
			want = f
		}
		if n, err := strconv.ParseInt(s, 10, 64); err == nil {
			want = n
		}
		if b, err := strconv.ParseBool(s); err == nil && len(s) > 3 {
			want = b
		}
		if got != want {
			t.Fatalf("%q is %v (%T), want %v", s, got, got, want)
		}
	})
}
