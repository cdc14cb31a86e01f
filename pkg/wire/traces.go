package wire

import (
	"slices"

	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/plan"
	"github.com/b24apply/b24apply/pkg/value"
)

// A tracer is a call that can tell what its fields held when it was verified.
type tracer interface {
	traces(row kind.Row, id, entityTypeID int, but []Mismatch) []plan.Trace
}

// Traces gives what a call was verified to hold, the mismatches aside, of the fields
// that are to be remembered.
func Traces(call Call, row kind.Row, id, entityTypeID int, mismatches []Mismatch) []plan.Trace {
	if t, ok := call.(tracer); ok {
		return t.traces(row, id, entityTypeID, mismatches)
	}
	return nil
}

// TheirTraces gives, of the fields of which people have the last word, those that a row shows to be
// other than an earlier run has saved them: they are to be remembered as theirs.
func TheirTraces(call Call, row kind.Row, id, entityTypeID int) []plan.Trace {
	var fields []plan.Field
	switch c := call.(type) {
	case *Ready:
		fields = slices.Concat(c.fields, c.held)
	case *rowCall:
		fields, id, entityTypeID = c.fields, c.owner.id, c.owner.entityTypeID
	case *addressCall:
		fields, id, entityTypeID = c.fields, c.of.id, c.of.entityTypeID
	}
	differs := call.Verify(row)
	fields = slices.DeleteFunc(slices.Clone(fields), func(d plan.Field) bool {
		return !d.Human || !slices.ContainsFunc(differs, func(m Mismatch) bool { return m.Field == d.Name })
	})
	for i := range fields {
		fields[i].Theirs = true
	}
	return tracesOf(fields, row, id, entityTypeID, nil)
}

// Remembered tells whether anything of what a call saves is to be remembered.
func Remembered(call Call) bool {
	traced := func(d plan.Field) bool { return d.Traced }
	switch c := call.(type) {
	case *Ready:
		return slices.ContainsFunc(c.fields, traced) || slices.ContainsFunc(c.held, traced)
	case *productsCall:
		return c.field.Traced
	case *rowCall:
		return c.step.Trace != nil || slices.ContainsFunc(c.fields, traced)
	case *addressCall:
		return c.step.Trace != nil || slices.ContainsFunc(c.fields, traced)
	}
	return false
}

func (r *Ready) traces(row kind.Row, id, entityTypeID int, but []Mismatch) []plan.Trace {
	return append(tracesOf(r.fields, row, id, entityTypeID, but), tracesOf(r.held, row, id, entityTypeID, but)...)
}

func (p *productsCall) traces(row kind.Row, id, entityTypeID int, but []Mismatch) []plan.Trace {
	return tracesOf([]plan.Field{p.field}, row, id, entityTypeID, but)
}

func tracesOf(fields []plan.Field, row kind.Row, id, entityTypeID int, but []Mismatch) []plan.Trace {
	var out []plan.Trace
	for i := range fields {
		d := &fields[i]
		if !d.Traced || slices.ContainsFunc(but, func(m Mismatch) bool { return m.Field == d.Name }) {
			continue
		}
		if live, err := d.Read(row); err == nil {
			out = append(out, d.Trace(entityTypeID, value.ID(id), live))
		}
	}
	return out
}

// tracesAs gives the trace with the id that the record has by now.
func tracesAs(t *plan.Trace, says string, on stepOwner) []plan.Trace {
	if t == nil {
		return nil
	}
	return []plan.Trace{{EntityTypeID: on.entityTypeID, ID: value.ID(on.id), Field: t.Field, Value: says}}
}

func (c *rowCall) traces(row kind.Row, _, _ int, but []Mismatch) []plan.Trace {
	return append(tracesOf(c.fields, row, c.owner.id, c.owner.entityTypeID, but), tracesAs(c.step.Trace, plan.There, c.owner)...)
}

func (c *addressCall) traces(row kind.Row, _, _ int, but []Mismatch) []plan.Trace {
	return append(tracesOf(c.fields, row, c.of.id, c.of.entityTypeID, but), tracesAs(c.step.Trace, plan.There, c.of)...)
}

func (c *removeCall) traces(_ kind.Row, _, _ int, but []Mismatch) []plan.Trace {
	if len(but) > 0 {
		return nil
	}
	return tracesAs(c.step.Trace, plan.Gone, c.owner)
}
