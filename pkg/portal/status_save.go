package portal

import (
	"context"
	"database/sql"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// addStatuses stores the entries of a directory with the given prefix and
// sorts of 10, 20, and so on.
func (s *store) addStatuses(ctx context.Context, directory, prefix string, category any, entries []stockStatus) error {
	for i, entry := range entries {
		init := ""
		if entry.system {
			init = entry.name
		}
		err := s.exec(ctx, `INSERT INTO crm_status
			(entity_id, status_id, name, name_init, sort, system, category_id, color, semantics) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
			directory, cutStage(prefix+entry.id), entry.name, init, 10*(i+1), yesNo(entry.system), category, entry.color, entry.semantics)
		if err != nil {
			return err
		}
	}
	return nil
}

// maxStage is how long the id of a stage of an own deal pipeline can be.
const maxStage = 21

// cutStage cuts the id of a stock stage: C9:PREPAYMENT_INVOICE, but C10:PREPAYMENT_INVOIC.
// Source: https://apidocs.bitrix24.com/tutorials/crm/how-to-get-lists/how-to-get-elements-by-stage-filter.html.
func cutStage(id string) string {
	if strings.HasPrefix(id, "C") && strings.Contains(id, ":") {
		return truncate(id, maxStage)
	}
	return id
}

// addStages stores the stages of a new category.
func (s *store) addStages(ctx context.Context, cat category) error {
	var id any = cat.id
	if cat.etid == 2 && cat.id == 0 {
		id = nil // as the documentation shows the default deal pipeline
	}
	return s.addStatuses(ctx, stageDirectory(cat.etid, cat.id), stagePrefix(cat.etid, cat.id), id, stockStages(cat.etid))
}

var stageID = regexp.MustCompile(`^[0-9A-Z_-]+$`)

// addStatus answers crm.status.add.
// Source: https://apidocs.bitrix24.com/api-reference/crm/status/crm-status-add.html.
func addStatus(ctx context.Context, s *store, c *call) (reply, error) {
	raw, _ := c.fold("fields")
	fields, ok := asMap(raw)
	if !ok {
		return reply{}, legacyFault("Parameter 'fields' must be array.")
	}
	st := status{entityID: legacyText(fields, "ENTITY_ID"), statusID: legacyText(fields, "STATUS_ID"), sys: "N", sort: 10}
	st.read(fields)
	st.semantics = strings.ToUpper(legacyText(fields, "SEMANTICS"))
	if err := st.required(); err != nil {
		return reply{}, err
	}
	known, err := s.directories(ctx)
	if err != nil {
		return reply{}, err
	}
	i := slices.IndexFunc(known, func(d directory) bool { return d.id == st.entityID })
	if i < 0 {
		return reply{}, legacyFault("Specified entity type is not supported.")
	}
	if err := st.fit(known[i]); err != nil {
		return reply{}, err
	}
	siblings, err := s.statuses(ctx, `WHERE entity_id = ?`, st.entityID)
	if err != nil {
		return reply{}, err
	}
	if slices.ContainsFunc(siblings, func(o status) bool { return strings.EqualFold(o.statusID, st.statusID) }) {
		return reply{}, &fault{code: "ERROR_CORE", text: "The specified status ID already exists."}
	}
	if err := st.inOrder(known[i], siblings); err != nil {
		return reply{}, err
	}
	res, err := s.tx.ExecContext(ctx, `INSERT INTO crm_status
		(entity_id, status_id, name, name_init, sort, system, category_id, color, semantics) VALUES (?, ?, ?, '', ?, 'N', ?, ?, ?)`,
		st.entityID, st.statusID, st.name, st.sort, st.category, st.color, st.semantics)
	if err != nil {
		return reply{}, err
	}
	id, err := res.LastInsertId()
	return reply{value: id}, err
}

func legacyFault(text string) *fault { return &fault{code: "", text: text} }

// legacyText returns a field as text, "" if it is absent.
func legacyText(fields *Map, name string) string {
	v, _ := foldGet(fields, name)
	text, _ := asString(v)
	return strings.TrimSpace(text)
}

// required reports the missing fields, all of them at once.
func (st status) required() error {
	var missing []string
	for _, field := range []struct{ name, value string }{{"ENTITY_ID", st.entityID}, {"STATUS_ID", st.statusID}} {
		if field.value == "" {
			missing = append(missing, fmt.Sprintf("The field %s is required.", field.name))
		}
	}
	if len(missing) == 0 && st.name == "" {
		missing = append(missing, "The field Title is required.")
	}
	if len(missing) > 0 {
		return legacyFault(strings.Join(missing, "\n"))
	}
	return nil
}

// read takes over the fields that an update can change.
func (st *status) read(fields *Map) {
	if v, ok := foldGet(fields, "NAME"); ok {
		text, _ := asString(v)
		st.name = truncate(strings.TrimSpace(text), 100)
	}
	if v, ok := foldGet(fields, "SORT"); ok {
		text, _ := asString(v)
		if st.sort = int64(leadingNumber(text)); st.sort <= 0 {
			st.sort = 10
		}
	}
	if _, ok := foldGet(fields, "COLOR"); ok {
		if st.color = legacyText(fields, "COLOR"); st.color != "" && !strings.HasPrefix(st.color, "#") {
			st.color = "#" + st.color
		}
	}
}

// fit makes a new row one of its directory: stages get the pipeline's prefix,
// upper case and a bound on length.
func (st *status) fit(d directory) error {
	if d.etid == 0 {
		st.semantics = ""
		return checkLength(st.statusID, d.idLimit())
	}
	local := strings.ToUpper(strings.TrimPrefix(st.statusID, d.prefix()))
	if !stageID.MatchString(local) {
		return legacyFault("The status ID may contain only Latin letters, numbers, hyphens and underscores.")
	}
	st.statusID = d.prefix() + local
	if d.category != nil && (d.etid != 2 || d.category.id != 0) {
		st.category = sql.NullInt64{Int64: d.category.id, Valid: true}
	}
	if st.semantics != "S" && st.semantics != "F" {
		st.semantics = ""
	}
	return checkLength(st.statusID, d.idLimit())
}

func checkLength(id string, limit int) error {
	if len([]rune(id)) > limit {
		return legacyFault(fmt.Sprintf("The status ID is longer than %d characters.", limit))
	}
	return nil
}

// inOrder keeps the groups of a pipeline in sequence: in progress, one success,
// failures.
func (st status) inOrder(d directory, siblings []status) error {
	if d.etid == 0 {
		return nil
	}
	siblings = slices.DeleteFunc(slices.Clone(siblings), func(o status) bool { return o.id == st.id && st.id != 0 })
	success := slices.IndexFunc(siblings, func(o status) bool { return o.semantics == "S" })
	switch {
	case success < 0:
	case st.semantics == "S":
		return legacyFault("Cannot create more than one successful stage.")
	case st.semantics == "" && st.sort >= siblings[success].sort:
		return legacyFault("Cannot create more stages after the final stage because the final successful stage already exists. " +
			"Try using sort order values less than that of the final stage.")
	}
	for _, other := range siblings {
		switch {
		case rank(st.semantics) > rank(other.semantics) && st.sort <= other.sort,
			rank(st.semantics) < rank(other.semantics) && st.sort >= other.sort:
			return legacyFault("The sort order does not match the stage's group.")
		}
	}
	return nil
}

// rank orders the groups of a pipeline.
func rank(semantics string) int {
	switch semantics {
	case "S":
		return 1
	case "F":
		return 2
	}
	return 0
}

// updateStatus answers crm.status.update. What identifies a row and its group
// never change, and are dropped without a word.
// Source: https://apidocs.bitrix24.com/api-reference/crm/status/crm-status-update.html.
func updateStatus(ctx context.Context, s *store, c *call) (reply, error) {
	st, err := s.status(ctx, c)
	if err != nil {
		return reply{}, err
	}
	raw, _ := c.fold("fields")
	fields, ok := asMap(raw)
	if !ok {
		return reply{}, legacyFault("Parameter 'fields' must be array.")
	}
	st.read(fields)
	if st.name == "" {
		return reply{}, legacyFault("The field Title is required.")
	}
	known, err := s.directories(ctx)
	if err != nil {
		return reply{}, err
	}
	siblings, err := s.statuses(ctx, `WHERE entity_id = ?`, st.entityID)
	if err != nil {
		return reply{}, err
	}
	if i := slices.IndexFunc(known, func(d directory) bool { return d.id == st.entityID }); i >= 0 {
		if err := st.inOrder(known[i], siblings); err != nil {
			return reply{}, err
		}
	}
	return reply{value: true}, s.exec(ctx, `UPDATE crm_status SET name = ?, sort = ?, color = ? WHERE id = ?`,
		st.name, st.sort, st.color, st.id)
}

// deleteStatus answers crm.status.delete. System rows need FORCED; a stage with
// items stays.
// Source: https://apidocs.bitrix24.com/api-reference/crm/status/crm-status-delete.html.
func deleteStatus(ctx context.Context, s *store, c *call) (reply, error) {
	st, err := s.status(ctx, c)
	if err != nil {
		return reply{}, err
	}
	params, err := legacyMap(c, "params")
	if err != nil {
		return reply{}, err
	}
	if st.sys == "Y" && legacyText(params, "FORCED") != "Y" {
		return reply{}, legacyFault(`CRM System Status can be deleted only if parameter FORCED is specified and equal to "Y".`)
	}
	if err := s.unusedStage(ctx, st); err != nil {
		return reply{}, err
	}
	return reply{value: true}, s.exec(ctx, `DELETE FROM crm_status WHERE id = ?`, st.id)
}

// unusedStage refuses a stage that items are on, or the only success of a
// pipeline.
func (s *store) unusedStage(ctx context.Context, st status) error {
	known, err := s.directories(ctx)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(known, func(d directory) bool { return d.id == st.entityID })
	if i < 0 || known[i].etid == 0 {
		return nil
	}
	if st.semantics == "S" {
		return legacyFault("Error on deleting status.")
	}
	_, used, err := s.number(ctx, `SELECT "id" FROM `+quoteName(itemTable(known[i].etid))+` WHERE "stageId" = ? LIMIT 1`, st.statusID)
	if err == nil && used {
		err = legacyFault("There are active items in this status.")
	}
	return err
}
