package ui

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"encoding/xml"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/b24apply/b24apply/pkg/apply"
	"github.com/b24apply/b24apply/pkg/plan"
	"github.com/b24apply/b24apply/pkg/value"
)

// asFile renders what a file of a report holds.
func asFile(t testing.TB, write func(io.Writer) error) string {
	t.Helper()
	var b bytes.Buffer
	d := fileDoor(&b, Style{}, nil)
	if err := write(d); err != nil {
		t.Fatal(err)
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// unread is what nobody reads of a page: its style, its script and what is packed for that.
var unread = regexp.MustCompile(`(?s)<style>.*?</style>|<script>.*?</script>|<script type="application/json".*?</script>|'sha256-[^']*'`)

// readable is a file without what nobody reads.
func readable(text string) string { return unread.ReplaceAllString(text, "…") }

func planned() *Planned {
	return &Planned{Command: "plan", Plan: story(), ExitCode: 3, Finished: time.Date(2026, 11, 22, 9, 30, 0, 0, time.UTC)}
}

// A new format is a row: every row can write both a plan and a report, or is of events.
func TestEveryFormatWritesPlansAndReports(t *testing.T) {
	for _, f := range formats {
		if f.streams == (f.plan != nil) || f.streams == (f.report != nil) {
			t.Errorf("%s is half a format", f.ext)
		}
		if f.streams {
			continue
		}
		golden(t, "plan_file"+f.ext, readable(asFile(t, func(w io.Writer) error { return f.plan(w, planned()) })))
		golden(t, "report_file"+f.ext, readable(asFile(t, func(w io.Writer) error { return f.report(w, ended()) })))
		none := asFile(t, func(w io.Writer) error {
			return f.plan(w, &Planned{Command: "plan", ExitCode: 1, Error: value.Verbatim("no way"), Hint: value.Verbatim("go back")})
		})
		if f.ext != ".csv" && (!strings.Contains(none, "no way") || !strings.Contains(none, "go back")) {
			t.Errorf("%s does not say why there is no plan:\n%s", f.ext, none)
		}
	}
}

// What is read back is what was written, but for what is inert; lines end as RFC 4180 says; and
// no cell begins like a formula.
func TestCellsAreTextsForEverySpreadsheet(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		cell := rapid.OneOf(rapid.String(), rapid.Custom(func(t *rapid.T) string {
			return rapid.SampledFrom([]string{"=", "+", "-", "@", "\t", "\r", "\n", "'", `"`, ",", "＝", "##[", "::"}).Draw(t, "start") + rapid.String().Draw(t, "rest")
		}))
		cells := rapid.SliceOfN(cell, 2, 4).Draw(rt, "cells")
		columns := slices.Repeat([]string{"c"}, len(cells))
		text := asFile(t, func(w io.Writer) error {
			s := newSheet(w, columns)
			return s.end(s.line(slices.Clone(cells)...))
		})
		if bare := strings.ReplaceAll(text, "\r\n", ""); strings.ContainsAny(bare, "\r\x00\x1b") || !strings.HasSuffix(text, "\r\n") {
			rt.Fatalf("%q", text)
		}
		rows, err := csv.NewReader(strings.NewReader(text)).ReadAll()
		if err != nil || len(rows) != 2 {
			rt.Fatalf("%v: %q", err, text)
		}
		for i, got := range rows[1] {
			if got != "" && strings.ContainsRune("=+-@\t\r\n＝＋－＠", firstRune(got)) {
				rt.Errorf("%q begins like a formula", got)
			}
			if want := strings.ReplaceAll(Inert(cells[i]), "\r\n", "\n"); got != want && got != "'"+want && Inert(got) == got {
				rt.Errorf("%q became %q", cells[i], got)
			}
		}
	})
}

// Whatever stands in a text, the document is one, and has a case for every item.
func TestJUnitIsXMLWhateverItHolds(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		text := rapid.StringOf(rapid.OneOf(rapid.Rune(), rapid.SampledFrom([]rune{0, 1, '\v', 0x1b, '<', '&', '"', ']', 0xfffe, 0xffff, 0x202e})))
		status := rapid.SampledFrom(apply.Statuses)
		r := &apply.Report{Owner: text.Draw(rt, "owner"), Counts: map[apply.Status]int{}}
		var items []apply.Outcome
		for range rapid.IntRange(0, 4).Draw(rt, "items") {
			o := apply.Outcome{Resource: value.Address(text.Draw(rt, "resource")), Status: status.Draw(rt, "status"), Code: text.Draw(rt, "code"), Error: value.Verbatim(text.Draw(rt, "error")), Hint: value.Verbatim(text.Draw(rt, "hint"))}
			items = append(items, o)
			if r.Counts[o.Status]++; o.Status != apply.Succeeded && o.Status != apply.Unchanged && o.Status != apply.Kept {
				r.ExitCode = 3
			}
		}
		r.Items = apply.ListOutcomes(items...)
		file := asFile(t, func(w io.Writer) error { return reportJUnit(w, r) })
		d := xml.NewDecoder(strings.NewReader(file))
		count := map[string]int{}
		for {
			token, err := d.Token()
			if err == io.EOF {
				break
			}
			if err != nil {
				rt.Fatalf("%v:\n%s", err, file)
			}
			if e, ok := token.(xml.StartElement); ok {
				count[e.Name.Local]++
			}
		}
		wrong := count["failure"] + count["error"]
		if n := count["testcase"]; n < len(items) || n > len(items)+1 || (wrong > 0) != (r.ExitCode != 0) {
			rt.Errorf("%v for %d items and exit code %d:\n%s", count, len(items), r.ExitCode, file)
		}
	})
}

// eventsIn reads a file of events.
func eventsIn(t *testing.T, path string) (all []map[string]any) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		var e map[string]any
		if err := json.Unmarshal([]byte(line), &e); err != nil || e["run"] != "r1" || e["time"] == nil {
			t.Errorf("%v: %s", err, line)
		}
		all = append(all, e)
	}
	return all
}

func typesOf(events []map[string]any) (out []string) {
	for _, e := range events {
		out = append(out, e["type"].(string))
	}
	return out
}

// Each event is in the file when it has been told, every item is told once, and what became of
// it last is told again; no secret is in it.
func TestEventsAreThereAsSoonAsTheyAreTold(t *testing.T) {
	path := filepath.Join(t.TempDir(), "r.ndjson")
	var secrets Secrets
	secrets.Add("s3cr3t-token")
	reports, err := OpenReports([]string{path}, "r1", &secrets)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := OpenReports([]string{path}, "r2", nil); err == nil {
		t.Error("a file that is there was taken")
	}
	e, p := reports.Events, story()
	steps := []func(){
		func() { e.Started("apply", "v1") },
		func() { e.Planned(p) },
		func() {
			e.Outcome(p, 1, apply.Outcome{Resource: "deal/a", Status: apply.Succeeded, Error: value.Verbatim("s3cr3t-token")})
		},
		func() { e.Waiting(time.Minute, value.Verbatim("for a method")) },
		func() { e.Outage("p", time.Now(), time.Now(), value.Verbatim("reset"), false) },
		func() { e.Progress(Progress{Done: 1, Limit: &Limit{By: "pace"}}) },
	}
	for i, step := range steps {
		if step(); len(eventsIn(t, path)) != i+1 {
			t.Fatalf("event %d is not there", i+1)
		}
	}
	r := ended()
	if err := reports.Report(r); err != nil {
		t.Fatal(err)
	}
	all := eventsIn(t, path)
	want := append([]string{"run-started", "planned", "item", "waiting", "outage", "progress"}, slices.Repeat([]string{"item"}, r.Items.Len())...)
	if d := cmp.Diff(append(want, "run-ended"), typesOf(all)); d != "" {
		t.Error(d)
	}
	if all[2]["error"] != "***" || all[2]["fields"] == nil {
		t.Errorf("%v", all[2])
	}
	if err := reports.Report(r); err != nil || len(eventsIn(t, path)) != len(all) {
		t.Errorf("it ended twice: %v", err)
	}
}

// What cannot be written is told at the end, and keeps nothing else from being written.
func TestOneFileThatCannotBeWrittenKeepsNoOtherFromIt(t *testing.T) {
	dir := t.TempDir()
	gone, good := filepath.Join(dir, "gone", "r.json"), filepath.Join(dir, "r.txt")
	reports, err := OpenReports([]string{gone, good}, "r1", nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := reports.Report(ended()); err == nil || !strings.Contains(err.Error(), gone) {
		t.Errorf("%v, want the name of the file", err)
	}
	if _, err := os.Stat(good); err != nil {
		t.Error(err)
	}
	if (*Reports)(nil).Report(ended()) != nil || (*Reports)(nil).Any() {
		t.Error("no files are none")
	}
}

// Who plans is told every change.
func TestEventsOfAPlanAreItsChanges(t *testing.T) {
	path := filepath.Join(t.TempDir(), "r.ndjson")
	reports, err := OpenReports([]string{path}, "r1", nil)
	if err != nil {
		t.Fatal(err)
	}
	p := planned()
	if err := reports.Planned(p); err != nil {
		t.Fatal(err)
	}
	all := eventsIn(t, path)
	want := append([]string{"planned"}, slices.Repeat([]string{"change"}, len(changesIn(p.Plan)))...)
	if d := cmp.Diff(append(want, "run-ended"), typesOf(all)); d != "" || all[len(all)-1]["exitCode"] != 3.0 {
		t.Errorf("%s: %v", d, all[len(all)-1])
	}
}

// How far a run is, and what binds, is one line.
func TestProgressSaysWhatBinds(t *testing.T) {
	until := time.Date(2026, 11, 22, 9, 40, 0, 0, time.Local)
	for want, p := range map[string]Progress{
		"5 of 1000 done, 1 not well, 0.5 a second, time left not known yet":                                                              {Done: 5, Total: 1000, Wrong: 1, PerSecond: 0.5},
		"5 of 10 done, 0 not well, 12 a second, time left not known yet; as fast as the portal answers":                                  {Done: 5, Total: 10, PerSecond: 12.3, Limit: &Limit{By: "concurrency"}},
		"5 of 10 done, 0 not well, 12 a second, time left not known yet; as fast as the portal lets requests come":                       {Done: 5, Total: 10, PerSecond: 12.3, Limit: &Limit{By: "pace"}},
		"5 of 10 done, 0 not well, 12 a second, time left not known yet; crm.item.add has used up its time on the portal until 09:40:00": {Done: 5, Total: 10, PerSecond: 12.3, Limit: &Limit{By: "operating-time", Method: "crm.item.add", Until: &until}},
		"5 of 10 done, 0 not well, 12 a second, time left not known yet; waiting for the portal, until 09:40:00 at most":                 {Done: 5, Total: 10, PerSecond: 12.3, Limit: &Limit{By: "portal-away", Until: &until}},
	} {
		if got := english.ProgressLine(p); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	left := 90.0
	if got := english.ProgressLine(Progress{Done: 5, Total: 10, PerSecond: 1, Left: &left}); !strings.Contains(got, "about 1m30s left, until ") {
		t.Errorf("got %q", got)
	}
}

// The values of a change stand in one cell.
func TestChangesAreOneCell(t *testing.T) {
	c := &plan.Change{Action: plan.Update, Fields: []plan.Field{
		{Name: "title", Type: value.Type{Name: "string"}, Before: value.Shown{Text: "A"}, After: value.Shown{Text: "B"}},
		{Name: "comments", Type: value.Type{Name: "string"}, Before: value.Shown{Text: "old"}},
	}}
	if got, want := changesText(c), `title: A → B; comments: old → (empty)`; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
