package spec

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/value"
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
func (d *document) locate(path []string) (v value.Node, at value.Pos, key value.Pair) {
	v = d.root
	at = v.Pos
	for _, step := range path {
		switch v.Kind {
		case value.Map:
			i := slices.IndexFunc(v.Pairs, func(p value.Pair) bool { return p.Key == step })
			if i < 0 {
				return v, at, key
			}
			key = v.Pairs[i]
			v = key.Value
			if at = v.Pos; v.Kind == value.Null || v.Kind == value.Map {
				at = key.Pos
			}
		case value.List:
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
	found, at, key := d.locate(v.path)
	expected, _ := v.schema["x-expected"].(string)
	text, shown := found.Text, d.shown("value", found)
	if v.ofKey {
		if i := slices.IndexFunc(found.Pairs, func(p value.Pair) bool { return p.Key == "" }); i >= 0 {
			key = found.Pairs[i] // the validator leaves an empty key out of the path
		}
		at, text, shown = key.Pos, key.Key, value.T("value", quote(key.Key))
	}
	if d.isSecret(v.path) {
		shown = value.M("value", value.Say("what-stands-here"))
	}
	rule, hint := "type", value.Message{}
	switch {
	case v.keyword != "type":
		rule = "schema"
	case found.Kind == value.Null && len(v.path) > 2:
		hint = value.Say("remove-line-to-leave-alone")
	case found.Kind == value.Scalar && slices.Contains(types(v.schema), "array"):
		hint = value.Say("write-list")
	}
	place := value.T("field", d.label(v.path))
	if place.Text == "" {
		place = value.M("field", value.Say("document"))
	}
	d.problem(at, text, rule, hint, value.Say("is-not-expected", place, shown, value.T("expected", expected)))
	d.hideSecret(v.path)
}

func (d *document) explainChoice(v violation) {
	found, at, _ := d.locate(v.path)
	var choices []string
	for _, c := range asList(v.schema["enum"]) {
		choices = append(choices, fmt.Sprint(c))
	}
	var hint value.Message
	if near, ok := Suggest(found.Text, choices); ok {
		hint = didYouMean(quote(near))
	}
	d.problem(at, found.Text, "schema", hint, value.Say("field-is-none-of", value.T("field", d.label(v.path)), d.shown("value", found), value.L("choices", choices)))
}

func (d *document) explainMissing(v violation) {
	found, at, _ := d.locate(v.path)
	for _, required := range asList(v.schema["required"]) {
		name := fmt.Sprint(required)
		if _, ok := found.Get(name); ok || misspelt(found, v.schema, name) {
			continue
		}
		message := value.Say("is-missing", value.T("name", name))
		if label := d.label(v.path); label != "" {
			message = value.Say("is-missing-in", value.T("field", label), value.T("name", name))
		}
		key := ""
		if n := len(v.path); n > 0 {
			key = v.path[n-1]
		}
		hint := requiredHint(v.path, name)
		if older := strings.ToUpper(name); d.kind.Properties && slices.ContainsFunc(found.Pairs, func(p value.Pair) bool { return p.Key == older }) {
			hint = value.Say("taken-for-property", value.T("name", quote(name)), value.T("older", older))
		}
		d.problem(at, key, "required", hint, message)
	}
}

// misspelt tells whether an unknown key of v is close to name: then the hint about
// that key says enough.
func misspelt(v value.Node, schema map[string]any, name string) bool {
	props, _ := schema["properties"].(map[string]any)
	return schema["additionalProperties"] == false && slices.ContainsFunc(v.Pairs, func(p value.Pair) bool {
		near, ok := Suggest(p.Key, slices.Sorted(maps.Keys(props)))
		return ok && near == name && props[p.Key] == nil && !matchesAny(schema["patternProperties"], p.Key)
	})
}

func requiredHint(path []string, name string) value.Message {
	if name == "name" && len(path) > 0 && path[0] == "metadata" {
		return value.Say("name-identifies")
	}
	return value.Message{}
}

func (d *document) explainUnknown(v violation) {
	found, _, _ := d.locate(v.path)
	props, _ := v.schema["properties"].(map[string]any)
	known := slices.Sorted(maps.Keys(props))
	for _, p := range found.Pairs {
		path := append(slices.Clone(v.path), p.Key)
		if slices.Contains(known, p.Key) || matchesAny(v.schema["patternProperties"], p.Key) || d.isReported(path) {
			continue
		}
		message := value.Say("no-such-field", value.T("kind", d.kind.Name), value.T("name", quote(p.Key)))
		if label := d.label(v.path); label != "" && label != "fields" && label != "spec" {
			message = value.Say("no-such-field-in", value.T("kind", d.kind.Name), value.T("name", quote(p.Key)), value.T("field", label))
		}
		d.problem(p.Pos, p.Key, "unknown-field", d.unknownHint(v.path, p.Key, known), message)
		d.hideSecret(path)
	}
}

func (d *document) unknownHint(path []string, key string, known []string) value.Message {
	atFields := len(path) == 2 && path[1] == "fields" || len(path) == 1 && path[0] == "spec"
	if hint := FieldHint(d.kind, key); !hint.IsZero() && atFields && !slices.Contains(known, key) {
		if len(path) == 1 && d.kind.HasFields() && !tellsOfBeside(hint) {
			hint = value.Say("and-fields-under", value.M("hint", hint))
		}
		return hint
	}
	if place := placeAtRoot(key); !place.IsZero() && len(path) == 0 {
		return place
	}
	if strings.HasPrefix(key, "RQ_") && slices.Contains(known, kind.ColumnsPart) {
		return value.Say("details-under-fields")
	}
	if near, ok := Suggest(key, known); ok {
		return didYouMean(quote(near))
	}
	if d.kind.HasFields() && len(path) == 1 {
		if _, ok := d.kind.Field(key); ok {
			return value.Say("fields-under")
		}
	}
	if len(path) == 2 && path[1] == "fields" && d.kind.Class == kind.ClassRecord {
		return value.Say("user-field-by-code")
	}
	if len(path) == 2 && path[1] == "fields" && d.kind.Properties {
		return value.Say("property-by-code")
	}
	return value.Say("known-here", value.L("names", listed(known)))
}

// besideFields are the codes of hints that tell of what stands beside fields.
var besideFields = []string{"stands-beside-fields", "nothing-imports-kind", "write-addresses-beside", "addresses-of-requisite", "bank-details-of-requisite", "bank-details-are-deprecated"}

func tellsOfBeside(hint value.Message) bool {
	return slices.Contains(besideFields, hint.Code) ||
		slices.ContainsFunc(hint.Args, func(a value.Arg) bool { return a.Message != nil && tellsOfBeside(*a.Message) })
}

// placeAtRoot says where a key belongs that stands beside kind and spec.
func placeAtRoot(key string) value.Message {
	switch key {
	case "name", "labels", "ids":
		return value.Say("stands-under-metadata", value.T("name", key))
	case "fields", kind.ProductsPart, kind.RequisitesPart, kind.AddressesPart, "match", "adopt", "policy", "lifecycle", "route", "type", "manifests", "environments":
		return value.Say("stands-under-spec", value.T("name", key))
	}
	return value.Message{}
}

// isSecret tells whether a path of the project file leads to or into a secret.
func (d *document) isSecret(path []string) bool {
	return d.kind.Class == kind.ClassProject && (slices.Contains(path, "portal") || slices.Contains(path, "webhook"))
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

// listed bounds words for a message: at most ten, and a sign that there are more.
func listed(words []string) []string {
	const most = 10
	if len(words) > most {
		return append(slices.Clone(words[:most]), "…")
	}
	return words
}
