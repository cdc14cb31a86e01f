package review

import (
	"github.com/b24apply/b24apply/internal/ui/words"
	"github.com/b24apply/b24apply/pkg/apply"
	"github.com/b24apply/b24apply/pkg/plan"
	"github.com/b24apply/b24apply/pkg/value"
)

// Options say how texts are given. The zero Options is English, with every text as it is.
type Options struct {
	Words *words.Catalogue // the reader's language; nil is English
	// Text is what every text of a plan passes on its way to people; nil lets it be.
	Text func(string) string
}

// A Review is what people see of a plan, or of a run. It belongs to one goroutine.
type Review struct {
	Options
	Plan   *plan.Plan
	Report *apply.Report // nil before a run
	Causes []*Cause      // what matters first
	Firsts []First       // what to look at first
	Kinds  []KindCount   // the most changed first
	Kept   []KeptCount   // differences that stay, since people own the field
	Counts map[plan.Action]int

	outcome func(int) *apply.Outcome // what became of a change; it gives nil before a run
	glance  *plan.Glance
	items   []item
	order   []int32 // the changes that are in causes, cause by cause
	tally   tally
}

// An item is what is kept of a change.
type item struct {
	group  *group // nil for what stays as it is
	amount float64
	weight float32 // of odd
	odd    oddity
	flags  Flag
	status uint8 // index in apply.Statuses, plus one; 0 before a run
}

// A Flag is something that badges and filters tell of a change.
type Flag uint8

// The flags.
const (
	Unusual Flag = 1 << iota // unlike its neighbours
	Lasting                  // undoing does not bring all of it back
	Anew                     // undoing creates it again, with another id
	May                      // automation of a stage may start
	Held                     // nothing is sent for it
	Alike                    // a record of the portal looks the same
)

// Of reviews a plan. The error is that of the plan's file.
func Of(p *plan.Plan, o Options) (*Review, error) {
	r := &Review{Options: o, Plan: p, Counts: p.Counts(), glance: p.Changes.Glance(), outcome: func(int) *apply.Outcome { return nil }}
	return r, r.fold()
}

// Ended reviews a run: its changes by what became of them. The error is that of the plan's file.
func Ended(report *apply.Report, o Options) (*Review, error) {
	p, at := planOf(report)
	r := &Review{Options: o, Plan: p, Report: report, Counts: p.Counts(), glance: p.Changes.Glance(), outcome: at}
	return r, r.fold()
}

// planOf gives the plan that a report is of, and what became of its changes. Outcomes that were
// given one by one say as much of their changes as they can.
func planOf(report *apply.Report) (*plan.Plan, func(int) *apply.Outcome) {
	if p := report.Items.Plan(); p != nil {
		return p, func(i int) *apply.Outcome { o := report.Items.At(i); return &o }
	}
	list := report.Items.List()
	changes := make([]plan.Change, len(list))
	for i, o := range list {
		changes[i] = plan.Change{Address: o.Resource, Kind: o.Kind, Action: o.Action, ID: o.ID, Source: o.Source}
	}
	p := &plan.Plan{Owner: report.Owner, Env: report.Env, Portal: report.Portal, Changes: plan.List(changes...)}
	return p, func(i int) *apply.Outcome { return &list[i] }
}

// Size is the number of changes that are in causes.
func (r *Review) Size() int { return len(r.order) }

// Members gives the changes of a cause, by their indexes: what is unusual first, then in plan
// order. The list is the review's.
func (r *Review) Members(c *Cause) []int32 { return r.order[c.from : c.from+c.Count] }

// A Row is one change as it is drawn.
type Row struct {
	Index   int
	Change  *plan.Change // good until the next row is read, but for its texts
	Outcome *apply.Outcome
	Cause   *Cause
	Name    string // its title, else its address
	ID      string
	File    string // where it is declared; "" where it is not
	Line    int
	Path    string        // of the page of its record; "" if there is none
	Cells   []Cell        // those of the columns of its cause
	Odd     value.Message // why it is unusual; zero if it is not
	Why     value.Message // why nothing is sent for it, or why it is deleted or adopted
	Flags   Flag
	Saved   Save // who saved last what it overwrites; empty if nobody asked
}

// A Save is who saved a record, and when.
type Save struct{ By, At string }

// Row reads one change, by its index. The error is that of the plan's file.
func (r *Review) Row(i int) (*Row, error) {
	c, err := r.glance.Change(i)
	if err != nil {
		return nil, err
	}
	it := &r.items[i]
	row := &Row{Index: i, Change: c, Cause: it.group.whole().cause, Name: r.name(c), ID: c.ID, File: r.Pass(c.Source.File), Line: c.Source.Line, Flags: it.flags, Odd: r.odd(it, c), Why: c.Reason.Message}
	if row.Outcome = r.outcome(i); row.Outcome != nil {
		row.ID = row.Outcome.ID
	}
	row.Path, row.Cells = c.Page(c.EntityTypeID, row.ID), r.cells(c, row.Cause)
	if c.Last != nil {
		row.Saved = Save{r.Show(c.Last.Saved.By), r.Pass(c.Last.Saved.At)}
	}
	return row, nil
}

// name is what people call what a change is about.
func (r *Review) name(c *plan.Change) string {
	if c.Title != "" {
		return r.Pass(c.Title)
	}
	return r.Pass(string(c.Address))
}

// Pass is a text on its way to people.
func (o *Options) Pass(text string) string {
	if o.Text == nil || text == "" {
		return text
	}
	return o.Text(text)
}

// Say is a message as people read it.
func (o *Options) Say(m value.Message) string { return o.Pass(o.Words.Text(m)) }

// Show is a value in one line as people read it; "" for none.
func (o *Options) Show(v value.Shown) string { return o.Pass(o.shown(v)) }

func (o *Options) shown(v value.Shown) string {
	if m := v.Says(); !m.IsZero() {
		return o.Words.Text(m)
	}
	if v.Part(value.PartDismissed).Text != "" {
		return o.Words.Text(value.Say("dismissed-user", value.T("name", v.Text), value.T("id", v.Part(value.PartID).Text)))
	}
	switch v.Style() {
	case value.Pointer:
		return v.Text + " (#" + v.Aside() + ")"
	case value.Number:
		return "#" + v.Text
	}
	if !v.IsList() {
		return v.String()
	}
	text := ""
	for i, item := range v.Items() {
		if i > 0 {
			text += ", "
		}
		text += o.shown(item)
	}
	return text
}
