package diff

import (
	"slices"

	"github.com/b24apply/b24apply/pkg/diff/compare"
	"github.com/b24apply/b24apply/pkg/diff/declared"
	"github.com/b24apply/b24apply/pkg/diff/denial"
	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/plan"
	"github.com/b24apply/b24apply/pkg/spec"
	"github.com/b24apply/b24apply/pkg/value"
)

// findContested finds the declared records because of which others are refused.
func (c *computer) findContested() {
	if len(c.state.Matches) == 0 {
		return
	}
	for _, r := range c.Set.Resources {
		m, any := c.state.Matches[r.Address]
		if !any || c.identity(r).code == "" {
			continue
		}
		c.noteContests(r, slices.Concat(m.Rows, m.Near), m.Key)
		if len(m.Rows) == 0 {
			c.noteContests(r, m.Held, m.HeldKey)
		}
	}
}

// noteContests notes the declared records among rows that a key of a refused resource found.
func (c *computer) noteContests(r *spec.Resource, rows []kind.Row, key int) {
	s := c.Slot(r, c.TypeOf(r))
	for _, row := range rows {
		other := otherBehind(&c.View, r, s.Holder(row))
		if other == nil {
			continue
		}
		held := compare.Contest{By: r.Address}
		for _, key := range append(slices.Clone(other.Identity.Match), r.Identity.Match[key]) {
			for _, name := range key.Fields {
				held.Fields = append(held.Fields, spec.DeclaredAs(name))
			}
		}
		c.Contest(other.Address, held)
	}
}

// heldBeside refuses a resource without a record if another resource's record has its
// phone or e-mail, and that one's manifest does not say so: people may have made the two
// one, and keep the other fields of the key from the other.
func heldBeside(v *declared.View, r *spec.Resource, s declared.Slot, m Match) identity {
	for _, row := range m.Held {
		other := otherBehind(v, r, s.Holder(row))
		if other == nil {
			continue
		}
		for _, name := range r.Identity.Match[m.HeldKey].Fields {
			if shared := undeclaredContact(v, r, other, row, name); shared != "" {
				return refusal("OTHER_RESOURCE", value.Say("contact-is-on-other", value.T("field", name), value.T("value", shared), denial.RecordsNamed("record", r.Kind, []kind.Row{row}), value.T("other", other.Address)),
					value.Say("merged-or-declare", value.T("from", r.Address), value.T("into", other.Address)))
			}
		}
	}
	return identity{}
}

// undeclaredContact gives a phone or an e-mail that a resource declares, that another
// one's record has, and that the other one's manifest does not declare; "" if there is none.
func undeclaredContact(v *declared.View, r, other *spec.Resource, row kind.Row, name string) string {
	rule, _ := r.Kind.Field(spec.DeclaredAs(name))
	if rule.Multi == "" {
		return ""
	}
	c := v.Multifield(rule.Multi)
	own, others := contactsOf(v, r, name), contactsOf(v, other, name)
	for _, l := range declared.ContactsIn(c, row) {
		if n := c.Normal(l.Text); slices.Contains(own, n) && !slices.Contains(others, n) {
			return l.Text
		}
	}
	return ""
}

// contactsOf gives the phones or e-mails that a resource declares, normalised.
func contactsOf(v *declared.View, r *spec.Resource, name string) []string {
	t := v.TypeOf(r)
	targets, _ := v.Targets(r, t)
	i := slices.IndexFunc(targets, func(tg declared.Target) bool { return tg.Name == spec.DeclaredAs(name) })
	if i < 0 {
		return nil
	}
	c, ok, err := v.NewCondition(v.Scope(t), targets[i])
	if !ok || err != nil {
		return nil
	}
	return c.Values()
}

// mergedHint is what to do about a record that two resources find.
func mergedHint(gone, left value.Address) value.Message {
	return value.Say("merged-or-remove", value.T("from", gone), value.T("into", left))
}

// isOther tells whether a record is that of another declared resource.
func isOther(v *declared.View, r *spec.Resource, h plan.Holder) bool {
	return otherBehind(v, r, h) != nil
}

// otherBehind gives the other declared resource whose mark a record carries, be it under
// a former name of the project; nil if there is none.
func otherBehind(v *declared.View, r *spec.Resource, h plan.Holder) *spec.Resource {
	space, _ := r.Address.Split()
	other := v.Set.Lookup(value.NewAddress(space, h.Name))
	if other == r || !slices.Contains(v.Owners(), h.Owner) {
		return nil
	}
	return other
}
