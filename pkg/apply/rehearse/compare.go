package rehearse

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/value"
)

// unpromised are the columns that no undo is about: when and by whom a record was saved, moved and
// worked on, and what follows from that.
var unpromised = []string{
	"updatedTime", "updatedBy", "movedTime", "movedBy", "previousStageId", "lastActivityTime", "lastActivityBy", "dateClosed", "isNew",
	"DATE_MODIFY", "MODIFY_BY_ID", "timestampX", "modifiedBy",
}

// unpromisedOfNew are those of what is created again, besides.
var unpromisedOfNew = []string{"id", "ID", "createdTime", "createdBy", "dateCreate", "DATE_CREATE", "CREATED_BY_ID"}

// ofRows are the columns of rows that are ids, or follow from some.
var ofRows = []string{
	"id", "ID", "ownerId", "ownerType", "ENTITY_ID", "ENTITY_TYPE_ID", "ANCHOR_ID", "ANCHOR_TYPE_ID", "LOC_ADDR_ID", "productId", "customized",
	"DATE_CREATE", "CREATED_BY_ID", "valueId",
}

// A Difference is a field that does not hold what it held before. The values are as the portal
// writes them; nothing is "".
type Difference struct {
	Field string `json:"field"`
	Was   string `json:"was"`
	Is    string `json:"is"`
}

// Renewed are records that were deleted and created again, with their new ids.
type Renewed map[kind.RecordID]string

// Compare tells what of a record is another way than it was. One that was created again has
// another id and author, and names of such records are the same where they mean the same.
func Compare(was, is *Record, renewed Renewed) (out []Difference) {
	_, anew := renewed[was.key()]
	before, after, shown := was.cells(anew, renewed), is.cells(anew, nil), was.cells(anew, nil)
	names := maps.Clone(before)
	maps.Copy(names, after)
	for _, name := range slices.Sorted(maps.Keys(names)) {
		if before[name] != after[name] {
			out = append(out, Difference{name, shown[name], after[name]})
		}
	}
	return out
}

// cells gives what counts of a record by field, and of each part as one.
func (r *Record) cells(anew bool, renewed Renewed) map[string]string {
	out := make(map[string]string, len(r.Row))
	for name, raw := range r.Row {
		if slices.Contains(unpromised, name) || anew && slices.Contains(unpromisedOfNew, name) {
			continue
		}
		if text := plain(raw); text != "" {
			out[name] = text
		}
	}
	for name, links := range r.Links {
		if out[name] == "" {
			continue
		}
		texts := make([]string, len(links))
		for i, to := range links {
			texts[i] = value.ID(to.ID)
			if id, ok := renewed[to.Store.Record(to.ID)]; ok {
				texts[i] = id
			}
		}
		out[name] = strings.Join(texts, ", ")
	}
	for part, rows := range r.Parts {
		texts := make([]string, len(rows))
		for i, row := range rows {
			texts[i] = rowText(row)
		}
		slices.Sort(texts)
		if len(texts) > 0 {
			out[part] = strings.Join(texts, "; ")
		}
	}
	return out
}

// rowText is what counts of a row that belongs to a record.
func rowText(row kind.Row) string {
	var out []string
	for _, name := range slices.Sorted(maps.Keys(row)) {
		if slices.Contains(ofRows, name) || slices.Contains(unpromised, name) {
			continue
		}
		if text := plain(row[name]); text != "" {
			out = append(out, name+" "+text)
		}
	}
	return strings.Join(out, ", ")
}

// plain writes a value so that equal ones are equal texts: ids of entries and links to files,
// which hold a credential, are left out. Nothing is "".
func plain(raw json.RawMessage) string {
	if len(raw) > 0 && raw[0] != '{' && raw[0] != '[' {
		return kind.Text(raw)
	}
	var v any
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	if d.Decode(&v) != nil {
		return ""
	}
	if v = bare(v); v == nil {
		return ""
	}
	return textOf(v)
}

func textOf(v any) string {
	text, _ := json.Marshal(v) // what was decoded can be encoded
	return string(text)
}

// bare leaves out of a value what tells nothing; nil if nothing is left.
func bare(v any) any {
	switch v := v.(type) {
	case []any:
		out := make([]any, 0, len(v))
		maps := 0
		for _, item := range v {
			if item = bare(item); item != nil {
				out = append(out, item)
			}
			if _, ok := item.(map[string]any); ok {
				maps++
			}
		}
		if maps == len(out) { // entries of their own, in no order
			slices.SortFunc(out, func(a, b any) int { return strings.Compare(textOf(a), textOf(b)) })
		}
		if len(out) == 0 {
			return nil
		}
		return out
	case map[string]any:
		if v["urlMachine"] != nil { // a file
			return map[string]any{"file": v["id"]}
		}
		out := make(map[string]any, len(v))
		for name, item := range v {
			if !slices.Contains(ofRows, name) {
				out[name] = item
			}
		}
		return out
	}
	return v
}
