package value

import (
	"slices"
	"strconv"
)

// relationsCodec: one side, parent or child, of what the type of a smart process is bound
// to, as a whole set. Each entry is the entityTypeId of the type at the other end, "" while
// the attribute spa, the resource that creates it, does not exist. The attribute list is
// isChildrenListEnabled, Y or N; where it is not there it stays as it is. predefined are
// those that the portal makes (the client fields), which are not ours to set.
// Source: api-reference/crm/universal/user-defined-object-types/crm-type-add.md#relation.
type relationsCodec struct{ base }

func (c relationsCodec) Parse(n Names, d Node) (Value, error) {
	var out []Value
	for _, item := range d.Items {
		name, parts := item, []Part{}
		if item.Kind == Map {
			name, _ = item.Get("entity")
			if flag, ok := item.Get("isChildrenListEnabled"); ok {
				yes, err := booleanCodec{}.Parse(n, flag)
				if err != nil {
					return Value{}, At(flag.Pos, err)
				}
				parts = append(parts, Part{"list", yes})
			}
		}
		r, err := relationTo(n, name.Text, parts)
		if err != nil {
			return Value{}, At(name.Pos, err)
		}
		out = append(out, r)
	}
	return Listed(out...), nil
}

// relationTo finds the type at the other end.
func relationTo(n Names, space string, parts []Part) (Value, error) {
	if n == nil {
		return Text(space, parts...), nil
	}
	id, declared := n.EntityType(space)
	switch {
	case id == "" && declared == "":
		return Value{}, Bad("relation", "no-entity-type", "write-entity-type", written(space))
	case declared != "":
		parts = append(parts, Part{"spa", Text(string(declared))})
	}
	return Text(id, parts...), nil
}

// RelatedTo gives the declared type that a relation is to, "" if it is to another one.
func (v Value) RelatedTo() Address { return Address(v.Get("spa").Text) }

// The types of clients, whose fields the portal binds every type to.
const (
	contactType = "3"
	companyType = "4"
)

func (relationsCodec) Read(raw []byte) (Value, error) {
	if t := PlainText(raw); t == "" || t == "[]" {
		return Value{}, nil
	}
	rows, err := objects(raw)
	if err != nil {
		return Value{}, While(err, "live-relations-are-no-list")
	}
	var out []Value
	for _, r := range rows {
		entity := strconv.Itoa(intOf(r["entityTypeId"]))
		predefined := IsYes(r["isPredefined"])
		if _, told := r["isPredefined"]; !told {
			predefined = entity == contactType || entity == companyType
		}
		list, _ := booleanCodec{}.Read(r["isChildrenListEnabled"])
		parts := []Part{{"list", list}}
		if predefined {
			parts = append(parts, Part{"predefined", Text("Y")})
		}
		out = append(out, Text(entity, parts...))
	}
	return Listed(out...), nil
}

func isPredefined(relation Value) bool { return !relation.Get("predefined").IsEmpty() }

// relationIn finds in a list the relation to the same type; -1 if there is none.
func relationIn(list []Value, to Value) int {
	return slices.IndexFunc(list, func(x Value) bool { return x.Text == to.Text })
}

func (relationsCodec) Same(want, live Value) bool {
	w, l := entriesOf(want), entriesOf(live)
	for _, r := range w {
		i, flag := relationIn(l, r), r.Get("list").Text
		if i < 0 || flag != "" && !isPredefined(l[i]) && flag != l[i].Get("list").Text {
			return false
		}
	}
	return !slices.ContainsFunc(l, func(x Value) bool { return !isPredefined(x) && relationIn(w, x) < 0 })
}

// Wire writes the flags as the strings "true" and "false": the portal takes "Y" for false
// here. An open flag keeps the live one.
func (relationsCodec) Wire(want, live Value) any {
	l := entriesOf(live)
	out := []any{}
	for _, r := range entriesOf(want) {
		flag := r.Get("list").Text
		if i := relationIn(l, r); i >= 0 && flag == "" {
			flag = l[i].Get("list").Text
		}
		out = append(out, map[string]any{"entityTypeId": r.Int(), "isChildrenListEnabled": strconv.FormatBool(flag == "Y")})
	}
	return out
}

// Show names the types, sorted, without those that are the portal's to set.
func (c relationsCodec) Show(n Names, v Value) Shown {
	var names []string
	for _, r := range entriesOf(v) {
		if isPredefined(r) {
			continue
		}
		name := c.named(n, r).Text
		if spa := r.RelatedTo(); spa != "" {
			_, name = spa.Split()
		}
		if r.Get("list").Text == "Y" {
			name += " (listed in its card)"
		}
		names = append(names, name)
	}
	slices.Sort(names)
	var out []Shown
	for _, name := range names {
		out = append(out, Shown{Text: name})
	}
	return Several(out)
}

func (c relationsCodec) Declare(n Names, v Value) Node {
	d := Node{Kind: List}
	for _, r := range entriesOf(v) {
		if isPredefined(r) {
			continue
		}
		entry := Node{Kind: Map, Pairs: []Pair{{Key: "entity", Value: scalar(Text(c.named(n, r).Text))}}}
		if list := r.Get("list"); !list.IsEmpty() {
			entry.Pairs = append(entry.Pairs, Pair{Key: "isChildrenListEnabled", Value: booleanCodec{}.Declare(n, list)})
		}
		d.Items = append(d.Items, entry)
	}
	return d
}

func (relationsCodec) Key(v Value) string {
	var keys []string
	for _, r := range entriesOf(v) {
		keys = append(keys, r.Text+" "+r.Get("list").Text)
	}
	return joinKeys(keys, true)
}

func (relationsCodec) Schema() map[string]any { return map[string]any{"type": []any{"array", "null"}} }

func (relationsCodec) Traits() Traits { return Traits{} }
