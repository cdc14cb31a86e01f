package bitrix_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/b24apply/b24apply/pkg/bitrix"
	"github.com/b24apply/b24apply/pkg/portal"
)

// logged is a client's log at debug, one object a line.
func logged(b *box, t testing.TB, log *bytes.Buffer) *bitrix.Client {
	t.Helper()
	handler := slog.NewJSONHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug})
	return b.client(t, func(cfg *bitrix.Config) { cfg.Logger = slog.New(handler) })
}

func TestLogAtDebugShowsEachRequest(t *testing.T) {
	b := newBox(t, portal.Config{
		Faults: "503,n=1", Limits: portal.Limits{Operating: 480 * time.Second},
		Costs: []portal.Cost{{Method: "crm.item.list", Time: 200 * time.Millisecond}},
	})
	var log bytes.Buffer
	c := logged(b, t, &log)
	if _, err := c.Call(t.Context(), "crm.item.list", deals().Params); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Batch(t.Context(), []bitrix.Command{{Method: "crm.item.list", Params: deals().Params}, {Method: "crm.item.get"}}); err != nil {
		t.Fatal(err)
	}
	var got []string
	for line := range strings.Lines(log.String()) {
		var e map[string]any
		decode(t, json.RawMessage(line), &e)
		for _, size := range []string{"sent", "received", "took"} {
			if n, ok := e[size].(float64); e["msg"] == "portal request" && (!ok || n <= 0) {
				t.Errorf("%s is %v in %s", size, e[size], line)
			}
		}
		got = append(got, fmt.Sprint(e["msg"], " ", e["method"], " ", e["portal"], " try ", e["try"], " status ", e["status"], " operating ", e["operating"]))
	}
	want := []string{
		"portal request crm.item.list acme.example try 1 status 503 operating <nil>",
		"portal request waits for another try crm.item.list <nil> try 1 status <nil> operating <nil>",
		"portal request crm.item.list acme.example try 2 status 200 operating 2e+08",
		"portal request batch acme.example try 1 status 200 operating <nil>",
		"portal batch <nil> acme.example try <nil> status <nil> operating map[crm.item.get:0 crm.item.list:4e+08]",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s\n%s", diff, log.String())
	}
}

// The canary: whatever goes wrong, neither log nor error shows the credential.
func TestNoLogAndNoErrorShowsTheSecret(t *testing.T) {
	for _, fault := range faultRows {
		t.Run(fault, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b, err := openBox(t.Context(), portal.Config{})
				if err != nil {
					t.Fatal(err)
				}
				defer func() { _ = b.Close() }()
				importDeals(t, b, 5)
				var log bytes.Buffer
				c := logged(b, t, &log)
				for _, spec := range []string{"", strings.ReplaceAll(fault, ";", ",n=1;") + ",n=1", fault} {
					b.faults(t, spec)
					for _, op := range operations {
						var out cell
						op.run(t.Context(), c, 1, &out)
						fmt.Fprintf(&log, "%v %+v %v\n", out.err, out.err, out.each)
					}
					_, err := collect(t, c.Scan(t.Context(), deals()))
					fmt.Fprintf(&log, "%v %+v %s %+v\n", err, err, c, c)
				}
				time.Sleep(time.Hour)
				if !strings.Contains(log.String(), "portal request") {
					t.Error("nothing was logged")
				}
				for line := range strings.Lines(log.String()) {
					if strings.Contains(line, boxSecret) {
						t.Errorf("the secret is shown: %s", line)
					}
				}
			})
		})
	}
}
