package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
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
	applied := s.draws.IntN(3) > 0
	if applied {
		if e := s.command(&life{}, "apply", "--yes", "-o", "json"); e.code != exitDone {
			s.breaks("the first apply: exit code %d\n%s\n%s", e.code, odd(e.out), tail(e.log))
			return
		}
		s.tell("applied %d things", len(first))
	}
	s.touch()
	s.casts = 0
	s.declare(first.moved(s.draws, 1))
	s.startCounting()
	s.before = s.lastRun()
	if s.undoes = s.draws.IntN(5) == 0; !applied {
		first = make(cast)
	}
	s.die()
	if s.undoes {
		s.undo(first)
		return
	}
	if s.draws.IntN(3) == 0 && s.resume() {
		s.mend()
		return
	}
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
	s.mend()
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
	if s.draws.IntN(4) == 0 && !s.undoes {
		planned = s.planOut()
	}
	if planned > 0 {
		switch s.draws.IntN(3) {
		case 0:
			s.takeOver()
		case 1:
			s.contest()
		}
		args = []string{"apply", "--yes", "-o", "json", filepath.Join(s.dir, "plan.ndjson")}
	}
	for deaths := 0; ; deaths++ {
		l := &life{left: 1 + s.draws.IntN(30), power: s.draws.IntN(2) == 0, signalled: max(0, s.draws.IntN(12)-9)}
		if s.draws.IntN(3) > 0 {
			l.late = time.Duration(1+s.draws.IntN(55)) * time.Second
		}
		l.mishaps = faults
		late := l.late
		e := s.command(l, args...)
		if planned > 0 {
			e.planned, planned = planned, 0
		}
		s.tell("%s: died %t at boundary %d of %d (machine %t, %d signals, late %s), exit code %d, planned %d, took %s", args[0], e.died, l.left, l.passed, l.power, l.signalled, late, e.code, e.planned, e.took.Round(time.Second))
		s.checkEnd(e)
		if deaths == 0 {
			s.checkContested()
		}
		if s.undoes {
			break
		}
		if late == 0 && len(faults.list) == 0 { // else what is late would be put over it
			s.touch()
		}
		args = s.arguments()
		if !e.died || deaths == 2 || s.draws.IntN(3) > 0 {
			break
		}
	}
}

// resume goes on with the last run, in processes of which all but the last die. It tells whether that is the end of the story.
func (s *sim) resume() bool {
	started := s.lastRun()
	if started == "" || started == s.before {
		return false // it died before it had a folder
	}
	args := []string{"resume", "last", "--yes", "-o", "json"}
	for range s.draws.IntN(3) {
		l := &life{left: 1 + s.draws.IntN(20), power: s.draws.IntN(2) == 0}
		e := s.command(l, args...)
		s.tell("resume: died %t at boundary %d, exit code %d, took %s", e.died, l.passed, e.code, e.took.Round(time.Second))
		s.checkEnd(e)
	}
	e := s.command(&life{}, args...)
	s.tell("resume: exit code %d, took %s", e.code, e.took.Round(time.Second))
	s.checkEnd(e)
	if e.code != exitDone {
		if len(s.contested)+len(s.taken) == 0 && !s.savedInDoubt(e) && !s.outOfTime(e) {
			s.breaks("resume: exit code %d\n%s\n%s", e.code, odd(e.out), tail(e.log))
		}
		return false
	}
	s.checkAll()
	return true
}

// savedInDoubt tells whether nothing is left of a run but records that people have saved since its
// plan, of whose own save the answer was lost, and what waits for them: nobody can tell what became of it.
func (s *sim) savedInDoubt(e ending) bool {
	var report raceReport
	if json.Unmarshal([]byte(e.out), &report) != nil {
		return false
	}
	doubts := 0
	for _, o := range report.Items {
		switch {
		case o.Status == "conflict" && o.Code == "CHANGED_SINCE_PLAN" && s.touched[o.Resource] != nil:
			doubts++
		case !slices.Contains([]string{"succeeded", "unchanged", "kept", "blocked"}, o.Status):
			return false
		}
	}
	return e.code == exitItems && doubts > 0
}

// undo takes the last run back, in processes of which all but the last die: then everything is
// as it was declared before.
func (s *sim) undo(before cast) {
	run := s.lastRun()
	if run == "" || run == s.before {
		return
	}
	args := []string{"undo", filepath.Base(run), "--claimed", "--yes", "-o", "json", "--max-delete", "2000"}
	if s.draws.IntN(2) == 0 && s.contestUndo(before) {
		e := s.command(&life{}, args...)
		s.tell("undo: exit code %d, took %s", e.code, e.took.Round(time.Second))
		s.checkContested()
		if e.code != exitItems {
			s.breaks("undo of what a person has saved since: exit code %d\n%s\n%s", e.code, odd(e.out), tail(e.log))
		}
		return
	}
	faults := drawMishaps(rand.New(rand.NewPCG(s.seed, 19)), s.minute)
	for range s.draws.IntN(3) {
		l := &life{left: 1 + s.draws.IntN(s.longest), power: s.draws.IntN(2) == 0, mishaps: faults}
		e := s.command(l, args...)
		s.tell("undo: mishaps %v", faults.list)
		s.tell("undo: died %t at boundary %d, exit code %d, took %s", e.died, l.passed, e.code, e.took.Round(time.Second))
	}
	e := s.command(&life{}, args...)
	s.tell("undo: exit code %d, took %s", e.code, e.took.Round(time.Second))
	if e.code != exitDone {
		s.breaks("undo: exit code %d\n%s\n%s", e.code, odd(e.out), tail(e.log))
	}
	time.Sleep(2 * s.minute)
	after := s.cast
	s.cast = before
	s.checkRecords()
	for address, rows := range s.marks() {
		if before[address] == nil && after[address] != nil {
			s.breaks("%s %v is there after the undo", address, rows)
		}
	}
	if len(before) > 0 {
		s.declare(before)
		s.checkSettled()
	}
}

// contestUndo lets a person save what an undo would take back, once nothing is on its way.
func (s *sim) contestUndo(before cast) bool {
	time.Sleep(s.minute)
	marks := s.marks()
	for _, address := range slices.Sorted(maps.Keys(marks)) {
		t, rows, old := s.cast[address], marks[address], before[address]
		if t == nil || t.kind != "Deal" && t.kind != "Company" || len(rows) != 1 || rows[0].fields["title"] != t.title() || old != nil && old.title() == t.title() {
			continue
		}
		r := simRecord{address, map[string]int{"Deal": 2, "Company": 4}[t.kind], rows[0].id, "human"}
		s.tell("a person changes the title of %s #%d", r.address, r.id)
		s.edit(r, map[string]any{"title": r.title})
		s.contested = append(s.contested, r)
		return true
	}
	return false
}

// lastRun is the folder of the last run, "" if there is none.
func (s *sim) lastRun() string {
	names, _ := filepath.Glob(filepath.Join(s.state(), runsFolder, "*"))
	if len(names) == 0 {
		return ""
	}
	return slices.Max(names)
}

// finish applies in a process that lives, and looks at what is there.
func (s *sim) finish() {
	e := s.command(&life{}, s.arguments()...)
	s.tell("the last apply: exit code %d, planned %d, took %s", e.code, e.planned, e.took.Round(time.Second))
	s.checkEnd(e)
	for s.outOfTime(e) {
		e = s.command(&life{}, s.arguments()...)
		s.tell("once more: exit code %d, planned %d, took %s", e.code, e.planned, e.took.Round(time.Second))
		s.checkEnd(e)
	}
	if e.code != exitDone {
		s.breaks("the last apply: exit code %d\n%s\n%s", e.code, odd(e.out), tail(e.log))
	}
	s.checkAll()
}

// checkAll looks at what is there once nothing is on its way.
func (s *sim) checkAll() {
	time.Sleep(2 * time.Minute)
	s.checkSettled()
	s.checkRecords()
	s.checkTaken()
	s.checkSaves()
}

// planOut plans into a file, and gives the number of changes; 0 if there is no file, since a record is too old to be imported.
func (s *sim) planOut() int {
	e := s.command(&life{}, "plan", "--prune", "--out", filepath.Join(s.dir, "plan.ndjson"))
	if strings.Contains(e.out, "[NEWER_EXISTS]") && e.code == exitRefused {
		return 0
	}
	if e.code != exitDone && !strings.Contains(e.out, "[NEWER_EXISTS]") {
		s.breaks("a plan that is saved: exit code %d\n%s\n%s", e.code, odd(e.out), tail(e.log))
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
		s.edit(simRecord{entityTypeID: map[string]int{"Deal": 2, "Company": 4}[t.kind], id: rows[0].id}, fields)
		if s.touched[address] == nil {
			s.touched[address] = make(map[string]string)
		}
		maps.Copy(s.touched[address], fields)
	}
}

// A simRecord is a record whose title somebody else has the last word of.
type simRecord struct {
	address          string
	entityTypeID, id int
	title            any
}

// takenMarks are the marks of the other project, and how they would read as ours.
var takenMarks = []disguise{
	{`"originatorId":"b24apply:other"`, `"originatorId":"b24apply:acme"`},
}

// takeOver lets another project take a record over that is about to be updated.
func (s *sim) takeOver() {
	if r, ok := s.pending(); ok {
		s.tell("another project takes over %s #%d", r.address, r.id)
		s.edit(r, map[string]any{"originatorId": "b24apply:other"})
		s.taken = append(s.taken, r)
		delete(s.touched, r.address)
	}
}

// contest lets a person save what a plan is about to update.
func (s *sim) contest() {
	if r, ok := s.pending(); ok {
		r.title = "human"
		s.tell("a person changes the title of %s #%d", r.address, r.id)
		s.edit(r, map[string]any{"title": r.title})
		s.contested = append(s.contested, r)
	}
}

// pending gives a record that a plan would update.
func (s *sim) pending() (r simRecord, ok bool) {
	marks := s.marks()
	for _, address := range slices.Sorted(maps.Keys(marks)) {
		t, rows := s.cast[address], marks[address]
		if t == nil || len(marks) < 3 || t.kind != "Deal" && t.kind != "Company" || len(rows) != 1 || rows[0].fields["title"] == t.title() {
			continue
		}
		return simRecord{address, map[string]int{"Deal": 2, "Company": 4}[t.kind], rows[0].id, rows[0].fields["title"]}, true
	}
	return r, false
}

// edit changes a record as a person.
func (s *sim) edit(r simRecord, fields any) {
	s.post("http://127.0.0.1:1"+simPerson.Path(), "crm.item.update", map[string]any{"entityTypeId": r.entityTypeID, "id": r.id, "fields": fields})
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
