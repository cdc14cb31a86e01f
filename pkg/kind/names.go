package kind

import "github.com/b24apply/b24apply/pkg/value"

// A Wanted says which of a portal's names are asked for, all of them together.
type Wanted struct {
	Kinds        *Table         // the kinds that there are
	Entities     []WantedEntity // their fields, and their pipelines where stages are declared
	Statuses     bool           // all dictionaries, those of stages among them
	Caller       bool           // who is calling; no answer is no error
	Currencies   bool           // no answer is no error
	Requisites   bool           // the fields of requisites and bank details, and the templates
	AddressTypes bool
	Catalogs     Need  // the product catalogues
	PriceTypes   bool  // which of them is the base one
	Measures     bool  // units of measure
	VATs         bool  // rates of value added tax
	Properties   bool  // of products, with the options of those that are lists
	Relations    []int // ids of the types of which the relations are asked for
}

// A WantedEntity is an entity type of which the fields are asked for.
type WantedEntity struct {
	EntityTypeID int
	Pipelines    bool
}

// A Topic is one thing that a portal tells about itself, or refuses to.
type Topic struct {
	What Tellable
	ID   int // TellFields and TellPipelines: of the entity type; TellRelations: of the type
}

// Tellable is a sort of topics.
type Tellable uint8

// What a portal tells. Of types, users and the caller it tells by calls of their own.
const (
	TellTypes Tellable = iota + 1
	TellRelations
	TellFields
	TellPipelines
	TellStatuses
	TellUsers
	TellCaller
	TellRequisites
	TellAddressTypes
	TellCatalogs
	TellPriceTypes
	TellMeasures
	TellVATs
	TellProperties
)

// Need says how much depends on an answer.
type Need uint8

// The needs. Without an answer to what is a hint something stays unknown, and no more.
const (
	NotNeeded Need = iota
	Hint
	Required
)

// Names are what a portal says about itself, as far as it was asked.
type Names struct {
	Types      []LiveType
	Fields     map[int]LiveFields       // by entityTypeId
	Missing    map[int]bool             // entity types that were asked for and that the portal lacks
	Refused    map[Topic]*Refusal       // what was asked for and the portal does not tell, unless that is a hint
	Categories map[int][]Category       // by entityTypeId
	Statuses   map[string][]StatusEntry // by ENTITY_ID, in the portal's order
	Currencies []string                 // codes, in upper case
	Requisites RequisiteMeta
	Catalog    Catalog
	Caller     Caller
}

// A Caller is the user whose credential is used.
// Source: api-reference/common/users/profile.md.
type Caller struct {
	ID    int  // 0 if it is not known
	Admin bool // lists hide nothing from an administrator
}

// An OptionList names a list field whose options are asked for.
type OptionList struct {
	Object string // userfieldconfig's name of the entity type, such as CRM_DEAL
	Name   string // in upper case, such as UF_CRM_SIZE
}

// A FileLink leads to the content of a file that a field holds.
type FileLink struct {
	ID   int
	Link string // urlMachine, which may hold a token
}

// A FileContent is what is known about a file that the portal holds.
type FileContent struct {
	Size   int64         // in bytes
	SHA256 string        // of the content, in hex
	Fault  value.Message // why the content could not be read; zero if it was
}
