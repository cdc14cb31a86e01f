package table

import (
	"bytes"
)

// A span is a cell within the bytes of its row: what stands between its quotes, or its
// delimiters.
type span struct {
	from, to int
	quoted   bool
	doubled  bool // quotes within it are written twice
}

// A csvReader finds the rows of a CSV file. A row is a line, or several where line
// breaks stand in quotes.
// Source: RFC 4180; what it leaves open is as in encoding/csv, but that line breaks in quotes
// stay as they are and blank lines are rows.
type csvReader struct {
	lines
	delimiter, quote, comment byte // comment: 0 for none
	spans                     []span
}

// A rawRow is a row as it stands in the file. It is valid until the next one is read.
type rawRow struct {
	bytes  []byte // without its line break
	size   int    // with it
	breaks int
	spans  []span
}

// row finds the next row. A fault has its place in the bytes, and the line where reading goes
// on is then behind the first line of the row, since nobody knows where the row ends. io.EOF
// is the end.
func (c *csvReader) row() (rawRow, *rawFault, error) {
	for {
		if c.isEnd() {
			return rawRow{}, nil, c.err
		}
		if c.comment == 0 || c.unread()[0] != c.comment {
			break
		}
		c.skipLine()
	}
	c.spans = c.spans[:0]
	at, broken := c.brk(0)
	if !broken && at > maxRow {
		return rawRow{bytes: c.unread()[:maxRow]}, &rawFault{"long-row", maxRow}, nil
	}
	if bytes.IndexByte(c.unread()[:at], c.quote) >= 0 {
		return c.quotedRow()
	}
	raw := rawRow{bytes: c.unread()[:at], size: at}
	if broken {
		raw.size, raw.breaks = at+1, 1
	}
	raw.bytes = withoutReturn(raw.bytes)
	from, rest := 0, raw.bytes
	for {
		i := bytes.IndexByte(rest, c.delimiter)
		if i < 0 {
			break
		}
		c.spans = append(c.spans, span{from: from, to: from + i})
		from, rest = from+i+1, rest[i+1:]
	}
	c.spans = append(c.spans, span{from: from, to: len(raw.bytes)})
	raw.spans = c.spans
	return raw, nil, nil
}

// withoutReturn cuts the carriage return that belongs to a line break.
func withoutReturn(b []byte) []byte {
	if n := len(b); n > 0 && b[n-1] == '\r' {
		return b[:n-1]
	}
	return b
}

// A rawFault is why the bytes of a row are none.
type rawFault struct {
	message string // the code of its sentence
	at      int    // in the bytes of the row
}

// quotedRow finds a row with quotes in it.
func (c *csvReader) quotedRow() (rawRow, *rawFault, error) {
	raw, at := rawRow{}, 0
	for {
		s, next, fault := c.cell(at)
		if fault != nil {
			raw.bytes = c.unread()[:min(fault.at+1, c.end-c.start)]
			c.spans = append(c.spans, span{from: min(at, len(raw.bytes)), to: len(raw.bytes)})
			raw.spans = c.spans
			return raw, fault, nil
		}
		if s.quoted {
			raw.breaks += bytes.Count(c.unread()[s.from:s.to], newline)
		}
		c.spans = append(c.spans, s)
		if next.delimited {
			at = next.at
			continue
		}
		raw.bytes, raw.size, raw.spans = c.unread()[:next.end], next.at, c.spans
		if next.broken {
			raw.breaks++
		}
		return raw, nil, nil
	}
}

var newline = []byte{'\n'}

// What follows a cell.
type following struct {
	delimited bool // another cell, at at
	broken    bool // a line break: the bytes of the row end at end, and at is behind it
	end, at   int
}

// cell finds the cell at a place in what is unread.
func (c *csvReader) cell(at int) (span, following, *rawFault) {
	if b := c.unread(); at < len(b) && b[at] == c.quote {
		return c.quotedCell(at)
	}
	end, broken := c.brk(at)
	if end-at > maxRow {
		return span{}, following{}, &rawFault{"long-row", at}
	}
	line := c.unread()[at:end]
	next := following{broken: broken, end: at + len(withoutReturn(line)), at: end}
	if broken {
		next.at++
	}
	if i := bytes.IndexByte(line, c.delimiter); i >= 0 {
		line, next = line[:i], following{delimited: true, at: at + i + 1}
	} else {
		line = withoutReturn(line)
	}
	if i := bytes.IndexByte(line, c.quote); i >= 0 {
		return span{}, next, &rawFault{"bare-quote", at + i}
	}
	return span{from: at, to: at + len(line)}, next, nil
}

// quotedCell finds the cell whose first quote stands at a place.
func (c *csvReader) quotedCell(at int) (span, following, *rawFault) {
	s := span{from: at + 1, quoted: true}
	i := s.from
	for {
		j := bytes.IndexByte(c.unread()[min(i, c.end-c.start):], c.quote)
		if j < 0 {
			i = max(i, c.end-c.start)
			if !c.more() {
				return s, following{}, c.unclosed(at)
			}
			continue
		}
		if i += j; c.byteAt(i+1) != int(c.quote) {
			break
		}
		s.doubled = true
		i += 2
	}
	s.to = i
	switch b := c.byteAt(i + 1); {
	case b == int(c.delimiter):
		return s, following{delimited: true, at: i + 2}, nil
	case b == '\n':
		return s, following{broken: true, end: i + 1, at: i + 2}, nil
	case b == '\r' && c.byteAt(i+2) == '\n':
		return s, following{broken: true, end: i + 1, at: i + 3}, nil
	case b == '\r' && c.byteAt(i+2) < 0:
		return s, following{end: i + 1, at: i + 2}, nil
	case b < 0:
		return s, following{end: i + 1, at: i + 1}, nil
	}
	return s, following{}, &rawFault{"behind-quote", i + 1}
}

func (c *csvReader) unclosed(at int) *rawFault {
	if c.end-c.start > maxRow {
		return &rawFault{"long-row", at}
	}
	return &rawFault{"unclosed-quote", at}
}

// byteAt is the byte at a place in what is unread; -1 behind the end.
func (c *csvReader) byteAt(i int) int {
	for c.start+i >= c.end {
		if !c.more() {
			return -1
		}
	}
	return int(c.buf[c.start+i])
}
