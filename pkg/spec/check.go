package spec

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/b24apply/b24apply/pkg/value"
)

// checkFields checks declared fields against the rules of the kind; path leads to
// the map that they stand in. Names that no rule knows are the schema's affair.
func (d *document) checkFields(fields []Field, path []string) {
	here := append(slices.Clone(path), "")
	for _, f := range fields {
		here[len(path)] = f.Name
		if rule, ok := d.rule(f.Name); ok && !d.isReported(here) {
			d.checkField(rule, f, here)
		} else if !ok && d.kind.Class == ClassRecord && userField.MatchString(f.Name) {
			if d.refuseOlder(f, here) {
				continue
			}
			d.checkUserCode(f)
			d.checkUserField(f, here)
		}
	}
}

// checked runs a check and, if it finds a problem, keeps the schema from telling
// the same about the place again.
func (d *document) checked(path []string, check func()) {
	before := len(d.problems)
	if check(); len(d.problems) > before {
		d.markReported(path)
	}
}

func (d *document) rule(name string) (Rule, bool) {
	if rule, ok := d.kind.Field(name); ok {
		return rule, true
	}
	if d.kind.Class == ClassRecord && parentField.MatchString(name) {
		return Rule{Name: name, Type: TypeEntity}, true
	}
	return Rule{}, false
}

func (d *document) checkField(rule Rule, f Field, path []string) {
	switch {
	case rule.Refuse != "":
		d.markReported(path)
		d.problem(f.Pos, f.Name, "read-only", value.Say(rule.Hint), value.Say("field-is-refused", value.T("field", rule.Name), value.M("reason", value.Say(rule.Refuse))))
	case f.Value.Kind == Null:
		d.checked(path, func() { d.checkNull(rule, f) })
	case rule.Type == TypeParents:
		d.checkParents(rule, f, path)
	case rule.Type == TypePrice:
		d.checked(path, func() { d.checkPrice(rule, f.Value) })
	case rule.Type == TypeRelations:
		// a structure of its own, which the schema describes whole
	case rule.Type == TypeMultifield:
		d.checkItems(rule, f.Value, path, d.checkMultifield)
	case rule.Multiple:
		d.checkItems(rule, f.Value, path, d.checkOne)
	default:
		d.checked(path, func() { d.checkOne(rule, f.Value) })
	}
}

func (d *document) checkNull(rule Rule, f Field) {
	switch {
	case rule.Type == TypeBoolean:
		d.add(f.Pos, f.Name, "type", "write true or false, or remove the line to leave it alone", "%s: null is not true or false", rule.Name)
	case rule.NoClear:
		d.add(f.Pos, f.Name, "type", "remove the line to leave it alone", "%s cannot be emptied: Bitrix24 would keep its value", rule.Name)
	}
}

// checkItems checks a list and that no two of its entries are the same.
func (d *document) checkItems(rule Rule, v Value, path []string, one func(Rule, Value) string) {
	if d.isReported(path) {
		return
	}
	if v.Kind == Map {
		d.checkMembership(rule, v, path, one)
		return
	}
	if v.Kind != List {
		d.markReported(path)
		d.add(v.Pos, v.Text, "type", "write a list: [ … ]", "%s: %s is not a list", rule.Name, d.show(v))
		return
	}
	seen := map[string]bool{}
	for i, item := range v.Items {
		here := append(path, strconv.Itoa(i))
		d.checked(here, func() {
			if item.Kind == Null && d.isReported(here) {
				return
			}
			if item.Kind == Null {
				d.add(item.Pos, "", "type", "remove the entry, or write null for the whole list to empty it", "%s: null is no entry of a list", rule.Name)
				return
			}
			id := one(rule, item)
			if id != "" && seen[id] {
				d.add(item.Pos, item.Text, "duplicate", "remove one of the two", "%s holds %s twice", rule.Name, d.entry(item))
			}
			seen[id] = true
		})
	}
}

// shownEntry is the argument of a message that is a list's entry.
func (d *document) shownEntry(name string, v Value) value.Arg {
	if ref, ok := v.Ref(); ok {
		return value.T(name, ref)
	}
	if l, ok := v.Lookup(); ok {
		return value.T(name, l.String())
	}
	if inner, ok := v.Get("value"); ok {
		return d.shown(name, inner)
	}
	return d.shown(name, v)
}

// entry names a list's entry in a message.
func (d *document) entry(v Value) string { return shownText(d.shownEntry("", v)) }

// checkOne checks a single value. It gives what makes the value the same as
// another, "" if it was refused.
func (d *document) checkOne(rule Rule, v Value) string {
	if linkSpace(d.kinds, rule) != "" || rule.Type == TypeEntity {
		return d.checkLink(rule.Name, v)
	}
	if rule.Type == TypeFile {
		if _, ok := v.File(); !ok {
			d.add(v.Pos, v.Text, "type", "write {file: path}", "%s: %s is not a file", rule.Name, d.show(v))
		}
		return ""
	}
	if v.Kind != Scalar {
		d.add(v.Pos, "", "type", "write one value", "%s: %s is not one value", rule.Name, d.show(v))
		return ""
	}
	if fault, hint := scalars[rule.Type](rule, v.Text); fault != "" {
		d.add(v.Pos, v.Text, "type", hint, "%s: %s %s", rule.Name, d.show(v), fault)
		return ""
	}
	d.checkLength(rule, v)
	d.warnLines(rule, v)
	return cmp.Or(strings.ToLower(v.Text), "\x00")
}

const linkHint = "a link is written {ref: kind/name}, {lookup: {kind: {field: value}}} or as an id"

// checkLink checks the form of a {ref: …} or an id; whether the ref is declared
// shows when every document is read.
func (d *document) checkLink(name string, v Value) string {
	switch v.Kind {
	case Scalar:
		if id, err := strconv.ParseInt(v.Text, 10, 32); err == nil && id > 0 && digits.MatchString(v.Text) {
			return strconv.FormatInt(id, 10)
		}
	case Map:
		if _, ok := v.Get("lookup"); ok {
			return d.checkLookup(name, v)
		}
		return d.checkRef(name, v)
	}
	d.add(v.Pos, v.Text, "type", linkHint, "%s: %s is not a link", name, d.show(v))
	return ""
}

// checkRef checks the text of a {ref: …}; what else stands in such a map is the
// schema's affair.
func (d *document) checkRef(name string, v Value) string {
	ref, ok := v.Get("ref")
	if !ok {
		d.add(v.Pos, "", "type", linkHint, "%s: %s is not a link", name, d.show(v))
		return ""
	}
	if space, rest, _ := strings.Cut(ref.Text, "/"); ref.Kind != Scalar || !resourceName.MatchString(space) || !resourceName.MatchString(rest) {
		d.add(ref.Pos, ref.Text, "reference", "an address is kind/name, such as company/acme", "%s: %s is not an address", name, d.show(ref))
		return ""
	}
	return strings.ToLower(ref.Text)
}

func (d *document) checkParents(rule Rule, f Field, path []string) {
	if f.Value.Kind != Map {
		d.markReported(path)
		d.add(f.Value.Pos, f.Value.Text, "type", "write parents: {deal: {ref: deal/name}}", "%s: %s is not a map of kinds to links", rule.Name, d.show(f.Value))
		return
	}
	for _, p := range f.Value.Pairs {
		if p.Value.Kind != Null {
			d.checked(append(path, p.Key), func() { d.checkLink(rule.Name+"."+p.Key, p.Value) })
		}
	}
}

func (d *document) checkMultifield(rule Rule, v Value) string {
	value, typ := v, Value{}
	switch v.Kind {
	case List:
		d.add(v.Pos, "", "type", "write a text or {value: …, type: …}", "%s: a list is no entry", rule.Name)
		return ""
	case Map:
		var hasValue bool
		if value, hasValue = v.Get("value"); !hasValue {
			return "" // the schema says so
		}
		typ, _ = v.Get("type")
	}
	if strings.ContainsRune(value.Text, 0) {
		d.checkCharacters(rule.Name, value)
		return ""
	}
	if value.Kind == Null && value.Plain {
		return "" // which is told of the line
	}
	if value.Kind != Scalar || strings.TrimSpace(value.Text) == "" {
		d.add(v.Pos, v.Text, "type", "remove the entry", "%s: an entry is empty", rule.Name)
		return ""
	}
	if typ.Kind == Scalar && !slices.Contains(ValueTypes(rule.Multi), typ.Text) {
		d.refuseValueType(rule, typ)
		return ""
	}
	d.warnLines(rule, value)
	d.warnEntry(rule, value)
	// One number may stand twice, as phone and as fax; WORK is what a new entry gets.
	return cmp.Or(typ.Text, "WORK") + " " + strings.TrimSpace(value.Text)
}

func (d *document) refuseValueType(rule Rule, typ Value) {
	hint := ""
	if near, ok := Suggest(typ.Text, ValueTypes(rule.Multi)); ok {
		hint = fmt.Sprintf("did you mean %s?", near)
	}
	d.add(typ.Pos, typ.Text, "type", hint, "%s: the type %s is none of %s", rule.Name, d.show(typ), strings.Join(ValueTypes(rule.Multi), ", "))
}

// scalars check the text of a single value by the field's type: fault is empty, or
// completes a sentence about the value.
var scalars = map[FieldType]func(Rule, string) (fault, hint string){
	TypeString:   checkText,
	TypeText:     checkText,
	TypeMarkup:   checkText,
	TypeInteger:  checkInteger,
	TypeDouble:   checkDouble,
	TypeBoolean:  checkBoolean,
	TypeDate:     checkDate,
	TypeUser:     checkFilled,
	TypeStatus:   checkFilled,
	TypeCategory: checkFilled,
	TypeCurrency: checkCurrency,
	TypeDatetime: checkDatetime,
	TypeChoice:   checkChoice,
	TypeCatalog:  checkFilled,
	TypeMeasure:  checkFilled,
	TypeVAT:      checkFilled,
	TypeLocation: checkFilled,
}

const isEmpty = "is empty"

// clearHint says how to empty a field, or that it cannot be.
func clearHint(rule Rule) string {
	if rule.NoClear {
		return "Bitrix24 would keep its value; remove the line to leave it alone"
	}
	return "write null to empty the field"
}

func checkText(rule Rule, text string) (fault, hint string) {
	if strings.ContainsRune(text, 0) {
		return "holds a NUL character, which Bitrix24 does not keep", "remove the NUL"
	}
	if text == "" && rule.NoClear {
		return isEmpty, clearHint(rule)
	}
	return "", ""
}

func checkFilled(rule Rule, text string) (fault, hint string) {
	if strings.TrimSpace(text) == "" {
		return isEmpty, clearHint(rule)
	}
	return "", ""
}

var (
	wholeNumber = regexp.MustCompile(`^-?[0-9]{1,18}$`)
	number      = regexp.MustCompile(`^-?[0-9]{1,18}(\.[0-9]{1,18})?$`)
	currency    = regexp.MustCompile(`^[A-Za-z]{3}$`)
	localDate   = regexp.MustCompile(`^[0-9]{1,2}[./][0-9]{1,2}[./]([0-9]{4})$`)
)

func checkInteger(rule Rule, text string) (fault, hint string) {
	n, _ := strconv.ParseInt(text, 10, 64)
	switch {
	case text == "":
		return isEmpty, clearHint(rule)
	case !wholeNumber.MatchString(text):
		return "is not a whole number", "write digits only"
	case n < 0:
		return "is negative", "write 0 or more"
	case rule.Max > 0 && n > int64(rule.Max):
		return "is too large", fmt.Sprintf("it goes from 0 to %d", rule.Max)
	}
	return "", ""
}

func checkDouble(rule Rule, text string) (fault, hint string) {
	switch {
	case text == "":
		return isEmpty, clearHint(rule)
	case !number.MatchString(text):
		return "is not a number", "write digits with a point, such as 1250.50"
	}
	return "", ""
}

func checkBoolean(_ Rule, text string) (fault, hint string) {
	switch strings.ToLower(text) {
	case "true", "false", "y", "n", "yes", "no":
		return "", ""
	}
	return "is not true or false", "write true or false"
}

func checkDate(rule Rule, text string) (fault, hint string) {
	if text == "" {
		return isEmpty, clearHint(rule)
	}
	if m := localDate.FindStringSubmatch(text); m != nil {
		return "is not a date (YYYY-MM-DD)", fmt.Sprintf("write the year first, such as %s-12-31", m[1])
	}
	if _, err := time.Parse(time.DateOnly, text); err != nil {
		return "is not a date (YYYY-MM-DD)", "write a day of the calendar, such as 2026-12-31"
	}
	return "", ""
}

func checkCurrency(_ Rule, text string) (fault, hint string) {
	if !currency.MatchString(text) {
		return "is not a currency such as EUR", "write the three letters of ISO 4217"
	}
	return "", ""
}
