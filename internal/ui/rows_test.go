package ui

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/plan"
)

// Rows are shown a line each; of rows that are there, those that go and come.
func TestRowsAreShownALineEach(t *testing.T) {
	many := make([]string, 12)
	for i := range many {
		many[i] = fmt.Sprintf("%d × Bolt", i+1)
	}
	for name, tc := range map[string]struct {
		before, after any
		want          []string
	}{
		"all of a new record":   {nil, []string{"1 × A, 5 % discount", "2 × B"}, []string{"1 × A, 5 % discount", "2 × B"}},
		"all of many":           {nil, many, many},
		"what changes":          {[]string{"1 × A", "2 × B"}, []string{"1 × A", "3 × B"}, []string{"- 2 × B  + 3 × B  (1 kept)"}},
		"all go":                {[]string{"1 × A", "2 × B"}, nil, []string{"- 1 × A  - 2 × B"}},
		"nothing but the order": {[]string{"1 × A", "2 × B"}, []string{"2 × B", "1 × A"}, []string{"in another order:", "2 × B", "1 × A"}},
	} {
		t.Run(name, func(t *testing.T) {
			f := field("products", kind.TypeProducts, tc.before, tc.after)
			if d := cmp.Diff(tc.want, english.fieldLines(&plan.Change{Kind: "Deal", Action: plan.Update}, f, 60)); d != "" {
				t.Error(d)
			}
		})
	}
}
