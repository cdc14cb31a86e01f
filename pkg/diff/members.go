package diff

// isEmptyList tells whether a wire value is a list of nothing, as it comes of a
// membership that only removes.
func isEmptyList(v any) bool {
	list, ok := v.([]any)
	return ok && len(list) == 0
}
