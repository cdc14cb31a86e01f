package bitrix

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// echoRows answers a list of keys with a row for each key, whose title repeats it: the rows
// of every request are others.
func echoRows(command string) (result, code string) {
	_, query, _ := strings.Cut(command, "?")
	values, err := url.ParseQuery(query)
	if err != nil {
		return "", "BAD_QUERY"
	}
	var items []string
	for i := 0; values.Has(fmt.Sprintf("filter[@originId][%d]", i)); i++ {
		key := values.Get(fmt.Sprintf("filter[@originId][%d]", i))
		if key == "refused" {
			return "", "ACCESS_DENIED"
		}
		items = append(items, fmt.Sprintf(`{"id":%d,"originId":%q,"ti\u0074le":"<%s>"}`, i+1, key, strings.Repeat(key, 9)))
	}
	return `{"items":[` + strings.Join(items, ",") + `]}`, ""
}

func echoing(t *testing.T) (*wire, *Client) {
	w := &wire{answer: func(_ int, _ string, p Params) (*http.Response, error) { return answerEach(p, echoRows), nil }}
	return w, newClient(t, w, func(c *Config) { c.Plan = "box" })
}

func numberedKeys(n int) []string {
	keys := make([]string, n)
	for i := range keys {
		keys[i] = "key-" + strconv.Itoa(i)
	}
	return keys
}

// The memory of answers is used again, while others are in flight; every row is right
// when it comes, and a clone stays right.
func TestRowsAreRightWhileMemoryIsUsedAgain(t *testing.T) {
	_, c := echoing(t)
	keys := numberedKeys(20*MaxBatch*KeysPerList + 7)
	var got []string
	var kept []Row
	for block, err := range c.LookUp(t.Context(), List{Method: "crm.item.list", Items: "items"}, "originId", slices.Values(keys)) {
		if err != nil {
			t.Fatal(err)
		}
		for i, row := range block.Rows {
			title, _ := row.Text("title")
			if want := "<" + strings.Repeat(block.Keys[i], 9) + ">"; string(title) != want {
				t.Fatalf("%s has the title %s", block.Keys[i], title)
			}
		}
		got = append(got, block.Keys...)
		kept = append(kept, block.Rows[0].Clone())
	}
	if diff := cmp.Diff(keys, got); diff != "" {
		t.Errorf("the blocks are not in the order of the keys: %.300s", diff)
	}
	for i, row := range kept {
		if key, _ := row.Text("originId"); string(key) != keys[i*KeysPerList] {
			t.Fatalf("the clone of block %d became %s", i, row.Raw())
		}
	}
}

// A reader that is slow holds the requests back: four are ahead of it at most.
func TestStreamedListsWaitForTheirReader(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, c := echoing(t)
		n := 0
		for _, err := range c.LookUp(t.Context(), List{Method: "crm.item.list", Items: "items"}, "originId", slices.Values(numberedKeys(20*MaxBatch*KeysPerList))) {
			if err != nil {
				t.Fatal(err)
			}
			time.Sleep(time.Hour)
			synctest.Wait()
			if held, most := len(w.sent())-n/MaxBatch, streamWindow; held > most {
				t.Fatalf("block %d: %d requests are held", n, held)
			}
			n++
		}
		if n != 20*MaxBatch || len(w.sent()) != 20 {
			t.Errorf("%d blocks by %d requests", n, len(w.sent()))
		}
	})
}

// Names that have escapes cost no more than others: an answer full of them took a
// time that grew with its square.
func TestEscapedNamesCostNoCopyOfTheAnswer(t *testing.T) {
	size := func(n int) uint64 {
		body := []byte(`{"result":[` + strings.Repeat(`{"\u0061":1},`, n) + `{}]}`)
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		if v := valueOf(body, batchLevels); v.get("result").count() != n+1 {
			t.Fatal("not all rows were read")
		}
		runtime.ReadMemStats(&after)
		return after.TotalAlloc - before.TotalAlloc
	}
	if small, large := size(1000), size(10000); large > 20*small {
		t.Errorf("ten times the answer takes %d times the memory", large/small)
	}
}

// A list that fails says so in its place and stops no other.
func TestAStreamedListFailsAlone(t *testing.T) {
	_, c := echoing(t)
	list := func(filter any) List {
		return List{Method: "crm.item.list", Items: "items", Params: Params{"filter": filter}}
	}
	lists := []List{
		list(map[string]any{"@originId": []string{"a"}}), list(map[string]any{"@originId": []string{"refused"}}),
		list("no filter"), list(map[string]any{"@originId": []string{"b", "c"}}),
	}
	var got []string
	for rows, err := range c.StreamLists(t.Context(), slices.Values(lists)) {
		var refused *Error
		switch {
		case errors.As(err, &refused):
			got = append(got, refused.Code)
		case err != nil:
			got = append(got, err.Error())
		default:
			got = append(got, strconv.Itoa(len(rows)))
		}
	}
	want := []string{"1", "ACCESS_DENIED", "crm.item.list: the filter must be a map, not a string", "2"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// What an envelope says is what encoding/json reads in it, names in any case and twice
// included.
func FuzzEnvelopeAgrees(f *testing.F) {
	for _, seed := range []string{
		`{"result":{"a":1},"total":"5","next":50,"time":{"finish":1.5,"duration":2}}`, `{"RESULT":1,"result":2,"Total":1e2,"total":null}`,
		"\ufeff{\"result\":[]}", `{"error":"X","error_description":"no"}`, `{"error":null,"result":null}`, `{"re\u0073ult":[1,{"result":2}]}`,
		`{"result":1,"TIME":{"FINISH":"7"}}`, `[]`, `null`, ` {"result" : "x" } `, `{"result":1}x`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		var want struct {
			Result, Error json.RawMessage
			Total, Next   number
		}
		err := json.Unmarshal([]byte(strings.TrimPrefix(string(body), "\ufeff")), &want)
		got, gotErr := decodeEnvelope(new(doc), body, callLevels)
		if good := err == nil && (isSet(want.Error) || want.Result != nil); good != (gotErr == nil) {
			t.Fatalf("%q: %v, encoding/json: %v", body, gotErr, err)
		}
		if gotErr == nil && (string(got.Result) != string(want.Result) || (got.refusal != nil) != isSet(want.Error) ||
			!cmp.Equal(got.Total, want.Total.int()) || !cmp.Equal(got.Next, want.Next.int())) {
			t.Fatalf("%q: %+v, encoding/json: %+v", body, got, want)
		}
	})
}
