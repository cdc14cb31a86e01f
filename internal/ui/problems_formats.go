package ui

import (
	"bufio"
	"io"
	"strconv"
	"time"

	"github.com/b24apply/b24apply/pkg/spec"
)

// A Checked is what manifests were found to be.
type Checked struct {
	Problems spec.Problems
	Sets     []*spec.RecordSet // of tables; JSON counts their rows
	Files    []string          // that were read; nil where problems kept them from being known
	Tool     string            // the version of the program
	At       time.Time
}

// A problemFormat is one form in which problems are printed for other programs.
type problemFormat struct {
	name  string
	write func(*Door, *Checked) error
}

// problemFormats is never changed after it is built. A new format is a row here, and a file of its
// own. Each is written also where there is no problem.
var problemFormats = []problemFormat{
	{"json", func(d *Door, c *Checked) error { return ProblemsJSON(d, c.Problems, c.Sets...) }},
	{"sarif", problemsSARIF},
	{"junit", problemsJUnit},
	{"github", problemsGitHub},
}

// ProblemFormats are the names of the formats that ProblemsAs knows.
func ProblemFormats() []string {
	var names []string
	for _, f := range problemFormats {
		names = append(names, f.name)
	}
	return names
}

// ProblemsAs writes problems in a format, in English. It does nothing for a name that is none of
// ProblemFormats. The error is the writer's.
func ProblemsAs(d *Door, name string, c *Checked) error {
	for _, f := range problemFormats {
		if f.name == name {
			return f.write(d, c)
		}
	}
	return nil
}

// fileClass is the class of test cases that are files.
const fileClass = "manifest"

// problemsJUnit writes a case for each problem, and one for each file without an error: an error is a
// failure, a warning is skipped.
func problemsJUnit(d *Door, c *Checked) error {
	found := Style{}.inWords(c.Problems)
	failed := make(map[string]bool)
	s := suite{name: "validate", at: c.At, count: make(map[verdict]int)}
	for _, p := range found {
		s.count[verdictOf(&p)]++
		failed[p.File] = failed[p.File] || p.Severity == spec.SeverityError
	}
	var clean []string
	for _, file := range c.Files {
		if !failed[file] {
			clean = append(clean, file)
		}
	}
	s.count[casePassed] = len(clean)
	j := junit{bufio.NewWriter(d)}
	j.begin("validate", &s, nil)
	for _, file := range clean {
		j.add(&testCase{class: fileClass, name: file})
	}
	for _, p := range found {
		t := testCase{class: fileClass, name: p.Pos.String() + " " + p.Rule, source: p.Pos, verdict: verdictOf(&p), kind: p.Rule, said: p.Message}
		t.lines("hint", p.Hint)
		j.add(&t)
	}
	return j.end()
}

func verdictOf(p *problem) verdict {
	if p.Severity == spec.SeverityError {
		return caseFailed
	}
	return caseSkipped
}

// problemsGitHub writes a command to GitHub's runner for each problem, which shows it beside the line in
// a pull request.
// Source: https://docs.github.com/actions/reference/workflow-commands-for-github-actions
func problemsGitHub(d *Door, c *Checked) error {
	found := Style{}.inWords(c.Problems)
	for _, p := range found {
		a := Annotation{Level: string(p.Severity), Title: p.Rule, Message: p.Message}
		if p.Hint != "" {
			a.Message += "\nhint: " + p.Hint
		}
		if p.File != "" {
			a.add("file", p.File)
		}
		if p.Line > 0 {
			a.add("line", strconv.Itoa(p.Line))
		}
		if p.Line > 0 && p.Col > 0 {
			a.add("col", strconv.Itoa(p.Col))
			a.add("endColumn", strconv.Itoa(p.Col+max(1, p.Width)))
		}
		if err := d.Annotate(&a); err != nil {
			return err
		}
	}
	if len(found) == 0 {
		return nil
	}
	_, err := io.WriteString(d, Style{}.totals(found)+"\n")
	return err
}
