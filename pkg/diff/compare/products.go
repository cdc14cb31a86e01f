package compare

import (
	"cmp"
	"errors"
	"slices"

	"github.com/b24apply/b24apply/pkg/diff/declared"
	"github.com/b24apply/b24apply/pkg/diff/denial"
	"github.com/b24apply/b24apply/pkg/diff/draft"
	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/plan"
	"github.com/b24apply/b24apply/pkg/spec"
	"github.com/b24apply/b24apply/pkg/value"
)

// diffProducts compares the product rows of a record, if it declares any. Rows are
// saved by a step of their own, all at once.
func (c *Comparer) diffProducts(ch *plan.Change, r *spec.Resource, t declared.Type, row kind.Row) {
	part, ok := r.Part(kind.ProductsPart)
	if !ok {
		return
	}
	refs := draft.RefsIn(nil, part.Value)
	ch.Deps = draft.Without(ch.Deps, refs, draft.SentRefs(ch, r, nil))
	k := c.keeper(ch, r, row)
	if !k.manages(part.Name) {
		k.keepSum()
		return
	}
	if denial.RefuseHidden(ch, row, part.Name) {
		return
	}
	if !c.hasProducts(t) {
		p, code := denial.Problem(part.Pos, value.Bad("unknown-field", "type-has-no-products", "set-products-on", r.Kind.Arg("kinds"))), "NO_FIELD"
		if t.Declared != nil {
			code = "" // the manifests say so themselves
		}
		c.File(p, code)
		return
	}
	s := c.Scope(t)
	s.IDs = c.live
	typ := kind.ProductsType(cmp.Or(r.Text("currencyId"), row.Text("currencyId")))
	codec := value.MustCodecOf(typ)
	d, differs, err := declared.Compare(s, &declared.Target{Name: part.Name, Type: typ, Codec: codec, Value: part.Value, Wire: part.Name}, row)
	if err != nil {
		c.productProblem(ch, part, err)
		return
	}
	before, declared := codec.Show(s.Names(), d.Live), codec.Show(s.Names(), d.Want)
	if d.After, d.List = declared, nil; !differs {
		k.agrees(&d)
	} else if k.keeps(&d) {
		k.keepSum()
		return
	}
	rows := codec.After(d.Want, d.Live)
	sums := sumsProducts(r, row) && k.sets("opportunity")
	if sums && !c.checkOpportunity(ch, r, d.Want, rows) || !differs || rows.Len()+d.Live.Len() == 0 {
		return
	}
	d.After, d.Before = value.TellRowsApart(codec, d.Want, d.Live, codec.Show(s.Names(), rows), before)
	d.List = value.Compare(codec, d.Want, d.Live, d.Before, d.After)
	ch.Fields = append(ch.Fields, d)
	slices.Sort(refs)
	ch.AddStep(plan.Step{Name: d.Name, Deps: slices.Compact(refs), Part: plan.Products}, d.Name)
	if sums {
		c.settleOpportunity(ch, r, t, row, rows)
	}
	slices.SortFunc(ch.Fields, func(a, b plan.Field) int { return cmp.Compare(a.Name, b.Name) })
}

// hasProducts tells whether the records of a type have product rows, or will have them
// once the type is applied.
func (c *Comparer) hasProducts(t declared.Type) bool {
	return c.Meta.HasAmounts(t.EntityTypeID) || t.Flag("isLinkWithProductsEnabled")
}

func (c *Comparer) productProblem(ch *plan.Change, part value.Field, err error) {
	if bad, ok := err.(*denial.Unreadable); ok {
		ch.RefuseFor("UNREADABLE_VALUE", denial.OfField(part.Name, bad), value.Do("UNREADABLE_VALUE", value.T("what", part.Name)))
		return
	}
	var no *denial.Refused
	if errors.As(err, &no) {
		ch.RefuseFor(no.Code, denial.OfField(part.Name, no), no.Hint)
		return
	}
	c.Object(part.Value.Pos, err)
}

// sumsProducts tells whether the portal makes the declared amount of a record from its
// product rows: it does, unless the amount is entered by hand.
func sumsProducts(r *spec.Resource, row kind.Row) bool {
	if _, declared := r.Field("opportunity"); !declared {
		return false
	}
	manual := value.IsYes(row["isManualOpportunity"])
	if f, ok := r.Field("isManualOpportunity"); ok {
		if yes, ok := declared.SaysYes(f.Value); ok {
			return !yes
		}
	}
	return !manual
}

// checkOpportunity reports a declared amount that is not what the rows come to: the
// portal would put its sum there with every save. If only a quantity on the portal that
// is not declared makes the difference, that concerns this record alone.
func (c *Comparer) checkOpportunity(ch *plan.Change, r *spec.Resource, declared, rows value.Value) bool {
	f, _ := r.Field("opportunity")
	amount, err := value.ReadDecimal(cmp.Or(f.Value.Text, "0"))
	sum := value.RowsSum(rows)
	if err != nil || rows.IsEmpty() || amount.Equal(sum) {
		return true
	}
	if amount.Equal(value.RowsSum(declared)) {
		ch.RefuseFor("CONTRADICTION", value.Say("amount-differs-from-live-sum", value.T("amount", amount.StringFixed(2)), value.T("sum", sum.StringFixed(2))), value.Say("declare-quantities-or-manual"))
		return false
	}
	c.Problems = append(c.Problems, denial.ProblemWith(f.Value, value.Bad("contradiction", "amount-differs-from-sum", "set-manual-or-remove",
		value.T("amount", amount.StringFixed(2)), value.T("sum", sum.StringFixed(2)))))
	return false
}

// settleOpportunity makes sure of the amount after the rows, from which the portal
// computes it: it is read, and sent only if it is another one. Without rows it stays as
// it is sent. A new record has it from the start as well: its stage may require it.
func (c *Comparer) settleOpportunity(ch *plan.Change, r *spec.Resource, t declared.Type, row kind.Row, rows value.Value) {
	const name = "opportunity"
	step, note := plan.Step{Name: name, After: []int{len(ch.Steps) - 1}, Part: plan.Sum, Sets: []string{name}}, value.Say("sum-of-products")
	if rows.IsEmpty() {
		step.Part, note = plan.Fields, value.Say("set-after-products")
	}
	if ch.Action == plan.Create {
		ch.AddStep(step)
		return
	}
	ch.Fields = slices.DeleteFunc(ch.Fields, func(d plan.Field) bool { return d.Name == name })
	ch.Held = slices.DeleteFunc(ch.Held, func(d plan.Field) bool { return d.Name == name })
	d, err := c.oneField(r, t, row, name)
	if err != nil {
		return // it has been reported
	}
	c.keeper(ch, r, row).mark(&d)
	d.Note = note
	ch.Fields = append(ch.Fields, d)
	ch.AddStep(step, name)
}

// oneField compares one declared field, and shows it also if it agrees.
func (c *Comparer) oneField(r *spec.Resource, t declared.Type, row kind.Row, name string) (plan.Field, error) {
	f, _ := r.Field(name)
	tg, err := c.FieldTarget(r, t, f)
	if err != nil {
		return plan.Field{}, err
	}
	s := c.Scope(t)
	d, _, err := declared.Compare(s, &tg, row)
	d.Before, d.After = tg.Codec.Show(s.Names(), d.Live), tg.Codec.Show(s.Names(), d.Want)
	return d, err
}
