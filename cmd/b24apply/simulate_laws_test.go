package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// A simRow is a live record that carries a mark of the project.
type simRow struct {
	id     int
	fields map[string]any
}

func (r simRow) String() string { return fmt.Sprint("#", r.id) }

// simTypes are the numbers of the kinds whose records have one everywhere.
var simTypes = map[int]string{4: "company", 3: "contact", 2: "deal", 1: "lead", 7: "quote", 31: "invoice"}

// marks gives what carries a mark of the project, by address.
func (s *sim) marks() map[string][]simRow {
	out := make(map[string][]simRow)
	types := maps.Clone(simTypes)
	maps.DeleteFunc(types, func(_ int, kind string) bool { return !s.kinds[kind] })
	for _, typ := range s.listIf("site", "crm.type.list", "types", map[string]any{}) {
		n, _ := strconv.Atoi(fmt.Sprint(typ["entityTypeId"]))
		types[n] = "site"
		id, _ := strconv.Atoi(fmt.Sprint(typ["id"]))
		out["spa/site"] = append(out["spa/site"], simRow{id, typ})
	}
	for of, lists := range map[string][2]string{"product": {"catalog.product.list", "products"}, "productsection": {"catalog.section.list", "sections"}} {
		for _, r := range s.listIf(of, lists[0], lists[1], map[string]any{"select": []string{"id", "iblockId", "name", "xmlId"}, "filter": map[string]any{"iblockId": s.catalogue(of)}}) {
			id, _ := strconv.Atoi(fmt.Sprint(r["id"]))
			out[of+"/"+markedName(r)] = append(out[of+"/"+markedName(r)], simRow{id, r})
		}
	}
	for _, n := range slices.Sorted(maps.Keys(types)) {
		for _, r := range s.list("crm.item.list", "items", map[string]any{"entityTypeId": n, "select": []string{"*", "uf_*"}}) {
			id, _ := strconv.Atoi(fmt.Sprint(r["id"]))
			if name := markedName(r); name != "" {
				out[types[n]+"/"+name] = append(out[types[n]+"/"+name], simRow{id, r})
			} else if r["originatorId"] != "b24apply:other" {
				out[types[n]+"/"] = append(out[types[n]+"/"], simRow{id, r})
			}
		}
	}
	return out
}

// catalogue is the number of the portal's catalogue of products.
func (s *sim) catalogue(kind string) string {
	for _, c := range s.listIf(kind, "catalog.catalog.list", "catalogs", map[string]any{}) {
		if c["productIblockId"] == nil {
			return fmt.Sprint(c["iblockId"])
		}
	}
	return ""
}

func markedName(r map[string]any) string {
	if r["originatorId"] == "b24apply:acme" {
		return fmt.Sprint(r["originId"])
	}
	for _, v := range r {
		if name, ok := strings.CutPrefix(fmt.Sprint(v), "b24apply:acme:"); ok {
			return name
		}
	}
	return ""
}

// listIf is list where anything of a kind was ever declared.
func (s *sim) listIf(kind, method, key string, params map[string]any) []map[string]any {
	if !s.kinds[kind] {
		return nil
	}
	return s.list(method, key, params)
}

// list reads a list of the portal, as another program would.
func (s *sim) list(method, key string, params map[string]any) (rows []map[string]any) {
	for start := 0; ; start += 50 {
		params["start"] = start
		rec := s.post(s.hook, method, params)
		var answer struct {
			Result json.RawMessage
			Next   int
		}
		if err := json.Unmarshal(rec.Body.Bytes(), &answer); err != nil || rec.Code != 200 {
			s.must(err)
			return nil
		}
		text := answer.Result
		if key != "" {
			var outer map[string]json.RawMessage
			_ = json.Unmarshal(answer.Result, &outer)
			text = outer[key]
		}
		var page []map[string]any
		decoder := json.NewDecoder(strings.NewReader(string(text)))
		decoder.UseNumber()
		if err := decoder.Decode(&page); err != nil {
			s.breaks("the simulation itself: %s: %v", method, err)
			return nil
		}
		if rows = append(rows, page...); answer.Next == 0 {
			return rows
		}
	}
}

// rowOwners are how product rows call the kinds that have some.
var rowOwners = map[string]string{"Deal": "D", "Quote": "Q", "Invoice": "SI"}

// checkRecords compares the portal with what is declared: each thing once, with its values,
// and nothing else.
func (s *sim) checkRecords() {
	marks := s.marks()
	for _, address := range slices.Sorted(maps.Keys(marks)) {
		if s.cast[address] == nil && address != "spa/site" && s.cast.inScope(address) {
			s.breaks("%s %v is there, and not declared", address, marks[address])
		}
	}
	for _, address := range slices.Sorted(maps.Keys(s.cast)) {
		t, rows := s.cast[address], marks[address]
		if len(rows) != 1 {
			s.breaks("%s: %d records %v", address, len(rows), rows)
			continue
		}
		if got := rows[0].fields[titled(t.kind)]; got != t.title() {
			s.breaks("%s: the title is %v, declared %s", address, got, t.title())
		}
		s.checkPeople(t, rows[0])
		if owner := rowOwners[t.kind]; owner != "" {
			rows := s.list("crm.item.productrow.list", "productRows", map[string]any{"filter": map[string]any{"=ownerType": owner, "=ownerId": rows[0].id}})
			if len(rows) != t.rows {
				s.breaks("%s: %d product rows, declared %d", address, len(rows), t.rows)
			}
		}
		if t.kind == "Company" {
			n := len(s.list("crm.requisite.list", "", map[string]any{"filter": map[string]any{"ENTITY_TYPE_ID": 4, "ENTITY_ID": rows[0].id}}))
			if want := map[bool]int{true: 1}[t.details]; n != want {
				s.breaks("%s: %d requisites, declared %d", address, n, want)
			}
		}
	}
}

// checkSettled expects that a plan is empty and writes nothing.
func (s *sim) checkSettled() {
	s.portal.ResetStats()
	e := s.command(&life{}, "plan", "--prune", "--detailed-exitcode", "--max-delete", "2000")
	if writes := s.portal.Stats().Writes; e.code != exitDone || writes != 0 {
		s.breaks("then a plan: exit code %d, %d writes\n%s\n%s", e.code, writes, odd(e.out), tail(e.log))
	}
}

// checkEnd looks whether a report has each planned item once, and tells the truth.
func (s *sim) checkEnd(e ending) {
	if e.died {
		return
	}
	var report raceReport
	if err := json.Unmarshal([]byte(e.out), &report); err != nil {
		s.breaks("exit code %d, and no report: %v\n%s", e.code, err, tail(e.log))
		return
	}
	total := 0
	for _, n := range report.Counts {
		total += n
	}
	seen := make(map[string]int)
	marks := s.marks()
	for _, o := range report.Items {
		if seen[o.Resource]++; seen[o.Resource] > 1 {
			s.breaks("%s stands twice in the report", o.Resource)
		}
		there := false
		for _, r := range marks[o.Resource] {
			there = there || r.id == o.ID
		}
		_, record := s.cast[o.Resource]
		if o.Status == "succeeded" && there == (o.Action == "delete") && (record || o.Action == "delete") {
			s.breaks("%s: %s succeeded with id %d, and the portal has %v", o.Resource, o.Action, o.ID, marks[o.Resource])
		}
	}
	if total != len(report.Items) || total != e.planned && e.planned >= 0 {
		s.breaks("%d planned, %d items, counts %v", e.planned, len(report.Items), report.Counts)
	}
}

// checkTaken expects that what another project has taken over is as it was then.
func (s *sim) checkTaken() {
	for _, t := range s.taken {
		if r := s.recordOf(t); r["originatorId"] != "b24apply:other" || r["title"] != t.title {
			s.breaks("record %d/%d of another project is %v of %v, and was %v", t.entityTypeID, t.id, r["title"], r["originatorId"], t.title)
		}
	}
}

// checkContested expects that a saved plan has not put its value over a person's.
func (s *sim) checkContested() {
	for _, t := range s.contested {
		if r := s.recordOf(t); r["title"] != t.title {
			s.breaks("%s: the title is %v, and a person made it %v after the plan", t.address, r["title"], t.title)
		}
	}
}

func (s *sim) recordOf(t simRecord) map[string]any {
	for _, r := range s.list("crm.item.list", "items", map[string]any{"entityTypeId": t.entityTypeID, "filter": map[string]any{"id": t.id}, "select": []string{"*"}}) {
		return r
	}
	return nil
}

// checkPeople looks whether what people have the last word of is theirs, and the declared
// value where they said nothing.
func (s *sim) checkPeople(t *thing, r simRow) {
	theirs := s.touched[t.address()]
	for _, field := range slices.Sorted(maps.Keys(theirs)) {
		if got := r.fields[field]; got != theirs[field] && !(s.moved && field == "additionalInfo") {
			s.breaks("%s: %s is %v, and a person made it %s", t.address(), field, got, theirs[field])
		}
	}
	if s.moved { // nothing is remembered there: see docs/policies.md
		return
	}
	if got := r.fields["additionalInfo"]; hasNote(t.kind) && theirs["additionalInfo"] == "" && got != t.noted() {
		s.breaks("%s: additionalInfo is %v, declared %s", t.address(), got, t.noted())
	}
}

// A tally counts the saves of records that were executed, by method and record.
type tally struct {
	mu    sync.Mutex
	saves map[string]int
}

func (s *sim) startCounting() {
	s.tally.mu.Lock()
	defer s.tally.mu.Unlock()
	s.tally.saves = make(map[string]int)
}

// count notes the commands of a request of ours that save a record: its answer may be lost.
func (t *tally) count(path string, body, answer []byte) {
	methods, queries := commandsOf(path, body)
	t.mu.Lock()
	defer t.mu.Unlock()
	for i, m := range methods {
		if m != "crm.item.update" || t.saves == nil {
			continue
		}
		q, err := url.ParseQuery(queries[i])
		if err != nil || q.Get("id") == "" || bytes.Contains(answer, fmt.Appendf(nil, `"result_error":{"c%02d"`, i)) {
			continue
		}
		t.saves[q.Get("entityTypeId")+"/"+q.Get("id")]++
	}
}

// checkSaves expects one save of each record that was to be updated.
func (s *sim) checkSaves() {
	s.tally.mu.Lock()
	defer s.tally.mu.Unlock()
	for _, id := range slices.Sorted(maps.Keys(s.tally.saves)) {
		if n := s.tally.saves[id]; n > s.casts+len(s.taken) && !(s.moved && strings.HasPrefix(id, "2/")) { // a deal's note may be taken for ours there
			s.breaks("record %s was saved %d times for %d declarations", id, n, s.casts)
		}
	}
}
