package words

// tableMessages are the sentences about tables, which are the sources of a RecordSet.
var tableMessages = sentences{
	// The file.
	"cannot-read-table":     "the file cannot be read: {error}",
	"empty-table":           "the file is empty",
	"header-cut":            "the file ends within its header",
	"header-only":           "the file has names of columns and no rows",
	"no-names":              "the file has no header, and no schema names its columns",
	"reading-table":         "read {file}: {cause}",
	"unpacks-too-large":     "the file unpacks to more than {gib} GiB",
	"no-byte-order":         "the file does not begin with the mark that tells the order of its bytes",
	"declare-byte-order":    "declare encoding: utf-16le (as Windows writes it) or utf-16be",
	"other-encoding":        "the file is declared as {declared}, and its first bytes are the mark of {is}",
	"declare-encoding":      "declare encoding: {is}",
	"not-in-encoding":       "the byte {byte} is no character in {encoding}",
	"declare-true-encoding": "declare the encoding in which the file is written: Excel writes windows-1251 or windows-1252 for CSV, and utf-8 for CSV UTF-8",
	"utf8-instead":          "the row reads as {is}, and the file is declared as {declared}",

	// Its columns.
	"double-column":      "two columns have the name {name}",
	"extra-column":       "the column {name} is not declared: the columns are {declared}",
	"missing-column":     "the file has no column {name}: it has {columns}",
	"nameless-column":    "the {n}. column has no name",
	"no-declared-column": "the file has none of the columns {declared}",
	"other-order":        "the {n}. column is {name}, and {declared} is declared there",

	// Its rows.
	"bare-quote":       "a quotation mark stands within a cell that is not in quotes",
	"behind-quote":     "a cell goes on behind its closing quotation mark",
	"long-cell":        "the cell has {n} bytes, and at most {most} are read",
	"long-row":         "the row does not end within 4 MiB",
	"nul-in-cell":      "the cell holds a NUL character, which Bitrix24 does not keep",
	"quote-delimiters": "put cells that hold a delimiter or a line break in quotes",
	"too-few-cells":    "the row has {n} cells, and there are {want} columns",
	"too-many-cells":   "the row has {n} cells, and there are {want} columns",
	"unclosed-quote":   "a quotation mark opens a cell and is never closed",
	"double-name":      "an object has a name twice",
	"no-json":          "the line is no JSON",
	"no-list-of-texts": "a list of a cell holds something other than texts and numbers",
	"no-object":        "the line is no JSON object",
	"two-objects":      "something follows the object of the line",

	// A mapping.
	"cell-is-missing":     "the cell has no value",
	"columns-without-ref": "several columns name one record only with ref",
	"long-key":            "the key {name} has {n} characters, and a name has at most {most}",
	"no-column-name":      "a column is a name",
	"no-flag":             "{verb} is true or false",
	"no-key":              "the set has no key, which names its records",
	"no-key-in-row":       "the row has no value for its key",
	"no-rule":             "this says no value",
	"no-verb":             "{name} is no verb of a rule",
	"not-one-beginning":   "a rule begins with one of {verbs}",
	"verbs-are":           "the verbs are {verbs}",
	"write-a-rule":        "write {column: …}, or a map or a list of such",
}
