package portal

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"regexp"
	"strings"
	"time"
	"unicode/utf8"
)

// readCustom converts a value of a custom field. Whatever it is, the item counts
// as changed.
func (s *store) readCustom(ctx context.Context, in *input, f *field, raw, current any) error {
	in.dirty = true
	if !f.multiple {
		v, ok, err := s.customValue(ctx, f, f.single(raw), current)
		if err == nil && ok {
			in.vals[f.name] = v
		}
		return err
	}
	var list []any
	if raw != nil && raw != "" && raw != false {
		var ok bool
		if list, ok = asList(raw); !ok {
			return notIterable(raw)
		}
	}
	v, err := s.customList(ctx, f, list, current)
	if err == nil {
		in.vals[f.name] = v
	}
	return err
}

// single returns the value meant by one that came for a field which is not
// multiple: the first of a list, except for files, which are lists themselves.
func (f *field) single(raw any) any {
	if f.typ == typeFile {
		return raw
	}
	list, ok := asList(raw)
	switch {
	case !ok:
		return raw
	case len(list) > 0:
		return list[0]
	}
	return nil
}

// customList converts the values of a multiple field to a JSON list, nil for
// none. Empty values and those that cannot be read are dropped.
func (s *store) customList(ctx context.Context, f *field, list []any, current any) (any, error) {
	held := f.unpack(current)
	var vals []any
	for _, raw := range list {
		if isBlank(raw) {
			continue
		}
		v, ok, err := s.customValue(ctx, f, raw, keptFile(raw, held))
		if err != nil {
			return nil, err
		}
		if ok && v != nil {
			vals = append(vals, v)
		}
	}
	return pack(vals)
}

// pack stores the values of a multiple field; no values are nil.
func pack(vals []any) (any, error) {
	if len(vals) == 0 {
		return nil, nil
	}
	b, err := json.Marshal(vals)
	return string(b), err
}

// unpack reads the stored values of a multiple field.
func (f *field) unpack(v any) []any {
	text, _ := v.(string)
	decoded, err := decodeJSON([]byte(text))
	if err != nil {
		return nil
	}
	list, _ := asList(decoded)
	for i, item := range list {
		n, ok := item.(json.Number)
		if !ok {
			continue
		}
		list[i], _ = n.Int64()
		if f.typ.class() == classReal {
			list[i], _ = n.Float64()
		}
	}
	return list
}

// customValue converts one value of a custom field and refuses what its
// settings rule out. It reports false for a value that is dropped.
// Source: https://apidocs.bitrix24.com/api-reference/crm/data-types.html.
func (s *store) customValue(ctx context.Context, f *field, raw, current any) (any, bool, error) {
	if f.typ == typeBoolean {
		return flagValue(raw), true, nil
	}
	if isBlank(raw) {
		return nil, true, nil
	}
	switch f.typ {
	case typeFile:
		if !f.custom.allowsFile(raw) {
			return nil, true, nil
		}
		v, err := s.saveFile(ctx, raw, current)
		return v, true, err
	case typeMoney:
		v, err := s.moneyValue(ctx, raw)
		return v, true, err
	case typeAddress:
		v, err := s.addressValue(ctx, raw)
		return v, true, err
	case typeBooking:
		v, err := s.bookingValue(ctx, raw)
		return v, true, err
	}
	v, ok := f.custom.plainValue(f, raw, s.now)
	if ok && v != nil {
		return v, ok, f.custom.check(f, v)
	}
	return v, ok, nil
}

// plainValue converts values that need nothing but themselves.
func (u *userField) plainValue(f *field, raw any, now time.Time) (any, bool) {
	switch f.typ {
	case typeDouble:
		if text, ok := raw.(string); ok {
			raw = strings.Replace(text, ",", ".", 1)
		}
		x, ok := floatValue(raw)
		return roundTo(x, u.settingNumber("PRECISION")), ok
	case typeURL:
		if text, ok := raw.(string); ok {
			raw = strings.TrimSpace(text)
		}
	}
	v, ok := f.convert(raw, now)
	if at, is := v.(int64); ok && is && f.typ == typeDatetime && u.setting("USE_SECOND") == "N" {
		v = at - at%60
	}
	return v, ok
}

// roundTo rounds to a number of decimal places.
func roundTo(x, places float64) float64 {
	scale := math.Pow(10, places)
	if rounded := math.Round(x*scale) / scale; !math.IsInf(rounded, 0) {
		return rounded
	}
	return x
}

// check refuses values outside of what the field's settings allow. A bound of 0
// is none.
func (u *userField) check(f *field, v any) error {
	ok := true
	switch v := v.(type) {
	case string:
		ok = u.allowsText(v)
	case float64:
		ok = u.allowsNumber(v)
	case int64:
		ok = f.typ != typeInteger || u.allowsNumber(float64(v))
	}
	if !ok {
		return invalidField(f)
	}
	return nil
}

func (u *userField) allowsNumber(x float64) bool {
	low, high := u.settingNumber("MIN_VALUE"), u.settingNumber("MAX_VALUE")
	return (low == 0 || x >= low) && (high == 0 || x <= high)
}

func (u *userField) allowsText(text string) bool {
	n := float64(utf8.RuneCountInString(text))
	shortest, longest := u.settingNumber("MIN_LENGTH"), u.settingNumber("MAX_LENGTH")
	if n < shortest || longest > 0 && n > longest {
		return false
	}
	re := readPattern(u.settingWord("REGEXP"))
	return re == nil || re.MatchString(text)
}

// readPattern reads a pattern as PHP writes it: between delimiters, with flags
// behind. What Go has no like of gives nil, so that it rules out nothing.
func readPattern(text string) *regexp.Regexp {
	if text == "" {
		return nil
	}
	if end := strings.LastIndexByte(text, text[0]); end > 0 && strings.IndexByte("/#~@!%", text[0]) >= 0 {
		flags := strings.Trim(text[end+1:], "uUxD")
		text = text[1:end]
		if flags != "" {
			text = "(?" + flags + ")" + text
		}
	}
	re, err := regexp.Compile(text)
	if err != nil {
		return nil
	}
	return re
}

// customAnswer renders a custom field of an item.
func (e *entity) customAnswer(r *record, f *field) any {
	v := r.vals[f.name]
	if !f.multiple {
		return e.customItem(r, f, v)
	}
	list := []any{}
	for _, item := range f.unpack(v) {
		list = append(list, e.customItem(r, f, item))
	}
	return list
}

func (e *entity) customItem(r *record, f *field, v any) any {
	switch {
	case f.typ == typeFile:
		return fileLinks(e, r, f, v)
	case f.typ == typeBoolean && v == nil: // the item is older than the field
		return yesNo(f.custom.settingNumber("DEFAULT_VALUE") != 0)
	}
	return f.answer(v)
}

// customDefaults fills in the custom fields that were not sent with a new item.
func (s *store) customDefaults(ctx context.Context, e *entity, in *input) error {
	for _, f := range e.custom {
		if in.has(f.name) {
			continue
		}
		raw := f.custom.defaultValue(s.now)
		if raw == nil {
			continue
		}
		if list, is := raw.([]any); f.multiple && !is {
			raw = []any{raw}
		} else if is && len(list) == 0 {
			continue
		}
		if err := s.readCustom(ctx, in, f, raw, nil); err != nil {
			return err
		}
	}
	return nil
}

// defaultValue returns the default of a field as a client would send it, nil for
// none.
func (u *userField) defaultValue(now time.Time) any {
	switch fieldType(u.kind.id) {
	case typeEnumeration:
		ids := []any{}
		for _, o := range u.options {
			if o.def == "Y" {
				ids = append(ids, json.Number(fmt.Sprint(o.id)))
			}
		}
		return ids
	case typeBoolean:
		return u.settingNumber("DEFAULT_VALUE") != 0
	case typeDate, typeDatetime:
		m, _ := asMap(u.setting("DEFAULT_VALUE"))
		switch kind, _ := m.Get("TYPE"); kind {
		case "NOW":
			return now.Format(time.RFC3339)
		case "FIXED":
			v, _ := m.Get("VALUE")
			return v
		}
		return nil
	}
	if v := u.setting("DEFAULT_VALUE"); !isBlank(v) {
		return v
	}
	return nil
}
