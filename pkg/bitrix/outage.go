package bitrix

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"
)

const (
	// suspicious is after how many requests in a row without an answer the portal may be
	// away. What is sent then is a probe, which tells that from requests that get none.
	suspicious = 3
	// related is how far apart two such requests may be.
	related = 5 * time.Minute
	// probeTime bounds a probe, and probePause is the shortest time between two of them once
	// the first few have failed; it is twice that at most.
	probeTime  = 10 * time.Second
	probePause = 15 * time.Second
	// firstWait is how long a portal that is away is waited for before it has answered a
	// write, and laterWait how long then.
	firstWait = 30 * time.Second
	laterWait = 30 * time.Minute
	// tellAgain is how long after people are told of an outage that lasts they are told again.
	tellAgain = 5 * time.Minute
)

// An Outage is a time in which the portal answers nobody.
type Outage struct {
	Portal string
	Since  time.Time // when the first request got no answer
	Until  time.Time // how long it is waited for
	Cause  error     // why the last request got none; holds no secret
	Over   bool      // the portal answers again
}

// An Away is a call that was not sent, since the portal is away and was waited for
// long enough.
type Away struct {
	Portal string
	Since  time.Time // when the first request got no answer
	Cause  error     // why the last one got none; holds no secret
}

func (a *Away) Error() string {
	return fmt.Sprintf("portal %s has not answered since %s: %v", a.Portal, a.Since.Format(time.TimeOnly), bare(a.Cause))
}

// bare is a cause without the portal that is named before it.
func bare(cause error) error {
	if unreachable := new(Unreachable); errors.As(cause, &unreachable) {
		return unreachable.Cause
	}
	return cause
}

// Unwrap gives the cause.
func (a *Away) Unwrap() error { return a.Cause }

// Hint is what to do about it, as of an [Error].
func (a *Away) Hint() (code string, args map[string]string) { return "run-again-once-it-answers", nil }

// A watch knows whether the portal answers. It is one for all requests of a client: an
// outage is one fact, and each request that finds it out by itself may be lost.
type watch struct {
	limit time.Duration // of the waiting; 0 goes by wrote, less is none
	tell  func(Outage)  // nil tells nobody
	wrote atomic.Bool   // the portal has answered a write

	mu     sync.Mutex
	missed int       // requests in a row without an answer
	first  time.Time // when the first of them failed
	last   time.Time
	cause  error    // of the last one
	away   *absence // nil while the portal answers
}

// An absence is a time in which nothing but probes is sent, one after the other.
type absence struct {
	since, until time.Time
	over         chan struct{} // closed once the portal answers
	given        chan struct{} // closed once it was waited for long enough
	certain      atomic.Bool   // a probe got no answer either
	told         atomic.Bool

	turn   chan struct{} // held by the call that probes, to which the rest belongs
	failed int           // probes
	probed time.Time     // when the last one failed
	again  time.Time     // when people are told again
}

// heard notes that the portal has answered.
func (w *watch) heard(portal string) {
	w.mu.Lock()
	a := w.away
	w.missed, w.away = 0, nil
	w.mu.Unlock()
	if a == nil {
		return
	}
	close(a.over)
	if a.told.Load() {
		w.tell(Outage{Portal: portal, Since: a.since, Until: a.until, Over: true})
	}
}

// miss notes that a request got no answer.
func (w *watch) miss(err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	now := time.Now()
	if w.missed == 0 || now.Sub(w.last) > related {
		w.missed, w.first = 0, now
	}
	w.missed++
	w.last, w.cause = now, err
	if w.away != nil || w.missed < suspicious {
		return
	}
	w.away = &absence{since: w.first, until: w.first.Add(w.patience()), probed: now,
		over: make(chan struct{}), given: make(chan struct{}), turn: make(chan struct{}, 1)}
}

// decided notes that the portal has decided about a job.
func (w *watch) decided(j *job) {
	if j.effect != Read {
		w.wrote.Store(true)
	}
}

// patience is how long the portal is waited for.
func (w *watch) patience() time.Duration {
	switch {
	case w.limit > 0:
		return w.limit
	case w.limit < 0:
		return 0
	case w.wrote.Load():
		return laterWait
	}
	return firstWait
}

// absence is that of the portal, nil while it answers.
func (w *watch) absence() *absence {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.away
}

// why is why the last request got no answer.
func (w *watch) why() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.cause
}

// ended tells whether nobody waits any more.
func (a *absence) ended() bool {
	select {
	case <-a.over:
		return true
	case <-a.given:
		return true
	default:
		return false
	}
}

// next is when the next probe is due: after pauses like those between the tries of a
// request at first, and in time for the end of the waiting.
func (a *absence) next() time.Time {
	if quick := backoffs[unreached]; quick.base<<a.failed < quick.limit {
		return a.probed.Add(quick.delay(a.failed + 1))
	}
	return a.probed.Add(probePause + rand.N(probePause))
}

// Away is why calls are not sent any more, nil while they are or wait for the portal.
func (c *Client) Away() *Away {
	a := c.watch.absence()
	if a == nil {
		return nil
	}
	select {
	case <-a.given:
		return c.gone(a)
	default:
		return nil
	}
}

func (c *Client) gone(a *absence) *Away {
	return &Away{Portal: c.Portal(), Since: a.since, Cause: c.watch.why()}
}

type hasteKey struct{}

// InHaste makes calls fail with an *Away at once while the portal is away, instead of
// waiting for it.
func InHaste(ctx context.Context) context.Context {
	return context.WithValue(ctx, hasteKey{}, true)
}

// await returns when the portal is not away. certain tells that it was, so that a request
// before got no answer through no fault of its own. The error is an *Away, ErrStopped, or
// the cause of ctx's end.
func (c *Client) await(ctx context.Context) (certain bool, err error) {
	a := c.watch.absence()
	if a == nil {
		return false, nil
	}
	if ctx.Value(hasteKey{}) != nil {
		return false, c.gone(a)
	}
	for {
		select {
		case <-a.over:
			return a.certain.Load(), nil
		case <-a.given:
			return true, c.lastChance(ctx, a)
		case a.turn <- struct{}{}:
			err := c.probeOn(ctx, a)
			<-a.turn
			if err != nil {
				return false, err
			}
		case <-stopOf(ctx):
			return false, ErrStopped
		case <-ctx.Done():
			return false, context.Cause(ctx)
		}
	}
}

// probeOn probes until the absence has ended, or ctx has. The caller has the turn.
func (c *Client) probeOn(ctx context.Context, a *absence) error {
	for !a.ended() {
		due := a.next()
		if a.failed > 0 && due.After(a.until) {
			due = a.until
		}
		if err := waitFor(ctx, time.Until(due), a.over); err != nil {
			return err
		}
		if a.ended() {
			return nil
		}
		if err := c.probe(ctx); err != nil {
			return err
		}
		if a.ended() {
			return nil
		}
		c.stillAway(a)
	}
	return nil
}

// stillAway takes the failure of a probe.
func (c *Client) stillAway(a *absence) {
	now := time.Now()
	a.failed, a.probed = a.failed+1, now
	a.certain.Store(true)
	if !now.Before(a.until) {
		close(a.given)
		return
	}
	if c.watch.tell != nil && !now.Before(a.again) {
		a.again = now.Add(tellAgain)
		a.told.Store(true)
		c.watch.tell(Outage{Portal: c.Portal(), Since: a.since, Until: a.until, Cause: bare(c.watch.why())})
	}
}

// lastChance probes a portal that was given up some time ago. The error is nil if it answers.
func (c *Client) lastChance(ctx context.Context, a *absence) error {
	select {
	case a.turn <- struct{}{}:
		defer func() { <-a.turn }()
	default:
		return c.gone(a) // somebody else probes
	}
	if time.Since(a.probed) < probePause {
		return c.gone(a)
	}
	if err := c.probe(ctx); err != nil {
		return err
	}
	a.probed = time.Now()
	select {
	case <-a.over:
		return nil
	default:
		return c.gone(a)
	}
}

// probeMethod is a cheap method that needs no permission.
// Source: https://apidocs.bitrix24.com/api-reference/common/system/server-time.html
const probeMethod = "server.time"

// probe sends a request whose answer, whatever it says, shows that the portal is back. The
// error is that of a probe which was ended from outside.
func (c *Client) probe(ctx context.Context) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	stop, done := stopOf(ctx), make(chan struct{})
	defer close(done)
	go func() {
		select {
		case <-stop:
			cancel(ErrStopped)
		case <-done:
		}
	}()
	j, err := newJob(probeMethod, Read, nil)
	if err != nil {
		return err
	}
	j.probe, j.try = true, 1
	_, _, _ = c.attempt(ctx, j) // what it heard or missed is noted there
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return nil
}

// outlasts waits for the end of the outage in which a try got no answer, if there is one.
// It reports whether the job is tried anew, as if it had not been: the outage is certain, and
// it is not this very request that brings the portal down again and again.
func (c *Client) outlasts(ctx context.Context, j *job, f *failure) (anew bool, err error) {
	if !f.silent {
		return false, nil
	}
	certain, err := c.await(ctx)
	if err != nil || !certain || j.outages == c.attempts {
		return false, err
	}
	j.outages++
	return true, nil
}
