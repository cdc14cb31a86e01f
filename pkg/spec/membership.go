package spec

import (
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/value"
)

// checkMembership checks both sides as lists, and that no value stands on both.
func (d *document) checkMembership(rule kind.Rule, v value.Node, path []string, one func(kind.Rule, value.Node) string) {
	if _, _, ok := v.Membership(); !ok {
		d.markReported(path)
		d.problem(v.Pos, "", "type", value.Say("write-list-or-membership"), value.Say("is-no-list", value.T("field", rule.Name), d.shown("value", v)))
		return
	}
	side := map[string]string{}
	for _, p := range v.Pairs {
		d.checkItems(rule, p.Value, append(slices.Clone(path), p.Key), func(rule kind.Rule, item value.Node) string {
			id := one(rule, item)
			if first := side[id]; id != "" && first != "" && first != p.Key {
				d.problem(item.Pos, item.Text, "duplicate", value.Say("keep-one-of-two"), value.Say("added-and-removed", value.T("field", rule.Name), d.shownEntry("value", item)))
			}
			side[id] = p.Key
			return id
		})
	}
}

// userForms are the maps that can stand for the value of a user field, by the key
// that tells them apart: the keys that they need and those that they may have.
var userForms = []struct {
	need, may []string
	write     string
}{
	{need: []string{"file"}, write: "{file: path}"},
	{need: []string{"amount", "currency"}, write: `{amount: "12.50", currency: EUR}`},
	{may: []string{"add", "remove"}, write: "{add: […], remove: […]}"},
}

// checkUserField checks the form of a user field's value; its type is known to the
// portal only.
func (d *document) checkUserField(f value.Field, path []string) {
	d.checkUserForm(f.Name, f.Value, path)
	if _, _, ok := f.Value.Membership(); ok {
		d.checkMembership(kind.Rule{Name: f.Name}, f.Value, path, d.sameUserValue)
		return
	}
	for i, item := range f.Value.Items {
		d.checkUserForm(f.Name, item, append(slices.Clone(path), strconv.Itoa(i)))
	}
}

// sameUserValue gives what makes two values of a user field certainly the same.
func (d *document) sameUserValue(rule kind.Rule, v value.Node) string {
	d.checkUserForm(rule.Name, v, nil)
	if name, ok := v.File(); ok {
		return "file " + name
	}
	if ref, ok := v.Ref(); ok {
		return "ref " + string(ref)
	}
	if v.Kind == value.Scalar {
		return "text " + v.Text
	}
	return ""
}

// checkUserForm checks one value: a map has one form whole, a text no NUL.
func (d *document) checkUserForm(name string, v value.Node, path []string) {
	if v.Kind == value.Scalar {
		d.checked(path, func() { d.checkCharacters(name, v) })
		return
	}
	if v.Kind != value.Map {
		return
	}
	keys := make([]string, len(v.Pairs))
	for i, p := range v.Pairs {
		keys[i] = p.Key
	}
	for _, form := range userForms {
		all := slices.Concat(form.need, form.may)
		if !slices.ContainsFunc(keys, func(k string) bool { return slices.Contains(all, k) }) {
			continue
		}
		wrong := slices.ContainsFunc(keys, func(k string) bool { return !slices.Contains(all, k) }) ||
			slices.ContainsFunc(form.need, func(k string) bool { return !slices.Contains(keys, k) })
		if wrong {
			d.markReported(path)
			d.problem(v.Pos, "", "type", value.Say("write-form", value.T("form", form.write)), value.Say("map-is-no-value", value.T("field", name), value.L("keys", keys)))
		}
		return
	}
}

// checkCharacters refuses a NUL, at which the portal's database may end a text.
func (d *document) checkCharacters(name string, v value.Node) {
	if strings.ContainsRune(v.Text, 0) {
		d.problem(v.Pos, "", "type", value.Say("remove-nul"), value.Say("text-holds-nul", value.T("field", name)))
	}
}

// controlCharacter gives the place of the first control character, or -1.
func controlCharacter(s string) int { return strings.IndexFunc(s, unicode.IsControl) }
