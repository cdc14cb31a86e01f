package bitrix

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"maps"
	"strconv"
	"time"

	"github.com/b24apply/b24apply/internal/crash"
)

// Scan reads a list in the order of the ids, without counting. It stops after
// the first error, which it yields with a nil row. Rows that appear or vanish
// meanwhile never make it skip or repeat others, and gaps between ids cost
// nothing. Two answers are in memory at most: one that is being handed over,
// and the next one.
//
// A batch takes 50 pages, about 2,500 rows, each page beginning behind the last
// row of the one before; fewer where the portal is so slow, or its rows so
// large, that the request would take long. A list that a batch cannot carry is
// read by a call a page. The end is looked for once more, so that a page which
// is not full is no end by itself.
//
// Sources: https://apidocs.bitrix24.com/settings/performance/huge-data.html and
// https://apidocs.bitrix24.com/settings/how-to-call-rest-api/batch.html
func (c *Client) Scan(ctx context.Context, l List) iter.Seq2[json.RawMessage, error] {
	return func(yield func(json.RawMessage, error) bool) {
		s, err := newScan(c, l)
		if err != nil {
			yield(nil, err)
			return
		}
		s.read(ctx, raw(yield))
	}
}

// ScanRows is Scan with rows that are found already and need no decoding. They are valid
// until the loop goes on, since the memory of an answer is used again; what is kept of
// them is copied, as Row.Clone does.
func (c *Client) ScanRows(ctx context.Context, l List) iter.Seq2[Row, error] {
	return func(yield func(Row, error) bool) {
		s, err := newScan(c, l)
		if err != nil {
			yield(Row{}, err)
			return
		}
		s.reuse = true
		s.read(ctx, yield)
	}
}

// raw hands rows over as they came.
func raw(yield func(json.RawMessage, error) bool) func(Row, error) bool {
	return func(row Row, err error) bool { return yield(row.Raw(), err) }
}

// read hands over all rows. The first page comes alone: a short list needs no more,
// and its time says how many pages fit into a request.
func (s *scan) read(ctx context.Context, yield func(Row, error) bool) {
	rows, err := s.next(ctx)
	if !s.hand(rows, err, yield) || s.done {
		return
	}
	for rows, err := range s.ahead(ctx) {
		if !s.hand(rows, err, yield) {
			return
		}
	}
}

// hand yields rows, and then the error if there is one. It reports whether to
// go on.
func (s *scan) hand(rows []Row, err error, yield func(Row, error) bool) bool {
	for _, row := range rows {
		if !yield(row, nil) {
			return false
		}
	}
	if err != nil {
		yield(Row{}, err)
	}
	if s.reuse {
		s.client.release(rows)
	}
	return err == nil
}

const (
	// chainTime is the longest that a chain of pages may take the portal by what
	// the last ones took; it gives up at 60 s.
	chainTime = 25 * time.Second
	// blindPages is how many pages are chained while their time is not known.
	blindPages = 10
)

// A scan is a list that is being read in chains.
type scan struct {
	client  *Client
	cur     *cursor
	done    bool
	reuse   bool // rows are released when they were handed over
	alone   bool // the next page is read by a call of its own
	ending  bool // a page was not full
	horizon int  // the end, once it is known: the largest id when it was looked for
	pages   int  // of the next chain
	timed   bool // the time of a page is known
}

func newScan(c *Client, l List) (*scan, error) {
	cur, err := newCursor(l)
	if err != nil {
		return nil, err
	}
	return &scan{client: c, cur: cur, alone: true, pages: blindPages}, nil
}

// ahead reads the rest of a list, one answer ahead of the one that is handed over.
func (s *scan) ahead(ctx context.Context) iter.Seq2[[]Row, error] {
	return func(yield func([]Row, error) bool) {
		ctx, cancel := context.WithCancel(ctx)
		parts, stop := make(chan part), make(chan struct{})
		var wg crash.Group
		wg.Go(func() {
			defer close(parts)
			for !s.done {
				rows, err := s.next(ctx)
				if !(part{rows, err}).send(parts, stop) || err != nil {
					return
				}
			}
		})
		defer wg.Wait()
		defer cancel()
		defer close(stop)
		for p := range parts {
			if !yield(p.rows, p.err) {
				return
			}
		}
	}
}

// A part is some rows on their way to the reader, or the error that ended them.
type part struct {
	rows []Row
	err  error
}

// send hands a part over unless the reader has stopped. It does not heed the
// context: a reader that waits must learn of its end.
func (p part) send(to chan<- part, stop <-chan struct{}) bool {
	select {
	case to <- p:
		return true
	case <-stop:
		return false
	}
}

// next reads more rows. Whatever stops a chain, the next page is read by a call
// of its own, with all its tries and its own error, and chains go on from there.
func (s *scan) next(ctx context.Context) ([]Row, error) {
	if s.ending && s.horizon == 0 {
		return nil, s.findEnd(ctx)
	}
	if s.alone || s.pages == 1 || !Carries(s.cur.params()) {
		return s.single(ctx)
	}
	rows, err := s.chain(ctx)
	if err != nil {
		s.client.log.DebugContext(ctx, "a chain of pages broke, the next page is read alone",
			"method", s.cur.list.Method, "portal", s.client.Portal(), "pages", s.pages, "reason", err)
		s.alone, s.pages = true, max(1, s.pages/2)
	}
	return rows, nil
}

// single reads a page by a call.
func (s *scan) single(ctx context.Context) ([]Row, error) {
	res, err := s.client.listCall(ctx, s.cur.list.Method, s.cur.params(), s.reuse)
	if err != nil {
		return nil, err
	}
	rows, err := s.cur.take(res)
	if err != nil {
		return nil, err
	}
	s.alone = false
	if !s.timed || s.pages == 1 {
		s.learn(res.Time.Duration, len(res.Result))
	}
	s.turn(len(rows))
	return rows, nil
}

// turn notes how a page ended: behind an empty one there is nothing, behind one
// that is not full there should be nothing.
func (s *scan) turn(rows int) {
	s.done = rows == 0 || s.horizon > 0 && s.cur.last >= s.horizon
	s.ending = rows < PageSize
}

// findEnd asks for the largest id behind the last row. None means the end;
// otherwise reading goes on to that id and not further, so that it ends although
// the list grows.
func (s *scan) findEnd(ctx context.Context) error {
	p := s.cur.params()
	p["order"] = map[string]any{s.cur.list.ID: "DESC"}
	res, err := s.client.listCall(ctx, s.cur.list.Method, p, false)
	if err != nil {
		return err
	}
	rows, err := rowsIn(res.opened(), s.cur.list.Items)
	if err != nil {
		return s.cur.failed(err)
	}
	for _, v := range rows {
		id, ok := Row{v.open()}.id()
		if !ok || id <= s.cur.last {
			return s.cur.failed(fmt.Errorf("row %d was asked for by an id above %d", id, s.cur.last))
		}
		s.horizon = max(s.horizon, id)
	}
	s.done, s.ending = len(rows) == 0, false
	return nil
}

// chain reads several pages in one batch, which stops at the first that fails:
// behind the last page there is no row to go on from. With an error come the
// rows of the pages before it.
func (s *scan) chain(ctx context.Context) ([]Row, error) {
	j, commands, err := s.chainJob()
	if err != nil {
		return nil, err
	}
	outcomes, err := s.client.carry(ctx, j, commands)
	if err != nil {
		return nil, err
	}
	var (
		all         []Row
		took        time.Duration
		size, pages int
	)
	for _, o := range outcomes {
		if o.Err != nil {
			return all, o.Err
		}
		rows, err := s.cur.take(&o.Response)
		if err != nil {
			return all, err
		}
		all = append(all, rows...)
		took, size, pages = took+o.Time.Duration, size+len(o.Result), pages+1
		if s.turn(len(rows)); s.done || s.ending {
			break
		}
	}
	s.learn(took/time.Duration(pages), size/pages)
	return all, nil
}

// learn sets the length of the next chain by the time and the size of a page. It
// doubles at most, except when the time is known for the first time.
func (s *scan) learn(took time.Duration, size int) {
	limit := 2 * s.pages
	if took > 0 && !s.timed {
		s.timed, limit = true, MaxBatch
	}
	s.pages = min(fitting(took, size, s.client.maxBody), limit)
}

// fitting is how many pages fit into a request by their time and size.
func fitting(took time.Duration, size int, maxBody int64) int {
	n := int64(MaxBatch)
	if took > 0 {
		n = min(n, int64(chainTime/took))
	}
	if size > 0 {
		n = min(n, maxBody/2/int64(size))
	}
	return int(max(n, 1))
}

// chainJob is the batch of a chain. The first command has its bound in itself,
// the others refer to the last row of the page before; if that is not full, the
// reference gives the portal no id, and the batch ends.
func (s *scan) chainJob() (*job, []Command, error) {
	first, err := Encode(s.cur.list.Method, s.cur.params())
	if err != nil {
		return nil, nil, err
	}
	open, err := Encode(s.cur.list.Method, s.cur.unbounded())
	if err != nil {
		return nil, nil, err
	}
	queries := []string{first}
	commands := make([]Command, s.pages)
	for i := range commands {
		commands[i].Method = s.cur.list.Method
		if i > 0 {
			queries = append(queries, open+"&"+escape("filter["+s.cur.after()+"]")+"="+escape(s.cur.lastOf(i-1)))
		}
	}
	j := batchJob(commands, queries, '1')
	j.single, j.rows, j.reuse = true, true, s.reuse
	return j, commands, nil
}

// unbounded are the parameters of a page without the bound of its ids.
func (cur *cursor) unbounded() Params {
	p := maps.Clone(cur.list.Params)
	delete(p, "filter")
	if len(cur.filter) > 0 {
		p["filter"] = cur.filter
	}
	return p
}

// lastOf refers to the id of the last row of a full page of the same batch.
func (cur *cursor) lastOf(command int) string {
	ref := "$result[" + batchKey(command) + "]"
	if cur.list.Items != "" {
		ref += "[" + cur.list.Items + "]"
	}
	return ref + "[" + strconv.Itoa(PageSize-1) + "][" + cur.list.ID + "]"
}
