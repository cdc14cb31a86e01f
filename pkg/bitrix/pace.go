package bitrix

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// limits are the portal's request limits by plan, a little under what it
// allows: its counter moves once a second, and requests sent evenly may arrive
// in a bunch. Source: https://apidocs.bitrix24.com/limits.html
var limits = map[string]struct {
	perSecond rate.Limit
	burst     int
}{
	"":           {2, 45}, // the portal allows 50
	"standard":   {2, 45},
	"enterprise": {5, 240}, // the portal allows 250
	"box":        {rate.Inf, 1},
}

const (
	// calm is how long the portal must not complain before the pace doubles.
	calm = 30 * time.Second
	// slowest is the smallest part of the normal pace that is kept.
	slowest = 1.0 / 8
	// reducible is the most that a reduced pace is a part of: the normal pace
	// of a portal without a limit is no measure once it complains.
	reducible rate.Limit = 4
)

// A pace lets requests go as fast as the portal counts them, and slower for a
// while after it complained: other programs may share its counter.
type pace struct {
	normal rate.Limit
	burst  int

	mu      sync.Mutex
	limiter *rate.Limiter
	part    float64   // of the normal pace; 1 unless the portal complained
	resume  time.Time // nothing is sent before
	rise    time.Time // when part doubles
}

func newPace(plan string) (*pace, error) {
	l, ok := limits[plan]
	if !ok {
		return nil, fmt.Errorf("unknown plan %q: it must be standard, enterprise or box", plan)
	}
	return &pace{normal: l.perSecond, burst: l.burst, limiter: rate.NewLimiter(l.perSecond, l.burst), part: 1}, nil
}

// wait returns when a request may be sent, or the cause of ctx's end.
func (p *pace) wait(ctx context.Context) error {
	turn, now := p.reserve()
	if err := sleep(ctx, turn.DelayFrom(now)); err != nil {
		turn.Cancel()
		return err
	}
	for hold := p.held(); hold > 0; hold = p.held() {
		if err := sleep(ctx, hold); err != nil {
			return err
		}
	}
	return nil
}

func (p *pace) reserve() (*rate.Reservation, time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := time.Now()
	p.speedUp(now)
	return p.limiter.ReserveN(now, 1), now
}

// held is how long requests are held back after a complaint.
func (p *pace) held() time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	return time.Until(p.resume)
}

// slowDown halves the pace and holds every request for a moment. Refusals of
// requests that were under way together count as one.
func (p *pace) slowDown() {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := time.Now()
	if now.Before(p.resume) {
		return
	}
	p.part = max(p.part/2, slowest)
	p.resume = now.Add(jitter(time.Second))
	p.rise = now.Add(calm)
	p.apply(now)
}

// speedUp doubles the pace for each calm stretch, until it is normal again.
func (p *pace) speedUp(now time.Time) {
	for p.part < 1 && !now.Before(p.rise) {
		p.part *= 2
		p.rise = p.rise.Add(calm)
		p.apply(now)
	}
}

// apply sets the limiter. While the pace is reduced there is no burst: the
// portal's counter is full, so a token that we believe in does not exist.
func (p *pace) apply(now time.Time) {
	if p.part >= 1 {
		p.limiter.SetLimitAt(now, p.normal)
		p.limiter.SetBurstAt(now, p.burst)
		return
	}
	p.limiter.SetLimitAt(now, rate.Limit(p.part)*min(p.normal, reducible))
	p.limiter.SetBurstAt(now, 1)
}

// operating remembers, per method, when the oldest part of its used time
// budget expires, in terms of this machine's clock.
type operating struct {
	mu    sync.Mutex
	reset map[string]time.Time
}

func newOperating() *operating { return &operating{reset: map[string]time.Time{}} }

// budgetWindow is how long the portal remembers the time that a method used.
const budgetWindow = 10 * time.Minute

// note learns from the cost of a call. The portal's two clock values are
// compared with each other, so that its clock may be wrong.
func (o *operating) note(method string, t Time) {
	if t.OperatingReset.IsZero() {
		return
	}
	now := time.Now()
	finish := t.Finish
	if finish.IsZero() {
		finish = now
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	o.reset[method] = now.Add(min(t.OperatingReset.Sub(finish), budgetWindow))
}

// left is how long until the method's budget grows, 0 if that is not known.
func (o *operating) left(method string) time.Duration {
	o.mu.Lock()
	defer o.mu.Unlock()
	return max(0, time.Until(o.reset[method]))
}

// A backoff is how long to wait before another try: base, doubled each time.
type backoff struct{ base, limit time.Duration }

// backoffs are the waits after a failed try. Those for a used-up time budget add
// up to the ten minutes after which the portal has forgotten it.
var backoffs = map[verdict]backoff{
	unreached: {500 * time.Millisecond, 15 * time.Second},
	lost:      {500 * time.Millisecond, 15 * time.Second},
	busy:      {time.Second, 30 * time.Second},
	parked:    {25 * time.Second, 5 * time.Minute},
}

// delay is the wait after the n-th try, counted from 1, with jitter so that
// requests that failed together do not come back together.
func (b backoff) delay(n int) time.Duration {
	d := b.base
	for ; n > 1 && d < b.limit; n-- {
		d *= 2
	}
	return jitter(min(d, b.limit))
}

// jitter is d or up to a quarter more.
func jitter(d time.Duration) time.Duration {
	return d + rand.N(d/4+1)
}

// sleep waits for d, or returns the cause of ctx's end.
func sleep(ctx context.Context, d time.Duration) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if d <= 0 {
		return nil
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
