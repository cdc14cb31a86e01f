package table

import (
	"slices"
	"strconv"
	"strings"

	"github.com/b24apply/b24apply/pkg/value"
)

// A SourceFile is what spec.source says: where a table is, and how it is read.
type SourceFile struct {
	Path      string    // as it is written, below the folder of the project
	Pos       value.Pos // of the path
	Profile   string    // "" for none
	Schema    string    // the path of its Table Schema; "": none is named, and there may be a [SidecarOf] it
	SchemaPos value.Pos
	Dialect   Dialect
}

// SidecarOf is the path of the Table Schema beside the table of a path: the table's own, with
// .schema.json in place of what follows its name, such as data/customers.schema.json for
// data/customers.csv.gz.
func SidecarOf(path string) string {
	dir, base := "", path
	if i := strings.LastIndexAny(path, `/\`); i >= 0 {
		dir, base = path[:i+1], path[i+1:]
	}
	for range 2 {
		for _, ext := range []string{".gz", ".zst", ".csv", ".tsv", ".txt", ".ndjson", ".jsonl"} {
			if n := len(base) - len(ext); n > 0 && strings.EqualFold(base[n:], ext) {
				base = base[:n]
				break
			}
		}
	}
	return dir + base + ".schema.json"
}

// ReadSource reads spec.source, the map of a table's path and dialect. What is wrong is told at
// its place.
func ReadSource(n value.Node) (SourceFile, []*value.Fault) {
	r := &sourceReader{}
	if profile, ok := n.Get("profile"); ok {
		d, known := Profile(profile.Text)
		if !known {
			r.bad(profile.Pos, "no-such-profile", quoted("name", profile.Text), value.L("choices", Profiles()))
		}
		r.s.Profile, r.s.Dialect = profile.Text, d
	}
	for _, p := range n.Pairs {
		read, known := sourceKeys[p.Key]
		if !known {
			r.bad(p.Pos, "no-source-key", quoted("name", p.Key), value.L("choices", sortedKeys(sourceKeys)))
			continue
		}
		read(r, p)
	}
	if r.s.Path == "" && len(r.faults) == 0 {
		r.bad(n.Pos, "no-source-path")
	}
	d := r.s.Dialect.with()
	if special := []rune{d.Delimiter, d.Quote, d.Comment}; d.Delimiter == d.Quote || d.Comment != 0 && slices.Contains(special[:2], d.Comment) {
		r.bad(n.Pos, "same-characters")
	}
	return r.s, r.faults
}

type sourceReader struct {
	s      SourceFile
	faults []*value.Fault
}

func (r *sourceReader) bad(pos value.Pos, message string, args ...value.Arg) {
	f := value.Bad("source", message, "", args...)
	f.Pos = pos
	r.faults = append(r.faults, f)
}

// sourceKeys read the keys of a source by their names.
var sourceKeys = map[string]func(*sourceReader, value.Pair){
	"csv":           func(r *sourceReader, p value.Pair) { r.path(p, CSV) },
	"ndjson":        func(r *sourceReader, p value.Pair) { r.path(p, NDJSON) },
	"profile":       func(*sourceReader, value.Pair) {}, // which comes first, wherever it stands
	"encoding":      func(r *sourceReader, p value.Pair) { r.encoding(p) },
	"delimiter":     func(r *sourceReader, p value.Pair) { r.s.Dialect.Delimiter = r.character(p) },
	"quoteChar":     func(r *sourceReader, p value.Pair) { r.s.Dialect.Quote = r.character(p) },
	"commentChar":   func(r *sourceReader, p value.Pair) { r.s.Dialect.Comment = r.character(p) },
	"decimalChar":   func(r *sourceReader, p value.Pair) { r.s.Dialect.Numbers.Decimal, r.s.Dialect.Local = r.rune(p), true },
	"groupChar":     func(r *sourceReader, p value.Pair) { r.s.Dialect.Numbers.Group, r.s.Dialect.Local = r.rune(p), true },
	"header":        func(r *sourceReader, p value.Pair) { r.header(p) },
	"headerRows":    func(r *sourceReader, p value.Pair) { r.headerRows(p) },
	"headerJoin":    func(r *sourceReader, p value.Pair) { r.s.Dialect.HeaderJoin = p.Value.Text },
	"fieldsMatch":   func(r *sourceReader, p value.Pair) { r.match(p) },
	"missingValues": func(r *sourceReader, p value.Pair) { r.s.Dialect.MissingValues = r.texts(p) },
	"dates":         func(r *sourceReader, p value.Pair) { r.dates(p) },
	"schema":        func(r *sourceReader, p value.Pair) { r.s.Schema, r.s.SchemaPos = p.Value.Text, p.Value.Pos },
	"timeZone":      func(r *sourceReader, p value.Pair) { r.zone(p) },
}

func (r *sourceReader) path(p value.Pair, f Format) {
	if r.s.Path != "" {
		r.bad(p.Pos, "two-source-paths")
		return
	}
	if p.Value.Kind != value.Scalar || p.Value.Text == "" {
		r.bad(p.Pos, "no-source-path")
		return
	}
	r.s.Path, r.s.Pos, r.s.Dialect.Format = p.Value.Text, p.Value.Pos, f
	if f == CSV && r.s.Dialect.Delimiter == 0 && strings.Contains(strings.ToLower(p.Value.Text), ".tsv") {
		r.s.Dialect.Delimiter = '\t'
	}
}

func (r *sourceReader) encoding(p value.Pair) {
	name := strings.ToLower(p.Value.Text)
	if _, ok := encodings[name]; !ok {
		r.bad(p.Value.Pos, "no-such-encoding", quoted("name", p.Value.Text), value.L("choices", Encodings()))
		return
	}
	r.s.Dialect.Encoding = name
}

// character reads one of the characters between which cells stand.
func (r *sourceReader) character(p value.Pair) rune {
	c := r.rune(p)
	if c > '~' || c < ' ' && c != '\t' && c != 0 {
		r.bad(p.Value.Pos, "no-such-character", quoted("key", p.Key))
		return 0
	}
	return c
}

func (r *sourceReader) rune(p value.Pair) rune {
	text := p.Value.Text
	if text == `\t` {
		text = "\t"
	}
	runes := []rune(text)
	if p.Value.Kind != value.Scalar || len(runes) != 1 {
		r.bad(p.Value.Pos, "no-such-character", quoted("key", p.Key))
		return 0
	}
	return runes[0]
}

func (r *sourceReader) header(p value.Pair) {
	switch p.Value.Text {
	case "true", "false":
		r.s.Dialect.NoHeader = p.Value.Text == "false"
	default:
		r.bad(p.Value.Pos, "source-flag", quoted("key", p.Key))
	}
}

// maxHeaderRow is the last line that may belong to a header.
const maxHeaderRow = 100

func (r *sourceReader) headerRows(p value.Pair) {
	for _, text := range r.texts(p) {
		n, err := strconv.Atoi(text)
		rows := r.s.Dialect.HeaderRows
		if err != nil || n < 1 || n > maxHeaderRow || len(rows) > 0 && n <= rows[len(rows)-1] {
			r.bad(p.Value.Pos, "no-header-rows")
			return
		}
		r.s.Dialect.HeaderRows = append(rows, n)
	}
}

func (r *sourceReader) match(p value.Pair) {
	all := []FieldsMatch{MatchExact, MatchEqual, MatchSubset, MatchSuperset, MatchPartial}
	if !slices.Contains(all, FieldsMatch(p.Value.Text)) {
		r.bad(p.Value.Pos, "no-such-match", quoted("name", p.Value.Text), value.L("choices", all))
		return
	}
	r.s.Dialect.FieldsMatch = FieldsMatch(p.Value.Text)
}

// texts reads a list of texts, of which one may stand without a list.
func (r *sourceReader) texts(p value.Pair) []string {
	items := p.Value.Items
	if p.Value.Kind == value.Scalar {
		items = []value.Node{p.Value}
	}
	out := []string{}
	for _, item := range items {
		if item.Kind != value.Scalar && !(item.Kind == value.Null && !item.Plain) {
			r.bad(item.Pos, "no-list-of-source-texts", quoted("key", p.Key))
			continue
		}
		out = append(out, item.Text)
	}
	return out
}

func (r *sourceReader) dates(p value.Pair) {
	for _, form := range r.texts(p) {
		if _, ok := parseForm(form); !ok {
			r.bad(p.Value.Pos, "no-date-form", quoted("form", form))
			return
		}
	}
	r.s.Dialect.Dates, r.s.Dialect.Local = r.texts(p), true
}

func (r *sourceReader) zone(p value.Pair) {
	if r.s.Dialect.Zone = value.Zone(p.Value.Text); r.s.Dialect.Zone == nil {
		r.bad(p.Value.Pos, "no-such-zone", quoted("name", p.Value.Text))
	}
}
