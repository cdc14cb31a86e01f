package bitrix

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"sync"
	"time"
)

// An allowance is a portal's request limit: a counter that each request raises
// by one, that sinks once a second, and that must not exceed the threshold.
// Without a threshold there is no limit.
type allowance struct {
	perSecond float64
	threshold int
}

// allowances are the request limits by plan.
// Source: https://apidocs.bitrix24.com/limits.html
var allowances = map[string]allowance{
	"":           {2, 50},
	"standard":   {2, 50},
	"auto":       {2, 50}, // until LearnPlan knows better
	"enterprise": {5, 250},
	"box":        {},
}

const (
	// calm is how long the portal must not complain before the pace doubles.
	calm = 30 * time.Second
	// slowest is the smallest part of the normal pace that is kept.
	slowest = 1.0 / 8
)

// complained is the limit that is assumed of a portal without one once it
// complains.
var complained = allowance{4, 50}

// A pace lets requests go as fast as the portal counts them, and slower for a
// while after it complained: other programs may share its counter.
//
// It mirrors the portal's counter from above. When a request is counted is not
// known, only that it is after it was sent and before it is answered; so a
// request in flight counts in full, and begins to drain when it is answered.
// The portal drains in steps of a second, the mirror evenly, so the mirror may
// be ahead by less than one step, which is why that much of the threshold is
// left free. Thus no delay on the network makes the portal refuse a request,
// and the pace loses no more than one second against the portal's own bound.
type pace struct {
	turn    chan struct{} // held by the request that goes next
	changed chan struct{} // told when a request was answered

	mu      sync.Mutex
	plan    string
	limit   allowance
	level   float64   // requests answered, less what has drained
	flying  int       // requests sent and not answered
	drained time.Time // until when level has drained
	part    float64   // of the normal pace; 1 unless the portal complained
	resume  time.Time // nothing is sent before
	rise    time.Time // when part doubles
	refused int       // requests that the portal refused for pace
}

func newPace(plan string) (*pace, error) {
	l, ok := allowances[plan]
	if !ok {
		return nil, fmt.Errorf("%w %q: it must be standard, enterprise, box or auto", ErrUnknownPlan, plan)
	}
	return &pace{plan: plan, limit: l, part: 1, drained: time.Now(), turn: make(chan struct{}, 1), changed: make(chan struct{}, 1)}, nil
}

// use changes the plan, keeping what has been counted.
func (p *pace) use(plan string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.drain(time.Now())
	p.plan, p.limit = plan, allowances[plan]
}

// wait returns when a request may be sent, or the cause of ctx's end. A request
// that was let go must be followed by done.
func (p *pace) wait(ctx context.Context) error {
	select {
	case p.turn <- struct{}{}:
		defer func() { <-p.turn }()
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	for {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		delay, ok := p.take()
		if ok {
			return nil
		}
		if err := waitFor(ctx, delay, p.changed); err != nil {
			return err
		}
	}
}

// done ends a request: counted tells whether the portal may have counted it.
func (p *pace) done(counted bool) {
	p.mu.Lock()
	p.drain(time.Now())
	p.flying--
	if counted {
		p.level++
	}
	p.mu.Unlock()
	select {
	case p.changed <- struct{}{}:
	default:
	}
}

// answerAway is the delay of a request that can go only after another one has
// been answered.
const answerAway = time.Hour

// take counts a request in flight, or tells how long to wait before asking
// again.
func (p *pace) take() (delay time.Duration, ok bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := time.Now()
	p.drain(now)
	if hold := p.resume.Sub(now); hold > 0 {
		return hold, false
	}
	limit := p.effective()
	if limit.threshold == 0 {
		p.flying++
		return 0, true
	}
	excess := p.level + float64(p.flying+1) - room(limit)
	switch {
	case excess <= 0:
		p.flying++
		return 0, true
	case p.level <= 0:
		return answerAway, false
	}
	seconds := min(excess, p.level) / (limit.perSecond * p.part)
	return time.Duration(math.Ceil(seconds*1e6)) * time.Microsecond, false
}

// room is how high the mirror of the counter may rise.
func room(l allowance) float64 { return float64(l.threshold) + 1 - l.perSecond }

// effective is the limit that is kept to.
func (p *pace) effective() allowance {
	if p.limit.threshold == 0 && p.part < 1 {
		return complained
	}
	return p.limit
}

// drain lets the counter sink to what it is now, and the pace recover.
func (p *pace) drain(now time.Time) {
	for p.part < 1 && !now.Before(p.rise) {
		p.sink(p.rise)
		p.part *= 2
		p.rise = p.rise.Add(calm)
	}
	p.sink(now)
}

func (p *pace) sink(now time.Time) {
	if passed := now.Sub(p.drained).Seconds(); passed > 0 {
		p.level = max(0, p.level-passed*p.effective().perSecond*p.part)
		p.drained = now
	}
}

// slowDown takes the portal's word that its counter is full, halves the pace
// and holds every request for a moment. Refusals of requests that were under way
// together count as one.
func (p *pace) slowDown() {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := time.Now()
	p.refused++
	if now.Before(p.resume) {
		return
	}
	p.drain(now)
	p.part = max(p.part/2, slowest)
	p.level = max(p.level, room(p.effective())-float64(p.flying))
	p.resume = now.Add(jitter(time.Second))
	p.rise = now.Add(calm)
}

// paced makes one HTTP request when there is a free place and the pace allows it.
// A probe needs no free place: what takes them may be waiting for a portal that is gone.
func (c *Client) paced(ctx context.Context, e *endpoint, j *job) (*answer, *failure) {
	if !j.probe {
		select {
		case c.slots <- struct{}{}:
			defer func() { <-c.slots }()
		case <-ctx.Done():
			return nil, &failure{verdict: unreached, err: context.Cause(ctx)}
		}
	}
	if err := c.pace.wait(ctx); err != nil {
		return nil, &failure{verdict: unreached, err: err}
	}
	if !j.probe && c.watch.absence() != nil {
		c.pace.done(false)
		return nil, &failure{verdict: held, err: c.watch.why()}
	}
	a, f := c.post(ctx, e, j)
	c.pace.done(f == nil || f.verdict != unreached)
	return a, f
}

// A backoff is how long to wait before another try: base, doubled each time.
type backoff struct{ base, limit time.Duration }

// backoffs are the waits after a failed try.
var backoffs = map[verdict]backoff{
	unreached: {500 * time.Millisecond, 15 * time.Second},
	lost:      {500 * time.Millisecond, 15 * time.Second},
	busy:      {time.Second, 30 * time.Second},
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
	return waitFor(ctx, d, nil)
}

// waitFor waits for d or until early is told, or returns the cause of ctx's end, or
// ErrStopped.
func waitFor(ctx context.Context, d time.Duration, early <-chan struct{}) error {
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
	case <-early:
	case <-stopOf(ctx):
		return ErrStopped
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	return nil
}
