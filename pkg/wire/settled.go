package wire

import (
	"slices"

	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/plan"
)

// SettledFields gives fields with the ids that a run has learned; see [Settle].
func SettledFields(k *Known, fields []plan.Field) ([]plan.Field, error) {
	out := slices.Clone(fields)
	return out, settleFields(k, out)
}

// Fields are those that the call sends.
func (r *Ready) Fields() []plan.Field { return r.fields }

// Held are the declared fields that agreed.
func (r *Ready) Held() []plan.Field { return r.held }

// Mark is the owner's mark that the call sends.
func (r *Ready) Mark() []plan.Mark { return r.mark }

// Moved gives, of the fields that the save may move though they are not declared, those that
// a row shows to be other than when the plan was made; Want is what they are.
func (r *Ready) Moved(row kind.Row) (out []plan.Field) {
	for _, d := range r.Change.Moves {
		if _, shown := row[d.Wire]; !shown || r.Change.Action == plan.Adopt && slices.Contains(r.Change.Takeover.Slot, d.Wire) {
			continue
		}
		if now, err := d.Read(row); err == nil && !sameInstants(&d, now, d.Live) {
			d.Want = now
			out = append(out, d)
		}
	}
	return out
}
