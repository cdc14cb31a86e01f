package live

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/b24apply/b24apply/pkg/bitrix"
	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/portal"
)

// A rowPortal answers lists of product rows. Owner n has 3 rows, or none if n is in
// empty.
type rowPortal struct {
	empty    func(owner int) bool
	arrays   string // what it makes of several owners: "", "first", "half", "refuse", "ignore"
	requests int
	commands int
}

func (p *rowPortal) RoundTrip(req *http.Request) (*http.Response, error) {
	p.requests++
	var body struct{ Cmd map[string]string }
	if err := json.NewDecoder(req.Body).Decode(&body); err != nil {
		return nil, err
	}
	results, refused := map[string]any{}, map[string]any{}
	for key, command := range body.Cmd {
		p.commands++
		_, query, _ := strings.Cut(command, "?")
		values, err := url.ParseQuery(query)
		if err != nil {
			return nil, err
		}
		if rows, ok := p.list(values); ok {
			results[key] = map[string]any{"productRows": rows}
		} else {
			refused[key] = map[string]any{"error": "INVALID_ARG_VALUE", "error_description": "no array"}
		}
	}
	answer, err := json.Marshal(map[string]any{"result": map[string]any{"result": results, "result_error": refused}})
	return &http.Response{StatusCode: 200, Header: http.Header{}, Body: io.NopCloser(bytes.NewReader(answer))}, err
}

// list is the page behind an id of the rows of some owners.
func (p *rowPortal) list(query url.Values) (rows []any, ok bool) {
	asked := query["filter[=ownerId]"]
	if len(asked) == 0 {
		for i := 0; query.Has(fmt.Sprintf("filter[=ownerId][%d]", i)); i++ {
			asked = append(asked, query.Get(fmt.Sprintf("filter[=ownerId][%d]", i)))
		}
		switch p.arrays {
		case "refuse":
			return nil, false
		case "first":
			asked = asked[:1]
		case "half":
			asked = asked[:len(asked)/2]
		case "ignore":
			asked = []string{"1", "2", "3"}
		}
	}
	var after int
	rows = []any{}
	fmt.Sscan(query.Get("filter[>id]"), &after)
	for _, owner := range asked {
		var n int
		fmt.Sscan(owner, &n)
		for id := 3*n - 2; id <= 3*n && !p.empty(n); id++ {
			if id > after && len(rows) < bitrix.PageSize {
				rows = append(rows, map[string]any{"id": id, "ownerId": n, "ownerType": "D", "productName": fmt.Sprintf("P%d", id)})
			}
		}
	}
	return rows, true
}

func none(int) bool { return false }

// readFrom reads the rows of n deals, and says of which ids they are.
func (p *rowPortal) readFrom(t *testing.T, n int) []string { return p.readBy(t, p.reader(t), n) }

func (p *rowPortal) reader(t *testing.T) *Reader {
	t.Helper()
	client, err := bitrix.New(bitrix.Config{Webhook: "https://acme.example/rest/1/secretsecret/", Transport: p, Plan: "box", Concurrency: 1})
	if err != nil {
		t.Fatal(err)
	}
	return New(client)
}

// readBy is readFrom with a reader that may have read before.
func (p *rowPortal) readBy(t *testing.T, r *Reader, n int) (got []string) {
	t.Helper()
	var ids []int
	for i := range n {
		ids = append(ids, i+10)
	}
	found, err := r.Parts(t.Context(), []kind.PartSearch{{Part: kind.ProductsPart, Kind: (*kind.Table)(nil).OfEntity(2), EntityTypeID: 2, Owners: ids}})
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range ids {
		var rows []string
		for _, row := range found[0][id] {
			rows = append(rows, fmt.Sprintf("{%d %d}", row.Int("id"), row.Int("ownerId")))
		}
		got = append(got, fmt.Sprint(id, " ", rows))
	}
	return got
}

// wantRows are the rows of n deals.
func wantRows(n int, empty func(int) bool) (want []string) {
	for i := range n {
		owner := i + 10
		rows := fmt.Sprintf("[{%d %d} {%d %d} {%d %d}]", 3*owner-2, owner, 3*owner-1, owner, 3*owner, owner)
		if empty(owner) {
			rows = "[]"
		}
		want = append(want, fmt.Sprint(owner, " ", rows))
	}
	return want
}

// 1,000 deals with 3 rows each are read by ⌈N/2450⌉ + ⌈rows/2450⌉ + 20 requests at most.
func TestProductRowsOfManyOwnersTakeFewRequests(t *testing.T) {
	p := &rowPortal{empty: none}
	if diff := cmp.Diff(wantRows(1000, none), p.readFrom(t, 1000)); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if most := 1 + 2 + 20; p.requests > most || p.requests > 6 {
		t.Errorf("%d requests for %d lists, want 6", p.requests, p.commands)
	}
}

// What a portal makes of several owners is found out once for all blocks: a list of several
// owners is 50 lists less than the owners one by one.
func TestWhatAPortalMakesOfSeveralOwnersIsFoundOutOnce(t *testing.T) {
	for _, tc := range []struct {
		arrays string
		first  int // the lists and further pages of 98 owners with 3 rows each, with the probe among them
		next   int
	}{{"", 1 + 49 + 2 + 1 + 2, 2 * (1 + 2)}, {"refuse", 1 + 98, 98}} {
		p := &rowPortal{empty: none, arrays: tc.arrays}
		r := p.reader(t)
		for block := range 3 {
			before := p.commands
			if diff := cmp.Diff(wantRows(98, none), p.readBy(t, r, 98)); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
			want := tc.next
			if block == 0 {
				want = tc.first
			}
			if sent := p.commands - before; sent != want {
				t.Errorf("%q, block %d: %d lists, want %d", tc.arrays, block, sent, want)
			}
		}
	}
}

// Owners that one request can ask for one by one are asked for so.
func TestProductRowsOfFewOwnersAreListedOneByOne(t *testing.T) {
	p := &rowPortal{empty: none, arrays: "refuse"}
	if diff := cmp.Diff(wantRows(50, none), p.readFrom(t, 50)); diff != "" || p.requests != 1 {
		t.Errorf("%d requests, -want +got:\n%s", p.requests, diff)
	}
}

// A portal that does not give the rows of several owners is found out by the first
// request, or as soon as there are rows.
func TestProductRowsAreReadWholeWhateverThePortalMakesOfSeveralOwners(t *testing.T) {
	for _, arrays := range []string{"first", "half", "refuse", "ignore"} {
		for name, empty := range map[string]func(int) bool{
			"all have rows":         none,
			"the first have none":   func(n int) bool { return n < 100 },
			"only one in 60 has":    func(n int) bool { return n%60 != 0 },
			"none has":              func(int) bool { return true },
			"the last has, it only": func(n int) bool { return n != 209 },
		} {
			p := &rowPortal{empty: empty, arrays: arrays}
			if diff := cmp.Diff(wantRows(200, empty), p.readFrom(t, 200)); diff != "" {
				t.Errorf("%s, %s: -want +got:\n%s", arrays, name, diff)
			}
			if p.requests > 6 {
				t.Errorf("%s, %s: %d requests", arrays, name, p.requests)
			}
		}
	}
}

// The portal in a box gives the rows of several owners, as the method's page says.
func TestProductRowsOfManyOwnersComeFromThePortalInABox(t *testing.T) {
	p, err := portal.Open(t.Context(), portal.Config{})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(p)
	t.Cleanup(func() { server.Close(); _ = p.Close() })
	client, err := bitrix.New(bitrix.Config{Webhook: server.URL + p.WebhookPath(), Plan: "box"})
	if err != nil {
		t.Fatal(err)
	}
	var commands []bitrix.Command
	var ids []int
	for i := range 150 {
		id := i + 1
		ids = append(ids, id)
		commands = append(commands,
			bitrix.Command{Method: "crm.item.add", Params: bitrix.Params{"entityTypeId": 2, "fields": map[string]any{"title": "D"}}},
			bitrix.Command{Method: "crm.item.productrow.set", Params: bitrix.Params{"ownerType": "D", "ownerId": id,
				"productRows": []any{map[string]any{"productName": "A", "price": id}, map[string]any{"productName": "B", "price": 2}}}})
	}
	for chunk := range slices.Chunk(commands, bitrix.MaxBatch) {
		outcomes, err := client.Batch(t.Context(), chunk)
		if err != nil || slices.ContainsFunc(outcomes, func(o bitrix.Outcome) bool { return o.Err != nil }) {
			t.Fatal(outcomes, err)
		}
	}
	before := client.Requests()
	found, err := New(client).Parts(t.Context(), []kind.PartSearch{{Part: kind.ProductsPart, Kind: (*kind.Table)(nil).OfEntity(2), EntityTypeID: 2, Owners: ids}})
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range ids {
		rows := found[0][id]
		if len(rows) != 2 || rows[0].Int("ownerId") != id || rows[0].Int("price") != id {
			t.Errorf("deal %d has the rows %v", id, rows)
		}
	}
	// 49 owners alone and together, the second page of that; the other 101 with their second pages.
	if sent := client.Requests() - before; sent != 4 {
		t.Errorf("%d requests", sent)
	}
}
