package spec

import (
	"testing"

	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/value"
)

const routedDeals = `apiVersion: b24apply/v1
kind: Deal
metadata: {name: kept}
spec: {route: {create: import, times: preserve, fallback: add}, fields: {title: D, createdTime: "2020-01-01T10:00:00Z"}, policy: {"*": keepHuman}}
---
apiVersion: b24apply/v1
kind: Deal
metadata: {name: dropped}
spec: {route: {times: drop}, fields: {title: D, createdTime: "2020-01-01T10:00:00Z"}}
---
apiVersion: b24apply/v1
kind: Deal
metadata: {name: plain}
spec: {fields: {title: D}}
`

// A time is set by the import that creates its record and never looked at again, or left out.
func TestTimesFollowTheRoute(t *testing.T) {
	dir := tree(t, map[string]string{"b24apply.yaml": "apiVersion: b24apply/v1\nkind: Project\nmetadata: {name: acme}\nspec: {manifests: [r.yaml]}\n", "r.yaml": routedDeals})
	set := mustLoad(t, Options{Dir: dir})
	for name, want := range map[string]struct {
		route kind.Route
		time  Policy
		title Policy
	}{
		"kept":    {kind.Route{Create: kind.CreateImport, Times: kind.TimesPreserve, Fallback: kind.FallbackAdd}, PolicyCreateOnly, PolicyKeepHuman},
		"dropped": {kind.Route{Times: kind.TimesDrop}, PolicyIgnore, PolicyEnforce},
		"plain":   {kind.Route{}, PolicyEnforce, PolicyEnforce},
	} {
		r := set.Lookup(value.NewAddress("deal", name))
		if r.Route() != want.route || set.Policy(r, "createdTime") != want.time || set.Policy(r, "title") != want.title {
			t.Errorf("%s: route %+v, policies %s and %s; want %+v", name, r.Route(), set.Policy(r, "createdTime"), set.Policy(r, "title"), want)
		}
	}
}
