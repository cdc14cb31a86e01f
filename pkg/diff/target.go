package diff

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

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

// A view answers questions about declared resources against the portal's
// metadata, what the same plan will create included.
type view struct {
	set   *spec.Set
	meta  *Meta
	found map[string][]kind.Row     // what lookups found, by what they say
	known map[knownKey]*value.Known // lists of names, once everything is read; nil before

	// What records have alike, once the portal's names are read; nil before.
	shapes      map[shapeKey]*shape
	recordTypes map[string]recordType // of the items of smart processes, by their declared types
	names       []string              // see owners
}

// A recordType is the entity type behind a record: a system one, a live SPA, or
// an SPA that the same plan creates.
type recordType struct {
	entityTypeID int            // 0 if it will be created
	addr         value.Address  // the declared SPA, if there is one
	declared     *spec.Resource // the same
	live         *kind.LiveType
	refused      bool       // the declared SPA cannot be matched
	catalog      *kind.Kind // the kind of what lies in the catalogue, which has no entity type
}

// store tells where the records are kept, as Change.Store does; 0 if nowhere yet.
func (t recordType) store() int {
	if t.catalog != nil {
		return t.catalog.StoreNumber(0)
	}
	return t.entityTypeID
}

func (t recordType) isNew() bool { return t.addr != "" && t.entityTypeID == 0 }

// flag tells whether a feature of the type is on, or will be once it is applied.
func (t recordType) flag(name string) bool {
	if t.declared != nil {
		if f, ok := t.declared.Field(name); ok && f.Value.Kind == value.Scalar {
			yes, _ := isDeclaredYes(f.Value)
			return yes
		}
	}
	return t.live != nil && yn(t.live.Row[name]) == "Y"
}

func (v *view) recordType(r *spec.Resource) recordType {
	if r.Kind.EntityTypeID != 0 {
		return recordType{entityTypeID: r.Kind.EntityTypeID}
	}
	if r.Kind.Methods.Placed {
		return recordType{catalog: r.Kind}
	}
	if t, known := v.recordTypes[r.Type]; known {
		return t
	}
	t := v.itemType(r.Type)
	if v.recordTypes != nil {
		v.recordTypes[r.Type] = t
	}
	return t
}

// itemType is the type of items whose declared type is a number or a name.
func (v *view) itemType(name string) recordType {
	if n, err := strconv.Atoi(name); err == nil {
		return recordType{entityTypeID: n, live: v.meta.typeByEntity(n)}
	}
	return v.declaredType(name)
}

func (v *view) declaredType(name string) recordType {
	addr := value.NewAddress("spa", name)
	t := recordType{addr: addr, declared: v.set.Lookup(addr)}
	if t.declared == nil {
		return recordType{}
	}
	m := v.matchType(t.declared)
	t.refused = m.code != ""
	if m.live != nil {
		t.live, t.entityTypeID = m.live, m.live.EntityTypeID
	}
	return t
}

func declaredText(r *spec.Resource, field string) string {
	f, _ := r.Field(field)
	return f.Value.Text
}

// ownTargets gives the targets of a record with these fields. Those that the portal does not
// have come back with why; without a code the manifests are wrong.
func (v *view) ownTargets(r *spec.Resource, t recordType, fields []value.Field) ([]target, []denial) {
	out := make([]target, 0, len(fields))
	var problems []denial
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
			err = unmet("SAME_FIELD", "duplicate", "same-field", "keep-one-of-two", value.T("field", out[i].name), value.T("other", tg.name))
		}
		out, problems = collect(out, problems, tg, err, f.Pos)
	}
	return out, problems
}

func collect(out []target, problems []denial, tg target, err error, pos value.Pos) ([]target, []denial) {
	if err != nil {
		return out, append(problems, denial{problem(pos, err), denialOf(err)})
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
			return tg, unmet("NO_FIELD", "unknown-field", "new-type-has-no-field", "new-type-has-system-fields", value.T("field", f.Name), value.T("type", t.addr))
		}
		return v.withCodec(tg, rule.ValueType())
	}
	live, err := v.liveField(t.entityTypeID, f.Name)
	ok := err == nil && live.Name != ""
	switch {
	case err != nil:
		return tg, err
	case ok && live.ReadOnly && !(rule.Stamp && r.Route().Times != ""):
		return tg, unmet("READ_ONLY", "read-only", "read-only-here", "portal-keeps-field", value.T("field", f.Name))
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
	return kind.LiveField{}, unmet("AMBIGUOUS_NAME", "unknown-field", "several-fields-of-code", "write-full-name", value.T("field", name), value.N("n", len(hits)), value.L("names", names))
}

func (v *view) noField(r *spec.Resource, t recordType, name string) error {
	if m := parentField.FindStringSubmatch(name); m != nil {
		return unmet("NO_RELATION", "relation", "no-relation-to-type", "create-relation-first",
			value.T("field", name), kindArg("kinds", r.Kind), value.T("type", m[1]))
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
	return remedied(unmet("NO_FIELD", "unknown-field", "no-field-of-kind", "", value.T("field", name), kindArg("kinds", r.Kind)), spec.HintOfCode(r.Kind, name).Or(hint))
}

// parentTarget is one entry of parents: the field parentId{N}, where N is the
// entity type that the key names.
func (v *view) parentTarget(r *spec.Resource, t recordType, p value.Pair) (target, error) {
	tg := target{name: "parents." + p.Key, value: p.Value, pos: p.Pos, typ: parentType, codec: parentCodec, rule: kind.Rule{Name: "parents"}}
	s := v.scope(t)
	entity, addr := s.entity(p.Key)
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
			hint = value.Say("kind-names-it-in", kindArg("kinds", r.Kind), value.T("field", name))
		}
	}
	return tg, remedied(unmet("NO_RELATION", "relation", "no-relation", "", value.T("space", p.Key), kindArg("kinds", r.Kind)), hint)
}

var (
	parentType  = typeNamed(kind.TypeEntity)
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
		rels, _ := value.MustCodecOf(relationsType).Parse(s.names(), list)
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

// problemWith is problem for a value: its text is what is underlined.
func problemWith(v value.Node, err error) spec.Problem {
	p := problem(v.Pos, err)
	if p.Pos == v.Pos && v.Plain {
		p.Width = utf8.RuneCountInString(v.Text)
	}
	return p
}

func problem(pos value.Pos, err error) spec.Problem {
	p := spec.Problem{Pos: pos, Severity: spec.SeverityError, Rule: "value", Message: value.SaidBy(err)}
	switch e := err.(type) {
	case *refused:
		p.Hint = e.Remedy()
	case *value.Fault:
		p.Rule, p.Hint = e.Rule, e.Hint
		if e.Pos != (value.Pos{}) {
			p.Pos = e.Pos
		}
	}
	return p
}
