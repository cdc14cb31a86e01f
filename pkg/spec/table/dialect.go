package table

import (
	"slices"
	"strings"
	"time"
)

// Format is how a file holds its rows.
type Format string

// The formats.
const (
	CSV    Format = "csv"
	NDJSON Format = "ndjson" // one JSON object a line
)

// FieldsMatch says how the columns of a file relate to the fields that are declared for it,
// in the words of Data Package v2.
// Source: https://datapackage.org/standard/table-schema/#fieldsMatch
type FieldsMatch string

// The relations.
const (
	MatchExact    FieldsMatch = "exact"    // the same, in the same order
	MatchEqual    FieldsMatch = "equal"    // the same, in any order
	MatchSubset   FieldsMatch = "subset"   // the file has all of the fields, and may have more
	MatchSuperset FieldsMatch = "superset" // the file has no other fields, and may have fewer
	MatchPartial  FieldsMatch = "partial"  // the file has at least one of them
)

// A Dialect says how the bytes of a file are to be read. The words are those of Table Dialect
// and Table Schema of Data Package v2. The zero Dialect is CSV in UTF-8 with commas, quotes and
// one line of names.
type Dialect struct {
	Format        Format // "": CSV
	Encoding      string // a key of encodings; "": utf-8
	Delimiter     rune   // 0: a comma
	Quote         rune   // 0: a quotation mark
	Comment       rune   // a line that begins with it is none of the table; 0: there are none
	NoHeader      bool   // the first line is a row; names come from the schema
	HeaderRows    []int  // the lines that hold the names, from 1, in rising order; none: the first
	HeaderJoin    string // what joins names of several lines; "": a blank
	FieldsMatch   FieldsMatch
	MissingValues []string       // what stands for no value; nil: the empty text
	Zone          *time.Location // of times without an offset; nil: they are faults
	Numbers       Numbers
	Dates         []string // the forms in which days and times are written where no rule says it; none: ISO 8601
	Local         bool     // Numbers and Dates hold for fields whose rules do not name them
	Import        bool     // the lines of a record stand together under its ID, as in Bitrix24's own template
}

// Numbers says how numbers are written.
type Numbers struct {
	Decimal rune // 0: a point
	Group   rune // between groups of three digits; 0: there are no groups. A blank stands for a no-break one too
}

// profiles are sets of defaults, by their names.
var profiles = map[string]Dialect{
	// What Excel with Russian settings writes as "CSV (delimiters are commas)".
	"excel-ru": {Encoding: "windows-1251", Delimiter: ';', Numbers: Numbers{Decimal: ',', Group: ' '}, Dates: []string{"DD.MM.YYYY", "DD.MM.YYYY HH:mm", "DD.MM.YYYY HH:mm:ss"}, Local: true},
	// Bitrix24's own template for the import of records: UTF-8 with a byte order mark, semicolons,
	// a record's products on lines of their own under the same ID.
	// Source: https://helpdesk.bitrix24.de/open/25757535 (lines and ID)
	"bitrix24-import": {Encoding: "utf-8", Delimiter: ';', Dates: []string{"DD.MM.YYYY", "DD.MM.YYYY HH:mm:ss", "DD.MM.YYYY HH:mm"}, Local: true, Import: true},
}

// Profile gives the dialect of a profile, or false for an unknown one.
func Profile(name string) (Dialect, bool) {
	d, ok := profiles[name]
	return d, ok
}

// Profiles are the names of the profiles, sorted.
func Profiles() []string { return sortedKeys(profiles) }

func sortedKeys[V any](m map[string]V) []string {
	out := make([]string, 0, len(m))
	for name := range m {
		out = append(out, name)
	}
	slices.Sort(out)
	return out
}

// FormatOf tells the format of a file from its name; false if the name does not tell.
func FormatOf(name string) (Format, bool) {
	name = strings.ToLower(name)
	for _, ext := range []string{".gz", ".zst"} {
		name = strings.TrimSuffix(name, ext)
	}
	switch {
	case strings.HasSuffix(name, ".csv"), strings.HasSuffix(name, ".tsv"), strings.HasSuffix(name, ".txt"):
		return CSV, true
	case strings.HasSuffix(name, ".ndjson"), strings.HasSuffix(name, ".jsonl"):
		return NDJSON, true
	}
	return "", false
}

// with fills in what is not said.
func (d Dialect) with() Dialect {
	if d.Format == "" {
		d.Format = CSV
	}
	if d.Encoding == "" {
		d.Encoding = "utf-8"
	}
	if d.Delimiter == 0 {
		d.Delimiter = ','
	}
	if d.Quote == 0 {
		d.Quote = '"'
	}
	if d.HeaderJoin == "" {
		d.HeaderJoin = " "
	}
	if len(d.HeaderRows) == 0 && !d.NoHeader {
		d.HeaderRows = []int{1}
	}
	if d.MissingValues == nil {
		d.MissingValues = []string{""}
	}
	if d.Numbers.Decimal == 0 {
		d.Numbers.Decimal = '.'
	}
	return d
}
