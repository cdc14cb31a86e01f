package value

import (
	"regexp"
	"slices"
	"strings"
	"testing"
)

// Every code is one row, its files are sorted, and its hint is whole without arguments.
func TestEveryCodeHasOneRowAndAHint(t *testing.T) {
	seen := make(map[string]bool)
	for _, file := range [][]Code{problems, refusals, outcomes, calls, notes} {
		if !slices.IsSortedFunc(file, func(a, b Code) int { return strings.Compare(a.Name, b.Name) }) {
			t.Errorf("the file that starts with %s is not sorted", file[0].Name)
		}
		for _, c := range file {
			if seen[c.Name] || c.In == 0 || c.Why == "" || c.Hint == "" {
				t.Errorf("%s: stands twice, or lacks its place, its reason or its hint", c.Name)
			}
			seen[c.Name] = true
			if hint := Hint(c.Name); strings.ContainsAny(strings.ReplaceAll(hint, "{ref:", ""), "{}") && c.Args != nil {
				t.Errorf("%s: a placeholder is left in %q", c.Name, hint)
			}
			for _, arg := range c.Args {
				if arg.Default == "" || !strings.Contains(c.Hint, "{"+arg.Name+"}") {
					t.Errorf("%s: the argument %s has no default or no place in the hint", c.Name, arg.Name)
				}
			}
			if strings.HasSuffix(c.Hint, ".") || regexp.MustCompile(`\]\(`).MatchString(c.Hint) {
				t.Errorf("%s: a hint is plain text without a full stop: %q", c.Name, c.Hint)
			}
		}
	}
}

func TestHintsTakeTheirArguments(t *testing.T) {
	for _, tc := range []struct {
		got, want string
	}{
		{Hint("BLOCKED", "company/acme"), "mend company/acme and apply again"},
		{Hint("BLOCKED"), "mend what it depends on and apply again"},
		{Hint("NOT_READ", "unused"), "plan again"},
		{Hint("QUERY_LIMIT_EXCEEDED"), ""},
		{HintIn(Outcome, "NOT_FOUND"), ""},
		{HintIn(Outcome, "RUN_ENDED"), "apply again"},
	} {
		if tc.got != tc.want {
			t.Errorf("got %q, want %q", tc.got, tc.want)
		}
	}
}
