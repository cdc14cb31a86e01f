package ui

import (
	"github.com/b24apply/b24apply/internal/ui/review"
	"github.com/b24apply/b24apply/pkg/plan"
	"github.com/b24apply/b24apply/pkg/value"
)

// alike names the records that look like the one that a change creates.
func (p *printer) alike(c *plan.Change) {
	for _, a := range c.Alike {
		p.line("      %s", p.paint(yellow, p.warning(a.Says())+inBrackets(plan.CodeAlike)))
	}
}

// alikeFoot counts what looks like a record of the portal, says what to do about it, and
// counts what was not looked at.
func (p *printer) alikeFoot(all *plan.Plan) {
	n := all.Alikes()
	if n+len(all.Unlooked) > 0 {
		p.line("")
	}
	if n > 0 {
		p.line("%s", p.paint(yellow, p.warning(plan.BesideAlike(n))+inBrackets(plan.CodeAlike)))
		p.line("      %s", p.hint(p.Text(value.Do(plan.CodeAlike))))
	}
	for _, u := range all.Unlooked {
		p.line("%s", p.paint(yellow, p.warning(u.Says())))
	}
}

// An alikeDocument is a record that looks like the one that a change creates.
type alikeDocument struct {
	ID    string   `json:"id"`
	Title string   `json:"title,omitempty"`
	URL   string   `json:"url,omitempty"`
	By    []string `json:"by"`
	Named bool     `json:"named,omitempty"`
	Code  string   `json:"code"`
	Text  string   `json:"message"`
}

// alikesOf lists the records that look like the one that a change creates. Pages of a portal
// are below its host, if it has one.
func alikesOf(c *plan.Change, portal string) (out []alikeDocument) {
	for _, a := range c.Alike {
		d := alikeDocument{ID: a.ID, Title: a.Title, By: a.By, Named: a.Named, Code: plan.CodeAlike, Text: Text(a.Says())}
		if page := c.Page(c.EntityTypeID, a.ID); page != "" {
			d.URL = review.PageOf(portal, page)
		}
		out = append(out, d)
	}
	return out
}

// An unlookedDocument counts creates that were not looked at.
type unlookedDocument struct {
	Kind    string `json:"kind"`
	Creates int    `json:"creates"`
	Code    string `json:"code"`
	Message string `json:"message"`
}

func unlookedOf(all []plan.Unlooked) (out []unlookedDocument) {
	for _, u := range all {
		out = append(out, unlookedDocument{u.Kind, u.Creates, u.Why.Code, Text(u.Says())})
	}
	return out
}
