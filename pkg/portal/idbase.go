package portal

import (
	"context"
	"database/sql"
	"strconv"
)

// idBaseSetting names the setting that holds where ids begin.
const idBaseSetting = "id.base"

// maxIDBase leaves room for entity type ids.
const maxIDBase = 1 << 29

// storeIDBase stores where ids begin, for numbers that are counted later, and
// moves every sequence there. It runs once, on a portal without rows.
func storeIDBase(ctx context.Context, tx *sql.Tx, base int) error {
	if base <= 1 {
		return nil
	}
	_, err := tx.ExecContext(ctx, `INSERT INTO portal_setting (name, value) VALUES (?, ?)`, idBaseSetting, strconv.Itoa(base))
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO sqlite_sequence (name, seq)
		SELECT name, ? FROM sqlite_schema WHERE type = 'table' AND sql LIKE '%AUTOINCREMENT%'`, base-1)
	return err
}

// firstID is SQL for where ids begin.
const firstID = `coalesce((SELECT CAST(value AS INTEGER) FROM portal_setting WHERE name = '` + idBaseSetting + `'), 1)`

// firstEntityTypeID is where the search for a free entity type id begins: like
// other ids, it differs from portal to portal.
func (s *store) firstEntityTypeID(ctx context.Context) (int64, error) {
	base, _, err := s.number(ctx, `SELECT `+firstID)
	if err != nil || base <= 1 {
		return firstSmart, err
	}
	return firstEven + base - base%2, nil
}
