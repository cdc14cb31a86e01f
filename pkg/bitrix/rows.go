package bitrix

import (
	"errors"
	"fmt"
	"strconv"
)

// rowsIn finds the rows in the result of a list method, under a key or at the
// top. An empty result is [] whatever its type; null is none, since a method
// answers so where it did nothing.
func rowsIn(result value, key string) ([]value, error) {
	result = result.open()
	if key == "" {
		rows, ok := listed(result)
		if !ok {
			return nil, errors.New("the result is no list of rows")
		}
		return rows, nil
	}
	if result.kind() != '{' {
		if rows, ok := listed(result); ok && len(rows) == 0 {
			return nil, nil
		}
		return nil, fmt.Errorf("the result is no object with %q", key)
	}
	rows, ok := listed(result.get(key))
	if !ok {
		return nil, fmt.Errorf("the result has no list of rows in %q", key)
	}
	return rows, nil
}

// listed reads a list of rows. PHP writes one whose numbers have gaps as an
// object, in the order of the rows.
func listed(v value) (rows []value, ok bool) {
	v = v.open()
	named := v.kind() == '{'
	if !named && v.kind() != '[' {
		return nil, false
	}
	for i, end := v.inside(); i < end; i = v.doc.after(i) {
		if named && !isNumbered(v.doc.name(i)) {
			return nil, false
		}
		if rows == nil {
			rows = make([]value, 0, PageSize)
		}
		rows = append(rows, value{v.doc, i})
	}
	return rows, !named || len(rows) > 0
}

func isNumbered(name []byte) bool {
	_, err := strconv.ParseUint(string(name), 10, 64)
	return err == nil
}
