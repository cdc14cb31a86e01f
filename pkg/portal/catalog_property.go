package portal

import (
	"context"
	"fmt"
	"slices"
)

// The basic types of properties, and the user type of a check box.
const (
	propertyList     = "L"
	propertyNumber   = "N"
	propertyCheckBox = "BoolEnum"
)

// properties are what products hold beside their fields.
// Source: https://apidocs.bitrix24.com/api-reference/catalog/product-property/index.html.
func properties() *family {
	return catalogFamily(family{
		method: "catalog.productProperty", table: "catalog_property", one: "productProperty", many: "productProperties",
		missing:  faultWith("0", "productProperty does not exist."),
		defaults: map[string]any{"active": "Y", "multiple": "N", "isRequired": "N", "listType": "L", "sort": int64(500)},
		stamps:   stamps{created: "timestampX", modified: "timestampX"},
		partial:  true,
		prepare:  checkProperty, save: saveCheckBox, removing: removeProperty,
	})
}

// checkProperty refuses a property of no catalogue or of an unknown type.
// Source: https://apidocs.bitrix24.com/api-reference/catalog/product-property/catalog-product-property-add.html.
func checkProperty(ctx context.Context, s *store, _, rec *record) error {
	found, err := s.exists(ctx, catalogs().table, rec.int("iblockId"))
	switch code := rec.text("code"); {
	case err != nil:
		return err
	case !found:
		return controllerFault("The specified iblock is not a product catalog")
	case !slices.Contains([]string{propertyNumber, "S", propertyList, "F", "E", "G"}, rec.text("propertyType")),
		rec.text("userType") == propertyCheckBox && rec.text("propertyType") != propertyList:
		return controllerFault("Invalid property type specified")
	case code != "" && code[0] >= '0' && code[0] <= '9':
		return controllerFault("Property code cannot start with a digit")
	}
	return nil
}

// saveCheckBox gives a new check box its two options.
func saveCheckBox(ctx context.Context, s *store, rec *record, _ *Map) error {
	if rec.text("userType") != propertyCheckBox {
		return nil
	}
	_, made, err := s.number(ctx, `SELECT "id" FROM catalog_property_enum WHERE "propertyId" = ? LIMIT 1`, rec.id)
	if err != nil || made {
		return err
	}
	for _, answer := range []string{"Y", "N"} {
		option := newRecord()
		option.vals = map[string]any{"propertyId": rec.id, "value": answer, "xmlId": answer}
		if err := propertyEnums().create(ctx, s, option); err != nil {
			return err
		}
	}
	return nil
}

// removeProperty deletes the options and the values of a property.
func removeProperty(ctx context.Context, s *store, rec *record) error {
	if err := s.exec(ctx, `DELETE FROM catalog_property_value WHERE property = ?`, rec.id); err != nil {
		return err
	}
	return propertyEnums().removeWhere(ctx, s, []string{"propertyId"}, rec.id)
}

// propertyEnums are the options of properties that are lists.
// Source: https://apidocs.bitrix24.com/api-reference/catalog/product-property-enum/index.html.
func propertyEnums() *family {
	return catalogFamily(family{
		method: "catalog.productPropertyEnum", table: "catalog_property_enum", one: "productPropertyEnum", many: "productPropertyEnums",
		missing:  faultWith("0", "productPropertyEnum does not exist."),
		defaults: map[string]any{"def": "N", "sort": int64(500)},
		partial:  true,
		prepare:  checkPropertyEnum, removing: removePropertyEnum,
	})
}

// checkPropertyEnum refuses an option of something that is no list, and a second one
// with the same external code.
// Source: https://apidocs.bitrix24.com/api-reference/catalog/product-property-enum/catalog-product-property-enum-add.html.
func checkPropertyEnum(ctx context.Context, s *store, _, rec *record) error {
	property, err := properties().byID(ctx, s, rec.int("propertyId"))
	switch {
	case err != nil:
		return err
	case property == nil:
		return propertyEnums().missing(0)
	case property.text("propertyType") != propertyList:
		return controllerFault("Only list properties are supported")
	}
	_, taken, err := s.number(ctx, `SELECT "id" FROM catalog_property_enum WHERE "propertyId" = ? AND "xmlId" = ? AND "id" <> ?`,
		rec.int("propertyId"), rec.text("xmlId"), rec.id)
	if err == nil && taken {
		err = controllerFault(fmt.Sprintf("A value with xmlId '%s' already exists.", rec.text("xmlId")))
	}
	return err
}

// removePropertyEnum takes an option from the products that have it.
func removePropertyEnum(ctx context.Context, s *store, rec *record) error {
	return s.exec(ctx, `DELETE FROM catalog_property_value WHERE property = ? AND value = ?`, rec.int("propertyId"), fmt.Sprint(rec.id))
}
