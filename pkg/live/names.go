package live

import (
	"context"
	"encoding/json"
	"errors"
	"strings"

	"github.com/b24apply/b24apply/pkg/bitrix"
	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/value"
)

// A question is one part of the names that is asked for in a batch.
type question struct {
	topic   kind.Topic // none: a refusal is the error of all, unless refused takes it
	method  string
	params  bitrix.Params
	list    bool   // the answer is a list under key, or at the top if key is ""
	key     string // the key of the list
	row     func(kind.Row)
	rows    func([]kind.Row)            // all of a list, instead of one after the other
	object  func(json.RawMessage) error // not a list: takes the result
	refused func(*kind.Refusal) bool    // takes a refusal, and tells whether it is none then
}

// Names reads, in one batch where it fits, what a portal calls things. Types are read only
// for their relations, by [Reader.Types] else.
func (r *Reader) Names(ctx context.Context, w kind.Wanted) (kind.Names, error) {
	n := kind.Names{Fields: make(map[int]kind.LiveFields), Missing: make(map[int]bool), Refused: make(map[kind.Topic]*kind.Refusal), Categories: make(map[int][]kind.Category)}
	questions := questionsOf(w, &n)
	commands := make([]bitrix.Command, len(questions))
	for i, q := range questions {
		commands[i] = bitrix.Command{Method: q.method, Params: q.params}
	}
	err := r.each(ctx, commands, func(i int, answer bitrix.Response, err error) error {
		q := questions[i]
		err = r.take(ctx, q, answer, err)
		if refused, fault := asKind(err); err != nil && fault == nil && q.topic != (kind.Topic{}) {
			n.Refused[q.topic] = refused
			return nil
		}
		return err
	})
	return n, err
}

// take hands the answer to a question over, whole.
func (r *Reader) take(ctx context.Context, q question, answer bitrix.Response, err error) error {
	if err != nil {
		if refused, fault := asKind(err); fault == nil && q.refused != nil && q.refused(refused) {
			return nil
		}
		return err
	}
	if !q.list {
		return q.object(answer.Result)
	}
	rows, err := rowsOf(answer.Result, q.key)
	total := answer.Total
	if err == nil && (answer.Next != nil || total != nil && *total > len(rows) || total == nil && len(rows) == bitrix.PageSize) {
		rows, err = r.pages(ctx, q.method, q.params, q.key)
	}
	if err != nil {
		return err
	}
	if q.rows != nil {
		q.rows(rows)
		return nil
	}
	for _, row := range rows {
		q.row(row)
	}
	return nil
}

// asHint takes any refusal: without the answer it stays unknown, and nothing else.
func asHint(*kind.Refusal) bool { return true }

// ifMissing takes the refusal of what does not exist.
func ifMissing(refused *kind.Refusal) bool { return refused.Missing }

func questionsOf(w kind.Wanted, n *kind.Names) []question {
	var out []question
	for _, e := range w.Entities {
		out = append(out, entityQuestions(w.Kinds, e, n)...)
	}
	if w.Statuses {
		out = append(out, question{topic: kind.Topic{What: kind.TellStatuses}, method: "crm.status.list", params: bitrix.Params{"order": map[string]any{"SORT": "ASC"}}, list: true,
			rows: func(rows []kind.Row) { n.Statuses = decodeStatuses(rows) }})
	}
	if w.Caller {
		out = append(out, question{method: "profile", refused: asHint, object: func(result json.RawMessage) error {
			if row, err := kind.DecodeRow(result); err == nil { // an inactive user's is an empty list
				n.Caller = callerOf(row)
			}
			return nil
		}})
	}
	if w.Currencies {
		out = append(out, question{method: "crm.currency.list", list: true, refused: asHint, row: func(row kind.Row) {
			n.Currencies = append(n.Currencies, strings.ToUpper(row.Text("CURRENCY")))
		}})
	}
	out = append(out, requisiteQuestions(w, &n.Requisites)...)
	out = append(out, catalogQuestions(w, &n.Catalog)...)
	for _, id := range w.Relations {
		out = append(out, question{topic: kind.Topic{What: kind.TellRelations, ID: id}, method: "crm.type.get", params: bitrix.Params{"id": id}, object: func(result json.RawMessage) error {
			row, err := kind.Member(result, "type")
			if err == nil {
				n.Types = append(n.Types, liveType(row))
			}
			return err
		}})
	}
	return out
}

// entityQuestions ask for the fields of an entity type, and for its pipelines.
func entityQuestions(kinds *kind.Table, e kind.WantedEntity, n *kind.Names) []question {
	entity := e.EntityTypeID
	out := []question{{
		topic: kind.Topic{What: kind.TellFields, ID: entity}, method: "crm.item.fields", params: bitrix.Params{"entityTypeId": entity},
		object: func(result json.RawMessage) (err error) {
			n.Fields[entity], err = decodeFields(kinds, result)
			return err
		},
		refused: func(refused *kind.Refusal) bool {
			n.Missing[entity] = refused.Missing
			return refused.Missing
		},
	}}
	if e.Pipelines {
		out = append(out, question{
			topic: kind.Topic{What: kind.TellPipelines, ID: entity}, method: "crm.category.list", params: bitrix.Params{"entityTypeId": entity}, list: true, key: "categories",
			rows:    func(rows []kind.Row) { n.Categories[entity] = decodeCategories(rows) },
			refused: ifMissing,
		})
	}
	return out
}

// Fields reads the fields of one entity type by a call of its own.
func (r *Reader) Fields(ctx context.Context, entityTypeID int) (kind.LiveFields, error) {
	answer, err := r.client.Call(ctx, "crm.item.fields", bitrix.Params{"entityTypeId": entityTypeID})
	if err != nil {
		return kind.LiveFields{}, withScope(err)
	}
	return decodeFields(nil, answer.Result)
}

// FirstPipeline reads the id of the default pipeline of an entity type: the only one that
// a new type has.
// Source: api-reference/crm/universal/category/crm-category-list.md.
func (r *Reader) FirstPipeline(ctx context.Context, entityTypeID int) (int, error) {
	answer, err := r.client.Call(ctx, "crm.category.list", bitrix.Params{"entityTypeId": entityTypeID})
	if err != nil {
		return 0, withScope(err)
	}
	rows, err := rowsOf(answer.Result, "categories")
	if err != nil {
		return 0, err
	}
	for _, c := range decodeCategories(rows) {
		if c.Default {
			return c.ID, nil
		}
	}
	return 0, value.Err("type-has-no-default-pipeline")
}

// Types reads the portal's smart process types. Their relations are not shown: see
// [kind.Wanted].
func (r *Reader) Types(ctx context.Context) ([]kind.LiveType, error) {
	rows, err := r.pages(ctx, "crm.type.list", bitrix.Params{"order": map[string]any{"id": "ASC"}}, "types")
	if err != nil {
		return nil, err
	}
	var types []kind.LiveType
	for _, row := range rows {
		types = append(types, liveType(row))
	}
	return types, nil
}

func liveType(row kind.Row) kind.LiveType {
	return kind.LiveType{ID: row.Int("id"), EntityTypeID: row.Int("entityTypeId"), Title: row.Text("title"), Code: row.Text("code"), Row: row}
}

// Users reads all users. They are matched by whoever asked: the portal's own filter
// ignores what the scope does not show, and takes _ and % for wildcards.
// Source: api-reference/user/user-get.md.
func (r *Reader) Users(ctx context.Context) ([]kind.User, error) {
	rows, err := r.pages(ctx, "user.get", bitrix.Params{"sort": "ID", "order": "ASC"}, "")
	if err != nil {
		return nil, err
	}
	users := make([]kind.User, len(rows))
	for i, row := range rows {
		users[i] = kind.User{
			ID: row.Int("ID"), Email: row.Text("EMAIL"), Active: yes(row, "ACTIVE"),
			Name: strings.TrimSpace(row.Text("NAME") + " " + row.Text("LAST_NAME")),
		}
	}
	return users, nil
}

// Caller asks whose credential is used.
// Source: api-reference/common/users/profile.md.
func (r *Reader) Caller(ctx context.Context) (kind.Caller, error) {
	answer, err := r.client.Call(ctx, "profile", nil)
	if err != nil {
		return kind.Caller{}, withScope(err)
	}
	row, err := kind.DecodeRow(answer.Result)
	return callerOf(row), err
}

func callerOf(row kind.Row) kind.Caller {
	return kind.Caller{ID: row.Int("ID"), Admin: yes(row, "ADMIN")}
}

// OptionCodes reads the codes of the options of list fields, by the options' ids:
// crm.item.fields does not show them. Each field has its map, in the order of the fields.
// Source: api-reference/crm/universal/userfieldconfig/userfieldconfig-get.md.
func (r *Reader) OptionCodes(ctx context.Context, fields []kind.OptionList) ([]map[int]string, error) {
	lists := make([]bitrix.Command, len(fields))
	for i, f := range fields {
		lists[i] = bitrix.Command{Method: "userfieldconfig.list", Params: bitrix.Params{"moduleId": "crm", "filter": map[string]any{"fieldName": f.Name}}}
	}
	var gets []bitrix.Command
	var at []int
	err := r.each(ctx, lists, func(i int, answer bitrix.Response, err error) error {
		if err != nil {
			return err
		}
		rows, err := rowsOf(answer.Result, "fields")
		for _, row := range rows {
			if row.Text("entityId") == fields[i].Object {
				gets, at = append(gets, bitrix.Command{Method: "userfieldconfig.get", Params: bitrix.Params{"moduleId": "crm", "id": row.Int("id")}}), append(at, i)
			}
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	codes := make([]map[int]string, len(fields))
	return codes, r.each(ctx, gets, func(i int, answer bitrix.Response, err error) error {
		if err == nil {
			codes[at[i]], err = optionCodes(answer.Result)
		}
		if err != nil && !errors.As(err, new(*bitrix.Error)) {
			return value.While(err, "reading-options-of", value.T("field", fields[at[i]].Name))
		}
		return err
	})
}

func optionCodes(result json.RawMessage) (map[int]string, error) {
	row, err := kind.Member(result, "field")
	if err != nil {
		return nil, err
	}
	options, err := kind.DecodeRows(row["enum"])
	codes := make(map[int]string, len(options))
	for _, o := range options {
		codes[o.Int("id")] = o.Text("xmlId")
	}
	return codes, err
}
