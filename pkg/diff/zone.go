package diff

import (
	"cmp"
	"time"

	"github.com/b24apply/b24apply/pkg/spec"
)

// zoneFor gives the zone in which both sides of a field are shown: the project's, else
// the offset with which the first instant was declared. Without either it is "", and an
// instant is shown as the portal writes it.
func (s *scope) zoneFor(want any) string {
	if s.view != nil {
		if name := s.view.set.Project.TimeZone; spec.Zone(name) != nil {
			return name
		}
	}
	return zoneOf(want)
}

func zoneOf(want any) string {
	switch v := want.(type) {
	case time.Time:
		return v.Format("Z07:00")
	case []any:
		if len(v) > 0 {
			return zoneOf(v[0])
		}
	case members:
		return cmp.Or(zoneOf(v.add), zoneOf(v.remove))
	}
	return ""
}

// zoneNamed gives the zone of a name or an offset; nil for none.
func zoneNamed(name string) *time.Location {
	if at, err := time.Parse("Z07:00", name); err == nil {
		return at.Location()
	}
	return spec.Zone(name)
}

// shown gives a value of the field for people.
func shownOf(d *FieldDiff, s *scope, v any) any {
	return codecOf(d.Codec).show(s, inZoneOf(v, d.Zone))
}

// inZoneOf moves instants to the zone of a name.
func inZoneOf(v any, name string) any {
	switch v.(type) {
	case time.Time, []any, members:
		return inZone(v, zoneNamed(name))
	}
	return v
}

// inZone moves instants to a zone, in which they stay the same instants.
func inZone(v any, zone *time.Location) any {
	if zone == nil {
		return v
	}
	switch v := v.(type) {
	case time.Time:
		return v.In(zone)
	case []any:
		out := make([]any, len(v))
		for i, x := range v {
			out[i] = inZone(x, zone)
		}
		return out
	case members:
		return members{add: inZone(v.add, zone), remove: inZone(v.remove, zone)}
	}
	return v
}
