package bitrix_test

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/b24apply/b24apply/pkg/bitrix"
	"github.com/b24apply/b24apply/pkg/portal"
)

// A method that takes two seconds a command. Nobody knows that before the first
// request, which is cut off; its reads are sent again in smaller parts.
func TestBatchesOfASlowMethodShrink(t *testing.T) {
	for _, tc := range []struct {
		name     string
		measured bool
		cut      int
	}{
		{"measured before", true, 0},
		{"not measured", false, 1},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				limits := limitsOf(t, "standard")
				limits.Operating = 0
				c := newCampaign(t, limits, []portal.Cost{{Method: "crm.item.get", Time: 2 * time.Second}}, nil)
				id := c.addDeal()
				command := func(int) bitrix.Command {
					return bitrix.Command{Method: "crm.item.get", Params: bitrix.Params{"entityTypeId": 2, "id": id}}
				}
				if tc.measured {
					one := command(0)
					if _, err := c.client.Call(t.Context(), one.Method, one.Params); err != nil {
						t.Fatal(err)
					}
				}
				long := 0
				c.handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					start := time.Now()
					c.portal.ServeHTTP(w, r)
					if time.Since(start) > 25*time.Second {
						c.mu.Lock()
						long++
						c.mu.Unlock()
					}
				})
				c.run(8, supply(150, bitrix.MaxBatch, command))
				if long != tc.cut || c.portal.Stats().Refused["504"] != tc.cut {
					t.Errorf("%d requests took more than 25 s, %v were cut off, want %d", long, c.portal.Stats().Refused, tc.cut)
				}
			})
		})
	}
}

// Commands of one method that has used up its time wait; those of others, in the
// same batch and in other calls, do not.
func TestAParkedMethodHoldsUpNoOther(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCampaign(t, limitsOf(t, "standard"), []portal.Cost{{Method: "server.time", Time: 10 * time.Second}}, nil)
		for range 47 {
			if _, err := c.client.Call(t.Context(), "server.time", nil); err != nil {
				t.Fatal(err)
			}
		}
		start := time.Now()
		outcomes, err := c.client.TryBatch(t.Context(), []bitrix.Command{{Method: "server.time"}, {Method: "profile"}, {Method: "Server.Time"}})
		if err != nil {
			t.Fatal(err)
		}
		var rest *bitrix.Parked
		if !errors.As(outcomes[0].Err, &rest) || outcomes[1].Err != nil || !errors.As(outcomes[2].Err, &rest) {
			t.Errorf("got %v", outcomes)
		}
		if _, err := c.client.TryCall(t.Context(), "server.time", nil); !errors.As(err, &rest) || !bitrix.IsRateLimit(err) {
			t.Errorf("TryCall got %v", err)
		}
		if until := c.client.CallParkedUntil("server.time"); !until.Equal(rest.Until) || until.Before(start) {
			t.Errorf("parked until %s, the calls say %s", until, rest.Until)
		}
		if took := time.Since(start); took != 0 {
			t.Errorf("took %s", took)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := c.client.Call(ctx, "server.time", nil); !errors.Is(err, context.DeadlineExceeded) || time.Since(start) != time.Second {
			t.Errorf("a call that is given up after a second got %v after %s", err, time.Since(start))
		}
		c.batch([]bitrix.Command{{Method: "server.time"}, {Method: "profile"}})
		if until := time.Until(rest.Until); until > 0 || until < -15*time.Second {
			t.Errorf("a patient batch ended %s before the rest did", until)
		}
		if refused := c.portal.Stats().Refused; len(refused) != 0 {
			t.Errorf("the portal refused %v", refused)
		}
	})
}

// A portal that grants less than the documented time is asked for it once.
func TestALowerLimitIsLearnedFromARefusal(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		limits := limitsOf(t, "standard")
		limits.Operating = 100 * time.Second
		c := newCampaign(t, limits, []portal.Cost{{Method: "server.time", Time: 100 * time.Millisecond}}, nil)
		c.run(8, c.during(30*time.Minute, plain("server.time")))
		refused := c.portal.Stats().Refused["OPERATION_TIME_LIMIT"]
		t.Logf("busy %s of 300 s, %d commands refused, %+v", c.busy["server.time"], refused, c.client.Limits().Methods)
		if refused == 0 || refused > 8*bitrix.MaxBatch {
			t.Errorf("%d commands were refused", refused)
		}
		if busy := c.busy["server.time"]; busy < 270*time.Second {
			t.Errorf("busy %s of 300 s", busy)
		}
	})
}

// Another program with the same credential had used most of the time before this
// one began. The portal does not tell how much of that it forgets when.
func TestWhatOthersUsedBeforeIsFoundOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCampaign(t, limitsOf(t, "standard"), []portal.Cost{{Method: "server.time", Time: 10 * time.Second}}, nil)
		c.run(4, supply(47, 1, plain("server.time")))
		time.Sleep(5 * time.Minute)
		fresh, err := bitrix.New(bitrix.Config{Webhook: "http://127.0.0.1:1" + c.portal.WebhookPath(), Transport: c})
		if err != nil {
			t.Fatal(err)
		}
		c.client = fresh
		start := time.Now()
		c.run(4, supply(20, 1, plain("server.time")))
		t.Logf("took %s, refused %v", time.Since(start), c.portal.Stats().Refused)
		if refused := c.portal.Stats().Refused; len(refused) != 0 {
			t.Errorf("the portal refused %v", refused)
		}
		if took := time.Since(start); took > 6*time.Minute {
			t.Errorf("took %s, although the portal forgot everything after 5 minutes", took)
		}
	})
}
