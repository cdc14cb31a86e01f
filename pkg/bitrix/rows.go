package bitrix

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
)

// rowsIn finds the rows in the result of a list method, under a key or at the
// top. An empty result is [] whatever its type; null is none, since a method
// answers so where it did nothing.
func rowsIn(result json.RawMessage, key string) ([]json.RawMessage, error) {
	if key == "" {
		rows, ok := listed(result)
		if !ok {
			return nil, errors.New("the result is no list of rows")
		}
		return rows, nil
	}
	var named map[string]json.RawMessage
	if json.Unmarshal(result, &named) != nil || named == nil {
		if rows, ok := listed(result); ok && len(rows) == 0 {
			return nil, nil
		}
		return nil, fmt.Errorf("the result is no object with %q", key)
	}
	rows, ok := listed(named[key])
	if !ok {
		return nil, fmt.Errorf("the result has no list of rows in %q", key)
	}
	return rows, nil
}

// listed reads a list of rows. PHP writes one whose numbers have gaps as an
// object, in the order of the rows.
func listed(raw json.RawMessage) (rows []json.RawMessage, ok bool) {
	raw = bytes.TrimSpace(raw)
	switch {
	case len(raw) == 0:
		return nil, false
	case raw[0] == '[':
		return rows, json.Unmarshal(raw, &rows) == nil
	case raw[0] == '{':
		return numbered(raw)
	}
	return nil, false
}

// numbered reads the values of an object whose keys are numbers, in the order in
// which they stand.
func numbered(raw json.RawMessage) (rows []json.RawMessage, ok bool) {
	d := json.NewDecoder(bytes.NewReader(raw))
	if _, err := d.Token(); err != nil {
		return nil, false
	}
	for d.More() {
		key, err := d.Token()
		if err != nil {
			return nil, false
		}
		name, _ := key.(string)
		if _, err := strconv.ParseUint(name, 10, 64); err != nil {
			return nil, false
		}
		var row json.RawMessage
		if d.Decode(&row) != nil {
			return nil, false
		}
		rows = append(rows, row)
	}
	return rows, len(rows) > 0
}

// rowID is the id of a row, whatever its case and JSON type.
func rowID(row json.RawMessage) (int, bool) {
	var r struct {
		ID number `json:"id"`
	}
	if json.Unmarshal(row, &r) != nil {
		return 0, false
	}
	id := r.ID.int()
	if id == nil {
		return 0, false
	}
	return *id, true
}
