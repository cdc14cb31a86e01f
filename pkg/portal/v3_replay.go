package portal

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"net/http"
	"time"
)

const replaySchema = `CREATE TABLE IF NOT EXISTS rest_replay (
	credential TEXT NOT NULL, method TEXT NOT NULL, key TEXT NOT NULL, body TEXT NOT NULL, answer BLOB NOT NULL,
	at INTEGER NOT NULL, PRIMARY KEY (credential, method, key)) WITHOUT ROWID, STRICT`

// replayWindow is how long the answer to a call with an Idempotency-Key is kept.
const replayWindow = 24 * time.Hour

// idempotencyKey returns the key that the client chose for its call, "" for
// none. Reading methods do without.
// Source: https://apidocs.bitrix24.com/api-reference/rest-v3.html#idempotency.
func (r v3Request) idempotencyKey() (string, error) {
	values := r.header.Values("Idempotency-Key")
	if len(values) == 0 || !v3Methods()[r.method].write {
		return "", nil
	}
	key := values[0]
	valid := len(key) >= 1 && len(key) <= 255
	for _, c := range []byte(key) {
		valid = valid && c >= ' ' && c <= '~'
	}
	if !valid {
		return "", &v3Fault{
			status: http.StatusBadRequest, code: v3Prefix + "INVALIDIDEMPOTENCYKEYEXCEPTION",
			message: "An idempotency key has 1 to 255 printable ASCII characters",
		}
	}
	return key, nil
}

// replay runs a call, or returns the answer that the same call with the same key
// was given. Only answers without an error are kept.
func (p *Portal) replay(ctx context.Context, r v3Request, key string, run func(*sql.Tx) ([]byte, error)) (answer []byte, replayed bool, err error) {
	credential, body := sha256Hex([]byte(r.credential)), sha256Hex(r.body)
	err = p.tx(ctx, func(tx *sql.Tx) error {
		if key == "" {
			answer, err = run(tx)
			return err
		}
		var known string
		oldest := p.now().Add(-replayWindow).Unix()
		err := tx.QueryRowContext(ctx, `SELECT body, answer FROM rest_replay WHERE credential = ? AND method = ? AND key = ? AND at > ?`,
			credential, r.method, key, oldest).Scan(&known, &answer)
		if err == nil {
			replayed = true
			return reused(known, body)
		}
		if !errors.Is(err, sql.ErrNoRows) {
			return err
		}
		if answer, err = run(tx); err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `INSERT OR REPLACE INTO rest_replay (credential, method, key, body, answer, at) VALUES (?, ?, ?, ?, ?, ?)`,
			credential, r.method, key, body, answer, p.now().Unix())
		return err
	})
	return answer, replayed, err
}

// reused refuses a key that came with another body before.
func reused(known, body string) error {
	if known == body {
		return nil
	}
	return &v3Fault{
		status: http.StatusUnprocessableEntity, code: v3Prefix + "IDEMPOTENCYKEYREUSEDEXCEPTION",
		message: "The idempotency key was used with a different request body",
	}
}

func sha256Hex(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}
