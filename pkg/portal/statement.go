package portal

import (
	"context"
	"database/sql"
)

// statements keeps the statements that a command has compiled, by their text.
// An import runs the same few for every item, and compiling them would cost more
// than running them. They end with the transaction.
type statements struct {
	tx   *sql.Tx
	kept map[string]*sql.Stmt
}

func newStatements(tx *sql.Tx) statements {
	return statements{tx: tx, kept: make(map[string]*sql.Stmt)}
}

// prepare returns the compiled statement of a text.
func (s statements) prepare(ctx context.Context, query string) (*sql.Stmt, error) {
	if stmt, ok := s.kept[query]; ok {
		return stmt, nil
	}
	stmt, err := s.tx.PrepareContext(ctx, query)
	if err == nil {
		s.kept[query] = stmt
	}
	return stmt, err
}

// exec runs a statement that answers no rows.
func (s *store) exec(ctx context.Context, query string, args ...any) error {
	_, err := s.insertRow(ctx, query, args...)
	return err
}

// insertRow runs a statement and returns the id of the row that it inserted.
func (s *store) insertRow(ctx context.Context, query string, args ...any) (int64, error) {
	stmt, err := s.statements.prepare(ctx, query)
	if err != nil {
		return 0, err
	}
	res, err := stmt.ExecContext(ctx, args...)
	if err != nil {
		return 0, err
	}
	return res.LastInsertId()
}

// scan runs a query and calls row for every row of its answer.
func (s *store) scan(ctx context.Context, row func(*sql.Rows) error, query string, args ...any) error {
	stmt, err := s.statements.prepare(ctx, query)
	if err != nil {
		return err
	}
	rows, err := stmt.QueryContext(ctx, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := row(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}
