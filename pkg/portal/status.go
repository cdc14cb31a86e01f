package portal

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// statusMethods lists the methods of dictionaries and stages.
// Source: https://apidocs.bitrix24.com/api-reference/crm/status/index.html.
func statusMethods() []method {
	return []method{
		crmMethod("crm.status.add", true, addStatus),
		crmMethod("crm.status.update", true, updateStatus),
		crmMethod("crm.status.get", false, getStatus),
		crmMethod("crm.status.list", false, listStatuses),
		crmMethod("crm.status.delete", true, deleteStatus),
		crmMethod("crm.status.fields", false, describeStatuses),
		crmMethod("crm.status.entity.types", false, listDirectories),
		crmMethod("crm.status.entity.items", false, listDirectory),
	}
}

// A stage is what items need to know of a stage.
type stage struct{ id, semantics string }

// stages lists the stages of a directory in order.
func (s *store) stages(ctx context.Context, directory string) ([]stage, error) {
	if list, ok := s.stageLists[directory]; ok {
		return list, nil
	}
	var list []stage
	err := s.scan(ctx, func(rows *sql.Rows) error {
		var st stage
		err := rows.Scan(&st.id, &st.semantics)
		list = append(list, st)
		return err
	}, `SELECT status_id, semantics FROM crm_status WHERE entity_id = ? ORDER BY sort, id`, directory)
	if err == nil {
		s.stageLists[directory] = list
	}
	return list, err
}

// stageDirectory returns the ENTITY_ID of the stages of a pipeline.
// Source: https://apidocs.bitrix24.com/api-reference/crm/status/index.html.
func stageDirectory(etid int, category int64) string {
	switch etid {
	case 1:
		return "STATUS"
	case 2:
		if category == 0 {
			return "DEAL_STAGE"
		}
		return fmt.Sprintf("DEAL_STAGE_%d", category)
	case 7:
		return "QUOTE_STATUS"
	case 31:
		return fmt.Sprintf("SMART_INVOICE_STAGE_%d", category)
	}
	return fmt.Sprintf("DYNAMIC_%d_STAGE_%d", etid, category)
}

// stagePrefix returns what the ids of a pipeline's stages begin with.
func stagePrefix(etid int, category int64) string {
	switch {
	case etid == 2 && category == 0, etid == 1, etid == 7:
		return ""
	case etid == 2:
		return fmt.Sprintf("C%d:", category)
	}
	return fmt.Sprintf("DT%d_%d:", etid, category)
}

// A status is a row of crm_status.
type status struct {
	id                                                    int64
	entityID, statusID, name, init, color, semantics, sys string
	sort                                                  int64
	category                                              sql.NullInt64
}

const statusColumns = `id, entity_id, status_id, name, name_init, sort, system, category_id, color, semantics`

// statuses reads the rows that the rest of the statement names.
func (s *store) statuses(ctx context.Context, rest string, args ...any) ([]status, error) {
	var list []status
	err := s.scan(ctx, func(rows *sql.Rows) error {
		var st status
		err := rows.Scan(&st.id, &st.entityID, &st.statusID, &st.name, &st.init, &st.sort, &st.sys, &st.category, &st.color, &st.semantics)
		list = append(list, st)
		return err
	}, `SELECT `+statusColumns+` FROM crm_status `+rest, args...)
	return list, err
}

// answer renders a row the legacy way: upper-case keys, and every number a
// string. EXTRA exists for the stages of leads, deals and quotes.
func (st status) answer() *Map {
	m := new(Map)
	m.Set("ID", strconv.FormatInt(st.id, 10))
	m.Set("ENTITY_ID", st.entityID)
	m.Set("STATUS_ID", st.statusID)
	m.Set("NAME", st.name)
	m.Set("NAME_INIT", st.init)
	m.Set("SORT", strconv.FormatInt(st.sort, 10))
	m.Set("SYSTEM", st.sys)
	m.Set("CATEGORY_ID", nil)
	if st.category.Valid {
		m.Set("CATEGORY_ID", strconv.FormatInt(st.category.Int64, 10))
	}
	m.Set("COLOR", st.color)
	m.Set("SEMANTICS", nil)
	if st.semantics != "" {
		m.Set("SEMANTICS", st.semantics)
	}
	if st.entityID == "STATUS" || st.entityID == "QUOTE_STATUS" || strings.HasPrefix(st.entityID, "DEAL_STAGE") {
		extra := wrap("SEMANTICS", st.group())
		extra.Set("COLOR", st.color)
		m.Set("EXTRA", extra)
	}
	return m
}

// group names the group of a stage. Only the first failure of a pipeline is a
// failure; the others are apologies.
func (st status) group() string {
	switch st.semantics {
	case "S":
		return "success"
	case "F":
		if st.sys == "Y" {
			return "failure"
		}
		return "apology"
	}
	return "process"
}

// cell returns the text of a key that lists can be filtered and sorted by.
func (st status) cell(key string) (string, bool) {
	v, ok := st.answer().Get(key)
	text, isText := asString(v)
	return text, ok && isText
}

// listStatuses answers crm.status.list: all rows at once. Unknown keys of the
// filter are not looked at, so a typing error returns everything.
// Source: https://apidocs.bitrix24.com/api-reference/crm/status/crm-status-list.html.
func listStatuses(ctx context.Context, s *store, c *call) (reply, error) {
	filter, err := legacyMap(c, "filter")
	if err != nil {
		return reply{}, err
	}
	order, err := legacyMap(c, "order")
	if err != nil {
		return reply{}, err
	}
	all, err := s.statuses(ctx, `ORDER BY sort, id`)
	if err != nil {
		return reply{}, err
	}
	for _, key := range filter.Keys() {
		raw, _ := filter.Get(key)
		want, ok := asString(raw)
		if !ok {
			return reply{}, &fault{code: "", text: "Invalid parameters."}
		}
		all = slices.DeleteFunc(all, func(st status) bool {
			got, known := st.cell(strings.ToUpper(strings.TrimLeft(key, "=")))
			return known && !strings.EqualFold(got, want)
		})
	}
	sortStatuses(all, order)
	rows := make([]any, len(all))
	for i, st := range all {
		rows[i] = st.answer()
	}
	return reply{value: rows, list: true, total: len(rows)}, nil
}

// sortStatuses sorts by the keys of order; numbers count as numbers.
func sortStatuses(list []status, order *Map) {
	slices.SortStableFunc(list, func(a, b status) int {
		for _, key := range order.Keys() {
			raw, _ := order.Get(key)
			direction, _ := asString(raw)
			n := compareCells(a, b, strings.ToUpper(key))
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

func compareCells(a, b status, key string) int {
	switch key {
	case "ID":
		return int(a.id - b.id)
	case "SORT":
		return int(a.sort - b.sort)
	}
	x, _ := a.cell(key)
	y, _ := b.cell(key)
	return strings.Compare(strings.ToLower(x), strings.ToLower(y))
}

// legacyMap reads an optional array whose name is compared without case.
func legacyMap(c *call, name string) (*Map, error) {
	v, _ := c.fold(name)
	if v == nil || v == "" {
		return new(Map), nil
	}
	m, ok := asMap(v)
	if !ok {
		return nil, &fault{code: "", text: fmt.Sprintf("Parameter '%s' must be array.", name)}
	}
	return m, nil
}

func getStatus(ctx context.Context, s *store, c *call) (reply, error) {
	st, err := s.status(ctx, c)
	if err != nil {
		return reply{}, err
	}
	return reply{value: st.answer()}, nil
}

// status returns the row that the parameter id names.
func (s *store) status(ctx context.Context, c *call) (status, error) {
	v, _ := c.fold("id")
	id, ok := asInt(v)
	if !ok || id <= 0 {
		return status{}, &fault{code: "", text: "Invalid identifier."}
	}
	list, err := s.statuses(ctx, `WHERE id = ?`, id)
	if err != nil {
		return status{}, err
	}
	if len(list) == 0 {
		return status{}, &fault{code: "", text: "Status is not found."}
	}
	return list[0], nil
}

// statusFields describe a row of crm.status.
var statusFields = []fieldRow{
	{name: "ID", typ: typeInteger, title: "ID", cells: "R"},
	{name: "ENTITY_ID", typ: typeString, title: "Entity ID", cells: "QI"},
	{name: "STATUS_ID", typ: typeString, title: "Status", cells: "QI"},
	{name: "SORT", typ: typeInteger, title: "Sorting", cells: "w"},
	{name: "NAME", typ: typeString, title: "Name", cells: "Q"},
	{name: "NAME_INIT", typ: typeString, title: "Default Name", cells: "R"},
	{name: "SYSTEM", typ: "char", title: "System", cells: "R"},
	{name: "CATEGORY_ID", typ: typeInteger, title: "CATEGORY_ID", cells: "I"},
	{name: "COLOR", typ: typeString, title: "COLOR", cells: "w"},
	{name: "SEMANTICS", typ: "char", title: "SEMANTICS", cells: "I"},
	{name: "EXTRA", typ: "crm_status_extra", title: "EXTRA", cells: "w"},
}

func describeStatuses(context.Context, *store, *call) (reply, error) {
	fields := new(Map)
	for _, row := range statusFields {
		described := new(Map)
		m := row.field(0).describe("")
		for _, key := range m.Keys() {
			if v, _ := m.Get(key); key != "upperName" {
				described.Set(key, v)
			}
		}
		fields.Set(row.name, described)
	}
	return reply{value: fields}, nil
}
