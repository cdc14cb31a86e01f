package portal

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// propertyValueSchema returns the statements that create the table of what products
// hold in their properties. Each value has an id of its own.
func propertyValueSchema() []string {
	return []string{
		`CREATE TABLE IF NOT EXISTS catalog_property_value (id INTEGER PRIMARY KEY AUTOINCREMENT,
			product INTEGER NOT NULL, property INTEGER NOT NULL, value TEXT NOT NULL) STRICT`,
		`CREATE INDEX IF NOT EXISTS catalog_property_value_0 ON catalog_property_value (product, property)`,
	}
}

// A propertyValue is one value of a property of a product; an id of 0 is a new one.
type propertyValue struct {
	id, product, property int64
	text                  string
}

// propertyPrefix begins the names of properties in products: property258.
const propertyPrefix = "property"

// saveProperties stores the properties that were sent for a product. A value sent
// with the id of a stored one replaces that; all others of the property go.
// Source: https://apidocs.bitrix24.com/api-reference/catalog/product/catalog-product-update.html.
func saveProperties(ctx context.Context, s *store, rec *record, fields *Map) error {
	for _, key := range fields.Keys() {
		number, named := strings.CutPrefix(key, propertyPrefix)
		id, err := strconv.ParseInt(number, 10, 64)
		if !named || err != nil {
			continue
		}
		property, err := properties().byID(ctx, s, id)
		if err != nil {
			return err
		}
		if property == nil || property.int("iblockId") != rec.int("iblockId") {
			continue
		}
		raw, _ := fields.Get(key)
		if err := s.saveProperty(ctx, rec.id, property, raw); err != nil {
			return err
		}
	}
	return nil
}

func (s *store) saveProperty(ctx context.Context, product int64, property *record, raw any) error {
	sent, err := s.readProperty(ctx, property, raw)
	if err != nil {
		return err
	}
	stored, err := s.propertyValues(ctx, `product = ? AND property = ?`, product, property.id)
	if err != nil {
		return err
	}
	for _, old := range stored {
		i := slices.IndexFunc(sent, func(v propertyValue) bool { return v.id == old.id })
		if i < 0 {
			err = s.exec(ctx, `DELETE FROM catalog_property_value WHERE id = ?`, old.id)
		} else {
			err = s.exec(ctx, `UPDATE catalog_property_value SET value = ? WHERE id = ?`, sent[i].text, old.id)
			sent = slices.Delete(sent, i, i+1)
		}
		if err != nil {
			return err
		}
	}
	for _, v := range sent {
		if err := s.exec(ctx, `INSERT INTO catalog_property_value (product, property, value) VALUES (?, ?, ?)`, product, property.id, v.text); err != nil {
			return err
		}
	}
	return nil
}

// readProperty reads what was sent for a property: a value, {value, valueId}, or a
// list of these. What is no value of the property's type is dropped.
func (s *store) readProperty(ctx context.Context, property *record, raw any) ([]propertyValue, error) {
	items := []any{raw}
	if m, isMap := raw.(*Map); !isMap || !slices.Contains(m.Keys(), "value") {
		if list, ok := asList(raw); ok {
			items = list
		}
	}
	var values []propertyValue
	for _, item := range items {
		value := item
		var id int64
		if m, ok := item.(*Map); ok {
			value, _ = m.Get("value")
			valueID, _ := m.Get("valueId")
			id, _ = asInt(valueID)
		}
		text, err := s.propertyText(ctx, property, value)
		if err != nil {
			return nil, err
		}
		if text != "" {
			values = append(values, propertyValue{id: id, text: text})
		}
	}
	if property.text("multiple") != "Y" && len(values) > 1 {
		values = values[:1]
	}
	return values, nil
}

// propertyText converts a value of a property to its storage form, "" for none.
func (s *store) propertyText(ctx context.Context, property *record, v any) (string, error) {
	if isBlank(v) {
		return "", nil
	}
	text, _ := asString(v)
	switch {
	case property.text("propertyType") == propertyList:
		return s.propertyOption(ctx, property, text)
	case property.text("propertyType") == propertyNumber:
		x, _ := floatValue(v)
		return strconv.FormatFloat(x, 'f', -1, 64), nil
	case property.text("userType") == "DateTime" || property.text("userType") == "Date":
		t, ok := parseTime(v, s.now)
		if !ok {
			return "", nil
		}
		if property.text("userType") == "Date" {
			return t.Format(time.DateOnly), nil
		}
		return strconv.FormatInt(t.Unix(), 10), nil
	}
	return text, nil
}

// propertyOption finds an option of a list: by its id, and for a check box as Y or N.
func (s *store) propertyOption(ctx context.Context, property *record, text string) (string, error) {
	options, err := propertyEnums().where(ctx, s, []string{"propertyId"}, property.id)
	if err != nil {
		return "", err
	}
	for _, option := range options {
		id := fmt.Sprint(option.id)
		if id == text || property.text("userType") == propertyCheckBox && option.text("xmlId") == text {
			return id, nil
		}
	}
	return "", nil
}

// showProperties adds the properties of products to their answers: null for an empty
// one, a list for a multiple one.
// Source: https://apidocs.bitrix24.com/api-reference/catalog/product/catalog-product-get.html.
func showProperties(ctx context.Context, s *store, recs []*record, answers []any, selected []any) error {
	if len(recs) == 0 || selected != nil && !slices.ContainsFunc(selected, isPropertyName) {
		return nil
	}
	all, err := s.query(ctx, properties().entity(), properties().columns(), `ORDER BY "id"`)
	if err != nil {
		return err
	}
	for i, rec := range recs {
		values, err := s.propertyValues(ctx, `product = ?`, rec.id)
		if err != nil {
			return err
		}
		for _, property := range all {
			name := propertyPrefix + fmt.Sprint(property.id)
			if property.int("iblockId") != rec.int("iblockId") || selected != nil && !slices.Contains(selected, any(name)) {
				continue
			}
			shown, err := s.shownProperty(ctx, property, values)
			if err != nil {
				return err
			}
			answers[i].(*Map).Set(name, shown)
		}
	}
	return nil
}

func isPropertyName(v any) bool {
	name, _ := v.(string)
	return strings.HasPrefix(name, propertyPrefix)
}

func (s *store) shownProperty(ctx context.Context, property *record, values []propertyValue) (any, error) {
	list := []any{}
	for _, v := range values {
		if v.property != property.id {
			continue
		}
		text, err := s.shownValue(ctx, property, v.text)
		if err != nil {
			return nil, err
		}
		m := wrap("value", text)
		m.Set("valueId", fmt.Sprint(v.id))
		list = append(list, m)
	}
	switch {
	case property.text("multiple") == "Y" && len(list) > 0:
		return list, nil
	case len(list) > 0:
		return list[0], nil
	}
	return nil, nil
}

func (s *store) shownValue(ctx context.Context, property *record, text string) (any, error) {
	switch property.text("userType") {
	case "DateTime":
		n, err := strconv.ParseInt(text, 10, 64)
		return time.Unix(n, 0), err
	case propertyCheckBox:
		id, _ := strconv.ParseInt(text, 10, 64)
		option, err := propertyEnums().byID(ctx, s, id)
		if option == nil || err != nil {
			return "", err
		}
		return option.text("xmlId"), nil
	}
	return text, nil
}

// propertyValues returns the values that fit a condition, by id.
func (s *store) propertyValues(ctx context.Context, condition string, args ...any) ([]propertyValue, error) {
	var values []propertyValue
	err := s.scan(ctx, func(rows *sql.Rows) error {
		var v propertyValue
		err := rows.Scan(&v.id, &v.product, &v.property, &v.text)
		values = append(values, v)
		return err
	}, `SELECT id, product, property, value FROM catalog_property_value WHERE `+condition+` ORDER BY id`, args...)
	return values, err
}
