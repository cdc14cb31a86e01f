package diff

import (
	"time"

	"github.com/b24apply/b24apply/pkg/spec"
	"github.com/b24apply/b24apply/pkg/value"
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
	if at, ok := value.FirstInstant(val(want)); ok {
		return at.Format("Z07:00")
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

// shownOf gives a value of the field for people.
func shownOf(d *FieldDiff, s *scope, v any) any {
	return codecOf(d.Codec).show(s, inZoneOf(d, v))
}

// inZoneOf moves the instants of a field to its zone.
func inZoneOf(d *FieldDiff, v any) any { return inZone(d, v, zoneNamed(d.Zone)) }

// inZone moves instants to a zone, in which they stay the same instants.
func inZone(d *FieldDiff, v any, zone *time.Location) any {
	if zone == nil || !traitsOf(codecOf(d.Codec)).Instant {
		return v
	}
	return held(value.InZone(val(v), zone))
}
