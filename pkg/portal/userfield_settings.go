package portal

import (
	"encoding/json"
	"math"
	"slices"
	"strings"
)

// normalise returns all settings of a type: what was sent in the form in which
// the portal keeps it, and the defaults of the rest. Unknown keys are dropped.
func (k userFieldKind) normalise(sent *Map) *Map {
	m := new(Map)
	for _, row := range k.settings {
		v, _ := sent.Get(row.key)
		m.Set(row.key, row.read(v))
	}
	if k.id == string(typeCRM) {
		bindSettings(m, sent)
	}
	return m
}

// bindSettings adds the smart processes that a field can be linked to. A field
// that is linked to nothing is linked to leads.
func bindSettings(m, sent *Map) {
	for _, key := range sent.Keys() {
		if number, ok := strings.CutPrefix(key, "DYNAMIC_"); ok && number != "" && strings.Trim(number, "0123456789") == "" {
			v, _ := sent.Get(key)
			m.Set(key, flagValue(v))
		}
	}
	for _, key := range m.Keys() {
		if v, _ := m.Get(key); v == "Y" {
			return
		}
	}
	m.Set("LEAD", "Y")
}

// legacySettings returns the settings that the field has already, and over them
// those of the sent ones that the older methods know.
func (k userFieldKind) legacySettings(sent, current *Map) *Map {
	m := new(Map)
	for _, key := range current.Keys() {
		v, _ := current.Get(key)
		m.Set(key, v)
	}
	for _, row := range k.settings {
		if v, ok := foldGet(sent, row.key); ok && row.typ != "" {
			m.Set(row.key, v)
		}
	}
	return m
}

// settingText reads a text; what is none is empty.
func settingText(v any) any {
	text, _ := asString(v)
	return text
}

// whole reads a whole number; what is none is 0.
func whole(v any) any {
	x, _ := floatValue(v)
	if math.Abs(x) >= 1<<53 {
		return int64(0)
	}
	return int64(x)
}

// positive reads a whole number above 0, else takes the default.
func positive(fallback int64) func(any) any {
	return func(v any) any {
		if n := whole(v).(int64); n > 0 {
			return n
		}
		return fallback
	}
}

// decimal reads a number; what is none is 0.
func decimal(v any) any {
	x, _ := floatValue(v)
	return x
}

// optional reads a value that may be missing.
func optional(read func(any) any) func(any) any {
	return func(v any) any {
		if isBlank(v) {
			return nil
		}
		return read(v)
	}
}

// maxPrecision bounds the decimal places of numbers.
const maxPrecision = 12

// precision reads a number of decimal places; none are the default, so that
// values are rounded to whole numbers.
func precision(v any) any { return min(max(whole(v).(int64), 0), maxPrecision) }

// bit reads 1 or 0.
func bit(v any) any {
	if v == true || v == "Y" || whole(v).(int64) >= 1 {
		return int64(1)
	}
	return int64(0)
}

// flag reads "Y" or "N".
func flag(fallback string) func(any) any {
	return func(v any) any {
		if isBlank(v) {
			return fallback
		}
		return flagValue(v)
	}
}

// oneOfWords reads one of some words; anything else gives the first.
func oneOfWords(words ...string) func(any) any {
	return func(v any) any {
		text, _ := asString(v)
		if slices.Contains(words, text) {
			return text
		}
		return words[0]
	}
}

// pairOfTexts reads the labels of "no" and "yes".
func pairOfTexts(v any) any {
	pair := []any{"", ""}
	list, _ := asList(v)
	for i := range min(len(list), len(pair)) {
		pair[i] = settingText(list[i])
	}
	return pair
}

// textOrMap reads a text or texts by language.
func textOrMap(v any) any {
	m, ok := asMap(v)
	if !ok {
		return settingText(v)
	}
	labels := new(Map)
	for _, key := range m.Keys() {
		text, _ := m.Get(key)
		labels.Set(key, settingText(text))
	}
	return labels
}

// texts reads a list of texts, or one text with commas.
func texts(v any) any {
	list, ok := asList(v)
	if text, is := v.(string); is && text != "" {
		ok = true
		for part := range strings.SplitSeq(text, ",") {
			list = append(list, strings.TrimSpace(part))
		}
	}
	all := []any{}
	for _, item := range list {
		if text, is := asString(item); ok && is && text != "" {
			all = append(all, text)
		}
	}
	return all
}

// moment reads the default of a date: none, the current one or a fixed one.
func moment(v any) any {
	sent, _ := asMap(v)
	kind, _ := sent.Get("TYPE")
	value, _ := sent.Get("VALUE")
	m := wrap("TYPE", oneOfWords("NONE", "NOW", "FIXED")(kind))
	m.Set("VALUE", settingText(value))
	return m
}

// settings returns the field's settings. They are read only when they are
// needed, since every call loads all fields of its items.
func (u *userField) settings() *Map {
	if u.parsed == nil {
		v, _ := decodeJSON([]byte(u.text("settings"))) // what configure wrote
		if u.parsed, _ = asMap(v); u.parsed == nil {
			u.parsed = new(Map)
		}
	}
	return u.parsed
}

// setting returns one of the field's settings.
func (u *userField) setting(key string) any {
	v, _ := u.settings().Get(key)
	return v
}

// settingNumber returns a setting as a number, 0 if it is none.
func (u *userField) settingNumber(key string) float64 {
	n, _ := u.setting(key).(json.Number)
	x, _ := n.Float64()
	return x
}

// settingWord returns a setting as a text, "" if it is none.
func (u *userField) settingWord(key string) string {
	text, _ := u.setting(key).(string)
	return text
}
