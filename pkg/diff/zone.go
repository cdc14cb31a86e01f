package diff

import (
	"time"

	"github.com/b24apply/b24apply/pkg/spec"
)

// zoneFor gives the zone in which both sides of a field are shown: the project's, else
// the one in which the first instant was declared. Without either it is nil, and an
// instant is shown as the portal writes it.
func (s *scope) zoneFor(want any) *time.Location {
	if s.view != nil {
		if zone := spec.Zone(s.view.set.Project.TimeZone); zone != nil {
			return zone
		}
	}
	return zoneOf(want)
}

func zoneOf(want any) *time.Location {
	switch v := want.(type) {
	case time.Time:
		return v.Location()
	case []any:
		if len(v) > 0 {
			return zoneOf(v[0])
		}
	case members:
		if zone := zoneOf(v.add); zone != nil {
			return zone
		}
		return zoneOf(v.remove)
	}
	return nil
}

// shown gives a value of the field for people.
func shownOf(d *FieldDiff, s *scope, v any) any { return d.Codec.show(s, inZone(v, d.Zone)) }

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
