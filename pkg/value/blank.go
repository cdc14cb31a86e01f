package value

// IsBlank tells whether a value on the wire empties a field.
func IsBlank(wire any) bool { return wire == nil || wire == "" || IsEmptyList(wire) }

// IsEmptyList tells whether a value on the wire is a list of nothing, as it comes of a
// membership that only removes.
func IsEmptyList(wire any) bool {
	list, ok := wire.([]any)
	return ok && len(list) == 0
}
