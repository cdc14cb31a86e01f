package portal

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"
)

const taskSchema = `CREATE TABLE IF NOT EXISTS portal_task (
	id INTEGER PRIMARY KEY AUTOINCREMENT, title TEXT NOT NULL, description TEXT NOT NULL,
	creator INTEGER NOT NULL, responsible INTEGER NOT NULL, created INTEGER NOT NULL) STRICT`

// v3Schema returns the statements that create the tables of REST 3.0.
func v3Schema() []string { return []string{replaySchema, taskSchema} }

// sortedV3 lists the methods of REST 3.0 by name.
func sortedV3() []v3Method {
	var list []v3Method
	for _, m := range v3Methods() {
		list = append(list, m)
	}
	slices.SortFunc(list, func(a, b v3Method) int { return strings.Compare(a.name, b.name) })
	return list
}

// v3Documentation answers with the methods in OpenAPI form.
func v3Documentation(context.Context, *v3Call) (any, error) {
	info := wrap("title", "Bitrix24 REST V3 API")
	info.Set("version", "1.0.0")
	tag := wrap("name", "tasks")
	tag.Set("description", "tasks module methods")
	paths := new(Map)
	for _, m := range sortedV3() {
		paths.Set("/"+m.name, wrap("post", wrap("operationId", m.name)))
	}
	doc := wrap("openapi", "3.0.0")
	doc.Set("info", info)
	doc.Set("tags", []any{tag})
	doc.Set("paths", paths)
	return doc, nil
}

// v3Need returns a parameter of a map as a value of the type that want names.
func v3Need[T any](m *Map, name, want string, convert func(any) (T, bool)) (T, []v3Problem) {
	var none T
	v, ok := m.Get(name)
	if !ok || v == nil {
		return none, []v3Problem{{field: name, message: "Required field `" + name + "` is not specified"}}
	}
	value, ok := convert(v)
	if !ok {
		return none, []v3Problem{{field: name, message: "Field `" + name + "` requires data type `" + want + "` for this request"}}
	}
	return value, nil
}

// v3Int reads a number; a text is none, whatever its digits.
func v3Int(v any) (int64, bool) {
	n, ok := v.(json.Number)
	if !ok {
		return 0, false
	}
	return wholeNumber(n.String())
}

func v3Text(v any) (string, bool) {
	text, ok := v.(string)
	return text, ok
}

// addTask answers tasks.task.add with the new task.
// Source: https://apidocs.bitrix24.com/api-reference/tasks/tasks-task-add-rest-v3.html.
func addTask(ctx context.Context, c *v3Call) (any, error) {
	fields, problems := v3Need(c.params, "fields", "array", asMap)
	if problems != nil {
		return nil, v3Invalid(problems...)
	}
	title, noTitle := v3Need(fields, "title", "string", v3Text)
	creator, noCreator := v3Need(fields, "creatorId", "int", v3Int)
	responsible, noOne := v3Need(fields, "responsibleId", "int", v3Int)
	if problems := slices.Concat(noTitle, noCreator, noOne); problems != nil {
		return nil, v3Invalid(problems...)
	}
	for _, person := range []struct {
		field, text string
		id          int64
	}{{"creatorId", "", creator}, {"responsibleId", `User specified in the "Executor" field not found`, responsible}} {
		var one int
		err := c.tx.QueryRowContext(ctx, `SELECT 1 FROM portal_user WHERE id = ?`, person.id).Scan(&one)
		if errors.Is(err, sql.ErrNoRows) {
			return nil, v3Invalid(v3Problem{field: person.field, message: person.text})
		}
		if err != nil {
			return nil, err
		}
	}
	v, _ := fields.Get("description")
	description, _ := v3Text(v)
	res, err := c.tx.ExecContext(ctx, `INSERT INTO portal_task (title, description, creator, responsible, created) VALUES (?, ?, ?, ?, ?)`,
		title, description, creator, responsible, c.now.Unix())
	if err != nil {
		return nil, err
	}
	id, err := res.LastInsertId()
	if err != nil {
		return nil, err
	}
	return c.task(ctx, id)
}

// task renders one task. Of the many fields of a task it has the first few.
func (c *v3Call) task(ctx context.Context, id int64) (any, error) {
	var title, description string
	var creator, responsible, created int64
	err := c.tx.QueryRowContext(ctx, `SELECT title, description, creator, responsible, created FROM portal_task WHERE id = ?`, id).
		Scan(&title, &description, &creator, &responsible, &created)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, noTask()
	}
	if err != nil {
		return nil, err
	}
	m := wrap("id", id)
	m.Set("title", title)
	m.Set("description", description)
	m.Set("creatorId", creator)
	m.Set("responsibleId", responsible)
	m.Set("priority", "average")
	m.Set("status", "pending")
	m.Set("changed", time.Unix(created, 0))
	return wrap("item", m), nil
}

// noTask is the fault for a task that does not exist or may not be seen: both
// look alike.
func noTask() *v3Fault {
	return &v3Fault{status: http.StatusBadRequest, code: v3Prefix + "ACCESSDENIEDEXCEPTION", message: "Access denied"}
}

// getTask answers tasks.task.get. Unknown names in select are left out.
func getTask(ctx context.Context, c *v3Call) (any, error) {
	id, problems := v3Need(c.params, "id", "int", v3Int)
	if problems != nil {
		return nil, v3Invalid(problems...)
	}
	answer, err := c.task(ctx, id)
	v, _ := c.params.Get("select")
	names, ok := asList(v)
	if err != nil || !ok || len(names) == 0 {
		return answer, err
	}
	item, _ := answer.(*Map).Get("item")
	var keys []string
	for _, name := range names {
		text, _ := asString(name)
		keys = append(keys, text)
	}
	return wrap("item", pickKeys(item.(*Map), keys)), nil
}

// deleteTask answers tasks.task.delete.
func deleteTask(ctx context.Context, c *v3Call) (any, error) {
	id, problems := v3Need(c.params, "id", "int", v3Int)
	if problems != nil {
		return nil, v3Invalid(problems...)
	}
	if _, err := c.task(ctx, id); err != nil {
		return nil, err
	}
	_, err := c.tx.ExecContext(ctx, `DELETE FROM portal_task WHERE id = ?`, id)
	return wrap("result", true), err
}
