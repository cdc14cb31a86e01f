package portal

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

const (
	applicationID = 0x42323442 // "B24B": marks a file as the store of a portal
	schemaVersion = 4          // raised whenever the tables change
)

// openStore opens the database file, or one in memory if the path is empty.
// One connection makes the store a single writer, and keeps a database in
// memory alive.
func openStore(path string) (*sql.DB, error) {
	dsn := "file::memory:?_txlock=immediate"
	if path != "" {
		if err := makeFile(path); err != nil {
			return nil, err
		}
		dsn = "file:" + (&url.URL{Path: path}).EscapedPath() + "?_txlock=immediate&_pragma=busy_timeout(10000)"
	}
	db, err := sql.Open("sqlite", dsn)
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1)
	db.SetMaxIdleConns(1)
	return db, nil
}

// makeFile creates an empty file and its folder, if they are not there. Only
// the owner may read them, since the store holds the webhook's secret.
func makeFile(path string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	return file.Close()
}

// storeError adds the file to an error of the store.
func storeError(path string, err error) error {
	var failure *sqlite.Error
	if errors.As(err, &failure) && failure.Code() == sqlite3.SQLITE_NOTADB {
		err = errors.New("not a SQLite database; name another file")
	}
	if path == "" {
		return fmt.Errorf("portal in memory: %w", err)
	}
	return fmt.Errorf("portal data %s: %w", path, err)
}

// checkStore reports whether the store is new. It fails if the store holds
// something else than a complete portal of this version.
func checkStore(ctx context.Context, db *sql.DB) (fresh bool, err error) {
	var app, version, tables int
	err = db.QueryRowContext(ctx, `SELECT application_id, user_version, (SELECT count(*) FROM sqlite_schema)
		FROM pragma_application_id, pragma_user_version`).Scan(&app, &version, &tables)
	if err != nil {
		return false, err
	}
	switch {
	case app == 0 && version == 0 && tables == 0:
		return true, nil
	case app != applicationID:
		return false, errors.New("a SQLite database of another program; name another file")
	case version == 0:
		return false, errors.New("its creation was interrupted; delete the file to start over")
	case version != schemaVersion:
		return false, fmt.Errorf("written with version %d of the portal's tables, this program needs version %d; name another file", version, schemaVersion)
	}
	return false, checkPassive(ctx, db)
}

// active finds the tables that compute something while they are read or written.
var active = regexp.MustCompile(`(?i)\b(virtual|generated|as|check)\b`)

// checkPassive refuses a store that runs code of its own, without end perhaps: the file
// may have come with a repository. Ours has tables and indexes only.
func checkPassive(ctx context.Context, db *sql.DB) error {
	rows, err := db.QueryContext(ctx, "SELECT type, COALESCE(sql, '') FROM sqlite_schema")
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var kind, text string
		if err := rows.Scan(&kind, &text); err != nil {
			return err
		}
		if kind != "table" && kind != "index" || kind == "table" && active.MatchString(text) {
			return errors.New("it holds a view, a trigger or a computed column, which no portal in a box has; delete the file, or name another one")
		}
	}
	return rows.Err()
}

// createTables makes every table and marks the store as ours, not yet complete.
func createTables(ctx context.Context, tx *sql.Tx) error {
	statements := slices.Concat(
		[]string{
			fmt.Sprintf("PRAGMA application_id = %d", applicationID),
			`CREATE TABLE IF NOT EXISTS portal_setting (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT`,
			userSchema,
			webhookSchema,
			tokenSchema,
		},
		crmSchema(),
	)
	for _, statement := range statements {
		if _, err := tx.ExecContext(ctx, statement); err != nil {
			return fmt.Errorf("create tables: %w", err)
		}
	}
	return nil
}

// completeStore marks the store as complete.
func completeStore(ctx context.Context, db *sql.DB) error {
	_, err := db.ExecContext(ctx, fmt.Sprintf("PRAGMA user_version = %d", schemaVersion))
	return err
}

// loadSetting returns a setting of the portal, "" if there is none.
func loadSetting(ctx context.Context, db *sql.DB, name string) (string, error) {
	var value string
	err := db.QueryRowContext(ctx, "SELECT value FROM portal_setting WHERE name = ?", name).Scan(&value)
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil
	}
	return value, err
}

// saveSetting stores a setting of the portal.
func saveSetting(ctx context.Context, db *sql.DB, name, value string) error {
	_, err := db.ExecContext(ctx,
		"INSERT INTO portal_setting (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
		name, value)
	return err
}

// tuneStore makes commits cheap. A killed process loses nothing; the last
// commits may be lost with the machine's power. The cache of 32 MiB holds what
// imports touch of the indexes of a million items.
func tuneStore(ctx context.Context, db *sql.DB) error {
	for _, pragma := range []string{"PRAGMA journal_mode = WAL", "PRAGMA synchronous = NORMAL", "PRAGMA cache_size = -32768"} {
		if _, err := db.ExecContext(ctx, pragma); err != nil {
			return err
		}
	}
	return nil
}
