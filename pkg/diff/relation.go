package diff

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"

	"github.com/b24apply/b24apply/pkg/spec"
)

// A relation of an SPA type to another entity type.
// Source: api-reference/crm/universal/user-defined-object-types/crm-type-add.md#relation.
type relation struct {
	entity     int          // entityTypeId; 0 while typ does not exist
	typ        spec.Address // the declared SPA at the other end, if it is one
	list       string       // isChildrenListEnabled "Y" or "N"; "" leaves it as it is
	predefined bool         // made by the portal (the client fields), not ours to set
}

// relationsCodec is one side, parent or child, as a whole set.
type relationsCodec struct{}

func (relationsCodec) parse(s *scope, v spec.Value) (any, error) {
	var out []relation
	for _, item := range v.Items {
		name, r := item, relation{}
		if item.Kind == spec.Map {
			name, _ = item.Get("entity")
			if flag, ok := item.Get("isChildrenListEnabled"); ok {
				b, err := booleanCodec{}.parse(s, flag)
				if err != nil {
					return nil, &at{flag.Pos, err}
				}
				r.list = b.(string)
			}
		}
		r.entity, r.typ = s.entity(name.Text)
		if r.entity == 0 && r.typ == "" {
			return nil, &at{name.Pos, complain("relation", "write a kind such as deal, the name of a declared SPA, or an entityTypeId", "%q is no entity type", name.Text)}
		}
		out = append(out, r)
	}
	if len(out) == 0 {
		return nil, nil
	}
	return out, nil
}

// entity finds the entity type that a space names: a kind, a declared SPA or digits.
func (s *scope) entity(space string) (int, spec.Address) {
	if k := s.meta.Kinds.BySpace(space); k != nil && k.EntityTypeID != 0 {
		return k.EntityTypeID, ""
	}
	if n, err := strconv.Atoi(space); err == nil {
		return n, ""
	}
	t := s.view.declaredType(space)
	return t.entityTypeID, t.addr
}

func (relationsCodec) read(raw json.RawMessage) (any, error) {
	if t := text(raw); t == "" || t == "[]" {
		return nil, nil
	}
	var rows []Row
	if err := json.Unmarshal(raw, &rows); err != nil {
		return nil, fmt.Errorf("the portal's relations are not a list: %w", err)
	}
	var out []relation
	for _, r := range rows {
		entity, predefined := r.Int("entityTypeId"), yn(r["isPredefined"]) == "Y"
		if _, told := r["isPredefined"]; !told {
			predefined = entity == 3 || entity == 4 // the client fields make these
		}
		out = append(out, relation{entity: entity, list: yn(r["isChildrenListEnabled"]), predefined: predefined})
	}
	if len(out) == 0 {
		return nil, nil
	}
	return out, nil
}

func yn(raw json.RawMessage) string {
	v, _ := booleanCodec{}.read(raw)
	return v.(string)
}

func (relationsCodec) equal(want, live any) bool {
	w, _ := want.([]relation)
	l, _ := live.([]relation)
	for _, r := range w {
		i := slices.IndexFunc(l, func(x relation) bool { return x.entity == r.entity })
		if i < 0 || r.list != "" && !l[i].predefined && r.list != l[i].list {
			return false
		}
	}
	return !slices.ContainsFunc(l, func(x relation) bool {
		return !x.predefined && !slices.ContainsFunc(w, func(r relation) bool { return r.entity == x.entity })
	})
}

// send writes the flags as the strings "true" and "false": the portal takes "Y"
// for false here. An open flag keeps the live one.
func (relationsCodec) send(want, live any) any {
	w, _ := want.([]relation)
	l, _ := live.([]relation)
	out := []any{}
	for _, r := range w {
		flag := r.list
		if i := slices.IndexFunc(l, func(x relation) bool { return x.entity == r.entity }); i >= 0 && flag == "" {
			flag = l[i].list
		}
		out = append(out, map[string]any{"entityTypeId": r.entity, "isChildrenListEnabled": strconv.FormatBool(flag == "Y")})
	}
	return out
}

func (relationsCodec) show(s *scope, v any) any {
	rs, _ := v.([]relation)
	var out []string
	for _, r := range rs {
		if r.predefined {
			continue
		}
		name := cmp.Or(s.entityName(r.entity), strconv.Itoa(r.entity))
		if r.typ != "" {
			_, name = r.typ.Split()
		}
		if r.list == "Y" {
			name += " (listed in its card)"
		}
		out = append(out, name)
	}
	if out == nil {
		return nil
	}
	slices.Sort(out)
	return out
}

func (s *scope) entityName(entityTypeID int) string {
	if k := s.meta.Kinds.ByEntity(entityTypeID); k != nil {
		return k.Space
	}
	if t := s.meta.typeByEntity(entityTypeID); t != nil {
		return t.Title
	}
	return ""
}
