package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"time"
)

// The routes by which things are created. A kind whose things bring times has no others: what is created otherwise
// is newer than they are, and the portal refuses them.
const (
	byAdd     = "{create: add}"
	byImport  = "{create: import}"
	byTimes   = "{create: import, times: preserve}"
	byTimesIf = "{create: import, times: preserve, fallback: add}"
	byDropped = "{create: import, times: drop}"
)

// simEpoch is before anything that a simulation does.
var simEpoch = time.Date(1999, 1, 2, 3, 4, 5, 0, time.UTC)

// simRoutes decides how things are created, by draws of its own: a story is otherwise as it is without.
type simRoutes struct {
	draws *rand.Rand
	kinds map[string][]string // among what is drawn
	at    int
	bulk  int // further leads, that are imported
}

// newSimRoutes draws which routes the kinds of a story have.
func newSimRoutes(seed uint64) *simRoutes {
	r := &simRoutes{draws: rand.New(rand.NewPCG(seed, 23)), kinds: make(map[string][]string)}
	for _, kind := range slices.Sorted(maps.Keys(simKinds)) {
		choices := [][]string{nil, nil, {byImport}, {byAdd, byImport}, {byTimes}, {byTimesIf}}
		if r.kinds[kind] = choices[r.draws.IntN(len(choices))]; kind == "Product" || kind == "ProductSection" {
			r.kinds[kind] = nil
		}
	}
	if r.kinds["Lead"] != nil && r.draws.IntN(3) == 0 {
		r.bulk = 5 + r.draws.IntN(40) // several commands, and several requests
	}
	return r
}

// decide gives the things of a cast that have none their routes. Things bring times in another order than that
// of their names.
func (r *simRoutes) decide(c cast) {
	for i := range r.bulk {
		c.add(&thing{kind: "Lead", name: fmt.Sprint("b", i)})
	}
	r.bulk = 0
	addresses := slices.Sorted(maps.Keys(c))
	r.draws.Shuffle(len(addresses), func(i, k int) { addresses[i], addresses[k] = addresses[k], addresses[i] })
	for _, address := range addresses {
		t := c[address]
		if choices := r.kinds[t.kind]; len(choices) > 0 && t.route == "" {
			t.route = choices[r.draws.IntN(len(choices))]
			r.at += r.draws.IntN(3)
			if t.at = r.at; r.draws.IntN(8) == 0 {
				t.at = -r.at // the portal may have newer ones
			}
		}
	}
}

// outOfTime tells whether nothing is left of a run but things that are older than what was created while
// their own answers were lost, and what waits for them. They are declared without their times then.
func (s *sim) outOfTime(e ending) bool {
	var report raceReport
	if e.code == exitDone || json.Unmarshal([]byte(e.out), &report) != nil {
		return false
	}
	var older []string
	for _, o := range report.Items {
		switch t := s.cast[o.Resource]; {
		case o.Status == "failed" && o.Code == "NEWER_EXISTS" && t != nil && strings.Contains(t.route, "preserve"):
			older = append(older, o.Resource)
		case !slices.Contains([]string{"succeeded", "unchanged", "kept", "blocked"}, o.Status) && o.Code != "RUN_ENDED": // since one of them is missing, nothing is pruned
			return false
		}
	}
	for _, address := range older {
		t := *s.cast[address]
		t.route, s.cast[address] = byDropped, &t
	}
	if len(older) > 0 {
		s.tell("without their times: %s", strings.Join(older, ", "))
		s.write(s.cast)
	}
	return len(older) > 0
}
