package value

import (
	"time"
	_ "time/tzdata" // a machine or a container may have no time zones of its own
)

// Zone gives the time zone of a name of the IANA database, such as Europe/Berlin, or nil
// if there is none. "Local" is none: it would be another one on each machine.
func Zone(name string) *time.Location {
	if name == "" || name == "Local" {
		return nil
	}
	zone, err := time.LoadLocation(name)
	if err != nil {
		return nil
	}
	return zone
}
