package portal

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"strings"
)

// A department is a part of the company structure.
type department struct {
	id, parent, head int // 0: none
	name             string
	sort             int
}

// departments are those of every portal; the seeded users belong to them.
func departments() []department {
	return []department{
		{id: 1, name: "Acme", sort: 500, head: 1},
		{id: 2, name: "Marketing", sort: 500, parent: 1, head: 6},
		{id: 3, name: "Service", sort: 500, parent: 1, head: 5},
	}
}

// departmentMethods lists the methods that read the company structure.
// Source: https://apidocs.bitrix24.com/api-reference/departments/index.html.
func departmentMethods() []method {
	return []method{
		{name: "department.get", scope: "department", run: runDepartmentGet},
		{name: "department.fields", scope: "department", run: runDepartmentFields},
	}
}

func runDepartmentFields(context.Context, *call) (reply, error) {
	m := wrap("ID", "ID")
	m.Set("NAME", "Department Name")
	m.Set("SORT", "Sort Order")
	m.Set("PARENT", "Parent Department")
	m.Set("UF_HEAD", "Manager")
	return reply{value: m}, nil
}

// record is the department as department.get shows it: ids are strings, the
// sort is a number.
func (d department) record() *Map {
	m := wrap("ID", strconv.Itoa(d.id))
	m.Set("NAME", d.name)
	m.Set("SORT", d.sort)
	if d.parent != 0 {
		m.Set("PARENT", strconv.Itoa(d.parent))
	}
	if d.head != 0 {
		m.Set("UF_HEAD", strconv.Itoa(d.head))
	}
	return m
}

// value returns a key's value as text, "" if the department has none.
func (d department) value(key string) string {
	v, _ := d.record().Get(key)
	if n, ok := v.(int); ok {
		return strconv.Itoa(n)
	}
	text, _ := asString(v)
	return text
}

// runDepartmentGet lists departments; the parameters themselves are the filter,
// by equality.
// Source: https://apidocs.bitrix24.com/api-reference/departments/department-get.html.
func runDepartmentGet(_ context.Context, c *call) (reply, error) {
	list := departments()
	for _, key := range []string{"ID", "NAME", "SORT", "PARENT", "UF_HEAD"} {
		v, sent := departmentFilter(c, key)
		if !sent {
			continue
		}
		wanted, isList := asList(v)
		if !isList {
			wanted = []any{v}
		}
		list = slices.DeleteFunc(list, func(d department) bool {
			return !slices.ContainsFunc(wanted, func(w any) bool {
				text, ok := asString(w)
				return ok && strings.EqualFold(text, d.value(key))
			})
		})
	}
	sortDepartments(c, list)
	offset, counting := c.page()
	rows := []any{}
	for _, d := range list[min(offset, len(list)):min(offset+pageSize, len(list))] {
		rows = append(rows, d.record())
	}
	return listReply(rows, offset, len(list), counting), nil
}

// departmentFilter returns the value that a key is filtered by. The key SORT is
// the parameter sort in another case, so that only its exact spelling filters.
func departmentFilter(c *call, key string) (any, bool) {
	if key == "SORT" {
		return c.params.Get(key)
	}
	return c.fold(key)
}

func sortDepartments(c *call, list []department) {
	v, _ := c.params.Get("sort")
	key, _ := asString(v)
	v, _ = c.fold("order")
	order, _ := asString(v)
	slices.SortStableFunc(list, func(a, b department) int {
		n := cmp.Compare(a.id, b.id)
		if key != "" {
			key = strings.ToUpper(key)
			n = compareText(a.value(key), b.value(key))
		}
		if strings.EqualFold(order, "DESC") {
			return -n
		}
		return n
	})
}
