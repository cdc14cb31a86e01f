package kind

// RequisiteMeta is what the portal says about requisites, bank details and addresses.
type RequisiteMeta struct {
	Fields       LiveFields // of requisites
	BankFields   LiveFields // of bank details
	Presets      []Preset
	AddressTypes []AddressType
}

// A Preset is a template of requisites. Its id and, where people changed it, its name
// differ from portal to portal.
// Source: api-reference/crm/requisites/presets/crm-requisite-preset-list.md.
type Preset struct {
	ID          int
	Name, XMLID string
	Country     int // a number of the portal's own, see presetCountries
}

// An AddressType is one of the portal's types of addresses; its name depends on the
// portal's language.
// Source: api-reference/crm/auxiliary/enum/crm-enum-address-type.md.
type AddressType struct {
	ID   int
	Name string
}
