package main

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/b24apply/b24apply/pkg/portal"
)

// A portal that rewrites a text by rules that nobody knows makes the item partial, and
// the report says what the portal keeps. Declaring that is the end of it: nothing more
// is written.
func TestATextThatThePortalRewritesComesToRestOnceItsAnswerIsDeclared(t *testing.T) {
	w := openWorld(t, portal.Config{})
	rewriting := httptest.NewServer(http.HandlerFunc(func(res http.ResponseWriter, req *http.Request) {
		body, err := io.ReadAll(req.Body)
		if err != nil {
			t.Error(err)
		}
		body = bytes.ReplaceAll(body, []byte("Draft"), []byte("Final"))
		req.Body, req.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
		w.portal.ServeHTTP(res, req)
	}))
	t.Cleanup(rewriting.Close)
	w.url = rewriting.URL + w.portal.WebhookPath()
	l := &fieldLadder{world: w, dir: t.TempDir()}
	deal := func(comments string) string {
		return "kind: Deal\nmetadata: {name: d}\nspec: {fields: {title: D, comments: " + comments + "}}"
	}
	l.write("deal", deal("Draft one"))
	var report jsonReport
	if err := json.Unmarshal([]byte(l.anyExit("apply", "-f", l.dir, "--yes", "-o", "json")), &report); err != nil {
		t.Fatal(err)
	}
	item := report.Items[0]
	if item.Status != "partial" || !strings.Contains(item.Error, `sent "Draft one", the portal has "Final one"`) ||
		!strings.Contains(item.Hint, "declare it as the portal shows it now") {
		t.Errorf("%s: %s\nhint: %s", item.Status, item.Error, item.Hint)
	}
	l.write("deal", deal("Final one"))
	l.holds(rungFirst)
}
