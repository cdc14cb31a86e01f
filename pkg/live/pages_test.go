package live

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"github.com/b24apply/b24apply/pkg/bitrix"
	"github.com/b24apply/b24apply/pkg/kind"
)

// A pagePortal answers lists of entries, 50 at a time, in batches and alone.
type pagePortal struct {
	entries  int
	name     string // of the column that tells entries apart
	counts   bool   // it tells how many there are
	ignores  bool   // it gives the first page whatever is asked for
	requests int
}

func (p *pagePortal) RoundTrip(req *http.Request) (*http.Response, error) {
	p.requests++
	var body struct {
		Cmd   map[string]string
		Start int
	}
	if err := json.NewDecoder(req.Body).Decode(&body); err != nil {
		return nil, err
	}
	if body.Cmd == nil {
		answer := map[string]any{"result": p.page(body.Start)}
		if p.counts {
			answer["total"] = p.entries
		}
		return answerOf(answer)
	}
	results, totals := map[string]any{}, map[string]any{}
	for key, command := range body.Cmd {
		_, query, _ := strings.Cut(command, "?")
		values, _ := url.ParseQuery(query)
		start, _ := strconv.Atoi(values.Get("start"))
		if results[key] = p.page(start); p.counts {
			totals[key] = p.entries
		}
	}
	return answerOf(map[string]any{"result": map[string]any{"result": results, "result_total": totals}})
}

func (p *pagePortal) page(start int) (rows []any) {
	if p.ignores {
		start = 0
	}
	for i := start; i < min(start+bitrix.PageSize, p.entries); i++ {
		rows = append(rows, map[string]any{p.name: fmt.Sprintf("X%d", i)})
	}
	return rows
}

func answerOf(v any) (*http.Response, error) {
	text, err := json.Marshal(v)
	return &http.Response{StatusCode: 200, Header: http.Header{}, Body: io.NopCloser(bytes.NewReader(text))}, err
}

func currencies(t *testing.T, p *pagePortal) (int, error) {
	t.Helper()
	client, err := bitrix.New(bitrix.Config{Webhook: "https://p.bitrix24.com/rest/1/abcdefgh/", Transport: p, Attempts: 1})
	if err != nil {
		t.Fatal(err)
	}
	n, err := New(client).Names(t.Context(), kind.Wanted{Currencies: true})
	return len(n.Currencies), err
}

// A small list is read whole, whether it is counted or not, and whatever its rows are
// called; one of which the portal keeps a part back is no list.
func TestAFullPageIsNotTakenForTheWholeList(t *testing.T) {
	for _, tc := range []struct {
		portal   pagePortal
		requests int
		fails    bool
	}{
		{pagePortal{entries: 49, name: "CURRENCY"}, 1, false},
		{pagePortal{entries: 50, name: "CURRENCY", counts: true}, 1, false},
		{pagePortal{entries: 50, name: "CURRENCY"}, 3, false},
		{pagePortal{entries: 120, name: "CURRENCY"}, 4, false},
		{pagePortal{entries: 120, name: "CURRENCY", counts: true}, 4, false},
		{pagePortal{entries: 50, name: "CURRENCY", ignores: true}, 3, false},
		{pagePortal{entries: 120, name: "CURRENCY", counts: true, ignores: true}, 3, true},
	} {
		p := tc.portal
		got, err := currencies(t, &p)
		if tc.fails != errors.Is(err, bitrix.ErrIncomplete) || !tc.fails && got != tc.portal.entries || p.requests != tc.requests {
			t.Errorf("%+v: %d of %d by %d requests: %v", tc.portal, got, tc.portal.entries, p.requests, err)
		}
	}
}

func TestAnEmptyAnswerHoldsNoRows(t *testing.T) {
	if rows, err := rowsOf(json.RawMessage(`[]`), "types"); err != nil || rows != nil {
		t.Errorf("%v, %v", rows, err)
	}
	for _, bad := range []string{`null`, `{}`, `[1]`, `{"other":[]}`} {
		if _, err := rowsOf(json.RawMessage(bad), "types"); err == nil {
			t.Errorf("%s holds types", bad)
		}
	}
}
