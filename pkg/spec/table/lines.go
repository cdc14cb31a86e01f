package table

import (
	"bytes"
	"io"
)

// Sizes, in bytes of the text in which rows are looked for.
const (
	blockSize = 64 << 10 // how much is read at once
	maxCell   = 256 << 10
	maxRow    = 4 << 20
)

// lines is a stream in which rows are looked for. What is unread stands in buf[start:end].
type lines struct {
	r          io.Reader
	enc        encoding
	buf        []byte
	start, end int
	err        error // why nothing follows what is in the buffer; io.EOF at the end
	line       int   // of what stands at start, from 1
	offset     int64 // of it, in the file as it is when it is unpacked
}

func newLines(r io.Reader, enc encoding) *lines {
	return &lines{r: r, enc: enc, buf: make([]byte, blockSize), line: 1}
}

// again reads another stream from a place.
func (l *lines) again(r io.Reader, p Place) {
	*l = lines{r: r, enc: l.enc, buf: l.buf, line: p.Line, offset: p.Offset}
}

// unread is what is known of the rest.
func (l *lines) unread() []byte { return l.buf[l.start:l.end] }

// more reads on. It is false where nothing follows, and where more than a row may have is
// unread. Places in what is unread stay as they are.
func (l *lines) more() bool {
	if l.err != nil || l.end-l.start > maxRow {
		return false
	}
	if l.start > 0 && (l.end == len(l.buf) || l.start == l.end) {
		copy(l.buf, l.buf[l.start:l.end])
		l.start, l.end = 0, l.end-l.start
	}
	if l.end == len(l.buf) {
		l.buf = append(l.buf, make([]byte, len(l.buf))...)
	}
	for range 100 {
		n, err := l.r.Read(l.buf[l.end:])
		l.end, l.err = l.end+n, err
		if n > 0 || err != nil {
			return n > 0
		}
	}
	l.err = io.ErrNoProgress
	return false
}

// brk gives the place of the first line break at or after a place in what is unread, or of the
// end; broken tells which. One that is longer than a row may be has no end here.
func (l *lines) brk(from int) (at int, broken bool) {
	for {
		if i := bytes.IndexByte(l.unread()[from:], '\n'); i >= 0 {
			return from + i, true
		}
		from = l.end - l.start
		if !l.more() {
			return l.end - l.start, false
		}
	}
}

// skip goes on behind n bytes that hold so many line breaks.
func (l *lines) skip(n, breaks int) {
	l.offset += l.enc.offset(l.buf[l.start : l.start+n])
	l.start += n
	l.line += breaks
}

// skipLine goes on behind the first line, however long it is.
func (l *lines) skipLine() {
	for {
		at, broken := l.brk(0)
		if broken {
			l.skip(at+1, 1)
			return
		}
		l.skip(at, 0)
		if l.err != nil {
			return
		}
	}
}

// isEnd tells whether nothing follows.
func (l *lines) isEnd() bool { return l.start == l.end && !l.more() }
