package ui

import (
	"errors"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/b24apply/b24apply/pkg/apply"
	"github.com/b24apply/b24apply/pkg/plan"
	"github.com/b24apply/b24apply/pkg/value"
)

// FormatVersion is that of the documents for other programs: [PlanJSON], [ReportJSON] and the
// events. It grows when a member goes or changes its meaning; new members may come without.
const FormatVersion = 1

// A Planned is what a command ends with that only plans, or shows a plan.
type Planned struct {
	Command  string // plan, show
	Run      string // names the command in events
	Plan     *plan.Plan
	Finished time.Time
	ExitCode int
	Error    value.Message // why there is no plan, or why nothing of it may be sent
	Hint     value.Message
	// What is known of a plan that is saved; zero for another one.
	Made, Expires time.Time
	Commit, File  string
	Masked        bool // see Mask
}

// A format is one form in which results are saved; the extension of a file's name chooses it.
type format struct {
	ext     string
	plan    func(io.Writer, *Planned) error
	report  func(io.Writer, *apply.Report) error
	streams bool // written as it happens, by Events
	// isComment says that it is made to be read by everybody who sees a repository.
	isComment bool
}

// formats is never changed after it is built. A new format is a row here, and a file of its own.
var formats = []format{
	{ext: ".txt", plan: plannedText, report: func(w io.Writer, r *apply.Report) error { return Report(w, r, Style{}) }},
	{ext: ".json", plan: PlannedJSON, report: ReportJSON},
	{ext: ".ndjson", streams: true},
	{ext: ".csv", plan: plannedCSV, report: reportCSV},
	{ext: ".xml", plan: plannedJUnit, report: reportJUnit},
	{ext: ".html", plan: plannedHTML, report: reportHTML},
	{ext: ".md", plan: plannedMarkdown, report: reportMarkdown, isComment: true},
}

// formatOf finds the format that the name of a file says.
func formatOf(path string) (format, error) {
	ext := strings.ToLower(filepath.Ext(path))
	var known []string
	for _, f := range formats {
		if f.ext == ext {
			return f, nil
		}
		known = append(known, f.ext)
	}
	slices.Sort(known)
	return format{}, value.Err("report-of-no-format", value.T("file", path), value.L("known", known))
}

// plannedText is what plan prints, and why the command has failed.
func plannedText(w io.Writer, p *Planned) error {
	var err error
	if p.Plan != nil {
		err = Plan(w, p.Plan, Style{})
	}
	if !p.Error.IsZero() {
		err = errors.Join(err, Message(w, p.Error, p.Hint, Style{}))
	}
	return err
}
