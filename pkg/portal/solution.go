package portal

import (
	"context"
	"database/sql"
	"slices"
	"strings"
)

const solutionTable = "crm_solution"

// solutionMethods lists the methods of digital workplaces.
// Source: https://apidocs.bitrix24.com/api-reference/crm/automated-solution/index.html.
func solutionMethods() []method {
	return []method{
		crmMethod("crm.automatedsolution.add", true, addSolution),
		crmMethod("crm.automatedsolution.update", true, updateSolution),
		crmMethod("crm.automatedsolution.get", false, getSolution),
		crmMethod("crm.automatedsolution.list", false, listSolutions),
		crmMethod("crm.automatedsolution.delete", true, deleteSolution),
		crmMethod("crm.automatedsolution.fields", false, describeSolutions),
	}
}

const solutionSchema = `CREATE TABLE IF NOT EXISTS ` + solutionTable + ` (
	"id" INTEGER PRIMARY KEY AUTOINCREMENT, "title" TEXT NOT NULL) STRICT`

var solutionFields = []fieldRow{
	{name: "id", typ: typeInteger, title: "ID", cells: "R"},
	{name: "title", typ: typeString, title: "TITLE", cells: "Q"},
	{name: "typeIds", typ: "crm_dynamic_type", title: "TYPE_IDS", cells: "m"},
}

func noTitle() *fault {
	return &fault{code: "BX_EMPTY_REQUIRED", text: "The required field 'Title' is not filled"}
}

func addSolution(ctx context.Context, s *store, c *call) (reply, error) {
	fields, err := c.needMap("fields")
	if err != nil {
		return reply{}, err
	}
	title, _ := solutionTitle(fields)
	if title == "" {
		return reply{}, noTitle()
	}
	res, err := s.tx.ExecContext(ctx, `INSERT INTO `+solutionTable+` ("title") VALUES (?)`, title)
	if err != nil {
		return reply{}, err
	}
	id, err := res.LastInsertId()
	if err != nil {
		return reply{}, err
	}
	return s.finishSolution(ctx, id, fields)
}

// solutionTitle returns the title and whether one was sent.
func solutionTitle(fields *Map) (string, bool) {
	v, sent := fields.Get("title")
	text, _ := asString(v)
	return truncate(strings.TrimSpace(text), 255), sent
}

func updateSolution(ctx context.Context, s *store, c *call) (reply, error) {
	id, err := s.solution(ctx, c)
	if err != nil {
		return reply{}, err
	}
	fields, err := c.needMap("fields")
	if err != nil {
		return reply{}, err
	}
	if title, sent := solutionTitle(fields); sent {
		if title == "" {
			return reply{}, noTitle()
		}
		if err := s.exec(ctx, `UPDATE `+solutionTable+` SET "title" = ? WHERE "id" = ?`, title, id); err != nil {
			return reply{}, err
		}
	}
	return s.finishSolution(ctx, id, fields)
}

// finishSolution binds the types that are sent and answers with the workplace.
// The list is the whole set: types of other workplaces leave them, types that
// are not named return to the CRM. Ids that are no type are dropped.
func (s *store) finishSolution(ctx context.Context, id int64, fields *Map) (reply, error) {
	if ids, sent := sentList(fields, "typeIds"); sent {
		if err := s.exec(ctx, `UPDATE crm_type SET "customSectionId" = NULL WHERE "customSectionId" = ?`, id); err != nil {
			return reply{}, err
		}
		for _, v := range ids {
			n, ok := asInt(v)
			if !ok {
				continue
			}
			if err := s.exec(ctx, `UPDATE crm_type SET "customSectionId" = ? WHERE "id" = ?`, id, n); err != nil {
				return reply{}, err
			}
		}
	}
	return s.solutionReply(ctx, id)
}

func getSolution(ctx context.Context, s *store, c *call) (reply, error) {
	id, err := s.solution(ctx, c)
	if err != nil {
		return reply{}, err
	}
	return s.solutionReply(ctx, id)
}

// solution returns the id of the workplace that the parameter id names.
func (s *store) solution(ctx context.Context, c *call) (int64, error) {
	id, err := c.needInt("id")
	if err != nil {
		return 0, err
	}
	_, found, err := s.number(ctx, `SELECT "id" FROM `+solutionTable+` WHERE "id" = ?`, id)
	if err == nil && !found {
		err = &fault{code: "NOT_FOUND", text: "Digital workplace with such id not found"}
	}
	return id, err
}

func (s *store) solutionReply(ctx context.Context, id int64) (reply, error) {
	list, err := s.solutions(ctx, listing{where: `WHERE "id" = ?`, args: []any{id}}, 0)
	if err != nil || len(list) == 0 {
		return reply{}, err
	}
	return reply{value: wrap("automatedSolution", list[0])}, nil
}

// solutions renders one page of workplaces.
func (s *store) solutions(ctx context.Context, l listing, offset int) ([]any, error) {
	rows := &entity{table: solutionTable, set: newRowSet(solutionFields)}
	recs, err := s.query(ctx, rows, rows.columns(), l.page(offset), l.args...)
	if err != nil {
		return nil, err
	}
	list := make([]any, len(recs))
	for i, rec := range recs {
		types := []int64{}
		err := s.scan(ctx, func(rows *sql.Rows) error {
			types = append(types, 0)
			return rows.Scan(&types[len(types)-1])
		}, `SELECT "id" FROM crm_type WHERE "customSectionId" = ? ORDER BY "id"`, rec.id)
		if err != nil {
			return nil, err
		}
		m := wrap("id", rec.id)
		m.Set("title", rec.text("title"))
		m.Set("typeIds", types)
		list[i] = m
	}
	return list, nil
}

// listSolutions answers crm.automatedsolution.list. Only id and title can be
// filtered and sorted by.
func listSolutions(ctx context.Context, s *store, c *call) (reply, error) {
	set := newRowSet(slices.DeleteFunc(slices.Clone(solutionFields), func(r fieldRow) bool { return r.name == "typeIds" }))
	l, err := newListing(c, 0, func(name string) *field { return set.byName[name] })
	if err != nil {
		return reply{}, err
	}
	offset, counting := c.page()
	list, err := s.solutions(ctx, l, offset)
	if err != nil {
		return reply{}, err
	}
	total, err := s.countOf(ctx, solutionTable, l, counting)
	return listReply(wrap("automatedSolutions", list), offset, total, counting), err
}

func deleteSolution(ctx context.Context, s *store, c *call) (reply, error) {
	id, err := s.solution(ctx, c)
	if err != nil {
		return reply{}, err
	}
	_, bound, err := s.number(ctx, `SELECT "id" FROM crm_type WHERE "customSectionId" = ? LIMIT 1`, id)
	if err != nil {
		return reply{}, err
	}
	if bound {
		return reply{}, &fault{code: "HAS_BOUND_TYPES", text: "Cannot delete the workplace that has SPAs. Move them to another workplace"}
	}
	return reply{}, s.exec(ctx, `DELETE FROM `+solutionTable+` WHERE "id" = ?`, id)
}

// describeSolutions answers crm.automatedsolution.fields, whose result holds the
// fields themselves.
func describeSolutions(context.Context, *store, *call) (reply, error) {
	fields := new(Map)
	for _, row := range solutionFields {
		fields.Set(row.name, row.field(0).describe(""))
	}
	return reply{value: fields}, nil
}
