package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/b24apply/b24apply/pkg/portal"
)

func (s *sim) play() {
	first := drawCast(s.draws, 8)
	s.declare(first)
	if s.draws.IntN(3) > 0 {
		if e := s.live(&life{}, "apply", "--yes", "-o", "json"); e.code != exitDone {
			s.breaks("the first apply: exit code %d\n%s\n%s", e.code, tail(e.out), tail(e.log))
			return
		}
		s.tell("applied %d things", len(first))
	}
	s.touch()
	s.casts = 0
	s.declare(first.moved(s.draws, 1))
	s.startCounting()
	s.die()
	if s.draws.IntN(4) == 0 {
		s.tell("another machine, a minute later")
		s.moved = true
		time.Sleep(61 * time.Second)
		s.must(errors.Join(os.RemoveAll(s.state()), os.RemoveAll(s.home)))
	}
	if s.draws.IntN(3) == 0 {
		s.declare(s.cast.moved(s.draws, 2))
		s.tell("other values are declared")
	}
	s.finish()
}

// arguments are those of an apply.
func (s *sim) arguments() []string {
	return []string{"apply", "--yes", "-o", "json", "--concurrency", fmt.Sprint(1 + s.draws.IntN(3)), "--prune"}
}

// die applies in processes that die, or are interrupted, or come to their end.
func (s *sim) die() {
	faults := drawMishaps(s.draws, time.Minute)
	s.tell("mishaps %v", faults.list)
	args, planned := s.arguments(), 0
	if s.draws.IntN(4) == 0 {
		planned = s.planOut()
		args = []string{"apply", "--yes", "-o", "json", filepath.Join(s.dir, "plan.ndjson")}
	}
	for deaths := 0; ; deaths++ {
		l := &life{left: 1 + s.draws.IntN(30), power: s.draws.IntN(2) == 0, signalled: max(0, s.draws.IntN(12)-9)}
		if s.draws.IntN(3) > 0 {
			l.late = time.Duration(1+s.draws.IntN(55)) * time.Second
		}
		l.mishaps = faults
		late := l.late
		e := s.live(l, args...)
		if planned > 0 {
			e.planned, planned = planned, 0
		}
		s.tell("%s: died %t at boundary %d of %d (machine %t, %d signals, late %s), exit code %d, planned %d", args[0], e.died, l.left, l.passed, l.power, l.signalled, late, e.code, e.planned)
		s.checkEnd(e)
		if late == 0 && len(faults.list) == 0 { // else what is late would be put over it
			s.touch()
		}
		args = s.arguments()
		if !e.died || deaths == 2 || s.draws.IntN(3) > 0 {
			break
		}
	}
}

// finish applies in a process that lives, and looks at what is there.
func (s *sim) finish() {
	e := s.live(&life{}, s.arguments()...)
	s.tell("the last apply: exit code %d, planned %d", e.code, e.planned)
	s.checkEnd(e)
	if e.code != exitDone {
		s.breaks("the last apply: exit code %d\n%s\n%s", e.code, tail(e.out), tail(e.log))
	}
	time.Sleep(2 * time.Minute)
	s.checkSettled()
	s.checkRecords()
	s.checkSaves()
}

// planOut plans into a file, and gives the number of changes.
func (s *sim) planOut() int {
	e := s.live(&life{}, "plan", "--prune", "--out", filepath.Join(s.dir, "plan.ndjson"))
	if e.code != exitDone {
		s.breaks("a plan that is saved: exit code %d\n%s\n%s", e.code, tail(e.out), tail(e.log))
	}
	text, err := os.ReadFile(filepath.Join(s.dir, "plan.ndjson"))
	s.must(err)
	n := strings.Count(string(text), "\n") - 2 // but its header and its trailer
	s.tell("saved a plan of %d changes", n)
	return n
}

// undeclared are fields that no thing has.
var undeclared = map[string]string{"Deal": "sourceDescription", "Company": "comments"}

// touch lets a person change what is declared as people's, and what nobody declares.
func (s *sim) touch() {
	marks := s.marks()
	for _, address := range slices.Sorted(maps.Keys(marks)) {
		t, rows := s.cast[address], marks[address]
		if t == nil || t.kind != "Deal" && t.kind != "Company" || len(rows) != 1 || s.draws.IntN(4) > 0 {
			continue
		}
		fields := map[string]string{undeclared[t.kind]: fmt.Sprint("human-", s.draws.IntN(1000))}
		if hasNote(t.kind) && s.draws.IntN(2) == 0 {
			fields["additionalInfo"] = fmt.Sprint("human-", s.draws.IntN(1000))
		}
		s.tell("a person changes %s %s: %v", address, rows[0], fields)
		s.post("http://127.0.0.1:1"+simPerson.Path(), "crm.item.update", map[string]any{"entityTypeId": map[string]int{"Deal": 2, "Company": 4}[t.kind], "id": rows[0].id, "fields": fields})
		if s.touched[address] == nil {
			s.touched[address] = make(map[string]string)
		}
		maps.Copy(s.touched[address], fields)
	}
}

// must notes a failure of the simulation itself.
func (s *sim) must(err error) {
	if err != nil {
		s.breaks("the simulation itself: %v", err)
	}
}

// simPerson is the webhook of somebody else.
var simPerson = portal.Webhook{User: 2, Secret: "somebody"}

// post calls the portal as another program would.
func (s *sim) post(hook, method string, params any) *httptest.ResponseRecorder {
	body, err := json.Marshal(params)
	s.must(err)
	req := httptest.NewRequest(http.MethodPost, hook+method, strings.NewReader(string(body)))
	req.Header.Set("Content-Type", "application/json")
	rec := httptest.NewRecorder()
	s.portal.ServeHTTP(rec, req)
	if rec.Code != http.StatusOK {
		s.breaks("the simulation itself: %s: HTTP %d %s", method, rec.Code, rec.Body)
	}
	return rec
}
