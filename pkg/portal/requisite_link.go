package portal

import (
	"context"
	"fmt"
	"slices"
)

// requisiteLinkMethods lists the methods of the requisites that items chose.
func requisiteLinkMethods() []method {
	f := requisiteLinks()
	return []method{
		crmMethod("crm.requisite.link.register", true, registerLink),
		crmMethod("crm.requisite.link.unregister", true, unregisterLink),
		crmMethod("crm.requisite.link.get", false, getLink),
		crmMethod("crm.requisite.link.list", false, f.legacyList),
		crmMethod("crm.requisite.link.fields", false, f.legacyFields),
	}
}

// requisiteLinks are the requisites that the documents of an item use: one
// choice for each item.
// Source: https://apidocs.bitrix24.com/api-reference/crm/requisites/links/index.html.
func requisiteLinks() *family {
	return requisiteFamily(family{
		table: "crm_requisite_link", key: []string{"ENTITY_TYPE_ID", "ENTITY_ID"}, prepare: checkLinks,
	})
}

// linkFields are the four ids of a choice.
var linkFields = []string{"REQUISITE_ID", "BANK_DETAIL_ID", "MC_REQUISITE_ID", "MC_BANK_DETAIL_ID"}

// registerLink answers crm.requisite.link.register. Every id must be sent; 0
// stands for none.
func registerLink(ctx context.Context, s *store, c *call) (reply, error) {
	fields, err := legacyFieldsParam(c)
	if err != nil {
		return reply{}, err
	}
	for _, name := range slices.Concat(requisiteLinks().key, linkFields) {
		raw, _ := foldGet(fields, name)
		if n, ok := asInt(raw); !ok || n < 0 {
			return reply{}, undefined(name)
		}
	}
	return reply{value: true}, requisiteLinks().put(ctx, s, fields)
}

// checkLinks checks that the item exists and that what it chose belongs to its
// client and to its own company.
// Source: https://apidocs.bitrix24.com/api-reference/crm/requisites/links/crm-requisite-link-register.html.
func checkLinks(ctx context.Context, s *store, _, rec *record) error {
	item, err := s.linkedItem(ctx, rec)
	if err != nil {
		return err
	}
	for _, side := range linkSides {
		if err := side.check(ctx, s, rec, item); err != nil {
			return err
		}
	}
	return nil
}

// linkedItem returns the item that a choice is for.
func (s *store) linkedItem(ctx context.Context, rec *record) (*record, error) {
	etid, id := rec.int("ENTITY_TYPE_ID"), rec.int("ENTITY_ID")
	if _, system := systemNames[int(etid)]; system && etid != 2 && etid != 7 && etid != 31 {
		return nil, undefined("ENTITY_TYPE_ID")
	}
	e, err := s.entity(ctx, etid)
	if err != nil {
		return nil, orFault(err, undefined("ENTITY_TYPE_ID"))
	}
	item, err := s.load(ctx, e, id)
	return item, orFault(err, legacyFault("Entity is not found"))
}

// orFault replaces a refusal by another one; other errors stay.
func orFault(err error, refusal *fault) error {
	if recode(err, "") != err {
		return refusal
	}
	return err
}

// A linkSide is one party of a document: the client, or the own company.
type linkSide struct {
	requisite, bank string // fields of the choice
	of              string // how refusals name the party
	owns            func(ctx context.Context, s *store, item, requisite *record) (bool, string, error)
}

var linkSides = []linkSide{
	{"REQUISITE_ID", "BANK_DETAIL_ID", "", clientOwns},
	{"MC_REQUISITE_ID", "MC_BANK_DETAIL_ID", " of your company", companyOwns},
}

func (side linkSide) check(ctx context.Context, s *store, rec, item *record) error {
	id, bank := rec.int(side.requisite), rec.int(side.bank)
	if id != 0 {
		requisite, err := requisites().byID(ctx, s, id)
		if err != nil {
			return err
		}
		if requisite == nil {
			return legacyFault(fmt.Sprintf("The Requisite%s with ID '%d' is not found", side.of, id))
		}
		owns, owner, err := side.owns(ctx, s, item, requisite)
		if err != nil {
			return err
		}
		if !owns {
			return legacyFault(fmt.Sprintf("The Requisite with ID '%d' is not assigned to %s", id, owner))
		}
	}
	if bank == 0 {
		return nil
	}
	detail, err := bankDetails().byID(ctx, s, bank)
	switch {
	case err != nil:
		return err
	case detail == nil:
		return legacyFault(fmt.Sprintf("The BankDetail%s with ID '%d' is not found", side.of, bank))
	case detail.int("ENTITY_ID") != id:
		return legacyFault(fmt.Sprintf("The BankDetail%s with ID '%d' is not assigned to Requisite%s with ID '%d'", side.of, bank, side.of, id))
	}
	return nil
}

// clientOwns reports whether a requisite belongs to the company or contact of an
// item, and names whom it should belong to.
func clientOwns(_ context.Context, _ *store, item, requisite *record) (bool, string, error) {
	etid, id := requisite.int("ENTITY_TYPE_ID"), requisite.int("ENTITY_ID")
	if etid == 4 {
		company := item.int("companyId")
		return company == id, fmt.Sprintf("Company with ID '%d'", company), nil
	}
	return slices.Contains(item.links["contactIds"], id), fmt.Sprintf("Contact with ID '%d'", item.int("contactId")), nil
}

// companyOwns reports whether a requisite belongs to the item's own company, or
// to any own company if the item names none.
func companyOwns(ctx context.Context, s *store, item, requisite *record) (bool, string, error) {
	etid, id := requisite.int("ENTITY_TYPE_ID"), requisite.int("ENTITY_ID")
	chosen := item.int("mycompanyId")
	owner := fmt.Sprintf("your company with ID '%d'", chosen)
	if etid != 4 || chosen != 0 && chosen != id {
		return false, owner, nil
	}
	_, own, err := s.number(ctx, `SELECT "id" FROM `+quoteName(itemTable(4))+` WHERE "id" = ? AND "isMyCompany" = 'Y'`, id)
	return own, owner, err
}

// linkParam returns the choice of the item that a call names, nil if it made
// none.
func linkParam(ctx context.Context, s *store, c *call) (*record, error) {
	key := new(Map)
	for _, param := range []struct{ name, field string }{{"entityTypeId", "ENTITY_TYPE_ID"}, {"entityId", "ENTITY_ID"}} {
		raw, _ := c.fold(param.name)
		if n, ok := asInt(raw); !ok || n <= 0 {
			return nil, undefined(param.name)
		}
		key.Set(param.field, raw)
	}
	return requisiteLinks().keyOf(ctx, s, key)
}

// getLink answers crm.requisite.link.get. What was asked for comes back as
// numbers, what was found as strings.
// Source: https://apidocs.bitrix24.com/api-reference/crm/requisites/links/crm-requisite-link-get.html.
func getLink(ctx context.Context, s *store, c *call) (reply, error) {
	rec, err := linkParam(ctx, s, c)
	if err != nil {
		return reply{}, err
	}
	if rec == nil {
		return reply{}, legacyFault("Not found")
	}
	f := requisiteLinks()
	m := f.answer(rec, f.all(), false)
	for _, name := range f.key {
		m.Set(name, rec.int(name))
	}
	return reply{value: m}, nil
}

// unregisterLink answers crm.requisite.link.unregister, also for an item that
// made no choice.
func unregisterLink(ctx context.Context, s *store, c *call) (reply, error) {
	rec, err := linkParam(ctx, s, c)
	if err != nil || rec == nil {
		return reply{value: true}, err
	}
	return reply{value: true}, requisiteLinks().remove(ctx, s, rec)
}

// unlink takes a deleted requisite or bank detail out of every choice.
func (s *store) unlink(ctx context.Context, id int64, fields ...string) error {
	for _, name := range fields {
		column := quoteName(name)
		if err := s.exec(ctx, `UPDATE crm_requisite_link SET `+column+` = 0 WHERE `+column+` = ?`, id); err != nil {
			return err
		}
	}
	return nil
}
