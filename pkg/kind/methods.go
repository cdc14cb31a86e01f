package kind

import "cmp"

// Methods are the calls that serve a kind, by their names in the REST API.
type Methods struct {
	Add, Update, Get, List, Delete string
	// Older saves a record by the field names of before, and empties what Update answers to
	// have emptied and keeps; "" where there is none.
	Older string
	// Import and BatchImport create without automation; "" where nothing does.
	Import, BatchImport string
	// Item and Items are the keys of the object and of the list in results; Stored is that of
	// the object in answers to Add and Update, if it is another one.
	Item, Items, Stored string
	In                  string // the prefix of a filter that takes several values; "" is "@"
	Typed               bool   // calls name the entityTypeId
	Placed              bool   // a create and a list name the catalogue
	Whole               bool   // an update does so too, and sends the name
	Alone               bool   // calls share no request with others
}

// Among is the key of a filter that takes several values of a field.
func (m Methods) Among(field string) string { return cmp.Or(m.In, "@") + field }

// itemMethods are the methods of CRM records; older is that by the field names of before.
// Source: api-reference/crm/universal/index.md, api-reference/crm/universal/import/index.md,
// api-reference/crm/deals/crm-deal-update.md and its like.
func itemMethods(older string) Methods {
	return Methods{
		Add: "crm.item.add", Update: "crm.item.update", Get: "crm.item.get", List: "crm.item.list", Delete: "crm.item.delete",
		Import: "crm.item.import", BatchImport: "crm.item.batchImport",
		Older: older, Item: "item", Items: "items", Typed: true,
	}
}

// The fields that tell the stage and the pipeline of a record.
const (
	StageField    = "stageId"
	PipelineField = "categoryId"
)

// The fields of an amount, and of the currency that it is in.
const (
	AmountField   = "opportunity"
	CurrencyField = "currencyId"
)

// SavedTime is the field that tells when a record was saved last.
const SavedTime = "updatedTime"

// recordNames name a CRM record, and tell its pipeline, its primary links and when it was
// saved. A portal may lack some of them.
var recordNames = []string{"title", "name", "lastName", "categoryId", "contactId", "companyId", SavedTime}

// recordReview is what a reviewer of its deletion sees of a CRM record, where its kind has it.
var recordReview = []string{"title", "name", "lastName", "opportunity", "currencyId", "stageId", "companyId", "contactId", "assignedById", "createdTime"}

// The fields that name what lies in the catalogue: the catalogue and the section.
const (
	CatalogueField = "iblockId"
	SectionField   = "iblockSectionId"
)

var (
	catalogNames  = []string{"name", CatalogueField}
	catalogReview = []string{"name", "code", SectionField}
)

// recordPage is where people open a CRM record.
const recordPage = "crm/type/{entityTypeId}/details/{id}/"
