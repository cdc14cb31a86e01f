package declared

import (
	"slices"

	"github.com/b24apply/b24apply/pkg/diff/denial"
	"github.com/b24apply/b24apply/pkg/diff/meta"
	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/plan"
	"github.com/b24apply/b24apply/pkg/spec"
	"github.com/b24apply/b24apply/pkg/value"
)

// NewCondition gives the condition that a declared value makes, or false if no
// record can meet it yet: the value is empty, or a reference that is still open.
func (v *View) NewCondition(s *meta.Scope, tg Target) (plan.Condition, bool, error) {
	c := plan.Condition{Wire: tg.Wire, Type: tg.Type, Codec: tg.Codec, Multi: tg.Rule.Multi}
	if tg.Wire == "" || tg.Value.Kind == value.Null {
		return c, false, nil
	}
	if err := searchable(tg); err != nil {
		return c, false, err
	}
	if _, exists := v.Meta.Fields[s.EntityTypeID].ByName[tg.Wire]; !exists && tg.Rule.Multi == "" && !tg.Rule.Unlisted {
		return c, false, nil
	}
	var err error
	c.Want, err = tg.Codec.Parse(s.Names(), tg.Value)
	ok := c.Close()
	return c, ok && err == nil, err
}

// searchable refuses fields whose values a filter cannot tell apart: what the portal
// rewrites, or holds in more than one spelling.
func searchable(tg Target) error {
	if !tg.Codec.Traits().Findable {
		return denial.Unmet("NOT_SEARCHABLE", "match", "not-searchable", "searchable-fields", value.T("field", tg.Name), value.T("type", kind.FieldType(tg.Type.Public())))
	}
	return nil
}

// Unsearchable lists what is wrong with the fields of a record's match keys.
func Unsearchable(r *spec.Resource, targets []Target) (out []Misplaced) {
	for _, key := range r.Identity.Match {
		for _, tg := range targets {
			named := slices.ContainsFunc(key.Fields, func(name string) bool { return spec.DeclaredAs(name) == tg.Name })
			if err := searchable(tg); named && err != nil {
				out = append(out, Misplaced{key.Pos, err})
			}
		}
	}
	return out
}

// A Misplaced is an error with its place.
type Misplaced struct {
	Pos value.Pos
	Err error
}

// ContactsIn gives the live entries of a record.
func ContactsIn(t value.Type, row kind.Row) []value.Value {
	live, err := value.MustCodecOf(t).Read(row[kind.ContactsField])
	if err != nil {
		return nil
	}
	return live.Entries()
}
