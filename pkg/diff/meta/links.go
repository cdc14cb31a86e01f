package meta

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/b24apply/b24apply/pkg/diff/denial"
	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/plan"
	"github.com/b24apply/b24apply/pkg/value"
)

var ProductStore = kind.BuiltIn().ByLink(kind.TypeProduct).StoreNumber(0)

// LinkTarget is the entity type that a field of a type links to.
func (m *Data) LinkTarget(typ kind.FieldType, wire string) (int, bool) {
	if digits, ok := strings.CutPrefix(wire, "parentId"); ok {
		n, err := strconv.Atoi(digits)
		return n, err == nil
	}
	k := m.Kinds.ByLink(typ)
	if k == nil || k.EntityTypeID == 0 {
		return 0, false
	}
	return k.EntityTypeID, true
}

// LinksOf gives the records that a canonical value names by plain ids.
func (m *Data) LinksOf(t value.Type, wire string, want value.Value) (out []kind.RecordID) {
	if isProducts(t) {
		return ProductsOf(want)
	}
	entity, isLink := m.LinkTarget(kind.FieldType(t.Public()), wire)
	for _, x := range value.Each(value.Wanted(want)) {
		record, ok := m.RecordOf(x)
		if record.EntityTypeID == 0 {
			record.EntityTypeID = entity
			ok = ok && isLink
		}
		if ok && x.IsBare() {
			out = append(out, record)
		}
	}
	return out
}

// RecordOf gives the record that a canonical value is a link to; without a type of its own
// if the field has but one.
func (m *Data) RecordOf(v value.Value) (kind.RecordID, bool) {
	id := strings.TrimSpace(v.Text)
	entity := 0
	if code, n, ok := v.Record(); ok {
		entity, id = m.Kinds.ByShort(code), n
	}
	if id == "" || id[0] > '9' {
		return kind.RecordID{EntityTypeID: entity}, false // most texts, without the error that they would make
	}
	n, err := strconv.Atoi(id)
	return kind.RecordID{EntityTypeID: entity, ID: n}, err == nil && n > 0
}

// ProductsOf gives the products that rows name by plain ids.
func ProductsOf(rows value.Value) (out []kind.RecordID) {
	for _, row := range rows.Entries() {
		if product := row.Get("product"); product.IsBare() {
			out = append(out, kind.RecordID{EntityTypeID: ProductStore, ID: product.Int()})
		}
	}
	return out
}

// nameless leaves out product rows with a name of their own: they do without the product,
// as the rows of deleted ones do.
func nameless(t value.Type, want value.Value) value.Value {
	if !isProducts(t) {
		return want
	}
	return value.Listed(slices.DeleteFunc(want.Entries(), func(row value.Value) bool { return !row.Get("name").IsEmpty() })...)
}

// usersOf gives the users that a canonical value names.
func usersOf(want value.Value) (out []int) {
	for _, x := range value.Each(value.Wanted(want)) {
		out = append(out, x.Int())
	}
	return out
}

// isProducts tells whether a type is that of product rows.
func isProducts(t value.Type) bool { return t.Name == string(kind.TypeProducts) }

// linkedName names the records of a type, products included.
func (s *Scope) linkedName(entity int) string {
	if entity == ProductStore {
		return "product"
	}
	return s.entityName(entity)
}

// Exists refuses a value that names what the portal does not have. What the record names
// already is not questioned.
func (s *Scope) Exists(d *plan.Field, c value.Codec) error {
	live := s.Meta.LinksOf(d.Type, d.Wire, d.Live)
	for _, record := range s.Meta.LinksOf(d.Type, d.Wire, nameless(d.Type, d.Want)) {
		if there, asked := s.Meta.Linked[record]; asked && !there && !slices.Contains(live, record) {
			return &denial.Refused{Code: "NO_RECORD", Why: value.Say("no-such-record", value.T("entity", s.linkedName(record.EntityTypeID)), value.N("id", record.ID))}
		}
	}
	if c.Traits().Users && len(s.Meta.Users) > 0 {
		for _, id := range usersOf(d.Want) {
			user, shown := s.Meta.User(id)
			if slices.Contains(usersOf(d.Live), id) {
				continue
			}
			if shown && !user.Active {
				return &denial.Refused{Code: "NO_USER", Why: value.Say("user-is-inactive", value.N("id", id), value.T("name", cmp.Or(user.Name, user.Email)))}
			}
			if !shown {
				return &denial.Refused{Code: "NO_RECORD", Why: value.Say("no-such-user", value.N("id", id)), Hint: value.Say("name-a-shown-user")}
			}
		}
	}
	currency := d.Want.Get("currency").Text
	if d.Type.Name == string(kind.TypeCurrency) {
		currency = d.Want.Text
	}
	if all := s.Meta.Currencies; currency != "" && len(all) > 0 && !slices.Contains(all, strings.ToUpper(currency)) {
		return &denial.Refused{Code: "NO_CURRENCY", Why: value.Say("no-such-currency", value.T("currency", currency)), Hint: value.Say("write-or-add-currency", value.Some("names", all))}
	}
	return nil
}
