package diff

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/b24apply/b24apply/pkg/spec"
	"github.com/b24apply/b24apply/pkg/value"
)

// resolve finds the one candidate that a text names: by id, else by exact name.
// A name that several candidates share, and an id that is another one's name, are
// ambiguous; nothing is guessed.
func resolve[T any](what, in, want string, all []candidate[T]) (T, error) {
	var zero T
	hits := namedBy(want, all)
	switch len(hits) {
	case 1:
		return hits[0].value, nil
	case 0:
		hint := "this portal has none"
		if names := namesOf(all); len(names) > 0 {
			hint = what + "s: " + strings.Join(shorten(names), ", ")
			if s, ok := spec.Suggest(want, names); ok {
				hint = fmt.Sprintf("did you mean %q? %s", s, hint)
			}
		}
		return zero, unmet(value.RefusalFor(what), what, hint, "%q is no %s%s", want, what, in)
	}
	ids := make([]string, len(hits))
	for i, h := range hits {
		ids[i] = fmt.Sprintf("%s (%s)", h.id, h.name)
	}
	return zero, unmet(value.RefusalFor(what), what, "write the id: "+strings.Join(ids, ", "), "%q names %d %ss%s", want, len(hits), what, in)
}

// namedBy gives what a text names.
func namedBy[T any](text string, all []candidate[T]) (hits []candidate[T]) {
	for _, c := range all {
		if c.id == text || c.name == text || slices.Contains(c.codes, text) {
			hits = append(hits, c)
		}
	}
	return hits
}

// A candidate is something that a declared text may name.
type candidate[T any] struct {
	value T
	id    string
	codes []string
	name  string
}

func namesOf[T any](all []candidate[T]) []string {
	var out []string
	for _, c := range all {
		out = append(out, cmp.Or(c.name, c.id))
	}
	return out
}

func shorten(names []string) []string {
	const most = 12
	if len(names) <= most {
		return names
	}
	return append(slices.Clone(names[:most]), fmt.Sprintf("and %d more", len(names)-most))
}
