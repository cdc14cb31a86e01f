package value

import (
	"bytes"
	"cmp"
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"unicode/utf8"
)

// PlainText reads a JSON scalar as text: the inside of a string, a number or a boolean as it
// is written; null and nothing are "".
func PlainText(raw []byte) string {
	raw = bytes.TrimSpace(raw)
	if len(raw) == 0 || string(raw) == "null" {
		return ""
	}
	if inner, ok := insideOf(raw); ok {
		return string(inner)
	}
	var s string
	if raw[0] == '"' && json.Unmarshal(raw, &s) == nil {
		return s
	}
	return string(raw)
}

// insideOf gives the inside of a JSON string that is written without escapes.
func insideOf(raw []byte) ([]byte, bool) {
	if len(raw) < 2 || raw[0] != '"' || raw[len(raw)-1] != '"' {
		return nil, false
	}
	inner := raw[1 : len(raw)-1]
	if bytes.IndexByte(inner, '\\') >= 0 || bytes.IndexByte(inner, '"') >= 0 || !utf8.Valid(inner) {
		return nil, false
	}
	return inner, true
}

// RawSame tells, without reading it, that the portal's JSON is the declared value: the
// bytes are those of its canonical text, or of the texts of its entries. Where it is false,
// Same decides.
func RawSame(c Codec, want Value, raw []byte) bool {
	if own, ok := c.(interface{ rawSame(Value, []byte) bool }); ok {
		return own.rawSame(want, raw)
	}
	return want.Form == FormText && want.Text != "" && c.Traits().Plain && spells(raw, want.Text)
}

// spells tells whether JSON is a text without escapes, or a number, that is written so.
func spells(raw []byte, text string) bool {
	if inner, ok := insideOf(raw); ok {
		return string(inner) == text
	}
	return isNumber(raw) && string(raw) == text
}

// isNumber tells whether JSON is a number.
func isNumber(raw []byte) bool {
	return len(raw) > 0 && (raw[0] >= '0' && raw[0] <= '9' || raw[0] == '-')
}

// A scan goes through JSON that is written as a machine does it most often: without blanks
// and escapes. Where it meets anything else it is lost, and the JSON has to be read.
type scan struct {
	rest []byte
	lost bool
}

// next passes over a byte if it is the next one.
func (s *scan) next(b byte) bool {
	if s.lost || len(s.rest) == 0 || s.rest[0] != b {
		return false
	}
	s.rest = s.rest[1:]
	return true
}

// must passes over a byte that has to be the next one.
func (s *scan) must(b byte) { s.lost = s.lost || !s.next(b) }

// scalar passes over a text, a number or a word such as null, and gives it as it is written.
func (s *scan) scalar() []byte {
	end := bytes.IndexAny(s.rest, ",:]}")
	if len(s.rest) > 0 && s.rest[0] == '"' {
		end = bytes.IndexByte(s.rest[1:], '"') + 2
	}
	if s.lost || end < 2 && (end < 1 || s.rest[0] == '"') {
		s.lost = true
		return nil
	}
	raw := s.rest[:end]
	s.rest = s.rest[end:]
	s.lost = bytes.IndexByte(raw, '\\') >= 0 || bytes.ContainsAny(raw[:1], "[{ ")
	return raw
}

// isNone tells whether the portal's text says that an id is none.
func isNone(t string) bool { return t == "" || t == "0" || t == "false" }

// Elements gives the values of a list. PHP prints one with gaps as an object, and
// the portal one value of an older field bare.
func Elements(raw []byte) []json.RawMessage {
	var items []json.RawMessage
	keyed := make(map[string]json.RawMessage)
	switch t := PlainText(raw); {
	case t == "" || t == "false" || json.Unmarshal(raw, &items) == nil:
		return items
	case json.Unmarshal(raw, &keyed) == nil:
		for _, key := range slices.SortedFunc(maps.Keys(keyed), byNumber) {
			items = append(items, keyed[key])
		}
		return items
	}
	return []json.RawMessage{raw}
}

// byNumber orders the keys of a PHP array.
func byNumber(a, b string) int {
	x, _ := strconv.Atoi(a)
	y, _ := strconv.Atoi(b)
	return cmp.Or(cmp.Compare(x, y), cmp.Compare(a, b))
}

// object reads a JSON object; PHP prints an empty one as [].
func object(raw []byte) (map[string]json.RawMessage, bool) {
	var out map[string]json.RawMessage
	return out, json.Unmarshal(raw, &out) == nil && out != nil
}
