package declared

import (
	"slices"
	"strconv"
	"strings"

	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/spec"
	"github.com/b24apply/b24apply/pkg/value"
)

// Hides gives the refusal of something that the portal would have to tell for a resource.
func (v *View) Hides(r *spec.Resource) *kind.Refusal {
	if len(v.Meta.Hidden) == 0 {
		return nil
	}
	for _, topic := range v.topics(r) {
		if no := v.Meta.Hidden[topic]; no != nil {
			return no
		}
	}
	return nil
}

// topics lists what the portal has to tell for a resource.
func (v *View) topics(r *spec.Resource) (out []kind.Topic) {
	tell := func(needed bool, what kind.Tellable, id int) {
		if needed {
			out = append(out, kind.Topic{What: what, ID: id})
		}
	}
	tell(v.NeedsTypes(r) || v.namesType(r), kind.TellTypes, 0)
	switch r.Kind.Class {
	case kind.ClassType:
		_, related := r.Field("relations")
		if m := v.MatchType(r); m.Live != nil {
			tell(related, kind.TellRelations, m.Live.ID)
		}
	case kind.ClassCatalog:
		tell(true, kind.TellCatalogs, 0)
		for _, name := range r.Outline().Fields {
			rule, known := r.Kind.Field(name)
			tell(rule.Type == kind.TypePrice, kind.TellPriceTypes, 0)
			tell(rule.Type == kind.TypeMeasure, kind.TellMeasures, 0)
			tell(rule.Type == kind.TypeVAT, kind.TellVATs, 0)
			tell(!known, kind.TellProperties, 0)
		}
	case kind.ClassRecord:
		v.recordTopics(r, tell)
	}
	return out
}

// recordTopics tells what the portal has to tell for a record.
func (v *View) recordTopics(r *spec.Resource, tell func(bool, kind.Tellable, int)) {
	t := v.TypeOf(r)
	if t == (Type{}) {
		t, _ = v.FormerType(r)
	}
	entity := t.EntityTypeID
	tell(entity != 0, kind.TellFields, entity)
	for _, name := range r.Outline().Fields {
		typ := kind.FieldType("")
		if rule := r.Kind.Rule(name); rule != nil {
			typ = rule.Type
		} else if live, err := v.LiveField(entity, name); err == nil {
			typ = live.Type
		}
		tell(name == kind.StageField || name == kind.PipelineField, kind.TellPipelines, entity)
		tell(typ == kind.TypeStatus, kind.TellStatuses, 0)
		if c, ok := value.CodecOf(value.Type{Name: string(typ)}); ok && c.Traits().Users {
			field, _ := r.Field(name)
			tell(slices.ContainsFunc(DeclaredScalars(field.Value), namesUser), kind.TellUsers, 0)
		}
	}
	parts := r.Outline().Parts
	requisites := slices.Contains(parts, kind.RequisitesPart)
	tell(requisites, kind.TellRequisites, 0)
	tell(requisites || slices.Contains(parts, kind.AddressesPart), kind.TellAddressTypes, 0)
	tell(DeclaresRequisiteLists(r), kind.TellStatuses, 0)
	tell(v.Yielding(r), kind.TellCaller, 0)
}

// namesUser tells whether a user is named by anything but an id.
func namesUser(user string) bool { return strings.Trim(user, "0123456789") != "" }

// namesType tells whether a resource can only be understood with the portal's types: its own
// one is named, or a parent's.
func (v *View) namesType(r *spec.Resource) bool {
	if _, err := strconv.Atoi(r.Type); r.Type != "" && err != nil {
		return true
	}
	return slices.ContainsFunc(r.Fields(), func(f value.Field) bool {
		rule, _ := r.Kind.Field(f.Name)
		return rule.Type == kind.TypeParents && slices.ContainsFunc(f.Value.Pairs, func(p value.Pair) bool { return v.Meta.Kinds.OfSpace(p.Key) == nil })
	})
}

// NeedsTypes tells whether the types of smart processes must be read for a
// resource: it declares one, or the key field of its undeclared type is named after
// the id of that type.
func (v *View) NeedsTypes(r *spec.Resource) bool {
	if r.Type == "" {
		return r.Kind.Class == kind.ClassType
	}
	_, err := strconv.Atoi(r.Type)
	return r.Kind.Class == kind.ClassType || err == nil && v.Set.Project.SlotOf(r).Key == kind.KeyField
}

// DeclaresRequisiteLists tells whether a declared requisite has a field that may be an
// entry of a dictionary.
func DeclaresRequisiteLists(r *spec.Resource) bool {
	part, _ := r.Part(kind.RequisitesPart)
	return slices.ContainsFunc(part.Value.Items, func(entry value.Node) bool {
		fields, _ := entry.Get(kind.ColumnsPart)
		return slices.ContainsFunc(fields.Pairs, func(p value.Pair) bool { return p.Key == "RQ_IDENT_TYPE" })
	})
}

// DeclaredScalars gives the texts of a value: its own, or those of its entries.
func DeclaredScalars(v value.Node) []string {
	var out []string
	for _, x := range append(slices.Clone(v.Members()), v) {
		if x.Kind == value.Scalar {
			out = append(out, x.Text)
		}
	}
	return out
}
