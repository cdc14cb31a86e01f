package spec

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// explain reports violations of the schema in the words of the manifest's author.
func (d *document) explain(violations []violation) {
	for _, v := range violations {
		if d.isReported(v.path) {
			continue
		}
		switch v.keyword {
		case "additionalProperties":
			d.explainUnknown(v)
		case "required":
			d.explainMissing(v)
		case "enum", "const":
			d.explainChoice(v)
		default:
			d.explainValue(v)
		}
	}
}

// locate finds what stands at a path: its value and the position to show, which
// is the value's or, where that is not written, its key's.
func (d *document) locate(path []string) (v Value, at Pos, key Pair) {
	v = d.root
	at = v.Pos
	for _, step := range path {
		switch v.Kind {
		case Map:
			i := slices.IndexFunc(v.Pairs, func(p Pair) bool { return p.Key == step })
			if i < 0 {
				return v, at, key
			}
			key = v.Pairs[i]
			v = key.Value
			if at = v.Pos; v.Kind == Null || v.Kind == Map {
				at = key.Pos
			}
		case List:
			i, err := strconv.Atoi(step)
			if err != nil || i >= len(v.Items) {
				return v, at, key
			}
			v = v.Items[i]
			at = v.Pos
		}
	}
	return v, at, key
}

// label names a path as people do: fields[1].ref, without what is the same everywhere.
func (d *document) label(path []string) string {
	if len(path) > 1 && path[0] == "spec" {
		path = path[1:]
		if len(path) > 1 && path[0] == "fields" {
			path = path[1:]
		}
	}
	var b strings.Builder
	for _, step := range path {
		if _, err := strconv.Atoi(step); err == nil && b.Len() > 0 {
			b.WriteString("[" + step + "]")
			continue
		}
		if b.Len() > 0 {
			b.WriteByte('.')
		}
		b.WriteString(redact(step))
	}
	return b.String()
}

func (d *document) explainValue(v violation) {
	value, at, key := d.locate(v.path)
	expected, _ := v.schema["x-expected"].(string)
	text, shown := value.Text, d.show(value)
	if v.ofKey {
		if i := slices.IndexFunc(value.Pairs, func(p Pair) bool { return p.Key == "" }); i >= 0 {
			key = value.Pairs[i] // the validator leaves an empty key out of the path
		}
		at, text, shown = key.Pos, key.Key, quote(key.Key)
	}
	if d.isSecret(v.path) {
		shown = "what stands here"
	}
	rule, hint := "type", ""
	switch {
	case v.keyword != "type":
		rule = "schema"
	case value.Kind == Null && len(v.path) > 2:
		hint = "remove the line to leave it alone"
	case value.Kind == Scalar && slices.Contains(types(v.schema), "array"):
		hint = "write a list: [ … ]"
	}
	label := d.label(v.path)
	if label == "" {
		label = "document"
	}
	d.add(at, text, rule, hint, "%s: %s is not %s", label, shown, expected)
	d.hideSecret(v.path)
}

func (d *document) explainChoice(v violation) {
	value, at, _ := d.locate(v.path)
	var choices []string
	for _, c := range asList(v.schema["enum"]) {
		choices = append(choices, fmt.Sprint(c))
	}
	hint := ""
	if near, ok := Suggest(value.Text, choices); ok {
		hint = fmt.Sprintf("did you mean %s?", quote(near))
	}
	d.add(at, value.Text, "schema", hint, "%s: %s is none of %s", d.label(v.path), d.show(value), strings.Join(choices, ", "))
}

func (d *document) explainMissing(v violation) {
	value, at, _ := d.locate(v.path)
	for _, name := range asList(v.schema["required"]) {
		if _, ok := value.Get(fmt.Sprint(name)); ok || misspelt(value, v.schema, fmt.Sprint(name)) {
			continue
		}
		message := fmt.Sprintf("%s is missing", name)
		if label := d.label(v.path); label != "" {
			message = label + ": " + message
		}
		key := ""
		if n := len(v.path); n > 0 {
			key = v.path[n-1]
		}
		hint := requiredHint(v.path, fmt.Sprint(name))
		if older := strings.ToUpper(fmt.Sprint(name)); d.kind.Properties && slices.ContainsFunc(value.Pairs, func(p Pair) bool { return p.Key == older }) {
			hint = fmt.Sprintf("did you mean %s? %s is taken for a property of products", quote(fmt.Sprint(name)), older)
		}
		d.add(at, key, "required", hint, "%s", message)
	}
}

// misspelt tells whether an unknown key of v is close to name: then the hint about
// that key says enough.
func misspelt(v Value, schema map[string]any, name string) bool {
	props, _ := schema["properties"].(map[string]any)
	return schema["additionalProperties"] == false && slices.ContainsFunc(v.Pairs, func(p Pair) bool {
		near, ok := Suggest(p.Key, slices.Sorted(maps.Keys(props)))
		return ok && near == name && props[p.Key] == nil && !matchesAny(schema["patternProperties"], p.Key)
	})
}

func requiredHint(path []string, name string) string {
	if name == "name" && len(path) > 0 && path[0] == "metadata" {
		return "a name identifies the resource for ever, such as acme or eq-17"
	}
	return ""
}

func (d *document) explainUnknown(v violation) {
	value, _, _ := d.locate(v.path)
	props, _ := v.schema["properties"].(map[string]any)
	known := slices.Sorted(maps.Keys(props))
	for _, p := range value.Pairs {
		path := append(slices.Clone(v.path), p.Key)
		if slices.Contains(known, p.Key) || matchesAny(v.schema["patternProperties"], p.Key) || d.isReported(path) {
			continue
		}
		where := ""
		if label := d.label(v.path); label != "" && label != "fields" && label != "spec" {
			where = " in " + label
		}
		d.add(p.Pos, p.Key, "unknown-field", d.unknownHint(v.path, p.Key, known), "%s has no field %s%s", d.kind.Name, quote(p.Key), where)
		d.hideSecret(path)
	}
}

func (d *document) unknownHint(path []string, key string, known []string) string {
	atFields := len(path) == 2 && path[1] == "fields" || len(path) == 1 && path[0] == "spec"
	if hint := FieldHint(d.kind, key); hint != "" && atFields && !slices.Contains(known, key) {
		if len(path) == 1 && d.kind.HasFields() && !strings.Contains(hint, "beside fields") {
			hint += " the fields of a record stand under fields:"
		}
		return hint
	}
	if place := placeAtRoot(key); place != "" && len(path) == 0 {
		return place
	}
	if strings.HasPrefix(key, "RQ_") && slices.Contains(known, ColumnsPart) {
		return "details by their official names stand under fields: of the entry"
	}
	if near, ok := Suggest(key, known); ok {
		return fmt.Sprintf("did you mean %s?", quote(near))
	}
	if d.kind.HasFields() && len(path) == 1 {
		if _, ok := d.kind.Field(key); ok {
			return "the fields of a record stand under fields:"
		}
	}
	if len(path) == 2 && path[1] == "fields" && d.kind.Class == ClassRecord {
		return "a user field is written by its UPPER_CASE code, such as SERIAL"
	}
	if len(path) == 2 && path[1] == "fields" && d.kind.Properties {
		return "a property of products is written by its code in upper case, such as COLOUR"
	}
	return "known here: " + listed(known)
}

// placeAtRoot says where a key belongs that stands beside kind and spec.
func placeAtRoot(key string) string {
	switch key {
	case "name", "labels", "ids":
		return key + " stands under metadata:"
	case "fields", ProductsPart, RequisitesPart, AddressesPart, "match", "adopt", "policy", "lifecycle", "type", "manifests", "environments":
		return key + " stands under spec:"
	}
	return ""
}

// isSecret tells whether a path of the project file leads to or into a secret.
func (d *document) isSecret(path []string) bool {
	return d.kind.Class == ClassProject && (slices.Contains(path, "portal") || slices.Contains(path, "webhook"))
}

// hideSecret drops the source line of the latest problem: a literal secret that
// is no URL cannot be told from other text.
func (d *document) hideSecret(path []string) {
	if d.isSecret(path) {
		d.problems[len(d.problems)-1].Excerpt = ""
	}
}

func types(schema map[string]any) []string {
	if one, ok := schema["type"].(string); ok {
		return []string{one}
	}
	var out []string
	for _, t := range asList(schema["type"]) {
		out = append(out, fmt.Sprint(t))
	}
	return out
}

func asList(v any) []any {
	list, _ := v.([]any)
	return list
}

// matchesAny tells whether a key is allowed by patternProperties: those of records
// and of their parts are made from these expressions, and no other schema has any.
func matchesAny(patterns any, key string) bool {
	return patterns != nil && (userField.MatchString(key) || parentField.MatchString(key) || portalColumn.MatchString(key))
}

// listed joins words for a message, at most ten of them.
func listed(words []string) string {
	const most = 10
	if len(words) > most {
		return strings.Join(words[:most], ", ") + ", …"
	}
	return strings.Join(words, ", ")
}
