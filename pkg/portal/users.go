package portal

import (
	"cmp"
	"context"
	"database/sql"
	"slices"
	"strconv"
	"strings"
	"time"
)

const userSchema = `CREATE TABLE IF NOT EXISTS portal_user (
	id INTEGER PRIMARY KEY,
	active INTEGER NOT NULL,
	admin INTEGER NOT NULL,
	name TEXT NOT NULL,
	last_name TEXT NOT NULL,
	email TEXT NOT NULL,
	position TEXT NOT NULL,
	gender TEXT NOT NULL,
	type TEXT NOT NULL,
	department INTEGER NOT NULL,
	registered TEXT NOT NULL
) STRICT`

// A user is a row of portal_user.
type user struct {
	id              int
	active, admin   bool
	name, lastName  string
	email, position string
	gender          string // "M", "F" or ""
	kind            string // "employee" or "extranet"
	department      int    // 0: in none
	registered      string // a day, 2006-01-02
}

// seededUsers are the people of every new portal, so that manifests can name
// them: one who left, two with one last name, and two whose e-mails differ
// only where one has an underscore, which is a wildcard in filters.
func seededUsers() []user {
	return []user{
		{1, true, true, "Olga", "Petrova", "olga@acme.example", "Head of Sales", "F", "employee", 1, "2024-01-15"},
		{2, true, false, "Jan", "Novak", "jan@acme.example", "Account Manager", "M", "employee", 1, "2024-02-01"},
		{3, true, false, "Maria", "Schmidt", "maria.schmidt@acme.example", "Account Manager", "F", "employee", 1, "2024-02-01"},
		{4, true, false, "Peter", "Schmidt", "peter.schmidt@acme.example", "Service Engineer", "M", "employee", 3, "2024-03-11"},
		{5, true, false, "Lena", "Fischer", "lena_f@acme.example", "Support Lead", "F", "employee", 3, "2024-05-06"},
		{6, true, false, "Leonard", "Falk", "lena.f@acme.example", "Marketing Manager", "M", "employee", 1, "2024-05-06"},
		{7, false, false, "Tom", "Becker", "tom.becker@acme.example", "Account Manager", "M", "employee", 1, "2024-06-03"},
		{8, true, false, "Viktor", "Ivanov", "viktor@partner.example", "Consultant", "M", "extranet", 0, "2024-09-02"},
	}
}

// seedUsers fills the table of a new portal.
func seedUsers(ctx context.Context, tx *sql.Tx) error {
	for _, u := range seededUsers() {
		_, err := tx.ExecContext(ctx, `INSERT INTO portal_user
			(id, active, admin, name, last_name, email, position, gender, type, department, registered)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
			u.id, u.active, u.admin, u.name, u.lastName, u.email, u.position, u.gender, u.kind, u.department, u.registered)
		if err != nil {
			return err
		}
	}
	return nil
}

// users reads all users by id.
func (p *Portal) users(ctx context.Context) ([]user, error) {
	rows, err := p.db.QueryContext(ctx, `SELECT id, active, admin, name, last_name, email, position, gender, type, department, registered
		FROM portal_user ORDER BY id`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var users []user
	for rows.Next() {
		var u user
		err := rows.Scan(&u.id, &u.active, &u.admin, &u.name, &u.lastName, &u.email, &u.position, &u.gender, &u.kind, &u.department, &u.registered)
		if err != nil {
			return nil, err
		}
		users = append(users, u)
	}
	return users, rows.Err()
}

// userByID reads one user, who must exist.
func (p *Portal) userByID(ctx context.Context, id int) (user, error) {
	users, err := p.users(ctx)
	if err != nil {
		return user{}, err
	}
	for _, u := range users {
		if u.id == id {
			return u, nil
		}
	}
	return user{}, sql.ErrNoRows
}

// networkID is where the ids begin by which people are known outside of the portal, their
// XML_ID.
const networkID = 26100700

// record is the user as user.get shows them: the id a string, ACTIVE a
// boolean, an empty object for times that never were. See
// api-reference/user/user-get.md.
func (u user) record() *Map {
	departments := []any{}
	if u.department != 0 {
		departments = append(departments, u.department)
	}
	m := new(Map)
	m.Set("ID", strconv.Itoa(u.id))
	m.Set("XML_ID", strconv.Itoa(networkID+u.id))
	m.Set("ACTIVE", u.active)
	m.Set("NAME", u.name)
	m.Set("LAST_NAME", u.lastName)
	m.Set("SECOND_NAME", "")
	m.Set("EMAIL", u.email)
	m.Set("LAST_LOGIN", "")
	m.Set("DATE_REGISTER", u.registeredAt())
	m.Set("TIME_ZONE", "")
	m.Set("IS_ONLINE", "N")
	m.Set("TIMESTAMP_X", emptyObject())
	m.Set("LAST_ACTIVITY_DATE", emptyObject())
	m.Set("PERSONAL_GENDER", u.gender)
	m.Set("PERSONAL_BIRTHDAY", "")
	m.Set("WORK_POSITION", u.position)
	m.Set("UF_EMPLOYMENT_DATE", "")
	m.Set("UF_DEPARTMENT", departments)
	m.Set("USER_TYPE", u.kind)
	return m
}

// registeredAt is the start of the day in UTC, as for all dates of the REST
// interface. The table holds only valid days.
func (u user) registeredAt() time.Time {
	day, _ := time.Parse(time.DateOnly, u.registered)
	return day
}

// userMethods lists the methods about users, see api-reference/user/.
func userMethods() []method {
	return []method{
		{name: "user.get", scope: "user", run: runUserGet},
		{name: "user.search", scope: "user", run: runUserSearch},
		{name: "user.current", scope: "user", run: runUserCurrent},
		{name: "user.admin", run: runUserAdmin},
	}
}

// runUserCurrent answers with the webhook's user.
func runUserCurrent(ctx context.Context, c *call) (reply, error) {
	u, err := c.portal.userByID(ctx, c.user)
	return reply{value: c.grant.shown(u.record())}, err
}

// runUserAdmin tells whether the webhook's user is an administrator.
func runUserAdmin(ctx context.Context, c *call) (reply, error) {
	u, err := c.portal.userByID(ctx, c.user)
	return reply{value: u.admin}, err
}

// runUserGet lists users: those who left too, unless ACTIVE is filtered.
func runUserGet(ctx context.Context, c *call) (reply, error) {
	return listUsers(ctx, c, func(user) bool { return true })
}

// listUsers lists the users that a call's parameters and a test leave.
func listUsers(ctx context.Context, c *call, keep func(user) bool) (reply, error) {
	users, err := c.portal.users(ctx)
	if err != nil {
		return reply{}, err
	}
	tests := slices.DeleteFunc(userFilter(c), func(t userTest) bool { return c.grant.hidesUserField(t.field) })
	var records []*Map
	for _, u := range users {
		if record := c.grant.shown(u.record()); keep(u) && passes(record, tests) {
			records = append(records, record)
		}
	}
	sortUsers(c, records)
	offset, counting := c.page()
	page := records[min(offset, len(records)):min(offset+pageSize, len(records))]
	return listReply(selectUserFields(c, page), offset, len(records), counting), nil
}

// sortUsers sorts by the parameters sort and order; by id without them.
func sortUsers(c *call, records []*Map) {
	v, _ := c.fold("sort")
	field, _ := asString(v)
	v, _ = c.fold("order")
	order, _ := asString(v)
	slices.SortStableFunc(records, func(a, b *Map) int {
		result := compareText(sortKey(a, field), sortKey(b, field))
		if strings.EqualFold(order, "DESC") {
			return -result
		}
		return result
	})
}

// sortKey is a field's value as text. Without a field it is the id; a field
// that does not exist changes no order.
func sortKey(record *Map, field string) string {
	v, _ := record.Get(cmp.Or(strings.ToUpper(field), "ID"))
	if at, ok := v.(time.Time); ok {
		return at.UTC().Format(time.RFC3339)
	}
	text, _ := asString(v)
	return strings.ToLower(text)
}

// selectUserFields leaves only the selected fields; * and UF_* are masks. What
// does not exist is skipped.
func selectUserFields(c *call, records []*Map) []*Map {
	v, _ := c.fold("select")
	names, _ := asList(v)
	if len(names) == 0 {
		return records
	}
	selected := make([]*Map, 0, len(records))
	for _, record := range records {
		m := new(Map)
		for _, key := range record.Keys() {
			if slices.ContainsFunc(names, func(name any) bool { return selects(name, key) }) {
				v, _ := record.Get(key)
				m.Set(key, v)
			}
		}
		selected = append(selected, m)
	}
	return selected
}

// selects reports whether a name or mask of a selection covers a field.
func selects(name any, field string) bool {
	text, _ := asString(name)
	text = strings.ToUpper(text)
	return text == field || text == "*" || text == "UF_*" && strings.HasPrefix(field, "UF_")
}
