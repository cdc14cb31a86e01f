package bitrix

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
)

// ErrIncomplete is the end of a list that the portal did not give whole.
var ErrIncomplete = errors.New("the list is incomplete")

// Pages reads everything that a method has to give, whichever way it pages, and
// yields it row by row; the answer of a method that is no list is one row. It holds
// two answers at most.
//
// Methods that can filter and sort by id are read in the order of the ids, so that
// rows that come and go meanwhile make it skip and repeat nothing, unless the
// parameters ask for another order; the classic ones 50 pages to a request, as by
// Scan. Others are read by the offsets that the portal
// gives; a list that shifts, ends early or ignores the offset ends with an error
// that wraps ErrIncomplete, since its first page must not pass for the whole. Other
// errors are those of Do. An error is the last thing yielded, with a nil row.
func (c *Client) Pages(ctx context.Context, r Request) iter.Seq2[json.RawMessage, error] {
	return func(yield func(json.RawMessage, error) bool) {
		p, err := newPager(r)
		if err == nil {
			if s := p.chained(c); s != nil {
				s.read(ctx, raw(yield))
				return
			}
		}
		for err == nil && !p.done {
			var rows []Row
			if rows, err = p.next(ctx, c); err != nil {
				break
			}
			for _, row := range rows {
				if !yield(row.Raw(), nil) {
					return
				}
			}
		}
		if err != nil {
			yield(nil, err)
		}
	}
}

// FirstPage is the first request that Pages sends.
func FirstPage(r Request) (Request, error) {
	p, err := newPager(r)
	if err != nil {
		return Request{}, err
	}
	return p.request, nil
}

// A pager is a list that is being read: it knows its next request.
type pager struct {
	paging
	request Request
	params  Params // of request; its own
	done    bool
	byID    bool // it is read in the order of the ids
	// more takes the answer of the page that was just read to the next request.
	more func(p *pager, a *pageAnswer) error

	seen  int // rows so far
	last  int // id of the last row, where the list is read by ids
	limit int // rows of a full page, where that is known
	// before is the page before, for which a method that ignores its offset would
	// give the same again.
	before []Row
}

// A pageAnswer is the answer to one request of a pager.
type pageAnswer struct {
	*Response
	members Row // of the result, if it is an object
	rows    []Row
	isList  bool // rows are rows, not an answer of another kind
}

// newPager chooses how to read. Parameters that set the page by hand contradict
// reading all of them.
func newPager(r Request) (*pager, error) {
	p := &pager{paging: pagingOf(r.Method, r.V3), request: r}
	if p.own != "" {
		return nil, fmt.Errorf("%s cannot be read whole here: it pages by %s of its own; call it page by page with those", r.Method, p.own)
	}
	params, err := cloneParams(r.Params)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", r.Method, err)
	}
	p.params, p.request.Params = params, params
	if err := p.refusePosition(); err != nil {
		return nil, fmt.Errorf("%s: %w", r.Method, err)
	}
	switch {
	case p.single:
		p.more = (*pager).noMore
	case p.id != "":
		err = p.readByID()
	case p.cursor != "":
		p.more = (*pager).moreByCursor
	case p.v3:
		p.more = (*pager).moreByWindow
	default:
		p.more = (*pager).moreByStart
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", r.Method, err)
	}
	return p, nil
}

// next reads a page.
func (p *pager) next(ctx context.Context, c *Client) ([]Row, error) {
	j, err := p.request.job()
	if err != nil {
		return nil, err
	}
	j.rows = true
	res, err := c.alone(ctx, j, true)
	if err != nil {
		return nil, err
	}
	a := p.open(res)
	if !a.isList {
		p.done = true
		switch {
		case p.seen > 0:
			return nil, p.incomplete("the answer after row %d holds no rows", p.seen)
		case res.Next != nil:
			return nil, p.incomplete("there is more than the first answer, whose rows are not in one list; page by start=%d yourself", *res.Next)
		}
		return []Row{{res.opened()}}, nil
	}
	if !p.byID && p.isRepeated(a.rows) {
		p.done = true
		return nil, p.ignored(a)
	}
	if err := p.more(p, a); err != nil {
		return nil, err
	}
	p.seen += len(a.rows)
	p.before = a.rows
	return a.rows, nil
}

// open finds the rows of an answer. An object holds rows where the method is known
// to, or where the answer counts them or its name says so and one member alone is a
// list.
func (p *pager) open(res *Response) *pageAnswer {
	a := &pageAnswer{Response: res}
	result := res.opened()
	if a.takeList(result) || result.kind() != '{' {
		return a
	}
	a.members = Row{result}
	if p.rows != "" {
		a.takeList(result.get(p.rows))
		return a
	}
	if res.Next == nil && res.Total == nil && !isListing(p.request.Method) {
		return a
	}
	lists := 0
	for i, end := result.inside(); i < end; i = result.doc.after(i) {
		member := value{result.doc, i}
		if last := result.get(string(result.doc.name(i))); last == member && a.takeList(member) {
			lists++
		}
	}
	a.isList = lists == 1
	return a
}

// takeList takes the rows of a value that is a list, and reports whether it is one.
func (a *pageAnswer) takeList(v value) bool {
	if v = v.open(); v.kind() != '[' {
		return false
	}
	a.isList, a.rows = true, nil
	for i, end := v.inside(); i < end; i = v.doc.after(i) {
		a.rows = append(a.rows, Row{value{v.doc, i}.open()})
	}
	return true
}

// isRepeated reports whether a page is the one before again.
func (p *pager) isRepeated(rows []Row) bool {
	if len(rows) == 0 || len(rows) != len(p.before) {
		return false
	}
	for i, row := range rows {
		if !bytes.Equal(row.Raw(), p.before[i].Raw()) {
			return false
		}
	}
	return true
}

// ignored judges a method that gave the same page again: it does not page, and what
// it gave is all, unless it says that there is more.
func (p *pager) ignored(a *pageAnswer) error {
	if a.claimsMore() || a.Next != nil || a.Total != nil && *a.Total > p.seen {
		return p.incomplete("it gave the first %d rows again when asked for the next; %s", p.seen, adviceNarrow)
	}
	return nil
}

const adviceNarrow = "narrow the filter, or ask for larger pages if it can"

// claimsMore reports whether the answer says that rows are left out.
func (a *pageAnswer) claimsMore() bool {
	return string(a.members.Get("hasMore")) == "true" || string(a.members.Get("truncated")) == "true"
}

func (p *pager) incomplete(format string, args ...any) error {
	return fmt.Errorf("%s: %w: %s", p.request.Method, ErrIncomplete, fmt.Sprintf(format, args...))
}

// cloneParams copies the parameters as far as a pager changes them.
func cloneParams(params any) (Params, error) {
	given, ok := params.(Params)
	if !ok && params != nil {
		return nil, errors.New("its parameters are no object")
	}
	out := make(Params, len(given)+3)
	for k, v := range given {
		if m, ok := v.(map[string]any); ok {
			inner := make(map[string]any, len(m)+2)
			for k, v := range m {
				inner[k] = v
			}
			v = inner
		}
		out[k] = v
	}
	return out, nil
}
