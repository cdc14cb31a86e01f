package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v5"

	"github.com/b24apply/b24apply/schemas"
)

// resultSchemas are the published schemas of results, made strict: what they do not describe
// is wrong.
type resultSchemas map[string]*jsonschema.Schema

func strictSchemas(t *testing.T) resultSchemas {
	t.Helper()
	names := []string{"plan.schema.json", "report.schema.json", "rehearsal.schema.json", "events.schema.json"}
	c := jsonschema.NewCompiler()
	c.AssertFormat = true
	for _, name := range names {
		text, err := schemas.FS.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		var doc any
		if err := json.Unmarshal(text, &doc); err != nil {
			t.Fatal(err)
		}
		strict(doc, false)
		if text, err = json.Marshal(doc); err != nil {
			t.Fatal(err)
		}
		if err := c.AddResource(schemas.Base+name, bytes.NewReader(text)); err != nil {
			t.Fatal(err)
		}
	}
	out := make(resultSchemas)
	for _, name := range names {
		out[name] = c.MustCompile(schemas.Base + name)
	}
	return out
}

// strict closes every object where it stands alone, or is put together.
func strict(schema any, isPart bool) {
	doc, ok := schema.(map[string]any)
	if !ok {
		return
	}
	if !isPart && (doc["properties"] != nil || doc["$ref"] != nil || doc["allOf"] != nil) {
		doc["unevaluatedProperties"] = false
	}
	for key, value := range doc {
		switch inner := value.(type) {
		case map[string]any:
			if key == "properties" || key == "$defs" {
				for _, s := range inner {
					strict(s, key == "$defs")
				}
				continue
			}
			if key == "items" {
				strict(inner, false)
			}
		case []any:
			for _, s := range inner {
				strict(s, key == "allOf")
			}
		}
	}
}

// check holds a document to its schema.
func (s resultSchemas) check(t *testing.T, name string, text []byte) {
	t.Helper()
	var doc any
	if err := json.Unmarshal(text, &doc); err != nil {
		t.Errorf("%s: %v", name, err)
		return
	}
	if err := s[name].Validate(doc); err != nil {
		t.Errorf("%#v\n%s", err, text)
	}
}

// The documents that tests of package ui compare hold all that there can be.
func TestResultsAreAsTheirSchemasSay(t *testing.T) {
	t.Parallel()
	s := strictSchemas(t)
	for file, name := range map[string]string{"plan.json": "plan.schema.json", "report.json": "report.schema.json", "rehearsal.json": "rehearsal.schema.json"} {
		text, err := os.ReadFile(filepath.Join(repository, "internal", "ui", "testdata", file))
		if err != nil {
			t.Fatal(err)
		}
		s.check(t, name, text)
	}
	for name, text := range map[string]string{
		"plan.schema.json":   `{"formatVersion":1,"owner":"","portal":"","counts":{"create":0,"adopt":0,"update":0,"delete":0,"no-op":0,"refuse":0},"changes":[],"other":1}`,
		"events.schema.json": `{"type":"progress","time":"2026-11-22T09:30:00Z","run":"r","done":1,"total":2,"wrong":0,"perSecond":1,"other":1}`,
	} {
		var doc any
		if err := json.Unmarshal([]byte(text), &doc); err != nil {
			t.Fatal(err)
		}
		if s[name].Validate(doc) == nil {
			t.Errorf("%s takes %s", name, text)
		}
	}
}
