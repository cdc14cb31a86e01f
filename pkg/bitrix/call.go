package bitrix

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"time"
)

// Call calls one method and waits for its answer, trying again where that is
// safe. Parameters travel as JSON with their types.
//
// The error is an *Error if the portal refused the call, an *UnknownOutcome if
// a write may have been executed although no answer came, an *Unreachable if
// it was never sent, and wraps the cause of ctx's end if ctx ended. A method that
// has used up its time on the portal is waited for; see TryCall.
func (c *Client) Call(ctx context.Context, method string, params Params) (*Response, error) {
	return c.call(ctx, method, params, true)
}

func (c *Client) call(ctx context.Context, method string, params Params, patient bool) (*Response, error) {
	j, err := newJob(method, EffectOf(method), params)
	if err != nil {
		return nil, err
	}
	return c.alone(ctx, j, patient)
}

// alone sends a job that is a call of its own.
func (c *Client) alone(ctx context.Context, j *job, patient bool) (*Response, error) {
	j.patient = patient
	j.charges = c.charges([]Command{{Method: j.method}})[:1]
	j.learn = func(r *Response) { c.learn(j.method, r.Time) }
	return c.do(ctx, j)
}

// listCall is Call for a list that is read to its end.
func (c *Client) listCall(ctx context.Context, method string, params Params, reuse bool) (*Response, error) {
	j, err := newJob(method, EffectOf(method), params)
	if err != nil {
		return nil, err
	}
	j.rows, j.reuse = true, reuse
	return c.alone(ctx, j, true)
}

// learn notes the cost of a call of its own.
func (c *Client) learn(method string, t Time) {
	method = Canonical(method)
	c.governor.note(method, t, shiftOf(t.Finish))
	if t.isKnown() {
		c.governor.learn(method, t.Duration, 1)
	}
}

// A job is one request, which may take several tries.
type job struct {
	method string
	effect Effect
	body   []byte
	single bool      // tried once: who sends it has another way to ask
	try    int       // of the request that is under way, from 1
	sent   time.Time // when it was sent
	v3     bool      // REST 3.0
	key    string    // its Idempotency-Key, "" for none
	whole  bool      // the answer keeps its envelope
	reuse  bool      // the memory of the answer is given back; see Client.release
	rows   bool      // the answer holds lists, whose rows are noted
	file   *[]byte   // takes the answer, which is to be a file and no JSON
	// accept judges the shape of an answer; an error means that the answer is
	// damaged. nil accepts all.
	accept func(*Response) error
	// charges are what it is predicted to cost the portal, and learn takes from
	// an answer what it did cost.
	charges []charge
	learn   func(*Response)
	patient bool // waits for a method that has used up its time
	// commands is how many a batch has, and slow tells that they were too many
	// for one request.
	commands int
	carried  int // rows that they carry; see Command.rows
	slow     bool
	// doubt is the last try that may have been executed, if any.
	doubt   *failure
	probe   bool // asks whether the portal is there, also while it seems not to be
	outages int  // those in which it got no answer and was then tried anew
}

// A failure is a try that failed, and what that means for the next one.
type failure struct {
	verdict verdict
	err     error         // holds no secret
	stop    bool          // another try would fail alike
	after   time.Duration // how long the portal wants to be left alone
	silent  bool          // the portal itself gave no answer, or cannot have
}

// newJob encodes the parameters. Text stays as it is: without HTML escapes it is
// shorter, and the portal reads both.
func newJob(method string, effect Effect, params any) (*job, error) {
	if !isMethod(method) {
		return nil, fmt.Errorf("%q is no method name", method)
	}
	if p, ok := params.(Params); ok && p == nil {
		params = Params{}
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(params); err != nil {
		if failed := new(json.MarshalerError); errors.As(err, &failed) {
			err = failed.Err // what the value says, such as that its file is gone
		}
		return nil, fmt.Errorf("%s: parameters: %w", method, err)
	}
	if err := checkUTF8(params, b.Bytes()); err != nil {
		return nil, fmt.Errorf("%s: %w", method, err)
	}
	return &job{method: method, effect: effect, body: b.Bytes()}, nil
}

// do tries a job until it is decided.
func (c *Client) do(ctx context.Context, j *job) (*Response, error) {
	if c.readOnly && j.effect != Read {
		return nil, fmt.Errorf("%s: %w", j.method, ErrReadOnly)
	}
	for j.try = 1; ; j.try++ {
		if _, err := c.await(ctx); err != nil {
			return nil, c.unsent(j, err)
		}
		res, f, err := c.charged(ctx, j)
		switch {
		case err != nil:
			return nil, c.unsent(j, err)
		case f == nil:
			c.watch.decided(j)
			return res, nil
		case f.verdict == held:
			j.try--
		default:
			if err := c.failed(ctx, j, f); err != nil {
				return nil, err
			}
		}
	}
}

// failed takes a try that failed, and waits until the next one; the error is that of a
// job that is not tried again.
func (c *Client) failed(ctx context.Context, j *job, f *failure) error {
	switch f.verdict {
	case lost:
		j.doubt = f
	case busy:
		c.pace.slowDown()
		c.pace.hold(f.after)
	case final:
		if refused := new(Error); errors.As(f.err, &refused) {
			c.watch.decided(j)
		}
		return c.conclude(j, f)
	}
	switch {
	case ctx.Err() != nil:
		return c.ended(j, context.Cause(ctx))
	case f.verdict == parked && !j.patient, j.slow, !mayRepeat(j, f):
		return c.conclude(j, f)
	}
	anew, err := c.outlasts(ctx, j, f)
	switch {
	case err != nil:
		return c.unsent(j, err)
	case anew:
		j.try = 0
	case j.try >= c.tries(f):
		return c.conclude(j, f)
	}
	delay := max(c.delay(f.verdict, j.try), j.settles(f), f.after)
	c.logRetry(ctx, j.method, j.try, delay, f)
	if err := sleep(ctx, delay); err != nil {
		return c.ended(j, err)
	}
	return nil
}

// charged tries a job once, within the time that its methods have left. The error
// is that of a job that was not sent. A deletion that may have been executed waits for
// that time: to be told that it was not sent again would leave it in doubt.
func (c *Client) charged(ctx context.Context, j *job) (*Response, *failure, error) {
	reserve := func() *Parked { return c.governor.reserve(j.charges) }
	if j.patient || j.doubt != nil && j.effect == Repeatable {
		if err := c.governor.wait(ctx, c.log, reserve); err != nil {
			return nil, nil, err
		}
	} else if rest := reserve(); rest != nil {
		c.governor.tell(ctx, c.log, rest)
		return nil, nil, rest
	}
	defer c.governor.release(j.charges)
	start := time.Now()
	res, f := c.try(ctx, j)
	switch {
	case f == nil && j.learn != nil:
		j.learn(res)
	case f != nil && f.verdict == parked:
		f.err = c.refusedForTime(j, f.err)
	case f != nil && f.verdict == lost && j.carried > 1 && time.Since(start) >= cutOff:
		j.slow = true
		c.tooSlow(j, time.Since(start))
	}
	return res, f, nil
}

// refusedForTime parks the method that a refusal names.
func (c *Client) refusedForTime(j *job, err error) error {
	var refused *Error
	if !errors.As(err, &refused) {
		return err
	}
	return c.governor.refuse(Canonical(j.method), refused)
}

// unsent is the error of a job that could not be sent, which changes nothing
// about an earlier try.
func (c *Client) unsent(j *job, err error) error {
	var (
		rest *Parked
		away *Away
	)
	switch {
	case !errors.As(err, &rest) && !errors.As(err, &away):
		return c.ended(j, err)
	case j.doubt != nil && j.effect != Read:
		return c.conclude(j, j.doubt)
	}
	return err
}

// newcomerTries bounds the tries to connect to a portal that has never
// answered and does not seem to be away: its address is more likely wrong.
const newcomerTries = 3

// mayRepeat decides whether a request can be tried again. One that may have been executed
// is repeated only if its effect allows that: the portal has no idempotency key
// for CRM, so a repeated add makes a duplicate.
func mayRepeat(j *job, f *failure) bool {
	return !f.stop && !j.single && (f.verdict != lost || j.effect != Once)
}

// tries bounds how often a request is tried that ended so. After a refusal for the time of
// its method it rests a minute or more, and all rests together are to be longer than the
// portal remembers.
func (c *Client) tries(f *failure) int {
	switch {
	case f.verdict == parked:
		return 2 * c.attempts
	case f.verdict == unreached && !c.reached.Load():
		return min(c.attempts, newcomerTries)
	}
	return c.attempts
}

// delay is the wait before the next try. That for a used-up time budget is the
// governor's, and after an outage there is none.
func (c *Client) delay(v verdict, try int) time.Duration {
	if v == parked || try == 0 {
		return 0
	}
	return backoffs[v].delay(try)
}

// conclude is the error of a job that is not tried again after f.
func (c *Client) conclude(j *job, f *failure) error {
	var refused *Error
	isError := errors.As(f.err, &refused)
	switch {
	case isError && f.verdict == final && j.doubt != nil && refused.Code == keyReused:
		return &UnknownOutcome{Method: j.method, Portal: c.Portal(), Cause: j.doubt.err}
	case isError && f.verdict == final:
		refused.Repeated = j.doubt != nil
		return refused
	case j.doubt != nil && j.effect != Read:
		return &UnknownOutcome{Method: j.method, Portal: c.Portal(), Cause: j.doubt.err}
	case f.verdict == lost && !isError:
		return &unanswered{j.method, c.Portal(), f.err}
	}
	return f.err
}

// ended is the error of a job whose context ended. A write that was sent before
// may have been executed.
func (c *Client) ended(j *job, cause error) error {
	if j.doubt == nil || j.effect == Read {
		return fmt.Errorf("%s on %s: %w", j.method, c.Portal(), cause)
	}
	if !errors.Is(j.doubt.err, cause) {
		cause = fmt.Errorf("%w (after: %w)", cause, j.doubt.err)
	}
	return &UnknownOutcome{Method: j.method, Portal: c.Portal(), Cause: cause}
}

// longWait is a wait that people are told of, such as one that Retry-After asks for.
const longWait = 10 * time.Second

// logRetry tells that a request waits for another try.
func (c *Client) logRetry(ctx context.Context, method string, try int, delay time.Duration, f *failure) {
	level := slog.LevelDebug
	if delay >= longWait {
		level = slog.LevelInfo // somebody sits there and wonders
	}
	c.log.Log(ctx, level, "portal request waits for another try",
		"method", method, "try", try, "wait", delay.Round(time.Millisecond), "reason", f.err)
}
