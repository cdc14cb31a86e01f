package portal

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strconv"
)

// An entity is one entity type as a command sees it: the field set of its kind,
// the fields its settings hide taken out, and its parent fields.
type entity struct {
	id      int
	name    string // "Deal", or the title of a smart process: part of default titles
	table   string
	set     *fieldSet // every field that has a column or links, hidden or not
	custom  []*field
	parents []*field
	flags   map[string]bool // settings of a smart process; nil for system types
	typeID  int64           // of a smart process

	files    fileSigner
	original bool // this call names custom fields as they are stored
}

// systemNames gives the names of the system types in default titles.
var systemNames = map[int]string{1: "Lead", 2: "Deal", 3: "Contact", 4: "Company", 7: "Quote", 31: "Invoice"}

// unsupportedTypes are entity types that exist but have no crm.item methods.
var unsupportedTypes = map[int]string{
	5: "INVOICE", 6: "ACTIVITY", 8: "REQUISITE", 14: "ORDER", 36: "SMART_DOCUMENT", 39: "SMART_B2E_DOC",
}

func itemTable(etid int) string { return "crm_item_" + strconv.Itoa(etid) }

func (e *entity) smart() bool { return e.flags != nil }

// staged reports whether items of the type are on a stage.
func (e *entity) staged() bool { return e.set.byName["stageId"] != nil }

// piped reports whether items of the type belong to a pipeline of their own
// choice.
func (e *entity) piped() bool { return e.staged() && e.set.byName["categoryId"] != nil }

// find returns the field of a name in either spelling, nil if the entity type
// has none or its settings hide it.
func (e *entity) find(name string) *field {
	f := e.set.byName[name]
	if f == nil {
		if f = e.findCustom(name); f != nil {
			return f
		}
		i := slices.IndexFunc(e.parents, func(p *field) bool { return p.name == name || p.upper == name })
		if i < 0 {
			return nil
		}
		return e.parents[i]
	}
	if !e.shows(f) {
		return nil
	}
	return f
}

// shows reports whether the entity type's settings let the field exist.
func (e *entity) shows(f *field) bool {
	return f.flag == "" || !e.smart() || e.flags[f.flag]
}

// visible lists the fields a client can see, in the order of answers.
func (e *entity) visible() []*field {
	list := make([]*field, 0, len(e.set.list)+len(e.custom)+len(e.parents))
	for _, f := range e.set.list {
		if e.shows(f) {
			list = append(list, f)
		}
	}
	return append(append(list, e.custom...), e.parents...)
}

// columns lists the fields with a column of their own.
func (e *entity) columns() []*field {
	list := make([]*field, 0, len(e.set.list)+len(e.custom)+len(e.parents))
	for _, f := range e.set.list {
		if f.stored() {
			list = append(list, f)
		}
	}
	return append(append(list, e.custom...), e.parents...)
}

// lists returns the fields whose values are rows of crm_link.
func (e *entity) lists() []*field {
	var list []*field
	for _, f := range e.set.list {
		if f.multiple && !f.alias && f.typ != typeMultifield {
			list = append(list, f)
		}
	}
	return list
}

// hasComms reports whether the entity type has phones, e-mails and so on.
func (e *entity) hasComms() bool { return e.set.byName["fm"] != nil }

// entity returns the entity type of an id, or the documented fault.
func (s *store) entity(ctx context.Context, etid int64) (*entity, error) {
	if name, ok := systemNames[int(etid)]; ok {
		e := &entity{id: int(etid), name: name, table: itemTable(int(etid)), set: systemFields()[int(etid)], files: s.files}
		return e, s.loadFields(ctx, e)
	}
	if name, ok := unsupportedTypes[int(etid)]; ok {
		return nil, &fault{code: "ENTITY_TYPE_NOT_SUPPORTED", text: fmt.Sprintf("Entity type %q is not supported", name)}
	}
	t, err := s.typeBy(ctx, "entityTypeId", etid)
	if err != nil {
		return nil, err
	}
	if t == nil {
		return nil, notFound("Smart process")
	}
	e := t.entity()
	e.files = s.files
	return e, s.loadFields(ctx, e)
}

// loadFields adds the fields that an entity type has on this portal.
func (s *store) loadFields(ctx context.Context, e *entity) error {
	if err := s.loadCustom(ctx, e); err != nil {
		return err
	}
	return s.loadParents(ctx, e)
}

// loadParents adds the parentId fields that relations give an entity type.
// Invoices always have deals and quotes as parents.
// Source: https://apidocs.bitrix24.com/api-reference/crm/universal/invoice.html.
func (s *store) loadParents(ctx context.Context, e *entity) error {
	var ids []int
	if e.id == 31 {
		ids = []int{2, 7}
	}
	err := s.scan(ctx, func(rows *sql.Rows) error {
		var parent int
		if err := rows.Scan(&parent); err != nil {
			return err
		}
		ids = append(ids, parent)
		return nil
	}, `SELECT parent FROM crm_relation WHERE child = ? ORDER BY parent`, e.id)
	slices.Sort(ids)
	for _, id := range slices.Compact(ids) {
		e.parents = append(e.parents, parentField(id))
	}
	return err
}

func parentField(etid int) *field {
	name := parentName(etid)
	title := systemNames[etid]
	if title == "" {
		title = "Linked item " + strconv.Itoa(etid)
	}
	return &field{name: name, upper: upperName(name), typ: typeEntity, title: title, parent: etid}
}

func parentName(etid int) string { return "parentId" + strconv.Itoa(etid) }

// itemSchema returns the statements that create the table of an entity type.
// Numbers and texts that people look items up by are indexed; texts are indexed
// in the form in which equality compares them.
func itemSchema(table string, set *fieldSet) []string {
	columns := `"id" INTEGER PRIMARY KEY AUTOINCREMENT`
	for _, f := range set.list {
		if f.stored() && f.name != "id" {
			columns += ", " + quoteName(f.name) + " " + f.typ.class().sqlType()
		}
	}
	parents := map[*fieldSet][]string{systemFields()[31]: {"parentId2", "parentId7"}}[set]
	for _, name := range parents {
		columns += ", " + quoteName(name) + " INTEGER"
	}
	statements := []string{fmt.Sprintf("CREATE TABLE IF NOT EXISTS %s (%s) STRICT", quoteName(table), columns)}
	for _, name := range parents {
		statements = append(statements, linkIndex(table, name))
	}
	for _, name := range []string{
		"originId", "xmlId", "title", "quoteNumber", "accountNumber", "lastName", "companyId", "contactId", "leadId", "dealId", "quoteId",
	} {
		f := set.byName[name]
		switch {
		case f == nil:
		case f.typ.class() == classLink:
			statements = append(statements, linkIndex(table, name))
		default:
			statements = append(statements, fmt.Sprintf("CREATE INDEX IF NOT EXISTS %s ON %s (%s)",
				quoteName(table+"_"+name), quoteName(table), indexed(f)))
		}
	}
	return statements
}

// linkIndex is the index of a link column. Most items have no such link: they
// cost nothing.
func linkIndex(table, column string) string {
	return fmt.Sprintf("CREATE INDEX IF NOT EXISTS %s ON %s (%s) WHERE %[3]s IS NOT NULL",
		quoteName(table+"_"+column), quoteName(table), quoteName(column))
}

// indexed is the form in which a column is compared for equality: texts without
// case and trailing blanks, as the database of Bitrix24 does. Only ASCII letters
// lose their case here, while Bitrix24 also folds the others.
func indexed(f *field) string {
	if f.typ.class() == classText {
		return "rtrim(" + quoteName(f.name) + ") COLLATE NOCASE"
	}
	return quoteName(f.name)
}
