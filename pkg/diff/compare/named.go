package compare

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/b24apply/b24apply/pkg/diff/denial"
	"github.com/b24apply/b24apply/pkg/spec"
	"github.com/b24apply/b24apply/pkg/value"
)

// resolve finds the one candidate that a text names: by id, else by exact name.
// A name that several candidates share, and an id that is another one's name, are
// ambiguous; nothing is guessed.
func resolve[T any](what value.Naming, want string, all []candidate[T]) (T, error) {
	var zero T
	hits := namedBy(want, all)
	switch len(hits) {
	case 1:
		return hits[0].value, nil
	case 0:
		hint := value.Say("portal-has-none")
		if names := namesOf(all); len(names) > 0 {
			hint = value.Say(what.Are, value.Some("names", names))
			if s, ok := spec.Suggest(want, names); ok {
				hint = value.Say("did-you-mean-else", value.Q("near", s), value.M("rest", hint))
			}
		}
		return zero, value.WithHint(denial.Unmet(value.RefusalFor(what.Rule), what.Rule, what.None, "", value.Q("value", want)), hint)
	}
	ids := make([]string, len(hits))
	for i, h := range hits {
		ids[i] = fmt.Sprintf("%s (%s)", h.id, h.name)
	}
	return zero, denial.Unmet(value.RefusalFor(what.Rule), what.Rule, what.Several, "write-id", value.Q("value", want), value.N("n", len(hits)), value.L("ids", ids))
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
