package main

import (
	"time"

	"github.com/b24apply/b24apply/pkg/value"
)

// zoneFlag is the offset of a clock from UTC as a flag, such as +03:00.
type zoneFlag struct{ zone **time.Location }

func (f zoneFlag) Type() string { return "OFFSET" }

func (f zoneFlag) String() string {
	if *f.zone == nil {
		return ""
	}
	return time.Time{}.In(*f.zone).Format("-07:00")
}

func (f zoneFlag) Set(text string) error {
	at, err := time.Parse("-07:00", text)
	if err != nil {
		return value.Err("is-no-offset", value.Q("value", text))
	}
	_, seconds := at.Zone()
	*f.zone = time.FixedZone("", seconds)
	return nil
}
