package kind

import (
	"slices"
	"strconv"
	"strings"

	"github.com/b24apply/b24apply/pkg/value"
)

// The types that only user fields have.
// Source: api-reference/crm/universal/user-defined-fields/crm-userfield-types.md.
const (
	TypeEnumeration FieldType = "enumeration"
	TypeMoney       FieldType = "money"
	TypeURL         FieldType = "url"
	TypeAddress     FieldType = "address"
	TypeEmployee    FieldType = "employee"
	TypeCRM         FieldType = "crm"
	TypeBooking     FieldType = "resourcebooking"
	TypeDiskFile    FieldType = "disk_file"
	TypeProperty    FieldType = "property" // of a product, whose own type its codec knows
)

// The types of plain values, of which nothing else is said.
var (
	Texts    = TypeString.ValueType()
	Integers = TypeInteger.ValueType()
	Booleans = TypeBoolean.ValueType()
)

// usualPlaces are the decimals that the portal keeps of amounts, where a rule says nothing.
const usualPlaces = 2

// ValueType is the type of values that is of the same name, with nothing else said of it.
func (t FieldType) ValueType() value.Type { return value.Type{Name: string(t)} }

// ValueType says how the declared values of the field are meant.
func (r Rule) ValueType() value.Type {
	t := value.Type{
		Name: string(r.Type), Multiple: r.Multiple, NoClear: r.NoClear, Filled: true, Natural: true,
		Places: usualPlaces, Max: r.Max, Length: r.Length, Choices: r.Choices, Dictionary: r.Dictionary, Multi: r.Multi,
	}
	if r.Places != 0 {
		t.Places = r.Places
	}
	if r.Name == StageField {
		t.Name, t.Label = "stage", string(r.Type)
	}
	t.Primary = t.Multiple && (r.Type == TypeContact || r.Type == TypeCompany)
	return t
}

// ValueType says how the values of a user field are meant. The codes of record types are
// those of the table.
func (f LiveField) ValueType(kinds *Table) value.Type {
	t := value.Type{
		Name: string(f.Type), Multiple: f.Multiple, Blank: true, Nullable: true, Places: int(f.Precision), Minutes: f.NoSeconds,
		Dictionary: f.StatusType, Field: f.Name,
	}
	for _, entity := range f.Entities {
		t.Entities = append(t.Entities, kinds.ShortCode(entity))
	}
	t.Primary = t.Multiple && (f.Type == TypeContact || f.Type == TypeCompany)
	if c, ok := value.CodecOf(t); ok {
		t.Ordered = f.Multiple && !c.Traits().Set
	}
	return t
}

// propertyTypes are the types of the values of properties, by their type and user type.
// Source: api-reference/catalog/product-property/catalog-product-property-add.md.
var propertyTypes = map[string]value.Type{
	"S":          {Name: "string"},
	"N":          {Name: "double", Places: 4, Nullable: true},
	"S:Date":     {Name: "date"},
	"S:DateTime": {Name: "datetime"},
	"L":          {Name: "option"},
	"L:BoolEnum": {Name: "checkbox"},
}

// Wire is the name of the property in products.
func (p Property) Wire() string { return "property" + strconv.Itoa(p.ID) }

// Form is the type of the property and its user type, "S:Date".
func (p Property) Form() string { return strings.TrimSuffix(p.Type+":"+p.UserType, ":") }

// ValueType says how the values of the property are meant; false for a type whose values the
// documentation does not describe.
func (p Property) ValueType() (value.Type, bool) {
	t, ok := propertyTypes[p.Form()]
	t.Multiple, t.Wrapped, t.Field, t.Label = p.Multiple, true, p.Wire(), string(TypeProperty)
	for _, o := range p.Options {
		if len(o.Codes) > 0 && slices.Contains([]string{"y", "true", "1"}, strings.ToLower(o.Codes[0])) {
			t.Choices = append(t.Choices, strconv.Itoa(o.ID))
		}
	}
	return t, ok
}
