package declared

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/b24apply/b24apply/pkg/diff/denial"
	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/spec"
	"github.com/b24apply/b24apply/pkg/value"
)

// A Target is one declared value with everything that is known about its field.
type Target struct {
	Name   string // as declared; an entry of parents is "parents.deal"
	Value  value.Node
	Pos    value.Pos // of the key
	Type   value.Type
	Codec  value.Codec
	Rule   kind.Rule
	Wire   string // name on the wire; "" while parent does not exist
	Parent value.Address
}

// ownTargets gives the targets of a record with these fields. Those that the portal does not
// have come back with why; without a code the manifests are wrong.
func (v *View) ownTargets(r *spec.Resource, t Type, fields []value.Field) ([]Target, []denial.Denial) {
	out := make([]Target, 0, len(fields))
	var problems []denial.Denial
	for _, f := range fields {
		if rule, _ := r.Kind.Field(f.Name); rule.Type == kind.TypeParents {
			for _, p := range f.Value.Pairs {
				tg, err := v.parentTarget(r, t, p)
				out, problems = collect(out, problems, tg, err, p.Pos)
			}
			continue
		}
		tg, err := v.FieldTarget(r, t, f)
		if i := slices.IndexFunc(out, func(o Target) bool { return o.Wire == tg.Wire && tg.Wire != "fm" }); i >= 0 && err == nil {
			err = denial.Unmet("SAME_FIELD", "duplicate", "same-field", "keep-one-of-two", value.T("field", out[i].Name), value.T("other", tg.Name))
		}
		out, problems = collect(out, problems, tg, err, f.Pos)
	}
	return out, problems
}

func collect(out []Target, problems []denial.Denial, tg Target, err error, pos value.Pos) ([]Target, []denial.Denial) {
	if err != nil {
		return out, append(problems, denial.Denial{Problem: denial.Problem(pos, err), Code: denial.CodeOf(err)})
	}
	return append(out, tg), problems
}

var parentField = regexp.MustCompile(`^parentId(\d+)$`)

func (v *View) FieldTarget(r *spec.Resource, t Type, f value.Field) (Target, error) {
	tg := Target{Name: f.Name, Value: f.Value, Pos: f.Pos, Wire: f.Name}
	if r.Kind.Class == kind.ClassCatalog {
		return v.catalogTarget(r, f)
	}
	rule, known := r.Kind.Field(f.Name)
	tg.Rule = rule
	switch {
	case known && rule.Multi != "":
		tg.Wire = kind.ContactsField
		return v.withCodec(tg, rule.ValueType())
	case known && rule.Flag != "" && t.Declared != nil && !t.Flag(rule.Flag):
		return tg, value.Bad("unknown-field", "field-is-off", "set-flag-on", value.T("field", f.Name), value.T("flag", rule.Flag), value.T("type", t.Address))
	}
	if t.isNew() {
		if !known {
			return tg, denial.Unmet("NO_FIELD", "unknown-field", "new-type-has-no-field", "new-type-has-system-fields", value.T("field", f.Name), value.T("type", t.Address))
		}
		return v.withCodec(tg, rule.ValueType())
	}
	live, err := v.LiveField(t.EntityTypeID, f.Name)
	ok := err == nil && live.Name != ""
	switch {
	case err != nil:
		return tg, err
	case ok && live.ReadOnly && !(rule.Stamp && r.Route().Times != ""):
		return tg, denial.Unmet("READ_ONLY", "read-only", "read-only-here", "portal-keeps-field", value.T("field", f.Name))
	case ok && !known:
		tg.Wire = live.Name
		return v.withCodec(tg, v.liveType(live))
	case !ok && !rule.Unlisted && (rule.Flag == "" || !t.Flag(rule.Flag)):
		return tg, v.noField(r, t, f.Name)
	}
	typ := rule.ValueType()
	typ.Multiple, typ.Dictionary = live.Multiple || rule.Multiple, cmp.Or(live.StatusType, rule.Dictionary)
	return v.withCodec(tg, typ)
}

// liveType says how the values of a field are meant that only the portal knows.
func (v *View) liveType(f kind.LiveField) value.Type {
	if f.Dynamic {
		return f.ValueType(v.Meta.Kinds)
	}
	t := kind.Rule{Name: f.Name, Type: f.Type, Multiple: f.Multiple, Dictionary: f.StatusType}.ValueType()
	t.Filled, t.Natural = false, false
	return t
}

// withCodec gives a target the codec of its type, in the form in which its value is declared.
func (v *View) withCodec(tg Target, t value.Type) (Target, error) {
	if tg.Rule.Multi != "" {
		t.Region = v.Set.Project.PhoneRegion
	}
	if _, _, is := tg.Value.Membership(); is && value.IsSet(t) {
		t.Members = true
	}
	var ok bool
	if tg.Codec, ok = value.CodecOf(t); !ok {
		return tg, noCodec(tg.Name, kind.FieldType(t.Public()))
	}
	tg.Type = t
	return tg, nil
}

// LiveField finds a field by its name in crm.item.*, or by the portable code or
// the full upper-case name of a user field. A field that does not exist has no Name.
func (v *View) LiveField(entityTypeID int, name string) (kind.LiveField, error) {
	fields := v.Meta.Fields[entityTypeID]
	if f, ok := fields.ByName[name]; ok {
		return f, nil
	}
	hits := fields.ByCode[name]
	switch len(hits) {
	case 0:
		return kind.LiveField{}, nil
	case 1:
		return hits[0], nil
	}
	names := make([]string, len(hits))
	for i, f := range hits {
		names[i] = f.UpperName
	}
	return kind.LiveField{}, denial.Unmet("AMBIGUOUS_NAME", "unknown-field", "several-fields-of-code", "write-full-name", value.T("field", name), value.N("n", len(hits)), value.L("names", names))
}

func (v *View) noField(r *spec.Resource, t Type, name string) error {
	if m := parentField.FindStringSubmatch(name); m != nil {
		return denial.Unmet("NO_RELATION", "relation", "no-relation-to-type", "create-relation-first",
			value.T("field", name), r.Kind.Arg("kinds"), value.T("type", m[1]))
	}
	custom := name == strings.ToUpper(name) // no system field is written so
	var names []string
	for key, f := range v.Meta.Fields[t.EntityTypeID].ByName {
		if f.Dynamic {
			names = append(names, kind.UserFieldCode(f.UpperName))
		} else if !f.ReadOnly && !custom {
			names = append(names, key)
		}
	}
	slices.Sort(names)
	hint := value.Say("no-fields-shown")
	if s, ok := spec.Suggest(name, names); ok {
		hint = value.Say("did-you-mean", value.T("name", s))
	} else if custom && len(names) == 0 {
		hint = value.Say("make-field")
	} else if custom {
		hint = value.Say("make-field-or-correct", value.Some("names", names))
	} else if len(names) > 0 {
		hint = value.Say("fields-are", value.Some("names", names))
	}
	return value.WithHint(denial.Unmet("NO_FIELD", "unknown-field", "no-field-of-kind", "", value.T("field", name), r.Kind.Arg("kinds")), spec.HintOfCode(r.Kind, name).Or(hint))
}

// parentTarget is one entry of parents: the field parentId{N}, where N is the
// entity type that the key names.
func (v *View) parentTarget(r *spec.Resource, t Type, p value.Pair) (Target, error) {
	tg := Target{Name: "parents." + p.Key, Value: p.Value, Pos: p.Pos, Type: parentType, Codec: parentCodec, Rule: kind.Rule{Name: "parents"}}
	s := v.Scope(t)
	entity, addr := s.EntityOf(p.Key)
	switch {
	case entity != 0:
		tg.Wire = fmt.Sprintf("parentId%d", entity)
	case addr != "":
		tg.Parent = addr
	default:
		return tg, value.Bad("relation", "no-entity-type", "write-kind-or-spa", value.Q("value", p.Key))
	}
	if _, ok := v.Meta.Fields[t.EntityTypeID].ByName[tg.Wire]; ok {
		return tg, nil
	}
	if v.declaresRelation(r, t, entity, addr) {
		return tg, nil
	}
	hint := value.Say("declare-relation")
	for _, name := range []string{p.Key + "Id", p.Key + "Ids"} {
		if rule, ok := r.Kind.Field(name); ok && rule.Refuse == "" {
			hint = value.Say("kind-names-it-in", r.Kind.Arg("kinds"), value.T("field", name))
		}
	}
	return tg, value.WithHint(denial.Unmet("NO_RELATION", "relation", "no-relation", "", value.T("space", p.Key), r.Kind.Arg("kinds")), hint)
}

var (
	parentType  = kind.TypeEntity.ValueType()
	parentCodec = value.MustCodecOf(parentType)
)

// declaresRelation tells whether the manifests make the parent's type a parent of
// the record's type, from either side.
func (v *View) declaresRelation(r *spec.Resource, t Type, parent int, parentAddr value.Address) bool {
	s := v.Scope(t)
	holds := func(spa *spec.Resource, side string, entity int, addr value.Address) bool {
		f, ok := spa.Field("relations")
		if !ok {
			return false
		}
		list, _ := f.Value.Get(side)
		rels, _ := value.MustCodecOf(relationsType).Parse(s.Names(), list)
		return slices.ContainsFunc(rels.Entries(), func(x value.Value) bool {
			return entity != 0 && x.Int() == entity || addr != "" && x.RelatedTo() == addr
		})
	}
	if t.Declared != nil && holds(t.Declared, "parent", parent, parentAddr) {
		return true
	}
	for _, spa := range v.Set.Resources {
		if spa.Kind.Class != kind.ClassType {
			continue
		}
		_, name := spa.Address.Split()
		other := v.TypeByName(name)
		if (other.Address == parentAddr || parent != 0 && other.EntityTypeID == parent) && holds(spa, "child", t.EntityTypeID, t.Address) {
			return true
		}
	}
	return false
}

// unwritable are the types whose values crm.item.* cannot be given, or not read
// back, with what to do instead.
var unwritable = map[kind.FieldType]value.Message{
	kind.TypeBooking:  value.Say("book-in-the-calendar"),
	kind.TypeDiskFile: value.Say("use-field-of-files"),
}

// noCodec refuses a field of a type whose values cannot be written.
func noCodec(name string, typ kind.FieldType) error {
	hint := unwritable[typ].Or(value.Say("remove-undocumented"))
	return value.WithHint(denial.Unmet("NOT_WRITABLE", "type", "type-cannot-be-written", "", value.T("field", name), value.T("type", typ)), hint)
}
