package portal

import (
	"context"
	"database/sql"
	"strconv"
	"time"
)

// currencyMethods lists the methods of currencies.
// Source: https://apidocs.bitrix24.com/api-reference/crm/currency/index.html.
func currencyMethods() []method {
	return []method{
		crmMethod("crm.currency.list", false, listCurrencies),
		crmMethod("crm.currency.base.get", false, getBaseCurrency),
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
	for i, cur := range stockCurrencies {
		err := s.exec(ctx, `INSERT INTO crm_currency (code, amount, sort, base, name, format, updated) VALUES (?, ?, ?, ?, ?, ?, ?)`,
			cur.code, cur.amount, 100*(i+1), yesNo(i == 0), cur.name, cur.format, s.now.Unix())
		if err != nil {
			return err
		}
	}
	return nil
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

// listCurrencies answers crm.currency.list: all of them, every number a string.
// Source: https://apidocs.bitrix24.com/api-reference/crm/currency/crm-currency-list.html.
func listCurrencies(ctx context.Context, s *store, _ *call) (reply, error) {
	list := []any{}
	err := s.scan(ctx, func(rows *sql.Rows) error {
		var code, amount, base, name, format string
		var sort, updated int64
		if err := rows.Scan(&code, &amount, &sort, &base, &name, &format, &updated); err != nil {
			return err
		}
		m := wrap("CURRENCY", code)
		m.Set("AMOUNT_CNT", "1")
		m.Set("AMOUNT", amount)
		m.Set("SORT", strconv.FormatInt(sort, 10))
		m.Set("BASE", base)
		m.Set("FULL_NAME", name)
		m.Set("LID", "en")
		m.Set("FORMAT_STRING", format)
		m.Set("DEC_POINT", ".")
		m.Set("THOUSANDS_SEP", nil)
		m.Set("DECIMALS", "2")
		m.Set("DATE_UPDATE", time.Unix(updated, 0))
		list = append(list, m)
		return nil
	}, `SELECT code, amount, sort, base, name, format, updated FROM crm_currency ORDER BY sort`)
	return reply{value: list, list: true, total: len(list)}, err
}
