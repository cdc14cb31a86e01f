package portal

import (
	"context"
	"slices"
	"strings"
)

const historyTable = "crm_stage_history"

// stageHistoryRows describe the table of stage history: lists filter and sort by
// these fields. Ids of the entity type are no field of an answer.
var stageHistoryRows = []fieldRow{
	{name: "id", typ: typeInteger, title: "ID", cells: "R"},
	{name: "typeId", typ: typeInteger, title: "Record type", cells: "R"},
	{name: "ownerId", typ: typeInteger, title: "Item", cells: "R"},
	{name: "createdTime", typ: typeDatetime, title: "Created on", cells: "R"},
	{name: "categoryId", typ: typeInteger, title: "Pipeline", cells: "R"},
	{name: "stageSemanticId", typ: typeString, title: "Stage group", cells: "R"},
	{name: "stageId", typ: typeString, title: "Stage", cells: "R"},
}

// stageHistorySchema returns the statements that create the table of stage
// history.
func stageHistorySchema() []string {
	return []string{
		`CREATE TABLE IF NOT EXISTS ` + historyTable + ` (
			"id" INTEGER PRIMARY KEY AUTOINCREMENT, etid INTEGER NOT NULL, "typeId" INTEGER NOT NULL, "ownerId" INTEGER NOT NULL,
			"createdTime" INTEGER NOT NULL, "categoryId" INTEGER NOT NULL, "stageSemanticId" TEXT NOT NULL,
			"stageId" TEXT NOT NULL) STRICT`,
		`CREATE INDEX IF NOT EXISTS crm_stage_history_owner ON ` + historyTable + ` (etid, "ownerId")`,
	}
}

// The kinds of records in the stage history.
// Source: https://apidocs.bitrix24.com/api-reference/crm/crm-stage-history-list.html.
const (
	historyCreated  = 1
	historyMoved    = 2
	historyFinished = 3
	historyPipeline = 5
)

// logStage records that an item came to its stage; old is nil for a new item.
// Quotes have no history.
func (s *store) logStage(ctx context.Context, e *entity, old, rec *record) error {
	if !e.staged() || e.id == 7 || rec.text("stageId") == "" {
		return nil
	}
	kind := historyMoved
	group, err := s.stageGroup(ctx, e, rec)
	switch {
	case err != nil:
		return err
	case old == nil:
		kind = historyCreated
	case old.int("categoryId") != rec.int("categoryId"):
		kind = historyPipeline
	case old.text("stageId") == rec.text("stageId"):
		return nil
	case group != "P":
		kind = historyFinished
	}
	at := s.now.Unix()
	if old == nil {
		at = rec.int("createdTime")
	}
	return s.exec(ctx, `INSERT INTO `+historyTable+` (etid, "typeId", "ownerId", "createdTime", "categoryId", "stageSemanticId", "stageId")
		VALUES (?, ?, ?, ?, ?, ?, ?)`, e.id, kind, rec.id, at, rec.int("categoryId"), group, rec.text("stageId"))
}

// stageGroup returns the group of the stage that an item is on: P, S or F.
func (s *store) stageGroup(ctx context.Context, e *entity, rec *record) (string, error) {
	stages, err := s.stages(ctx, stageDirectory(e.id, rec.int("categoryId")))
	i := slices.IndexFunc(stages, func(st stage) bool { return st.id == rec.text("stageId") })
	if err != nil || i < 0 || stages[i].semantics == "" {
		return "P", err
	}
	return stages[i].semantics, nil
}

// historyNames gives the names of the fields in answers, filters and sorts:
// leads have statuses, all others stages and pipelines.
func historyNames(etid int) map[string]string {
	names := map[string]string{"ID": "id", "TYPE_ID": "typeId", "OWNER_ID": "ownerId", "CREATED_TIME": "createdTime"}
	if etid == 1 {
		names["STATUS_SEMANTIC_ID"], names["STATUS_ID"] = "stageSemanticId", "stageId"
		return names
	}
	names["CATEGORY_ID"], names["STAGE_SEMANTIC_ID"], names["STAGE_ID"] = "categoryId", "stageSemanticId", "stageId"
	return names
}

// listStageHistory answers crm.stagehistory.list.
// Source: https://apidocs.bitrix24.com/api-reference/crm/crm-stage-history-list.html.
func listStageHistory(ctx context.Context, s *store, c *call) (reply, error) {
	e, err := s.entityParam(ctx, c)
	if err != nil {
		return reply{}, err
	}
	if !e.staged() || e.id == 7 {
		return reply{}, &fault{code: "ENTITY_TYPE_NOT_SUPPORTED", text: "Entity type " + strings.ToUpper(e.name) + " is not supported"}
	}
	set := newRowSet(stageHistoryRows)
	names := historyNames(e.id)
	l, err := newListing(c, e.id, func(key string) *field { return set.byName[names[key]] })
	if err != nil {
		return reply{}, err
	}
	l = s.ownHistory(e, l)
	rows := &entity{table: historyTable, set: set}
	offset, counting := c.page()
	recs, err := s.query(ctx, rows, set.list, l.page(offset), l.args...)
	if err != nil {
		return reply{}, err
	}
	total, err := s.countOf(ctx, historyTable, l, counting)
	if err != nil {
		return reply{}, err
	}
	shown, err := selectedKeys(c, slices.DeleteFunc([]string{
		"ID", "TYPE_ID", "OWNER_ID", "CREATED_TIME", "CATEGORY_ID", "STAGE_SEMANTIC_ID", "STATUS_SEMANTIC_ID", "STAGE_ID", "STATUS_ID",
	}, func(key string) bool { return names[key] == "" }))
	if err != nil {
		return reply{}, err
	}
	items := make([]any, len(recs))
	for i, rec := range recs {
		m := new(Map)
		for _, key := range shown {
			m.Set(key, rows.value(rec, set.byName[names[key]]))
		}
		items[i] = m
	}
	return listReply(wrap("items", items), offset, total, counting), nil
}

// ownHistory leaves only the history of an entity type's items that the request
// may read.
func (s *store) ownHistory(e *entity, l listing) listing {
	l = l.and("etid = ?", e.id)
	if s.grant.level(e.id, actionRead) == LevelAll {
		return l
	}
	items := s.readable(e, listing{})
	return l.and(`"ownerId" IN (SELECT "id" FROM `+quoteName(e.table)+" "+items.where+")", items.args...)
}

// newRowSet is the field set of a table with one column of flags.
func newRowSet(rows []fieldRow) *fieldSet {
	list := make([]*field, len(rows))
	for i, row := range rows {
		list[i] = row.field(0)
	}
	return newFieldSet(list)
}

// countOf counts the rows of all pages, unless counting is off.
func (s *store) countOf(ctx context.Context, table string, l listing, counting bool) (int, error) {
	if !counting {
		return 0, nil
	}
	return s.total(ctx, table, l)
}

// selectedKeys returns the keys that the parameter select leaves of all; none
// selected is all of them.
func selectedKeys(c *call, all []string) ([]string, error) {
	m, err := c.optMap("select")
	if err != nil {
		return nil, err
	}
	list, _ := asList(m)
	if len(list) == 0 || slices.Contains(list, any("*")) {
		return all, nil
	}
	return slices.DeleteFunc(slices.Clone(all), func(key string) bool { return !slices.Contains(list, any(key)) }), nil
}
