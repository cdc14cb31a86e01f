package portal

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// userFieldConfigMethods lists the methods of custom fields of any object.
// Source: https://apidocs.bitrix24.com/api-reference/crm/universal/userfieldconfig/index.html.
func userFieldConfigMethods() []method {
	list := []method{
		crmMethod("userfieldconfig.add", true, addUserFieldConfig),
		crmMethod("userfieldconfig.update", true, updateUserFieldConfig),
		crmMethod("userfieldconfig.get", false, getUserFieldConfig),
		crmMethod("userfieldconfig.list", false, listUserFieldConfigs),
		crmMethod("userfieldconfig.delete", true, deleteUserFieldConfig),
		crmMethod("userfieldconfig.getTypes", false, listUserFieldKinds),
	}
	for i := range list {
		list[i].scope = "userfieldconfig"
	}
	return list
}

// What the methods answer to callers that may not do it. A field that does not
// exist has no other text.
const (
	deniedUserAdd    = "You cannot create custom fields"
	deniedUserUpdate = "You cannot change the settings of the user field"
	deniedUserView   = "You do not have permission to view user field settings"
	deniedUserDelete = "You cannot delete the user field"
)

// checkModule refuses modules that the caller has no scope for and those
// without custom fields.
func checkModule(c *call) error {
	v, err := c.need("moduleId")
	if err != nil {
		return err
	}
	module, _ := asString(v)
	switch {
	case !slices.Contains(c.portal.scopes(), module) || !c.grant.grants(module):
		return legacyFault(fmt.Sprintf("The current method required more scopes. (%s)", module))
	case module != "crm":
		return legacyFault("No settings for UserFieldAccess")
	}
	return nil
}

// needUserField returns the field that the parameter id names.
func (s *store) needUserField(ctx context.Context, c *call, denied string) (*userField, error) {
	if err := checkModule(c); err != nil {
		return nil, err
	}
	id, err := c.needInt("id")
	if err != nil {
		return nil, err
	}
	u, err := s.userFieldBy(ctx, id)
	if err == nil && u == nil {
		err = legacyFault(denied)
	}
	return u, err
}

// needAdmin refuses callers who may not change the CRM's settings.
func (s *store) needAdmin(ctx context.Context, denied string) error {
	allowed, said := s.grant.config()
	if !said {
		var err error
		if allowed, err = s.admin(ctx); err != nil {
			return err
		}
	}
	if !allowed {
		return legacyFault(denied)
	}
	return nil
}

// addUserFieldConfig answers userfieldconfig.add.
// Source: https://apidocs.bitrix24.com/api-reference/crm/universal/userfieldconfig/userfieldconfig-add.html.
func addUserFieldConfig(ctx context.Context, s *store, c *call) (reply, error) {
	if err := checkModule(c); err != nil {
		return reply{}, err
	}
	fields, err := c.needMap("field")
	if err != nil {
		return reply{}, err
	}
	if err := s.needAdmin(ctx, deniedUserAdd); err != nil {
		return reply{}, err
	}
	u, err := s.newUserFieldConfig(ctx, fields)
	if err != nil {
		return reply{}, err
	}
	u.read(accepted(fields), false)
	if err := u.configure(sentSettings(fields)); err != nil {
		return reply{}, err
	}
	if err := s.addUserField(ctx, u); err != nil {
		return reply{}, err
	}
	return s.finishUserFieldConfig(ctx, u, fields)
}

// newUserFieldConfig reads what a new field cannot do without.
func (s *store) newUserFieldConfig(ctx context.Context, fields *Map) (*userField, error) {
	text := func(name string) string {
		v, _ := fields.Get(name)
		return settingText(v).(string)
	}
	entityID, name, kindID := text("entityId"), text("fieldName"), text("userTypeId")
	object, known, err := s.userObject(ctx, entityID)
	if err != nil {
		return nil, err
	}
	kind, typed := userKind(kindID)
	prefix := "UF_" + object.id + "_"
	switch {
	case kindID == "":
		return nil, legacyFault("The 'USER_TYPE_ID' field is not found.")
	case name == "":
		return nil, legacyFault("The 'FIELD_NAME' field is not found.")
	case !known || !strings.HasPrefix(name, prefix) || name == prefix:
		return nil, legacyFault(deniedUserAdd)
	case nameProblem(name) != "":
		return nil, legacyFault(nameProblem(name))
	case !typed:
		return nil, legacyFault("Fail to create new user field")
	}
	u := &userField{record: newRecord(), kind: kind}
	u.vals["entityId"], u.vals["fieldName"], u.vals["userTypeId"] = entityID, name, kindID
	taken, err := s.userFieldTaken(ctx, u)
	if err == nil && taken {
		err = legacyFault(takenText(u))
	}
	return u, err
}

func takenText(u *userField) string {
	return fmt.Sprintf("Field %s for object %s already exists.", u.text("fieldName"), u.text("entityId"))
}

// accepted leaves out the keys that userfieldconfig ignores.
func accepted(fields *Map) *Map {
	m := new(Map)
	for _, key := range fields.Keys() {
		if key != "showInList" {
			v, _ := fields.Get(key)
			m.Set(key, v)
		}
	}
	return m
}

func sentSettings(fields *Map) *Map {
	v, _ := fields.Get("settings")
	settings, _ := asMap(v)
	return settings
}

// updateUserFieldConfig answers userfieldconfig.update. Labels and settings are
// replaced as a whole.
// Source: https://apidocs.bitrix24.com/api-reference/crm/universal/userfieldconfig/userfieldconfig-update.html.
func updateUserFieldConfig(ctx context.Context, s *store, c *call) (reply, error) {
	u, err := s.needUserField(ctx, c, deniedUserUpdate)
	if err != nil {
		return reply{}, err
	}
	if err := s.needAdmin(ctx, deniedUserUpdate); err != nil {
		return reply{}, err
	}
	fields, err := c.optMap("field")
	if err != nil {
		return reply{}, err
	}
	old := u.clone()
	u.read(accepted(fields), true)
	if settings := sentSettings(fields); settings != nil {
		if err := u.configure(settings); err != nil {
			return reply{}, err
		}
	}
	if err := s.replace(ctx, userFieldRecords(), old, u.record); err != nil {
		return reply{}, err
	}
	return s.finishUserFieldConfig(ctx, u, fields)
}

// finishUserFieldConfig saves labels and options and answers with the field.
// Options are the complete list and are looked at only if the type is named
// too; a list that cannot be saved is no error.
func (s *store) finishUserFieldConfig(ctx context.Context, u *userField, fields *Map) (reply, error) {
	if l, sent := readLabels(fields); sent {
		if err := s.replaceLabels(ctx, u.id, l); err != nil {
			return reply{}, err
		}
	}
	named, _ := fields.Get("userTypeId")
	if named == string(typeEnumeration) && u.kind.id == string(typeEnumeration) {
		raw, _ := fields.Get("enum")
		options, _ := asList(raw)
		err := s.saveOptions(ctx, u, options, true)
		var twice *duplicateOption
		if err != nil && !errors.As(err, &twice) {
			return reply{}, err
		}
	}
	return s.userFieldConfigReply(ctx, u)
}

func getUserFieldConfig(ctx context.Context, s *store, c *call) (reply, error) {
	u, err := s.needUserField(ctx, c, deniedUserView)
	if err != nil {
		return reply{}, err
	}
	return s.userFieldConfigReply(ctx, u)
}

func deleteUserFieldConfig(ctx context.Context, s *store, c *call) (reply, error) {
	u, err := s.needUserField(ctx, c, deniedUserDelete)
	if err != nil {
		return reply{}, err
	}
	if err := s.needAdmin(ctx, deniedUserDelete); err != nil {
		return reply{}, err
	}
	return reply{}, s.deleteUserField(ctx, u)
}

// userFieldConfigReply renders a whole field.
func (s *store) userFieldConfigReply(ctx context.Context, u *userField) (reply, error) {
	all, err := s.labelsOf(ctx, []*userField{u})
	if err != nil {
		return reply{}, err
	}
	l := all[u.id]
	m := u.answer(func(f *field) string { return f.name })
	m.Set("languageId", l.languages())
	for _, kind := range labelKinds {
		m.Set(kind.name, l.byLanguage(kind.name))
	}
	if u.kind.id == string(typeEnumeration) {
		options := make([]any, len(u.options))
		for i, o := range u.options {
			options[i] = o.config(u.id)
		}
		m.Set("enum", options)
	}
	return reply{value: wrap("field", m)}, nil
}

// config renders an option for userfieldconfig.
func (o option) config(field int64) *Map {
	m := wrap("id", strconv.FormatInt(o.id, 10))
	m.Set("userFieldId", strconv.FormatInt(field, 10))
	m.Set("value", o.value)
	m.Set("def", o.def)
	m.Set("sort", strconv.FormatInt(o.sort, 10))
	m.Set("xmlId", o.xmlID)
	return m
}

// answer renders the field's own values, numbers as strings. Numbers inside of
// its settings stay numbers.
func (u *userField) answer(key func(*field) string) *Map {
	m := new(Map)
	for _, f := range userFieldSet().list {
		switch v := u.vals[f.name].(type) {
		case int64:
			m.Set(key(f), strconv.FormatInt(v, 10))
		default:
			m.Set(key(f), v)
		}
	}
	m.Set(key(userFieldSet().byName["id"]), strconv.FormatInt(u.id, 10))
	m.Set(key(userFieldSet().byName["settings"]), u.settings())
	return m
}

func listUserFieldKinds(_ context.Context, _ *store, c *call) (reply, error) {
	if err := checkModule(c); err != nil {
		return reply{}, err
	}
	types := new(Map)
	for _, kind := range userKinds {
		if !kind.unlisted() {
			m := wrap("userTypeId", kind.id)
			m.Set("description", kind.title)
			types.Set(kind.id, m)
		}
	}
	return reply{value: wrap("types", types)}, nil
}
