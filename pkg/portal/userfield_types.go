package portal

import (
	"regexp"
	"slices"
)

// Types that only custom fields have.
const (
	typeEnumeration fieldType = "enumeration"
	typeMoney       fieldType = "money"
	typeURL         fieldType = "url"
	typeAddress     fieldType = "address"
	typeCRM         fieldType = "crm"
	typeBooking     fieldType = "resourcebooking"
)

// A userFieldKind is a type that custom fields can have.
type userFieldKind struct {
	id       string
	title    string // in userfieldconfig.getTypes
	legacy   string // in crm.userfield.types; "" where the older methods do not list it
	filter   string // what showFilter "Y" is stored as; "" is "E"
	settings []settingRow
}

// unlisted reports whether the methods that list types leave this one out.
func (k userFieldKind) unlisted() bool { return k.title == "" }

// filterMode returns what showFilter "Y" becomes.
func (k userFieldKind) filterMode() string {
	if k.filter == "" {
		return "E"
	}
	return k.filter
}

// A settingRow is one of the settings of a type. Those with a type and title
// are the ones that the older methods know.
type settingRow struct {
	key        string
	typ, title string
	read       func(any) any // the normalised form of what was sent; nil gives the default
}

// userKinds lists the types of custom fields and what each is set up with.
// Source: https://apidocs.bitrix24.com/api-reference/crm/universal/userfieldconfig/userfieldconfig-add.html,
// https://apidocs.bitrix24.com/api-reference/crm/deals/user-defined-fields/crm-deal-userfield-add.html.
var userKinds = []userFieldKind{
	{id: "string", title: "String", legacy: "String", settings: []settingRow{
		{key: "SIZE", read: positive(20)},
		{key: "ROWS", typ: "int", title: "Number of rows", read: positive(1)},
		{key: "REGEXP", read: settingText},
		{key: "MIN_LENGTH", read: whole},
		{key: "MAX_LENGTH", read: whole},
		{key: "DEFAULT_VALUE", typ: "string", title: "Default Value", read: settingText},
	}},
	{id: "integer", title: "Integer", legacy: "Integer", settings: []settingRow{
		{key: "SIZE", read: positive(20)},
		{key: "MIN_VALUE", read: whole},
		{key: "MAX_VALUE", read: whole},
		{key: "DEFAULT_VALUE", typ: "int", title: "Default Value", read: optional(whole)},
	}},
	{id: "double", title: "Number", legacy: "Number", settings: []settingRow{
		{key: "PRECISION", typ: "int", title: "Precision", read: precision},
		{key: "SIZE", read: positive(20)},
		{key: "MIN_VALUE", read: decimal},
		{key: "MAX_VALUE", read: decimal},
		{key: "DEFAULT_VALUE", typ: "double", title: "Default Value", read: optional(decimal)},
	}},
	{id: "boolean", title: "Yes/No", legacy: "Yes/No", settings: []settingRow{
		{key: "DEFAULT_VALUE", typ: "int", title: "Default Value", read: bit},
		{key: "DISPLAY", typ: "string", title: "Appearance", read: oneOfWords("CHECKBOX", "RADIO", "DROPDOWN")},
		{key: "LABEL", read: pairOfTexts},
		{key: "LABEL_CHECKBOX", read: textOrMap},
	}},
	{id: "enumeration", title: "List", legacy: "List", settings: []settingRow{
		{key: "DISPLAY", typ: "string", title: "Appearance", read: oneOfWords("LIST", "UI", "CHECKBOX", "DIALOG")},
		{key: "LIST_HEIGHT", typ: "int", title: "List height", read: positive(1)},
		{key: "CAPTION_NO_VALUE", read: settingText},
		{key: "SHOW_NO_VALUE", read: flag("Y")},
	}},
	{id: "datetime", title: "Date with time", legacy: "Date/Time", settings: []settingRow{
		{key: "DEFAULT_VALUE", typ: "object", title: "Default Value", read: moment},
		{key: "USE_SECOND", read: flag("Y")},
		{key: "USE_TIMEZONE", read: flag("N")},
	}},
	{id: "date", title: "Date", legacy: "Date", settings: []settingRow{
		{key: "DEFAULT_VALUE", typ: "object", title: "Default Value", read: moment},
	}},
	{id: "money", title: "Money", legacy: "Money", settings: []settingRow{{key: "DEFAULT_VALUE", read: settingText}}},
	{id: "url", title: "Link", legacy: "Link", settings: []settingRow{
		{key: "POPUP", read: flag("Y")},
		{key: "SIZE", read: positive(20)},
		{key: "MIN_LENGTH", read: whole},
		{key: "MAX_LENGTH", read: whole},
		{key: "DEFAULT_VALUE", read: settingText},
		{key: "ROWS", read: positive(1)},
	}},
	{id: "address", title: "Address", legacy: "Google Maps Address", settings: []settingRow{{key: "SHOW_MAP", read: flag("Y")}}},
	{id: "file", title: "File", legacy: "File", settings: []settingRow{
		{key: "SIZE", read: positive(20)},
		{key: "LIST_WIDTH", read: whole},
		{key: "LIST_HEIGHT", read: whole},
		{key: "MAX_SHOW_SIZE", read: whole},
		{key: "MAX_ALLOWED_SIZE", read: whole},
		{key: "EXTENSIONS", read: texts},
		{key: "TARGET_BLANK", read: flag("Y")},
	}},
	{id: "employee", title: "Linked to employee", legacy: "Binding to User", filter: "I"},
	{id: "crm_status", title: "Linked to CRM directories", legacy: "Binding to CRM Directories", filter: "I", settings: []settingRow{
		{key: "ENTITY_TYPE", typ: "string", title: "Directory", read: settingText},
	}},
	{id: "iblock_section", title: "Linked to information block sections", legacy: "Binding to Information Block Sections", settings: iblockSettings},
	{id: "iblock_element", title: "Linked to information block elements", legacy: "Binding to Information Block Elements", settings: iblockSettings},
	{id: "crm", title: "Linked to CRM entities", legacy: "Binding to CRM Entities", filter: "I", settings: []settingRow{
		{key: "LEAD", typ: "boolean", title: "Leads", read: flag("N")},
		{key: "CONTACT", typ: "boolean", title: "Contacts", read: flag("N")},
		{key: "COMPANY", typ: "boolean", title: "Companies", read: flag("N")},
		{key: "DEAL", typ: "boolean", title: "Deals", read: flag("N")},
		{key: "QUOTE", read: flag("N")},
		{key: "ORDER", read: flag("N")},
		{key: "SMART_INVOICE", read: flag("N")},
	}},
	{id: "hlblock", settings: []settingRow{
		{key: "HLBLOCK_ID", read: whole},
		{key: "HLFIELD_ID", read: whole},
		{key: "DISPLAY", read: oneOfWords("LIST", "CHECKBOX")},
		{key: "LIST_HEIGHT", read: positive(1)},
		{key: "DEFAULT_VALUE", read: settingText},
	}},
	{id: "resourcebooking", settings: []settingRow{
		{key: "USE_USERS", read: flag("Y")},
		{key: "USE_RESOURCES", read: flag("Y")},
		{key: "FULL_DAY", read: flag("N")},
		{key: "ALLOW_OVERBOOKING", read: flag("Y")},
		{key: "USE_SERVICES", read: flag("N")},
	}},
}

var iblockSettings = []settingRow{
	{key: "IBLOCK_TYPE_ID", typ: "string", title: "Information block type", read: settingText},
	{key: "IBLOCK_ID", typ: "string", title: "Information block", read: whole},
	{key: "DEFAULT_VALUE", typ: "string", title: "Default Value", read: settingText},
	{key: "DISPLAY", typ: "string", title: "Appearance", read: oneOfWords("LIST", "DIALOG", "UI", "CHECKBOX")},
	{key: "LIST_HEIGHT", typ: "int", title: "List height", read: positive(1)},
	{key: "ACTIVE_FILTER", typ: "boolean", title: "Only active", read: flag("N")},
}

// restKind is the form of the types that applications bring: texts without
// settings that the portal knows of.
var restKind = regexp.MustCompile(`^rest_[0-9]+_[A-Za-z0-9_]+$`)

// userKind returns the type of custom fields with an id.
func userKind(id string) (userFieldKind, bool) {
	i := slices.IndexFunc(userKinds, func(k userFieldKind) bool { return k.id == id })
	if i >= 0 {
		return userKinds[i], true
	}
	return userFieldKind{id: id}, restKind.MatchString(id)
}
