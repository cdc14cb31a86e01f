package diff

import (
	"github.com/b24apply/b24apply/pkg/diff/denial"
	"github.com/b24apply/b24apply/pkg/diff/meta"
	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/plan"
	"github.com/b24apply/b24apply/pkg/value"
)

// diffField compares one declared value with the live one; a record that does not
// exist yet differs in all of them.
func diffField(s *meta.Scope, tg *target, row kind.Row) (d plan.Field, differs bool, err error) {
	d = plan.Field{Name: tg.name, Type: tg.typ, Wire: tg.wire, Parent: tg.parent, Fixed: tg.rule.Immutable}
	if d.Want, err = wantOf(s, tg, row); err != nil {
		return d, false, err
	}
	d.Zone = s.ZoneFor(d.Want)
	if row != nil {
		if d.Want.Form == value.FormText && tg.sameRaw(d.Want, row) {
			d.Live = value.Text(d.Want.Text)
			return d, false, nil
		}
		if d.Live, err = tg.read(s, row); err != nil {
			return d, false, &denial.Unreadable{Err: err}
		}
		if tg.codec.Same(d.Want, d.Live) {
			return d, false, nil
		}
	}
	if err := s.Exists(&d, tg.codec); err != nil {
		return d, false, err
	}
	if row != nil && d.Clears() {
		d.Older = s.Meta.Fields[s.EntityTypeID].ByName[d.Wire].UpperName
	}
	s.ShowBoth(&d, tg.codec)
	return d, true, nil
}

// wantOf gives what a field is to hold.
func wantOf(s *meta.Scope, tg *target, row kind.Row) (want value.Value, err error) {
	if tg.value.Kind != value.Null {
		if want, err = parseBeside(s, tg, row); err != nil {
			return want, err
		}
	}
	if want.IsEmpty() && tg.rule.NoClear {
		return want, value.Bad("no-clear", "old-value-is-kept", "give-value-or-leave-as-is", value.T("field", tg.name))
	}
	return want, nil
}

// parseBeside parses a declared value. What the record already holds may be named although
// the portal has it no more: a user who has left, a stage that was deleted.
func parseBeside(s *meta.Scope, tg *target, row kind.Row) (value.Value, error) {
	want, err := tg.codec.Parse(s.Names(), tg.value)
	if err == nil || row == nil || denial.CodeOf(err) == "" {
		return want, err
	}
	live, unread := tg.read(s, row)
	if unread != nil || live.IsEmpty() {
		return value.Value{}, err
	}
	beside := *s
	for _, x := range value.Each(live) {
		beside.Held = append(beside.Held, x.Text)
	}
	if want, wrong := tg.codec.Parse(beside.Names(), tg.value); wrong == nil {
		return want, nil
	}
	return value.Value{}, err
}

// read reads the field's live value for a plan, with what was read of its files.
func (tg *target) read(s *meta.Scope, row kind.Row) (value.Value, error) {
	live, err := row.Read(tg.codec, tg.typ, tg.wire)
	if err == nil && tg.codec.Traits().File && s.Meta != nil {
		live, err = s.Meta.Recall(live)
	}
	return live, err
}

// sameRaw tells whether the portal's JSON is the declared value as it is written.
func (tg *target) sameRaw(want value.Value, row kind.Row) bool {
	return value.RawSame(tg.codec, want, row[tg.wire])
}
