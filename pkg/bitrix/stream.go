package bitrix

import (
	"context"
	"iter"
	"slices"

	"github.com/b24apply/b24apply/internal/crash"
)

// streamWindow is how many requests of one StreamLists are held at most: in flight, or
// with rows that were not handed over.
const streamWindow = 4

// StreamLists reads lists as they are drawn from a sequence: 50 lists go into a request,
// and several requests are in flight. It yields all rows of each list in the order of
// the lists, or why they could not be read; a list that fails stops no other.
//
// Four requests with their answers are in memory at most. The memory of an answer is
// used again: rows are valid until the loop goes on, and what is kept of them is copied,
// as Row.Clone does.
func (c *Client) StreamLists(ctx context.Context, lists iter.Seq[List]) iter.Seq2[[]Row, error] {
	return func(yield func([]Row, error) bool) {
		next, stop := iter.Pull(lists)
		defer stop()
		ctx, cancel := context.WithCancel(ctx)
		var workers crash.Group
		defer c.docs.drop()
		defer workers.Wait()
		defer cancel()
		var window []<-chan []*cursor
		for {
			for len(window) < streamWindow {
				round := draw(next)
				if len(round) == 0 {
					break
				}
				done := make(chan []*cursor, 1)
				window = append(window, done)
				workers.Go(func() {
					defer close(done)
					c.exhaust(ctx, round)
					done <- round
				})
			}
			if len(window) == 0 {
				return
			}
			round, whole := <-window[0]
			if !whole {
				return // its goroutine panicked, which Wait passes on
			}
			for _, cur := range round {
				if !yield(cur.rows, cur.err) {
					return
				}
			}
			c.releaseAll(round)
			window = window[1:]
		}
	}
}

// draw begins the lists of the next request. One that cannot be read says so in its
// cursor.
func draw(next func() (List, bool)) (round []*cursor) {
	for len(round) < MaxBatch {
		l, ok := next()
		if !ok {
			break
		}
		round = append(round, openCursor(l))
	}
	return round
}

func (c *Client) releaseAll(round []*cursor) {
	rows := make([][]Row, len(round))
	for i, cur := range round {
		rows[i] = cur.rows
	}
	c.release(rows...)
}

// exhaust reads lists to their ends.
func (c *Client) exhaust(ctx context.Context, round []*cursor) {
	open := slices.DeleteFunc(slices.Clone(round), (*cursor).ended)
	for len(open) > 0 {
		c.advance(ctx, open, true)
		open = slices.DeleteFunc(open, (*cursor).ended)
	}
}
