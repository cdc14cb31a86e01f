package kind

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
)

// A Row is one object as the portal returned it.
type Row map[string]json.RawMessage

// Int reads a number that may come as a JSON number or as a string.
func (r Row) Int(key string) int {
	n, _ := strconv.Atoi(r.Text(key))
	return n
}

// Text reads a scalar as text; null and absent read as "".
func (r Row) Text(key string) string { return Text(r[key]) }

// Text reads a JSON scalar as text; null and absent read as "".
func Text(raw json.RawMessage) string {
	raw = bytes.TrimSpace(raw)
	if len(raw) == 0 || string(raw) == "null" {
		return ""
	}
	if raw[0] == '"' {
		var s string
		if json.Unmarshal(raw, &s) == nil {
			return s
		}
	}
	return string(raw)
}

// DecodeRows reads a list of objects; PHP prints a list with gaps as an object.
func DecodeRows(raw json.RawMessage) ([]Row, error) {
	var rows []Row
	if Text(raw) == "" || json.Unmarshal(raw, &rows) == nil {
		return rows, nil
	}
	keyed := make(map[string]Row)
	if err := json.Unmarshal(raw, &keyed); err != nil {
		return nil, err
	}
	for _, key := range slices.SortedFunc(maps.Keys(keyed), byNumber) {
		row := keyed[key]
		if _, ok := row["id"]; !ok && row != nil {
			row["id"] = json.RawMessage(strconv.Quote(key))
		}
		rows = append(rows, row)
	}
	return rows, nil
}

// DecodeRow reads one object; PHP prints an empty one as [], and null is empty too.
func DecodeRow(raw json.RawMessage) (Row, error) {
	switch t := bytes.TrimSpace(raw); {
	case len(t) == 0 || string(t) == "null" || string(t) == `""`:
		return Row{}, nil
	case t[0] == '[':
		var list []json.RawMessage
		if json.Unmarshal(raw, &list) == nil && len(list) == 0 {
			return Row{}, nil
		}
	}
	var r Row
	err := json.Unmarshal(raw, &r)
	return r, err
}

// Member returns the object under one key of a result.
func Member(result json.RawMessage, key string) (Row, error) {
	outer, err := DecodeRow(result)
	if err != nil {
		return nil, err
	}
	raw, ok := outer[key]
	if !ok {
		return nil, fmt.Errorf("the answer has no %q", key)
	}
	return DecodeRow(raw)
}

// byNumber compares texts by the numbers that they are, then as texts.
func byNumber(a, b string) int {
	x, _ := strconv.Atoi(a)
	y, _ := strconv.Atoi(b)
	return cmp.Or(cmp.Compare(x, y), cmp.Compare(a, b))
}
