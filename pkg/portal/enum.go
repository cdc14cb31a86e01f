package portal

import "context"

// enumMethods lists the methods of enumerations and of multiple fields, apart from
// those of owner and address types.
// Source: https://apidocs.bitrix24.com/api-reference/crm/auxiliary/index.html.
func enumMethods() []method {
	methods := []method{
		crmMethod("crm.enum.getorderownertypes", false, listOrderOwners),
		crmMethod("crm.enum.fields", false, describeWith(enumFields)),
		crmMethod("crm.multifield.fields", false, describeWith(commFields)),
	}
	for _, e := range enumerations {
		methods = append(methods, crmMethod("crm.enum."+e.name, false, func(context.Context, *store, *call) (reply, error) {
			return reply{value: e.answer()}, nil
		}))
	}
	return methods
}

// describeWith makes a handler that describes fields.
func describeWith(rows []fieldRow) handler {
	return func(context.Context, *store, *call) (reply, error) { return reply{value: describeRows(rows)}, nil }
}

var enumFields = []fieldRow{
	{name: "ID", typ: "int", title: "ID", cells: "R"},
	{name: "NAME", typ: typeString, title: "Name", cells: "R"},
	{name: "SYMBOL_CODE", typ: typeString, title: "Symbol code", cells: "R"},
	{name: "SYMBOL_CODE_SHORT", typ: typeString, title: "Short symbol code", cells: "R"},
}

var commFields = []fieldRow{
	{name: "ID", typ: "int", title: "ID", cells: "R"},
	{name: "TYPE_ID", typ: typeString, title: "Field Type", cells: "R"},
	{name: "VALUE", typ: typeString, title: "Value", cells: "w"},
	{name: "VALUE_TYPE", typ: typeString, title: "Value Type", cells: "w"},
}

// An enumeration is a fixed list of numbers with names.
type enumeration struct {
	name   string
	values []enumValue
}

type enumValue struct {
	id   int
	name string
}

// numbered builds values that are counted from 0, which has no name.
func numbered(names ...string) []enumValue {
	values := []enumValue{{0, ""}}
	for i, name := range names {
		values = append(values, enumValue{i + 1, name})
	}
	return values
}

var enumerations = []enumeration{
	{"settings.mode", []enumValue{{1, "Classic CRM"}, {2, "Simple CRM"}}},
	{"activitytype", numbered("Meeting", "Call", "Task", "E-mail", "Action", "User Action")},
	{"activitystatus", numbered("Pending", "Completed", "Automatically Completed")},
	{"activitydirection", numbered("Incoming", "Outgoing")},
	{"activitypriority", numbered("low", "medium", "high")},
	{"activitynotifytype", numbered("min.", "h.", "d.")},
	{"contenttype", numbered("Plain text", "bbCode", "HTML")},
}

func (e enumeration) answer() []any {
	rows := make([]any, len(e.values))
	for i, v := range e.values {
		rows[i] = enumRow(v.id, v.name)
	}
	return rows
}

func enumRow(id int, name string) *Map {
	m := wrap("ID", id)
	m.Set("NAME", name)
	m.Set("SYMBOL_CODE", nil)
	m.Set("SYMBOL_CODE_SHORT", nil)
	return m
}

// listOrderOwners answers crm.enum.getorderownertypes, whose keys are in lower
// case.
func listOrderOwners(context.Context, *store, *call) (reply, error) {
	m := wrap("attribute", "DYN")
	m.Set("code", "DEAL")
	m.Set("id", 2)
	m.Set("name", "Deal")
	return reply{value: []any{m}}, nil
}
