package portal

import (
	"testing"
	"time"
)

func TestACurrencyIsReadAsStrings(t *testing.T) {
	c := openCRM(t, 3)
	c.now = time.Date(2026, 8, 21, 10, 0, 0, 0, c.p.zone)
	c.same("CNY", "crm.currency.add", `{"fields":{"CURRENCY":"cny","AMOUNT":12.2251,"AMOUNT_CNT":10,"SORT":150,"LANG":{
		"en":{"FULL_NAME":"Yuan","FORMAT_STRING":"# ¥","DECIMALS":"3","THOUSANDS_VARIANT":"B","HIDE_ZERO":"Y"},"de":{"THOUSANDS_SEP":"'"},"xyz":{}}}}`)
	c.same(map[string]any{
		"CURRENCY": "CNY", "AMOUNT_CNT": "10", "AMOUNT": "12.2251", "SORT": "150", "BASE": "N", "FULL_NAME": "Yuan", "LID": "en",
		"FORMAT_STRING": "# ¥", "DEC_POINT": ".", "THOUSANDS_SEP": "&nbsp;", "DECIMALS": "3", "DATE_UPDATE": "2026-08-21T10:00:00+03:00",
		"LANG": map[string]any{
			"en": map[string]any{
				"FORMAT_STRING": "# ¥", "FULL_NAME": "Yuan", "DEC_POINT": ".", "THOUSANDS_SEP": "&nbsp;", "DECIMALS": "3",
				"THOUSANDS_VARIANT": "B", "HIDE_ZERO": "Y",
			},
			"de": map[string]any{
				"FORMAT_STRING": "#", "FULL_NAME": "CNY", "DEC_POINT": ".", "THOUSANDS_SEP": "'", "DECIMALS": "2",
				"THOUSANDS_VARIANT": nil, "HIDE_ZERO": "N",
			},
		},
	}, "crm.currency.get", `{"id":"CNY"}`)
	c.same(true, "crm.currency.update", `{"ID":"CNY","fields":{"AMOUNT":"13","LANG":{"de":{"FULL_NAME":"Yuan (de)"}}}}`)
	c.has(c.object("crm.currency.get", `{"id":"CNY"}`), map[string]any{"AMOUNT": "13.0000", "AMOUNT_CNT": "10", "FULL_NAME": "Yuan", "SORT": "150"})
	c.has(c.object("crm.currency.localizations.get", `{"id":"CNY"}`)["de"].(map[string]any), map[string]any{"FULL_NAME": "Yuan (de)", "THOUSANDS_SEP": "'"})
}

func TestCurrenciesAreListedAtOnceWithATotalOfZero(t *testing.T) {
	c := openCRM(t, 3)
	r, err := c.try("crm.currency.list", `{"order":{"AMOUNT_CNT":"asc","currency":"desc"}}`)
	if err != nil || !r.list || r.total != 0 || r.next != 0 {
		t.Errorf("total %d, next %d, %v", r.total, r.next, err)
	}
	var codes []any
	for _, row := range r.value.([]*Map) {
		code, _ := row.Get("CURRENCY")
		codes = append(codes, code)
	}
	if want := [...]any{"USD", "RUB", "GBP", "EUR"}; len(codes) != 4 || [4]any(codes) != want {
		t.Errorf("codes %v", codes)
	}
}

func TestTheBaseCurrencyHasARateOfOne(t *testing.T) {
	c := openCRM(t, 3)
	c.same(true, "crm.currency.update", `{"id":"EUR","fields":{"AMOUNT":5,"AMOUNT_CNT":7}}`)
	c.has(c.object("crm.currency.get", `{"id":"EUR"}`), map[string]any{"AMOUNT": "1.0000", "AMOUNT_CNT": "1", "BASE": "Y"})
	c.same(false, "crm.currency.base.set", `{"id":"XXX"}`)
	c.same(true, "crm.currency.base.set", `{"id":"USD"}`)
	c.same("USD", "crm.currency.base.get", `{}`)
	c.has(c.object("crm.currency.get", `{"id":"USD"}`), map[string]any{"AMOUNT": "1.0000", "BASE": "Y"})
	c.has(c.object("crm.currency.get", `{"id":"EUR"}`), map[string]any{"AMOUNT": "1.0000", "BASE": "N"})
	c.has(c.add(2, `{}`), map[string]any{"currencyId": "USD"})
	c.same("CHF", "crm.currency.add", `{"fields":{"CURRENCY":"CHF","AMOUNT":1,"AMOUNT_CNT":1,"BASE":"Y"}}`)
	c.same("CHF", "crm.currency.base.get", `{}`)
}

func TestLocalizationsAreSetAndDeletedByLanguage(t *testing.T) {
	c := openCRM(t, 3)
	c.same(true, "crm.currency.localizations.set", `{"id":"USD","localizations":{"de":{"FULL_NAME":"US-Dollar"}}}`)
	c.same(false, "crm.currency.localizations.set", `{"id":"USD","localizations":{}}`)
	if got := c.object("crm.currency.localizations.get", `{"id":"USD"}`); len(got) != 2 {
		t.Errorf("localizations %v", got)
	}
	c.same(true, "crm.currency.localizations.delete", `{"id":"USD","lids":["de","fr"]}`)
	c.same(false, "crm.currency.localizations.delete", `{"id":"USD","lids":["de"]}`)
	c.same(true, "crm.currency.localizations.delete", `{"id":"USD","lids":["en"]}`)
	c.has(c.object("crm.currency.get", `{"id":"USD"}`), map[string]any{"FULL_NAME": "USD", "FORMAT_STRING": "#", "THOUSANDS_SEP": " ", "LANG": []any{}})
	if got := c.object("crm.currency.localizations.fields", `{}`); len(got) != 7 {
		t.Errorf("%d fields", len(got))
	}
}

func TestCurrenciesRefuseWhatTheDocumentationSays(t *testing.T) {
	c := openCRM(t, 3)
	c.refusals("crm.currency.", []refusal{
		{"add", `{"fields":{"CURRENCY":"CNY","AMOUNT_CNT":1}}`, "ERROR_CORE", `Undefined array key "AMOUNT"`},
		{"add", `{"fields":{"CURRENCY":"EUR","AMOUNT":1,"AMOUNT_CNT":1}}`, "", "The currency EUR already exists."},
		{"add", `{"fields":{"CURRENCY":"EURO","AMOUNT":1,"AMOUNT_CNT":1}}`, "ERROR_CORE", "The currency code must consist of three Latin letters."},
		{"add", `{"fields":{"CURRENCY":"CNY","AMOUNT":0,"AMOUNT_CNT":1}}`, "ERROR_CORE", "The exchange rate must be a positive number."},
		{"get", `{"id":"CNY"}`, "", "Not found"},
		{"update", `{"id":"CNY","fields":{}}`, "", "Not found"},
		{"delete", `{"id":"EUR"}`, "", "Cannot delete base currency."},
		{"delete", `{"id":"EURO"}`, "", ""},
		{"delete", `{"id":"CNY"}`, "", "Not found"},
		{"localizations.get", `{}`, "", "The parameter id is invalid or not defined."},
	})
	c.same(true, "crm.currency.delete", `{"id":"RUB"}`)
	c.refusals("crm.currency.", []refusal{{"get", `{"id":"RUB"}`, "", "Not found"}})
}
