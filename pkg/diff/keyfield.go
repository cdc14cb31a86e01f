package diff

import (
	"slices"
	"strings"

	"github.com/b24apply/b24apply/pkg/diff/declared"
	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/plan"
	"github.com/b24apply/b24apply/pkg/spec"
	"github.com/b24apply/b24apply/pkg/value"
)

// fieldChange plans the user field that a slot lacks, once for each.
func (c *computer) fieldChange(r *spec.Resource, t declared.Type, s declared.Slot) {
	if c.keyFields[s.Field] {
		return
	}
	c.keyFields[s.Field] = true
	code := c.Set.Project.SlotOf(r).Field
	f := &plan.KeyField{Code: code, EntityTypeID: t.EntityTypeID}
	typeID := 0
	if t.Live != nil {
		typeID = t.Live.ID
	}
	var known bool
	if f.Object, known = r.Kind.Object(typeID); !known {
		f.Object, f.Type = "", t.Address
	}
	people := r.Kind.Plural
	ch := plan.Change{Address: s.Field, Kind: kind.UserFields().Name, Facts: kind.UserFields(), Action: plan.Create, KeyField: f, Source: r.Pos,
		EntityTypeID: t.EntityTypeID, Title: fieldTitle(f),
		Reason: plan.Reason{Message: value.Say("mark-is-kept-in-field", r.Kind.Arg("kinds"))}}
	if t.Address != "" {
		ch.Deps = []value.Address{t.Address}
	}
	for name, text := range map[string]string{"entity": people, "code": code, "type": "string"} {
		ch.Fields = append(ch.Fields, plan.Field{Name: name, Type: kind.Texts, After: value.ShownText(text), Wire: name, Want: value.Text(text)})
	}
	slices.SortFunc(ch.Fields, func(a, b plan.Field) int { return strings.Compare(a.Name, b.Name) })
	c.fields = append(c.fields, ch)
}

// title is the field's name on the portal, as far as it is known.
func fieldTitle(f *plan.KeyField) string {
	if f.Object == "" {
		return f.Code
	}
	return f.Name()
}
