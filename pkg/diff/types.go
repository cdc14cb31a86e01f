package diff

import (
	"github.com/b24apply/b24apply/pkg/diff/declared"
	"github.com/b24apply/b24apply/pkg/diff/denial"
	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/plan"
	"github.com/b24apply/b24apply/pkg/spec"
	"github.com/b24apply/b24apply/pkg/value"
)

// typeChange compares a declared SPA with the live type behind it.
func (c *computer) typeChange(ch *plan.Change, r *spec.Resource) {
	m := c.MatchType(r)
	ch.Title = r.Text("title")
	c.onlyOne(r, m)
	var row kind.Row
	if m.Live != nil {
		ch.Action, ch.ID, ch.EntityTypeID, row = plan.Update, value.ID(m.Live.ID), m.Live.EntityTypeID, m.Live.Row
	} else {
		ch.Action = plan.Create
	}
	s := c.Scope(declared.Type{Address: r.Address, Declared: r, Live: m.Live, EntityTypeID: ch.EntityTypeID})
	for _, tg := range declared.TypeTargets(r) {
		if tg.Name == "entityTypeId" && row != nil {
			continue // it found the type, and it never changes
		}
		d, differs, err := declared.Compare(s, &tg, row)
		switch {
		case err != nil:
			c.Problems = append(c.Problems, denial.ProblemWith(tg.Value, err))
		case differs:
			ch.Fields = append(ch.Fields, d)
		}
	}
	if row == nil || m.Live.Code == "" {
		ch.Mark = typeMark(r)
	}
	switch {
	case m.Code != "":
		ch.RefuseFor(m.Code, m.Why, m.Hint)
	case ch.Action == plan.Update && len(ch.Fields) == 0:
		ch.Action = plan.NoOp
	case !m.Adopts.IsZero():
		ch.Action, ch.Reason.Message = plan.Adopt, m.Adopts
	}
}

// onlyOne refuses two SPAs that are one type on the portal, or that nothing but
// their title could tell apart once they are there.
func (c *computer) onlyOne(r *spec.Resource, m declared.Match) {
	key, why := "title "+r.Text("title"), value.M("why", value.Say("this-title", value.T("title", r.Text("title"))))
	switch {
	case m.Live != nil:
		key, why = value.ID(m.Live.EntityTypeID), value.M("why", value.Say("this-entity-type-id", value.N("id", m.Live.EntityTypeID)))
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
