package bitrix

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"
)

// The body of a batch of REST 3.0 is a list, which has no place for the token.
func TestTokenOfAV3BatchTravelsInItsHeader(t *testing.T) {
	var got []string
	source := &tokenList{tokens: []Token{token("old"), token("new!")}}
	c := newClient(t, roundTrip(func(req *http.Request) (*http.Response, error) {
		body, err := io.ReadAll(req.Body)
		got = append(got, req.URL.Path+" "+req.Header.Get("Authorization")+" "+strings.TrimSpace(string(body)))
		if req.Header.Get("Authorization") == "Bearer old" {
			return refuse(401, "expired_token"), err
		}
		return reply(200, `{"result":[{"item":{"id":1}}]}`), err
	}), func(cfg *Config) { cfg.Webhook, cfg.Tokens = "", source })
	batch := []any{map[string]any{"method": "tasks.task.get"}}
	if _, err := c.Do(t.Context(), Request{Method: "batch", Params: batch, V3: true}); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Do(t.Context(), Request{Method: "tasks.task.get", V3: true}); err != nil {
		t.Fatal(err)
	}
	want := []string{
		`/rest/api/batch Bearer old [{"method":"tasks.task.get"}]`,
		`/rest/api/batch Bearer new [{"method":"tasks.task.get"}]`,
		`/rest/api/tasks.task.get  {"auth":"new"}`,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// The token is a part of the body. Where it was renewed after an answer was lost, the
// portal may take the repetition for another call under the same key: it then has
// executed the first one, and a new key would do it twice.
func TestAKeyThatIsRefusedAfterALostAnswerIsAnUnknownOutcome(t *testing.T) {
	const reused = `{"error":{"code":"BITRIX_REST_V3_EXCEPTION_IDEMPOTENCYKEYREUSEDEXCEPTION","message":"other body"}}`
	synctest.Test(t, func(t *testing.T) {
		w := &v3Wire{answers: []func() (*http.Response, error){loses, says(422, reused)}}
		_, err := w.client(t).Do(t.Context(), Request{Method: "tasks.task.add", V3: true})
		if kind(err) != "unknown" || len(w.sent) != 2 {
			t.Errorf("%v after %d requests", err, len(w.sent))
		}
		w = &v3Wire{answers: []func() (*http.Response, error){says(422, reused)}}
		_, err = w.client(t).Do(t.Context(), Request{Method: "tasks.task.add", V3: true})
		if kind(err) != "refused" || len(w.sent) != 1 {
			t.Errorf("without a lost answer: %v after %d requests", err, len(w.sent))
		}
	})
}
