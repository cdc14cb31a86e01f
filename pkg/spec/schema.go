package spec

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/santhosh-tekuri/jsonschema/v5"

	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/spec/form"
	"github.com/b24apply/b24apply/pkg/value"
	"github.com/b24apply/b24apply/schemas"
)

// schemaSet holds the schemas by file name, and their JSON for what the validator's errors
// do not say. Each is compiled when the first document of its kind is read.
type schemaSet struct {
	kinds    *kind.Table
	compiled map[string]*compiledSchema
	raw      map[string]any
	codecs   ruleCodecs

	mu        sync.Mutex // of what follows
	compiler  *jsonschema.Compiler
	acceptors acceptorCompiler
}

// A compiledSchema is what manifests of one kind are checked by.
type compiledSchema struct {
	once     sync.Once
	schema   *jsonschema.Schema
	acceptor *acceptor
}

// of gives what manifests of a kind are checked by. It panics if the schema is broken, which
// is a defect of the build.
func (s *schemaSet) of(name string) *compiledSchema {
	c := s.compiled[name]
	c.once.Do(func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		c.schema = s.compiler.MustCompile(schemas.Base + name)
		c.acceptor = s.acceptors.compile(c.schema)
	})
	return c
}

// loadSchemas reads the embedded schemas once.
var loadSchemas = sync.OnceValue(func() *schemaSet { return mustRead(nil) })

// schemasOf gives the schemas of the manifests of some kinds: the embedded ones, and for
// kinds beside those of Bitrix24 what is made of their fields.
func schemasOf(kinds *kind.Table) *schemaSet {
	if kinds == nil {
		return loadSchemas()
	}
	return mustRead(kinds)
}

// mustRead panics if a schema is no JSON, which is a defect of the build.
func mustRead(kinds *kind.Table) *schemaSet {
	set, err := readSchemas(schemas.FS, kinds)
	if err != nil {
		panic(fmt.Sprintf("embedded schemas: %v", err))
	}
	return set
}

func readSchemas(files fs.FS, kinds *kind.Table) (*schemaSet, error) {
	set := &schemaSet{kinds: kinds, compiled: map[string]*compiledSchema{}, raw: map[string]any{}, compiler: jsonschema.NewCompiler(), acceptors: acceptorCompiler{}}
	set.compiler.LoadURL = func(string) (io.ReadCloser, error) { return nil, value.Err("schemas-are-never-fetched") }
	names, err := schemas.Manifests(files)
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		data, err := fs.ReadFile(files, name)
		if err == nil {
			err = set.addSchema(name, data)
		}
		if err != nil {
			return nil, err
		}
	}
	return set, set.addKinds()
}

func (s *schemaSet) addSchema(name string, data []byte) error {
	var doc any
	if err := json.Unmarshal(data, &doc); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	s.raw[name] = doc
	return s.compiler.AddResource(schemas.Base+name, bytes.NewReader(data))
}

func (s *schemaSet) addKinds() error {
	for _, k := range s.kinds.All() {
		if s.raw[k.Schema] == nil {
			data, err := form.Schema(s.kinds, k)
			if err == nil {
				err = s.addSchema(k.Schema, data)
			}
			if err != nil {
				return err
			}
		}
		s.compiled[k.Schema] = &compiledSchema{}
	}
	return nil
}

// A violation is one keyword that one place of a document does not satisfy.
type violation struct {
	keyword string
	path    []string       // keys and indexes from the document's root
	schema  map[string]any // the schema that holds the keyword
	ofKey   bool           // it is the key at path that is wrong, not the value
}

// validate gives the deepest causes for which a document is invalid.
func (s *schemaSet) validate(k *kind.Kind, doc value.Node) []violation {
	compiled := s.of(k.Schema)
	if compiled.acceptor.accepts(&doc) {
		return nil
	}
	err := compiled.schema.Validate(instance(doc))
	var invalid *jsonschema.ValidationError
	if !errors.As(err, &invalid) {
		return nil
	}
	var out []violation
	var walk func(*jsonschema.ValidationError)
	walk = func(e *jsonschema.ValidationError) {
		if len(e.Causes) == 0 {
			out = append(out, s.violation(e))
		}
		for _, cause := range e.Causes {
			walk(cause)
		}
	}
	walk(invalid)
	return out
}

func (s *schemaSet) violation(e *jsonschema.ValidationError) violation {
	file, pointer, _ := strings.Cut(strings.TrimPrefix(e.AbsoluteKeywordLocation, schemas.Base), "#")
	at := tokens(pointer)
	v := violation{path: tokens(e.InstanceLocation)}
	if len(at) > 0 {
		v.keyword = at[len(at)-1]
		v.ofKey = slices.Contains(at, "propertyNames")
		v.schema, _ = descend(s.raw[file], at[:len(at)-1]).(map[string]any)
	}
	return v
}

// tokens splits a JSON pointer as the validator writes it: percent-encoded.
func tokens(pointer string) []string {
	if pointer == "" {
		return nil
	}
	out := strings.Split(strings.TrimPrefix(pointer, "/"), "/")
	for i, t := range out {
		if plain, err := url.PathUnescape(t); err == nil {
			t = plain
		}
		out[i] = strings.ReplaceAll(strings.ReplaceAll(t, "~1", "/"), "~0", "~")
	}
	return out
}

// descend follows keys through nested objects; nil if they lead nowhere.
func descend(doc any, path []string) any {
	for _, key := range path {
		object, _ := doc.(map[string]any)
		doc = object[key]
	}
	return doc
}

// instance gives the JSON that a YAML 1.2 reader would see. Numbers that would
// not fit are texts, which no schema minds.
func instance(v value.Node) any {
	switch v.Kind {
	case value.Scalar:
		return scalarInstance(v)
	case value.List:
		out := make([]any, len(v.Items))
		for i, item := range v.Items {
			out[i] = instance(item)
		}
		return out
	case value.Map:
		out := make(map[string]any, len(v.Pairs))
		for _, p := range v.Pairs {
			out[p.Key] = instance(p.Value)
		}
		return out
	}
	return nil
}

// isTyped tells whether YAML may take a scalar for something else than a text. Of what
// begins like a number most are none: days, phones, times.
func isTyped(v *value.Node) bool {
	if !v.Plain || v.Text == "" {
		return false
	}
	switch v.Text {
	case "true", "True", "TRUE", "false", "False", "FALSE":
		return true
	}
	for i := range len(v.Text) {
		switch c := v.Text[i]; {
		case '0' <= c && c <= '9', c == '.':
		case c == '-', c == '+':
			if i > 0 && v.Text[i-1]|0x20 != 'e' {
				return false
			}
		case c|0x20 != 'e' || i == 0:
			return false
		}
	}
	return true
}

func scalarInstance(v value.Node) any {
	if !isTyped(&v) {
		return v.Text
	}
	switch v.Text {
	case "true", "True", "TRUE":
		return true
	case "false", "False", "FALSE":
		return false
	}
	if n, err := strconv.ParseInt(v.Text, 10, 64); err == nil {
		return n
	}
	if f, err := strconv.ParseFloat(v.Text, 64); err == nil && f-f == 0 {
		return f
	}
	return v.Text
}
