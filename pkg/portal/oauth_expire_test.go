package portal

import "testing"

// Expired access tokens are refused, their refresh token still renews them, and
// the count tells how many pairs were issued.
func TestAccessTokensExpireOnDemand(t *testing.T) {
	w := newWireOf(t, Config{Application: testApplication})
	access, refresh := w.pair()
	if got := w.called(access, "user.current"); got != "" {
		t.Fatalf("before: %s", got)
	}
	if status, body := w.send("POST", "/__portal/tokens/expire", "", ""); status != 204 {
		t.Fatalf("status %d: %s", status, body)
	}
	if got := w.called(access, "user.current"); got != "expired_token" {
		t.Errorf("after: %q", got)
	}
	_, answer := w.token("refresh_token", "refresh_token", refresh)
	renewed, _ := answer["access_token"].(string)
	if got := w.called(renewed, "user.current"); got != "" {
		t.Errorf("renewed: %q", got)
	}
	if got := w.p.Stats().Tokens; got != 2 {
		t.Errorf("%d pairs of tokens counted, want 2", got)
	}
	if status, _ := w.send("GET", "/__portal/tokens/expire", "", ""); status != 405 {
		t.Errorf("GET: status %d", status)
	}
}
