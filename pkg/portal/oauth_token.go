package portal

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"net/http"
	"strings"
	"time"
)

// tokenSchema is the table of codes and tokens. Only their hashes are kept, so
// that a copy of the file opens nothing.
const tokenSchema = `CREATE TABLE IF NOT EXISTS portal_token (
	hash TEXT PRIMARY KEY, kind TEXT NOT NULL, client TEXT NOT NULL, user INTEGER NOT NULL, expires INTEGER NOT NULL) WITHOUT ROWID, STRICT`

// A tokenKind says what a token is good for.
type tokenKind string

const (
	tokenCode    tokenKind = "code"
	tokenAccess  tokenKind = "access"
	tokenRefresh tokenKind = "refresh"
)

// life is how long a token is good, see settings/oauth/.
func (k tokenKind) life() time.Duration {
	switch k {
	case tokenCode:
		return 30 * time.Second
	case tokenAccess:
		return time.Hour
	}
	return 180 * 24 * time.Hour
}

// tokenMemory is how long an expired token is still told from an unknown one.
const tokenMemory = 180 * 24 * time.Hour

// A token is a row of portal_token.
type token struct {
	user    int
	expires time.Time
}

// A tokenPair is what the token endpoint gives out.
type tokenPair struct {
	access, refresh string
	user            int
	expires         time.Time // of the access token
}

func tokenHash(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(sum[:])
}

// issue stores and returns a new token for a user.
func (p *Portal) issue(ctx context.Context, kind tokenKind, user int) (string, error) {
	var secret string
	err := p.tx(ctx, func(tx *sql.Tx) error {
		var err error
		secret, err = p.insertToken(ctx, tx, kind, user, time.Now())
		return err
	})
	return secret, err
}

func (p *Portal) insertToken(ctx context.Context, tx *sql.Tx, kind tokenKind, user int, now time.Time) (string, error) {
	if _, err := tx.ExecContext(ctx, `DELETE FROM portal_token WHERE expires < ?`, now.Add(-tokenMemory).UnixMilli()); err != nil {
		return "", err
	}
	secret := newToken()
	_, err := tx.ExecContext(ctx, `INSERT INTO portal_token (hash, kind, client, user, expires) VALUES (?, ?, ?, ?, ?)`,
		tokenHash(secret), string(kind), p.application.ClientID, user, now.Add(kind.life()).UnixMilli())
	return secret, err
}

// A querier is a database or a transaction.
type querier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// findToken returns a token of the installed application; sql.ErrNoRows if
// there is none.
func (p *Portal) findToken(ctx context.Context, q querier, kind tokenKind, secret string) (token, error) {
	var t token
	var expires int64
	err := q.QueryRowContext(ctx, `SELECT user, expires FROM portal_token WHERE hash = ? AND kind = ? AND client = ?`,
		tokenHash(secret), string(kind), p.application.ClientID).Scan(&t.user, &expires)
	t.expires = time.UnixMilli(expires)
	return t, err
}

// exchange consumes a code or a refresh token and issues a new pair: each is
// good for one exchange. Access tokens that were issued before stay good.
func (p *Portal) exchange(ctx context.Context, kind tokenKind, secret string) (tokenPair, error) {
	var pair tokenPair
	err := p.tx(ctx, func(tx *sql.Tx) error {
		now := time.Now()
		old, err := p.findToken(ctx, tx, kind, secret)
		if errors.Is(err, sql.ErrNoRows) || err == nil && !now.Before(old.expires) {
			return &fault{code: "invalid_grant", text: "The authorization code or refresh token is invalid or has expired"}
		}
		if err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, `DELETE FROM portal_token WHERE hash = ?`, tokenHash(secret)); err != nil {
			return err
		}
		pair, err = p.issuePair(ctx, tx, old.user, now)
		return err
	})
	return pair, err
}

func (p *Portal) issuePair(ctx context.Context, tx *sql.Tx, user int, now time.Time) (pair tokenPair, err error) {
	pair.user, pair.expires = user, now.Add(tokenAccess.life())
	if pair.access, err = p.insertToken(ctx, tx, tokenAccess, user, now); err != nil {
		return pair, err
	}
	pair.refresh, err = p.insertToken(ctx, tx, tokenRefresh, user, now)
	return pair, err
}

// accessToken returns the token that a request carries, as auth or access_token
// among its parameters or as a bearer token in its header; parameters win. It
// takes the parameters away.
func accessToken(r *http.Request, params *Map) string {
	scheme, secret, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "Bearer") {
		secret = ""
	}
	for _, name := range []string{"access_token", "auth"} {
		v, _ := params.Get(name)
		if text, _ := asString(v); text != "" {
			secret = text
		}
		params.remove(name)
	}
	return strings.TrimSpace(secret)
}

// identifyToken returns the request of an access token's user. An unknown token
// is invalid, one that has run out is expired: the first asks for a new
// authorization, the second for a renewal.
func (p *Portal) identifyToken(ctx context.Context, secret string) (*request, error) {
	if !p.application.installed() {
		return nil, invalidToken()
	}
	t, err := p.findToken(ctx, p.db, tokenAccess, secret)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return nil, invalidToken()
	case err != nil:
		return nil, err
	case !time.Now().Before(t.expires):
		return nil, expiredToken()
	}
	return &request{
		user: t.user, credential: "application " + p.application.ClientID,
		application: &p.application, grant: p.application.grant(),
	}, nil
}

func expiredToken() *fault {
	return &fault{status: http.StatusUnauthorized, code: "expired_token", text: "The access token provided has expired"}
}

func invalidToken() *fault {
	return &fault{status: http.StatusUnauthorized, code: "invalid_token", text: "Unable to get application by token"}
}

// loadMemberID returns the portal's identity, which stays whatever its address
// is; a new portal gets one.
func (p *Portal) loadMemberID(ctx context.Context) (string, error) {
	const name = "portal.member_id"
	stored, err := loadSetting(ctx, p.db, name)
	if err != nil || stored != "" {
		return stored, err
	}
	id := make([]byte, 16)
	rand.Read(id)
	stored = hex.EncodeToString(id)
	return stored, saveSetting(ctx, p.db, name, stored)
}
