package live

import (
	"cmp"
	"encoding/json"
	"maps"
	"slices"

	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/value"
)

// decodeFields reads the answer of crm.item.fields.
// Source: api-reference/crm/universal/crm-item-fields.md.
func decodeFields(kinds *kind.Table, result json.RawMessage) (kind.LiveFields, error) {
	rows, err := kind.Member(result, "fields")
	if err != nil {
		return kind.LiveFields{}, err
	}
	return fieldsOf(rows, func(name string, row kind.Row) kind.LiveField {
		settings, err := kind.DecodeRow(row["settings"])
		if err != nil {
			settings = nil // a type whose settings are no map has no precision
		}
		return kind.LiveField{
			Precision: int32(settings.Int("PRECISION")), NoSeconds: settings.Text("USE_SECOND") == "N",
			Name: name, Type: kind.FieldType(row.Text("type")), StatusType: cmp.Or(row.Text("statusType"), settings.Text("ENTITY_TYPE")), UpperName: row.Text("upperName"),
			Required: yes(row, "isRequired"), Defaulted: hasDefault(settings), Titles: titlesOf(row),
			ReadOnly: yes(row, "isReadOnly"), Multiple: yes(row, "isMultiple"), Dynamic: yes(row, "isDynamic"),
			Options: decodeOptions(row["items"]), Entities: decodeEntities(kinds, settings),
		}
	})
}

// legacyFields reads the answer of an older fields method, whose fields stand at the
// top and go by one name.
// Source: api-reference/crm/requisites/universal/crm-requisite-fields.md.
func legacyFields(result json.RawMessage) (kind.LiveFields, error) {
	rows, err := kind.DecodeRow(result)
	if err != nil {
		return kind.LiveFields{}, err
	}
	return fieldsOf(rows, func(name string, row kind.Row) kind.LiveField {
		return kind.LiveField{
			Name: name, UpperName: name, Type: kind.FieldType(row.Text("type")), StatusType: firstText(row["statusType"]),
			ReadOnly: yes(row, "isReadOnly"), Multiple: yes(row, "isMultiple"), Dynamic: yes(row, "isDynamic"),
		}
	})
}

// fieldsOf indexes fields that stand in a map by their names.
func fieldsOf(rows kind.Row, field func(string, kind.Row) kind.LiveField) (kind.LiveFields, error) {
	var fields []kind.LiveField
	for _, name := range slices.Sorted(maps.Keys(rows)) {
		row, err := kind.DecodeRow(rows[name])
		if err != nil {
			return kind.LiveFields{}, value.While(err, "read-of-field", value.T("field", name))
		}
		fields = append(fields, field(name, row))
	}
	return kind.NewLiveFields(fields), nil
}

// firstText is a text that may come as the only entry of a list.
func firstText(raw json.RawMessage) string {
	var list []string
	if json.Unmarshal(raw, &list) == nil && len(list) > 0 {
		return list[0]
	}
	return kind.Text(raw)
}

// hasDefault tells whether the portal fills a user field in by itself.
func hasDefault(settings kind.Row) bool {
	value := settings.Text("DEFAULT_VALUE")
	if at, err := kind.DecodeRow(settings["DEFAULT_VALUE"]); err == nil && at["TYPE"] != nil { // a day: {TYPE: NONE, VALUE: ""}
		return at.Text("TYPE") != "NONE"
	}
	return value != "" && value != "0" && value != "[]"
}

// titlesOf gives what people call a field: the portal has several labels for one.
func titlesOf(row kind.Row) []string {
	var out []string
	for _, key := range []string{"title", "formLabel", "listLabel"} {
		if title := row.Text(key); title != "" {
			out = append(out, title)
		}
	}
	return out
}

func decodeOptions(raw json.RawMessage) []*kind.Option {
	rows, err := kind.DecodeRows(raw)
	if err != nil {
		return nil
	}
	var out []*kind.Option
	for _, row := range rows {
		out = append(out, &kind.Option{ID: row.Int("ID"), Label: row.Text("VALUE"), Code: row.Text("XML_ID")})
	}
	return out
}

// decodeEntities gives the entity types that a field of type crm can be bound to.
func decodeEntities(kinds *kind.Table, settings kind.Row) []int {
	var out []int
	for key := range settings {
		if settings.Text(key) != "Y" {
			continue
		}
		if n := kinds.ByBinding(key); n != 0 {
			out = append(out, n)
		}
	}
	slices.Sort(out)
	return out
}

func decodeCategories(rows []kind.Row) []kind.Category {
	out := make([]kind.Category, len(rows))
	for i, row := range rows {
		out[i] = kind.Category{ID: row.Int("id"), Name: row.Text("name"), Code: row.Text("code"), Default: yes(row, "isDefault")}
	}
	if len(out) == 1 {
		out[0].Default = true
	}
	return out
}

// decodeStatuses files the entries by dictionary, in the order of their SORT.
func decodeStatuses(rows []kind.Row) map[string][]kind.StatusEntry {
	slices.SortStableFunc(rows, func(a, b kind.Row) int { return a.Int("SORT") - b.Int("SORT") })
	out := make(map[string][]kind.StatusEntry)
	for _, row := range rows {
		entity := row.Text("ENTITY_ID")
		out[entity] = append(out[entity], kind.StatusEntry{ID: row.Text("STATUS_ID"), Name: row.Text("NAME"), Semantics: row.Text("SEMANTICS")})
	}
	return out
}
