package portal

import (
	"context"
	"net/http"
	"time"
)

// ExpireTokens makes every access token as old as it can get: from now on it is
// refused as expired_token until it is renewed. A test need not wait an hour.
func (p *Portal) ExpireTokens(ctx context.Context) error {
	_, err := p.db.ExecContext(ctx, `UPDATE portal_token SET expires = min(expires, ?) WHERE kind = ?`,
		time.Now().UnixMilli(), string(tokenAccess))
	return err
}

// serveExpire answers POST /__portal/tokens/expire.
func (p *Portal) serveExpire(w http.ResponseWriter, r *http.Request) {
	if !allowed(w, r, http.MethodPost) {
		return
	}
	if err := p.ExpireTokens(context.WithoutCancel(r.Context())); err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}
