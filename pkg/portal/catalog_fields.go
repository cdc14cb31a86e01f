package portal

import (
	"context"
	"strconv"
)

// describedOnly are fields that no answer about a product shows.
var describedOnly = []string{"negativeAmountTrace", "priceType"}

// fieldsByFilter answers catalog.product.getFieldsByFilter and its sibling of services:
// the fields of the products of one catalogue, its properties included.
// Source: https://apidocs.bitrix24.com/api-reference/catalog/product/catalog-product-get-fields-by-filter.html.
func (f *family) fieldsByFilter(ctx context.Context, s *store, c *call) (reply, error) {
	filter, err := c.needMap("filter")
	if err == nil && filter.Len() == 0 {
		_, err = (&call{params: new(Map)}).need("filter")
	}
	if err != nil {
		return reply{}, err
	}
	v, _ := filter.Get("iblockId")
	catalog, ok := asInt(v)
	if !ok || catalog <= 0 {
		return reply{}, controllerFault("Required filter fields: iblockId")
	}
	fields := new(Map)
	for _, fd := range f.set.list {
		m := describeShortly(fd)
		m.Set("name", fd.name)
		fields.Set(fd.name, m)
	}
	for _, name := range describedOnly {
		if f.set.byName["quantity"] == nil {
			break // services have none of these
		}
		m := describeShortly(&field{typ: typeChar, readOnly: name == "negativeAmountTrace"})
		m.Set("name", name)
		fields.Set(name, m)
	}
	known, err := properties().where(ctx, s, []string{"iblockId"}, catalog)
	for _, property := range known {
		fields.Set(propertyPrefix+strconv.FormatInt(property.id, 10), describeProperty(property))
	}
	return reply{value: wrap(f.one, fields)}, err
}

// describeProperty describes a property as a field of products.
func describeProperty(property *record) *Map {
	m := wrap("isDynamic", true)
	m.Set("isImmutable", false)
	m.Set("isMultiple", property.text("multiple") == "Y")
	m.Set("isReadOnly", false)
	m.Set("isRequired", property.text("isRequired") == "Y")
	m.Set("name", property.text("name"))
	m.Set("propertyType", property.text("propertyType"))
	m.Set("type", "productproperty")
	m.Set("userType", property.text("userType"))
	return m
}
