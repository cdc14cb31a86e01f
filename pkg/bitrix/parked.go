package bitrix

import (
	"context"
	"fmt"
	"time"
)

// A Parked is a call that was not executed, since its method has used up the
// time that the portal grants it, or the part of it that this client may use.
// Other methods are not affected. TryCall and TryBatch return it at once; Call and
// Batch wait, and return it only after an hour.
type Parked struct {
	Method string    // what the portal bills, in lower case; "batch" if it bills batches as such
	Until  time.Time // when to try again; it may be possible earlier
	Cause  *Error    // the portal's refusal, or nil if nothing was sent
}

func (p *Parked) Error() string {
	until := p.Until.Format("15:04:05Z07:00")
	if p.Cause != nil {
		return fmt.Sprintf("%v; it has time again at %s", p.Cause, until)
	}
	return fmt.Sprintf("%s: the method has used up its time on the portal until %s; it was not called", p.Method, until)
}

// Unwrap gives the portal's refusal, if there was one.
func (p *Parked) Unwrap() error {
	if p.Cause == nil {
		return nil
	}
	return p.Cause
}

// Hint is what to do about it, as of an [Error].
func (p *Parked) Hint() (code string, args map[string]string) { return "try-again-then", nil }

// TryCall is Call, except that it does not wait for a method that has used up
// its time: the error is a *Parked then.
func (c *Client) TryCall(ctx context.Context, method string, params Params) (*Response, error) {
	return c.call(ctx, method, params, false)
}

// TryBatch is Batch, except that it does not wait for methods that have used up
// their time: the error of the outcomes concerned is a *Parked then, whether the
// portal refused them or they were not sent. The other commands are run.
func (c *Client) TryBatch(ctx context.Context, commands []Command) ([]Outcome, error) {
	return c.batch(ctx, commands, batching{})
}

// TryHalting is TryBatch for commands of which one that fails halts those behind it, whose
// error is ErrNotRun then. They travel in one request, and none is tried again without the
// others.
// Source: https://apidocs.bitrix24.com/settings/how-to-call-rest-api/batch.html
func (c *Client) TryHalting(ctx context.Context, commands []Command) ([]Outcome, error) {
	return c.batch(ctx, commands, batching{halts: true})
}

// CallParkedUntil tells when a call of a method can be sent, going by the time
// that the method has left: the zero time if now. It may be earlier when requests
// in flight turn out to have cost less than predicted.
func (c *Client) CallParkedUntil(method string) time.Time {
	return c.parkedUntil(c.charges([]Command{{Method: method}})[:1])
}

// BatchParkedUntil is CallParkedUntil for commands that go in one batch.
func (c *Client) BatchParkedUntil(commands []Command) time.Time {
	return c.parkedUntil(c.charges(commands))
}

func (c *Client) parkedUntil(charges []charge) time.Time {
	if rest := c.governor.until(charges); rest != nil {
		return rest.Until
	}
	return time.Time{}
}

// charges are the predicted costs of a batch: those of its methods, and the
// whole for a portal that bills batches as such.
func (c *Client) charges(commands []Command) []charge {
	var list []charge
	var sum time.Duration
	at := map[string]int{}
	for _, command := range commands {
		method := Canonical(command.Method)
		i, ok := at[method]
		if !ok {
			i = len(list)
			at[method], list = i, append(list, charge{method: method})
		}
		cost, known := c.governor.cost(method)
		list[i].guess = ok && !known
		cost *= time.Duration(command.rows())
		list[i].cost += cost
		sum += cost
	}
	return append(list, charge{method: BatchMethod, cost: sum})
}

// BatchSize tells how many of the commands, from the first on, go into one
// request so that the portal is predicted to work no longer than 25 seconds on it,
// by what earlier commands of their methods took: at least one, at most 50.
func (c *Client) BatchSize(commands []Command) int {
	limit := c.governor.portion(BatchMethod)
	var sum time.Duration
	for n, command := range commands[:min(len(commands), MaxBatch)] {
		method := Canonical(command.Method)
		cost, _ := c.governor.cost(method)
		limit = min(limit, c.governor.portion(method))
		if sum += cost * time.Duration(command.rows()); sum > limit && n > 0 {
			return n
		}
	}
	return min(len(commands), MaxBatch)
}
