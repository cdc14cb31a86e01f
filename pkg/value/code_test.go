package value

import (
	"slices"
	"strings"
	"testing"
)

// Every code is one row, and its files are sorted.
func TestEveryCodeHasOneRow(t *testing.T) {
	seen := make(map[string]bool)
	for _, file := range [][]Code{problems, refusals, outcomes, calls, notes} {
		if !slices.IsSortedFunc(file, func(a, b Code) int { return strings.Compare(a.Name, b.Name) }) {
			t.Errorf("the file that starts with %s is not sorted", file[0].Name)
		}
		for _, c := range file {
			if seen[c.Name] || c.In == 0 || c.Why == "" {
				t.Errorf("%s: stands twice, or lacks its place or its reason", c.Name)
			}
			seen[c.Name] = true
		}
	}
}

func TestOnlyOurCodesHaveARemedy(t *testing.T) {
	for _, tc := range []struct {
		message Message
		want    string
	}{
		{Do("BLOCKED", T("root", "company/acme")), `do/BLOCKED root="company/acme"`},
		{Do("BLOCKED"), "do/BLOCKED"},
		{Do("QUERY_LIMIT_EXCEEDED"), ""},
		{DoIn(Outcome, "NOT_FOUND"), ""},
		{DoIn(Outcome, "RUN_ENDED"), "do/RUN_ENDED"},
	} {
		if got := tc.message.String(); got != tc.want {
			t.Errorf("got %q, want %q", got, tc.want)
		}
		code, ok := Done(tc.message)
		if ok == tc.message.IsZero() || ok && "do/"+code != tc.message.Code {
			t.Errorf("%v is the remedy of %q", tc.message, code)
		}
	}
}
