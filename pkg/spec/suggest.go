package spec

import "github.com/b24apply/b24apply/pkg/value"

// Suggest is value.Suggest.
func Suggest(word string, candidates []string) (string, bool) {
	return value.Suggest(word, candidates)
}
