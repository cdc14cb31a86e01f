package diff

import (
	"github.com/b24apply/b24apply/pkg/diff/denial"
	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/plan"
	"github.com/b24apply/b24apply/pkg/spec"
	"github.com/b24apply/b24apply/pkg/value"
)

// typeChange compares a declared SPA with the live type behind it.
func (c *computer) typeChange(ch *plan.Change, r *spec.Resource) {
	m := c.matchType(r)
	ch.Title = r.Text("title")
	c.onlyOne(r, m)
	var row kind.Row
	if m.live != nil {
		ch.Action, ch.ID, ch.EntityTypeID, row = plan.Update, value.ID(m.live.ID), m.live.EntityTypeID, m.live.Row
	} else {
		ch.Action = plan.Create
	}
	s := c.scope(recordType{addr: r.Address, declared: r, live: m.live, entityTypeID: ch.EntityTypeID})
	for _, tg := range typeTargets(r) {
		if tg.name == "entityTypeId" && row != nil {
			continue // it found the type, and it never changes
		}
		d, differs, err := diffField(s, &tg, row)
		switch {
		case err != nil:
			c.Problems = append(c.Problems, denial.ProblemWith(tg.value, err))
		case differs:
			ch.Fields = append(ch.Fields, d)
		}
	}
	if row == nil || m.live.Code == "" {
		ch.Mark = typeMark(r)
	}
	switch {
	case m.code != "":
		ch.RefuseFor(m.code, m.why, m.hint)
	case ch.Action == plan.Update && len(ch.Fields) == 0:
		ch.Action = plan.NoOp
	case !m.adopts.IsZero():
		ch.Action, ch.Reason.Message = plan.Adopt, m.adopts
	}
}

// onlyOne refuses two SPAs that are one type on the portal, or that nothing but
// their title could tell apart once they are there.
func (c *computer) onlyOne(r *spec.Resource, m typeMatch) {
	key, why := "title "+r.Text("title"), value.M("why", value.Say("this-title", value.T("title", r.Text("title"))))
	switch {
	case m.live != nil:
		key, why = value.ID(m.live.EntityTypeID), value.M("why", value.Say("this-entity-type-id", value.N("id", m.live.EntityTypeID)))
	case r.Text("entityTypeId") != "":
		return
	}
	if other := c.types[key]; other != nil {
		for _, pair := range [][2]*spec.Resource{{r, other}, {other, r}} {
			p := denial.Problem(pair[0].Pos, value.Bad("duplicate", "one-type", "keep-one-or-tell-types-apart",
				value.T("resource", pair[0].Address), value.T("other", pair[1].Address), value.T("at", pair[1].Pos.String()), why))
			c.shared[pair[0].Address] = append(c.shared[pair[0].Address], denial.Denial{Problem: p, Code: "SAME_RECORD"})
		}
		return
	}
	c.types[key] = r
}

// typeMark is the code that finds the type again, and shows that it is ours, where none is
// declared. A type without one gets it with the next update: a difference of its own it is
// not, since a portal may not keep it.
func typeMark(r *spec.Resource) []plan.Mark {
	if r.Text("code") != "" {
		return nil
	}
	return []plan.Mark{{Wire: "code", Value: r.Address.Name()}}
}
