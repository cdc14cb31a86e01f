package apply

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// A run keeps to the promised number of requests: adds and updates 50 to a request and
// ten more, whatever the text holds and whether they set or clear; reading 2,450 to a
// request a pass and twenty more, of which the marks of creates are two passes.
func TestCaseC19RequestsOfARunAreBounded(t *testing.T) {
	ceil := func(n, of int) int { return (n + of - 1) / of }
	texts := func(n int, text string) string {
		return textDeals(n, func(i int) string { return fmt.Sprintf("additionalInfo: %s", text) })
	}
	for name, tc := range map[string]struct {
		before, after string
		saves, passes int
	}{
		"creates with references": {after: companies(500) + deals(500), saves: 1000, passes: 2},
		"updates to markup":       {texts(750, "plain"), texts(750, `"<b>bold</b> select x from y"`), 750, 1},
		"clearing":                {texts(500, "plain"), texts(500, "null"), 500, 2},
		"setting and clearing":    {texts(500, "plain"), texts(250, "null") + strings.ReplaceAll(texts(250, "<i>x</i>"), "name: d", "name: e"), 500, 3},
		"nothing to do":           {texts(1000, "plain"), texts(1000, "plain"), 0, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			if tc.before != "" {
				b.apply(tc.before, Config{})
			}
			before := b.client.Requests()
			plan := b.planHonestly(tc.after)
			planned := b.client.Requests() - before
			report := Run(t.Context(), plan, Config{Client: b.client})
			if d := cmp.Diff(0, report.ExitCode); d != "" {
				t.Fatalf("%v", failures(report))
			}
			n := plan.Size()
			if most := ceil(n, 2450) + 20; planned > most {
				t.Errorf("the plan took %d requests, want at most %d", planned, most)
			}
			most := tc.passes * (ceil(n, 2450) + 1)
			if tc.saves > 0 {
				most += ceil(tc.saves, 50) + 10
			}
			t.Logf("%d items: plan %d requests, apply %d of at most %d", n, planned, report.Requests, most)
			if report.Requests > most {
				t.Errorf("the run took %d requests, want at most %d", report.Requests, most)
			}
		})
	}
}
