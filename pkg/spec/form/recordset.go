package form

import (
	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/spec/table"
)

// text is the schema of a text, with its title and what is expected.
func textSchema(title, expected string, examples ...any) object {
	return object{"title", title, "type", "string", "minLength", 1, "examples", examples, "x-expected", expected}
}

// plain is the schema of a value that is one of a definition.
func defined(title, def string) object { return object{"title", title, "$ref", ref(def)} }

func listSchema(title string, items object, expected string, example ...any) object {
	return object{"title", title, "type", "array", "items", items, "examples", []any{example}, "x-expected", expected}
}

func choiceSchema(title string, choices ...string) object {
	return object{"title", title, "enum", choices}
}

var anyText = object{"type", "string", "x-expected", "a text"}

var columnName = object{"type", "string", "minLength", 1, "x-expected", "the name of a column"}

// recordSetSchema is the schema of the records of a table, in the words of Data Package where it has one.
func (m schemaMaker) recordSetSchema(k *kind.Kind) object {
	var entities []string
	for _, of := range m.kinds.All() {
		if of.HasFields() {
			entities = append(entities, of.Name)
		}
	}
	spec := object{
		"entity", object{"title", "Kind of the records: one a row", "enum", entities},
		"type", typeSchema,
		"source", object{"$ref", "#/$defs/source"},
		"key", listSchema("Columns whose values, joined by ~, are the name of a row's record for ever", columnName, "a list of columns, such as [erp_id]", "erp_id"),
		"map", object{
			"title", "How fields are made of columns",
			"description", "By the names of fields, parents.<kind> among them; each is a map of verbs.",
			"type", "object",
			"minProperties", 1,
			"additionalProperties", object{"$ref", "#/$defs/value"},
			"examples", []any{object{"title", object{"column", "name", "required", true}}},
			"x-expected", "a map of fields to maps of verbs, such as {title: {column: name}}",
		},
		"where", object{
			"title", "Which rows count: by columns, the values that they may have, or notEmpty",
			"type", "object",
			"minProperties", 1,
			"additionalProperties", object{
				"type", []string{"array", "object", "string", "number", "boolean"},
				"items", defined("A value", "text"),
				"properties", object{"notEmpty", defined("Whether any value is picked", "boolean")},
				"additionalProperties", false,
				"x-expected", "a value, a list of values, or {notEmpty: true}",
			},
			"examples", []any{object{"status", []string{"A", "B"}}},
			"x-expected", "a map of columns to values, such as {status: [A, B]}",
		},
		"rows", rowsSchema,
		"route", object{"$ref", ref("route")},
		"manage", choiceSchema("complete: the rows are all records of the kind that the project has, so that --prune may delete others", "complete", "listed"),
		"match", object{"$ref", ref("match")},
		"adopt", object{"$ref", ref("adopt")},
	}
	for _, name := range m.partNames() {
		spec = append(spec, name, object{"$ref", "#/$defs/children"})
	}
	spec = append(spec, "lifecycle", object{"$ref", ref("lifecycle")}, "policy", object{"$ref", ref("policy")})
	return append(documentSchema(k, "Many records of one kind, each from a row of a table.", spec, []string{"entity", "source", "key", "map"}), "$defs", setDefs)
}

// partNames are the names of what can stand beside the fields of any record, as a list of entries.
func (m schemaMaker) partNames() (names []string) {
	seen := make(map[string]bool)
	for _, k := range m.kinds.All() {
		for _, part := range k.Parts {
			if part.Shape == kind.ShapeList && len(part.Parts) == 0 && !seen[part.Name] {
				seen[part.Name] = true
				names = append(names, part.Name)
			}
		}
	}
	return names
}

var rowsSchema = object{
	"title", "What becomes of rows that are not as they must be",
	"type", "object",
	"properties", object{
		"onInvalid", choiceSchema("fail (the default): nothing is done while a row is invalid; skip: the others go on", "fail", "skip"),
		"maxInvalid", object{
			"title", "With onInvalid: skip, how many rows may be rejected: a number or a share",
			"type", []string{"integer", "string"},
			"pattern", `^([0-9]+%?|[0-9]+\.[0-9]+%|.*\$\{.*)$`,
			"examples", []any{"1%", 100},
			"x-expected", "a number of rows, or a share such as 1%",
		},
		"onDuplicate", choiceSchema("error (the default): every row of a key that there is twice is rejected; first, last: that row counts", "error", "first", "last"),
		"groupBy", listSchema("Columns that rows of one record have in common, such as [order_id]", columnName, "a list of columns", "order_id"),
	},
	"additionalProperties", false,
	"x-expected", "a map, such as {onInvalid: skip, maxInvalid: 1%}",
}

// setDefs define where rows come from and how values are made of them.
var setDefs = object{
	"source", object{
		"title", "The table",
		"description", "A file below the project's folder: CSV or NDJSON, as it is, or compressed by gzip or zstd.",
		"type", "object",
		"properties", sourceProperties,
		"additionalProperties", false,
		"examples", []any{object{"csv", "data/customers.csv"}},
		"x-expected", "a map, such as {csv: data/customers.csv}",
	},
	"value", object{
		"description", "A map of verbs, or a list or a map of such.",
		"type", []string{"object", "array"},
		"properties", verbProperties,
		"examples", []any{object{"column", "name", "trim", true}},
		"x-expected", "a map of verbs, such as {column: name, trim: true}",
	},
	"children", object{
		"title", "Rows of the part: from further tables, or from the lines of a record",
		"type", []string{"array", "object"},
		"properties", childProperties,
		"required", []string{"map"},
		"additionalProperties", false,
		"items", object{
			"type", "object",
			"properties", childProperties,
			"required", []string{"map"},
			"additionalProperties", false,
			"x-expected", "a map of source, by and map",
		},
		"examples", []any{object{"source", object{"csv", "data/lines.csv"}, "by", []string{"order_id"}, "map", object{"name", object{"column", "item"}}}},
		"x-expected", "a map of source, by and map, or a list of such",
	},
}

var childProperties = object{
	"source", object{"$ref", "#/$defs/source"},
	"by", listSchema("Columns of the second table that hold the key of the record", columnName, "a list of columns", "order_id"),
	"map", object{
		"title", "How the columns of an entry are made of columns of the table",
		"type", "object",
		"minProperties", 1,
		"additionalProperties", object{"$ref", "#/$defs/value"},
		"x-expected", "a map of columns to maps of verbs",
	},
}

var sourceProperties = object{
	"csv", textSchema("Path of a CSV file, from the folder of this manifest", "a path", "data/customers.csv"),
	"ndjson", textSchema("Path of a file with one JSON object a line, from the folder of this manifest", "a path", "data/customers.ndjson"),
	"profile", choiceSchema("Defaults of a source", table.Profiles()...),
	"encoding", choiceSchema("Encoding of the file, utf-8 if nothing is said: none is guessed", table.Encodings()...),
	"delimiter", textSchema("Character between cells", "a character", ";"),
	"quoteChar", textSchema("Character around cells", "a character", `"`),
	"commentChar", textSchema("Character that begins a line which does not count", "a character", "#"),
	"header", defined("Whether the first line names the columns", "boolean"),
	"headerRows", object{"title", "Lines that hold the names of the columns, from 1", "type", "array", "items", defined("A line", "integer"), "examples", []any{[]int{1}}, "x-expected", "a list of lines, such as [1, 2]"},
	"headerJoin", object{"title", "What joins names of several lines", "type", "string", "examples", []any{" "}, "x-expected", "a text"},
	"fieldsMatch", choiceSchema("How the columns of the file relate to those that are used, or to those of its schema", "exact", "equal", "subset", "superset", "partial"),
	"dates", object{"title", "How days and times are written where no rule says it", "type", []string{"string", "array"}, "items", anyText, "examples", []any{"DD.MM.YYYY"}, "x-expected", "a form such as DD.MM.YYYY, or a list of such"},
	"missingValues", listSchema("Texts that stand for no value", anyText, "a list of texts", "", "NULL"),
	"timeZone", textSchema("Time zone of times that are written without one", "the name of a time zone", "Europe/Berlin"),
	"decimalChar", textSchema("Character before decimals", "a character", ","),
	"groupChar", textSchema("Character between groups of three digits", "a character", " "),
	"schema", textSchema("Path of the Table Schema of the file; else NAME.schema.json beside it, if it is there", "a path", "data/customers.schema.json"),
}

var anyScalar = []string{"string", "number", "boolean", "null"}

var verbProperties = object{
	"column", object{"title", "Column that the value comes from; of a ref by a key of several parts, a list", "type", []string{"string", "array"}, "examples", []any{"name"}, "x-expected", "the name of a column"},
	"constant", object{"title", "The same value for every row", "type", []string{"string", "number", "boolean", "null", "array", "object"}, "examples", []any{"EUR"}, "x-expected", "a value"},
	"join", object{"title", "Columns whose texts are joined; empty ones are left out", "type", []string{"array", "object"}, "examples", []any{[]string{"street", "city"}}, "x-expected", "a list of columns, or {columns: […], with: …}"},
	"coalesce", listSchema("Columns of which the first with a value counts", columnName, "a list of columns", "mobile", "phone"),
	"split", object{"title", "What stands between several values in a cell", "type", []string{"string", "array"}, "examples", []any{","}, "x-expected", "a text, or a list of texts"},
	"trim", defined("Whether blanks around the value are left out", "boolean"),
	"pattern", textSchema("Regular expression that the whole value must match", "a regular expression", "[0-9]{4}"),
	"values", object{"title", "Values by what stands in the cell; * is all else, and may be error", "type", "object", "examples", []any{object{"AK", "olga@acme.example", "*", "error"}}, "x-expected", "a map of texts to values"},
	"valuesFile", object{"title", "A table of values: its path, and the columns of what is looked up and what it stands for", "type", "object", "examples", []any{object{"csv", "data/managers.csv", "key", "code", "value", "email"}}, "x-expected", "{csv: …, key: …, value: …}"},
	"phone", object{"title", "It is a phone; the country of national numbers", "type", []string{"string", "boolean"}, "examples", []any{"DE"}, "x-expected", "two capital letters, or true"},
	"email", defined("It is an e-mail address", "boolean"),
	"inn", defined("It is a Russian tax id, whose checksum must be right", "boolean"),
	"date", object{"title", "It is a day or a time, and how it is written", "type", []string{"string", "array", "boolean"}, "examples", []any{"DD.MM.YYYY"}, "x-expected", "a form such as DD.MM.YYYY"},
	"decimal", object{"title", "It is a number, and how it is written", "type", []string{"object", "boolean"}, "examples", []any{object{"decimalChar", ",", "groupChar", " ", "factor", "10"}}, "x-expected", "{decimalChar, groupChar, factor}, or true"},
	"ref", textSchema("It is the key of a declared record of this kind", "a kind such as company", "company"),
	"lookup", object{"title", "It is the value of a field of a record of the portal", "type", "object", "examples", []any{object{"company", "title"}}, "x-expected", "{kind: field}"},
	"user", object{"title", "It is a user: an id, an e-mail address or a full name; which of them, or true for any", "enum", []any{true, "true", "id", "email", "name"}},
	"option", object{"title", "It is an option of a list; which of them, or true for any", "enum", []any{true, "true", "id", "label", "code"}},
	"stage", object{"title", "It is a stage; which of them, or true for any", "enum", []any{true, "true", "id", "title"}},
	"required", defined("Whether a row without it is rejected", "boolean"),
	"default", object{"title", "Value of rows that have none", "type", anyScalar, "examples", []any{"EUR"}, "x-expected", "a value"},
	"empty", choiceSchema("What a missing value means: keep (the default) leaves the field alone, clear empties it", "keep", "clear"),
	"onlyIfEmpty", defined("Whether it is set only where the record has nothing yet", "boolean"),
}
