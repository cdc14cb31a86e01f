package declared

import (
	"slices"
	"unique"

	"github.com/b24apply/b24apply/pkg/diff/denial"
	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/spec"
	"github.com/b24apply/b24apply/pkg/value"
)

// A Shape is what all records have alike that are of one kind and type and declare the
// same names: it is found out once, and only the values are looked at for each.
type Shape struct {
	Targets  []Target  // without their values; nil if each record needs its own
	Enforce  bool      // every declared value is the manifest's
	Compares bool      // the fields of a record can be compared as it is read, before all else is
	Settles  bool      // and it has no parts
	Columns  *Columns  // what comparing needs to be read; nil until that is found out
	Users    *[]string // the fields that hold users
	Links    *bool     // a field can link to a record
}

// Columns are what comparing a record needs to be read.
type Columns struct {
	Wires []string
	Whole bool
}

// A shapeKey tells shapes apart.
type shapeKey struct {
	kind    *kind.Kind
	typ     string
	times   kind.RouteTimes // they say who owns times and authors
	outline unique.Handle[string]
}

// ShapeOf gives the shape of a record; nil if it has policies of its own, or as long as the
// portal's names are not known.
func (v *View) ShapeOf(r *spec.Resource) *Shape {
	if v.shapes == nil || len(r.Policies) > 0 || !r.Kind.HasFields() {
		return nil
	}
	key := shapeKey{r.Kind, r.Type, r.Route().Times, r.Outline().ID()}
	s := v.shapes[key]
	if s == nil {
		s = v.newShape(r)
		v.shapes[key] = s
	}
	return s
}

func (v *View) newShape(r *spec.Resource) *Shape {
	s := &Shape{Enforce: v.enforces(r)}
	if targets, problems := v.ownTargets(r, v.TypeOf(r), r.Fields()); len(problems) == 0 && v.sharesTargets(r) {
		for i := range targets {
			targets[i].Value, targets[i].Pos = value.Node{}, value.Pos{}
		}
		s.Targets = targets
	}
	s.Compares = s.Targets != nil && s.Enforce && !r.Outline().Has("file")
	s.Settles = s.Compares && len(r.Outline().Parts) == 0
	return s
}

// enforces tells whether every value that a record declares is the manifest's.
func (v *View) enforces(r *spec.Resource) bool {
	others := func(name string) bool { return v.Set.Policy(r, name) != spec.PolicyEnforce }
	return !slices.ContainsFunc(r.Outline().Fields, others) && !slices.ContainsFunc(r.Outline().Parts, others)
}

// sharesTargets tells whether the targets of a record follow from the names that it
// declares: what lies in the catalogue has fields that follow from where it lies, parents are
// as many as they are, and a membership has a codec of its own.
func (v *View) sharesTargets(r *spec.Resource) bool {
	parents := func(name string) bool {
		rule := r.Kind.Rule(name)
		return rule != nil && rule.Type == kind.TypeParents
	}
	o := r.Outline()
	return r.Kind.Class == kind.ClassRecord && !slices.ContainsFunc(o.Fields, parents) && !o.Has("add") && !o.Has("remove")
}

// TargetsIn is targets with room that it may take.
func (v *View) TargetsIn(room *TargetRoom, r *spec.Resource, t Type) ([]Target, []denial.Denial) {
	fields := r.FieldsIn(&room.fields)
	s := v.ShapeOf(r)
	if s == nil || s.Targets == nil {
		return v.ownTargets(r, t, fields)
	}
	room.targets = append(room.targets[:0], s.Targets...)
	for i := range fields {
		room.targets[i].Value, room.targets[i].Pos = fields[i].Value, fields[i].Pos
	}
	return room.targets, nil
}

// A TargetRoom is room for the targets of one record.
type TargetRoom struct {
	fields  spec.Room
	targets []Target
}

// Targets gives the declared fields of a record with their codecs. Fields that
// the portal does not have come back with why; without a code the manifests are wrong.
func (v *View) Targets(r *spec.Resource, t Type) ([]Target, []denial.Denial) {
	return v.TargetsIn(&TargetRoom{}, r, t)
}
