package portal

import (
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// try sends a request for a method and reports its answer, "" if there was none.
func (w wire) try(method, params string) (answer string) {
	w.t.Helper()
	defer func() {
		if v := recover(); v != nil && v != http.ErrAbortHandler {
			panic(v)
		}
	}()
	_, answer = w.send("POST", "/rest/1/s3cret/"+method, "application/json", params)
	return answer
}

// companies counts the companies that a list shows.
func (w wire) companies() string {
	w.t.Helper()
	return jsonField(w.t, w.try("crm.item.list", `{"entityTypeId":4,"select":["id"]}`), "total")
}

func TestCaseEALateRequestIsExecutedWhetherOrNotTheClientWaits(t *testing.T) {
	tests := map[string]struct{ method, params, want string }{
		"an add":       {"crm.item.add", `{"entityTypeId":4,"fields":{"title":"A"}}`, "1"},
		"a batch":      {"batch", `{"cmd":{"a":"crm.item.add?entityTypeId=4&fields[title]=A","b":"crm.item.add?entityTypeId=4&fields[title]=B"}}`, "2"},
		"an import":    {"crm.item.batchImport", `{"entityTypeId":4,"data":[{"title":"A"},{"title":"B"},{"title":"C"}]}`, "3"},
		"an older add": {"crm.company.add", `{"fields":{"TITLE":"A"}}`, "1"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWireOf(t, Config{Faults: "late:crm.*add,for=5s;late:crm.*.batchImport,for=5s"})
				if got := w.try(tt.method, tt.params); got != "" {
					t.Fatalf("answered %s", got)
				}
				time.Sleep(4999 * time.Millisecond)
				early := w.companies()
				time.Sleep(2 * time.Millisecond)
				if diff := cmp.Diff([]string{"0", tt.want}, []string{early, w.companies()}); diff != "" {
					t.Error(diff)
				}
			})
		})
	}
}

// A client that ends its connection while its batch waits does not stop it.
func TestCaseEABatchInFlightSurvivesItsClient(t *testing.T) {
	w := newWireOf(t, Config{Faults: "delay:batch,for=200ms"})
	server := httptest.NewServer(w.p)
	defer server.Close()
	conn, err := net.Dial("tcp", server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	body := `{"cmd":["crm.item.add?entityTypeId=4&fields[title]=A","crm.item.add?entityTypeId=4&fields[title]=B"]}`
	fmt.Fprintf(conn, "POST /rest/1/s3cret/batch HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", len(body), body)
	time.Sleep(50 * time.Millisecond)
	conn.Close()
	if got := w.companies(); got != "0" {
		t.Errorf("%s companies before its time", got)
	}
	for range 100 {
		if w.companies() == "2" {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	t.Error("the batch was not executed")
}

func TestAnOutageClosesEveryConnectionForItsTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWireOf(t, Config{Faults: "outage:crm.item.add,for=30s,n=1"})
		got := []string{w.companies(), w.try("crm.item.add", `{"entityTypeId":4,"fields":{"title":"A"}}`), w.try("crm.item.list", `{"entityTypeId":4}`)}
		time.Sleep(29 * time.Second)
		got = append(got, w.try("crm.item.list", `{"entityTypeId":4}`))
		time.Sleep(time.Second)
		got = append(got, w.companies())
		if diff := cmp.Diff([]string{"0", "", "", "", "0"}, got); diff != "" {
			t.Error(diff)
		}
	})
}

func TestAnOutageMayBeAPageOfAProxy(t *testing.T) {
	w := newWireOf(t, Config{Faults: "outage,for=30s,status=503,n=1"})
	server := httptest.NewServer(w.p)
	defer server.Close()
	for range 2 {
		if got := observe(t, w, server, "test.echo", "{}"); got.Status != 503 || got.Type != htmlType || got.Executed != 0 {
			t.Errorf("got %+v", got)
		}
	}
	w.p.faults.clear()
	if got := observe(t, w, server, "test.echo", "{}"); got.Status != 200 {
		t.Errorf("after all faults were removed: %+v", got)
	}
}

func TestARobotMayComeLater(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWireOf(t, Config{Faults: "robot:crm.item.add,field=title,to=R,for=2s"})
		w.result("crm.item.add", `{"entityTypeId":2,"fields":{"title":"A"}}`)
		got := w.deal("title")
		time.Sleep(2001 * time.Millisecond)
		synctest.Wait()
		if diff := cmp.Diff([]string{`"A"`, `"R"`}, append(got, w.deal("title")...)); diff != "" {
			t.Error(diff)
		}
	})
}

func TestARefusalForOvertimeMayNameTheReset(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWireOf(t, Config{Faults: "429:test.echo,n=1;429:test.echo,for=30s,n=1"})
		bare, timed := w.try("test.echo", "{}"), w.try("test.echo", "{}")
		if bare != blocked {
			t.Errorf("without a time: %s", bare)
		}
		want := fmt.Sprintf(`{"operating_reset_at":%d}`, time.Now().Add(30*time.Second).Unix())
		if got := jsonField(t, timed, "time"); got != want {
			t.Errorf("time %s, want %s", got, want)
		}
	})
}

func TestWhatIsAddedIsVisibleLater(t *testing.T) {
	add := func(etid int) string {
		return fmt.Sprintf(`{"entityTypeId":%d,"fields":{"title":"A","originId":"a","xmlId":"a","fm":{"n0":{"typeId":"EMAIL","value":"a@b.example","valueType":"WORK"}}}}`, etid)
	}
	tests := map[string]struct{ add, params, read, readParams, none string }{
		"a company in a list": {"crm.item.add", add(4), "crm.item.list", `{"entityTypeId":4,"filter":{"=originId":"a"},"select":["id"]}`, `{"items":[]}`},
		"a company by id":     {"crm.item.add", add(4), "crm.item.get", `{"entityTypeId":4,"id":1}`, ""},
		"an older list":       {"crm.item.add", add(4), "crm.company.list", `{"select":["ID"]}`, `[]`},
		"a search":            {"crm.item.add", add(4), "crm.duplicate.findbycomm", `{"type":"EMAIL","values":["a@b.example"]}`, `[]`},
		"a quote":             {"crm.item.add", add(7), "crm.item.list", `{"entityTypeId":7,"select":["id"]}`, `{"items":[]}`},
		"an import":           {"crm.item.batchImport", `{"entityTypeId":4,"data":[{"title":"A"}]}`, "crm.item.list", `{"entityTypeId":4,"select":["id"]}`, `{"items":[]}`},
		"a type":              {"crm.type.add", `{"fields":{"title":"T","entityTypeId":1140}}`, "crm.type.list", `{}`, `{"types":[]}`},
		"a type's items":      {"crm.type.add", `{"fields":{"title":"T","entityTypeId":1140}}`, "crm.item.list", `{"entityTypeId":1140}`, ""},
		"a pipeline":          {"crm.category.add", `{"entityTypeId":2,"fields":{"name":"P"}}`, "crm.category.get", `{"entityTypeId":2,"id":1}`, ""},
		"a requisite":         {"crm.requisite.add", `{"fields":{"ENTITY_TYPE_ID":4,"ENTITY_ID":1,"PRESET_ID":1,"NAME":"R"}}`, "crm.requisite.list", `{"select":["ID"]}`, `[]`},
		"a custom field":      {"userfieldconfig.add", `{"moduleId":"crm","field":{"entityId":"CRM_QUOTE","fieldName":"UF_CRM_QUOTE_KEY","userTypeId":"string"}}`, "userfieldconfig.list", `{"moduleId":"crm","filter":{"entityId":"CRM_QUOTE"}}`, `{"fields":[]}`},
		"a stage":             {"crm.status.add", `{"fields":{"ENTITY_ID":"SOURCE","STATUS_ID":"X","NAME":"X"}}`, "crm.status.list", `{"filter":{"ENTITY_ID":"SOURCE","STATUS_ID":"X"}}`, `[]`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWireOf(t, Config{})
				w.result("crm.item.add", `{"entityTypeId":4,"fields":{"title":"owner"}}`)
				w.result("crm.item.delete", `{"entityTypeId":4,"id":1}`)
				if name == "a requisite" {
					w.result("crm.item.add", `{"entityTypeId":4,"fields":{"title":"owner"}}`)
					tt.params = `{"fields":{"ENTITY_TYPE_ID":4,"ENTITY_ID":2,"PRESET_ID":1,"NAME":"R"}}`
				}
				rules, err := ParseFaults("late-visible,for=0.5s")
				if err != nil {
					t.Fatal(err)
				}
				if err := w.p.faults.add(rules); err != nil {
					t.Fatal(err)
				}
				if name == "a company by id" {
					tt.readParams = `{"entityTypeId":4,"id":2}`
				}
				before := w.try(tt.read, tt.readParams)
				w.result(tt.add, tt.params)
				hidden := w.try(tt.read, tt.readParams)
				time.Sleep(499 * time.Millisecond)
				still := w.try(tt.read, tt.readParams)
				time.Sleep(time.Millisecond)
				shown := w.try(tt.read, tt.readParams)
				if tt.none != "" {
					before, hidden, still = jsonField(t, before, "result"), jsonField(t, hidden, "result"), jsonField(t, still, "result")
					shown = jsonField(t, shown, "result")
				}
				if hidden != before || still != before || shown == before || tt.none != "" && before != tt.none {
					t.Errorf("before %s\nhidden %s\nstill %s\nshown %s", before, hidden, still, shown)
				}
			})
		})
	}
}

// Writes go to the first copy of the store, which has every row.
func TestAWriteFindsWhatNoListShows(t *testing.T) {
	w := newWireOf(t, Config{Faults: "late-visible:crm.item.add,for=1h"})
	w.result("crm.item.add", `{"entityTypeId":4,"fields":{"title":"A"}}`)
	got := []string{
		jsonField(t, w.try("crm.item.get", `{"entityTypeId":4,"id":1}`), "error"),
		jsonField(t, jsonField(t, w.result("crm.item.update", `{"entityTypeId":4,"id":1,"fields":{"title":"B"}}`), "item"), "title"),
		w.result("crm.item.delete", `{"entityTypeId":4,"id":1}`),
		jsonField(t, w.result("crm.item.batchImport", `{"entityTypeId":4,"data":[{"title":"C"}]}`), "items"),
		w.companies(),
	}
	if diff := cmp.Diff([]string{`"NOT_FOUND"`, `"B"`, `[]`, `[{"item":{"id":2}}]`, "1"}, got); diff != "" {
		t.Error(diff)
	}
}

func TestARequestOverASocketThatIsLateIsClosedAtOnce(t *testing.T) {
	w := newWireOf(t, Config{Faults: "late,for=1ms"})
	server := httptest.NewServer(w.p)
	defer server.Close()
	if got := observe(t, w, server, "test.echo", "{}"); got.Error != "closed" {
		t.Errorf("got %+v", got)
	}
}
