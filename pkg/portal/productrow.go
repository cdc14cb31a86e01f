package portal

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"sync"
)

// productRowMethods lists the methods of the product rows of items.
// Source: https://apidocs.bitrix24.com/api-reference/crm/universal/product-rows/index.html.
func productRowMethods() []method {
	return []method{
		crmMethod("crm.item.productrow.add", true, addProductRow),
		crmMethod("crm.item.productrow.update", true, updateProductRow),
		crmMethod("crm.item.productrow.get", false, getProductRow),
		crmMethod("crm.item.productrow.list", false, listProductRows),
		crmMethod("crm.item.productrow.set", true, setProductRows),
		crmMethod("crm.item.productrow.delete", true, deleteProductRow),
		crmMethod("crm.item.productrow.fields", false, describeProductRows),
		crmMethod("crm.item.productrow.getAvailableForPayment", false, listUnpaidRows),
	}
}

// productRows are the goods and services of an item.
func productRows() *family {
	return &family{
		table: "crm_product_row", set: productRowSet(), scope: "crm", one: "productRow", many: "productRows",
		missing: func(int64) *fault { return notFound("Item") },
		defaults: map[string]any{
			"productId": int64(0), "quantity": 1.0, "discountTypeId": int64(discountRate), "customized": "Y", "sort": int64(0),
		},
		prepare: completeRow,
	}
}

func productRowSchema() []string { return productRows().schema(`"ownerType", "ownerId"`) }

// abbreviations are the short codes of the entity types that have product rows.
// Source: https://apidocs.bitrix24.com/api-reference/crm/data-types.html.
var abbreviations = map[string]int64{"L": 1, "D": 2, "Q": 7, "SI": 31}

// A rowOwner is an item that holds product rows.
type rowOwner struct {
	*entity
	item         *record
	abbreviation string
}

// rowOwner returns the item that a short code and an id name.
func (s *store) rowOwner(ctx context.Context, abbreviation string, id int64) (*rowOwner, error) {
	unsupported := &fault{code: "ENTITY_TYPE_NOT_SUPPORTED", text: fmt.Sprintf("Entity type %q is not supported", abbreviation)}
	etid, system := abbreviations[abbreviation]
	if hex, smart := strings.CutPrefix(abbreviation, "T"); smart && !system {
		n, err := strconv.ParseInt(hex, 16, 32)
		if err != nil || n < spaColumn {
			return nil, unsupported
		}
		etid, system = n, true
	}
	if !system {
		return nil, unsupported
	}
	e, err := s.entity(ctx, etid)
	if err != nil {
		return nil, orFault(err, unsupported)
	}
	if e.find("opportunity") == nil {
		return nil, unsupported
	}
	item, err := s.load(ctx, e, id)
	if err != nil {
		return nil, orFault(err, &fault{code: "OWNER_NOT_FOUND", text: "Owner was not found"})
	}
	return &rowOwner{entity: e, item: item, abbreviation: abbreviation}, nil
}

// ownerParam returns the item that ownerType and ownerId among some parameters
// name, if the request may do the action on it.
func (s *store) ownerParam(ctx context.Context, params *Map, action string) (*rowOwner, error) {
	c := &call{params: params}
	raw, err := c.need("ownerType")
	if err != nil {
		return nil, err
	}
	abbreviation, ok := asString(raw)
	if !ok {
		return nil, mismatch("ownerType", raw, "string")
	}
	id, err := c.needInt("ownerId")
	if err != nil {
		return nil, err
	}
	owner, err := s.rowOwner(ctx, abbreviation, id)
	if err != nil {
		return nil, err
	}
	return owner, s.allow(owner.entity, action, owner.item)
}

// allowedOwner returns the item that holds a row, if the request may do the
// action on it.
func (s *store) allowedOwner(ctx context.Context, row *record, action string) (*rowOwner, error) {
	owner, err := s.ownerOf(ctx, row)
	if err != nil {
		return nil, err
	}
	return owner, s.allow(owner.entity, action, owner.item)
}

// ownerOf returns the item that holds a row.
func (s *store) ownerOf(ctx context.Context, row *record) (*rowOwner, error) {
	return s.rowOwner(ctx, row.text("ownerType"), row.int("ownerId"))
}

// rows lists the product rows of an item in their order.
func (o *rowOwner) rows(ctx context.Context, s *store) ([]*record, error) {
	f := productRows()
	return s.query(ctx, f.entity(), f.columns(), `WHERE "ownerType" = ? AND "ownerId" = ? ORDER BY "sort", "id"`, o.abbreviation, o.item.id)
}

// own makes a row one of an item.
func (o *rowOwner) own(row *record) {
	row.vals["ownerType"], row.vals["ownerId"] = o.abbreviation, o.item.id
}

// rowParam returns the row that the parameter id names.
func rowParam(ctx context.Context, s *store, c *call) (*record, error) {
	id, err := c.needInt("id")
	if err != nil {
		return nil, err
	}
	return productRows().need(ctx, s, id)
}

func rowReply(row *record) reply {
	f := productRows()
	return reply{value: wrap(f.one, f.answer(row, f.all(), false))}
}

func getProductRow(ctx context.Context, s *store, c *call) (reply, error) {
	row, err := rowParam(ctx, s, c)
	if err != nil {
		return reply{}, err
	}
	_, err = s.allowedOwner(ctx, row, actionRead)
	return rowReply(row), err
}

// listProductRows answers crm.item.productrow.list, whose filter must name the
// owner.
// Source: https://apidocs.bitrix24.com/api-reference/crm/universal/product-rows/crm-item-productrow-list.html.
func listProductRows(ctx context.Context, s *store, c *call) (reply, error) {
	filter, err := c.needMap("filter")
	if err != nil {
		return reply{}, err
	}
	for _, key := range []string{"=ownerType", "=ownerId"} {
		if v, _ := filter.Get(key); isBlank(v) {
			return reply{}, &fault{code: "REQUIRED_ARG_MISSING", text: fmt.Sprintf("Required filter field '%s' is missing", key)}
		}
	}
	if err := s.allowRows(ctx, filter); err != nil {
		return reply{}, err
	}
	f := productRows()
	recs, r, err := f.page(ctx, s, c)
	if err != nil {
		return reply{}, err
	}
	r.value = wrap(f.many, f.answers(recs, f.all()))
	return r, nil
}

// allowRows refuses a list of the rows of items of which the request may not read
// each. If it may not read all, the filter has to name the items.
func (s *store) allowRows(ctx context.Context, filter *Map) error {
	if s.grant.readsAll() == nil {
		return nil
	}
	etype, _ := filter.Get("=ownerType")
	abbreviation, _ := asString(etype)
	v, _ := filter.Get("=ownerId")
	ids, several := asList(v)
	if !several {
		ids = []any{v}
	}
	for _, id := range ids {
		number, _ := asInt(id)
		owner, err := s.rowOwner(ctx, abbreviation, number)
		if isFault(err) {
			return s.grant.readsAll()
		}
		if err == nil {
			err = s.allow(owner.entity, actionRead, owner.item)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// listUnpaidRows answers crm.item.productrow.getAvailableForPayment. The portal
// takes no payments, so all rows of an item are due.
// Source: https://apidocs.bitrix24.com/api-reference/crm/universal/product-rows/crm-item-productrow-get-available-for-payment.html.
func listUnpaidRows(ctx context.Context, s *store, c *call) (reply, error) {
	owner, err := s.ownerParam(ctx, c.params, actionRead)
	if err != nil {
		return reply{}, err
	}
	return owner.rowsReply(ctx, s)
}

// rowsReply answers with all rows of an item.
func (o *rowOwner) rowsReply(ctx context.Context, s *store) (reply, error) {
	rows, err := o.rows(ctx, s)
	f := productRows()
	return reply{value: wrap(f.many, f.answers(rows, f.all()))}, err
}

func describeProductRows(context.Context, *store, *call) (reply, error) {
	fields := new(Map)
	for _, fd := range productRowSet().list {
		if !fd.unlisted {
			fields.Set(fd.name, fd.describeLegacy())
		}
	}
	return reply{value: wrap("fields", fields)}, nil
}

// updatableRow refuses fields that are unknown or that no update can change.
func updatableRow(fields *Map) error {
	for _, key := range fields.Keys() {
		fd := productRows().find(key)
		if fd == nil || !fd.accepts(mode{update: true}) {
			return invalidArg("Field '%s' is unknown or not available for update", upperKey(key))
		}
	}
	return nil
}

// productRowTable is what crm.item.productrow.fields says, and the fields that
// answers show besides.
// Source: https://apidocs.bitrix24.com/api-reference/crm/universal/product-rows/crm-item-productrow-fields.html.
var productRowTable = []fieldRow{
	{name: "id", typ: typeInteger, title: "ID", cells: "R"},
	{name: "ownerId", typ: typeInteger, title: "Owner ID", cells: "QI"},
	{name: "ownerType", typ: typeString, title: "Owner Type", cells: "QI"},
	{name: "productId", typ: typeInteger, title: "Product", cells: "Q"},
	{name: "productName", typ: typeString, title: "Product Name", cells: "wE", max: 255},
	{name: "price", typ: typeDouble, title: "Price", cells: "w0"},
	{name: "priceAccount", typ: typeDouble, title: "PRICE_ACCOUNT", cells: "RH0"},
	{name: "priceExclusive", typ: typeDouble, title: "Discounted price excluding tax", cells: "R0"},
	{name: "priceNetto", typ: typeDouble, title: "PRICE_NETTO", cells: "R0"},
	{name: "priceBrutto", typ: typeDouble, title: "PRICE_BRUTTO", cells: "R0"},
	{name: "quantity", typ: typeDouble, title: "Quantity", cells: "w0"},
	{name: "discountTypeId", typ: typeInteger, title: "Discount Type", cells: "w"},
	{name: "discountRate", typ: typeDouble, title: "Discount Amount", cells: "w0"},
	{name: "discountSum", typ: typeDouble, title: "Discount Total", cells: "w0"},
	{name: "taxRate", typ: typeDouble, title: "Tax", cells: "w"},
	{name: "taxIncluded", typ: typeChar, title: "Tax included in price", cells: "w"},
	{name: "customized", typ: typeChar, title: "Modified", cells: "w"},
	{name: "measureCode", typ: typeInteger, title: "Unit of Measure Code", cells: "w"},
	{name: "measureName", typ: typeString, title: "Unit of Measure", cells: "wE", max: 50},
	{name: "sort", typ: typeInteger, title: "Sorting", cells: "w"},
	{name: "xmlId", typ: typeString, title: "XML_ID", cells: "RHE"},
	{name: "type", typ: typeInteger, title: "TYPE", cells: "R"},
	{name: "storeId", typ: typeInteger, title: "STORE_ID", cells: "RA"},
}

var productRowSet = sync.OnceValue(func() *fieldSet { return familySet(productRowTable) })
