package diff

import (
	"time"

	"github.com/b24apply/b24apply/pkg/spec"
	"github.com/b24apply/b24apply/pkg/value"
)

// zoneFor gives the zone in which both sides of a field are shown: the project's, else
// the offset with which the first instant was declared. Without either it is "", and an
// instant is shown as the portal writes it.
func (s *scope) zoneFor(want value.Value) string {
	if s.view != nil {
		if name := s.view.set.Project.TimeZone; spec.Zone(name) != nil {
			return name
		}
	}
	if at, ok := value.FirstInstant(want); ok {
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
func shownOf(d *FieldDiff, n value.Names, v value.Value) any {
	return codecOf(d).Show(n, inZoneOf(d, v)).Plain()
}

// shownText shows a text.
func shownText(text string) value.Shown { return value.Shown{Text: text} }

// inZoneOf moves the instants of a field to its zone.
func inZoneOf(d *FieldDiff, v value.Value) value.Value { return inZone(d, v, zoneNamed(d.Zone)) }

// inZone moves instants to a zone, in which they stay the same instants.
func inZone(d *FieldDiff, v value.Value, zone *time.Location) value.Value {
	if zone == nil || !codecOf(d).Traits().Instant {
		return v
	}
	return value.InZone(v, zone)
}
