package plan

import "github.com/b24apply/b24apply/pkg/value"

// A Reversal is how far undoing takes a change back. None is promised for what a save sets off:
// automation, the history of stages, stamps and closed activities.
type Reversal string

// The reversals; "" is that of what changes nothing.
const (
	ByValues Reversal = "values" // every field gets its former value, and what was created is deleted
	ByNewID  Reversal = "new-id" // what was deleted is created again
	Never    Reversal = "no"     // some of it does not come back
)

// Reversal tells how far undoing takes the change back, and which fields do not get their
// former values.
func (c *Change) Reversal() (r Reversal, lost []string) {
	switch {
	case c.Action == NoOp || c.Action == Refuse:
		return "", nil
	case c.Action == Delete && c.IsRecord():
		return ByNewID, nil
	case c.Action == Delete:
		return Never, nil
	case c.Action == Create:
		return ByValues, nil
	}
	for i := range c.Fields {
		if !c.Fields[i].Unreturned(c.Fields[i].Live).IsZero() {
			lost = append(lost, c.Fields[i].Name)
		}
	}
	if len(lost) > 0 {
		return Never, lost
	}
	return ByValues, nil
}

// Unreturned says why the field of a record that is there could not be given a former value
// again; zero if it could.
func (d *Field) Unreturned(former value.Value) value.Message {
	codec, known := value.CodecOf(d.Type)
	switch {
	case known && codec.Traits().File && !former.IsEmpty():
		return value.Say("undo-no-file")
	case d.Type.NoClear && former.IsEmpty():
		return value.Say("undo-no-clearing")
	case d.Fixed:
		return value.Say("undo-set-once")
	}
	return value.Message{}
}
