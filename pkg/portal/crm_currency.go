package portal

import (
	"context"
	"database/sql"
	"slices"
	"strconv"
	"strings"
	"time"
)

// currencyMethods lists the methods of currencies.
// Source: https://apidocs.bitrix24.com/api-reference/crm/currency/index.html.
func currencyMethods() []method {
	return []method{
		crmMethod("crm.currency.add", true, addCurrency),
		crmMethod("crm.currency.update", true, updateCurrency),
		crmMethod("crm.currency.get", false, getCurrency),
		crmMethod("crm.currency.list", false, listCurrencies),
		crmMethod("crm.currency.delete", true, deleteCurrency),
		crmMethod("crm.currency.fields", false, describeCurrencies),
		crmMethod("crm.currency.base.get", false, getBaseCurrency),
		crmMethod("crm.currency.base.set", true, setBaseCurrency),
		crmMethod("crm.currency.localizations.set", true, setLocalizations),
		crmMethod("crm.currency.localizations.get", false, getLocalizations),
		crmMethod("crm.currency.localizations.delete", true, deleteLocalizations),
		crmMethod("crm.currency.localizations.fields", false, describeLocalizations),
	}
}

// stockCurrencies are the currencies of a new portal; the first is the base.
var stockCurrencies = []struct{ code, amount, name, format string }{
	{"EUR", "1.0000", "Euro", "# €"},
	{"USD", "0.9200", "US Dollar", "$#"},
	{"GBP", "1.1700", "Pound Sterling", "£#"},
	{"RUB", "0.0100", "Russian Ruble", "# ₽"},
}

func (s *store) seedCurrencies(ctx context.Context) error {
	for i, stock := range stockCurrencies {
		cur := currency{code: stock.code, amount: stock.amount, count: 1, sort: int64(100 * (i + 1)), base: i == 0}
		if err := s.saveCurrency(ctx, cur); err != nil {
			return err
		}
		loc := newLocalization(stock.code)
		loc.name, loc.format, loc.variant, loc.separator = stock.name, stock.format, "C", nil
		if err := s.saveLocalization(ctx, stock.code, portalLanguage, loc); err != nil {
			return err
		}
	}
	return nil
}

// A currency is a row of crm_currency. An amount of count units is worth amount
// units of the base currency.
type currency struct {
	code, amount string
	count, sort  int64
	base         bool
	updated      int64
}

// currencies lists the currencies that the rest of the statement names.
func (s *store) currencies(ctx context.Context, rest string, args ...any) ([]currency, error) {
	var list []currency
	err := s.scan(ctx, func(rows *sql.Rows) error {
		var cur currency
		var base string
		err := rows.Scan(&cur.code, &cur.amount, &cur.count, &cur.sort, &base, &cur.updated)
		cur.base = base == "Y"
		list = append(list, cur)
		return err
	}, `SELECT code, amount, amount_cnt, sort, base, updated FROM crm_currency `+rest, args...)
	return list, err
}

// currencyByCode returns a currency, nil if there is none.
func (s *store) currencyByCode(ctx context.Context, code string) (*currency, error) {
	list, err := s.currencies(ctx, `WHERE code = ?`, strings.ToUpper(strings.TrimSpace(code)))
	if err != nil || len(list) == 0 {
		return nil, err
	}
	return &list[0], nil
}

// currencyRate returns what one unit of a currency is worth in the base
// currency; 1 for a currency that is not known.
func (s *store) currencyRate(ctx context.Context, code string) (float64, error) {
	cur, err := s.currencyByCode(ctx, code)
	if err != nil || cur == nil {
		return 1, err
	}
	return leadingNumber(cur.amount) / float64(max(1, cur.count)), nil
}

// baseCurrency returns the code of the base currency.
func (s *store) baseCurrency(ctx context.Context) (any, error) {
	if s.currency != nil {
		return s.currency, nil
	}
	err := s.scan(ctx, func(rows *sql.Rows) error { return rows.Scan(&s.currency) }, `SELECT code FROM crm_currency WHERE base = 'Y'`)
	return s.currency, err
}

func getBaseCurrency(ctx context.Context, s *store, _ *call) (reply, error) {
	code, err := s.baseCurrency(ctx)
	return reply{value: code}, err
}

// answer renders a currency the older way: every number a string, and the
// localization of the portal's language among the currency's own fields.
func (cur currency) answer(loc localization) *Map {
	m := wrap("CURRENCY", cur.code)
	m.Set("AMOUNT_CNT", strconv.FormatInt(cur.count, 10))
	m.Set("AMOUNT", cur.amount)
	m.Set("SORT", strconv.FormatInt(cur.sort, 10))
	m.Set("BASE", yesNo(cur.base))
	m.Set("FULL_NAME", loc.name)
	m.Set("LID", portalLanguage)
	m.Set("FORMAT_STRING", loc.format)
	m.Set("DEC_POINT", loc.decPoint)
	m.Set("THOUSANDS_SEP", loc.separator)
	m.Set("DECIMALS", strconv.FormatInt(loc.decimals, 10))
	m.Set("DATE_UPDATE", time.Unix(cur.updated, 0))
	return m
}

// listCurrencies answers crm.currency.list: all of them at once, and a total
// that is always 0.
// Source: https://apidocs.bitrix24.com/api-reference/crm/currency/crm-currency-list.html.
func listCurrencies(ctx context.Context, s *store, c *call) (reply, error) {
	order, err := legacyMap(c, "order")
	if err != nil {
		return reply{}, err
	}
	all, err := s.currencies(ctx, `ORDER BY sort, code`)
	if err != nil {
		return reply{}, err
	}
	rows := make([]*Map, len(all))
	for i, cur := range all {
		langs, err := s.localizations(ctx, cur.code)
		if err != nil {
			return reply{}, err
		}
		rows[i] = cur.answer(langs.of(cur.code, portalLanguage))
	}
	sortRows(rows, order)
	return reply{value: rows, list: true}, nil
}

// sortRows sorts rows of texts by the keys of order; whole numbers count as
// numbers. Keys that are no field sort nothing.
func sortRows(rows []*Map, order *Map) {
	slices.SortStableFunc(rows, func(a, b *Map) int {
		for _, key := range order.Keys() {
			raw, _ := order.Get(key)
			direction, _ := asString(raw)
			x, _ := a.Get(strings.ToUpper(key))
			y, _ := b.Get(strings.ToUpper(key))
			left, _ := asString(x)
			right, _ := asString(y)
			n := compareText(left, right)
			if strings.EqualFold(direction, "DESC") {
				n = -n
			}
			if n != 0 {
				return n
			}
		}
		return 0
	})
}

// getCurrency answers crm.currency.get.
// Source: https://apidocs.bitrix24.com/api-reference/crm/currency/crm-currency-get.html.
func getCurrency(ctx context.Context, s *store, c *call) (reply, error) {
	cur, err := s.currencyParam(ctx, c)
	if err != nil {
		return reply{}, err
	}
	langs, err := s.localizations(ctx, cur.code)
	if err != nil {
		return reply{}, err
	}
	m := cur.answer(langs.of(cur.code, portalLanguage))
	m.Set("LANG", langs.answer())
	return reply{value: m}, nil
}

// currencyParam returns the currency that the parameter id names.
func (s *store) currencyParam(ctx context.Context, c *call) (*currency, error) {
	raw, _ := c.fold("id")
	code, _ := asString(raw)
	cur, err := s.currencyByCode(ctx, code)
	if err == nil && cur == nil {
		err = legacyFault("Not found")
	}
	return cur, err
}

// currencyTable is what crm.currency.fields says.
// Source: https://apidocs.bitrix24.com/api-reference/crm/currency/crm-currency-fields.html.
var currencyTable = []fieldRow{
	{name: "CURRENCY", typ: typeString, title: "Currency", cells: "w"},
	{name: "AMOUNT_CNT", typ: "int", title: "Face value", cells: "w"},
	{name: "AMOUNT", typ: typeDouble, title: "Exchange rate", cells: "w"},
	{name: "BASE", typ: typeChar, title: "Base currency", cells: "R"},
	{name: "SORT", typ: "int", title: "Sorting", cells: "w"},
	{name: "DATE_UPDATE", typ: typeDatetime, title: "Date modified", cells: "R"},
	{name: "LID", typ: typeString, title: "Website", cells: "R"},
	{name: "FORMAT_STRING", typ: typeString, title: "Currency output format string", cells: "R"},
	{name: "FULL_NAME", typ: typeString, title: "Name", cells: "R"},
	{name: "DEC_POINT", typ: typeString, title: "Decimal point for output", cells: "R"},
	{name: "THOUSANDS_SEP", typ: typeString, title: "Custom thousands separator for output", cells: "R"},
	{name: "DECIMALS", typ: "int", title: "Number of decimal places", cells: "R"},
	{name: "LANG", typ: "currency_localization", title: "Language binding", cells: "m"},
}

func describeCurrencies(context.Context, *store, *call) (reply, error) {
	return reply{value: describeTable(currencyTable)}, nil
}

// describeTable describes the fields of a table the older way.
func describeTable(rows []fieldRow) *Map {
	fields := new(Map)
	for _, row := range rows {
		fields.Set(row.name, row.field(0).describeLegacy())
	}
	return fields
}
