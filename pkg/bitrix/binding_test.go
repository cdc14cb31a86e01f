package bitrix

import (
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// With the portal's counter full, the pace binds; with all places taken, the portal's answers do.
func TestWhatBindsIsThePaceOrThePortal(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		slow := &wire{answer: func(int, string, Params) (*http.Response, error) {
			time.Sleep(time.Minute)
			return reply(200, `{"result":1}`), nil
		}}
		c := newClient(t, slow, func(c *Config) { c.Concurrency = 3 })
		if got := c.Binding(); got != (Binding{}) {
			t.Errorf("before anything is sent %+v binds", got)
		}
		var wg sync.WaitGroup
		for range 6 {
			wg.Go(func() {
				if _, err := c.Call(t.Context(), "m.list", nil); err != nil {
					t.Error(err)
				}
			})
		}
		time.Sleep(time.Second)
		if got := c.Binding(); got.Limit != LimitConcurrency {
			t.Errorf("with all places taken %+v binds", got)
		}
		wg.Wait()
		for range 8 {
			c.pace.slowDown()
			time.Sleep(2 * time.Second)
		}
		c.pace.slowDown()
		if got := c.Binding(); got.Limit != LimitPace {
			t.Errorf("after a refusal for pace %+v binds", got)
		}
	})
}

// A method whose calls wait for its time binds until then, and one for which nobody waits does not.
func TestWhatBindsIsTheTimeOfAMethod(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newClient(t, &wire{})
		m := c.governor.meter("m.add")
		m.until = time.Now().Add(5 * time.Minute)
		if got := c.Binding(); got != (Binding{}) {
			t.Errorf("nobody has asked, and %+v binds", got)
		}
		until := c.CallParkedUntil("m.add")
		if got := c.Binding(); got.Limit != LimitTime || got.Method != "m.add" || !got.Until.Equal(until) {
			t.Errorf("%+v binds, and it is parked until %s", got, until)
		}
		time.Sleep(6 * time.Minute)
		if got := c.Binding(); got != (Binding{}) {
			t.Errorf("when it has time again %+v binds", got)
		}
	})
}

// A portal that is away binds before all.
func TestWhatBindsIsAPortalThatIsAway(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newOffline(0, time.Minute)
		c := newClient(t, w)
		var wg sync.WaitGroup
		wg.Go(func() { _, _ = c.Call(t.Context(), "m.list", nil) })
		time.Sleep(20 * time.Second)
		if got := c.Binding(); got.Limit != LimitAway || got.Until.IsZero() {
			t.Errorf("%+v binds", got)
		}
		wg.Wait()
	})
}
