package diff

import (
	"time"

	"github.com/b24apply/b24apply/pkg/spec"
	"github.com/b24apply/b24apply/pkg/value"
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
	if at, ok := value.FirstInstant(val(want)); ok {
		return at.Location()
	}
	return nil
}

// shown gives a value of the field for people.
func (d *FieldDiff) shown(s *scope, v any) any { return d.codec.show(s, d.inZone(v, d.zone)) }

// inZone moves instants to a zone, in which they stay the same instants.
func (d *FieldDiff) inZone(v any, zone *time.Location) any {
	if zone == nil || !traitsOf(d.codec).Instant {
		return v
	}
	return held(value.InZone(val(v), zone))
}
