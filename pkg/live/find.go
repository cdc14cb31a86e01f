package live

import (
	"context"
	"encoding/json"
	"iter"

	"github.com/b24apply/b24apply/pkg/bitrix"
	"github.com/b24apply/b24apply/pkg/kind"
)

// Find answers searches as they are drawn from a sequence, 50 lists a request and a few
// requests at once, in their order. A block and its rows are used again when the loop goes on.
// What one store does not show is the refusal of its
// answer; any other error is the last that comes. Few blocks are in memory at once.
func (r *Reader) Find(ctx context.Context, searches iter.Seq[kind.Search]) iter.Seq2[kind.Block, error] {
	return func(yield func(kind.Block, error) bool) {
		b := &block{picker: &picker{}}
		for rows, err := range r.client.StreamLists(ctx, b.lists(searches)) {
			if err = b.add(rows, err); err == nil && len(b.Answers) < bitrix.MaxBatch {
				continue
			}
			if err == nil {
				err = r.complete(ctx, b.lacking)
			}
			if !yield(b.Block, err) || err != nil {
				return
			}
			b.next()
		}
		if err := r.complete(ctx, b.lacking); len(b.Answers) > 0 || err != nil {
			yield(b.Block, err)
		}
	}
}

// A block gathers the answers to as many searches as a request carries.
type block struct {
	kind.Block
	asked   []search // those without an answer yet
	lacking []hit    // rows that are read again
	picker  *picker
}

// lists makes lists of searches, which are asked.
func (b *block) lists(searches iter.Seq[kind.Search]) iter.Seq[bitrix.List] {
	return func(yield func(bitrix.List) bool) {
		for s := range searches {
			one := newSearch(s)
			b.asked = append(b.asked, one)
			if !yield(one.list()) {
				return
			}
		}
	}
}

// add takes the answer to the next search.
func (b *block) add(rows []bitrix.Row, err error) error {
	s := b.asked[0]
	b.asked = b.asked[1:]
	var answer kind.Answer
	if answer.Refused, err = asKind(err); err != nil {
		return err
	}
	b.picker.use(s.names())
	answer.Rows = make([]kind.Row, 0, len(rows))
	for _, raw := range rows {
		row := b.picker.row(raw)
		answer.Rows = append(answer.Rows, row)
		if s.Whole && s.lacks(row) {
			b.lacking = append(b.lacking, hit{s, row})
		}
	}
	b.Answers = append(b.Answers, answer)
	return nil
}

// next begins the block behind this one.
func (b *block) next() {
	b.picker.reuse()
	b.Block, b.lacking = kind.Block{First: b.First + len(b.Answers), Answers: b.Answers[:0]}, b.lacking[:0]
}

// Alone tells whether a search cannot share a request with others: a batch does not carry
// everything exactly.
func (r *Reader) Alone(s kind.Search) bool {
	for _, c := range s.Where {
		if !bitrix.CarriesValue(c.Values) {
			return true
		}
	}
	return false
}

// A hit is a row that a search has found.
type hit struct {
	search
	row kind.Row
}

// complete reads records whole whose row lacks a column that was asked for: a list may
// leave out what the record itself shows. One that the portal does not show so says why.
func (r *Reader) complete(ctx context.Context, lacking []hit) error {
	commands := make([]bitrix.Command, len(lacking))
	for i, h := range lacking {
		commands[i] = h.get(h.row.Int("id"))
	}
	return r.each(ctx, commands, func(i int, answer bitrix.Response, err error) error {
		if refused, fault := asKind(err); err != nil && fault == nil {
			lacking[i].row[kind.HiddenRow], err = json.Marshal(refused.Says())
			return err
		}
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

// First reads the first rows of each search, 50 at most, and tells how many there are. What a
// batch does not carry exactly goes by itself.
func (r *Reader) First(ctx context.Context, searches []kind.Search) ([]kind.Answer, error) {
	answers := make([]kind.Answer, len(searches))
	var commands []bitrix.Command
	var at []int // the search of each command
	for i, s := range searches {
		command := newSearch(s).firstPage()
		if bitrix.Carries(command.Params) {
			commands, at = append(commands, command), append(at, i)
			continue
		}
		answer, err := r.client.Call(ctx, command.Method, command.Params)
		if err != nil {
			answer = &bitrix.Response{}
		}
		if answers[i], err = firstRows(s, *answer, err); err != nil {
			return nil, err
		}
	}
	return answers, r.each(ctx, commands, func(i int, answer bitrix.Response, err error) error {
		answers[at[i]], err = firstRows(searches[at[i]], answer, err)
		return err
	})
}

// firstRows reads the answer to the first page of a search.
func firstRows(s kind.Search, answer bitrix.Response, err error) (out kind.Answer, _ error) {
	if err != nil {
		out.Refused, err = asKind(err)
		return out, err
	}
	out.Rows, err = rowsOf(answer.Result, newSearch(s).list().Items)
	out.Total = len(out.Rows)
	if answer.Total != nil {
		out.Total = *answer.Total
	}
	return out, err
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
