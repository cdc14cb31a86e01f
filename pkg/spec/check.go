package spec

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/value"
)

// checkFields checks declared fields against the rules of the kind; path leads to
// the map that they stand in. Names that no rule knows are the schema's affair.
func (d *document) checkFields(route kind.Route, fields []value.Field, path []string) {
	here := append(slices.Clone(path), "")
	for _, f := range fields {
		here[len(path)] = f.Name
		if rule, ok := d.rule(f.Name); ok && !d.isReported(here) {
			rule = routed(rule, route)
			d.checkField(rule, f, here)
		} else if !ok && d.kind.Class == kind.ClassRecord && userField.MatchString(f.Name) {
			if d.refuseOlder(f, here) {
				continue
			}
			d.checkUserCode(f)
			d.checkUserField(f, here)
		}
	}
}

// routed is a rule as the route of its record has it: an import may set times and authors.
func routed(rule kind.Rule, route kind.Route) kind.Rule {
	if rule.Stamp && (route.Preserves() || route.Drops()) {
		rule.Refuse = ""
		rule.NoClear = true
	} else if rule.Stamp && route.Imports() {
		rule.Hint = "preserve-or-drop-times"
	}
	return rule
}

// checked runs a check and, if it finds a problem, keeps the schema from telling
// the same about the place again.
func (d *document) checked(path []string, check func()) {
	before := len(d.problems)
	if check(); len(d.problems) > before {
		d.markReported(path)
	}
}

func (d *document) rule(name string) (kind.Rule, bool) {
	if rule, ok := d.kind.Field(name); ok {
		return rule, true
	}
	if d.kind.Class == kind.ClassRecord && parentField.MatchString(name) {
		return kind.Rule{Name: name, Type: kind.TypeEntity}, true
	}
	return kind.Rule{}, false
}

func (d *document) checkField(rule kind.Rule, f value.Field, path []string) {
	switch {
	case rule.Refuse != "":
		d.markReported(path)
		d.problem(f.Pos, f.Name, "read-only", value.Say(rule.Hint), value.Say("field-is-refused", value.T("field", rule.Name), value.M("reason", value.Say(rule.Refuse))))
	case f.Value.Kind == value.Null:
		d.checked(path, func() { d.checkNull(rule, f) })
	case rule.Type == kind.TypeParents:
		d.checkParents(rule, f, path)
	case rule.Type == kind.TypePrice:
		d.checked(path, func() { d.checkPrice(rule, f.Value) })
	case rule.Type == kind.TypeRelations:
		// a structure of its own, which the schema describes whole
	case rule.Type == kind.TypeMultifield:
		d.checkItems(rule, f.Value, path, d.checkMultifield)
	case rule.Multiple:
		d.checkItems(rule, f.Value, path, d.checkOne)
	default:
		d.checked(path, func() { d.checkOne(rule, f.Value) })
	}
}

func (d *document) checkNull(rule kind.Rule, f value.Field) {
	switch {
	case rule.Type == kind.TypeBoolean:
		d.problem(f.Pos, f.Name, "type", value.Say("write-boolean-or-leave-alone"), value.Say("null-is-no-boolean", value.T("field", rule.Name)))
	case rule.NoClear:
		d.problem(f.Pos, f.Name, "type", value.Say("remove-line-to-leave-alone"), value.Say("field-cannot-be-emptied", value.T("field", rule.Name)))
	}
}

// checkItems checks a list and that no two of its entries are the same.
func (d *document) checkItems(rule kind.Rule, v value.Node, path []string, one func(kind.Rule, value.Node) string) {
	if d.isReported(path) {
		return
	}
	if v.Kind == value.Map {
		d.checkMembership(rule, v, path, one)
		return
	}
	if v.Kind != value.List {
		d.markReported(path)
		d.refuse(rule.Name, v, value.Bad("type", "no-list", "write-a-list", d.shown("value", v)))
		return
	}
	seen := map[string]bool{}
	for i, item := range v.Items {
		here := append(path, strconv.Itoa(i))
		d.checked(here, func() {
			if item.Kind == value.Null && d.isReported(here) {
				return
			}
			if item.Kind == value.Null {
				d.problem(item.Pos, "", "type", value.Say("remove-entry-or-null"), value.Say("null-is-no-entry", value.T("field", rule.Name)))
				return
			}
			id := one(rule, item)
			if id != "" && seen[id] {
				d.problem(item.Pos, item.Text, "duplicate", value.Say("remove-one-of-two"), value.Say("holds-twice", value.T("field", rule.Name), d.shownEntry("value", item)))
			}
			seen[id] = true
		})
	}
}

// shownEntry is the argument of a message that is a list's entry.
func (d *document) shownEntry(name string, v value.Node) value.Arg {
	if ref, ok := v.Ref(); ok {
		return value.T(name, ref)
	}
	if l, ok := v.Lookup(); ok {
		return value.M(name, l.Says())
	}
	if inner, ok := v.Get("value"); ok {
		return d.shown(name, inner)
	}
	return d.shown(name, v)
}

// checkOne checks a single value with the codec of its type, as far as it can be without
// the portal. It gives what makes the value the same as another, "" if it was refused.
func (d *document) checkOne(rule kind.Rule, v value.Node) string {
	if linkSpace(d.kinds, rule) != "" || rule.Type == kind.TypeEntity {
		return d.checkLink(rule.Name, v)
	}
	if _, err := d.schemas.codecOf(rule).Parse(nil, v); err != nil {
		d.refuse(rule.Name, v, err)
		return ""
	}
	if v.Kind != value.Scalar {
		return ""
	}
	d.warnLines(rule, v)
	return cmp.Or(strings.ToLower(v.Text), "\x00")
}

// refuse tells what is wrong with a value of a field.
func (d *document) refuse(field string, v value.Node, err error) {
	f, ok := err.(*value.Fault)
	if !ok {
		f = value.Bad("type", "verbatim", "", value.T("text", err.Error()))
	}
	shown := d.shown("value", v)
	if _, private := d.written[v.Pos]; private {
		tag := shown
		tag.Name = "tag"
		f = f.With(tag)
	}
	text := v.Text
	if v.Kind != value.Scalar {
		text = ""
	}
	d.problem(v.Pos, text, f.Rule, f.Hint, value.Say("field-fault", value.T("field", field), value.M("fault", f.With(shown).Message)))
}

// checkLink checks the form of a {ref: …} or an id; whether the ref is declared
// shows when every document is read.
func (d *document) checkLink(name string, v value.Node) string {
	switch v.Kind {
	case value.Scalar:
		id, err := plainLink.Parse(nil, v)
		if err == nil {
			return id.Text
		}
	case value.Map:
		if _, ok := v.Get("lookup"); ok {
			return d.checkLookup(name, v)
		}
		return d.checkRef(name, v)
	}
	d.refuse(name, v, notALink(d.shown("value", v)))
	return ""
}

func notALink(shown value.Arg) *value.Fault {
	return value.Bad("type", "no-link", "write-a-link", shown)
}

// checkRef checks the text of a {ref: …}; what else stands in such a map is the
// schema's affair.
func (d *document) checkRef(name string, v value.Node) string {
	ref, ok := v.Get("ref")
	if !ok {
		d.refuse(name, v, notALink(d.shown("value", v)))
		return ""
	}
	if space, rest, _ := strings.Cut(ref.Text, "/"); ref.Kind != value.Scalar || !isName(space) || !value.IsName(rest) {
		d.problem(ref.Pos, ref.Text, "reference", value.Say("write-kind-and-name"), value.Say("is-no-address", value.T("field", name), d.shown("value", ref)))
		return ""
	}
	return strings.ToLower(ref.Text)
}

func (d *document) checkParents(rule kind.Rule, f value.Field, path []string) {
	if f.Value.Kind != value.Map {
		d.markReported(path)
		d.problem(f.Value.Pos, f.Value.Text, "type", value.Say("write-parents"), value.Say("is-no-map-of-links", value.T("field", rule.Name), d.shown("value", f.Value)))
		return
	}
	for _, p := range f.Value.Pairs {
		if p.Value.Kind != value.Null {
			d.checked(append(path, p.Key), func() { d.checkLink(rule.Name+"."+p.Key, p.Value) })
		}
	}
}

func (d *document) checkMultifield(rule kind.Rule, v value.Node) string {
	text, typ := v, value.Node{}
	switch v.Kind {
	case value.List:
		d.problem(v.Pos, "", "type", value.Say("write-text-or-map"), value.Say("list-is-no-entry", value.T("field", rule.Name)))
		return ""
	case value.Map:
		var hasValue bool
		if text, hasValue = v.Get("value"); !hasValue {
			return "" // the schema says so
		}
		typ, _ = v.Get("type")
	}
	if strings.ContainsRune(text.Text, 0) {
		d.checkCharacters(rule.Name, text)
		return ""
	}
	if text.Kind == value.Null && text.Plain {
		return "" // which is told of the line
	}
	if text.Kind != value.Scalar || strings.TrimSpace(text.Text) == "" {
		d.problem(v.Pos, v.Text, "type", value.Say("remove-entry"), value.Say("entry-is-empty", value.T("field", rule.Name)))
		return ""
	}
	if typ.Kind == value.Scalar && !slices.Contains(kind.ValueTypes(rule.Multi), typ.Text) {
		d.refuseValueType(rule, typ)
		return ""
	}
	d.warnLines(rule, text)
	d.warnEntry(rule, text)
	// One number may stand twice, as phone and as fax; WORK is what a new entry gets.
	return cmp.Or(typ.Text, "WORK") + " " + strings.TrimSpace(text.Text)
}

func (d *document) refuseValueType(rule kind.Rule, typ value.Node) {
	var hint value.Message
	if near, ok := Suggest(typ.Text, kind.ValueTypes(rule.Multi)); ok {
		hint = value.Say("did-you-mean", value.T("name", near))
	}
	d.problem(typ.Pos, typ.Text, "type", hint, value.Say("type-is-none-of", value.T("field", rule.Name), d.shown("value", typ), value.L("types", kind.ValueTypes(rule.Multi))))
}
