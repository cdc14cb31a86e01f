package portal

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"time"
)

// crmSchema returns the statements that create the tables of the CRM. Tables of
// smart process items are created together with their type.
func crmSchema() []string {
	statements := []string{
		`CREATE TABLE IF NOT EXISTS crm_counter (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID, STRICT`,
		`CREATE TABLE IF NOT EXISTS crm_status (
			id INTEGER PRIMARY KEY AUTOINCREMENT, entity_id TEXT NOT NULL, status_id TEXT NOT NULL, name TEXT NOT NULL,
			name_init TEXT NOT NULL, sort INTEGER NOT NULL, system TEXT NOT NULL, category_id INTEGER,
			color TEXT NOT NULL, semantics TEXT NOT NULL, UNIQUE (entity_id, status_id)) STRICT`,
		`CREATE TABLE IF NOT EXISTS crm_category (
			etid INTEGER NOT NULL, id INTEGER NOT NULL, name TEXT NOT NULL, sort INTEGER NOT NULL, is_default TEXT NOT NULL,
			is_system TEXT NOT NULL, code TEXT NOT NULL, origin_id TEXT NOT NULL, originator_id TEXT NOT NULL,
			PRIMARY KEY (etid, id)) WITHOUT ROWID, STRICT`,
		`CREATE TABLE IF NOT EXISTS crm_relation (
			parent INTEGER NOT NULL, child INTEGER NOT NULL, children_list TEXT NOT NULL,
			PRIMARY KEY (child, parent)) WITHOUT ROWID, STRICT`,
		`CREATE TABLE IF NOT EXISTS crm_currency (
			code TEXT PRIMARY KEY, amount TEXT NOT NULL, amount_cnt INTEGER NOT NULL, sort INTEGER NOT NULL, base TEXT NOT NULL,
			updated INTEGER NOT NULL) WITHOUT ROWID, STRICT`,
		`CREATE TABLE IF NOT EXISTS crm_currency_lang (
			code TEXT NOT NULL, lid TEXT NOT NULL, name TEXT NOT NULL, format TEXT NOT NULL, dec_point TEXT NOT NULL,
			variant TEXT NOT NULL, separator TEXT, decimals INTEGER NOT NULL, hide_zero TEXT NOT NULL,
			PRIMARY KEY (code, lid)) WITHOUT ROWID, STRICT`,
		`CREATE TABLE IF NOT EXISTS crm_link (
			etid INTEGER NOT NULL, item INTEGER NOT NULL, field TEXT NOT NULL, sort INTEGER NOT NULL, value INTEGER NOT NULL,
			PRIMARY KEY (etid, item, field, sort)) WITHOUT ROWID, STRICT`,
		`CREATE INDEX IF NOT EXISTS crm_link_value ON crm_link (etid, field, value)`,
		`CREATE TABLE IF NOT EXISTS crm_fm (
			id INTEGER PRIMARY KEY AUTOINCREMENT, etid INTEGER NOT NULL, item INTEGER NOT NULL, type_id TEXT NOT NULL,
			value_type TEXT NOT NULL, value TEXT NOT NULL) STRICT`,
		`CREATE INDEX IF NOT EXISTS crm_fm_item ON crm_fm (etid, item)`,
		`CREATE TABLE IF NOT EXISTS crm_file (
			id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL, content BLOB NOT NULL) STRICT`,
	}
	statements = append(statements, typeSchema()...)
	statements = append(statements, projectionSchema()...)
	statements = append(statements, requisiteSchema()...)
	statements = append(statements, productRowSchema()...)
	statements = append(statements, catalogSchema()...)
	statements = append(statements, userFieldSchema()...)
	for _, etid := range tableColumns {
		if etid != spaColumn {
			statements = append(statements, itemSchema(itemTable(etid), systemFields()[etid])...)
		}
	}
	return append(statements, historySchema()...)
}

// crmMethods lists the methods of the CRM.
func crmMethods() []method {
	var all []method
	for _, list := range [][]method{itemMethods(), typeMethods(), categoryMethods(), statusMethods(), currencyMethods(), requisiteMethods(), productRowMethods(),
		catalogMethods(), userFieldConfigMethods(), legacyUserFieldMethods(), projectionMethods()} {
		all = append(all, list...)
	}
	return all
}

// A handler answers one CRM method inside a transaction of its own.
type handler func(context.Context, *store, *call) (reply, error)

// crmMethod wraps a handler as a method of the scope "crm". A failure rolls
// everything back that the handler wrote.
func crmMethod(name string, write bool, h handler) method {
	return method{name: name, scope: "crm", write: write, run: func(ctx context.Context, c *call) (reply, error) {
		var r reply
		err := c.portal.tx(ctx, func(tx *sql.Tx) error {
			var err error
			s := newStore(tx, c.user, c.now.In(c.portal.zone))
			s.grant, s.required, s.files = c.grant, c.portal.required, c.portal.filesFor(requestOf(ctx))
			handle := func() error {
				r, err = h(ctx, s, c)
				return err
			}
			if write {
				return handle()
			}
			return c.portal.veil.behind(ctx, tx, handle)
		})
		return r, err
	}}
}

// A store is the CRM as one command sees it: its transaction, user and time. It
// remembers the settings that saving an item needs, since no command both
// changes settings and saves items.
type store struct {
	tx *sql.Tx
	statements
	user int64
	now  time.Time // in the portal's zone, whole seconds

	grant    *grant // of the request; nil allows everything
	required requirements
	files    fileSigner

	stageLists map[string][]stage // by directory
	pipelines  map[int]int64      // default category by entity type
	currency   any                // base currency, nil until it is read
}

func newStore(tx *sql.Tx, user int, now time.Time) *store {
	return &store{
		tx: tx, statements: newStatements(tx), user: int64(user), now: now.Truncate(time.Second),
		stageLists: make(map[string][]stage), pipelines: make(map[int]int64),
	}
}

// today returns the current day of the portal's zone, moved by some days.
func (s *store) today(days int) string { return s.now.AddDate(0, 0, days).Format(time.DateOnly) }

// number runs a query for one number and reports whether there was a row.
func (s *store) number(ctx context.Context, query string, args ...any) (int64, bool, error) {
	var n sql.NullInt64
	found := false
	err := s.scan(ctx, func(rows *sql.Rows) error {
		found = true
		return rows.Scan(&n)
	}, query, args...)
	return n.Int64, found && n.Valid, err
}

// admin reports whether the caller is an administrator.
func (s *store) admin(ctx context.Context) (bool, error) {
	admin, _, err := s.number(ctx, `SELECT admin FROM portal_user WHERE id = ?`, s.user)
	return admin != 0, err
}

// count returns the next number of a counter, beginning with the first id; a number is
// never given out twice.
func (s *store) count(ctx context.Context, name string) (int64, error) {
	n, _, err := s.number(ctx,
		`INSERT INTO crm_counter (name, value) VALUES (?, `+firstID+`) ON CONFLICT (name) DO UPDATE SET value = value + 1 RETURNING value`, name)
	return n, err
}

// quoteName quotes a table or column name. Names come only from the field
// table and from numbers, never from a client.
func quoteName(name string) string { return `"` + name + `"` }

// placeholders returns n question marks for a list in a statement.
func placeholders(n int) string {
	if n == 0 {
		return ""
	}
	return strings.Repeat("?, ", n-1) + "?"
}

// notFound is the fault for an item or pipeline that does not exist.
func notFound(what string) *fault { return &fault{code: "NOT_FOUND", text: what + " not found"} }

// invalidField is the fault for a value that a field refuses.
func invalidField(f *field) *fault {
	return &fault{code: "CRM_FIELD_ERROR_VALUE_NOT_VALID", field: f.name, text: fmt.Sprintf("Invalid value for field %q", f.title)}
}

// invalidArg is the fault for an argument that a method refuses.
func invalidArg(format string, args ...any) *fault {
	return &fault{code: "INVALID_ARG_VALUE", text: fmt.Sprintf(format, args...)}
}
