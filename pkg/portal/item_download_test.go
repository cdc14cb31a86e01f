package portal

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// A link of a file field leads to the file, as it was stored, for the item and field
// that hold it only; and not in a batch.
func TestAFileOfAnItemIsDownloaded(t *testing.T) {
	c := &crm{t: t, user: 1, p: openPortal(t, Config{})}
	c.add(4, `{"title":"A","logo":["logo.png","UE5H"]}`)
	c.add(4, `{"title":"B"}`)
	get := func(method string, item int, field string, file int) *httptest.ResponseRecorder {
		w := httptest.NewRecorder()
		c.p.ServeHTTP(w, httptest.NewRequest(method, fmt.Sprintf("%s%s/?entityTypeId=4&id=%d&fieldName=%s&fileId=%d", c.p.WebhookPath(), fileMethod, item, field, file), nil))
		return w
	}
	for _, method := range []string{http.MethodGet, http.MethodPost} {
		w := get(method, 1, "LOGO", 1)
		if w.Code != http.StatusOK || w.Body.String() != "PNG" || w.Header().Get("Content-Disposition") != "attachment; filename=logo.png" {
			t.Errorf("%s: HTTP %d %q %v", method, w.Code, w.Body, w.Header())
		}
	}
	for _, w := range []*httptest.ResponseRecorder{get("GET", 2, "LOGO", 1), get("GET", 1, "TITLE", 1), get("GET", 1, "LOGO", 2), get("GET", 9, "LOGO", 1)} {
		if w.Code != http.StatusBadRequest || !strings.Contains(w.Body.String(), "NOT_FOUND") {
			t.Errorf("HTTP %d %s, want NOT_FOUND", w.Code, w.Body)
		}
	}
	w := httptest.NewRecorder()
	c.p.ServeHTTP(w, httptest.NewRequest("GET", c.p.WebhookPath()+"batch?cmd[a]="+fileMethod+"%3FentityTypeId%3D4%26id%3D1%26fieldName%3DLOGO%26fileId%3D1", nil))
	if !strings.Contains(w.Body.String(), "ERROR_BATCH_METHOD_NOT_ALLOWED") {
		t.Errorf("a batch carries a file: %s", w.Body)
	}
}
