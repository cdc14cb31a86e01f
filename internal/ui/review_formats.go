package ui

import (
	"io"

	"github.com/b24apply/b24apply/internal/ui/html"
	"github.com/b24apply/b24apply/internal/ui/markdown"
	"github.com/b24apply/b24apply/internal/ui/review"
	"github.com/b24apply/b24apply/internal/ui/words"
	"github.com/b24apply/b24apply/pkg/apply"
	"github.com/b24apply/b24apply/pkg/plan"
)

// seenThrough is how texts reach people through a writer: in the language of a door, and without
// the secrets that it keeps. Where text is packed or cut, the door would not know them any more.
func seenThrough(w io.Writer) review.Options {
	d, ok := w.(*Door)
	if !ok {
		return review.Options{}
	}
	return review.Options{Words: d.Style().Words, Text: d.secrets.Hide}
}

// languageOf names the language of a catalogue, as HTML does.
func languageOf(c *words.Catalogue) string {
	for _, name := range Languages {
		if known, _ := words.In(name); known == c {
			return name
		}
	}
	return Languages[0]
}

// reviewOf reviews a plan; without one nothing is planned.
func reviewOf(w io.Writer, p *Planned) (*review.Review, error) {
	made := p.Plan
	if made == nil {
		made = &plan.Plan{Changes: plan.List()}
	}
	return review.Of(made, seenThrough(w))
}

// plannedHTML writes the page of a plan.
func plannedHTML(w io.Writer, p *Planned) error {
	r, err := reviewOf(w, p)
	if err != nil {
		return err
	}
	page := &html.Page{Review: r, Lang: languageOf(r.Words), Made: p.Made, Expires: p.Expires, Commit: p.Commit, File: p.File, Masked: p.Masked, Error: p.Error, Hint: p.Hint}
	if page.Made.IsZero() {
		page.Made = p.Finished
	}
	return html.Write(w, page)
}

// reportHTML writes the page of a run.
func reportHTML(w io.Writer, report *apply.Report) error {
	r, err := review.Ended(report, seenThrough(w))
	if err != nil {
		return err
	}
	return html.Write(w, &html.Page{Review: r, Lang: languageOf(r.Words), Error: report.Error, Hint: report.Hint})
}

// plannedMarkdown writes the comment of a plan.
func plannedMarkdown(w io.Writer, p *Planned) error {
	r, err := reviewOf(w, p)
	if err != nil {
		return err
	}
	return markdown.Write(w, &markdown.Comment{Review: r, Expires: p.Expires, File: p.File, Masked: p.Masked, Error: p.Error, Hint: p.Hint})
}

// reportMarkdown writes the comment of a run.
func reportMarkdown(w io.Writer, report *apply.Report) error {
	r, err := review.Ended(report, seenThrough(w))
	if err != nil {
		return err
	}
	return markdown.Write(w, &markdown.Comment{Review: r, Error: report.Error, Hint: report.Hint})
}
