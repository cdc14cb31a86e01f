package portal

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

const webhookSchema = `CREATE TABLE IF NOT EXISTS portal_webhook (
	user INTEGER NOT NULL, secret TEXT NOT NULL, scopes TEXT NOT NULL, rights TEXT NOT NULL,
	PRIMARY KEY (user, secret)) WITHOUT ROWID, STRICT`

// A Webhook is an inbound webhook besides the one of user 1. It acts as its user
// within its scopes and rights.
type Webhook struct {
	User   int      `json:"user"`   // id of a user of the portal
	Secret string   `json:"secret"` // letters, digits, _ and -; "" is a random one
	Scopes []string `json:"scopes"` // such as "crm"; nil is all there are
	Rights Rights   `json:"rights"` // nil is all of them, see Rights for administration
}

// Path returns the webhook's path, "/rest/<user>/<secret>/". It is a credential.
func (h Webhook) Path() string { return fmt.Sprintf("/rest/%d/%s/", h.User, h.Secret) }

// complete checks a webhook and fills in the defaults.
func (h *Webhook) complete() error {
	if strings.Trim(h.Secret, secretAlphabet) != "" {
		return errors.New("the webhook's secret may hold only letters, digits, _ and -")
	}
	if h.Secret == "" {
		h.Secret = strings.ToLower(rand.Text())
	}
	return h.Rights.check()
}

// AddWebhook adds a webhook, or changes the scopes and rights of the one with
// the same user and secret. It returns the webhook with its secret.
func (p *Portal) AddWebhook(ctx context.Context, h Webhook) (Webhook, error) {
	if err := h.complete(); err != nil {
		return h, err
	}
	if _, err := p.userByID(ctx, h.User); errors.Is(err, sql.ErrNoRows) {
		return h, fmt.Errorf("a webhook for user %d, who does not exist", h.User)
	} else if err != nil {
		return h, err
	}
	scopes, err := json.Marshal(h.Scopes)
	if err != nil {
		return h, err
	}
	rights, err := json.Marshal(h.Rights)
	if err != nil {
		return h, err
	}
	_, err = p.db.ExecContext(ctx, `INSERT INTO portal_webhook (user, secret, scopes, rights) VALUES (?, ?, ?, ?)
		ON CONFLICT (user, secret) DO UPDATE SET scopes = excluded.scopes, rights = excluded.rights`,
		h.User, h.Secret, string(scopes), string(rights))
	if err != nil {
		return h, err
	}
	return h, p.loadWebhooks(ctx)
}

// loadWebhooks reads the webhooks that requests are checked against. Those of
// people who left are none.
func (p *Portal) loadWebhooks(ctx context.Context) error {
	rows, err := p.db.QueryContext(ctx, `SELECT user, secret, scopes, rights FROM portal_webhook
		JOIN portal_user ON id = user WHERE active = 1 ORDER BY user, secret`)
	if err != nil {
		return err
	}
	defer rows.Close()
	var list []Webhook
	for rows.Next() {
		var h Webhook
		var scopes, rights string
		if err := rows.Scan(&h.User, &h.Secret, &scopes, &rights); err != nil {
			return err
		}
		if err := errors.Join(json.Unmarshal([]byte(scopes), &h.Scopes), json.Unmarshal([]byte(rights), &h.Rights)); err != nil {
			return fmt.Errorf("stored webhook of user %d: %w", h.User, err)
		}
		list = append(list, h)
	}
	p.hooks.Store(&list)
	return rows.Err()
}

// addWebhooks stores the webhooks of a configuration and reads all there are.
func (p *Portal) addWebhooks(ctx context.Context, hooks []Webhook) error {
	for _, h := range hooks {
		if _, err := p.AddWebhook(ctx, h); err != nil {
			return err
		}
	}
	return p.loadWebhooks(ctx)
}

// webhook returns the webhook of an address, the first one of user 1 included,
// whose scopes and rights a later one of the same secret may narrow.
func (p *Portal) webhook(a address) (Webhook, bool) {
	main := Webhook{User: 1, Secret: p.secret}
	for _, h := range append(slices.Clone(*p.hooks.Load()), main) {
		if a.user == strconv.Itoa(h.User) && subtle.ConstantTimeCompare([]byte(a.secret), []byte(h.Secret)) == 1 {
			return h, true
		}
	}
	return Webhook{}, false
}

// grant is what the webhook allows, nil for the one of user 1: an administrator
// with all scopes.
func (h Webhook) grant() *grant {
	if h.User == 1 && h.Scopes == nil && h.Rights == nil {
		return nil
	}
	scopes := h.Scopes
	if scopes != nil {
		scopes = slices.Sorted(slices.Values(scopes))
	}
	return &grant{scopes: scopes, rights: h.Rights}
}

// credential names the webhook, without its secret, where requests are told
// apart.
func (h Webhook) credential() string { return "webhook " + sha256Hex([]byte(h.Path())) }

// serveWebhooks answers POST /__portal/webhooks: a Webhook as JSON adds it, and
// its path is the answer.
func (p *Portal) serveWebhooks(w http.ResponseWriter, r *http.Request) {
	if !allowed(w, r, http.MethodPost) {
		return
	}
	dec := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxBody))
	dec.DisallowUnknownFields()
	var h Webhook
	if err := dec.Decode(&h); err != nil {
		http.Error(w, "a webhook is a JSON object with user, secret, scopes and rights: "+err.Error(), http.StatusBadRequest)
		return
	}
	h, err := p.AddWebhook(r.Context(), h)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	json.NewEncoder(w).Encode(map[string]string{"path": h.Path()})
}
