package live

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"slices"

	"github.com/b24apply/b24apply/internal/crash"
	"github.com/b24apply/b24apply/pkg/bitrix"
	"github.com/b24apply/b24apply/pkg/kind"
)

// Find answers searches, 50 lists a request and a few requests at once, in their order.
// What one store does not show is the refusal of its answer; any other error is the last
// that comes.
func (r *Reader) Find(ctx context.Context, searches []kind.Search) iter.Seq2[kind.Block, error] {
	parts := slices.Collect(slices.Chunk(searches, bitrix.MaxBatch))
	return func(yield func(kind.Block, error) bool) {
		first := 0
		for answers, err := range inOrder(ctx, len(parts), func(ctx context.Context, i int) ([]kind.Answer, error) { return r.findPart(ctx, parts[i]) }) {
			if !yield(kind.Block{First: first, Answers: answers}, err) || err != nil {
				return
			}
			first += len(answers)
		}
	}
}

// Alone tells whether a search cannot share a request with others: a batch does not carry
// everything exactly.
func (r *Reader) Alone(s kind.Search) bool {
	return !bitrix.Carries(bitrix.Params{"filter": newSearch(s).filter()})
}

// findPart answers searches by one batch of lists, as long as no page is full.
func (r *Reader) findPart(ctx context.Context, part []kind.Search) ([]kind.Answer, error) {
	lists, searches := make([]bitrix.List, len(part)), make([]search, len(part))
	for i, s := range part {
		searches[i] = newSearch(s)
		lists[i] = searches[i].list()
	}
	answers := make([]kind.Answer, len(part))
	var lacking []hit
	for i, listing := range r.client.ListEach(ctx, lists) {
		refused, err := asKind(listing.Err)
		if err != nil {
			return nil, err
		}
		answers[i].Refused = refused
		if answers[i].Rows, err = decodeAll(listing.Rows); err != nil {
			return nil, fmt.Errorf("%s: %w", lists[i].Method, err)
		}
		for k, row := range answers[i].Rows {
			if !part[i].Whole {
				continue
			}
			answers[i].Rows[k] = searches[i].trim(row)
			if searches[i].lacks(row) {
				lacking = append(lacking, hit{searches[i], answers[i].Rows[k]})
			}
		}
	}
	return answers, r.complete(ctx, lacking)
}

// A hit is a row that a search has found.
type hit struct {
	search
	row kind.Row
}

// complete reads records whole whose row lacks a column that was asked for: a list may
// leave out what the record itself shows.
func (r *Reader) complete(ctx context.Context, lacking []hit) error {
	commands := make([]bitrix.Command, len(lacking))
	for i, h := range lacking {
		commands[i] = h.get(h.row.Int("id"))
	}
	return r.each(ctx, commands, func(i int, answer bitrix.Response, err error) error {
		if err != nil {
			return err
		}
		full, err := kind.Member(answer.Result, lacking[i].methods.Item)
		if err == nil {
			lacking[i].fill(lacking[i].row, full)
		}
		return err
	})
}

func decodeAll(raw []json.RawMessage) ([]kind.Row, error) {
	if len(raw) == 0 {
		return nil, nil
	}
	rows := make([]kind.Row, len(raw))
	for i, r := range raw {
		var err error
		if rows[i], err = kind.DecodeRow(r); err != nil {
			return nil, err
		}
	}
	return rows, nil
}

// First reads the first rows of each search, 50 at most, and tells how many there are.
func (r *Reader) First(ctx context.Context, searches []kind.Search) ([]kind.Answer, error) {
	commands, all := make([]bitrix.Command, len(searches)), make([]search, len(searches))
	for i, s := range searches {
		all[i] = newSearch(s)
		commands[i] = all[i].firstPage()
	}
	answers := make([]kind.Answer, len(searches))
	return answers, r.each(ctx, commands, func(i int, answer bitrix.Response, err error) error {
		if err != nil {
			answers[i].Refused, err = asKind(err)
			return err
		}
		rows, err := rowsOf(answer.Result, all[i].methods.Items)
		answers[i].Rows, answers[i].Total = rows, len(rows)
		if answer.Total != nil {
			answers[i].Total = *answer.Total
		}
		return err
	})
}

// Scan reads all rows of a search in the order of their ids, in chains of pages. It ends
// with the first error.
func (r *Reader) Scan(ctx context.Context, s kind.Search) iter.Seq2[kind.Row, error] {
	return func(yield func(kind.Row, error) bool) {
		for raw, err := range r.client.Scan(ctx, newSearch(s).list()) {
			if err != nil {
				yield(nil, withScope(err))
				return
			}
			row, err := kind.DecodeRow(raw)
			if !yield(row, err) || err != nil {
				return
			}
		}
	}
}

// inOrder does n things, a few at a time, and gives their results in order. It ends with
// the first error, and then or when nobody takes the results any more the others are
// cancelled.
func inOrder[T any](ctx context.Context, n int, do func(context.Context, int) (T, error)) iter.Seq2[T, error] {
	type outcome struct {
		result T
		err    error
	}
	return func(yield func(T, error) bool) {
		ctx, cancel := context.WithCancel(ctx)
		var workers crash.Group
		defer workers.Wait()
		defer cancel()
		var window []chan outcome
		for next := 0; next < n || len(window) > 0; {
			for ; next < n && len(window) < readers; next++ {
				i, done := next, make(chan outcome, 1)
				window = append(window, done)
				workers.Go(func() {
					defer close(done)
					result, err := do(ctx, i)
					done <- outcome{result, err}
				})
			}
			o, ok := <-window[0]
			window = window[1:]
			if !ok || !yield(o.result, o.err) || o.err != nil {
				return // after a panic, Wait gives it
			}
		}
	}
}
