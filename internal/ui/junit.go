package ui

import (
	"bufio"
	"encoding/xml"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/b24apply/b24apply/pkg/apply"
	"github.com/b24apply/b24apply/pkg/plan"
	"github.com/b24apply/b24apply/pkg/value"
)

// A junit writes a suite of test cases, one an item: what CI services make a page of. A case has
// failed or is an error, exactly if the exit code says that something is wrong.
// Source: https://github.com/testmoapp/junitxml
type junit struct{ out *bufio.Writer }

// A verdict is how an item stands in JUnit.
type verdict string

// The verdicts.
const (
	casePassed  verdict = ""
	caseFailed  verdict = "failure"
	caseError   verdict = "error"
	caseSkipped verdict = "skipped"
)

// caseKind is the class of the case of the run itself.
const caseKind = "b24apply"

// verdicts are how an item ended: what the portal or the plan refused is a failure, what nobody
// knows is an error, and what was not tried is skipped.
var verdicts = map[apply.Status]verdict{
	apply.Succeeded: casePassed, apply.Unchanged: casePassed, apply.Kept: casePassed,
	apply.Failed: caseFailed, apply.Partial: caseFailed, apply.Conflict: caseFailed,
	apply.Unknown: caseError, apply.Blocked: caseSkipped, apply.NotAttempted: caseSkipped,
}

// A testCase is one item.
type testCase struct {
	class, name string
	took        time.Duration
	source      value.Pos
	verdict     verdict
	kind        string // the code
	said        string
	rest        []string // lines below
}

// A suite is what stands before the cases.
type suite struct {
	name       string
	at         time.Time
	took       time.Duration
	count      map[verdict]int
	properties [][2]string
}

func reportJUnit(w io.Writer, r *apply.Report) error {
	j := junit{bufio.NewWriter(w)}
	s := suite{name: Style{}.place(r.Owner, r.Portal, r.Env), at: r.Started, took: r.Finished.Sub(r.Started), count: make(map[verdict]int),
		properties: [][2]string{{"run", r.Run}, {"owner", r.Owner}, {"portal", r.Portal}, {"environment", r.Env}, {"exitCode", strconv.Itoa(r.ExitCode)}, {"requests", strconv.Itoa(r.Requests)}}}
	for _, status := range apply.Statuses {
		s.count[verdicts[status]] += r.Counts[status]
	}
	s.count[caseSkipped] += len(r.Earlier)
	ran := runCase(r.ExitCode, r.ExitCode == exitDone || s.count[caseFailed]+s.count[caseError] > 0, r.Error, r.Hint)
	j.begin("apply", &s, ran)
	for _, told := range r.Earlier {
		j.add(&testCase{class: caseKind, name: "earlier", verdict: caseSkipped, said: Text(told)})
	}
	for o := range r.Items.All() {
		c := testCase{class: o.Kind, name: string(o.Resource), took: time.Duration(o.DurationMS) * time.Millisecond, source: o.Source, verdict: verdicts[o.Status], kind: o.Code, said: Text(o.Error)}
		if c.kind == "" {
			c.kind = string(o.Status)
		}
		c.rest = append(c.rest, string(o.Status)+" "+string(o.Action))
		c.lines("id", o.ID, "field", o.Field, "hint", Text(o.Hint), "record", o.URL)
		j.add(&c)
	}
	return j.end()
}

func plannedJUnit(w io.Writer, p *Planned) error {
	j := junit{bufio.NewWriter(w)}
	s := suite{name: p.Command, at: p.Finished, count: make(map[verdict]int), properties: [][2]string{{"exitCode", strconv.Itoa(p.ExitCode)}}}
	if p.Plan != nil {
		s.name = Style{}.place(p.Plan.Owner, p.Plan.Portal, p.Plan.Env)
		s.properties = append(s.properties, [2]string{"owner", p.Plan.Owner}, [2]string{"portal", p.Plan.Portal}, [2]string{"environment", p.Plan.Env}, [2]string{"digest", p.Plan.Digest})
		for action, n := range p.Plan.Counts() {
			if action == plan.Refuse {
				s.count[caseFailed] += n
				continue
			}
			s.count[casePassed] += n
		}
		s.count[casePassed] -= p.Plan.UnlistedCount()
	}
	fine := p.ExitCode == exitDone || p.ExitCode == exitPending
	j.begin(p.Command, &s, runCase(p.ExitCode, fine || p.Error.IsZero() && s.count[caseFailed] > 0, p.Error, p.Hint))
	for c, err := range changesOfPlanned(p) {
		if err != nil {
			return err
		}
		t := testCase{class: c.Kind, name: string(c.Address), source: c.Source}
		if c.Action == plan.Refuse {
			t.verdict, t.kind, t.said = caseFailed, c.Reason.Code, Text(c.Reason.Message)
			t.lines("hint", Text(c.Reason.Hint))
		}
		j.add(&t)
	}
	return j.end()
}

// The exit codes of which no case is wrong; see the table in README.
const (
	exitDone    = 0
	exitPending = 2
)

// runCase is the case of the run itself, nil if the items say all.
func runCase(code int, told bool, said, hint value.Message) *testCase {
	if told && said.IsZero() {
		return nil
	}
	c := &testCase{class: caseKind, name: "run", verdict: caseError, kind: "exit-code-" + strconv.Itoa(code), said: Text(said)}
	if c.said == "" {
		c.said = Text(value.Say("exit-code", value.N("code", code)))
	}
	c.lines("hint", Text(hint))
	return c
}

// lines adds what is known, by name.
func (c *testCase) lines(pairs ...string) {
	for i := 0; i < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			c.rest = append(c.rest, pairs[i]+": "+pairs[i+1])
		}
	}
}

// begin writes the suite, and the case of the run if there is one.
func (j *junit) begin(command string, s *suite, ran *testCase) {
	if ran != nil {
		s.count[ran.verdict]++
	}
	all := s.count[casePassed] + s.count[caseFailed] + s.count[caseError] + s.count[caseSkipped]
	counts := fmt.Sprintf(`tests="%d" failures="%d" errors="%d" skipped="%d" time="%.3f"`, all, s.count[caseFailed], s.count[caseError], s.count[caseSkipped], s.took.Seconds())
	j.text(`<?xml version="1.0" encoding="UTF-8"?>` + "\n" + `<testsuites name="b24apply ` + attribute(command) + `" ` + counts + ">\n")
	j.text(`  <testsuite name="` + attribute(s.name) + `" ` + counts + ` timestamp="` + s.at.UTC().Format("2006-01-02T15:04:05") + "\">\n    <properties>\n")
	for _, p := range s.properties {
		if p[1] != "" {
			j.text(`      <property name="` + attribute(p[0]) + `" value="` + attribute(p[1]) + "\"/>\n")
		}
	}
	j.text("    </properties>\n")
	if ran != nil {
		j.add(ran)
	}
}

// add writes a case.
func (j *junit) add(c *testCase) {
	j.text(fmt.Sprintf(`    <testcase classname="%s" name="%s" time="%.3f"`, attribute(c.class), attribute(c.name), c.took.Seconds()))
	if c.source.File != "" {
		j.text(fmt.Sprintf(` file="%s" line="%d"`, attribute(c.source.File), c.source.Line))
	}
	switch c.verdict {
	case casePassed:
		j.text("/>\n")
		return
	case caseSkipped:
		j.text(">\n      <skipped message=\"" + attribute(oneLine(strings.Join(append([]string{c.kind, c.said}, c.rest...), "\n"))) + "\"/>\n    </testcase>\n")
		return
	}
	j.text(">\n      <" + string(c.verdict) + ` message="` + attribute(oneLine(c.said)) + `" type="` + attribute(c.kind) + `">` + attribute(strings.Join(append([]string{c.said}, c.rest...), "\n")) + "</" + string(c.verdict) + ">\n    </testcase>\n")
}

func (j *junit) end() error {
	j.text("  </testsuite>\n</testsuites>\n")
	return j.out.Flush()
}

// text writes what is XML already. The buffer keeps the first error until it is flushed.
func (j *junit) text(s string) { _, _ = j.out.WriteString(s) }

// attribute escapes a text for XML. What XML cannot hold becomes U+FFFD.
func attribute(s string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(s)) // a builder has no errors
	return b.String()
}
