package portal

import (
	"context"
	"encoding/base64"
	"path"
	"slices"
	"strconv"
	"strings"
)

// moneyValue reads "300|RUB"; an amount alone is in the base currency. The
// amount keeps its decimals; what is no amount is nothing.
func (s *store) moneyValue(ctx context.Context, raw any) (any, error) {
	text, _ := asString(raw)
	amount, currency, _ := strings.Cut(text, "|")
	amount, currency = strings.TrimSpace(amount), strings.TrimSpace(currency)
	if _, err := strconv.ParseFloat(amount, 64); err != nil || strings.Trim(amount, "-+.0123456789") != "" {
		return nil, nil
	}
	if currency == "" {
		base, err := s.baseCurrency(ctx)
		if err != nil {
			return nil, err
		}
		currency, _ = base.(string)
	}
	return amount + "|" + currency, nil
}

// addressValue reads a text, "text|lat;lng", or a location as JSON, and stores
// "text|lat;lng|id" with a new location id each time. The suffix _del deletes.
func (s *store) addressValue(ctx context.Context, raw any) (any, error) {
	text, _ := asString(raw)
	if strings.HasSuffix(text, "_del") {
		return nil, nil
	}
	address, place := readAddress(text)
	if address == "" {
		return nil, nil
	}
	id, err := s.count(ctx, "location")
	if err != nil {
		return nil, err
	}
	return address + "|" + place + "|" + strconv.FormatInt(id, 10), nil
}

// readAddress returns the text of an address and its "lat;lng".
func readAddress(text string) (address, place string) {
	if v, err := decodeJSON([]byte(text)); err == nil {
		if m, ok := v.(*Map); ok {
			return readLocation(m)
		}
	}
	parts := strings.Split(text, "|")
	place = ";"
	if len(parts) > 1 && strings.Count(parts[1], ";") == 1 {
		place = parts[1]
	}
	return strings.TrimSpace(parts[0]), place
}

// readLocation reads a location of the interface: its fields make the text.
func readLocation(m *Map) (address, place string) {
	fields, _ := asMap(firstOf(m, "fieldCollection"))
	var parts []string
	for _, key := range fields.Keys() {
		v, _ := fields.Get(key)
		if text, _ := asString(v); text != "" {
			parts = append(parts, text)
		}
	}
	lat, _ := asString(firstOf(m, "latitude"))
	lng, _ := asString(firstOf(m, "longitude"))
	return strings.Join(parts, ", "), lat + ";" + lng
}

// bookingValue reads the id of a booking, or makes a booking of the packed form
// "user|id|date|duration|name".
func (s *store) bookingValue(ctx context.Context, raw any) (any, error) {
	if id, ok := asInt(raw); ok {
		return id, nil
	}
	text, _ := asString(raw)
	if strings.Count(text, "|") < 3 {
		return nil, nil
	}
	id, err := s.count(ctx, "resourcebooking")
	return id, err
}

// allowsFile reports whether the field takes a file of that name and size. A
// value that is no file is left to saveFile.
func (u *userField) allowsFile(raw any) bool {
	parts, _ := asList(raw)
	if len(parts) != 2 {
		return true
	}
	name, _ := asString(parts[0])
	content, _ := asString(parts[1])
	limit := u.settingNumber("MAX_ALLOWED_SIZE")
	if limit > 0 && float64(base64.StdEncoding.DecodedLen(len(content))) > limit+2 {
		return false
	}
	extensions, _ := asList(u.setting("EXTENSIONS"))
	return len(extensions) == 0 || slices.ContainsFunc(extensions, func(v any) bool {
		text, _ := asString(v)
		return strings.EqualFold(strings.TrimPrefix(text, "."), strings.TrimPrefix(path.Ext(name), "."))
	})
}

// keptFile returns which of the files that a field holds a value names by id,
// nil for none.
func keptFile(raw any, held []any) any {
	m, ok := raw.(*Map)
	if !ok {
		return nil
	}
	v, _ := m.Get("id")
	if id, ok := asInt(v); ok && slices.Contains(held, any(id)) {
		return id
	}
	return nil
}

// droppedFiles lists the files that a field held and holds no more.
func (f *field) droppedFiles(old, rec *record) []any {
	was, now := []any{old.vals[f.name]}, []any{rec.vals[f.name]}
	if f.multiple {
		was, now = f.unpack(was[0]), f.unpack(now[0])
	}
	return slices.DeleteFunc(was, func(id any) bool { return id == nil || slices.Contains(now, id) })
}
