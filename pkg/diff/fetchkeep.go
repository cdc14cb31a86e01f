package diff

import (
	"context"
	"slices"

	"github.com/b24apply/b24apply/pkg/diff/compare"
	"github.com/b24apply/b24apply/pkg/diff/declared"
	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/plan"
	"github.com/b24apply/b24apply/pkg/spec"
	"github.com/b24apply/b24apply/pkg/value"
)

// readCaller asks whose credentials are used, if some record tells its own saves from
// those of people by it.
func (f *fetcher) readCaller(ctx context.Context) error {
	if f.state.Caller != 0 || !slices.ContainsFunc(f.Set.Resources, f.Yielding) {
		return nil
	}
	caller, err := f.asker.Caller(ctx)
	if err = f.shown(kind.TellCaller, err); err != nil {
		return value.While(err, "asking-who-calls")
	}
	f.state.Caller = caller.ID
	return nil
}

// declaresRecords tells whether any record is declared. Then it is asked who is calling,
// since lists leave out what a user may not read: of an administrator alone it is known
// that no record is hidden.
// Source: api-reference/crm/universal/crm-item-list.md.
func (f *fetcher) declaresRecords() bool {
	return slices.ContainsFunc(f.Set.Resources, func(r *spec.Resource) bool { return r.Kind.Class == kind.ClassRecord })
}

// UnseenCreates counts the creates of the kinds in Unseen.
func UnseenCreates(p *plan.Plan) int {
	n := 0
	for _, e := range p.Changes.Entries() {
		if e.Action == plan.Create && slices.Contains(p.Unseen, e.Facts.Plural) {
			n++
		}
	}
	return n
}

// unseen lists the kinds of records of which the plan creates some, if it is not known
// that the caller sees all of them: one that is hidden would be created again.
func (c *computer) unseen() []string {
	if c.state.SeesAll {
		return nil
	}
	var out []string
	for _, e := range c.out.Entries() {
		if e.Action == plan.Create && e.Facts.Class == kind.ClassRecord && !slices.Contains(out, e.Facts.Plural) {
			out = append(out, e.Facts.Plural)
		}
	}
	return out
}

// keepWires lists the columns that tell who saved a record last, and those that a
// stage of this portal needs.
func (f *fetcher) keepWires(r *spec.Resource, t declared.Type) []string {
	var wires []string
	fields := f.Meta.Fields[t.EntityTypeID]
	for _, name := range []string{"updatedBy", "updatedTime"} {
		if _, exists := fields.ByName[name]; exists && f.Yielding(r) {
			wires = append(wires, name)
		}
	}
	if slices.Contains(r.Outline().Fields, kind.StageField) {
		for _, field := range compare.MandatoryFields(fields) {
			wires = append(wires, field.Name)
		}
	}
	return wires
}
