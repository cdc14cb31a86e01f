package diff

import (
	"github.com/b24apply/b24apply/pkg/value"
)

// zoneFor gives the zone in which both sides of a field are shown: the project's, else
// the offset with which the first instant was declared. Without either it is "", and an
// instant is shown as the portal writes it.
func (s *scope) zoneFor(want value.Value) string {
	if s.resources != nil {
		if name := s.resources.TimeZone(); value.Zone(name) != nil {
			return name
		}
	}
	if at, ok := value.FirstInstant(want); ok {
		return at.Format("Z07:00")
	}
	return ""
}
