package portal

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
)

// requisiteSchema returns the statements that create the tables of requisites
// and what belongs to them.
func requisiteSchema() []string {
	return slices.Concat(
		requisites().schema(`"ENTITY_TYPE_ID", "ENTITY_ID"`, `"PRESET_ID"`, `rtrim("XML_ID") COLLATE NOCASE`),
		bankDetails().schema(`"ENTITY_ID"`),
		presets().schema(),
		requisiteLinks().schema(`"ENTITY_TYPE_ID", "ENTITY_ID"`),
		addresses().schema(`"ENTITY_TYPE_ID", "ENTITY_ID", "TYPE_ID"`, `"ANCHOR_TYPE_ID", "ANCHOR_ID"`),
	)
}

// requisiteMethods lists the methods of requisites and what belongs to them.
// Source: https://apidocs.bitrix24.com/api-reference/crm/requisites/index.html.
func requisiteMethods() []method {
	return slices.Concat(
		requisites().legacyMethods(),
		bankDetails().legacyMethods(),
		presets().legacyMethods(),
		[]method{crmMethod("crm.requisite.preset.countries", false, listCountries)},
		requisiteLinkMethods(),
		addressMethods(),
	)
}

// requisiteSets holds the parsed field tables by the name of the family's table.
var requisiteSets = sync.OnceValue(func() map[string]*fieldSet {
	return map[string]*fieldSet{
		"crm_requisite":        familySet(requisiteTable),
		"crm_bank_detail":      familySet(bankDetailTable),
		"crm_requisite_preset": familySet(presetTable),
		"crm_requisite_link":   familySet(requisiteLinkTable),
		"crm_address":          familySet(addressTable),
	}
})

// requisiteFamily fills in what the families of requisites have in common.
func requisiteFamily(f family) *family {
	f.set = requisiteSets()[f.table]
	if f.set.byName["DATE_CREATE"] != nil {
		f.stamps = stamps{created: "DATE_CREATE", createdBy: "CREATED_BY_ID", modified: "DATE_MODIFY", modifiedBy: "MODIFY_BY_ID"}
	}
	return &f
}

// requisites are the details of contacts and companies.
// Source: https://apidocs.bitrix24.com/api-reference/crm/requisites/universal/index.html.
func requisites() *family {
	return requisiteFamily(family{
		method: "crm.requisite", table: "crm_requisite", object: requisiteObject, missing: unknownRecord("Requisite"),
		defaults: map[string]any{"ACTIVE": "Y", "SORT": int64(500)},
		prepare:  checkRequisite, removing: removeRequisite,
	})
}

// bankDetails belong to requisites.
// Source: https://apidocs.bitrix24.com/api-reference/crm/requisites/bank-detail/index.html.
func bankDetails() *family {
	return requisiteFamily(family{
		method: "crm.requisite.bankdetail", table: "crm_bank_detail", missing: unknownRecord("RequisiteBankDetail"),
		defaults: map[string]any{"ACTIVE": "Y", "SORT": int64(500)},
		prepare:  checkBankDetail, removing: removeBankDetail,
	})
}

// presets are the templates that requisites are made of.
// Source: https://apidocs.bitrix24.com/api-reference/crm/requisites/presets/index.html.
func presets() *family {
	return requisiteFamily(family{
		method: "crm.requisite.preset", table: "crm_requisite_preset", missing: unknownRecord("Preset"),
		defaults: map[string]any{"ACTIVE": "Y", "SORT": int64(500)},
		prepare:  checkPreset, removing: keepUsedPreset,
	})
}

// A stockPreset is a template of a new portal.
type stockPreset struct{ name, xmlID string }

// stockPresets lists the templates of a country. Which there are, and their names, differ by
// country and language; the documentation prints no whole code, only how they begin.
func stockPresets(code string) []stockPreset {
	prefix := "#CRM_REQUISITE_PRESET_DEF_" + code + "_"
	switch code {
	case "RU":
		return []stockPreset{{"Organization", prefix + "COMPANY#"}, {"Sole proprietor", prefix + "INDIVIDUAL#"}, {"Individual", prefix + "PERSON#"}}
	case "DE":
		return []stockPreset{{"Juristische Person", prefix + "LEGALENTITY#"}, {"Natürliche Person", prefix + "PERSON#"}}
	case "FR":
		return []stockPreset{{"Personne morale", prefix + "LEGALENTITY#"}, {"Personne physique", prefix + "PERSON#"}}
	}
	return []stockPreset{{"Legal entity", prefix + "LEGALENTITY#"}, {"Natural person", prefix + "PERSON#"}}
}

func (s *store) seedPresets(ctx context.Context, home country) error {
	for i, preset := range stockPresets(home.code) {
		rec := newRecord()
		rec.vals = map[string]any{
			"ENTITY_TYPE_ID": int64(8), "COUNTRY_ID": home.id, "NAME": preset.name, "XML_ID": preset.xmlID, "SORT": int64(500 + 10*i),
		}
		if err := presets().create(ctx, s, rec); err != nil {
			return err
		}
	}
	return nil
}

func checkRequisite(ctx context.Context, s *store, old, rec *record) error {
	if old != nil {
		return nil
	}
	etid, id, preset := rec.int("ENTITY_TYPE_ID"), rec.int("ENTITY_ID"), rec.int("PRESET_ID")
	switch {
	case etid != 3 && etid != 4:
		return undefined("ENTITY_TYPE_ID")
	case id <= 0:
		return undefined("ENTITY_ID")
	}
	known, err := presets().byID(ctx, s, preset)
	if err != nil {
		return err
	}
	if known == nil {
		return undefined("PRESET_ID")
	}
	found, err := s.exists(ctx, itemTable(int(etid)), id)
	if err == nil && !found {
		err = legacyFault("Entity not found.")
	}
	return err
}

// removeRequisite deletes the bank details and addresses of a requisite and
// takes it out of the items that chose it.
func removeRequisite(ctx context.Context, s *store, rec *record) error {
	if err := bankDetails().removeWhere(ctx, s, []string{"ENTITY_ID"}, rec.id); err != nil {
		return err
	}
	if err := addresses().removeWhere(ctx, s, []string{"ENTITY_TYPE_ID", "ENTITY_ID"}, requisiteType, rec.id); err != nil {
		return err
	}
	return s.unlink(ctx, rec.id, "REQUISITE_ID", "MC_REQUISITE_ID")
}

// checkBankDetail gives a bank detail the country of its requisite's template if
// it brings none.
func checkBankDetail(ctx context.Context, s *store, old, rec *record) error {
	requisite, err := requisites().byID(ctx, s, rec.int("ENTITY_ID"))
	if err != nil {
		return err
	}
	if requisite == nil {
		return undefined("ENTITY_ID")
	}
	if rec.int("COUNTRY_ID") != 0 {
		return nil
	}
	preset, err := presets().byID(ctx, s, requisite.int("PRESET_ID"))
	if err == nil && preset != nil {
		rec.vals["COUNTRY_ID"] = preset.int("COUNTRY_ID")
	}
	return err
}

func removeBankDetail(ctx context.Context, s *store, rec *record) error {
	return s.unlink(ctx, rec.id, "BANK_DETAIL_ID", "MC_BANK_DETAIL_ID")
}

// requisiteType is the entity type of requisites.
const requisiteType = int64(8)

func checkPreset(_ context.Context, _ *store, _, rec *record) error {
	country := func(c country) bool { return c.id == rec.int("COUNTRY_ID") }
	switch {
	case rec.int("ENTITY_TYPE_ID") != requisiteType:
		return undefined("ENTITY_TYPE_ID")
	case !slices.ContainsFunc(countries, country):
		return undefined("COUNTRY_ID")
	case rec.text("NAME") == "":
		return undefined("NAME")
	}
	return nil
}

func keepUsedPreset(ctx context.Context, s *store, rec *record) error {
	_, used, err := s.number(ctx, `SELECT "id" FROM crm_requisite WHERE "PRESET_ID" = ? LIMIT 1`, rec.id)
	if err == nil && used {
		err = legacyFault("You cannot delete the template because requisites have already been created for it")
	}
	return err
}

// exists reports whether a table has a row with an id.
func (s *store) exists(ctx context.Context, table string, id int64) (bool, error) {
	_, found, err := s.number(ctx, `SELECT "id" FROM `+quoteName(table)+` WHERE "id" = ?`, id)
	return found, err
}

// A country is one for whose requisites there are fields.
type country struct {
	id          int64
	code, title string
}

// countries is what crm.requisite.preset.countries lists.
// Source: https://apidocs.bitrix24.com/api-reference/crm/requisites/presets/crm-requisite-preset-countries.html.
var countries = []country{
	{1, "RU", "Russia"}, {4, "BY", "Belarus"}, {6, "KZ", "Kazakhstan"}, {14, "UA", "Ukraine"}, {34, "BR", "Brazil"},
	{46, "DE", "Germany"}, {77, "CO", "Colombia"}, {110, "PL", "Poland"}, {122, "US", "United States"}, {132, "FR", "France"},
}

// countryOf returns the country of a code in capitals; "" is Russia, as in the examples of the
// documentation.
func countryOf(code string) (country, error) {
	codes := make([]string, len(countries))
	for i, c := range countries {
		if c.code == cmp.Or(code, "RU") {
			return c, nil
		}
		codes[i] = c.code
	}
	return country{}, fmt.Errorf("no country %q: a portal is at home in one of %s", code, strings.Join(codes, ", "))
}

func listCountries(context.Context, *store, *call) (reply, error) {
	list := make([]any, len(countries))
	for i, c := range countries {
		m := wrap("ID", c.id)
		m.Set("CODE", c.code)
		m.Set("TITLE", c.title)
		list[i] = m
	}
	return reply{value: list}, nil
}

// dropAttached deletes what hangs on a deleted item: its product rows, the
// requisites of a contact or company, the addresses of a lead, and the choice of
// requisites of all others.
func (s *store) dropAttached(ctx context.Context, e *entity, id int64) error {
	owner := []string{"ENTITY_TYPE_ID", "ENTITY_ID"}
	for _, f := range []*family{requisites(), addresses(), requisiteLinks()} {
		if err := f.removeWhere(ctx, s, owner, e.id, id); err != nil {
			return err
		}
	}
	return s.dropRows(ctx, e, id)
}
