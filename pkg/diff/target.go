package diff

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

// A target is one declared value with everything that is known about its field.
type target struct {
	name   string // as declared; an entry of parents is "parents.deal"
	value  value.Node
	pos    value.Pos // of the key
	typ    value.Type
	codec  value.Codec
	rule   kind.Rule
	wire   string // name on the wire; "" while parent does not exist
	parent value.Address
}

// ownTargets gives the targets of a record with these fields. Those that the portal does not
// have come back with why; without a code the manifests are wrong.
func (v *view) ownTargets(r *spec.Resource, t recordType, fields []value.Field) ([]target, []denial.Denial) {
	out := make([]target, 0, len(fields))
	var problems []denial.Denial
	for _, f := range fields {
		if rule, _ := r.Kind.Field(f.Name); rule.Type == kind.TypeParents {
			for _, p := range f.Value.Pairs {
				tg, err := v.parentTarget(r, t, p)
				out, problems = collect(out, problems, tg, err, p.Pos)
			}
			continue
		}
		tg, err := v.fieldTarget(r, t, f)
		if i := slices.IndexFunc(out, func(o target) bool { return o.wire == tg.wire && tg.wire != "fm" }); i >= 0 && err == nil {
			err = denial.Unmet("SAME_FIELD", "duplicate", "same-field", "keep-one-of-two", value.T("field", out[i].name), value.T("other", tg.name))
		}
		out, problems = collect(out, problems, tg, err, f.Pos)
	}
	return out, problems
}

func collect(out []target, problems []denial.Denial, tg target, err error, pos value.Pos) ([]target, []denial.Denial) {
	if err != nil {
		return out, append(problems, denial.Denial{Problem: denial.Problem(pos, err), Code: denial.CodeOf(err)})
	}
	return append(out, tg), problems
}

var parentField = regexp.MustCompile(`^parentId(\d+)$`)

func (v *view) fieldTarget(r *spec.Resource, t recordType, f value.Field) (target, error) {
	tg := target{name: f.Name, value: f.Value, pos: f.Pos, wire: f.Name}
	if r.Kind.Class == kind.ClassCatalog {
		return v.catalogTarget(r, f)
	}
	rule, known := r.Kind.Field(f.Name)
	tg.rule = rule
	switch {
	case known && rule.Multi != "":
		tg.wire = kind.ContactsField
		return v.withCodec(tg, rule.ValueType())
	case known && rule.Flag != "" && t.declared != nil && !t.flag(rule.Flag):
		return tg, value.Bad("unknown-field", "field-is-off", "set-flag-on", value.T("field", f.Name), value.T("flag", rule.Flag), value.T("type", t.addr))
	}
	if t.isNew() {
		if !known {
			return tg, denial.Unmet("NO_FIELD", "unknown-field", "new-type-has-no-field", "new-type-has-system-fields", value.T("field", f.Name), value.T("type", t.addr))
		}
		return v.withCodec(tg, rule.ValueType())
	}
	live, err := v.liveField(t.entityTypeID, f.Name)
	ok := err == nil && live.Name != ""
	switch {
	case err != nil:
		return tg, err
	case ok && live.ReadOnly && !(rule.Stamp && r.Route().Times != ""):
		return tg, denial.Unmet("READ_ONLY", "read-only", "read-only-here", "portal-keeps-field", value.T("field", f.Name))
	case ok && !known:
		tg.wire = live.Name
		return v.withCodec(tg, v.liveType(live))
	case !ok && !rule.Unlisted && (rule.Flag == "" || !t.flag(rule.Flag)):
		return tg, v.noField(r, t, f.Name)
	}
	typ := rule.ValueType()
	typ.Multiple, typ.Dictionary = live.Multiple || rule.Multiple, cmp.Or(live.StatusType, rule.Dictionary)
	return v.withCodec(tg, typ)
}

// liveType says how the values of a field are meant that only the portal knows.
func (v *view) liveType(f kind.LiveField) value.Type {
	if f.Dynamic {
		return f.ValueType(v.meta.Kinds)
	}
	t := kind.Rule{Name: f.Name, Type: f.Type, Multiple: f.Multiple, Dictionary: f.StatusType}.ValueType()
	t.Filled, t.Natural = false, false
	return t
}

// withCodec gives a target the codec of its type, in the form in which its value is declared.
func (v *view) withCodec(tg target, t value.Type) (target, error) {
	if tg.rule.Multi != "" {
		t.Region = v.set.Project.PhoneRegion
	}
	if _, _, is := tg.value.Membership(); is && value.IsSet(t) {
		t.Members = true
	}
	var ok bool
	if tg.codec, ok = value.CodecOf(t); !ok {
		return tg, noCodec(tg.name, kind.FieldType(t.Public()))
	}
	tg.typ = t
	return tg, nil
}

// liveField finds a field by its name in crm.item.*, or by the portable code or
// the full upper-case name of a user field. A field that does not exist has no Name.
func (v *view) liveField(entityTypeID int, name string) (kind.LiveField, error) {
	fields := v.meta.Fields[entityTypeID]
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

func (v *view) noField(r *spec.Resource, t recordType, name string) error {
	if m := parentField.FindStringSubmatch(name); m != nil {
		return denial.Unmet("NO_RELATION", "relation", "no-relation-to-type", "create-relation-first",
			value.T("field", name), r.Kind.Arg("kinds"), value.T("type", m[1]))
	}
	custom := name == strings.ToUpper(name) // no system field is written so
	var names []string
	for key, f := range v.meta.Fields[t.entityTypeID].ByName {
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
func (v *view) parentTarget(r *spec.Resource, t recordType, p value.Pair) (target, error) {
	tg := target{name: "parents." + p.Key, value: p.Value, pos: p.Pos, typ: parentType, codec: parentCodec, rule: kind.Rule{Name: "parents"}}
	s := v.scope(t)
	entity, addr := s.EntityOf(p.Key)
	switch {
	case entity != 0:
		tg.wire = fmt.Sprintf("parentId%d", entity)
	case addr != "":
		tg.parent = addr
	default:
		return tg, value.Bad("relation", "no-entity-type", "write-kind-or-spa", value.Q("value", p.Key))
	}
	if _, ok := v.meta.Fields[t.entityTypeID].ByName[tg.wire]; ok {
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
func (v *view) declaresRelation(r *spec.Resource, t recordType, parent int, parentAddr value.Address) bool {
	s := v.scope(t)
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
	if t.declared != nil && holds(t.declared, "parent", parent, parentAddr) {
		return true
	}
	for _, spa := range v.set.Resources {
		if spa.Kind.Class != kind.ClassType {
			continue
		}
		_, name := spa.Address.Split()
		other := v.declaredType(name)
		if (other.addr == parentAddr || parent != 0 && other.entityTypeID == parent) && holds(spa, "child", t.entityTypeID, t.addr) {
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
