package spec

import (
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/spec/form"
	"github.com/b24apply/b24apply/schemas"
)

var update = flag.Bool("update", false, "rewrite golden files and generated schemas")

// The schemas of records and types are made from the rules; -update writes them.
func TestRecordSchemasAgreeWithTheRules(t *testing.T) {
	for _, k := range kind.All() {
		want, err := form.Schema(nil, k)
		if err != nil {
			t.Fatal(err)
		}
		if want != nil {
			checkSchema(t, k.Schema, string(want))
		}
	}
}

func read(t *testing.T, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("..", "..", "schemas", name))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func checkSchema(t *testing.T, name, want string) {
	t.Helper()
	path := filepath.Join("..", "..", "schemas", name)
	if *update {
		if err := os.WriteFile(path, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(want, string(read(t, name))); diff != "" {
		t.Errorf("%s differs from the rules; run go test ./pkg/spec -update (-want +got):\n%s", name, diff)
	}
}

// A schema keyword whose violation nobody explains would read as jargon.
func TestEverySchemaKeywordIsExplained(t *testing.T) {
	explained := strings.Fields("type pattern minLength minimum minItems minProperties maxProperties enum const required additionalProperties")
	structure := strings.Fields("$schema $id $ref $defs title description examples properties patternProperties propertyNames items x-expected")
	names, err := schemas.Manifests(schemas.FS)
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
		if diff := cmp.Diff(kind.ValueTypes(typeID), got); diff != "" {
			t.Errorf("%s (-code +schema):\n%s", typeID, diff)
		}
	}
}
