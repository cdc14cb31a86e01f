package portal

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
)

const (
	v3PageSize    = 50
	v3LargestPage = 1000
)

// listTasks answers tasks.task.list: by default the ids alone, 50 of them, in their
// order. There is no total.
// Source: https://apidocs.bitrix24.com/api-reference/tasks/tasks-task-list-rest-v3.html.
func listTasks(ctx context.Context, c *v3Call) (any, error) {
	where, args, err := taskFilter(c.params)
	if err != nil {
		return nil, err
	}
	order, err := taskOrder(c.params)
	if err != nil {
		return nil, err
	}
	limit, offset, err := v3Window(c.params)
	if err != nil {
		return nil, err
	}
	rows, err := c.tx.QueryContext(ctx, `SELECT id FROM portal_task`+where+order+` LIMIT ? OFFSET ?`, append(args, limit, offset)...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var ids []int64
	for rows.Next() {
		var id int64
		if err := rows.Scan(&id); err != nil {
			return nil, err
		}
		ids = append(ids, id)
	}
	if err := rows.Err(); err != nil {
		return nil, err
	}
	return c.tasks(ctx, ids)
}

// tasks renders the selected fields of tasks.
func (c *v3Call) tasks(ctx context.Context, ids []int64) (any, error) {
	v, _ := c.params.Get("select")
	names, _ := asList(v)
	keys := []string{}
	for _, name := range names {
		text, _ := asString(name)
		keys = append(keys, text)
	}
	if len(keys) == 0 {
		keys = []string{"id"}
	}
	items := []any{}
	for _, id := range ids {
		answer, err := c.task(ctx, id)
		if err != nil {
			return nil, err
		}
		item, _ := answer.(*Map).Get("item")
		items = append(items, pickKeys(item.(*Map), keys))
	}
	return wrap("items", items), nil
}

// taskOperators are the operators of a condition with one value, as in SQL.
var taskOperators = map[string]string{"=": "=", "!=": "<>", ">": ">", ">=": ">=", "<": "<", "<=": "<="}

// taskFilter reads conditions on the id, the only field by which tasks are found.
func taskFilter(params *Map) (where string, args []any, err error) {
	v, sent := params.Get("filter")
	if !sent || v == nil {
		return "", nil, nil
	}
	conditions, _ := asList(v)
	var parts []string
	for _, condition := range conditions {
		part, values, err := taskCondition(condition)
		if err != nil {
			return "", nil, err
		}
		parts, args = append(parts, part), append(args, values...)
	}
	if len(parts) == 0 {
		return "", nil, nil
	}
	return " WHERE " + strings.Join(parts, " AND "), args, nil
}

// taskCondition reads ["id", OPERATOR, value] or ["id", value].
// Source: https://apidocs.bitrix24.com/api-reference/rest-v3.html#filter.
func taskCondition(condition any) (part string, args []any, err error) {
	triple, _ := asList(condition)
	if len(triple) == 2 {
		operator := "="
		if _, several := triple[1].([]any); several {
			operator = "in"
		}
		triple = []any{triple[0], operator, triple[1]}
	}
	if len(triple) != 3 {
		return "", nil, v3Invalid(v3Problem{field: "filter", message: "Unable to recognize filter expression"})
	}
	field, _ := asString(triple[0])
	if field != "id" {
		return "", nil, v3Invalid(v3Problem{field: field, message: "In DTO `TaskDto`, the `" + field + "` field requires the `Filterable` attribute for such a request"})
	}
	name, _ := asString(triple[1])
	values, several := triple[2].([]any)
	if !several {
		values = []any{triple[2]}
	}
	for _, v := range values {
		n, ok := v3Int(v)
		if !ok {
			return "", nil, v3Invalid(v3Problem{field: "id", message: "Field `id` requires data type `int` for this request"})
		}
		args = append(args, n)
	}
	operator, single := taskOperators[name]
	switch {
	case name == "in" && len(args) > 0:
		return "id IN (?" + strings.Repeat(",?", len(args)-1) + ")", args, nil
	case name == "between" && len(args) == 2:
		return "id BETWEEN ? AND ?", args, nil
	case single && !several:
		return "id " + operator + " ?", args, nil
	}
	return "", nil, &v3Fault{status: http.StatusBadRequest, code: v3Prefix + "UNKNOWNFILTEROPERATOREXCEPTION", message: "Unknown filter operator `" + name + "`"}
}

// taskColumns are the fields by which tasks are sorted, of those that are kept.
var taskColumns = map[string]string{"id": "id", "title": "title", "creatorId": "creator", "responsibleId": "responsible", "created": "created", "changed": "created"}

func taskOrder(params *Map) (string, error) {
	v, _ := params.Get("order")
	order, ok := asMap(v)
	if !ok || len(order.Keys()) == 0 {
		return " ORDER BY id", nil
	}
	var parts []string
	for _, key := range order.Keys() {
		v, _ := order.Get(key)
		direction, _ := asString(v)
		direction = strings.ToUpper(direction)
		column := taskColumns[key]
		if column == "" || direction != "ASC" && direction != "DESC" {
			return "", &v3Fault{status: http.StatusBadRequest, code: v3Prefix + "INVALIDORDEREXCEPTION", message: "Unable to recognize sorting parameter `" + key + "`"}
		}
		parts = append(parts, column+" "+direction)
	}
	return " ORDER BY " + strings.Join(parts, ", ") + ", id", nil
}

// v3Window reads the parameter pagination. A page and a limit give the offset.
func v3Window(params *Map) (limit, offset int64, err error) {
	limit = v3PageSize
	v, _ := params.Get("pagination")
	pagination, ok := asMap(v)
	if !ok {
		return limit, 0, nil
	}
	page := int64(1)
	for name, target := range map[string]*int64{"limit": &limit, "offset": &offset, "page": &page} {
		v, sent := pagination.Get(name)
		if !sent || v == nil {
			continue
		}
		n, ok := v3Int(v)
		if !ok || n < 0 || n == 0 && name != "offset" {
			return 0, 0, unknownPagination(name, v)
		}
		*target = n
	}
	if limit > v3LargestPage {
		limit = v3LargestPage
	}
	_, paged := pagination.Get("page")
	if _, limited := pagination.Get("limit"); paged && limited {
		offset = (page - 1) * limit
	}
	return limit, offset, nil
}

func unknownPagination(name string, value any) error {
	text, _ := json.Marshal(map[string]any{name: value}) // decoded from JSON, so that it can be encoded
	return &v3Fault{status: http.StatusBadRequest, code: v3Prefix + "INVALIDPAGINATIONEXCEPTION", message: "Unable to recognize the pagination parameter `" + string(text) + "`"}
}
