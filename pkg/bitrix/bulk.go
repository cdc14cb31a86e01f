package bitrix

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"sync"

	"github.com/b24apply/b24apply/internal/crash"
)

// A Sender sends single calls and batches; a *Client is one.
type Sender interface {
	Do(context.Context, Request) (*Response, error)
	Batch(context.Context, []Command) ([]Outcome, error)
}

// An Item is one call of a bulk run.
type Item struct {
	Resource string // what the caller calls it
	Params   Params
	// IdempotencyKey is as in Request.
	IdempotencyKey string
	// Err says why the item cannot be sent; it becomes its outcome.
	Err error
}

// An ItemOutcome is what became of one item.
type ItemOutcome struct {
	Resource string
	Result   json.RawMessage // nil if Err is not
	// Err is as in Outcome, the item's own Err, or wraps ErrNotAttempted.
	Err error
}

// ErrNotAttempted is the outcome of an item that was never sent, because the run
// ended before. Errors that wrap it say why.
var ErrNotAttempted = errors.New("it was not attempted")

// errInterrupted is why nothing more is sent after Bulk.Stop.
var errInterrupted = errors.New("the run was interrupted before")

// A Bulk calls one method many times. What a batch can carry goes 50 to a request,
// the rest alone, as does everything of REST 3.0, whose batches stop at the first
// error. An item that fails stops nothing, unless every further call would fail
// alike: a refused credential, a portal that cannot be reached.
type Bulk struct {
	Method string
	V3     bool
	// Concurrency is how many requests are in flight at most; 0 means 8.
	Concurrency int
	// Stop, once closed, lets nothing more be sent; what is in flight is waited
	// for, and what waits to be sent is not. nil never stops.
	Stop <-chan struct{}
}

// Run sends the items and reports every one of them, in their order, from one
// goroutine. It holds at most two batches for each request in flight, however many
// items there are; items are read from a goroutine of its own. When ctx ends it
// reports what it holds and returns without reading further.
func (b Bulk) Run(ctx context.Context, s Sender, items iter.Seq[Item], report func(ItemOutcome)) {
	n := cmp.Or(b.Concurrency, DefaultConcurrency)
	ctx = WithStop(ctx, b.Stop)
	r := &bulkRun{
		Bulk: b, ctx: ctx, sender: s,
		slots: make(chan struct{}, n),
		queue: make(chan *bulkItem, 2*n*MaxBatch),
	}
	go func() {
		defer close(r.queue)
		r.broken = crash.Catch(func() error { r.feed(items); return nil })
	}()
	for {
		select {
		case e, ok := <-r.queue:
			if !ok {
				if r.broken != nil {
					panic(r.broken) // of a goroutine, where nobody could catch it
				}
				return
			}
			select {
			case <-e.done:
				report(e.outcome)
				continue
			case <-ctx.Done():
			}
			r.abandon()
			r.drain(e, report)
			return
		case <-ctx.Done():
			r.abandon()
			r.drain(nil, report)
			return
		}
	}
}

// A bulkItem is an item on its way. done is closed when its outcome is known.
type bulkItem struct {
	number   int
	resource string
	item     Item
	outcome  ItemOutcome
	done     chan struct{}
}

func (e *bulkItem) finish(result json.RawMessage, err error) {
	e.outcome = ItemOutcome{Resource: e.resource, Result: result, Err: err}
	e.item = Item{} // its parameters may be large
	close(e.done)
}

// A bulkRun is the state of one run. feed owns pending and is the only one that
// starts requests.
type bulkRun struct {
	Bulk
	ctx     context.Context // of the run, which this lives as long as
	sender  Sender
	slots   chan struct{}  // one for each request in flight
	queue   chan *bulkItem // in the order of the items
	pending []*bulkItem    // of the next batch
	broken  error          // a panic of feed; to be read once queue is closed

	mu     sync.Mutex
	fatal  error // why nothing more is sent
	closed bool  // no request may start any more
	flying sync.WaitGroup
}

// feed reads the items, and closes the queue after the last one. A queue that is
// full waits for its head: that must not be in the pending batch, which is therefore
// sent, full or not, before it is so old.
func (r *bulkRun) feed(items iter.Seq[Item]) {
	defer r.flush()
	n := 0
	for item := range items {
		n++
		e := &bulkItem{number: n, resource: item.Resource, item: item, done: make(chan struct{})}
		r.accept(e)
		if len(r.pending) > 0 && n-r.pending[0].number >= cap(r.queue) {
			r.flush()
		}
		select {
		case r.queue <- e:
		case <-r.ctx.Done():
			return
		}
	}
}

func (r *bulkRun) accept(e *bulkItem) {
	if e.item.Err != nil {
		e.finish(nil, e.item.Err)
		return
	}
	if err := r.halted(); err != nil {
		e.finish(nil, err)
		return
	}
	if r.V3 || lowerMethod(r.Method) == BatchMethod || !Carries(e.item.Params) {
		r.launch([]*bulkItem{e})
		return
	}
	if r.pending = append(r.pending, e); len(r.pending) == MaxBatch {
		r.flush()
	}
}

func (r *bulkRun) flush() {
	if len(r.pending) > 0 {
		batch := r.pending
		r.pending = nil
		r.launch(batch)
	}
}

// halted tells why nothing more is sent, or nil.
func (r *bulkRun) halted() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	select {
	case <-r.Stop:
		return fmt.Errorf("%w: %w", ErrNotAttempted, errInterrupted)
	default:
	}
	switch {
	case r.ctx.Err() != nil:
		return fmt.Errorf("%w: %w", ErrNotAttempted, context.Cause(r.ctx))
	case r.fatal != nil:
		return fmt.Errorf("%w, since every call would fail alike: %w", ErrNotAttempted, r.fatal)
	}
	return nil
}

// launch sends items as one request, as soon as there is a slot for it.
func (r *bulkRun) launch(batch []*bulkItem) {
	select {
	case r.slots <- struct{}{}:
	case <-r.Stop:
	case <-r.ctx.Done():
	}
	if err := r.start(); err != nil {
		for _, e := range batch {
			e.finish(nil, err)
		}
		return
	}
	go func() {
		defer r.flying.Done()
		defer func() { <-r.slots }()
		if err := crash.Catch(func() error { r.send(batch); return nil }); err != nil {
			r.crashed(batch, err)
		}
	}()
}

// crashed gives the items of a request that met a bug their outcome, and ends the run.
func (r *bulkRun) crashed(batch []*bulkItem, err error) {
	r.mu.Lock()
	r.fatal = cmp.Or(r.fatal, err)
	r.mu.Unlock()
	for _, e := range batch {
		select {
		case <-e.done:
		default:
			e.finish(nil, err)
		}
	}
}

// start allows a request, or tells why there is none. It never starts one after
// abandon, which waits for those that have.
func (r *bulkRun) start() error {
	if err := r.halted(); err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		return fmt.Errorf("%w: %w", ErrNotAttempted, context.Cause(r.ctx))
	}
	r.flying.Add(1)
	return nil
}

func (r *bulkRun) send(batch []*bulkItem) {
	if len(batch) == 1 {
		r.alone(batch[0])
		return
	}
	commands := make([]Command, len(batch))
	for i, e := range batch {
		commands[i] = Command{Method: r.Method, Params: e.item.Params}
	}
	outcomes, err := r.sender.Batch(r.ctx, commands)
	for i, e := range batch {
		o := Outcome{Err: err}
		if err == nil {
			o = outcomes[i]
		}
		if isRefusedInBatch(o.Err) {
			r.alone(e)
			continue
		}
		r.settle(e, o.Result, o.Err)
	}
}

// isRefusedInBatch reports whether a command was not run because its method works
// only outside a batch.
func isRefusedInBatch(err error) bool {
	var e *Error
	return errors.As(err, &e) && e.Code == "ERROR_BATCH_METHOD_NOT_ALLOWED"
}

func (r *bulkRun) alone(e *bulkItem) {
	res, err := r.sender.Do(r.ctx, Request{Method: r.Method, Params: e.item.Params, V3: r.V3, IdempotencyKey: e.item.IdempotencyKey})
	if err != nil {
		r.settle(e, nil, err)
		return
	}
	r.settle(e, res.Result, nil)
}

// settle records the outcome of an item that was sent.
func (r *bulkRun) settle(e *bulkItem, result json.RawMessage, err error) {
	var (
		unreachable *Unreachable
		away        *Away
		refused     *Error
		unknown     *UnknownOutcome
		rest        *Parked
	)
	halted := r.halted()
	switch {
	case err == nil:
	case halted != nil && !errors.As(err, &unknown) && (errors.Is(err, ErrStopped) || errors.As(err, &rest)):
		err = halted
	case errors.As(err, &unknown), errors.As(err, &refused) && !IsAuth(err):
	case errors.As(err, &away):
		r.mu.Lock()
		r.fatal = cmp.Or(r.fatal, err)
		r.mu.Unlock()
		err = fmt.Errorf("%w: %w", ErrNotAttempted, err)
	case errors.As(err, &unreachable), IsAuth(err):
		r.mu.Lock()
		r.fatal = cmp.Or(r.fatal, err)
		r.mu.Unlock()
	case r.ctx.Err() != nil:
		err = fmt.Errorf("%w: %w", ErrNotAttempted, context.Cause(r.ctx))
	}
	e.finish(result, err)
}

// abandon waits for what is in flight, and keeps anything else from starting.
func (r *bulkRun) abandon() {
	r.mu.Lock()
	r.closed = true
	r.mu.Unlock()
	r.flying.Wait()
}

// drain reports the items that are held when the run was abandoned; those without
// an outcome were never sent. feed may still wait for more to read.
func (r *bulkRun) drain(e *bulkItem, report func(ItemOutcome)) {
	for {
		if e == nil {
			select {
			case e = <-r.queue:
			default:
			}
			if e == nil {
				return
			}
		}
		select {
		case <-e.done:
			report(e.outcome)
		default:
			report(ItemOutcome{Resource: e.resource, Err: fmt.Errorf("%w: %w", ErrNotAttempted, context.Cause(r.ctx))})
		}
		e = nil
	}
}
