package main

import (
	"fmt"
	"testing"
	"testing/synctest"
)

// 400 records with keepHuman, of which a run was killed half way, wherever that was, and
// applied again with a third value: all hold the third value.
// SIM_NOTES tries as many records, at more boundaries.
func TestADeathLeavesNoValueToPeople(t *testing.T) {
	records, last, step := 60, 14, 2
	if n := variableOr("SIM_NOTES", 0); n > 0 {
		records, last, step = n, n/6, 1
	}
	for at := 2; at <= last && !t.Failed(); at += step {
		synctest.Test(t, func(t *testing.T) {
			s, done := newSim(t, uint64(at), mutant{})
			defer done()
			deals := make(cast)
			for version := range 3 {
				for i := range records {
					deals.add(&thing{kind: "Deal", name: fmt.Sprint("d", i), version: version})
				}
				s.declare(deals)
				l := &life{power: at%2 == 0}
				if version == 1 {
					l.left = at
				}
				e := s.live(l, "apply", "--yes", "-o", "json")
				if e.code != exitDone && !e.died || e.died != (version == 1) {
					t.Errorf("version %d: died %t at boundary %d, exit code %d\n%s", version, e.died, l.passed, e.code, tail(e.log))
				}
			}
			s.checkRecords()
			if n := len(s.broken); n > 0 {
				t.Errorf("death at boundary %d: %d deals: %s", at, n, s.broken[0])
			}
		})
	}
}
