package portal

import (
	"strings"
	"sync"
	"unicode"
)

// A fieldType is the type that crm.item.fields reports.
// Source: https://apidocs.bitrix24.com/api-reference/crm/data-types.html.
type fieldType string

const (
	typeInteger    fieldType = "integer"
	typeDouble     fieldType = "double"
	typeString     fieldType = "string"
	typeText       fieldType = "text"
	typeBoolean    fieldType = "boolean"
	typeDate       fieldType = "date"
	typeDatetime   fieldType = "datetime"
	typeUser       fieldType = "user"
	typeFile       fieldType = "file"
	typeLocation   fieldType = "location"
	typeStatus     fieldType = "crm_status"
	typeCategory   fieldType = "crm_category"
	typeCurrency   fieldType = "crm_currency"
	typeCompany    fieldType = "crm_company"
	typeContact    fieldType = "crm_contact"
	typeLead       fieldType = "crm_lead"
	typeDeal       fieldType = "crm_deal"
	typeQuote      fieldType = "crm_quote"
	typeEntity     fieldType = "crm_entity"
	typeMultifield fieldType = "crm_multifield"
)

// class says how values of the type are stored, compared and filtered.
func (t fieldType) class() class {
	switch t {
	case typeDouble:
		return classReal
	case typeString, typeText, typeLocation, typeStatus, typeCurrency, typeMoney, typeURL, typeAddress, typeCRM:
		return classText
	case typeBoolean, typeChar:
		return classFlag
	case typeDate:
		return classDay
	case typeDatetime:
		return classInstant
	case typeInteger:
		return classNumber
	case typeFile:
		return classFile
	case typeMultifield:
		return classComms
	}
	if strings.HasPrefix(string(t), "rest_") { // brought by an application
		return classText
	}
	return classLink
}

// A class groups the field types that share a storage form.
type class int

const (
	classText    class = iota // string
	classNumber               // int64; 0 is a value
	classLink                 // int64, an id; 0 is no value
	classReal                 // float64
	classFlag                 // "Y" or "N"
	classDay                  // "2006-01-02"
	classInstant              // int64, Unix seconds
	classFile                 // int64, id of a stored file
	classComms                // rows of crm_fm, no column
)

func (c class) sqlType() string {
	switch c {
	case classText, classFlag, classDay:
		return "TEXT"
	case classReal:
		return "REAL"
	default:
		return "INTEGER"
	}
}

// A field is one field of one entity type. Fields are shared and never changed.
type field struct {
	name   string // camelCase
	upper  string // UPPER_SNAKE
	typ    fieldType
	title  string
	dict   string // crm.status ENTITY_ID of a crm_status field
	flag   string // the setting a smart process must have on for the field to exist
	max    int    // characters kept of a string, 0 is no limit; decimals kept of a number, 0 is two
	parent int    // entityTypeId behind a parentId field

	readOnly   bool // a value sent is ignored
	immutable  bool // a value sent with an update is ignored
	required   bool
	defaulted  bool // the portal fills it on add
	keeps      bool // cannot be emptied
	multiple   bool
	deprecated bool
	unlisted   bool // in answers, but not in crm.item.fields
	alias      bool // listed, but never stored nor returned
	markup     bool // stored as BBCode
	empty      any  // what an answer shows for "no value"

	custom *userField // nil for system fields
	camel  string     // of a custom field in answers; its name is that of its column
}

// stored reports whether the field has a column of its own.
func (f *field) stored() bool {
	return f.custom != nil || !f.multiple && !f.alias && f.typ.class() != classComms
}

// A fieldSet is the fields of an entity type in the order of answers.
type fieldSet struct {
	list   []*field
	byName map[string]*field // both spellings
}

func newFieldSet(list []*field) *fieldSet {
	s := &fieldSet{list: list, byName: make(map[string]*field, 2*len(list))}
	for _, f := range list {
		s.byName[f.upper] = f
		s.byName[f.name] = f
	}
	return s
}

// systemFields holds the parsed field table by its column: an entityTypeId, or
// spaColumn for every smart process.
var systemFields = sync.OnceValue(func() map[int]*fieldSet {
	sets := make(map[int]*fieldSet, len(tableColumns))
	for column, etid := range tableColumns {
		var list []*field
		for _, row := range fieldTable {
			if f := row.field(column); f != nil {
				list = append(list, f)
			}
		}
		sets[etid] = newFieldSet(list)
	}
	return sets
})

// typeFields is the field set of crm.type.*, so that its list method can share
// the filters and sorts of crm.item.list.
var typeFields = sync.OnceValue(func() *fieldSet {
	var list []*field
	for _, row := range typeTable {
		list = append(list, row.field(0))
	}
	return newFieldSet(list)
})

// field returns the field that a column of the row describes, or nil for "-".
func (r fieldRow) field(column int) *field {
	cell := strings.Fields(r.cells)[column]
	if cell == "-" {
		return nil
	}
	f := &field{name: r.name, upper: upperName(r.name), typ: r.typ, title: r.title, dict: r.dict, max: r.max}
	if column < len(tableColumns) && tableColumns[column] == spaColumn {
		f.flag = r.flag
	}
	for _, letter := range cell {
		f.set(letter)
	}
	if f.typ == typeStatus && f.name == "typeId" {
		f.dict = typeDictionaries[tableColumns[column]]
	}
	return f
}

func (f *field) set(letter rune) {
	switch letter {
	case 'R':
		f.readOnly = true
	case 'I':
		f.immutable = true
	case 'Q':
		f.required = true
		f.defaulted = true
	case 'd':
		f.defaulted = true
	case 'e':
		f.keeps = true
	case 'm':
		f.multiple = true
	case 'x':
		f.deprecated = true
	case 'H':
		f.unlisted = true
	case 'A':
		f.alias = true
	case 'B':
		f.markup = true
	case '0':
		f.empty = int64(0)
	case 'E':
		f.empty = ""
	}
}

// upperName turns a camelCase name into the UPPER_SNAKE one.
func upperName(name string) string {
	if n, ok := strings.CutPrefix(name, "parentId"); ok {
		return "PARENT_ID_" + n
	}
	var b strings.Builder
	for _, r := range name {
		if unicode.IsUpper(r) {
			b.WriteByte('_')
		}
		b.WriteRune(unicode.ToUpper(r))
	}
	return b.String()
}

// describe renders the field as an entry of a *.fields answer.
// Source: https://apidocs.bitrix24.com/api-reference/crm/universal/crm-item-fields.html.
func (f *field) describe(statusType string) *Map {
	if f.custom != nil {
		return f.describeCustom()
	}
	m := new(Map)
	m.Set("type", string(f.typ))
	m.Set("isRequired", f.required)
	m.Set("isReadOnly", f.readOnly)
	m.Set("isImmutable", f.immutable)
	m.Set("isMultiple", f.multiple)
	m.Set("isDynamic", false)
	if f.deprecated {
		m.Set("isDeprecated", true)
	}
	if f.typ == typeStatus && statusType != "" {
		m.Set("statusType", statusType)
	}
	m.Set("title", f.title)
	if settings := f.settings(); settings != nil {
		m.Set("settings", settings)
	}
	m.Set("upperName", f.upper)
	return m
}
