package kind

// productSection are the sections of the catalogue. A list has to name its catalogue; an update
// sends the required fields again.
// Source: api-reference/catalog/section/catalog-section-add.md, catalog-section-list.md and
// catalog-section-update.md.
var productSection = &Kind{
	Name: "ProductSection", Plural: "product sections", Schema: "productsection.json", Class: ClassCatalog, Rank: 16, Space: "productsection",
	Link: TypeSection, Key: KeyXMLID, OwnCode: true,
	Methods: Methods{
		Add: "catalog.section.add", Update: "catalog.section.update", Get: "catalog.section.get", List: "catalog.section.list", Delete: "catalog.section.delete",
		Item: "section", Stored: "section", Items: "sections", In: "@", Placed: true, Whole: true,
	},
	Titles: [][]string{{"name"}},
	Alike:  []Likeness{{Fields: []string{"name"}, Within: SectionField}},
	Names:  catalogNames, Review: catalogReview,
	Holds: []string{"Product", "ProductSection"},
	Fields: fields([]Rule{
		{Name: "active", Type: TypeBoolean, Doc: "Whether it is shown"},
		{Name: "code", Type: TypeString, Length: 255, Doc: "Symbolic code, unique in the catalogue"},
		{Name: "description", Type: TypeText, Doc: "Description"},
		{Name: "descriptionType", Type: TypeChoice, NoClear: true, Choices: []string{"text", "html"}, Doc: "How the description is written: text or html"},
		{Name: "iblockId", Type: TypeCatalog, Immutable: true, NoClear: true, Doc: "Catalogue: id or exact name; needed only if the portal has several"},
		{Name: "iblockSectionId", Type: TypeSection, Firm: true, Doc: "Section that it lies in; null for the top"},
		readOnly("id", TypeInteger, "Id", "sections-are-found-by-name"),
		{Name: "name", Type: TypeString, Required: true, NoClear: true, Length: 255, Doc: "Name"},
		{Name: "sort", Type: TypeInteger, NoClear: true, Doc: "Sorting"},
		forMark("xmlId", "External code", "keep-foreign-code-elsewhere"),
	}),
}
