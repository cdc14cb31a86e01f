package declared

import (
	"github.com/b24apply/b24apply/pkg/diff/denial"
	"github.com/b24apply/b24apply/pkg/diff/meta"
	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/plan"
	"github.com/b24apply/b24apply/pkg/value"
)

// Compare compares one declared value with the live one; a record that does not
// exist yet differs in all of them.
func Compare(s *meta.Scope, tg *Target, row kind.Row) (d plan.Field, differs bool, err error) {
	d = plan.Field{Name: tg.Name, Type: tg.Type, Wire: tg.Wire, Parent: tg.Parent, Fixed: tg.Rule.Immutable}
	if d.Want, err = WantOf(s, tg, row); err != nil {
		return d, false, err
	}
	d.Zone = s.ZoneFor(d.Want)
	if row != nil {
		if d.Want.Form == value.FormText && tg.SameRaw(d.Want, row) {
			d.Live = value.Text(d.Want.Text)
			return d, false, nil
		}
		if d.Live, err = tg.Read(s, row); err != nil {
			return d, false, &denial.Unreadable{Err: err}
		}
		if tg.Codec.Same(d.Want, d.Live) {
			return d, false, nil
		}
	}
	if err := s.Exists(&d, tg.Codec); err != nil {
		return d, false, err
	}
	if row != nil && d.Clears() {
		d.Older = s.Meta.Fields[s.EntityTypeID].ByName[d.Wire].UpperName
	}
	s.ShowBoth(&d, tg.Codec)
	return d, true, nil
}

// WantOf gives what a field is to hold.
func WantOf(s *meta.Scope, tg *Target, row kind.Row) (want value.Value, err error) {
	if tg.Value.Kind != value.Null {
		if want, err = parseBeside(s, tg, row); err != nil {
			return want, err
		}
	}
	if want.IsEmpty() && tg.Rule.NoClear {
		return want, value.Bad("no-clear", "old-value-is-kept", "give-value-or-leave-as-is", value.T("field", tg.Name))
	}
	return want, nil
}

// parseBeside parses a declared value. What the record already holds may be named although
// the portal has it no more: a user who has left, a stage that was deleted.
func parseBeside(s *meta.Scope, tg *Target, row kind.Row) (value.Value, error) {
	want, err := tg.Codec.Parse(s.Names(), tg.Value)
	if err == nil || row == nil || denial.CodeOf(err) == "" {
		return want, err
	}
	live, unread := tg.Read(s, row)
	if unread != nil || live.IsEmpty() {
		return value.Value{}, err
	}
	beside := *s
	for _, x := range value.Each(live) {
		beside.Held = append(beside.Held, x.Text)
	}
	if want, wrong := tg.Codec.Parse(beside.Names(), tg.Value); wrong == nil {
		return want, nil
	}
	return value.Value{}, err
}

// Read reads the field's live value for a plan, with what was read of its files.
func (tg *Target) Read(s *meta.Scope, row kind.Row) (value.Value, error) {
	live, err := row.Read(tg.Codec, tg.Type, tg.Wire)
	if err == nil && tg.Codec.Traits().File && s.Meta != nil {
		live, err = s.Meta.Recall(live)
	}
	return live, err
}

// SameRaw tells whether the portal's JSON is the declared value as it is written.
func (tg *Target) SameRaw(want value.Value, row kind.Row) bool {
	return value.RawSame(tg.Codec, want, row[tg.Wire])
}
