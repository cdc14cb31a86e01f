package bitrix

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"
)

// logAnswer tells of a request that was answered: where it went, which try it
// was, how large and how slow it was, and what its method has used of its time
// budget. Neither the address nor the parameters are told.
func (c *Client) logAnswer(ctx context.Context, e *endpoint, j *job, a *answer, res *Response) {
	attrs := []slog.Attr{
		slog.String("method", j.method), slog.String("portal", e.host), slog.Int("try", j.try), slog.Int("status", a.status),
		slog.Int("sent", len(j.body)), slog.Int("received", len(a.body)), slog.Duration("took", a.took),
	}
	if res != nil && res.Time.Operating > 0 {
		attrs = append(attrs, slog.Duration("operating", res.Time.Operating))
	}
	c.log.LogAttrs(ctx, slog.LevelDebug, "portal request", attrs...)
}

// slowAnswer is after how long people are told that an answer is still waited for, and
// slowPause how long it takes until they are told again: a slow portal is slow for all
// requests.
const (
	slowAnswer = 20 * time.Second
	slowPause  = time.Minute
)

// tellSlow tells that a request is waited for, unless answered is called soon.
func (c *Client) tellSlow(ctx context.Context, method string) (answered func()) {
	timer := time.AfterFunc(slowAnswer, func() {
		last, now := c.toldSlow.Load(), time.Now().UnixNano()
		if last != 0 && now-last < int64(slowPause) || !c.toldSlow.CompareAndSwap(last, now) {
			return
		}
		c.log.InfoContext(ctx, fmt.Sprintf("still waiting for the portal since %.0f s: %s", slowAnswer.Seconds(), method))
	})
	return func() { timer.Stop() }
}

// logBatch tells what became of the commands of a batch, and what each method
// has used of its time budget.
func (c *Client) logBatch(ctx context.Context, commands []Command, outcomes []Outcome) {
	if !c.log.Enabled(ctx, slog.LevelDebug) {
		return
	}
	failed, left := 0, 0 // a batch that halts leaves out what follows
	used := make(map[string]time.Duration)
	var methods []string
	for i, o := range outcomes {
		switch {
		case errors.Is(o.Err, ErrNotRun):
			left++
		case o.Err != nil:
			failed++
		}
		method := commands[i].Method
		if _, known := used[method]; !known {
			methods = append(methods, method)
		}
		used[method] = max(used[method], o.Time.Operating)
	}
	var operating []any
	for _, method := range methods {
		operating = append(operating, slog.Duration(method, used[method]))
	}
	c.log.LogAttrs(ctx, slog.LevelDebug, "portal batch", slog.String("portal", c.Portal()),
		slog.Int("commands", len(commands)), slog.Int("failed", failed), slog.Int("left", left), slog.Group("operating", operating...))
}
