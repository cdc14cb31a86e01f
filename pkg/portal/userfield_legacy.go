package portal

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// legacyUserFieldMethods lists the older methods of custom fields: five for each
// object that has them, over the same fields as userfieldconfig.
// Source: https://apidocs.bitrix24.com/api-reference/crm/deals/user-defined-fields/index.html.
func legacyUserFieldMethods() []method {
	var list []method
	for _, object := range userObjects {
		if object.legacy == "" {
			continue
		}
		prefix := "crm." + object.legacy + ".userfield."
		for _, m := range []struct {
			name  string
			write bool
			run   func(userObject, context.Context, *store, *call) (reply, error)
		}{
			{"add", true, userObject.addField},
			{"update", true, userObject.updateField},
			{"get", false, userObject.getField},
			{"list", false, userObject.listFields},
			{"delete", true, userObject.deleteField},
		} {
			list = append(list, crmMethod(prefix+m.name, m.write, func(ctx context.Context, s *store, c *call) (reply, error) {
				return m.run(object, ctx, s, c)
			}))
		}
	}
	return append(list,
		crmMethod("crm.userfield.types", false, describeUserKinds),
		crmMethod("crm.userfield.fields", false, describeUserFields),
		crmMethod("crm.userfield.settings.fields", false, describeUserSettings),
		crmMethod("crm.userfield.enumeration.fields", false, describeUserOptions),
	)
}

const accessDenied = "Access denied."

// coreFault is the fault for a value that the core refuses.
func coreFault(text string) *fault { return &fault{code: "ERROR_CORE", text: text} }

// legacyFields returns the parameter fields of an older method.
func legacyFields(c *call) (*Map, error) {
	v, _ := c.fold("fields")
	fields, ok := asMap(v)
	if !ok {
		return nil, legacyFault("Parameter 'fields' must be array.")
	}
	return fields, nil
}

// addField answers crm.*.userfield.add.
func (o userObject) addField(ctx context.Context, s *store, c *call) (reply, error) {
	fields, err := legacyFields(c)
	if err != nil {
		return reply{}, err
	}
	if err := s.needAdmin(ctx, accessDenied); err != nil {
		return reply{}, err
	}
	u, err := o.newField(ctx, s, fields)
	if err != nil {
		return reply{}, err
	}
	sent := camelTraits(fields)
	if _, ok := sent.Get("showInList"); !ok {
		sent.Set("showInList", "N")
	}
	u.read(sent, false)
	settings, _ := asMap(firstOf(fields, "SETTINGS"))
	if err := u.configure(u.kind.legacySettings(settings, u.kind.initialSettings())); err != nil {
		return reply{}, err
	}
	if err := s.addUserField(ctx, u); err != nil {
		return reply{}, err
	}
	label, _ := foldGet(fields, "LABEL")
	if isBlank(label) {
		label = nil
	}
	if err := s.finishLegacy(ctx, u, fields, newLabels(), label); err != nil {
		return reply{}, err
	}
	return reply{value: u.id}, nil
}

// initialSettings are those of a new field of which nothing is said: numbers
// have two decimal places here, unlike in userfieldconfig.
func (k userFieldKind) initialSettings() *Map {
	if k.id == string(typeDouble) {
		return wrap("PRECISION", json.Number("2"))
	}
	return new(Map)
}

// newField reads what a new field cannot do without. The prefix UF_CRM_ is put
// before the name.
func (o userObject) newField(ctx context.Context, s *store, fields *Map) (*userField, error) {
	name, kindID := strings.ToUpper(legacyText(fields, "FIELD_NAME")), legacyText(fields, "USER_TYPE_ID")
	var missing []string
	if name == "" {
		missing = append(missing, "The 'FIELD_NAME' field is not found.")
	}
	if kindID == "" {
		missing = append(missing, "The 'USER_TYPE_ID' field is not found.")
	}
	if len(missing) > 0 {
		return nil, legacyFault(strings.Join(missing, "\n"))
	}
	if rest, ok := strings.CutPrefix(name, "UF_CRM_"); ok {
		name = rest
	}
	name = "UF_CRM_" + strings.TrimPrefix(name, "UF_")
	if problem := nameProblem(name); problem != "" {
		return nil, coreFault(problem)
	}
	kind, ok := userKind(kindID)
	if !ok {
		return nil, coreFault("Incorrect custom type specified.")
	}
	u := &userField{record: newRecord(), kind: kind}
	u.vals["entityId"], u.vals["fieldName"], u.vals["userTypeId"] = o.id, name, kindID
	taken, err := s.userFieldTaken(ctx, u)
	if err == nil && taken {
		err = coreFault(takenText(u))
	}
	return u, err
}

// camelTraits renames the keys of an older method to those of userfieldconfig.
// Keys that are none are dropped.
func camelTraits(fields *Map) *Map {
	m := new(Map)
	for _, key := range fields.Keys() {
		if f := findUserTrait(strings.ToUpper(key)); f != nil {
			v, _ := fields.Get(key)
			m.Set(f.name, v)
		}
	}
	return m
}

// camelFilter renames the keys of a filter, which may have prefixes.
func camelFilter(sent *Map) *Map {
	m := new(Map)
	for _, key := range sent.Keys() {
		name := strings.TrimLeft(key, "!@%=<>")
		if f := findUserTrait(strings.ToUpper(name)); f != nil {
			v, _ := sent.Get(key)
			m.Set(strings.TrimSuffix(key, name)+f.name, v)
		}
	}
	return m
}

// finishLegacy saves labels and options. Options that are not mentioned stay.
func (s *store) finishLegacy(ctx context.Context, u *userField, fields *Map, l labels, label any) error {
	if readLegacyLabels(&l, fields, label) {
		if err := s.replaceLabels(ctx, u.id, l); err != nil {
			return err
		}
	}
	options, sent := asList(firstOf(fields, "LIST"))
	if !sent || u.kind.id != string(typeEnumeration) {
		return nil
	}
	err := s.saveOptions(ctx, u, options, false)
	var twice *duplicateOption
	if errors.As(err, &twice) {
		return coreFault(twice.Error())
	}
	return err
}

// needField returns the field that the parameter id names, if it is one of the
// object's.
func (o userObject) needField(ctx context.Context, s *store, c *call) (*userField, error) {
	v, _ := c.fold("id")
	id, ok := asInt(v)
	if !ok || id <= 0 {
		return nil, legacyFault("ID is not defined or invalid.")
	}
	u, err := s.userFieldBy(ctx, id)
	switch {
	case err != nil:
		return nil, err
	case u == nil:
		return nil, &fault{code: "ERROR_NOT_FOUND", text: fmt.Sprintf("The entity with ID '%d' is not found.", id)}
	case u.text("entityId") != o.id:
		return nil, legacyFault(accessDenied)
	}
	return u, nil
}

// updateField answers crm.*.userfield.update. Only what is sent changes: of the
// settings each, of the labels each kind.
func (o userObject) updateField(ctx context.Context, s *store, c *call) (reply, error) {
	if err := s.needAdmin(ctx, accessDenied); err != nil {
		return reply{}, err
	}
	u, err := o.needField(ctx, s, c)
	if err != nil {
		return reply{}, err
	}
	fields, err := legacyFields(c)
	if err != nil {
		return reply{}, err
	}
	old := u.clone()
	u.read(camelTraits(fields), true)
	if settings, ok := asMap(firstOf(fields, "SETTINGS")); ok {
		if err := u.configure(u.kind.legacySettings(settings, u.settings())); err != nil {
			return reply{}, err
		}
	}
	if err := s.replace(ctx, userFieldRecords(), old, u.record); err != nil {
		return reply{}, err
	}
	all, err := s.labelsOf(ctx, []*userField{u})
	if err != nil {
		return reply{}, err
	}
	return reply{value: true}, s.finishLegacy(ctx, u, fields, all[u.id], nil)
}

// getField answers crm.*.userfield.get.
func (o userObject) getField(ctx context.Context, s *store, c *call) (reply, error) {
	u, err := o.needField(ctx, s, c)
	if err != nil {
		return reply{}, err
	}
	all, err := s.labelsOf(ctx, []*userField{u})
	if err != nil {
		return reply{}, err
	}
	l := all[u.id]
	m := u.answer(func(f *field) string { return f.upper })
	for _, kind := range labelKinds {
		m.Set(kind.upper, l.byLanguage(kind.name))
	}
	u.setList(m)
	return reply{value: m}, nil
}

// setList adds the options of an enumeration.
func (u *userField) setList(m *Map) {
	if u.kind.id != string(typeEnumeration) {
		return
	}
	list := make([]any, len(u.options))
	for i, o := range u.options {
		row := wrap("ID", strconv.FormatInt(o.id, 10))
		row.Set("SORT", strconv.FormatInt(o.sort, 10))
		row.Set("VALUE", o.value)
		row.Set("DEF", o.def)
		row.Set("XML_ID", o.xmlID)
		list[i] = row
	}
	m.Set("LIST", list)
}

// listFields answers crm.*.userfield.list: all fields on one page. The filter
// LANG brings the labels of a language; unknown keys are dropped.
func (o userObject) listFields(ctx context.Context, s *store, c *call) (reply, error) {
	sent, err := legacyMap(c, "filter")
	if err != nil {
		return reply{}, err
	}
	sentOrder, err := legacyMap(c, "order")
	if err != nil {
		return reply{}, err
	}
	filter := camelFilter(sent)
	filter.Set("=entityId", o.id)
	l, err := userFieldListing(c, filter, knownOrder(sentOrder))
	if err != nil {
		return reply{}, err
	}
	list, err := s.userFields(ctx, l.where+" "+l.order, l.args...)
	if err != nil {
		return reply{}, err
	}
	if err := s.loadOptions(ctx, list); err != nil {
		return reply{}, err
	}
	rows, err := s.legacyRows(ctx, list, legacyText(sent, "LANG"))
	return reply{value: rows, list: true, total: len(rows)}, err
}

// knownOrder leaves out what is no sort of custom fields.
func knownOrder(sent *Map) *Map {
	order := camelTraits(sent)
	known := new(Map)
	for _, key := range order.Keys() {
		v, _ := order.Get(key)
		if text := strings.ToUpper(settingText(v).(string)); text == "ASC" || text == "DESC" {
			known.Set(key, text)
		}
	}
	return known
}

func (s *store) legacyRows(ctx context.Context, list []*userField, language string) ([]any, error) {
	all, err := s.labelsOf(ctx, list)
	if err != nil {
		return nil, err
	}
	rows := make([]any, len(list))
	for i, u := range list {
		m := u.answer(func(f *field) string { return f.upper })
		l := all[u.id]
		for _, kind := range labelKinds {
			if language != "" {
				m.Set(kind.upper, l.get(kind.name, language))
			}
		}
		u.setList(m)
		rows[i] = m
	}
	return rows, nil
}

// deleteField answers crm.*.userfield.delete.
func (o userObject) deleteField(ctx context.Context, s *store, c *call) (reply, error) {
	if err := s.needAdmin(ctx, accessDenied); err != nil {
		return reply{}, err
	}
	u, err := o.needField(ctx, s, c)
	if err != nil {
		return reply{}, err
	}
	return reply{value: true}, s.deleteUserField(ctx, u)
}
