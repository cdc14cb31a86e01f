package runlock

import (
	"regexp"
	"slices"
	"testing"
	"testing/synctest"
	"time"
)

// Names of runs sort as the runs began.
func TestNamesOfRunsSortByTheirStart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		form := regexp.MustCompile(`^[0-9]{8}T[0-9]{6}-[0-9a-f]{8}$`)
		var names []string
		for range 3000 {
			name := NewRun()
			if !form.MatchString(name) {
				t.Fatalf("%s is no name of a run", name)
			}
			names = append(names, name)
			time.Sleep(time.Millisecond)
		}
		if !slices.IsSorted(names) {
			t.Error("they are in another order")
		}
	})
}
