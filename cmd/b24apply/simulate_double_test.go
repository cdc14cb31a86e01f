package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strconv"
	"time"
)

// doubled are the kinds of which a story makes doubles, with their numbers.
var doubled = map[string]int{"Company": 4, "Contact": 3, "Deal": 2, "Lead": 1}

// A copied record carries the mark of another one.
type copied struct {
	address    string
	lowest, id int
	theirs     bool // a person has made it, so it is not ours to delete
	referring  int  // a deal of nobody that points at it, 0 if there is none
}

// double copies records with their marks, as a second machine or a person does, and lets deals
// of nobody point at some of them.
func (s *sim) double(draws *rand.Rand) (copies []copied) {
	marks := s.marks()
	for _, address := range slices.Sorted(maps.Keys(marks)) {
		t, rows := s.cast[address], marks[address]
		if t == nil || doubled[t.kind] == 0 || len(rows) != 1 || draws.IntN(3) > 0 || len(copies) == 5 {
			continue
		}
		c := copied{address: address, lowest: rows[0].id, theirs: draws.IntN(4) == 0}
		hook := s.hook
		if c.theirs {
			hook = "http://127.0.0.1:1" + simPerson.Path()
		}
		c.id = s.create(hook, doubled[t.kind], map[string]any{titled(t.kind): t.title(), "originatorId": "b24apply:acme", "originId": t.name})
		if t.kind == "Company" && draws.IntN(2) == 0 {
			c.referring = s.create(s.hook, 2, map[string]any{"title": "Foreign", "companyId": c.id})
		}
		s.tell("%s #%d is copied as #%d, by a person %t, referred to by deal #%d", address, c.lowest, c.id, c.theirs, c.referring)
		copies = append(copies, c)
	}
	return copies
}

// create adds a record as a program would, and gives its id.
func (s *sim) create(hook string, entityTypeID int, fields map[string]any) int {
	rec := s.post(hook, "crm.item.add", map[string]any{"entityTypeId": entityTypeID, "fields": fields})
	var answer struct {
		Result struct{ Item struct{ ID int } }
	}
	s.must(json.Unmarshal(rec.Body.Bytes(), &answer))
	return answer.Result.Item.ID
}

// calm waits until nothing is on its way.
func (s *sim) calm() { time.Sleep(s.minute + s.minute/10) }

var repairing = []string{"repair", "--yes", "-o", "json", "--max-delete", "2000", "--max-refused", "2000"}

// mend makes doubles, and repairs them in processes of which all but the last die: the lowest
// id stays, what pointed at the others points at it, and what a person has made is named.
func (s *sim) mend() {
	draws := rand.New(rand.NewPCG(s.seed, 17))
	if draws.IntN(3) > 0 || len(s.broken) > 0 {
		return
	}
	copies := s.double(draws)
	if len(copies) == 0 {
		return
	}
	for range draws.IntN(3) {
		l := &life{left: 1 + draws.IntN(s.longest), power: draws.IntN(2) == 0}
		if draws.IntN(2) == 0 {
			l.late = time.Duration(1+draws.IntN(55)) * s.minute / 60
		}
		e := s.command(l, repairing...)
		s.tell("repair: died %t at boundary %d, exit code %d", e.died, l.passed, e.code)
		s.checkEnd(e)
	}
	e := s.command(&life{}, repairing...)
	s.tell("repair: exit code %d", e.code)
	s.checkEnd(e)
	s.calm()
	s.checkMended(copies, e)
}

// checkMended looks at what a repair has left of copies.
func (s *sim) checkMended(copies []copied, e ending) {
	marks, kept := s.marks(), false
	for _, c := range copies {
		rows := marks[c.address]
		there := slices.ContainsFunc(rows, func(r simRow) bool { return r.id == c.id })
		if kept = kept || c.theirs; there != c.theirs || !slices.ContainsFunc(rows, func(r simRow) bool { return r.id == c.lowest }) {
			s.breaks("%s was #%d and, by a person %t, #%d, and after the repair it is %v\n%s", c.address, c.lowest, c.theirs, c.id, rows, odd(e.out))
		}
		if c.theirs && !namedDouble(e.out, c.address+"#"+strconv.Itoa(c.id)) {
			s.breaks("%s #%d of a person stays, and the repair does not name it\n%s", c.address, c.id, odd(e.out))
		}
		if c.referring == 0 {
			continue
		}
		want := map[bool]int{true: c.id, false: c.lowest}[c.theirs]
		if got := s.recordOf(simRecord{entityTypeID: 2, id: c.referring})["companyId"]; fmt.Sprint(got) != fmt.Sprint(want) {
			s.breaks("deal #%d refers to company #%v, and should to #%d", c.referring, got, want)
		}
	}
	if code := map[bool]int{true: exitItems, false: exitDone}[kept]; e.code != code {
		s.breaks("the repair: exit code %d, and a person's copy stays %t\n%s\n%s", e.code, kept, odd(e.out), tail(e.log))
	}
	if !kept {
		s.checkSettled()
	}
}
