package spec

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/b24apply/b24apply/schemas"
)

var update = flag.Bool("update", false, "rewrite golden files and generated schemas")

// object is a JSON object that keeps the order of its keys.
type object []any

func (o object) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	b.WriteByte('{')
	for i := 0; i < len(o); i += 2 {
		if i > 0 {
			b.WriteByte(',')
		}
		if err := encode(&b, o[i]); err != nil {
			return nil, err
		}
		b.WriteByte(':')
		if err := encode(&b, o[i+1]); err != nil {
			return nil, err
		}
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

func encode(b *bytes.Buffer, v any) error {
	enc := json.NewEncoder(b)
	enc.SetEscapeHTML(false)
	return enc.Encode(v)
}

func ref(def string) string { return "defs.json#/$defs/" + def }

// definition names the definition in defs.json that fits a rule.
func definition(r Rule) string {
	orNull := func(def string) string {
		if r.NoClear {
			return def
		}
		return def + "OrNull"
	}
	switch r.Type {
	case TypeMultifield:
		return r.Multi
	case TypeParents:
		return "parents"
	case TypeBoolean:
		return "boolean"
	case TypeDouble:
		return orNull("number")
	case TypeInteger:
		return orNull("integer")
	case TypeDate:
		return orNull("date")
	case TypeFile:
		return orNull("file")
	case TypeCompany, TypeContact, TypeLead, TypeDeal, TypeQuote, TypeProduct, TypeSection:
		if r.Multiple {
			return "links"
		}
		return orNull("link")
	case TypeUser:
		if r.Multiple {
			return "users"
		}
		return "user"
	}
	if r.NoClear {
		return "filledText"
	}
	return "textOrNull"
}

func properties(k *Kind) object {
	var out object
	for _, r := range k.Fields {
		if r.Refuse != "" {
			continue
		}
		def := ref(definition(r))
		if r.Type == TypeRelations {
			def = "#/$defs/relations"
		}
		if inline := catalogSchema(r); inline != nil {
			out = append(out, r.Name, inline)
			continue
		}
		out = append(out, r.Name, object{"title", r.Doc, "$ref", def})
	}
	return out
}

// partSchema is the schema of what stands beside the fields, and of what stands in it.
func partSchema(part Part) object {
	entry := entrySchema(part)
	switch part.Shape {
	case ShapeOne:
		return append(object{"title", part.Doc}, entry...)
	case ShapeMap:
		return object{
			"type", []string{"object", "null"},
			"title", part.Doc,
			"additionalProperties", entry,
			"x-expected", "a map of names to maps",
		}
	}
	return object{
		"type", []string{"array", "null"},
		"title", part.Doc,
		"items", entry,
		"x-expected", "a list of maps",
	}
}

func entrySchema(part Part) object {
	props := properties(&Kind{Fields: part.Columns})
	for _, inner := range part.Parts {
		props = append(props, inner.Name, partSchema(inner))
	}
	out := object{"type", "object", "properties", props}
	if part.Open {
		out = append(out, "patternProperties", object{portalColumn.String(), object{"$ref", ref("textOrNull")}})
	}
	if len(part.Required) > 0 {
		out = append(out, "required", part.Required)
	}
	return append(out, "additionalProperties", false, "x-expected", "a map of columns")
}

// recordSchema is the schema of a record kind: the same for all but its fields.
func recordSchema(k *Kind) object {
	fields := object{
		"type", "object",
		"title", "Fields",
		"description", "What is written here is managed; what is left out stays as it is; null means empty.",
		"properties", properties(k),
	}
	if p := patterns(k); p != nil {
		fields = append(fields, "patternProperties", p)
	}
	if names := requiredFields(k); names != nil {
		fields = append(fields, "required", names)
	}
	spec := object{"fields", append(fields, "additionalProperties", false, "x-expected", "a map of fields")}
	if k.HasFields() {
		spec = append(object{"match", object{"$ref", ref("match")}, "adopt", object{"$ref", ref("adopt")}}, spec...)
	}
	for _, part := range k.Parts {
		spec = append(spec, part.Name, partSchema(part))
	}
	if k.HasFields() {
		spec = append(spec, "lifecycle", object{"$ref", ref("lifecycle")})
	}
	if k.Class == ClassRecord {
		spec = append(spec, "policy", object{"$ref", ref("policy")})
	}
	required := []string{"fields"}
	if k.Space == "" {
		spec = append(object{"type", object{
			"title", "Smart process: the metadata.name of an SPA, or the entityTypeId of a type that the portal has",
			"type", []string{"string", "integer"},
			"minLength", 1,
			"examples", []any{"equipment", 1038},
			"x-expected", "the name of an SPA or an entityTypeId",
		}}, spec...)
		required = append([]string{"type"}, required...)
	}
	return object{
		"$schema", "https://json-schema.org/draft/2020-12/schema",
		"$id", schemas.Base + k.Schema,
		"title", k.Name,
		"description", "A record of the CRM: one of the " + k.Plural + ".",
		"type", "object",
		"properties", object{
			"apiVersion", object{"$ref", ref("apiVersion")},
			"kind", object{"const", k.Name},
			"metadata", object{"$ref", ref(metadataOf(k))},
			"spec", object{
				"type", "object",
				"properties", spec,
				"required", required,
				"additionalProperties", false,
				"x-expected", "a map",
			},
		},
		"required", []string{"apiVersion", "kind", "metadata", "spec"},
		"additionalProperties", false,
	}
}

// The record schemas are made from the rule tables; -update writes them.
func TestRecordSchemasAgreeWithTheRules(t *testing.T) {
	for _, k := range slices.Concat(RecordKinds(), CatalogKinds()) {
		checkSchema(t, k.Schema, recordSchema(k))
	}
	var spa map[string]json.RawMessage
	if err := json.Unmarshal(read(t, "spa.json"), &spa); err != nil {
		t.Fatal(err)
	}
	k := KindByName("SPA")
	checkSchema(t, k.Schema, object{
		"$schema", spa["$schema"], "$id", spa["$id"], "title", spa["title"], "description", spa["description"], "type", "object",
		"properties", object{
			"apiVersion", object{"$ref", ref("apiVersion")},
			"kind", object{"const", k.Name},
			"metadata", object{"$ref", ref("metadata")},
			"spec", object{"type", "object", "properties", properties(k), "required", []string{"title"}, "additionalProperties", false, "x-expected", "a map"},
		},
		"required", []string{"apiVersion", "kind", "metadata", "spec"}, "additionalProperties", false, "$defs", spa["$defs"],
	})
}

func read(t *testing.T, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("..", "..", "schemas", name))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func checkSchema(t *testing.T, name string, want object) {
	t.Helper()
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(want); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join("..", "..", "schemas", name)
	if *update {
		if err := os.WriteFile(path, b.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(b.String(), string(read(t, name))); diff != "" {
		t.Errorf("%s differs from the rules; run go test ./pkg/spec -update (-want +got):\n%s", name, diff)
	}
}

// A schema keyword whose violation nobody explains would read as jargon.
func TestEverySchemaKeywordIsExplained(t *testing.T) {
	explained := strings.Fields("type pattern minLength minimum minItems minProperties maxProperties enum const required additionalProperties")
	structure := strings.Fields("$schema $id $ref $defs title description examples properties patternProperties propertyNames items x-expected")
	names, err := fs.Glob(schemas.FS, "*.json")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		var doc any
		if err := json.Unmarshal(read(t, name), &doc); err != nil {
			t.Fatal(err)
		}
		walkSchema(name, doc, func(at string, schema map[string]any) {
			for key := range schema {
				if !slices.Contains(explained, key) && !slices.Contains(structure, key) {
					t.Errorf("%s: the keyword %s has no explanation", at, key)
				}
			}
			for _, key := range []string{"pattern", "minLength", "minimum", "minItems", "minProperties", "maxProperties"} {
				if (schema[key] != nil || schema["type"] != nil && strings.Contains(at, "/")) && schema["x-expected"] == nil {
					t.Errorf("%s: %s without x-expected", at, key)
				}
			}
		})
	}
}

// walkSchema visits every schema object inside doc.
func walkSchema(at string, doc any, visit func(string, map[string]any)) {
	schema, ok := doc.(map[string]any)
	if !ok {
		return
	}
	visit(at, schema)
	for _, key := range []string{"items", "additionalProperties", "propertyNames"} {
		walkSchema(at+"/"+key, schema[key], visit)
	}
	for _, key := range []string{"properties", "patternProperties", "$defs"} {
		group, _ := schema[key].(map[string]any)
		for _, name := range slices.Sorted(maps.Keys(group)) {
			walkSchema(fmt.Sprintf("%s/%s/%s", at, key, name), group[name], visit)
		}
	}
}

func TestDefinitionsListTheValueTypesOfTheCode(t *testing.T) {
	defs := loadSchemas().raw["defs.json"]
	for _, typeID := range []string{"PHONE", "EMAIL", "WEB", "IM"} {
		var got []string
		for _, v := range asList(descend(defs, []string{"$defs", typeID, "items", "properties", "type", "enum"})) {
			got = append(got, fmt.Sprint(v))
		}
		if diff := cmp.Diff(ValueTypes(typeID), got); diff != "" {
			t.Errorf("%s (-code +schema):\n%s", typeID, diff)
		}
	}
}
