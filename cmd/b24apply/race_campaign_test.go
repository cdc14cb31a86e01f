package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/b24apply/b24apply/pkg/portal"
)

const (
	// shortSettle stands for the 60 seconds in which a portal may be at work on a request.
	// Everything else of a pair is shortened alike.
	shortSettle = 3 * time.Second
	fullSettle  = 60 * time.Second
)

// Two applies of the same manifests, at the same time: whatever gets lost or late, there is
// no duplicate that neither a run nor the next plan names, and both reports are true.
func TestRaceCampaign(t *testing.T) {
	if raceDetector {
		t.Skip("its times are measured against the portal's, which is ten times slower with the race detector")
	}
	short, full := uint64(variableOr("RACE_SEEDS", 6)), uint64(variableOr("RACE_FULL", 0))
	if only := variableOr("RACE_SEED", -1); only >= 0 {
		t.Run(fmt.Sprint("seed-", only), func(t *testing.T) { newRace(t, uint64(only), shortSettle).run() })
		return
	}
	for seed := range short {
		t.Run(fmt.Sprint("seed-", seed), func(t *testing.T) {
			t.Parallel()
			newRace(t, seed, shortSettle).run()
		})
	}
	for seed := range full {
		t.Run(fmt.Sprint("full-seed-", seed), func(t *testing.T) {
			t.Parallel()
			newRace(t, seed, fullSettle).run()
		})
	}
}

func variableOr(name string, otherwise int) int {
	if n, err := strconv.Atoi(os.Getenv(name)); err == nil {
		return n
	}
	return otherwise
}

// A race is one seeded pair of applies.
type race struct {
	*testing.T
	settle time.Duration
	offset time.Duration // of the second run
	calm   time.Duration // after which nothing is late any more
	shared bool          // both runs have one state home
	faults string
	dir    string
	url    string
	homes  [2]string
}

// A raceEnd is how one of the two runs ended.
type raceEnd struct {
	code   int
	stderr string
	report raceReport
}

type raceReport struct {
	MetRun bool
	Counts map[string]int
	Items  []struct {
		Resource, Action, Status, Code, Error string
		ID                                    int `json:",string"`
	}
}

func newRace(t *testing.T, seed uint64, settle time.Duration) *race {
	draws := rand.New(rand.NewPCG(seed, 9))
	r := &race{T: t, settle: settle, shared: draws.IntN(4) == 0, dir: t.TempDir(), homes: [2]string{t.TempDir(), t.TempDir()}}
	if r.shared {
		r.homes[1] = r.homes[0]
	}
	scale := func(of60 float64) time.Duration { return time.Duration(of60 / 60 * float64(settle)) }
	r.offset = scale(draws.Float64() * 3)
	visible, late := scale(draws.Float64()*15), scale(draws.Float64()*15)
	r.calm = visible + late
	var faults []string
	if draws.IntN(4) > 0 {
		faults = append(faults, fmt.Sprintf("late-visible:*.add,for=%s,p=%.2f,seed=%d", visible, 0.3+0.7*draws.Float64(), seed))
	}
	if draws.IntN(3) > 0 {
		faults = append(faults, fmt.Sprintf("drop-after:*.add,p=%.2f,seed=%d", 0.2*draws.Float64(), seed+1))
	}
	if draws.IntN(3) > 0 {
		faults = append(faults, fmt.Sprintf("late:*.add,for=%s,p=%.2f,seed=%d", late, 0.15*draws.Float64(), seed+2))
	}
	if draws.IntN(3) == 0 {
		faults = append(faults, fmt.Sprintf("drop-before:*.add,p=0.1,seed=%d", seed+3))
	}
	r.faults = strings.Join(faults, ";")
	text := raceManifests(1+draws.IntN(6), draws.IntN(3), draws.IntN(3))
	if err := os.WriteFile(filepath.Join(r.dir, "all.yaml"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	p, err := portal.Open(t.Context(), portal.Config{Faults: r.faults})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(p)
	t.Cleanup(func() { server.Close(); _ = p.Close() })
	r.url = server.URL + p.WebhookPath()
	return r
}

// raceManifests declares companies with requisites, and what refers to them.
func raceManifests(companies, items, quotes int) string {
	var s strings.Builder
	for i := range companies {
		fmt.Fprintf(&s, "---\napiVersion: b24apply/v1\nkind: Company\nmetadata: {name: c%d}\nspec:\n  fields: {title: C%d}\n", i, i)
		if i%2 == 0 {
			fmt.Fprintf(&s, "  requisites: [{preset: Organization, fields: {RQ_INN: \"77%08d\"}, bankDetails: [{fields: {RQ_IBAN: GB%d}}]}]\n", i, i)
		}
	}
	if items > 0 {
		s.WriteString("---\napiVersion: b24apply/v1\nkind: SPA\nmetadata: {name: site}\nspec: {title: Sites, isClientEnabled: Y}\n")
	}
	for i := range items {
		fmt.Fprintf(&s, "---\napiVersion: b24apply/v1\nkind: SPAItem\nmetadata: {name: s%d}\nspec: {type: site, fields: {title: S%d, companyId: {ref: company/c0}}}\n", i, i)
	}
	for i := range quotes {
		fmt.Fprintf(&s, "---\napiVersion: b24apply/v1\nkind: Quote\nmetadata: {name: q%d}\nspec: {fields: {title: Q%d, companyId: {ref: company/c0}}}\n", i, i)
	}
	return s.String()
}

func (r *race) run() {
	var ends [2]raceEnd
	var both sync.WaitGroup
	for i := range ends {
		both.Add(1)
		go func() {
			defer both.Done()
			time.Sleep(time.Duration(i) * r.offset)
			ends[i] = r.apply(r.homes[i])
		}()
	}
	both.Wait()
	time.Sleep(r.calm + 100*time.Millisecond)
	r.post("/__portal/faults", http.MethodDelete)
	records := r.records()
	r.checkNamed(records, ends)
	for i := range ends {
		r.checkTrue(i, ends[i])
	}
	r.checkMade(records, ends)
	if r.Failed() {
		r.Logf("one home %t, second run after %s, 60 s are %s, faults %s", r.shared, r.offset, r.settle, r.faults)
		for i := range ends {
			r.Logf("run %d: exit code %d, counts %v\n%s", i, ends[i].code, ends[i].report.Counts, tail(ends[i].stderr))
			for _, o := range ends[i].report.Items {
				r.Logf("  %s %s %d %s %s", o.Resource, o.Status, o.ID, o.Code, o.Error)
			}
		}
		r.Logf("records by mark: %v", records)
	}
}

func (r *race) command(home string, args ...string) (code int, stdout []byte, stderr string) {
	var out, errs bytes.Buffer
	e := env{stdin: strings.NewReader(""), stdout: &out, stderr: &errs, settle: r.settle,
		getenv: getter(map[string]string{planVariable: "box", stateVariable: home})}
	code = run(context.Background(), e, append(args, "-f", filepath.Join(r.dir, "all.yaml"), "-o", "json", "--portal", r.url))
	return code, out.Bytes(), errs.String()
}

func (r *race) apply(home string) (f raceEnd) {
	code, out, stderr := r.command(home, "apply", "--yes")
	f.code, f.stderr = code, stderr
	if err := json.Unmarshal(out, &f.report); err != nil {
		r.Errorf("exit code %d, and no report: %v\n%s\n%s", code, err, out, stderr)
	}
	return f
}

// records gives the ids of what carries a mark, by mark.
func (r *race) records() map[string][]int {
	marks := make(map[string][]int)
	note := func(resource string, row map[string]any) {
		id, _ := strconv.Atoi(fmt.Sprint(oneOf(row, "id", "ID")))
		marks[resource] = append(marks[resource], id)
	}
	for _, row := range r.list("crm.item.list", "items", map[string]any{"entityTypeId": 4, "select": []string{"id", "originatorId", "originId"}}) {
		note(fmt.Sprint("company/", row["originId"]), row)
	}
	for _, row := range r.list("crm.requisite.list", "", map[string]any{"select": []string{"ID", "ENTITY_ID", "XML_ID"}}) {
		note(fmt.Sprint("requisite of ", row["ENTITY_ID"], row["XML_ID"]), row)
	}
	for _, row := range r.list("crm.requisite.bankdetail.list", "", map[string]any{"select": []string{"ID", "ENTITY_ID", "XML_ID"}}) {
		note(fmt.Sprint("bank details of ", row["ENTITY_ID"], row["XML_ID"]), row)
	}
	for _, typ := range r.list("crm.type.list", "types", nil) {
		note(fmt.Sprint("spa/", typ["code"]), typ)
		for _, row := range r.list("crm.item.list", "items", map[string]any{"entityTypeId": typ["entityTypeId"], "select": []string{"id", "xmlId"}}) {
			note("site/"+strings.TrimPrefix(fmt.Sprint(row["xmlId"]), "b24apply:default:"), row)
		}
	}
	for _, row := range r.list("crm.item.list", "items", map[string]any{"entityTypeId": 7, "select": []string{"id", "uf*"}}) {
		for _, v := range row {
			if name, ok := strings.CutPrefix(fmt.Sprint(v), "b24apply:default:"); ok {
				note("quote/"+name, row)
			}
		}
	}
	return marks
}

func oneOf(row map[string]any, names ...string) any {
	for _, name := range names {
		if v, ok := row[name]; ok {
			return v
		}
	}
	return nil
}

// list reads a list of the portal as another program would; a page holds all of it.
func (r *race) list(method, key string, params map[string]any) (rows []map[string]any) {
	body, err := json.Marshal(params)
	if err != nil {
		r.Fatal(err)
	}
	response, err := http.Post(r.url+method, "application/json", bytes.NewReader(body))
	if err != nil {
		r.Fatal(err)
	}
	defer response.Body.Close()
	var answer struct{ Result json.RawMessage }
	if err := json.NewDecoder(response.Body).Decode(&answer); err != nil || response.StatusCode != http.StatusOK {
		r.Fatalf("%s: HTTP %d, %v", method, response.StatusCode, err)
	}
	if key != "" {
		var outer map[string]json.RawMessage
		if err := json.Unmarshal(answer.Result, &outer); err != nil {
			r.Fatalf("%s: %v", method, err)
		}
		answer.Result = outer[key]
	}
	decoder := json.NewDecoder(bytes.NewReader(answer.Result))
	decoder.UseNumber()
	if err := decoder.Decode(&rows); err != nil {
		r.Fatalf("%s: %v", method, err)
	}
	return rows
}

func (r *race) post(path, method string) {
	request, err := http.NewRequest(method, r.url[:strings.Index(r.url, "/rest/")]+path, nil)
	if err != nil {
		r.Fatal(err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		r.Fatal(err)
	}
	response.Body.Close()
}

// checkNamed looks whether each duplicate is named by a run or by the next plan. What lies
// in two types of one mark is named with them.
func (r *race) checkNamed(records map[string][]int, ends [2]raceEnd) {
	said := r.planned()
	for _, end := range ends {
		for _, o := range end.report.Items {
			if o.Code == "DOUBLE_MARK" {
				said = append(said, o.Error)
				said = append(said, o.Resource)
			}
		}
	}
	for mark, ids := range records {
		if len(ids) < 2 {
			continue
		}
		if strings.Contains(mark, " of ") {
			slices.Sort(ids)
			text := fmt.Sprintf("ids %s", strings.Trim(strings.ReplaceAll(fmt.Sprint(ids), " ", ", "), "[]"))
			if !slices.ContainsFunc(said, func(s string) bool { return strings.Contains(s, text) }) {
				r.Errorf("%s stands on %v, and nobody says so", mark, ids)
			}
		} else if !slices.Contains(said, mark) && !(strings.HasPrefix(mark, "site/") && slices.Contains(said, "spa/site")) {
			r.Errorf("%s stands on %v, and nobody says so", mark, ids)
		}
		if r.shared {
			r.Errorf("%s stands on %v, although one lock keeps the runs apart", mark, ids)
		}
	}
}

// planned gives what the next plan says of duplicates.
func (r *race) planned() (said []string) {
	_, out, stderr := r.command(r.homes[0], "plan")
	var plan struct {
		Changes []struct{ Address, Code, Reason string }
	}
	if err := json.Unmarshal(out, &plan); err != nil {
		r.Errorf("the next plan: %v\n%s", err, stderr)
	}
	for _, c := range plan.Changes {
		if c.Code == "DOUBLE_MARK" {
			said = append(said, c.Address, c.Reason)
		}
	}
	return said
}

// checkTrue looks whether a report agrees with itself and its exit code.
func (r *race) checkTrue(i int, end raceEnd) {
	total, well := 0, 0
	for status, n := range end.report.Counts {
		total += n
		if slices.Contains([]string{"succeeded", "unchanged", "kept"}, status) {
			well += n
		}
	}
	locked := strings.Contains(end.stderr, "another run is changing this portal")
	switch {
	case total != len(end.report.Items):
		r.Errorf("run %d: %d items, counts %v", i, len(end.report.Items), end.report.Counts)
	case locked:
		if end.code != exitHeld || !r.shared {
			r.Errorf("run %d: the lock is held, exit code %d, one home %t", i, end.code, r.shared)
		}
	case end.report.MetRun != (end.code == exitHeld):
		r.Errorf("run %d: exit code %d, met another run: %t", i, end.code, end.report.MetRun)
	case (end.code == exitDone) != (well == total):
		r.Errorf("run %d: exit code %d, counts %v", i, end.code, end.report.Counts)
	case !slices.Contains([]int{exitDone, exitItems, exitHeld}, end.code):
		r.Errorf("run %d: exit code %d", i, end.code)
	}
}

// checkMade looks whether what runs say that they have made is there, and that nothing
// is there which no run says that it may have made.
func (r *race) checkMade(records map[string][]int, ends [2]raceEnd) {
	makers := make(map[string]int)
	for i, end := range ends {
		for _, o := range end.report.Items {
			if strings.HasPrefix(o.Resource, "fields/") {
				continue
			}
			made := o.ID != 0 && slices.Contains([]string{"succeeded", "partial", "unchanged", "conflict"}, o.Status)
			if made && !slices.Contains(records[o.Resource], o.ID) {
				r.Errorf("run %d: %s is %s with id %d, and the portal has %v", i, o.Resource, o.Status, o.ID, records[o.Resource])
			}
			if made || o.Status == "unknown" {
				makers[o.Resource]++
			}
		}
	}
	for mark, ids := range records {
		if !strings.Contains(mark, " of ") && len(ids) > makers[mark] {
			r.Errorf("%s stands on %v, and %d runs say that they may have made it", mark, ids, makers[mark])
		}
	}
}
