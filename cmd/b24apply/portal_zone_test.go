package main

import (
	"testing"
	"time"
)

func TestAZoneIsAnOffsetWithASign(t *testing.T) {
	for text, want := range map[string]int{"+03:00": 3 * 3600, "-05:00": -5 * 3600, "+05:30": 5*3600 + 1800, "+00:00": 0} {
		var zone *time.Location
		f := zoneFlag{&zone}
		if err := f.Set(text); err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if _, got := time.Now().In(zone).Zone(); got != want || f.String() != text {
			t.Errorf("%s: got %d seconds and %q, want %d", text, got, f.String(), want)
		}
	}
	for _, text := range []string{"", "3", "Europe/Berlin", "+3", "Z", "+25:00"} {
		var zone *time.Location
		if err := (zoneFlag{&zone}).Set(text); err == nil {
			t.Errorf("%q is accepted as %v", text, zone)
		}
	}
}
