package portal

import (
	"context"
	"database/sql"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"
)

// A veil hides rows from reading methods until their time has come, as a
// database does whose reads go to copies that lag behind. Writing methods see
// every row. The zero value hides nothing and is ready to use.
type veil struct {
	mu   sync.Mutex
	rows map[string]map[string]time.Time // by table and key: until when
}

// A veiledTable is a table whose rows can be hidden, with the SQL expression
// that tells them apart.
type veiledTable struct{ name, key string }

// hide adds rows of a table.
func (v *veil) hide(table string, keys []string, until time.Time) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.rows == nil {
		v.rows = make(map[string]map[string]time.Time)
	}
	for _, key := range keys {
		if v.rows[table] == nil {
			v.rows[table] = make(map[string]time.Time)
		}
		v.rows[table][key] = until
	}
}

// hidden lists the keys that are hidden at a time, by table, and forgets those
// whose time has come.
func (v *veil) hidden(now time.Time) map[string][]string {
	v.mu.Lock()
	defer v.mu.Unlock()
	var found map[string][]string
	for table, keys := range v.rows {
		maps.DeleteFunc(keys, func(_ string, until time.Time) bool { return !now.Before(until) })
		if len(keys) == 0 {
			delete(v.rows, table)
			continue
		}
		if found == nil {
			found = make(map[string][]string)
		}
		found[table] = slices.Sorted(maps.Keys(keys))
	}
	return found
}

// behind lets fn see the store without the hidden rows: for the time of fn a view
// stands before each table that has some.
func (v *veil) behind(ctx context.Context, tx *sql.Tx, fn func() error) error {
	hidden := v.hidden(time.Now())
	if len(hidden) == 0 {
		return fn()
	}
	tables, err := veiledTables(ctx, tx)
	if err != nil {
		return err
	}
	for _, t := range tables {
		keys := hidden[t.name]
		if len(keys) == 0 {
			continue
		}
		statement := fmt.Sprintf("CREATE TEMP VIEW %s AS SELECT * FROM main.%[1]s WHERE %s NOT IN ('%s')",
			quoteName(t.name), t.key, strings.Join(keys, "','"))
		if _, err := tx.ExecContext(ctx, statement); err != nil {
			return err
		}
	}
	if err := fn(); err != nil {
		return err // the views end with the transaction
	}
	for table := range hidden {
		if _, err := tx.ExecContext(ctx, "DROP VIEW IF EXISTS temp."+quoteName(table)); err != nil {
			return err
		}
	}
	return nil
}

// veiledTables lists the tables whose rows have an id, pipelines and currencies
// included. Rows without one hang on others and are not found without them.
func veiledTables(ctx context.Context, tx querier) ([]veiledTable, error) {
	rows, err := tx.QueryContext(ctx, `SELECT t.name FROM pragma_table_list AS t JOIN pragma_table_info(t.name) AS c
		WHERE t.schema = 'main' AND t.type = 'table' AND t.wr = 0 AND c.name = 'id' AND c.pk = 1 ORDER BY t.name`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	list := []veiledTable{{"crm_category", `(etid || '/' || id)`}, {"crm_currency", "code"}}
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			return nil, err
		}
		list = append(list, veiledTable{name, `CAST("id" AS TEXT)`})
	}
	return list, rows.Err()
}

// keysOf reads the keys of all rows of a table.
func keysOf(ctx context.Context, db querier, t veiledTable) (map[string]bool, error) {
	rows, err := db.QueryContext(ctx, fmt.Sprintf("SELECT %s FROM %s", t.key, quoteName(t.name)))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	keys := make(map[string]bool)
	for rows.Next() {
		var key string
		if err := rows.Scan(&key); err != nil {
			return nil, err
		}
		keys[strings.ReplaceAll(key, "'", "''")] = true // as a literal
	}
	return keys, rows.Err()
}

// A snapshot is what was in the store: the keys of each table.
type snapshot map[veiledTable]map[string]bool

func (p *Portal) snapshot(ctx context.Context) (snapshot, error) {
	tables, err := veiledTables(ctx, p.db)
	if err != nil {
		return nil, err
	}
	before := make(snapshot, len(tables))
	for _, t := range tables {
		if before[t], err = keysOf(ctx, p.db, t); err != nil {
			return nil, err
		}
	}
	return before, nil
}

// veilNew hides what is in the store now and was not before.
func (p *Portal) veilNew(ctx context.Context, before snapshot, until time.Time) error {
	now, err := p.snapshot(ctx)
	if err != nil {
		return err
	}
	for t, keys := range now {
		maps.DeleteFunc(keys, func(key string, _ bool) bool { return before[t][key] })
		p.veil.hide(t.name, slices.Collect(maps.Keys(keys)), until)
	}
	return nil
}

// lately runs a method, and hides what it added if a rule for it is due. The
// caller holds the portal.
func (p *Portal) lately(ctx context.Context, m method, run func() error) error {
	if !m.write || !adds(m.name) {
		return run()
	}
	rules := p.faults.due(aroundRun, m.name)
	if len(rules) == 0 {
		return run()
	}
	before, err := p.snapshot(ctx)
	if err != nil {
		return err
	}
	if err := run(); err != nil {
		return err
	}
	late, _ := time.ParseDuration(rules[0].For) // checked
	return p.veilNew(ctx, before, time.Now().Add(late))
}

// adds reports whether a method of this name makes something new.
func adds(name string) bool {
	name = strings.ToLower(name)
	for _, suffix := range []string{".add", ".import", ".batchimport"} {
		if strings.HasSuffix(name, suffix) {
			return true
		}
	}
	return false
}
