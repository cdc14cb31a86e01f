package portal

import (
	"context"
	"database/sql"
	"slices"
	"strconv"
	"strings"
	"sync"
)

const (
	userFieldTable  = "crm_userfield"
	userOptionTable = "crm_userfield_enum"
)

// userFieldRows is what the portal keeps of a custom field; the names are those
// of userfieldconfig, in upper case those of the older methods.
// Source: https://apidocs.bitrix24.com/api-reference/crm/universal/userfieldconfig/userfieldconfig-get.html.
var userFieldRows = []fieldRow{
	{name: "id", typ: typeInteger, title: "ID", cells: "R"},
	{name: "entityId", typ: typeString, title: "Object", cells: "I"},
	{name: "fieldName", typ: typeString, title: "Code", cells: "I"},
	{name: "userTypeId", typ: typeString, title: "Data Type", cells: "I"},
	{name: "xmlId", typ: typeString, title: "External ID (XML ID)", cells: "w", max: 255},
	{name: "sort", typ: typeInteger, title: "Sorting", cells: "w"},
	{name: "multiple", typ: typeString, title: "Multiple", cells: "I"},
	{name: "mandatory", typ: typeString, title: "Mandatory", cells: "w"},
	{name: "showFilter", typ: typeString, title: "Show in list filter", cells: "w"},
	{name: "showInList", typ: typeString, title: "Show in list", cells: "w"},
	{name: "editInList", typ: typeString, title: "Allow user editing", cells: "w"},
	{name: "isSearchable", typ: typeString, title: "Field values are searchable", cells: "w"},
	{name: "settings", typ: typeText, title: "Additional settings (dependent on type)", cells: "w"},
}

// userFieldSet is the field set of custom fields themselves, so that they share
// the storage, filters and sorts of items.
var userFieldSet = sync.OnceValue(func() *fieldSet {
	var list []*field
	for _, row := range userFieldRows {
		list = append(list, row.field(0))
	}
	return newFieldSet(list)
})

// userFieldSchema returns the statements that create the tables of custom
// fields. Their values are columns of the items' own tables.
func userFieldSchema() []string {
	return append(itemSchema(userFieldTable, userFieldSet()),
		`CREATE UNIQUE INDEX IF NOT EXISTS crm_userfield_name ON crm_userfield ("entityId", "fieldName")`,
		`CREATE TABLE IF NOT EXISTS crm_userfield_label (
			field INTEGER NOT NULL, kind TEXT NOT NULL, lang TEXT NOT NULL, text TEXT NOT NULL,
			PRIMARY KEY (field, kind, lang)) STRICT`,
		`CREATE TABLE IF NOT EXISTS crm_userfield_enum (
			id INTEGER PRIMARY KEY AUTOINCREMENT, field INTEGER NOT NULL, value TEXT NOT NULL, def TEXT NOT NULL,
			sort INTEGER NOT NULL, xml_id TEXT NOT NULL) STRICT`,
		`CREATE INDEX IF NOT EXISTS crm_userfield_enum_field ON crm_userfield_enum (field)`,
	)
}

// userFieldRecords lets custom fields share the reading and writing of items.
func userFieldRecords() *entity { return &entity{table: userFieldTable, set: userFieldSet()} }

// A userField is one custom field: a record whose fields are userFieldSet.
type userField struct {
	*record
	kind    userFieldKind
	parsed  *Map              // its settings, once they were needed
	options []option          // of an enumeration, in order; only where they are loaded
	words   map[string]string // its labels in the portal's language by kind; only where they are loaded
}

func (u *userField) multiple() bool { return u.text("multiple") == "Y" }

func (u *userField) mandatory() bool { return u.text("mandatory") == "Y" }

// title is what people call the field: its label, else its name.
func (u *userField) title() string {
	if text := u.words[labelEdit]; text != "" {
		return text
	}
	return u.text("fieldName")
}

// word returns a label in the portal's language, nil if there is none.
func (u *userField) word(kind string) any {
	if text, ok := u.words[kind]; ok {
		return text
	}
	return nil
}

// field returns the custom field as a field of its items.
func (u *userField) field() *field {
	name := u.text("fieldName")
	return &field{
		name: name, upper: name, camel: camelUserField(name), typ: fieldType(u.kind.id), title: u.title(),
		required: u.mandatory(), multiple: u.multiple(), custom: u,
	}
}

// userFields returns the custom fields that the rest of a statement selects.
func (s *store) userFields(ctx context.Context, rest string, args ...any) ([]*userField, error) {
	e := userFieldRecords()
	recs, err := s.query(ctx, e, e.columns(), rest, args...)
	if err != nil {
		return nil, err
	}
	list := make([]*userField, len(recs))
	for i, rec := range recs {
		kind, _ := userKind(rec.text("userTypeId"))
		list[i] = &userField{record: rec, kind: kind, words: make(map[string]string)}
	}
	return list, nil
}

// userFieldBy returns the custom field of an id, nil if there is none.
func (s *store) userFieldBy(ctx context.Context, id int64) (*userField, error) {
	list, err := s.userFields(ctx, `WHERE "id" = ?`, id)
	if err != nil || len(list) == 0 {
		return nil, err
	}
	return list[0], s.loadOptions(ctx, list)
}

// A userObject is something that can have custom fields.
type userObject struct {
	id     string // as in entityId
	legacy string // as in crm.{legacy}.userfield.add; "" where the older methods do not reach
	etid   int    // of the items that hold the values; 0 if the portal has none
}

// userObjects lists the objects with a fixed entityId. Smart processes have
// CRM_{type id} besides.
// Source: https://apidocs.bitrix24.com/api-reference/crm/universal/userfieldconfig/index.html.
var userObjects = []userObject{
	{"CRM_LEAD", "lead", 1},
	{"CRM_CONTACT", "contact", 3},
	{"CRM_COMPANY", "company", 4},
	{"CRM_DEAL", "deal", 2},
	{"CRM_QUOTE", "quote", 7},
	{"CRM_INVOICE", "invoice", 0},
	{"CRM_SMART_INVOICE", "", 31},
	{"CRM_REQUISITE", "requisite", 0},
	{"CRM_SMART_DOCUMENT", "", 0},
	{"CRM_SMART_B2E_DOC", "", 0},
}

// userObject returns the object of an entityId and whether there is one.
func (s *store) userObject(ctx context.Context, id string) (userObject, bool, error) {
	i := slices.IndexFunc(userObjects, func(o userObject) bool { return o.id == id })
	if i >= 0 {
		return userObjects[i], true, nil
	}
	number, _ := strings.CutPrefix(id, "CRM_")
	n, err := strconv.ParseInt(number, 10, 64)
	if err != nil || id != smartObject(n) {
		return userObject{}, false, nil
	}
	t, err := s.typeBy(ctx, "id", n)
	if err != nil || t == nil {
		return userObject{}, false, err
	}
	return userObject{id: id, etid: t.entityTypeID()}, true, nil
}

// smartObject returns the entityId of a smart process. It holds the id of the
// type, not its entityTypeId.
func smartObject(typeID int64) string { return "CRM_" + strconv.FormatInt(typeID, 10) }

// objectID returns the entityId of the entity type.
func (e *entity) objectID() string {
	if e.smart() {
		return smartObject(e.typeID)
	}
	i := slices.IndexFunc(userObjects, func(o userObject) bool { return o.etid == e.id })
	return userObjects[i].id
}

// loadCustom adds the custom fields of an entity type.
func (s *store) loadCustom(ctx context.Context, e *entity) error {
	list, err := s.userFields(ctx, `WHERE "entityId" = ? ORDER BY "id"`, e.objectID())
	if err != nil || len(list) == 0 {
		return err
	}
	if err := s.loadWords(ctx, list); err != nil {
		return err
	}
	if err := s.loadOptions(ctx, list); err != nil {
		return err
	}
	taken := make(map[string]bool)
	for _, u := range list {
		f := u.field()
		if taken[f.camel] {
			f.camel = f.upper
		}
		taken[f.camel] = true
		e.custom = append(e.custom, f)
	}
	return nil
}

// byUserField finds custom fields by id and lists the ids as arguments.
func byUserField(list []*userField) (map[int64]*userField, []any) {
	byID := make(map[int64]*userField, len(list))
	ids := make([]any, len(list))
	for i, u := range list {
		byID[u.id] = u
		ids[i] = u.id
	}
	return byID, ids
}

// loadWords fills in the labels of custom fields in the portal's language.
func (s *store) loadWords(ctx context.Context, list []*userField) error {
	byID, ids := byUserField(list)
	return s.scan(ctx, func(rows *sql.Rows) error {
		var id int64
		var kind, text string
		if err := rows.Scan(&id, &kind, &text); err != nil {
			return err
		}
		byID[id].words[kind] = text
		return nil
	}, `SELECT field, kind, text FROM crm_userfield_label WHERE lang = ? AND field IN (`+placeholders(len(ids))+`)`,
		append([]any{portalLanguage}, ids...)...)
}
