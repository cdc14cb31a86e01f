package portal

import (
	"errors"
	"strconv"
)

// isFault reports whether an error is an answer of the portal rather than a
// failure of the store.
func isFault(err error) bool {
	var f *fault
	return errors.As(err, &f)
}

// withoutCode turns a fault into one of the legacy methods, which have no codes
// but English texts.
func withoutCode(err error) error {
	var f *fault
	if !errors.As(err, &f) {
		return err
	}
	switch f.code {
	case "NOT_FOUND":
		return legacyFault("Not found")
	case "ACCESS_DENIED":
		return legacyFault("Access denied.")
	}
	return legacyFault(f.text)
}

// positiveID reports whether a value is a whole number above zero.
func positiveID(v any) bool {
	n, ok := asInt(v)
	return ok && n > 0
}

// describeRows renders fields whose names are in upper case already, and which
// have no upperName therefore.
func describeRows(rows []fieldRow) *Map {
	fields := new(Map)
	for _, row := range rows {
		fields.Set(row.name, legacyDescription(row.field(0), ""))
	}
	return fields
}

// legacyDescription describes a field as the legacy methods do: without
// upperName.
func legacyDescription(f *field, statusType string) *Map {
	described := new(Map)
	m := f.describe(statusType)
	for _, key := range m.Keys() {
		if v, _ := m.Get(key); key != "upperName" {
			described.Set(key, v)
		}
	}
	return described
}

// formatID renders an id as the text of a parameter.
func formatID(id int64) string { return strconv.FormatInt(id, 10) }
