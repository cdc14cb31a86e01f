package compare

import (
	"slices"

	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/plan"
	"github.com/b24apply/b24apply/pkg/spec"
)

// PriceField is the field that holds the price of the base type.
const PriceField = "price"

func DeclaresPrice(r *spec.Resource) bool {
	f, ok := r.Field(PriceField)
	rule, _ := r.Kind.Field(PriceField)
	return ok && rule.Type == kind.TypePrice && f.Name == PriceField
}

// stepPrice makes the price of a product a step of its own, since it has methods of its
// own. What agrees already is not verified with the product, whose answers lack it.
func (c *Comparer) stepPrice(ch *plan.Change, r *spec.Resource) {
	isPrice := func(d plan.Field) bool { return d.Type.Name == string(kind.TypePrice) }
	ch.Held = slices.DeleteFunc(ch.Held, isPrice)
	i := slices.IndexFunc(ch.Fields, isPrice)
	if i < 0 || !DeclaresPrice(r) {
		return
	}
	if d := ch.Fields[i]; !d.Want.IsEmpty() || !d.Live.IsEmpty() {
		ch.AddStep(plan.Step{Name: d.Name, Part: plan.Price, Type: d.Type.Field}, d.Name)
	}
}
