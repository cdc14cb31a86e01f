package portal

import (
	"context"
	"slices"
)

// requisiteObject is the entityId of the custom fields of requisites.
// Source: https://apidocs.bitrix24.com/api-reference/crm/requisites/user-fields/index.html.
const requisiteObject = "CRM_REQUISITE"

// loaded is a handler of a family with its custom fields.
func (f *family) loaded(h func(*family, context.Context, *store, *call) (reply, error)) handler {
	return func(ctx context.Context, s *store, c *call) (reply, error) {
		full, err := f.withCustom(ctx, s)
		if err != nil {
			return reply{}, err
		}
		return h(full, ctx, s, c)
	}
}

// withCustom returns the family with its custom fields, if it can have any.
func (f *family) withCustom(ctx context.Context, s *store) (*family, error) {
	if f.object == "" {
		return f, nil
	}
	list, err := s.userFields(ctx, `WHERE "entityId" = ? ORDER BY "id"`, f.object)
	if err != nil || len(list) == 0 {
		return f, err
	}
	if err := s.loadWords(ctx, list); err != nil {
		return nil, err
	}
	fields := slices.Clone(f.set.list)
	for _, u := range list {
		fields = append(fields, u.field())
	}
	full := *f
	full.set = newFieldSet(fields)
	return &full, nil
}

// customFlag reads a custom field for yes or no as the older methods write it: they
// take 1 and 0 too.
func customFlag(raw any) any {
	if n, ok := asInt(raw); ok && n == 1 {
		return "Y"
	}
	return flagValue(raw)
}

// customCell renders a custom field of a record as the older methods do: yes and no
// are 1 and 0.
func (f *family) customCell(rec *record, fd *field) any {
	switch v := f.entity().value(rec, fd).(type) {
	case int64, float64:
		return numeral(v)
	case nil:
		return nil
	default:
		if fd.typ == typeBoolean {
			return map[any]string{"Y": "1", "N": "0"}[v]
		}
		return v
	}
}
