package bitrix

import (
	"context"
	"errors"
	"slices"
	"time"
)

// A round is the commands of a Batch that are open, and what is known about all.
type round struct {
	client   *Client
	commands []Command
	queries  []string // of the commands, as a batch has them
	outcomes []Outcome
	todo     []int
	batching
	// wanted is what the last request would have cost that was not sent for want
	// of time.
	wanted []charge
	// fatal ends the repetitions: a whole request failed.
	fatal error
	whole bool // nothing but the failure of the only request is known
}

// A batching is how a Batch is done.
type batching struct {
	patient bool // methods that have used up their time are waited for
	rows    bool // the commands are lists, whose rows are noted
	halts   bool // one that fails halts those behind it; they go once, and in one request
	reuse   bool // the memory of the answers is given back; see Client.release
}

func (c *Client) batch(ctx context.Context, commands []Command, how batching) ([]Outcome, error) {
	queries, err := encodeAll(commands)
	if err != nil {
		return nil, err // before anything is sent
	}
	return c.batchOf(ctx, commands, queries, how)
}

// batchOf is batch for commands that are encoded.
func (c *Client) batchOf(ctx context.Context, commands []Command, queries []string, how batching) ([]Outcome, error) {
	r := &round{client: c, commands: commands, queries: queries, outcomes: make([]Outcome, len(commands)), batching: how}
	for i := range commands {
		r.todo = append(r.todo, i)
	}
	for try := 1; ; {
		if r.send(ctx) {
			try++
		}
		if r.whole && r.fatal != nil {
			return nil, r.fatal
		}
		if r.fatal != nil {
			return r.outcomes, nil
		}
		wait, most := r.repeatable(try-1), c.attempts
		if r.allParked() {
			most = c.tries(&failure{verdict: parked})
		}
		if r.halts || try > most || len(r.todo) == 0 || r.pause(ctx, wait) != nil {
			return r.outcomes, nil
		}
	}
}

// send sends what is open, in as many requests as it takes, except the commands
// whose methods are parked. It reports whether anything was sent.
func (r *round) send(ctx context.Context) (sent bool) {
	r.wanted = nil
	first := r.fresh()
	open := r.unparked(ctx)
	first = first && len(open) == len(r.commands)
	if r.halts && len(open) < len(r.commands) {
		for _, i := range open {
			r.settle(i, Outcome{Err: ErrNotRun})
		}
		return false
	}
	for len(open) > 0 {
		n := len(open)
		if !r.halts {
			n = r.client.BatchSize(pick(r.commands, open))
		}
		sent = r.request(ctx, open[:n], first && n == len(open)) || sent
		open = open[n:]
		first = false
	}
	return sent
}

// fresh tells whether nothing is known about any command.
func (r *round) fresh() bool {
	return !slices.ContainsFunc(r.outcomes, func(o Outcome) bool { return o.Err != nil || o.Result != nil })
}

// unparked leaves out the commands of methods that have used up their time, whose
// outcome is that.
func (r *round) unparked(ctx context.Context) (open []int) {
	rests := map[string]*Parked{}
	for _, i := range r.todo {
		method := Canonical(r.commands[i].Method)
		rest, asked := rests[method]
		if !asked {
			rest = r.client.governor.until(r.share(method))
			rests[method] = rest
			if rest != nil {
				r.client.governor.tell(ctx, r.client.log, rest)
			}
		}
		if rest == nil {
			open = append(open, i)
			continue
		}
		r.settle(i, Outcome{Err: rest})
	}
	return open
}

// share is what the open commands of one method will cost in their first request.
func (r *round) share(method string) []charge {
	var own []Command
	for _, i := range r.todo {
		if Canonical(r.commands[i].Method) == method {
			own = append(own, r.commands[i])
		}
	}
	return r.client.charges(own[:r.client.BatchSize(own)])
}

// request sends one batch and settles its commands. It reports whether it was
// sent; whole tells that these are all commands.
func (r *round) request(ctx context.Context, open []int, whole bool) (sent bool) {
	commands := pick(r.commands, open)
	halt := byte('0')
	if r.halts {
		halt = '1'
	}
	j := batchJob(commands, pick(r.queries, open), halt)
	j.rows, j.reuse = r.rows, r.reuse
	outcomes, err := r.client.carry(ctx, j, commands)
	var rest *Parked
	switch {
	case err == nil:
		for k, i := range open {
			r.settle(i, outcomes[k])
		}
		return true
	case errors.As(err, &rest):
		if rest.Cause == nil {
			r.wanted = j.charges
		}
	case j.slow && j.effect != Once:
	default:
		r.fatal, r.whole = err, whole
	}
	for _, i := range open {
		if !r.outcomes[i].inDoubt() {
			r.settle(i, Outcome{Err: r.lost(err, r.commands[i], j)})
		}
	}
	return rest == nil || rest.Cause != nil
}

// lost is the error of a command whose request took too long and is to be sent
// again in parts: a write may have been executed.
func (r *round) lost(err error, command Command, j *job) error {
	if !j.slow || EffectOf(command.Method) == Read {
		return err
	}
	var unknown *UnknownOutcome
	if errors.As(err, &unknown) {
		return &UnknownOutcome{Method: command.Method, Portal: unknown.Portal, Cause: unknown.Cause}
	}
	return err
}

// settle takes a new outcome of a command. Doubt about an earlier try stays until
// the portal decides a later one.
func (r *round) settle(i int, later Outcome) {
	if r.outcomes[i].Err == nil && r.outcomes[i].Result == nil {
		r.outcomes[i] = later
		return
	}
	r.outcomes[i] = r.outcomes[i].then(later)
}

// then is the outcome of a command that was tried again. Doubt about an
// earlier try stays until the portal decides a later one.
func (o Outcome) then(later Outcome) Outcome {
	if !o.inDoubt() || later.Err == nil {
		return later
	}
	var refused *Error
	if errors.As(later.Err, &refused) && refused.verdict() == final {
		refused.Repeated = true
		return later
	}
	return o
}

func (o Outcome) inDoubt() bool {
	var unknown *UnknownOutcome
	return errors.As(o.Err, &unknown)
}

// repeatable picks the commands to try again, and tells how long to wait before.
func (r *round) repeatable(try int) (wait time.Duration) {
	var todo []int
	for i, o := range r.outcomes {
		v, again := r.verdict(i, o)
		if !again {
			continue
		}
		if v == busy {
			r.client.pace.slowDown()
		}
		todo = append(todo, i)
		wait = max(wait, r.client.delay(v, max(try, 1)))
	}
	r.todo = todo
	return wait
}

// allParked tells whether every command that is tried again waits for the time of its method.
func (r *round) allParked() bool {
	return !slices.ContainsFunc(r.todo, func(i int) bool {
		v, _ := r.verdict(i, r.outcomes[i])
		return v != parked
	})
}

// verdict judges the outcome of a command, and whether it is tried again.
func (r *round) verdict(i int, o Outcome) (v verdict, again bool) {
	var e *Error
	var rest *Parked
	switch effect := EffectOf(r.commands[i].Method); {
	case o.Err == nil || errors.Is(o.Err, ErrNotRun):
		return final, false
	case errors.As(o.Err, &rest):
		return parked, r.patient
	case errors.As(o.Err, &e):
		v = e.verdict()
		return v, v != final && (v != lost || effect != Once)
	default: // its request took too long
		return lost, effect != Once
	}
}

// pause waits before the commands are tried again: for a time, and until one of
// the methods that are parked has time again.
func (r *round) pause(ctx context.Context, wait time.Duration) error {
	if err := sleep(ctx, wait); err != nil {
		return err
	}
	var held []string
	for _, i := range r.todo {
		var rest *Parked
		if method := Canonical(r.commands[i].Method); errors.As(r.outcomes[i].Err, &rest) && !slices.Contains(held, method) {
			held = append(held, method)
		}
	}
	if len(held) == 0 {
		return nil
	}
	return r.client.governor.wait(ctx, r.client.log, func() *Parked { return r.rest(held) })
}

// rest is how long none of the parked methods can go on, nil if one can.
func (r *round) rest(held []string) (first *Parked) {
	if r.wanted != nil {
		return r.client.governor.until(r.wanted)
	}
	for _, method := range held {
		rest := r.client.governor.until(r.share(method))
		if rest == nil {
			return nil
		}
		if first == nil || rest.Until.Before(first.Until) {
			first = rest
		}
	}
	return first
}

func pick[T any](from []T, at []int) []T {
	out := make([]T, len(at))
	for k, i := range at {
		out[k] = from[i]
	}
	return out
}

// carry sends the job of a batch and hands out what the answer says about its commands.
func (c *Client) carry(ctx context.Context, j *job, commands []Command) ([]Outcome, error) {
	j.charges, j.commands, j.carried = c.charges(commands), len(commands), rowsOf(commands)
	var slots []slot
	j.accept = func(r *Response) (err error) {
		slots, err = decodeBatch(r.value, len(commands))
		return err
	}
	j.learn = func(r *Response) { c.learnBatch(commands, slots, r.Time) }
	if _, err := c.do(ctx, j); err != nil {
		return nil, err
	}
	e := c.endpoint.Load()
	outcomes := make([]Outcome, len(slots))
	for i, s := range slots {
		outcomes[i] = s.outcome(e, commands[i].Method, j.doubt != nil)
	}
	c.logBatch(ctx, commands, outcomes)
	c.parkRefused(commands, outcomes)
	return outcomes, nil
}

// parkRefused parks the methods whose commands were refused for the time that they
// used: one refusal of several in one request.
func (c *Client) parkRefused(commands []Command, outcomes []Outcome) {
	rests := map[string]*Parked{}
	for i, o := range outcomes {
		var e *Error
		if !errors.As(o.Err, &e) || e.verdict() != parked {
			continue
		}
		method := Canonical(commands[i].Method)
		if rests[method] == nil {
			rests[method] = c.governor.refuse(method, e)
		}
		outcomes[i].Err = &Parked{Method: method, Until: rests[method].Until, Cause: e}
	}
}

// learnBatch notes what a batch and its commands used and took. Where the portal
// does not tell, what was predicted stands.
func (c *Client) learnBatch(commands []Command, slots []slot, whole Time) {
	shift := shiftOf(whole.Finish)
	c.governor.note(BatchMethod, whole, shift)
	took := map[string]time.Duration{}
	count := map[string]int{}
	for i, s := range slots {
		method, t := Canonical(commands[i].Method), s.response.Time
		if s.response.Result == nil {
			continue
		}
		c.governor.note(method, t, shift)
		switch {
		case t.isKnown():
		case whole.isKnown():
			t.Duration = whole.Duration * time.Duration(commands[i].rows()) / time.Duration(rowsOf(commands))
		default:
			t.Duration, _ = c.governor.cost(method)
			t.Duration *= time.Duration(commands[i].rows())
		}
		took[method] += t.Duration
		count[method] += commands[i].rows()
	}
	for method, sum := range took {
		rows := 1 // commands of one row each are measured as one, whatever their number
		if method == batchImport {
			rows = count[method]
		}
		c.governor.learn(method, sum/time.Duration(count[method]), rows)
	}
}

// cutOff is how long a request must have taken for its failure to be put down to
// its length: the portal ends it after a minute.
const cutOff = 30 * time.Second

// tooSlow learns that the commands of a batch were too many for one request: they
// cost at least what it took until it was cut off, and probably more.
func (c *Client) tooSlow(j *job, took time.Duration) {
	each := 2 * took / time.Duration(j.carried)
	for _, charge := range j.charges {
		if charge.method != BatchMethod {
			rows := 1
			if charge.method == batchImport {
				rows = j.carried
			}
			c.governor.learn(charge.method, each, rows)
		}
	}
}
