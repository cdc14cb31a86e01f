package apply

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// numbered gives records of a kind with these numbers, in the order of their names.
func numbered(kind, field string, numbers ...string) string {
	var s strings.Builder
	for i, number := range numbers {
		if number != "" {
			fmt.Fprintf(&s, "---\napiVersion: b24apply/v1\nkind: %s\nmetadata: {name: n%d}\nspec: {fields: {title: T%d, %s: %q}}\n", kind, i, i, field, number)
		}
	}
	return s.String()
}

// Values that a portal wants once each are passed on in one apply, whatever the order.
func TestCaseC13UniqueNumbersArePassedOn(t *testing.T) {
	for name, tc := range map[string]struct{ before, after []string }{
		"two swap":                {[]string{"A-1", "A-2"}, []string{"A-2", "A-1"}},
		"three in a circle":       {[]string{"A-1", "A-2", "A-3"}, []string{"A-2", "A-3", "A-1"}},
		"a chain":                 {[]string{"A-1", "A-2", "A-3"}, []string{"A-2", "A-3", "A-4"}},
		"a chain the other way":   {[]string{"A-1", "A-2", "A-3"}, []string{"A-0", "A-1", "A-2"}},
		"a new record takes one":  {[]string{"A-1", "A-2"}, []string{"A-3", "A-2", "A-1"}},
		"a circle and a newcomer": {[]string{"A-1", "A-2", "A-3"}, []string{"A-2", "A-1", "A-9", "A-3"}},
		"nothing is in the way":   {[]string{"A-1", "A-2"}, []string{"A-3", "A-4"}},
	} {
		for kind, field := range map[string]string{"Invoice": "accountNumber", "Quote": "quoteNumber"} {
			t.Run(name+" "+kind, func(t *testing.T) {
				b := newBench(t)
				if report := b.apply(numbered(kind, field, tc.before...), Config{}); report.ExitCode != ExitDone {
					t.Fatalf("%+v", report.Items.List())
				}
				manifests := numbered(kind, field, tc.after...)
				report := b.apply(manifests, Config{})
				if report.ExitCode != ExitDone {
					t.Errorf("%v %+v", report.Counts, report.Items.List())
				}
				if d := cmp.Diff(0, b.planHonestly(manifests).Pending()); d != "" {
					t.Errorf("the second plan has changes: %s", d)
				}
			})
		}
	}
}
