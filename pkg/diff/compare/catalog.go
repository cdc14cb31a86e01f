package compare

import (
	"github.com/b24apply/b24apply/pkg/diff/denial"
	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/plan"
	"github.com/b24apply/b24apply/pkg/spec"
	"github.com/b24apply/b24apply/pkg/value"
)

// inCatalogue gives the change of a product or section what tells its catalogue, and makes
// its price a step.
func (c *Comparer) inCatalogue(ch *plan.Change, r *spec.Resource, row kind.Row) {
	if !r.Kind.Methods.Placed {
		return
	}
	id, err := c.Catalogue(r)
	if _, declared := r.Field(kind.CatalogueField); err != nil {
		if !declared { // else the field says so
			c.Object(r.Pos, err)
		}
		return
	}
	ch.Place = &plan.Place{Catalogue: value.ID(id), Name: r.Text("name")}
	if row != nil {
		ch.Place = plan.PlaceOf(r.Kind, row)
	}
	if denial.RefuseHidden(ch, row, PriceField) {
		return
	}
	c.stepPrice(ch, r)
}
