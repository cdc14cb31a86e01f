package portal

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
)

// addressMethods lists the methods of addresses and of the enumerations that
// name their types and owners.
// Source: https://apidocs.bitrix24.com/api-reference/crm/requisites/addresses/index.html.
func addressMethods() []method {
	f := addresses()
	return []method{
		crmMethod("crm.address.add", true, f.putMethod),
		crmMethod("crm.address.update", true, updateAddress),
		crmMethod("crm.address.delete", true, deleteAddress),
		crmMethod("crm.address.list", false, f.legacyList),
		crmMethod("crm.address.fields", false, f.legacyFields),
		crmMethod("crm.enum.addresstype", false, listAddressTypes),
		crmMethod("crm.enum.ownertype", false, listOwnerTypes),
	}
}

// addresses belong to requisites and leads, one for each type.
func addresses() *family {
	return requisiteFamily(family{
		table: "crm_address", key: []string{"TYPE_ID", "ENTITY_TYPE_ID", "ENTITY_ID"}, prepare: anchorAddress,
	})
}

// anchorAddress checks whose address it is and notes the contact, company or
// lead at its root. Each address has a location.
func anchorAddress(ctx context.Context, s *store, old, rec *record) error {
	if !slices.ContainsFunc(addressTypes, func(t enumEntry) bool { return t.id == rec.int("TYPE_ID") }) {
		return undefined("TYPE_ID")
	}
	etid, id := rec.int("ENTITY_TYPE_ID"), rec.int("ENTITY_ID")
	switch etid {
	case 1:
		found, err := s.exists(ctx, itemTable(1), id)
		if err != nil {
			return err
		}
		if !found {
			return undefined("ENTITY_ID")
		}
		rec.vals["ANCHOR_TYPE_ID"], rec.vals["ANCHOR_ID"] = etid, id
	case requisiteType:
		owner, err := requisites().byID(ctx, s, id)
		if err != nil {
			return err
		}
		if owner == nil {
			return undefined("ENTITY_ID")
		}
		rec.vals["ANCHOR_TYPE_ID"], rec.vals["ANCHOR_ID"] = owner.int("ENTITY_TYPE_ID"), owner.int("ENTITY_ID")
	default:
		return undefined("ENTITY_TYPE_ID")
	}
	return s.locate(ctx, old, rec)
}

// locate gives an address a location of its own, which it keeps: the id of
// another one only names what to copy.
func (s *store) locate(ctx context.Context, old, rec *record) error {
	if old != nil {
		rec.set("LOC_ADDR_ID", old.vals["LOC_ADDR_ID"])
		return nil
	}
	if source := rec.int("LOC_ADDR_ID"); source != 0 && !addressWritten(rec) {
		if err := s.copyLocation(ctx, rec, source); err != nil {
			return err
		}
	}
	id, err := s.count(ctx, "location")
	rec.vals["LOC_ADDR_ID"] = id
	return err
}

// addressWritten reports whether an address holds any text.
func addressWritten(rec *record) bool {
	for _, f := range addresses().set.list {
		if f.typ == typeString && rec.text(f.name) != "" {
			return true
		}
	}
	return false
}

func (s *store) copyLocation(ctx context.Context, rec *record, id int64) error {
	found, err := addresses().where(ctx, s, []string{"LOC_ADDR_ID"}, id)
	if err != nil || len(found) == 0 {
		return err
	}
	for _, f := range addresses().set.list {
		if f.typ == typeString {
			rec.set(f.name, found[0].vals[f.name])
		}
	}
	return nil
}

// addressParam returns the address that the key among the fields names.
func addressParam(ctx context.Context, s *store, c *call) (*record, *Map, error) {
	fields, err := legacyFieldsParam(c)
	if err != nil {
		return nil, nil, err
	}
	rec, err := addresses().keyOf(ctx, s, fields)
	if err == nil && rec == nil {
		err = legacyFault("TypeAddress not found.")
	}
	return rec, fields, err
}

func updateAddress(ctx context.Context, s *store, c *call) (reply, error) {
	old, fields, err := addressParam(ctx, s, c)
	if err != nil {
		return reply{}, err
	}
	_, err = addresses().update(ctx, s, old, fields)
	return reply{value: true}, err
}

func deleteAddress(ctx context.Context, s *store, c *call) (reply, error) {
	rec, _, err := addressParam(ctx, s, c)
	if err != nil {
		return reply{}, err
	}
	return reply{value: true}, addresses().remove(ctx, s, rec)
}

// An enumEntry is an entry of a crm.enum method; codes are "" where there are
// none.
type enumEntry struct {
	id                int64
	name, code, short string
}

// addressTypes is what crm.enum.addresstype lists.
// Source: https://apidocs.bitrix24.com/api-reference/crm/auxiliary/enum/crm-enum-address-type.html.
var addressTypes = []enumEntry{
	{11, "Shipping address", "", ""}, {1, "Physical address", "", ""}, {6, "Legal address", "", ""},
	{4, "Registered address", "", ""}, {8, "Mailing address", "", ""}, {9, "Beneficiary address", "", ""},
}

// ownerTypes is what crm.enum.ownertype lists before the smart processes.
// Source: https://apidocs.bitrix24.com/api-reference/crm/auxiliary/enum/crm-enum-owner-type.html.
var ownerTypes = []enumEntry{
	{1, "Lead", "LEAD", "L"}, {2, "Deal", "DEAL", "D"}, {3, "Contact", "CONTACT", "C"}, {4, "Company", "COMPANY", "CO"},
	{5, "Invoice (old version)", "INVOICE", "I"}, {31, "Invoice", "SMART_INVOICE", "SI"}, {7, "Quote", "QUOTE", "Q"},
	{8, "Billing Details", "REQUISITE", "RQ"}, {36, "Document", "SMART_DOCUMENT", "DO"}, {39, "Company Document", "SMART_B2E_DOC", "SBD"},
}

func (e enumEntry) answer() *Map {
	m := wrap("ID", e.id)
	m.Set("NAME", e.name)
	m.Set("SYMBOL_CODE", orNull(e.code))
	m.Set("SYMBOL_CODE_SHORT", orNull(e.short))
	return m
}

// orNull is nil for an empty text.
func orNull(text string) any {
	if text == "" {
		return nil
	}
	return text
}

func listAddressTypes(context.Context, *store, *call) (reply, error) {
	return enumReply(addressTypes), nil
}

func listOwnerTypes(ctx context.Context, s *store, _ *call) (reply, error) {
	list := slices.Clone(ownerTypes)
	ids, titles, err := s.smartTypes(ctx)
	for i, id := range ids {
		list = append(list, enumEntry{int64(id), titles[i], fmt.Sprintf("DYNAMIC_%d", id), fmt.Sprintf("T%x", id)})
	}
	return enumReply(list), err
}

func enumReply(list []enumEntry) reply {
	rows := make([]any, len(list))
	for i, entry := range list {
		rows[i] = entry.answer()
	}
	return reply{value: rows}
}

// smartTypes lists the entity types of smart processes by their number, with
// their titles.
func (s *store) smartTypes(ctx context.Context) (ids []int, titles []string, err error) {
	err = s.scan(ctx, func(rows *sql.Rows) error {
		var id int
		var title string
		err := rows.Scan(&id, &title)
		ids, titles = append(ids, id), append(titles, title)
		return err
	}, `SELECT "entityTypeId", "title" FROM crm_type ORDER BY "entityTypeId"`)
	return ids, titles, err
}
