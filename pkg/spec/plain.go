package spec

import (
	"strings"
	"unicode/utf8"
	"unsafe"

	"github.com/b24apply/b24apply/pkg/value"
)

// plainDepth bounds maps and lists within each other, well inside of maxDepth.
const plainDepth = 32

// maxPlainKey is the longest key, in bytes. YAML bounds keys by 1,024 characters.
const maxPlainKey = 200

// A plainReader reads the plain YAML that nearly all manifests are written in: maps and lists
// in blocks, or in brackets on one line, and texts of one line, quoted or not. Whatever else
// a document holds, a mistake most of all, it leaves to the YAML parser, which is ten
// times as slow and says what is wrong. So it never says anything, and where it gives a value
// it is the one that the parser's nodes come to, with the same positions.
type plainReader struct {
	file string
	text string // of the document

	line       int // of the file
	start, end int // of the line in the text, without its break
	next       int // where the following line starts
	at         int // the place in the text that is reached
	indent     int // of what stands there, if a map or a list of lines begins there
	done       bool

	counted, col int // a place in the line and its column, from which further ones are counted

	pairs slab[value.Pair]
	items slab[value.Node]
	names map[string]string // one copy of each key, which lives longer than the text
}

func newPlainReader(file string) *plainReader {
	return &plainReader{file: file, names: make(map[string]string)}
}

// read gives the value of a document, or false if the document is not plain. The value is good
// until the next call, and its texts are those of the file.
func (p *plainReader) read(c chunk) (v value.Node, ok bool) {
	if !isPlainText(c.text) {
		return value.Node{}, false
	}
	// The text of a source is never written to. A copy would be half of what reading allocates.
	p.text = unsafe.String(unsafe.SliceData(c.text), len(c.text))
	p.line, p.next, p.done = c.line-1, 0, false
	p.pairs.clear()
	p.items.clear()
	p.advance()
	if !p.done && strings.HasPrefix(p.text[p.start:p.end], "---") {
		p.at += len("---")
		if !p.endLine() {
			return value.Node{}, false
		}
	}
	if p.done {
		return value.Node{}, false
	}
	v, ok = p.block(0)
	return v, ok && p.done
}

// isPlainText tells whether a text holds only characters that mean the same everywhere: no
// tabs, no control characters, and no breaks but those of Unix and Windows.
func isPlainText(text []byte) bool {
	for i := 0; i < len(text); {
		c := text[i]
		switch {
		case c < utf8.RuneSelf:
			i++
			if c < ' ' && c != '\n' && !(c == '\r' && i < len(text) && text[i] == '\n') || c == 0x7f {
				return false
			}
		default:
			r, size := utf8.DecodeRune(text[i:])
			if r < 0xa0 || r == '\u2028' || r == '\u2029' || r == '\ufeff' || r == '\ufffe' || r == '\uffff' {
				return false
			}
			i += size
		}
	}
	return true
}

// advance goes to the next line that holds more than a comment.
func (p *plainReader) advance() {
	for p.next < len(p.text) {
		p.start, p.end = p.next, len(p.text)
		p.line++
		if n := strings.IndexByte(p.text[p.start:], '\n'); n >= 0 {
			p.end = p.start + n
		}
		p.next = min(p.end+1, len(p.text))
		if p.end > p.start && p.text[p.end-1] == '\r' {
			p.end--
		}
		p.at, p.counted, p.col = p.start, p.start, 1
		p.blanks()
		if p.at < p.end && p.text[p.at] != '#' {
			p.indent = p.at - p.start
			return
		}
	}
	p.done, p.indent = true, -1
}

func (p *plainReader) blanks() {
	for p.at < p.end && p.text[p.at] == ' ' {
		p.at++
	}
}

// peek gives the byte that is reached, 0 at the end of the line.
func (p *plainReader) peek() byte { return p.byteAt(p.at) }

func (p *plainReader) byteAt(i int) byte {
	if i < p.end {
		return p.text[i]
	}
	return 0
}

// pos gives the position that is reached.
func (p *plainReader) pos() value.Pos {
	p.col += utf8.RuneCountInString(p.text[p.counted:p.at])
	p.counted = p.at
	return value.Pos{File: p.file, Line: p.line, Col: p.col}
}

// isLineOver tells whether nothing but a comment follows, which a blank must come before.
func (p *plainReader) isLineOver() bool {
	before := p.at
	p.blanks()
	return p.at == p.end || p.text[p.at] == '#' && p.at > before
}

// endLine goes to the next line. It is false if something follows on this one.
func (p *plainReader) endLine() bool {
	if !p.isLineOver() {
		return false
	}
	p.advance()
	return true
}

// block reads the map or list whose first line is reached.
func (p *plainReader) block(depth int) (value.Node, bool) {
	switch {
	case depth > plainDepth:
		return value.Node{}, false
	case p.isEntry():
		return p.list(depth)
	}
	return p.mapping(depth)
}

// isEntry tells whether an entry of a list is reached.
func (p *plainReader) isEntry() bool { return p.peek() == '-' && p.byteAt(p.at+1) == ' ' }

// mapping reads the lines from here on that are indented alike.
func (p *plainReader) mapping(depth int) (value.Node, bool) {
	v := value.Node{Kind: value.Map, Pos: p.pos()}
	indent, mark, seen := p.indent, p.pairs.mark(), keyLines{}
	for !p.done && p.indent == indent {
		pair, ok := p.pair(depth)
		if !ok {
			return v, false
		}
		if _, twice := seen.add(p.pairs.since(mark), pair.Key, pair.Pos.Line); twice {
			return v, false
		}
		p.pairs.push(pair)
	}
	v.Pairs = p.pairs.take(mark)
	return v, p.indent < indent
}

// pair reads a key and its value, behind it or on the lines below.
func (p *plainReader) pair(depth int) (pair value.Pair, ok bool) {
	indent := p.indent
	if pair, ok = p.key(); !ok {
		return pair, false
	}
	if !p.isLineOver() {
		pair.Value, ok = p.inline(depth+1, false)
		return pair, ok && p.endLine()
	}
	p.advance()
	if p.indent < indent || p.indent == indent && !p.isEntry() {
		return pair, false // it is left blank
	}
	pair.Value, ok = p.block(depth + 1)
	return pair, ok
}

// list reads the entries from here on that are indented alike.
func (p *plainReader) list(depth int) (value.Node, bool) {
	v := value.Node{Kind: value.List, Pos: p.pos()}
	indent, mark := p.indent, p.items.mark()
	for !p.done && p.indent == indent && p.isEntry() {
		item, ok := p.entry(depth)
		if !ok {
			return v, false
		}
		p.items.push(item)
	}
	v.Items = p.items.take(mark)
	return v, p.indent <= indent
}

// entry reads one entry of a list: a map that begins behind its dash, or what is on one line.
func (p *plainReader) entry(depth int) (v value.Node, ok bool) {
	p.at++
	p.blanks()
	if p.keyEnd() > 0 {
		p.indent = p.at - p.start
		return p.block(depth + 1)
	}
	v, ok = p.inline(depth+1, false)
	return v, ok && p.endLine()
}
