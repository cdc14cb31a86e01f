package spec

import "github.com/b24apply/b24apply/pkg/kind"

// APIVersion is the apiVersion of every manifest.
const APIVersion = "b24apply/v1"

// Names that stand in pkg/kind.
type (
	Class         = kind.Class
	KeySlot       = kind.KeySlot
	Kind          = kind.Kind
	FieldType     = kind.FieldType
	Rule          = kind.Rule
	Part          = kind.Part
	Shape         = kind.Shape
	AddressColumn = kind.AddressColumn
)

const (
	TypeString      = kind.TypeString
	TypeText        = kind.TypeText
	TypeMarkup      = kind.TypeMarkup
	TypeInteger     = kind.TypeInteger
	TypeDouble      = kind.TypeDouble
	TypeBoolean     = kind.TypeBoolean
	TypeDate        = kind.TypeDate
	TypeDatetime    = kind.TypeDatetime
	TypeUser        = kind.TypeUser
	TypeStatus      = kind.TypeStatus
	TypeCategory    = kind.TypeCategory
	TypeCurrency    = kind.TypeCurrency
	TypeCompany     = kind.TypeCompany
	TypeContact     = kind.TypeContact
	TypeLead        = kind.TypeLead
	TypeDeal        = kind.TypeDeal
	TypeQuote       = kind.TypeQuote
	TypeEntity      = kind.TypeEntity
	TypeMultifield  = kind.TypeMultifield
	TypeParents     = kind.TypeParents
	TypeRelations   = kind.TypeRelations
	TypeProduct     = kind.TypeProduct
	TypeProducts    = kind.TypeProducts
	TypeFile        = kind.TypeFile
	TypeLocation    = kind.TypeLocation
	TypeSection     = kind.TypeSection
	TypeCatalog     = kind.TypeCatalog
	TypeMeasure     = kind.TypeMeasure
	TypeVAT         = kind.TypeVAT
	TypePrice       = kind.TypePrice
	TypeChoice      = kind.TypeChoice
	ShapeList       = kind.ShapeList
	ShapeMap        = kind.ShapeMap
	ShapeOne        = kind.ShapeOne
	ClassProject    = kind.ClassProject
	ClassType       = kind.ClassType
	ClassRecord     = kind.ClassRecord
	ClassCatalog    = kind.ClassCatalog
	ClassField      = kind.ClassField
	ClassHistory    = kind.ClassHistory
	KeyNone         = kind.KeyNone
	KeyOrigin       = kind.KeyOrigin
	KeyXMLID        = kind.KeyXMLID
	KeyField        = kind.KeyField
	ProductsPart    = kind.ProductsPart
	RequisitesPart  = kind.RequisitesPart
	BankDetailsPart = kind.BankDetailsPart
	AddressesPart   = kind.AddressesPart
	ColumnsPart     = kind.ColumnsPart
)

// builtIn are the kinds of Bitrix24.
var builtIn *kind.Table

// Kinds lists every kind by rank, the project file first.
func Kinds() []*Kind { return kind.All() }

// RecordKinds lists the kinds whose resources are records of crm.item.*, by rank.
func RecordKinds() []*Kind { return builtIn.Records() }

// CatalogKinds lists the kinds of the product catalogue, by rank.
func CatalogKinds() []*Kind { return builtIn.Catalogs() }

// KindByName finds a kind by its exact name in manifests, or nil.
func KindByName(name string) *Kind { return builtIn.ByName(name) }

// ValueTypes lists the value types that a multi-field typeId takes.
func ValueTypes(typeID string) []string { return kind.ValueTypes(typeID) }

// AddressColumns lists the lines of an address in the order in which they are read.
func AddressColumns() []AddressColumn { return kind.AddressColumns() }
