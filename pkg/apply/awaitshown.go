package apply

import (
	"context"
	"slices"
	"time"

	"github.com/b24apply/b24apply/pkg/value"
	"github.com/b24apply/b24apply/pkg/wire"
)

// awaitShown waits until the portal shows by their marks what the run has created of late.
// What was claimed shows nothing of the run's own request: that has its whole time.
func (w *wake) awaitShown(ctx context.Context) error {
	var open []*task
	var deadline time.Time
	for _, n := range w.state.Known() {
		k := w.state.Nodes[n]
		until := k.Sent.Add(w.cfg.Settle)
		if !k.Saved || k.TakenBack || time.Until(until) <= 0 {
			continue
		}
		if k.Claimed {
			w.claims = append(w.claims, claim{until: until})
			continue
		}
		t, err := w.taskOf(n)
		if err != nil {
			return err
		}
		if t != nil && t.ready.Once() && wire.Marked(t.ready) {
			open, deadline = append(open, t), later(deadline, until)
		}
	}
	w.until(ctx, deadline, open, func(open []*task) (hidden []*task) {
		for part := range slices.Chunk(open, wire.LookSize) {
			calls := make([]wire.Call, len(part))
			for i, t := range part {
				calls[i] = t.ready
			}
			l := findMarks(ctx, &w.cfg, calls)
			for i, t := range part {
				if l.err != nil || len(l.of(i)) == 0 {
					hidden = append(hidden, t)
				}
			}
		}
		return hidden
	})
	if left := time.Until(w.claimedUntil()); left > 0 && !w.stopped(ctx) {
		w.cfg.tell(left, value.Say("to-see-whether-writes-are-done", value.N("n", len(w.claims))))
		w.pause(ctx, w.claimedUntil())
	}
	return nil
}
