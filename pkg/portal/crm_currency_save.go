package portal

import (
	"context"
	"fmt"
	"strconv"
	"strings"
)

// addCurrency answers crm.currency.add.
// Source: https://apidocs.bitrix24.com/api-reference/crm/currency/crm-currency-add.html.
func addCurrency(ctx context.Context, s *store, c *call) (reply, error) {
	fields, err := legacyFieldsParam(c)
	if err != nil {
		return reply{}, err
	}
	for _, name := range []string{"CURRENCY", "AMOUNT_CNT", "AMOUNT"} {
		if raw, _ := foldGet(fields, name); isBlank(raw) {
			return reply{}, currencyFault(fmt.Sprintf("Undefined array key %q", name))
		}
	}
	cur := currency{code: strings.ToUpper(legacyText(fields, "CURRENCY")), amount: "1.0000", count: 1, sort: 100}
	if !isCurrencyCode(cur.code) {
		return reply{}, currencyFault("The currency code must consist of three Latin letters.")
	}
	known, err := s.currencyByCode(ctx, cur.code)
	if err != nil {
		return reply{}, err
	}
	if known != nil {
		return reply{}, legacyFault(fmt.Sprintf("The currency %s already exists.", cur.code))
	}
	if err := s.changeCurrency(ctx, cur, fields); err != nil {
		return reply{}, err
	}
	return reply{value: cur.code}, nil
}

func currencyFault(text string) *fault { return &fault{code: "ERROR_CORE", text: text} }

func isCurrencyCode(code string) bool {
	return len(code) == 3 && strings.Trim(code, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == ""
}

// updateCurrency answers crm.currency.update. Languages that are not sent keep
// their localizations.
// Source: https://apidocs.bitrix24.com/api-reference/crm/currency/crm-currency-update.html.
func updateCurrency(ctx context.Context, s *store, c *call) (reply, error) {
	cur, err := s.currencyParam(ctx, c)
	if err != nil {
		return reply{}, err
	}
	fields, err := legacyFieldsParam(c)
	if err != nil {
		return reply{}, err
	}
	return reply{value: true}, s.changeCurrency(ctx, *cur, fields)
}

// changeCurrency stores a currency with what a client sent.
func (s *store) changeCurrency(ctx context.Context, cur currency, fields *Map) error {
	if err := cur.read(fields); err != nil {
		return err
	}
	if err := s.saveCurrency(ctx, cur); err != nil {
		return err
	}
	if legacyText(fields, "BASE") == "Y" {
		if err := s.rebase(ctx, cur.code); err != nil {
			return err
		}
	}
	raw, _ := foldGet(fields, "LANG")
	langs, _ := asMap(raw)
	_, err := s.localize(ctx, cur.code, langs)
	return err
}

// read takes over the rate and the position. The rate of the base currency is
// always 1.
func (cur *currency) read(fields *Map) error {
	if raw, sent := foldGet(fields, "SORT"); sent {
		text, _ := asString(raw)
		cur.sort = int64(leadingNumber(text))
	}
	if cur.base {
		return nil
	}
	if raw, sent := foldGet(fields, "AMOUNT_CNT"); sent {
		n, ok := asInt(raw)
		if !ok || n <= 0 {
			return currencyFault("The denomination must be a positive whole number.")
		}
		cur.count = n
	}
	if raw, sent := foldGet(fields, "AMOUNT"); sent {
		x, ok := floatValue(raw)
		if !ok || x <= 0 {
			return currencyFault("The exchange rate must be a positive number.")
		}
		cur.amount = strconv.FormatFloat(x, 'f', 4, 64)
	}
	return nil
}

func (s *store) saveCurrency(ctx context.Context, cur currency) error {
	return s.exec(ctx, `INSERT INTO crm_currency (code, amount, amount_cnt, sort, base, updated) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
		ON CONFLICT (code) DO UPDATE SET amount = ?2, amount_cnt = ?3, sort = ?4, base = ?5, updated = ?6`,
		cur.code, cur.amount, cur.count, cur.sort, yesNo(cur.base), s.now.Unix())
}

// setBaseCurrency answers crm.currency.base.set, with false for a currency that
// the portal does not have. The rates of the others stay, right or wrong.
// Source: https://apidocs.bitrix24.com/api-reference/crm/currency/crm-currency-base-set.html.
func setBaseCurrency(ctx context.Context, s *store, c *call) (reply, error) {
	raw, _ := c.fold("id")
	code, _ := asString(raw)
	cur, err := s.currencyByCode(ctx, code)
	if err != nil || cur == nil {
		return reply{value: false}, err
	}
	return reply{value: true}, s.rebase(ctx, cur.code)
}

func (s *store) rebase(ctx context.Context, code string) error {
	if err := s.exec(ctx, `UPDATE crm_currency SET base = 'N' WHERE base = 'Y'`); err != nil {
		return err
	}
	s.currency = nil
	return s.exec(ctx, `UPDATE crm_currency SET base = 'Y', amount = '1.0000', amount_cnt = 1, updated = ? WHERE code = ?`, s.now.Unix(), code)
}

// deleteCurrency answers crm.currency.delete. An identifier that is no code is
// refused with an empty text.
// Source: https://apidocs.bitrix24.com/api-reference/crm/currency/crm-currency-delete.html.
func deleteCurrency(ctx context.Context, s *store, c *call) (reply, error) {
	raw, _ := c.fold("id")
	if code, _ := asString(raw); len(code) != 3 {
		return reply{}, legacyFault("")
	}
	cur, err := s.currencyParam(ctx, c)
	if err != nil {
		return reply{}, err
	}
	if cur.base {
		return reply{}, legacyFault("Cannot delete base currency.")
	}
	if err := s.exec(ctx, `DELETE FROM crm_currency_lang WHERE code = ?`, cur.code); err != nil {
		return reply{}, err
	}
	return reply{value: true}, s.exec(ctx, `DELETE FROM crm_currency WHERE code = ?`, cur.code)
}
