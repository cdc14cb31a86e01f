package ui

import (
	"encoding/csv"
	"errors"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/b24apply/b24apply/pkg/apply"
	"github.com/b24apply/b24apply/pkg/plan"
	"github.com/b24apply/b24apply/pkg/value"
)

// The columns of CSV, one line an item. New ones come at the end.
var (
	reportColumns = []string{"resource", "kind", "action", "status", "id", "url", "code", "error", "field", "hint", "retryable", "timestamp", "attempts", "durationMs", "file", "line", "changes"}
	planColumns   = []string{"resource", "kind", "action", "id", "title", "code", "reason", "hint", "risk", "file", "line", "changes"}
)

// A sheet writes CSV as RFC 4180 has it, which no spreadsheet takes for anything but texts.
type sheet struct{ *csv.Writer }

func newSheet(w io.Writer, columns []string) sheet {
	s := sheet{csv.NewWriter(w)}
	s.UseCRLF = true
	_ = s.Write(columns) // the writer keeps its first error
	return s
}

// line writes an item.
func (s sheet) line(cells ...string) error {
	for i, cell := range cells {
		cells[i] = cellText(cell)
	}
	return s.Write(cells)
}

func (s sheet) end(err error) error {
	s.Flush()
	return errors.Join(err, s.Error())
}

// cellText makes a text harmless. A spreadsheet computes what begins like a formula, and with
// that fetches pages and starts programs; behind an apostrophe it is text.
// Source: https://owasp.org/www-community/attacks/CSV_Injection
func cellText(text string) string {
	text = Inert(text)
	if text != "" && strings.ContainsRune("=+-@\t\r\n＝＋－＠", firstRune(text)) {
		return "'" + text
	}
	return text
}

func firstRune(text string) rune {
	for _, r := range text {
		return r
	}
	return 0
}

// reportCSV writes a line for every item of a report.
func reportCSV(w io.Writer, r *apply.Report) error {
	s := newSheet(w, reportColumns)
	for i, o := range r.Items.Indexed() {
		c, err := changeOfItem(r, i)
		if err == nil {
			err = s.line(string(o.Resource), o.Kind, string(o.Action), string(o.Status), o.ID, o.URL, o.Code, Text(o.Error), o.Field, Text(o.Hint), strconv.FormatBool(o.Retryable),
				o.Timestamp.Format(time.RFC3339Nano), strconv.Itoa(o.Attempts), strconv.FormatInt(o.DurationMS, 10), o.Source.File, lineOf(o.Source), changesText(c))
		}
		if err != nil {
			return s.end(err)
		}
	}
	return s.end(nil)
}

// plannedCSV writes a line for every change of a plan.
func plannedCSV(w io.Writer, p *Planned) error {
	s := newSheet(w, planColumns)
	for c, err := range changesOfPlanned(p) {
		if err == nil {
			err = s.line(string(c.Address), c.Kind, string(c.Action), c.ID, c.Title, c.Reason.Code, Text(c.Reason.Message), Text(c.Reason.Hint), Text(c.Risk), c.Source.File, lineOf(c.Source), changesText(c))
		}
		if err != nil {
			return s.end(err)
		}
	}
	return s.end(nil)
}

func lineOf(at value.Pos) string {
	if at.Line == 0 {
		return ""
	}
	return strconv.Itoa(at.Line)
}

// changesText says on one line what becomes of each field of a change, as a plan does.
func changesText(c *plan.Change) string {
	if c == nil {
		return ""
	}
	parts := make([]string, len(c.Fields))
	for i, f := range c.Fields {
		parts[i] = Style{}.nameOfField(f) + ": " + strings.Join(Style{}.fieldLines(c, f, wholeLine), " ")
	}
	return strings.Join(parts, "; ")
}

// wholeLine is a width in which everything fits.
const wholeLine = 1 << 30
