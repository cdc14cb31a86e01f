package bitrix

import (
	"io"
	"slices"
	"sync"
)

// maxReused is the largest answer whose memory is kept for others.
const maxReused = 16 << 20

// docs are those whose rows were handed over: the memory of the next answers. It holds
// no more of them than a stream has in use.
type docs struct {
	mu   sync.Mutex
	free []*doc
}

func (d *docs) take() *doc {
	d.mu.Lock()
	defer d.mu.Unlock()
	if len(d.free) == 0 {
		return new(doc)
	}
	last := d.free[len(d.free)-1]
	d.free = d.free[:len(d.free)-1]
	return last
}

func (d *docs) put(one *doc) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if len(d.free) < streamWindow {
		d.free = append(d.free, one)
	}
}

// drop gives the memory up.
func (d *docs) drop() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.free = nil
}

// docFor is what the answer of a job is read into.
func (c *Client) docFor(j *job) *doc {
	if j.reuse {
		return c.docs.take()
	}
	return new(doc)
}

// release gives the memory of rows back, each answer's once. Nobody may look at the rows
// any more.
func (c *Client) release(rows ...[]Row) {
	var docs []*doc
	for _, some := range rows {
		for _, row := range some {
			if d := row.v.doc; d != nil && d.body != nil && cap(d.body) <= maxReused && !slices.Contains(docs, d) {
				docs = append(docs, d)
			}
		}
	}
	for _, d := range docs {
		d.body, d.text = d.body[:0], nil
		c.docs.put(d)
	}
}

// readBody reads an answer, whose length is known unless it is negative, into memory
// that is there already as far as it goes.
func readBody(to []byte, from io.Reader, length int64) ([]byte, error) {
	if want := min(length, maxReused) + 1; int64(cap(to)) < want { // the last byte is for seeing the end
		to = make([]byte, 0, want+int64(cap(to))/8) // answers are alike, and the next one may be a little longer
	}
	to = to[:0]
	for {
		if len(to) == cap(to) {
			to = slices.Grow(to, max(512, len(to)))
		}
		n, err := from.Read(to[len(to):cap(to)])
		to = to[:len(to)+n]
		if err == io.EOF {
			return to, nil
		}
		if err != nil {
			return to, err
		}
	}
}
