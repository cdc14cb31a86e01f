package bitrix

import (
	"context"
	"errors"
)

// ErrStopped is the end of a call that still waited when it was told to stop:
// the portal has not executed it.
var ErrStopped = errors.New("stopped while it waited; it was not executed")

type stopKey struct{}

// WithStop makes calls end with ErrStopped where they wait once stop is closed: for
// their pace, for a method that has used up its time, or before another try. A
// request that was sent is waited for, unlike at the end of ctx. A write that may
// have been executed ends as an *UnknownOutcome.
func WithStop(ctx context.Context, stop <-chan struct{}) context.Context {
	return context.WithValue(ctx, stopKey{}, stop)
}

// stopOf is what WithStop gave; nil never stops.
func stopOf(ctx context.Context) <-chan struct{} {
	stop, _ := ctx.Value(stopKey{}).(<-chan struct{})
	return stop
}

type sendingKey struct{}

// WithSending makes calls of methods that change something tell each HTTP request just
// before it goes out, when all waiting is over. One of which told returns an error is not
// sent, and neither is another try; the call ends with that error, or as an
// *UnknownOutcome if an earlier request may have been executed. told is called on any
// goroutine.
func WithSending(ctx context.Context, told func() error) context.Context {
	return context.WithValue(ctx, sendingKey{}, told)
}

// tellSending tells that a request goes out.
func (j *job) tellSending(ctx context.Context) error {
	told, _ := ctx.Value(sendingKey{}).(func() error)
	if told == nil || j.effect == Read {
		return nil
	}
	return told()
}
