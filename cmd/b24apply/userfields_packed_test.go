package main

import (
	"fmt"
	"strings"
	"testing"

	"github.com/b24apply/b24apply/pkg/portal"
)

// User fields travel in batches, also when they are emptied and when they are changed
// by membership: 60 records take two writing requests.
func TestUserFieldsStayPacked(t *testing.T) {
	t.Parallel()
	l := &fieldLadder{world: openWorld(t, portal.Config{}), dir: t.TempDir()}
	for _, s := range userSamples {
		if s.typ == "file" || s.typ == "crm" || s.single {
			continue // a file goes alone
		}
		settings := ""
		if s.settings != "" {
			settings = "," + s.settings
		}
		for code, multiple := range map[string]string{"ONE": "N", "ALL": "Y"} {
			l.call("userfieldconfig.add", fmt.Sprintf(`{"moduleId":"crm","field":{"entityId":"CRM_DEAL","fieldName":"UF_CRM_DEAL_%s_%s","userTypeId":%q,"multiple":%q%s}}`,
				code, strings.ToUpper(s.typ), s.typ, multiple, settings))
		}
	}
	write := func(one, all func(userSample) string) {
		var deals []string
		for i := range 60 {
			var b strings.Builder
			fmt.Fprintf(&b, "kind: Deal\nmetadata: {name: d%d}\nspec:\n  fields:\n    title: D\n", i)
			for _, s := range userSamples {
				if s.typ != "file" && s.typ != "crm" && s.typ != "string" && !s.single { // the string of the samples looks like a reference
					fmt.Fprintf(&b, "    ONE_%s: %s\n    ALL_%s: %s\n", strings.ToUpper(s.typ), one(s), strings.ToUpper(s.typ), all(s))
				}
			}
			deals = append(deals, b.String())
		}
		l.write("deals", deals...)
	}
	null := func(userSample) string { return "null" }
	first := func(s userSample) string { return s.first }
	for _, step := range []struct {
		name     string
		one, all func(userSample) string
	}{
		{"created", first, func(s userSample) string { return "[" + s.first + "]" }},
		{"by membership", first, func(s userSample) string { return fmt.Sprintf("{add: [%s], remove: [%s]}", s.second, s.first) }},
		{"emptied", null, null},
	} {
		write(step.one, step.all)
		before := l.portal.Stats().Requests
		l.run(exitDone, "apply", "-f", l.dir, "--yes")
		// Up to ten requests plan, two or three write, and one proves the mark.
		if n := l.portal.Stats().Requests - before; n > 14 {
			t.Errorf("%s: %d requests for 60 records", step.name, n)
		}
		l.holds(rungFirst)
	}
}
