package portal

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"

	"modernc.org/sqlite"
)

// A tally counts what a store asks of its database.
type tally struct{ prepared, run atomic.Int64 }

// A countingConn counts the statements of a connection. It offers no way to run
// a text at once, so that everything goes through compiled statements.
type countingConn struct {
	driver.Conn
	*tally
}

func (c countingConn) Connect(context.Context) (driver.Conn, error) { return c, nil }
func (c countingConn) Driver() driver.Driver                        { return nil }

func (c countingConn) BeginTx(ctx context.Context, opts driver.TxOptions) (driver.Tx, error) {
	return c.Conn.(driver.ConnBeginTx).BeginTx(ctx, opts)
}

func (c countingConn) Prepare(query string) (driver.Stmt, error) {
	c.prepared.Add(1)
	stmt, err := c.Conn.Prepare(query)
	return countingStmt{stmt, c.tally}, err
}

type countingStmt struct {
	driver.Stmt
	*tally
}

func (s countingStmt) ExecContext(ctx context.Context, args []driver.NamedValue) (driver.Result, error) {
	s.run.Add(1)
	return s.Stmt.(driver.StmtExecContext).ExecContext(ctx, args)
}

func (s countingStmt) QueryContext(ctx context.Context, args []driver.NamedValue) (driver.Rows, error) {
	s.run.Add(1)
	return s.Stmt.(driver.StmtQueryContext).QueryContext(ctx, args)
}

// openCounted opens a portal of the demo in a file and counts what happens from
// now on.
func openCounted(t *testing.T) (traffic, *tally) {
	t.Helper()
	tr := openTraffic(t)
	var file string
	if err := tr.p.db.QueryRowContext(t.Context(), `SELECT file FROM pragma_database_list`).Scan(&file); err != nil {
		t.Fatal(err)
	}
	tr.p.db.Close()
	conn, err := (&sqlite.Driver{}).Open("file:" + file + "?_txlock=immediate")
	if err != nil {
		t.Fatal(err)
	}
	counts := new(tally)
	tr.p.db = sql.OpenDB(countingConn{conn, counts})
	tr.p.db.SetMaxOpenConns(1)
	return tr, counts
}

func TestAnImportCostsFewStatements(t *testing.T) {
	tr, counts := openCounted(t)
	const few = 4 // one on each stage
	tr.batch(imports(0, few))
	prepared, run := counts.prepared.Swap(0), counts.run.Swap(0)
	tr.batch(imports(few, maxImport))
	if got := counts.prepared.Load(); got != prepared {
		t.Errorf("%d items compile %d statements, %d items compile %d", maxImport, got, few, prepared)
	}
	const perItem = 8 // savepoint, next id, pipeline, currency, company, insert, release, and one to spare
	if got := counts.run.Load() - run; got > perItem*(maxImport-few) {
		t.Errorf("%d more items run %d more statements, want at most %d each", maxImport-few, got, perItem)
	}
}

func TestAListCostsFewStatements(t *testing.T) {
	tr, counts := openCounted(t)
	tr.batch(lists(0)[:1])
	if got := counts.run.Load(); got > 4 { // the settings of the type, and the items
		t.Errorf("a keyset list runs %d statements, want at most 4", got)
	}
}

func TestPagesAndLinksReadByIndex(t *testing.T) {
	c := openCRM(t, 3)
	deal := &entity{id: 2, table: itemTable(2), set: systemFields()[2]}
	for name, tt := range map[string]struct{ query, want string }{
		"the next page by id":       {keysetSQL(deal, listQuery{sort: "id", after: 5}), "INTEGER PRIMARY KEY (rowid>?)"},
		"the last page by id":       {keysetSQL(deal, listQuery{sort: "id", desc: true, after: 5}), "INTEGER PRIMARY KEY (rowid<?)"},
		"the first page by title":   {keysetSQL(deal, listQuery{sort: "title"}), "SCAN crm_item_2 USING COVERING INDEX crm_item_2_title"},
		"the next page by title":    {keysetSQL(deal, listQuery{sort: "title", after: 5}), "SEARCH crm_item_2 USING INDEX crm_item_2_title"},
		"a page of changes":         {`SELECT id FROM crm_history WHERE etid = 2 AND item = 5 ORDER BY id DESC LIMIT 9`, "crm_history_item"},
		"items linked by companyId": {inboundSQL(deal, "companyId"), "crm_item_2_companyId"},
		"items linked by leadId":    {inboundSQL(deal, "leadId"), "crm_item_2_leadId"},
		"items linked by quoteId":   {inboundSQL(deal, "quoteId"), "crm_item_2_quoteId"},
		"items linked by a list":    {strings.ReplaceAll(memberQuery, "?", "5"), "crm_link_value"},
	} {
		plan := c.queryPlan(tt.query)
		if !strings.Contains(plan, tt.want) || strings.Contains(plan, "TEMP B-TREE FOR ORDER BY") {
			t.Errorf("%s reads by %q, want %q", name, plan, tt.want)
		}
	}
}

// keysetSQL is the statement of a page of a list, after an item called x.
func keysetSQL(e *entity, lq listQuery) string {
	var k keyset
	if lq.after != 0 {
		k.beyond(indexed(e.set.byName[lq.sort]), any("x"), lq.after, lq.desc)
	}
	query := fmt.Sprintf(`SELECT "id" FROM %s %s %s`, quoteName(e.table), k.clause(), pageOrder(e.set.byName[lq.sort], lq.desc))
	return literal(query, k.args)
}

func inboundSQL(e *entity, name string) string {
	return literal(inboundQuery(e, e.set.byName[name]), []any{5, 10})
}

// literal puts arguments into a statement, which only tests may do.
func literal(query string, args []any) string {
	for _, arg := range args {
		text := fmt.Sprint(arg)
		if s, ok := arg.(string); ok {
			text = "'" + s + "'"
		}
		query = strings.Replace(query, "?", text, 1)
	}
	return query
}
