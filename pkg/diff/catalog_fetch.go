package diff

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"github.com/b24apply/b24apply/pkg/bitrix"
	"github.com/b24apply/b24apply/pkg/spec"
)

// catalogQuestions asks for what the declared products and sections need to know of
// the catalogue.
func (f *fetcher) catalogQuestions() []question {
	var declares, properties bool
	types := make(map[spec.FieldType]bool)
	for _, r := range f.set.Resources {
		if r.Kind.Class != spec.ClassCatalog {
			continue
		}
		declares = true
		for _, field := range r.Fields {
			rule, known := r.Kind.Field(field.Name)
			types[rule.Type] = true
			properties = properties || !known
		}
	}
	c := &f.meta.Catalog
	var out []question
	ask := func(needed bool, method, key string, take func(Row)) {
		if !needed {
			return
		}
		out = append(out, question{method: method, params: bitrix.Params{"order": map[string]any{"id": "asc"}}, list: true, key: key, rows: func(rows []Row) error {
			for _, row := range rows {
				take(row)
			}
			return nil
		}})
	}
	ask(declares, "catalog.catalog.list", "catalogs", c.addIblock)
	ask(types[spec.TypePrice], "catalog.priceType.list", "priceTypes", c.addPriceType)
	ask(types[spec.TypeMeasure], "catalog.measure.list", "measures", c.addMeasure)
	ask(types[spec.TypeVAT], "catalog.vat.list", "vats", c.addVAT)
	ask(properties, "catalog.productProperty.list", "productProperties", c.addProperty)
	ask(properties, "catalog.productPropertyEnum.list", "productPropertyEnums", c.addOption)
	return out
}

// addIblock leaves out the catalogues of variations, which name that of their products.
func (c *Catalog) addIblock(row Row) {
	if row.Int("productIblockId") == 0 {
		c.Iblocks = append(c.Iblocks, Iblock{ID: row.Int(iblockID), Name: row.Text("name"), CRM: row.Text("iblockTypeId") == "CRM_PRODUCT_CATALOG"})
	}
}

func (c *Catalog) addPriceType(row Row) {
	if yn(row["base"]) == "Y" {
		c.BasePrice = row.Int("id")
	}
}

func (c *Catalog) addMeasure(row Row) {
	codes := []string{row.Text("symbol"), row.Text("symbolIntl"), row.Text("symbolLetterIntl")}
	c.Measures = append(c.Measures, Named{ID: row.Int("id"), Key: row.Text("code"), Codes: codes, Name: row.Text("measureTitle")})
}

// addVAT leaves out rates that are switched off.
func (c *Catalog) addVAT(row Row) {
	if row.Text("active") != "N" {
		c.VATs = append(c.VATs, Named{ID: row.Int("id"), Key: percentage(row.Text("rate")), Name: row.Text("name")})
	}
}

func (c *Catalog) addProperty(row Row) {
	c.Properties = append(c.Properties, Property{
		ID: row.Int("id"), Iblock: row.Int(iblockID), Code: row.Text("code"), Name: row.Text("name"),
		Type: row.Text("propertyType"), UserType: row.Text("userType"), Multiple: yn(row["multiple"]) == "Y",
	})
}

// addOption files an option under its property, which has been read before it.
func (c *Catalog) addOption(row Row) {
	i := slices.IndexFunc(c.Properties, func(p Property) bool { return p.ID == row.Int("propertyId") })
	if i >= 0 {
		c.Properties[i].Options = append(c.Properties[i].Options, Named{ID: row.Int("id"), Key: row.Text("id"), Codes: []string{row.Text("xmlId")}, Name: row.Text("value")})
	}
}

// A catalogGroup is up to lookupSize products or sections of one catalogue that are
// fetched by one list.
type catalogGroup struct {
	family    family
	kind      *spec.Kind
	iblock    int
	addresses map[string]spec.Address // by external code
	columns   map[string]bool
}

// readCatalog looks the declared products and sections up by their external codes, then
// reads the prices of those that declare one.
func (f *fetcher) readCatalog(ctx context.Context) error {
	chunks := slices.Collect(slices.Chunk(f.catalogGroups(), bitrix.MaxBatch))
	found := make([]map[spec.Address][]Row, len(chunks))
	err := parallel(ctx, len(chunks), func(ctx context.Context, i int) (err error) {
		found[i], err = f.lookUpCatalog(ctx, chunks[i])
		return err
	})
	if err != nil {
		return err
	}
	for _, records := range found {
		for address, rows := range records {
			f.state.Records[address] = append(f.state.Records[address], rows...)
		}
	}
	return f.readPrices(ctx)
}

// catalogGroups sorts the declared products and sections into look-ups. Each is looked
// for in every catalogue, so that one which was moved is not created again.
func (f *fetcher) catalogGroups() []*catalogGroup {
	type bin struct {
		kind   *spec.Kind
		iblock int
	}
	open := make(map[bin]*catalogGroup)
	var all []*catalogGroup
	for _, r := range f.set.Resources {
		family := familyOf(r.Kind)
		if !family.placed {
			continue
		}
		for _, iblock := range f.meta.Catalog.Iblocks {
			b := bin{r.Kind, iblock.ID}
			g := open[b]
			if g == nil || len(g.addresses) == lookupSize {
				g = &catalogGroup{family: family, kind: r.Kind, iblock: iblock.ID, addresses: make(map[string]spec.Address), columns: make(map[string]bool)}
				open[b] = g
				all = append(all, g)
			}
			marks := f.slot(r, recordType{}).mark(f.set.Project.Name, r.Address.Name())
			g.addresses[marks[0].value] = r.Address
			for _, wire := range f.catalogWires(r) {
				g.columns[wire] = true
			}
		}
	}
	return all
}

// catalogWires lists the columns that comparing a product or section needs. The price is
// none.
func (f *fetcher) catalogWires(r *spec.Resource) []string {
	wires := []string{"id", iblockID, "xmlId", "name"}
	targets, _ := f.targets(r, recordType{})
	for _, tg := range targets {
		if tg.typ != spec.TypePrice {
			wires = append(wires, tg.wire)
		}
	}
	return wires
}

func (g *catalogGroup) list() bitrix.List {
	var keys, columns []any
	for _, key := range slices.Sorted(maps.Keys(g.addresses)) {
		keys = append(keys, key)
	}
	for _, name := range slices.Sorted(maps.Keys(g.columns)) {
		columns = append(columns, name)
	}
	return bitrix.List{Method: g.family.list, Items: g.family.items, Params: bitrix.Params{
		"filter": map[string]any{iblockID: g.iblock, g.family.in + "xmlId": keys}, "select": columns,
	}}
}

// lookUpCatalog fetches some groups by one batch of lists.
func (f *fetcher) lookUpCatalog(ctx context.Context, groups []*catalogGroup) (map[spec.Address][]Row, error) {
	lists := make([]bitrix.List, len(groups))
	for i, g := range groups {
		lists[i] = g.list()
	}
	answers, err := f.client.Lists(ctx, lists)
	if err != nil {
		return nil, fmt.Errorf("look products up by their external code: %w", err)
	}
	records := make(map[spec.Address][]Row)
	var lacking []catalogHit
	for i, g := range groups {
		for _, raw := range answers[i] {
			address, row, err := g.owner(raw)
			if err != nil {
				return nil, fmt.Errorf("look %s up by their external code: %w", g.kind.Plural, err)
			}
			if address == "" {
				continue
			}
			records[address] = append(records[address], row)
			if g.lacks(row) {
				lacking = append(lacking, catalogHit{g.family, row})
			}
		}
	}
	return records, f.completeCatalog(ctx, lacking)
}

// owner files a row under the address whose mark it carries, byte for byte: the portal
// compares without case, so that a row can be somebody else's.
func (g *catalogGroup) owner(raw json.RawMessage) (spec.Address, Row, error) {
	row, err := decodeRow(raw)
	if err != nil {
		return "", nil, err
	}
	if _, ok := row["xmlId"]; !ok {
		return "", nil, fmt.Errorf("the portal found %d but does not show its xmlId", row.Int("id"))
	}
	return g.addresses[row.Text("xmlId")], row, nil
}

// A catalogHit is a row that a look-up returned.
type catalogHit struct {
	family family
	row    Row
}

// completeCatalog reads those rows whole that lack a declared column.
func (f *fetcher) completeCatalog(ctx context.Context, lacking []catalogHit) error {
	commands := make([]bitrix.Command, len(lacking))
	for i, h := range lacking {
		commands[i] = bitrix.Command{Method: h.family.get, Params: bitrix.Params{"id": h.row.Int("id")}}
	}
	return f.each(ctx, "read products", commands, func(i int, r bitrix.Response, err error) error {
		if err != nil {
			return err
		}
		full, err := member(r.Result, lacking[i].family.item)
		if err == nil {
			maps.Copy(lacking[i].row, full)
		}
		return err
	})
}

func (g *catalogGroup) lacks(row Row) bool {
	for name := range g.columns {
		if _, ok := row[name]; !ok {
			return true
		}
	}
	return false
}
