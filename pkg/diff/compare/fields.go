package compare

import (
	"cmp"
	"errors"
	"fmt"
	"slices"

	"github.com/b24apply/b24apply/pkg/diff/declared"
	"github.com/b24apply/b24apply/pkg/diff/denial"
	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/plan"
	"github.com/b24apply/b24apply/pkg/spec"
	"github.com/b24apply/b24apply/pkg/value"
)

// diffFields fills ch.Fields: for a create every value, for an update those that
// differ from row. What is wrong with a value becomes a problem; it gives the first reason
// why the record alone is to be refused, when all of its values were looked at.
func (c *Comparer) diffFields(ch *plan.Change, r *spec.Resource, t declared.Type, row kind.Row) (no *denial.Refused) {
	targets, wrong := c.TargetsIn(&c.room, r, t)
	for _, w := range wrong {
		c.File(w.Problem, w.Code)
	}
	s := c.Scope(t)
	s.IDs = c.live
	k := c.keeper(ch, r, row)
	targets = k.managed(s, targets)
	c.ChoosePipeline(s, targets, row)
	ch.Fields, c.spare = c.spare, nil
	if row == nil {
		ch.Fields = slices.Grow(ch.Fields, len(targets))
	}
	held := c.agreed[:0]
	for i := range targets {
		tg := &targets[i]
		d, differs, err := declared.Compare(s, tg, row)
		if c.links != nil {
			c.links(r, tg, d.Want)
		}
		bad := denial.RefusalOf(tg.Name, err)
		switch {
		case errors.As(err, new(*denial.Unreadable)):
			c.unread = append(c.unread, plan.Unread{Field: tg.Name, Why: value.SaidBy(err)})
		case bad != nil:
			no = cmp.Or(no, bad)
		case err != nil:
			c.ObjectTo(tg.Name, tg.Value, tg.Rule.Name == "", err)
		case !differs:
			k.agrees(&d)
			held = append(held, d)
		case k.contests(&d):
			// It stays until people have decided.
		case k.keeps(&d):
			// It stays as people made it.
		case tg.Rule.Immutable && row != nil:
			c.Object(tg.Pos, immutable(tg.Name, &d))
		default:
			ch.Fields = append(ch.Fields, d)
		}
	}
	slices.SortFunc(ch.Fields, func(a, b plan.Field) int { return cmp.Compare(a.Name, b.Name) })
	if len(ch.Fields) > 0 {
		ch.Held = slices.Clone(held)
	}
	c.agreed = held
	return no
}

// LeaveUnread leaves the fields alone whose live values cannot be read: the others are
// written. If there is nothing else to write the change is refused.
func (c *Comparer) LeaveUnread(ch *plan.Change) {
	unread := c.unread
	c.unread = nil
	if ch.Action == plan.Update || ch.Action == plan.Adopt {
		ch.Unread = unread
		return
	}
	for _, u := range unread {
		if ch.Action != plan.Refuse {
			ch.RefuseFor("UNREADABLE_VALUE", u.Says(), denial.LeaveField)
		}
	}
}

// immutable refuses another value for what is set at creation only.
func immutable(name string, d *plan.Field) error {
	if d.Live.IsEmpty() {
		return denial.Unmet("IMMUTABLE", "immutable", "set-at-creation-and-empty", "remove-or-create-anew", value.T("field", name))
	}
	return denial.Unmet("IMMUTABLE", "immutable", "set-at-creation", "remove-or-create-anew", value.T("field", name), value.T("live", fmt.Sprint(d.Before)))
}

// tellCurrency adds to an amount the currency that it is in, where that is declared or was read.
func tellCurrency(ch *plan.Change, r *spec.Resource, row kind.Row) {
	for i := range ch.Fields {
		d := &ch.Fields[i]
		if d.Name != kind.AmountField {
			continue
		}
		if live := row.Text(kind.CurrencyField); live != "" {
			d.Before = d.Before.With(value.P(value.PartCurrency, live))
		}
		if will := cmp.Or(r.Text(kind.CurrencyField), row.Text(kind.CurrencyField)); will != "" {
			d.After = d.After.With(value.P(value.PartCurrency, will))
		}
	}
}
