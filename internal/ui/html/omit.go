package html

import (
	"github.com/b24apply/b24apply/internal/ui/review"
	"github.com/b24apply/b24apply/pkg/apply"
	"github.com/b24apply/b24apply/pkg/plan"
	"github.com/b24apply/b24apply/pkg/value"
)

// An omission is what a page leaves out so that it is not too large.
type omission struct {
	writers bool // who saved last, of causes of little risk
	respelt int  // how much is kept of former values that are respelt, in characters; 0: all
	safe    int  // how many changes are kept of each cause of little risk; 0: all
	any     int  // and of each cause; 0: all
	texts   int  // how much is kept of a value, in characters
}

// omissions are what is left out, more and more, until a page is small enough.
var omissions = []omission{
	{texts: 1 << 30},
	{writers: true, texts: 1 << 30},
	{writers: true, respelt: 60, texts: 1 << 30},
	{writers: true, respelt: 60, safe: 10_000, texts: 1 << 30},
	{writers: true, respelt: 60, safe: 10_000, texts: 1000},
	{writers: true, respelt: 60, safe: 1000, texts: 200},
	{writers: true, respelt: 60, safe: 1000, any: 1000, texts: 100},
	{writers: true, respelt: 60, safe: 100, any: 100, texts: 100},
}

// rows is how many changes of a cause are kept; what is unusual stands first.
func (o omission) rows(c *review.Cause) int {
	n := c.Count
	if o.safe > 0 && isSafe(c) {
		n = min(n, o.safe)
	}
	if o.any > 0 {
		n = min(n, o.any)
	}
	return n
}

// isSafe tells whether a cause is of little risk: nothing in it is unusual, lost or went wrong.
func isSafe(c *review.Cause) bool {
	return c.Unusual == 0 && c.Action != plan.Delete && c.Action != plan.Refuse && !c.Has(review.Lasting) && (c.Status == "" || c.Status == apply.Succeeded)
}

// omitted says what is left out.
func omitted(level int) (out []value.Message) {
	o := omissions[level]
	if o.writers {
		out = append(out, value.Say("page-omit-writers"))
	}
	if o.respelt > 0 {
		out = append(out, value.Say("page-omit-respelt"))
	}
	switch {
	case o.any > 0:
		out = append(out, value.Say("page-omit-rows-all", value.N("n", o.any)))
	case o.safe > 0:
		out = append(out, value.Say("page-omit-rows", value.N("n", o.safe)))
	}
	if o.texts < 1<<30 {
		out = append(out, value.Say("page-omit-texts", value.N("n", o.texts)))
	}
	return out
}
