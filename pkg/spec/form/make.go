package form

import (
	"bytes"
	"encoding/json"
	"regexp"

	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/schemas"
)

// The names that patterns allow beside those of rules.
var (
	// UserField is a user field: its portable code, or its literal name on a portal, which is
	// UF_CRM_… or ufCrm….
	UserField   = regexp.MustCompile(`^([A-Z][A-Z0-9_]*|ufCrm[A-Za-z0-9_]+)$`)
	ParentField = regexp.MustCompile(`^parentId[1-9][0-9]*$`)
	// PortalColumn is a further column of an open part.
	PortalColumn = regexp.MustCompile(`^[A-Z][A-Z0-9_]*$`)
)

// Schema makes the JSON Schema of the manifests of a kind from its fields and parts. Kinds
// that are written by hand, such as the project, have none: nil.
func Schema(kinds *kind.Table, k *kind.Kind) ([]byte, error) {
	var made object
	switch m := (schemaMaker{kinds}); {
	case k.HasFields():
		made = m.recordSchema(k)
	case k.Class == kind.ClassType:
		made = m.typesSchema(k)
	case k.Class == kind.ClassSet:
		made = m.recordSetSchema(k)
	default:
		return nil, nil
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	err := enc.Encode(made)
	return b.Bytes(), err
}

// A schemaMaker knows what fields can link to.
type schemaMaker struct{ kinds *kind.Table }

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
func (m schemaMaker) definition(r kind.Rule) string {
	orNull := func(def string) string {
		if r.NoClear {
			return def
		}
		return def + "OrNull"
	}
	if m.kinds.LinkSpace(r) != "" {
		if r.Multiple {
			return "links"
		}
		return orNull("link")
	}
	switch r.Type {
	case kind.TypeMultifield:
		return r.Multi
	case kind.TypeParents:
		return "parents"
	case kind.TypeBoolean:
		return "boolean"
	case kind.TypeDouble:
		return orNull("number")
	case kind.TypeInteger:
		return orNull("integer")
	case kind.TypeDate:
		return orNull("date")
	case kind.TypeFile:
		return orNull("file")
	case kind.TypeUser:
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

func (m schemaMaker) properties(rules []kind.Rule) object {
	var out object
	for _, r := range rules {
		if r.Refuse != "" && !r.Stamp {
			continue
		}
		def := ref(m.definition(r))
		if r.Type == kind.TypeRelations {
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
func (m schemaMaker) partSchema(part kind.Part) object {
	entry := m.entrySchema(part)
	switch part.Shape {
	case kind.ShapeOne:
		return append(object{"title", part.Doc}, entry...)
	case kind.ShapeMap:
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

func (m schemaMaker) entrySchema(part kind.Part) object {
	props := m.properties(part.Columns)
	for _, inner := range part.Parts {
		props = append(props, inner.Name, m.partSchema(inner))
	}
	out := object{"type", "object", "properties", props}
	if part.Open {
		out = append(out, "patternProperties", object{PortalColumn.String(), object{"$ref", ref("textOrNull")}})
	}
	if len(part.Required) > 0 {
		out = append(out, "required", part.Required)
	}
	return append(out, "additionalProperties", false, "x-expected", "a map of columns")
}

// recordSchema is the schema of a record kind: the same for all but its fields.
func (m schemaMaker) recordSchema(k *kind.Kind) object {
	spec, required := object{}, []string{"fields"}
	if k.Space == "" {
		spec, required = append(spec, "type", typeSchema), []string{"type", "fields"}
	}
	if k.HasFields() {
		spec = append(spec, "match", object{"$ref", ref("match")}, "adopt", object{"$ref", ref("adopt")})
	}
	spec = append(spec, "fields", m.fieldsSchema(k))
	for _, part := range k.Parts {
		spec = append(spec, part.Name, m.partSchema(part))
	}
	if k.HasFields() {
		spec = append(spec, "lifecycle", object{"$ref", ref("lifecycle")})
	}
	if k.Class == kind.ClassRecord {
		spec = append(spec, "policy", object{"$ref", ref("policy")}, "route", object{"$ref", ref("route")})
	}
	return documentSchema(k, "A record of the CRM: one of the "+k.Plural+".", spec, required)
}

// typeSchema says which smart process an item belongs to.
var typeSchema = object{
	"title", "Smart process: the metadata.name of an SPA, or the entityTypeId of a type that the portal has",
	"type", []string{"string", "integer"},
	"minLength", 1,
	"examples", []any{"equipment", 1038},
	"x-expected", "the name of an SPA or an entityTypeId",
}

func (m schemaMaker) fieldsSchema(k *kind.Kind) object {
	fields := object{
		"type", "object",
		"title", "Fields",
		"description", "What is written here is managed; what is left out stays as it is; null means empty.",
		"properties", m.properties(k.Fields),
	}
	if p := patterns(k); p != nil {
		fields = append(fields, "patternProperties", p)
	}
	if names := requiredFields(k); names != nil {
		fields = append(fields, "required", names)
	}
	return append(fields, "additionalProperties", false, "x-expected", "a map of fields")
}

// documentSchema is the schema of a whole document.
func documentSchema(k *kind.Kind, description string, spec object, required []string) object {
	return object{
		"$schema", "https://json-schema.org/draft/2020-12/schema",
		"$id", schemas.Base + k.Schema,
		"title", k.Name,
		"description", description,
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

// typesSchema is the schema of smart process types, whose properties stand in the spec itself.
func (m schemaMaker) typesSchema(k *kind.Kind) object {
	return append(documentSchema(k, "A smart process type: a kind of record of your own.", m.properties(k.Fields), []string{"title"}), "$defs", relationDefs)
}

// relationDefs define the relations of a smart process.
var relationDefs = object{
	"relations", object{
		"type", "object",
		"properties", object{
			"parent", object{"title", "Kinds whose items can be parents of its items", "$ref", "#/$defs/entities"},
			"child", object{"title", "Kinds whose items can be children of its items", "$ref", "#/$defs/entities"},
		},
		"additionalProperties", false,
		"examples", []any{object{"parent", []string{"deal"}, "child", []string{}}},
		"x-expected", "{parent: […], child: […]}",
	},
	"entities", object{
		"type", "array",
		"items", object{
			"type", []string{"string", "integer", "object"},
			"minLength", 1,
			"properties", object{
				"entity", object{"$ref", "#/$defs/entity"},
				"isChildrenListEnabled", object{"$ref", ref("boolean")},
			},
			"required", []string{"entity"},
			"additionalProperties", false,
			"examples", []any{"deal", object{"entity", "deal", "isChildrenListEnabled", true}},
			"x-expected", "a kind such as deal, an SPA's name, or {entity, isChildrenListEnabled}",
		},
		"x-expected", "a list of kinds",
	},
	"entity", object{
		"type", []string{"string", "integer"},
		"minLength", 1,
		"examples", []string{"deal"},
		"x-expected", "a kind such as deal, an SPA's name or an entityTypeId",
	},
}

// patterns are the fields of a kind that go by a pattern: user fields, parents and
// properties of products.
func patterns(k *kind.Kind) object {
	switch {
	case k.Properties:
		return object{UserField.String(), object{"title", "A property by its code", "$ref", ref("userField")}}
	case k.Class == kind.ClassCatalog:
		return nil
	}
	return object{
		UserField.String(), object{"$ref", ref("userField")},
		ParentField.String(), object{"title", "Parent item of the type with this entityTypeId", "$ref", ref("linkOrNull")},
	}
}

// metadataOf names the definition of a kind's metadata: ids are for records, which other
// things than their mark can find.
func metadataOf(k *kind.Kind) string {
	if k.HasFields() {
		return "recordMetadata"
	}
	return "metadata"
}

func requiredFields(k *kind.Kind) []string {
	var names []string
	for _, r := range k.Fields {
		if r.Required {
			names = append(names, r.Name)
		}
	}
	return names
}

// catalogSchema is the schema of a field whose type only the catalogue has, or nil.
func catalogSchema(r kind.Rule) object {
	switch r.Type {
	case kind.TypeChoice:
		return object{"title", r.Doc, "enum", r.Choices}
	case kind.TypePrice:
		return object{
			"title", r.Doc,
			"type", []string{"object", "string", "null"},
			"properties", object{
				"amount", object{"title", "Amount", "$ref", ref("number")},
				"currency", object{"title", "Currency, an ISO 4217 code", "$ref", ref("filledText")},
			},
			"required", []string{"amount", "currency"},
			"additionalProperties", false,
			"examples", []any{object{"amount", "12.50", "currency", "EUR"}, "12.50|EUR"},
			"x-expected", "{amount, currency}",
		}
	}
	return nil
}
