package wire

import (
	"time"

	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/plan"
	"github.com/b24apply/b24apply/pkg/value"
)

// A Drift is a field that is not as it was when the plan was made.
type Drift struct {
	Field              string
	Planned, Now, Want any // for people, as in a Mismatch; Want is nil if it is not to be set
}

// Since gives what of a record has changed since the plan, in a row that was read anew: of
// the fields that the call sends those that are neither as the plan has seen them nor as they
// are to be, of those that are declared and agreed those that differ, and the owner's mark.
func (r *Ready) Since(row kind.Row) (out []Drift) {
	names := kind.BuiltIn().PlainNames()
	for _, d := range r.fields {
		now, err := d.Read(row)
		if err == nil && !r.moves(&d) && !sameInstants(&d, now, d.Live) && !d.Codec().Same(d.Want, now) {
			out = append(out, Drift{Field: d.Name, Planned: d.Shown(names, d.Live), Now: d.Shown(names, now), Want: d.Shown(names, d.Want)})
		}
	}
	for _, d := range r.held {
		now, err := d.Read(row)
		if err == nil && !r.moves(&d) && !d.Codec().Same(d.Want, now) {
			out = append(out, Drift{Field: d.Name, Planned: d.Shown(names, d.Want), Now: d.Shown(names, now)})
		}
	}
	for _, m := range r.Change.Own {
		if raw, shown := row[m.Wire]; shown && kind.Text(raw) != m.Value {
			out = append(out, Drift{Field: m.Wire, Planned: m.Value, Now: kind.Text(raw)})
		}
	}
	return out
}

// SinceDeletion gives what has changed since the plan of a record that is to be deleted, in a
// row that was read anew: what it was to hold still, and when it was saved last.
func SinceDeletion(c *plan.Change, row kind.Row) (out []Drift) {
	names := kind.BuiltIn().PlainNames()
	for _, d := range c.Held {
		now, err := d.Read(row)
		if err == nil && !d.Codec().Same(d.Want, now) {
			out = append(out, Drift{Field: d.Name, Planned: d.Shown(names, d.Want), Now: d.Shown(names, now)})
		}
	}
	if now := row.Text(kind.SavedTime); c.Saved != "" && now != "" && now != c.Saved {
		out = append(out, Drift{Field: kind.SavedTime, Planned: c.Saved, Now: now})
	}
	return out
}

// moves tells whether other changes of the plan may move a field: a link has another end, and
// a field of an item may come with its type.
func (r *Ready) moves(d *plan.Field) bool {
	return d.Codec().Traits().Links && !r.Change.Firm || r.Change.Type != "" && d.Live.IsEmpty()
}

// sameInstants compares two live values of a field, in whatever zones they were read.
func sameInstants(d *plan.Field, a, b value.Value) bool {
	return d.In(a, time.UTC).Equal(d.In(b, time.UTC))
}
