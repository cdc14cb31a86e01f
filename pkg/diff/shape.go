package diff

import (
	"slices"
	"unique"

	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/spec"
	"github.com/b24apply/b24apply/pkg/value"
)

// A shape is what all records have alike that are of one kind and type and declare the
// same names: it is found out once, and only the values are looked at for each.
type shape struct {
	targets  []target  // without their values; nil if each record needs its own
	enforce  bool      // every declared value is the manifest's
	compares bool      // the fields of a record can be compared as it is read; see settler
	settles  bool      // and it has no parts
	columns  *columns  // see fetcher.wires
	users    *[]string // the fields that hold users
	links    *bool     // a field can link to a record
}

// columns are what comparing a record needs to be read.
type columns struct {
	wires []string
	whole bool
}

// A shapeKey tells shapes apart.
type shapeKey struct {
	kind    *kind.Kind
	typ     string
	times   kind.RouteTimes // they say who owns times and authors
	outline unique.Handle[string]
}

// shapeOf gives the shape of a record; nil if it has policies of its own, or as long as the
// portal's names are not known.
func (v *view) shapeOf(r *spec.Resource) *shape {
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

func (v *view) newShape(r *spec.Resource) *shape {
	s := &shape{enforce: v.enforces(r)}
	if targets, problems := v.ownTargets(r, v.recordType(r), r.Fields()); len(problems) == 0 && v.sharesTargets(r) {
		for i := range targets {
			targets[i].value, targets[i].pos = value.Node{}, value.Pos{}
		}
		s.targets = targets
	}
	s.compares = s.targets != nil && s.enforce && !r.Outline().Has("file")
	s.settles = s.compares && len(r.Outline().Parts) == 0
	return s
}

// enforces tells whether every value that a record declares is the manifest's.
func (v *view) enforces(r *spec.Resource) bool {
	others := func(name string) bool { return v.set.Policy(r, name) != spec.PolicyEnforce }
	return !slices.ContainsFunc(r.Outline().Fields, others) && !slices.ContainsFunc(r.Outline().Parts, others)
}

// sharesTargets tells whether the targets of a record follow from the names that it
// declares: what lies in the catalogue has fields that follow from where it lies, parents are
// as many as they are, and a membership has a codec of its own.
func (v *view) sharesTargets(r *spec.Resource) bool {
	parents := func(name string) bool {
		rule := r.Kind.Rule(name)
		return rule != nil && rule.Type == kind.TypeParents
	}
	o := r.Outline()
	return r.Kind.Class == kind.ClassRecord && !slices.ContainsFunc(o.Fields, parents) && !o.Has("add") && !o.Has("remove")
}

// targetsIn is targets with room that it may take.
func (v *view) targetsIn(room *targetRoom, r *spec.Resource, t recordType) ([]target, []denial) {
	fields := r.FieldsIn(&room.fields)
	s := v.shapeOf(r)
	if s == nil || s.targets == nil {
		return v.ownTargets(r, t, fields)
	}
	room.targets = append(room.targets[:0], s.targets...)
	for i := range fields {
		room.targets[i].value, room.targets[i].pos = fields[i].Value, fields[i].Pos
	}
	return room.targets, nil
}

// A targetRoom is room for the targets of one record.
type targetRoom struct {
	fields  spec.Room
	targets []target
}

// targets gives the declared fields of a record with their codecs. Fields that
// the portal does not have come back with why; without a code the manifests are wrong.
func (v *view) targets(r *spec.Resource, t recordType) ([]target, []denial) {
	return v.targetsIn(&targetRoom{}, r, t)
}

// sameRaw tells whether the portal's JSON is the declared value as it is written.
func (tg *target) sameRaw(want value.Value, row kind.Row) bool {
	return value.RawSame(tg.codec, want, row[tg.wire])
}
