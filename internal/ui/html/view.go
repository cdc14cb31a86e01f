package html

import (
	"cmp"
	"html/template"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/b24apply/b24apply/internal/ui/review"
	"github.com/b24apply/b24apply/pkg/apply"
	"github.com/b24apply/b24apply/pkg/plan"
	"github.com/b24apply/b24apply/pkg/value"
)

// A view is what the template lays out.
type view struct {
	*review.Review
	Page               *Page
	CSS                template.CSS
	JS                 template.JS
	CSSHash, JSHash    string
	Lead, LeadMore     string
	Segments           []segment
	Bar                []segment
	Firsts             []first
	Causes             []*cause
	Reversal           string
	Omitted            []string
	Data               any
	Portal, Env, Owner string
}

// A segment is a part of the bar, and one of the numbers below it.
type segment struct {
	Class, Label, Filter string
	N                    int
	X, Width             string
}

// A first is what to look at first.
type first struct {
	review.First
	Head  string
	Means []string
	Rows  []*review.Row
}

// A cause is one cause with its samples.
type cause struct {
	*review.Cause
	Heading, Sentence, Label, Class string
	Samples                         []*review.Row
	Writers                         []string
	Strip                           *review.Cell
	Code, Hint                      string
	Short                           []*review.Column // those that stand in a table
}

// view makes what the template lays out, with so much left out.
func (p *Page) view(level int) (*view, error) {
	r := p.Review
	v := &view{Review: r, Page: p, CSS: template.CSS(style), JS: template.JS(script), CSSHash: hashOf(style), JSHash: hashOf(script),
		Portal: r.Say(placeOf(r.Plan.Portal)), Env: r.Pass(r.Plan.Env), Owner: r.Pass(r.Plan.Owner)}
	v.lead()
	v.segments()
	if err := v.firsts(); err != nil {
		return nil, err
	}
	for _, c := range r.Causes {
		one, err := v.cause(c)
		if err != nil {
			return nil, err
		}
		v.Causes = append(v.Causes, one)
	}
	v.reversal()
	packed, err := v.pack(level)
	if err != nil {
		return nil, err
	}
	v.Data = packed
	for _, m := range omitted(level) {
		v.Omitted = append(v.Omitted, r.Say(m))
	}
	return v, nil
}

func placeOf(portal string) value.Message {
	if portal == plan.PortalInABox {
		return value.Say("page-box")
	}
	return value.Verbatim(portal)
}

func (v *view) lead() {
	if v.Report != nil {
		done := v.Report.Counts[apply.Succeeded] + v.Report.Counts[apply.Unchanged] + v.Report.Counts[apply.Kept]
		n := v.Report.Items.Len()
		v.Lead = v.Say(value.Say("page-lead-run", value.N("done", done), value.N("n", n)))
		if done == n {
			v.Lead = v.Say(value.Say("page-lead-run-whole", value.N("n", n)))
		}
		return
	}
	n := v.Counts[plan.Create] + v.Counts[plan.Update] + v.Counts[plan.Adopt] + v.Counts[plan.Delete]
	v.Lead = v.Say(value.Say("page-lead", value.N("n", n)))
	if n == 0 {
		v.Lead = v.Say(value.Say("page-lead-none"))
	}
	v.LeadMore = v.Say(value.Say("page-lead-unchanged", value.N("n", v.Counts[plan.NoOp])))
}

// actions are those of a plan in the order of the bar.
var actions = []plan.Action{plan.Delete, plan.Refuse, plan.Create, plan.Adopt, plan.Update}

// statuses are those of a report in the order of the bar.
var statuses = []apply.Status{apply.Failed, apply.Unknown, apply.Partial, apply.Conflict, apply.Blocked, apply.NotAttempted, apply.Succeeded}

func (v *view) segments() {
	if v.Report == nil {
		for _, a := range actions {
			v.segment(segment{Class: string(a), Label: v.T("page-" + string(a)), Filter: "action=" + string(a), N: v.Counts[a]})
		}
	} else {
		counts := make(map[apply.Status]int)
		for _, c := range v.Review.Causes {
			counts[c.Status] += c.Count
		}
		for _, s := range statuses {
			v.segment(segment{Class: "s-" + string(s), Label: v.status(s), Filter: "status=" + string(s), N: counts[s]})
		}
	}
	v.layOut()
}

func (v *view) segment(s segment) {
	if s.N > 0 {
		v.Segments = append(v.Segments, s)
	}
}

// thin is the width below which a part of the bar would not be seen, of 1000.
const thin = 12

// layOut gives every part of the bar its place: as wide as its share, but for what would be too thin.
func (v *view) layOut() {
	all, rest, large := 0, 1000.0, 0
	for _, s := range v.Segments {
		all += s.N
	}
	for i := range v.Segments {
		if s := &v.Segments[i]; s.N*1000 < thin*all {
			rest -= thin
		} else {
			large += s.N
		}
	}
	x := 0.0
	for i := range v.Segments {
		s := &v.Segments[i]
		width := float64(thin)
		if s.N*1000 >= thin*all {
			width = rest * float64(s.N) / float64(large)
		}
		gap := 2.0
		if i == len(v.Segments)-1 {
			gap = 0
		}
		s.X, s.Width = decimals(x), decimals(max(width-gap, 1))
		x += width
	}
}

func decimals(f float64) string { return strconv.FormatFloat(f, 'f', 1, 64) }

func (v *view) rows(items []int) ([]*review.Row, error) {
	var out []*review.Row
	for _, i := range items {
		row, err := v.Row(i)
		if err != nil {
			return nil, err
		}
		out = append(out, row)
	}
	return out, nil
}

func (v *view) firsts() error {
	for _, f := range v.Review.Firsts {
		rows, err := v.rows(f.Items)
		if err != nil {
			return err
		}
		one := first{First: f, Head: v.Say(f.Head), Rows: rows}
		for _, m := range f.Means {
			one.Means = append(one.Means, v.Say(m))
		}
		v.Firsts = append(v.Firsts, one)
	}
	return nil
}

func (v *view) cause(c *review.Cause) (*cause, error) {
	rows, err := v.rows(c.Samples)
	if err != nil {
		return nil, err
	}
	out := &cause{Cause: c, Heading: v.Heading(c.Facts()), Sentence: v.Say(v.Sentence(c)), Samples: rows, Writers: v.Review.Writers(c), Label: v.T("page-" + string(c.Action)), Class: string(c.Action)}
	if c.Status != "" && c.Status != apply.Succeeded {
		out.Label, out.Class = v.status(c.Status), "s-"+string(c.Status)
	}
	out.Code, out.Hint = v.Pass(c.Facts().Reason.Code), v.Say(c.Facts().Reason.Hint)
	if o := c.Outcome(); o != nil {
		out.Code, out.Hint = v.Pass(o.Code), v.Say(o.Hint)
	}
	if len(rows) > 0 && len(c.Columns) == 1 && c.Columns[0].Shape == review.Stage && c.Constant() && len(rows[0].Cells[0].Strip) > 0 && c.Action == plan.Update {
		out.Strip = &rows[0].Cells[0]
	}
	for _, x := range c.Columns {
		if x.Name != "title" && len(out.Short) < shortColumns {
			out.Short = append(out.Short, x)
		}
	}
	return out, nil
}

// shortColumns is how many fields a table of samples has.
const shortColumns = 6

// InTable are the cells of a row that stand in a table of samples.
func (c *cause) InTable(row *review.Row) (out []review.Cell) {
	for _, x := range c.Short {
		i := slices.Index(c.Columns, x)
		out = append(out, row.Cells[i])
	}
	return out
}

// Layout says how samples are laid out: in a table of their fields, by name alone, as a table of
// before and after, or one below another.
func (c *cause) Layout() string {
	switch {
	case len(c.Columns) == 0:
		return "names"
	case c.Action == plan.Create || c.Action == plan.Delete:
		return "table"
	case c.Constant():
		return "names"
	case len(c.Columns) == 1 && slices.Contains([]review.Shape{review.Plain, review.Money, review.User, review.Stage}, c.Columns[0].Shape):
		return "pairs"
	}
	return "whole"
}

// Anchor names the cause in the page.
func (c *cause) Anchor() string { return "c" + strconv.Itoa(c.Index+1) }

func (v *view) reversal() {
	if v.Report != nil {
		return
	}
	whole, anew, lasting := 0, 0, 0
	for _, e := range v.Plan.Changes.Entries() {
		switch {
		case e.Lasting:
			lasting++
		case e.Anew:
			anew++
		case e.Writes():
			whole++
		}
	}
	v.Reversal = v.Say(value.Say("page-undo-parts", value.N("n", whole), value.N("anew", anew), value.N("lasting", lasting)))
}

// status is a status as people read it.
func (v *view) status(s apply.Status) string { return v.Say(value.Say("status-" + string(s))) }

// T is a label of the page, which [labels] has.
func (v *view) T(code string) string {
	if !slices.Contains(labels, code) {
		panic("the page has no label " + code)
	}
	return v.Say(value.Say(code))
}

// minute is a time as people read it.
func minute(t time.Time) string { return t.UTC().Format("2006-01-02 15:04 UTC") }

// moment is a time of the portal as people read it: to the minute, in the zone that it has.
func moment(text string) string {
	day, rest, ok := strings.Cut(text, "T")
	if !ok || len(day) != 10 || len(rest) < 5 {
		return text
	}
	return day + " " + rest[:5]
}

// number is a whole number for people.
func (v *view) number(n int) string { return v.Words.Number(strconv.Itoa(n)) }

// amount is money for people.
func (v *view) amount(text, currency string) string {
	if text == "" {
		return ""
	}
	return v.Words.Amount(text, cmp.Or(currency, ""))
}
