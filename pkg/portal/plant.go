package portal

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// A Shown is what a portal has shown in answer to a reading method: rows as the answer holds
// them, in the order of their ids.
type Shown struct {
	Method       string // one of those that Plant knows
	EntityTypeID int    // of crm.item.list and crm.category.list
	Rows         []json.RawMessage
}

// A planting stores the rows that one reading method shows.
type planting struct {
	clears []string // statements that make room: what a new portal has of it
	row    func(ctx context.Context, s *store, etid int, row *Map) error
}

// plantings are what Plant can store. Types and custom fields are there before their items.
func plantings() map[string]planting {
	list := map[string]planting{
		"user.get":             {[]string{`DELETE FROM portal_user`}, plantUser},
		"crm.currency.list":    {[]string{`DELETE FROM crm_currency`, `DELETE FROM crm_currency_lang`}, plantCurrency},
		"crm.type.get":         {nil, plantType},
		"crm.category.list":    {nil, plantCategory},
		"crm.status.list":      {[]string{`DELETE FROM crm_status`}, plantStatus},
		"userfieldconfig.get":  {nil, plantUserField},
		"crm.item.list":        {nil, plantItem},
		"catalog.product.list": {nil, plantProduct},
	}
	for method, f := range map[string]*family{
		"crm.requisite.list": requisites(), "crm.requisite.bankdetail.list": bankDetails(), "crm.requisite.link.list": requisiteLinks(),
		"crm.address.list": addresses(), "crm.item.productrow.list": productRows(), "catalog.section.list": sections(), "catalog.price.list": prices(),
	} {
		list[method] = planting{nil, f.plant}
	}
	for method, f := range map[string]*family{
		"crm.requisite.preset.list": presets(), "catalog.catalog.list": catalogs(), "catalog.priceType.list": priceTypes(), "catalog.measure.list": measures(),
		"catalog.vat.list": vats(), "catalog.productProperty.list": properties(), "catalog.productPropertyEnum.list": propertyEnums(),
	} {
		list[method] = planting{[]string{`DELETE FROM ` + f.table}, f.plant}
	}
	return list
}

// Plant makes a new portal one like another: it stores rows that the other has shown, with the
// ids, authors and times that they have there, and starts nothing. What a portal has from the
// beginning of users, currencies, stages, templates of requisites and the catalogue's settings
// gives way to what is planted of it. Rows of a method come in the order of their ids; types of
// smart processes come before their pipelines, custom fields and items. The contents of files are
// not planted: the portal holds empty ones with their ids. A fault or a method that it
// does not know is an error, and nothing of its rows is stored.
func (p *Portal) Plant(ctx context.Context, shown Shown) error {
	plant := plantings()[shown.Method]
	if plant.row == nil {
		return fmt.Errorf("what %s shows cannot be planted", shown.Method)
	}
	rows := make([]*Map, len(shown.Rows))
	for i, raw := range shown.Rows {
		v, err := decodeJSON(raw)
		if err != nil {
			return fmt.Errorf("%s: row %d: %w", shown.Method, i+1, err)
		}
		var ok bool
		if rows[i], ok = v.(*Map); !ok {
			return fmt.Errorf("%s: row %d is no object", shown.Method, i+1)
		}
	}
	err := p.tx(ctx, func(tx *sql.Tx) error {
		s := newStore(tx, 1, p.now())
		for _, statement := range plant.clears {
			if err := s.exec(ctx, statement); err != nil {
				return err
			}
		}
		if shown.Method == "crm.category.list" {
			if err := s.exec(ctx, `DELETE FROM crm_category WHERE etid = ?`, shown.EntityTypeID); err != nil {
				return err
			}
		}
		for i, row := range rows {
			if err := plant.row(ctx, s, shown.EntityTypeID, row); err != nil {
				return fmt.Errorf("row %d: %w", i+1, err)
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("planting what %s shows: %w", shown.Method, err)
	}
	return nil
}

// PlantCaller makes the user of an id one who may do everything, and gives the path of a webhook
// that acts as that user. It is a credential.
func (p *Portal) PlantCaller(ctx context.Context, id int) (path string, err error) {
	_, err = p.db.ExecContext(ctx, `INSERT INTO portal_user (id, active, admin, name, last_name, email, position, gender, type, department, registered)
		VALUES (?, 1, 1, '', '', '', '', '', 'employee', 0, '2024-01-01') ON CONFLICT (id) DO UPDATE SET admin = 1, active = 1`, id)
	if err != nil {
		return "", err
	}
	hook := Webhook{User: id}
	if err := hook.complete(); err != nil {
		return "", err
	}
	return hook.Path(), p.addWebhooks(ctx, []Webhook{hook})
}

// plantUser stores a row of user.get. Nobody else than the caller gets rights.
func plantUser(ctx context.Context, s *store, _ int, row *Map) error {
	department := int64(0)
	if raw, _ := row.Get("UF_DEPARTMENT"); raw != nil {
		if list, ok := asList(raw); ok && len(list) > 0 {
			department, _ = asInt(list[0])
		}
	}
	active, _ := row.Get("ACTIVE")
	kind := legacyText(row, "USER_TYPE")
	if kind == "" {
		kind = "employee"
	}
	registered := "2024-01-01"
	if t, ok := parseTime(legacyText(row, "DATE_REGISTER"), s.now); ok {
		registered = t.UTC().Format(time.DateOnly)
	}
	return s.exec(ctx, `INSERT INTO portal_user (id, active, admin, name, last_name, email, position, gender, type, department, registered)
		VALUES (?, ?, 0, ?, ?, ?, ?, ?, ?, ?, ?)`, rowID(row), map[bool]int{true: 1}[flagValue(active) == "Y"], legacyText(row, "NAME"), legacyText(row, "LAST_NAME"),
		legacyText(row, "EMAIL"), legacyText(row, "WORK_POSITION"), legacyText(row, "PERSONAL_GENDER"), kind, department, registered)
}

// rowID is the id of a row, 0 if it has none.
func rowID(row *Map) int64 {
	raw, _ := foldGet(row, "id")
	id, _ := asInt(raw)
	return id
}

// rowNumber is a number in a row, 0 if there is none.
func rowNumber(row *Map, name string) int64 {
	raw, _ := foldGet(row, name)
	n, _ := asInt(raw)
	return n
}

func plantCurrency(ctx context.Context, s *store, _ int, row *Map) error {
	code := strings.ToUpper(legacyText(row, "CURRENCY"))
	err := s.saveCurrency(ctx, currency{code: code, amount: legacyText(row, "AMOUNT"), count: rowNumber(row, "AMOUNT_CNT"), sort: rowNumber(row, "SORT"), base: legacyText(row, "BASE") == "Y"})
	if err != nil {
		return err
	}
	if at, err := time.Parse(time.RFC3339, legacyText(row, "DATE_UPDATE")); err == nil {
		if err := s.exec(ctx, `UPDATE crm_currency SET updated = ? WHERE code = ?`, at.Unix(), code); err != nil {
			return err
		}
	}
	loc := newLocalization(code)
	loc.name, loc.format, loc.separator = legacyText(row, "FULL_NAME"), legacyText(row, "FORMAT_STRING"), nil
	if raw, _ := row.Get("THOUSANDS_SEP"); raw != nil {
		loc.separator, _ = asString(raw)
	}
	return s.saveLocalization(ctx, code, portalLanguage, loc)
}

// plantCategory stores a pipeline. Those that are added later have greater ids.
func plantCategory(ctx context.Context, s *store, etid int, row *Map) error {
	isDefault, _ := row.Get("isDefault")
	isSystem, _ := row.Get("isSystem")
	cat := category{
		etid: etid, id: rowID(row), name: legacyText(row, "name"), sort: rowNumber(row, "sort"), isDefault: flagValue(isDefault) == "Y", isSystem: flagValue(isSystem) == "Y",
		code: legacyText(row, "code"), originID: legacyText(row, "originId"), originatorID: legacyText(row, "originatorId"),
	}
	if err := s.insertCategory(ctx, cat); err != nil {
		return err
	}
	return s.exec(ctx, `INSERT INTO crm_counter (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = max(value, excluded.value)`, categorySequence(etid), cat.id)
}

// plantStatus stores an entry of a dictionary, stages included.
func plantStatus(ctx context.Context, s *store, _ int, row *Map) error {
	semantics := legacyText(row, "SEMANTICS")
	if semantics != "S" && semantics != "F" {
		semantics = ""
	}
	var category any
	if raw, _ := row.Get("CATEGORY_ID"); !isBlank(raw) {
		category = rowNumber(row, "CATEGORY_ID")
	}
	system := "N"
	if legacyText(row, "SYSTEM") == "Y" {
		system = "Y"
	}
	return s.exec(ctx, `INSERT INTO crm_status (`+statusColumns+`) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`, rowID(row), legacyText(row, "ENTITY_ID"), legacyText(row, "STATUS_ID"),
		legacyText(row, "NAME"), legacyText(row, "NAME_INIT"), rowNumber(row, "SORT"), system, category, legacyText(row, "COLOR"), semantics)
}

// plantType stores a smart process type, with the table of its items and its relations. Its
// pipelines are planted by themselves.
func plantType(ctx context.Context, s *store, _ int, row *Map) error {
	e := typeRows()
	rec := newRecord()
	if err := s.plantCells(ctx, e, rec, row); err != nil {
		return err
	}
	if err := s.insertColumns(ctx, e, rec); err != nil {
		return err
	}
	etid := int(rec.int("entityTypeId"))
	for _, statement := range itemSchema(itemTable(etid), systemFields()[spaColumn]) {
		if err := s.exec(ctx, statement); err != nil {
			return err
		}
	}
	raw, _ := row.Get("relations")
	relations, _ := asMap(raw)
	for side, of := range map[string]func(other int, list string) relation{
		"parent": func(other int, list string) relation { return relation{parent: other, child: etid, list: list} },
		"child":  func(other int, list string) relation { return relation{parent: etid, child: other, list: list} },
	} {
		if relations == nil {
			break
		}
		list, _ := sentList(relations, side)
		for _, item := range list {
			other, _ := asMap(item)
			predefined, _ := other.Get("isPredefined")
			if listed, _ := other.Get("isChildrenListEnabled"); flagValue(predefined) != "Y" {
				// The other side may be planted later, and tells the relation again then.
				if err := s.saveRelation(ctx, of(int(rowNumber(other, "entityTypeId")), flagValue(listed).(string))); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// plantUserField stores a custom field with its labels and options. A field of an object that the
// portal does not have, or of a type that it does not know, is left out: nobody can see it then.
func plantUserField(ctx context.Context, s *store, _ int, row *Map) error {
	text := func(name string) string { return legacyText(row, name) }
	kind, typed := userKind(text("userTypeId"))
	_, known, err := s.userObject(ctx, text("entityId"))
	if err != nil || !known || !typed {
		return err
	}
	u := &userField{record: newRecord(), kind: kind}
	u.read(row, false)
	u.id = rowID(row)
	u.vals["entityId"], u.vals["fieldName"], u.vals["userTypeId"], u.vals["showInList"] = text("entityId"), text("fieldName"), text("userTypeId"), "Y"
	if err := u.configure(sentSettings(row)); err != nil {
		return err
	}
	if err := s.storeUserField(ctx, u); err != nil {
		return err
	}
	l := shownLabels(row)
	if err := s.replaceLabels(ctx, u.id, l); err != nil {
		return err
	}
	raw, _ := row.Get("enum")
	options, _ := asList(raw)
	for _, item := range options {
		o, ok := readOption(item)
		if !ok {
			continue
		}
		if err := s.exec(ctx, `INSERT INTO crm_userfield_enum (id, field, value, def, sort, xml_id) VALUES (?, ?, ?, ?, ?, ?)`,
			o.id, u.id, o.value, flagValue(o.def), o.sort, o.xmlID); err != nil {
			return err
		}
	}
	return nil
}

// shownLabels reads the labels of a custom field as answers show them; null is none.
func shownLabels(row *Map) labels {
	l := newLabels()
	for _, kind := range labelKinds {
		raw, _ := row.Get(kind.name)
		texts, _ := asMap(raw)
		if texts == nil {
			continue
		}
		for _, lang := range texts.Keys() {
			if v, _ := texts.Get(lang); v != nil {
				text, _ := asString(v)
				l.set(kind.name, lang, text)
			}
		}
	}
	return l
}

// plant stores a record of a family, with its custom fields.
func (f *family) plant(ctx context.Context, s *store, _ int, row *Map) error {
	full, err := f.withCustom(ctx, s)
	if err != nil {
		return err
	}
	e, rec := full.entity(), newRecord()
	if err := s.plantCells(ctx, e, rec, row); err != nil {
		return err
	}
	if len(f.key) > 0 || rec.id == 0 {
		if rec.id, err = s.nextID(ctx, f.table); err != nil {
			return err
		}
	}
	rec.complete(e)
	return s.insertColumns(ctx, e, rec)
}

// plantProduct stores a product with the values of its properties.
func plantProduct(ctx context.Context, s *store, etid int, row *Map) error {
	if err := products().plant(ctx, s, etid, row); err != nil {
		return err
	}
	for _, key := range row.Keys() {
		number, named := strings.CutPrefix(key, propertyPrefix)
		id, err := strconv.ParseInt(number, 10, 64)
		if !named || err != nil {
			continue
		}
		property, err := properties().byID(ctx, s, id)
		if err != nil || property == nil {
			return err
		}
		raw, _ := row.Get(key)
		values, err := s.readProperty(ctx, property, raw)
		if err != nil {
			return err
		}
		for _, v := range values {
			if err := s.exec(ctx, `INSERT INTO catalog_property_value (id, product, property, value) VALUES (nullif(?, 0), ?, ?, ?)`, v.id, rowID(row), id, v.text); err != nil {
				return err
			}
		}
	}
	return nil
}

// plantItem stores a record with its links and communications.
func plantItem(ctx context.Context, s *store, etid int, row *Map) error {
	e, err := s.entity(ctx, int64(etid))
	if err != nil {
		return err
	}
	rec := newRecord()
	if err := s.plantCells(ctx, e, rec, row); err != nil {
		return err
	}
	if err := s.insertColumns(ctx, e, rec); err != nil {
		return err
	}
	for _, f := range e.lists() {
		raw, _ := row.Get(f.name)
		ids, err := f.convertList(raw)
		if err != nil {
			return err
		}
		for i, id := range ids {
			if err := s.exec(ctx, `INSERT INTO crm_link (etid, item, field, sort, value) VALUES (?, ?, ?, ?, ?)`, e.id, rec.id, f.name, 10*(i+1), id); err != nil {
				return err
			}
		}
	}
	fm, _ := row.Get("fm")
	entries, _ := asList(fm)
	for _, item := range entries {
		entry, _ := asMap(item)
		edit, ok := commEntry("", entry, "typeId", "valueType", "value")
		if !ok {
			continue
		}
		if err := s.exec(ctx, `INSERT INTO crm_fm (id, etid, item, type_id, value_type, value) VALUES (?, ?, ?, ?, ?, ?)`,
			rowID(entry), e.id, rec.id, edit.row.typeID, edit.row.valueType, edit.row.value); err != nil {
			return err
		}
	}
	return nil
}

// plantCells reads the columns of a record, and its id, as answers show them.
func (s *store) plantCells(ctx context.Context, e *entity, rec *record, row *Map) error {
	rec.id = rowID(row)
	for _, f := range e.columns() {
		raw, shown := row.Get(e.key(f))
		if !shown {
			raw, shown = foldGet(row, f.upper)
		}
		if !shown || f.name == "id" {
			continue
		}
		v, err := s.planted(ctx, f, raw)
		if err != nil {
			return err
		}
		rec.set(f.name, v)
	}
	return nil
}

// planted converts what an answer shows of a column to its storage form.
func (s *store) planted(ctx context.Context, f *field, raw any) (any, error) {
	if f.custom == nil || !f.multiple {
		return s.plantedOne(ctx, f, raw)
	}
	list, _ := asList(raw)
	var vals []any
	for _, item := range list {
		v, err := s.plantedOne(ctx, f, item)
		if err != nil {
			return nil, err
		}
		if v != nil {
			vals = append(vals, v)
		}
	}
	return pack(vals)
}

func (s *store) plantedOne(ctx context.Context, f *field, raw any) (any, error) {
	switch {
	case f.typ == typeFile:
		return s.plantFile(ctx, raw)
	case f.typ == typeBoolean || f.typ == typeChar:
		return customFlag(raw), nil
	case isBlank(raw):
		return nil, nil
	case f.typ.class() == classText:
		text, _ := asString(raw)
		return text, nil
	case f.typ == typeCategory: // of which 0 is one
		id, ok := asInt(raw)
		if !ok {
			return nil, nil
		}
		return id, nil
	case f.typ.class() == classDay:
		return plantedDay(raw, s.now), nil
	}
	v, ok := f.convert(raw, s.now)
	if !ok {
		return nil, nil
	}
	return v, nil
}

// plantedDay reads a day, which answers show as the instant of its midnight in UTC.
func plantedDay(raw any, now time.Time) any {
	t, ok := parseTime(raw, now)
	if text, _ := raw.(string); !ok {
		return nil
	} else if len(text) == len(time.DateOnly) {
		return t.Format(time.DateOnly)
	}
	return t.UTC().Format(time.DateOnly)
}

// plantFile keeps the id of a file, without its content.
func (s *store) plantFile(ctx context.Context, raw any) (any, error) {
	m, ok := raw.(*Map)
	if !ok {
		return nil, nil
	}
	id := rowID(m)
	if id == 0 {
		return nil, nil
	}
	return id, s.exec(ctx, `INSERT OR REPLACE INTO crm_file (id, name, content) VALUES (?, 'not planted', x'')`, id)
}
