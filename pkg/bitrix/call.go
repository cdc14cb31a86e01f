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
// it was never sent, and wraps the cause of ctx's end if ctx ended.
func (c *Client) Call(ctx context.Context, method string, params Params) (*Response, error) {
	j, err := newJob(method, EffectOf(method), params)
	if err != nil {
		return nil, err
	}
	return c.do(ctx, j)
}

// A job is one request, which may take several tries.
type job struct {
	method string
	effect Effect
	body   []byte
	single bool   // tried once: who sends it has another way to ask
	try    int    // of the request that is under way, from 1
	v3     bool   // REST 3.0
	key    string // its Idempotency-Key, "" for none
	whole  bool   // the answer keeps its envelope
	// accept judges the shape of an answer; an error means that the answer is
	// damaged. nil accepts all.
	accept func(*Response) error
	// doubt is the last try that may have been executed, if any.
	doubt *failure
}

// A failure is a try that failed, and what that means for the next one.
type failure struct {
	verdict verdict
	err     error // holds no secret
	stop    bool  // another try would fail alike
}

// newJob encodes the parameters. Text stays as it is: without HTML escapes it is
// shorter, and the portal reads both.
func newJob(method string, effect Effect, params any) (*job, error) {
	if !methodName.MatchString(method) {
		return nil, fmt.Errorf("%q is no method name", method)
	}
	if p, ok := params.(Params); ok && p == nil {
		params = Params{}
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(params); err != nil {
		return nil, fmt.Errorf("%s: parameters: %w", method, err)
	}
	return &job{method: method, effect: effect, body: b.Bytes()}, nil
}

// do tries a job until it is decided.
func (c *Client) do(ctx context.Context, j *job) (*Response, error) {
	if c.readOnly && j.effect != Read {
		return nil, fmt.Errorf("%s: %w", j.method, ErrReadOnly)
	}
	for try := 1; ; try++ {
		if err := c.pace.wait(ctx); err != nil {
			return nil, c.ended(j, err)
		}
		j.try = try
		sent := time.Now()
		res, f := c.try(ctx, j)
		if f == nil {
			c.operating.note(j.method, res.Time)
			return res, nil
		}
		if f.verdict == lost {
			j.doubt = f
		}
		if f.verdict == busy {
			c.pace.slowDown()
		}
		switch {
		case f.verdict == final:
			return nil, c.conclude(j, f)
		case ctx.Err() != nil:
			return nil, c.ended(j, context.Cause(ctx))
		case !c.mayRepeat(j, f, try):
			return nil, c.conclude(j, f)
		}
		delay := max(c.delay(j.method, f.verdict, try), j.settles(f, sent))
		c.logRetry(ctx, j.method, try, delay, f)
		if err := sleep(ctx, delay); err != nil {
			return nil, c.ended(j, err)
		}
	}
}

// newcomerTries bounds the tries to connect to a portal that has never
// answered: its address is more likely wrong than its network interrupted.
const newcomerTries = 3

// mayRepeat decides whether to try again. A request that may have been executed
// is repeated only if its effect allows that: the portal has no idempotency key
// for CRM, so a repeated add makes a duplicate.
func (c *Client) mayRepeat(j *job, f *failure, try int) bool {
	if f.stop || j.single || f.verdict == lost && j.effect == Once {
		return false
	}
	if f.verdict == unreached && !c.reached.Load() {
		return try < min(c.attempts, newcomerTries)
	}
	return try < c.attempts
}

// delay is the wait before the next try of a method.
func (c *Client) delay(method string, v verdict, try int) time.Duration {
	if v == parked {
		if left := c.operating.left(method); left > 0 {
			return left + jitter(time.Second)
		}
	}
	return backoffs[v].delay(try)
}

// conclude is the error of a job that is not tried again after f.
func (c *Client) conclude(j *job, f *failure) error {
	var refused *Error
	isError := errors.As(f.err, &refused)
	switch {
	case isError && f.verdict == final:
		refused.Repeated = j.doubt != nil
		return refused
	case j.doubt != nil && j.effect != Read:
		return &UnknownOutcome{Method: j.method, Portal: c.Portal(), Cause: j.doubt.err}
	case f.verdict == lost && !isError:
		return fmt.Errorf("%s on %s: %w", j.method, c.Portal(), f.err)
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

// logRetry tells that a request waits for another try. A wait that a person
// would notice is told louder.
func (c *Client) logRetry(ctx context.Context, method string, try int, delay time.Duration, f *failure) {
	level := slog.LevelDebug
	if f.verdict == parked {
		level = slog.LevelInfo
	}
	c.log.Log(ctx, level, "portal request waits for another try",
		"method", method, "try", try, "wait", delay.Round(time.Millisecond), "reason", f.err)
}
