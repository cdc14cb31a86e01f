package ui

import (
	"io"
	"slices"
	"strings"

	"github.com/b24apply/b24apply/pkg/value"
)

// A CheckStatus says how a check of the doctor ended.
type CheckStatus string

// The statuses of a check.
const (
	CheckOK   CheckStatus = "ok"
	CheckInfo CheckStatus = "info" // worth knowing, or not to be found out; nothing to do
	CheckWarn CheckStatus = "warn" // the tool works, but less well or less surely
	CheckFail CheckStatus = "fail" // the tool cannot work
	CheckSkip CheckStatus = "skip" // not checked, since what it builds on failed
)

// CheckStatuses lists the statuses, the good ones first.
var CheckStatuses = []CheckStatus{CheckOK, CheckInfo, CheckWarn, CheckFail, CheckSkip}

// A Check is one finding about the way to a portal. One check can have several.
type Check struct {
	Name    value.Message
	Status  CheckStatus
	Message value.Message // text of the portal may be in it
	Hint    value.Message // what to do; zero where there is nothing to do
}

// checkWords are the words for the statuses.
var checkWords = map[CheckStatus]string{CheckOK: "check-ok", CheckInfo: "check-info", CheckWarn: "check-warn", CheckFail: "check-fail", CheckSkip: "check-skip"}

// checkColours are the looks of the statuses.
var checkColours = map[CheckStatus]colour{CheckOK: green, CheckInfo: cyan, CheckWarn: yellow, CheckFail: red, CheckSkip: grey}

// Doctor writes one line a check with its remedy below, and a summary. Checks in a
// row that were skipped for one reason share a line. The error is the writer's.
func Doctor(w io.Writer, portal string, checks []Check, s Style) error {
	p := newPrinter(w, s)
	if portal != "" {
		p.line("%s\n", p.say("doctor-of-portal", value.T("portal", clean(portal))))
	}
	rows := mergeSkipped(checks)
	width := 0
	for _, c := range rows {
		width = max(width, columns(p.Text(c.Name)))
	}
	for _, c := range rows {
		p.check(c, width)
	}
	p.line("\n%s", s.checkSummary(checks))
	return p.flush()
}

// checkWidth is the columns of the widest status and the gap after it.
func (s Style) checkWidth() int {
	width := 0
	for _, word := range checkWords {
		width = max(width, columns(s.say(word)))
	}
	return width + 2
}

func (p *printer) check(c Check, width int) {
	statusWidth := p.checkWidth()
	indent := statusWidth + width + 2
	lines := p.folded(p.Text(c.Message), indent)
	if !c.Hint.IsZero() {
		lines = append(lines, p.folded(p.say("check-do", value.M("hint", c.Hint)), indent)...)
	}
	for i, line := range lines {
		if i == 0 {
			p.line("%s%s  %s", p.paint(checkColours[c.Status], padded(p.say(checkWords[c.Status]), statusWidth)), padded(clean(p.Text(c.Name)), width), line)
			continue
		}
		p.line("%s%s", strings.Repeat(" ", indent), line)
	}
}

// folded breaks text between words so that it fits beside an indent. Only the width
// of a screen counts: other programs read a line more easily than a paragraph.
func (p *printer) folded(text string, indent int) []string {
	text = oneLine(text)
	if p.Width == 0 {
		return []string{text}
	}
	room := max(p.width()-indent, minWidth/2)
	var lines []string
	line := ""
	for word := range strings.FieldsSeq(text) {
		switch {
		case line == "":
			line = word
		case columns(line)+1+columns(word) > room:
			lines = append(lines, line)
			line = word
		default:
			line += " " + word
		}
	}
	return append(lines, line)
}

// mergeSkipped joins skipped checks in a row that have one message.
func mergeSkipped(checks []Check) []Check {
	var rows []Check
	for i := 0; i < len(checks); {
		c := checks[i]
		end := i + 1
		for c.Status == CheckSkip && end < len(checks) && checks[end].Status == CheckSkip && checks[end].Message.Equal(c.Message) {
			end++
		}
		if n := end - i; n > 1 {
			var names []value.Message
			for _, skipped := range checks[i:end] {
				names = append(names, skipped.Name)
			}
			c.Name = value.Say("so-many-checks", value.N("n", n))
			c.Message = value.Say("skipped-checks", value.M("why", c.Message), value.Ms("names", slices.CompactFunc(names, value.Message.Equal)))
		}
		rows = append(rows, c)
		i = end
	}
	return rows
}

// checkSummary counts what the reader has to do.
func (s Style) checkSummary(checks []Check) string {
	counts := countChecks(checks)
	failed, warnings := value.N("n", counts[CheckFail]), value.N("n", counts[CheckWarn])
	var parts []value.Message
	switch {
	case counts[CheckFail] > 0 && counts[CheckWarn] > 0:
		parts = append(parts, value.Say("so-many-checks-failed", failed), value.Say("so-many-warnings", warnings))
	case counts[CheckFail] > 0:
		parts = append(parts, value.Say("so-many-checks-failed", failed))
	case counts[CheckWarn] > 0:
		parts = append(parts, value.Say("ready-with-warnings", warnings))
	default:
		parts = append(parts, value.Say("ready"))
	}
	if n := counts[CheckSkip]; n > 0 {
		parts = append(parts, value.Say("so-many-not-checked", value.N("n", n)))
	}
	return s.say("doctor-ends", value.Ms("parts", parts))
}

func countChecks(checks []Check) map[CheckStatus]int {
	counts := make(map[CheckStatus]int)
	for _, c := range checks {
		counts[c.Status]++
	}
	return counts
}

// DoctorJSON writes {"portal", "counts", "checks"}, every check on its own, skipped
// ones included. The error is the writer's.
func DoctorJSON(w io.Writer, portal string, checks []Check) error {
	head := struct {
		Portal string              `json:"portal"`
		Counts map[CheckStatus]int `json:"counts"`
		Checks []checkDocument     `json:"checks"`
	}{portal, everyCount(CheckStatuses, countChecks(checks)), []checkDocument{}}
	return writeDocument(w, head, each(checks, func(c *Check) any {
		return checkDocument{Text(c.Name), c.Status, Text(c.Message), Text(c.Hint)}
	}))
}

// A checkDocument is a check for other programs.
type checkDocument struct {
	Name    string      `json:"check"`
	Status  CheckStatus `json:"status"`
	Message string      `json:"message"`
	Hint    string      `json:"hint,omitempty"`
}
