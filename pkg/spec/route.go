package spec

import (
	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/value"
)

// readRoute fills in the route of a record. What is wrong with its form is the schema's affair.
func (d *document) readRoute(r *Resource) {
	if d.kind.Class != kind.ClassRecord {
		return
	}
	body, _ := d.root.Get("spec")
	v, declared := body.Get("route")
	if !declared {
		return
	}
	route := readRoute(v)
	r.Take(&route)
	if times, _ := v.Get("times"); route.Preserves() != (route.Times == kind.TimesPreserve) {
		d.problem(times.Pos, times.Text, "route", value.Say("write-create-import"), value.Say("times-need-import"))
	}
	if fallback, ok := v.Get("fallback"); ok && !route.Imports() {
		d.problem(fallback.Pos, fallback.Text, "route", value.Say("write-create-import"), value.Say("fallback-needs-import"))
	}
}

func readRoute(v value.Node) (r kind.Route) {
	create, _ := v.Get("create")
	times, _ := v.Get("times")
	fallback, _ := v.Get("fallback")
	return kind.Route{Create: kind.RouteCreate(kept(create.Text)), Times: kind.RouteTimes(kept(times.Text)), Fallback: kind.RouteFallback(kept(fallback.Text))}
}
