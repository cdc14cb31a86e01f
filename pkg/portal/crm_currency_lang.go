package portal

import (
	"context"
	"database/sql"
	"regexp"
	"strconv"
	"strings"
)

// portalLanguage is the language of the portal's users.
const portalLanguage = "en"

// A localization says how amounts of a currency are written in a language.
// Source: https://apidocs.bitrix24.com/api-reference/crm/data-types.html.
type localization struct {
	name, format, decPoint string
	variant                string // code of the thousands separator
	separator              any    // text, or nil
	decimals               int64
	hideZero               string
}

// newLocalization returns the documented defaults.
func newLocalization(code string) localization {
	return localization{name: code, format: "#", decPoint: ".", variant: "S", separator: " ", decimals: 2, hideZero: "N"}
}

// separators holds what THOUSANDS_SEP becomes under a variant. The answers in
// the documentation show null for the comma and &nbsp; for the fixed blank.
var separators = map[string]any{"N": nil, "C": nil, "D": nil, "S": nil, "B": "&nbsp;"}

// read takes over what is sent. A variant decides about the separator.
func (loc *localization) read(fields *Map) {
	for _, text := range []struct {
		name   string
		target *string
	}{{"FULL_NAME", &loc.name}, {"FORMAT_STRING", &loc.format}, {"DEC_POINT", &loc.decPoint}} {
		if raw, sent := foldGet(fields, text.name); sent && !isBlank(raw) {
			*text.target, _ = asString(raw)
		}
	}
	if raw, sent := foldGet(fields, "DECIMALS"); sent {
		if n, ok := asInt(raw); ok && n >= 0 {
			loc.decimals = n
		}
	}
	if raw, sent := foldGet(fields, "HIDE_ZERO"); sent {
		loc.hideZero, _ = flagValue(raw).(string)
	}
	if raw, sent := foldGet(fields, "THOUSANDS_SEP"); sent && !isBlank(raw) {
		text, _ := asString(raw)
		loc.separator, loc.variant = text, ""
	}
	variant := strings.ToUpper(legacyText(fields, "THOUSANDS_VARIANT"))
	if separator, known := separators[variant]; known {
		loc.variant, loc.separator = variant, separator
	}
}

func (loc localization) answer() *Map {
	m := wrap("FORMAT_STRING", loc.format)
	m.Set("FULL_NAME", loc.name)
	m.Set("DEC_POINT", loc.decPoint)
	m.Set("THOUSANDS_SEP", loc.separator)
	m.Set("DECIMALS", strconv.FormatInt(loc.decimals, 10))
	m.Set("THOUSANDS_VARIANT", orNull(loc.variant))
	m.Set("HIDE_ZERO", loc.hideZero)
	return m
}

// localizations are those of one currency, by language.
type localizations struct {
	langs []string
	byLid map[string]localization
}

// of returns the localization for a language, the defaults if there is none.
func (l localizations) of(code, lid string) localization {
	if loc, ok := l.byLid[lid]; ok {
		return loc
	}
	return newLocalization(code)
}

func (l localizations) answer() *Map {
	m := new(Map)
	for _, lid := range l.langs {
		m.Set(lid, l.byLid[lid].answer())
	}
	return m
}

// localizations returns what a currency has, in the order of languages.
func (s *store) localizations(ctx context.Context, code string) (localizations, error) {
	l := localizations{byLid: make(map[string]localization)}
	err := s.scan(ctx, func(rows *sql.Rows) error {
		var lid string
		var loc localization
		err := rows.Scan(&lid, &loc.name, &loc.format, &loc.decPoint, &loc.variant, &loc.separator, &loc.decimals, &loc.hideZero)
		l.langs = append(l.langs, lid)
		l.byLid[lid] = loc
		return err
	}, `SELECT lid, name, format, dec_point, variant, separator, decimals, hide_zero FROM crm_currency_lang WHERE code = ? ORDER BY lid`, code)
	return l, err
}

func (s *store) saveLocalization(ctx context.Context, code, lid string, loc localization) error {
	return s.exec(ctx, `INSERT OR REPLACE INTO crm_currency_lang
		(code, lid, name, format, dec_point, variant, separator, decimals, hide_zero) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		code, lid, loc.name, loc.format, loc.decPoint, loc.variant, loc.separator, loc.decimals, loc.hideZero)
}

var languageID = regexp.MustCompile(`^[a-z]{2}$`)

// localize adds and changes localizations and reports whether there were any.
// What is no language is dropped.
func (s *store) localize(ctx context.Context, code string, langs *Map) (bool, error) {
	have, err := s.localizations(ctx, code)
	if err != nil {
		return false, err
	}
	changed := false
	for _, lid := range langs.Keys() {
		raw, _ := langs.Get(lid)
		fields, ok := asMap(raw)
		if !ok || !languageID.MatchString(lid) {
			continue
		}
		loc := have.of(code, lid)
		loc.read(fields)
		if err := s.saveLocalization(ctx, code, lid, loc); err != nil {
			return changed, err
		}
		changed = true
	}
	return changed, nil
}

// localizedCurrency returns the code that the parameter id names.
func (s *store) localizedCurrency(ctx context.Context, c *call) (string, error) {
	raw, _ := c.fold("id")
	if isBlank(raw) {
		return "", legacyFault("The parameter id is invalid or not defined.")
	}
	cur, err := s.currencyParam(ctx, c)
	if err != nil {
		return "", err
	}
	return cur.code, nil
}

// setLocalizations answers crm.currency.localizations.set, with false if nothing
// was changed.
// Source: https://apidocs.bitrix24.com/api-reference/crm/currency/localizations/crm-currency-localizations-set.html.
func setLocalizations(ctx context.Context, s *store, c *call) (reply, error) {
	code, err := s.localizedCurrency(ctx, c)
	if err != nil {
		return reply{}, err
	}
	langs, err := legacyMap(c, "localizations")
	if err != nil {
		return reply{}, err
	}
	changed, err := s.localize(ctx, code, langs)
	return reply{value: changed}, err
}

func getLocalizations(ctx context.Context, s *store, c *call) (reply, error) {
	code, err := s.localizedCurrency(ctx, c)
	if err != nil {
		return reply{}, err
	}
	langs, err := s.localizations(ctx, code)
	return reply{value: langs.answer()}, err
}

// deleteLocalizations answers crm.currency.localizations.delete, with false if
// nothing was deleted.
// Source: https://apidocs.bitrix24.com/api-reference/crm/currency/localizations/crm-currency-localizations-delete.html.
func deleteLocalizations(ctx context.Context, s *store, c *call) (reply, error) {
	code, err := s.localizedCurrency(ctx, c)
	if err != nil {
		return reply{}, err
	}
	raw, _ := c.fold("lids")
	lids, _ := asList(raw)
	deleted := false
	for _, item := range lids {
		lid, _ := asString(item)
		res, err := s.tx.ExecContext(ctx, `DELETE FROM crm_currency_lang WHERE code = ? AND lid = ?`, code, lid)
		if err != nil {
			return reply{}, err
		}
		n, err := res.RowsAffected()
		if err != nil {
			return reply{}, err
		}
		deleted = deleted || n > 0
	}
	return reply{value: deleted}, nil
}

// localizationTable is what crm.currency.localizations.fields says.
// Source: https://apidocs.bitrix24.com/api-reference/crm/currency/localizations/crm-currency-localizations-fields.html.
var localizationTable = []fieldRow{
	{name: "FULL_NAME", typ: typeString, title: "Name", cells: "w"},
	{name: "FORMAT_STRING", typ: typeString, title: "Currency output format string", cells: "w"},
	{name: "DEC_POINT", typ: typeString, title: "Decimal point for output", cells: "w"},
	{name: "THOUSANDS_VARIANT", typ: typeString, title: "Thousands separator for output", cells: "w"},
	{name: "THOUSANDS_SEP", typ: typeString, title: "Custom thousands separator for output", cells: "w"},
	{name: "DECIMALS", typ: "int", title: "Number of decimal places", cells: "w"},
	{name: "HIDE_ZERO", typ: typeChar, title: "Do not show insignificant zeros", cells: "w"},
}

func describeLocalizations(context.Context, *store, *call) (reply, error) {
	return reply{value: describeTable(localizationTable)}, nil
}
