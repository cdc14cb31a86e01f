package bitrix

import (
	"io"
	"slices"
)

// maxReused is the largest answer whose memory is kept for others.
const maxReused = 16 << 20

// docFor is what the answer of a job is read into.
func (c *Client) docFor(j *job) *doc {
	if j.reuse {
		if d, ok := c.docs.Get().(*doc); ok {
			return d
		}
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
		c.docs.Put(d)
	}
}

// readBody reads an answer, whose length is known unless it is negative, into memory
// that is there already as far as it goes.
func readBody(to []byte, from io.Reader, length int64) ([]byte, error) {
	if want := min(length, maxReused) + 1; int64(cap(to)) < want {
		to = make([]byte, 0, want) // the last byte is for seeing the end
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
