// Package layout lays YAML out as one house style has it: two blanks a level, lists below their
// key, one blank line at most, no blanks at ends of lines. Order, comments, quotes and values stay.
//
// [Lines] works on text alone and knows no more of YAML than where a value spans lines, so that
// what it cannot place stays as it was written. Whoever writes its result to a file compares both
// first, since a layout must never change what a manifest says.
package layout

import "strings"

// indent is how many blanks a level has.
const indent = 2

// Lines lays a text of YAML out. Its line ends become LF, and a byte order mark goes.
func Lines(text string) string {
	text = strings.TrimPrefix(text, "\ufeff")
	text = strings.ReplaceAll(text, "\r\n", "\n")
	l := &layout{}
	for line := range strings.SplitSeq(strings.TrimRight(text, "\n"), "\n") {
		l.line(line)
	}
	l.flush(0)
	out := strings.TrimRight(strings.Join(l.out, "\n"), "\n")
	if out == "" {
		return ""
	}
	return out + "\n"
}

// A level is a block list or a block map: the column in which its entries begin, as written and as
// laid out.
type level struct {
	was, is int
	list    bool
}

// A comment is one that waits for the line that it stands before.
type comment struct {
	was  int
	text string
}

// A layout is one text on its way.
type layout struct {
	out    []string
	levels []level
	waits  []comment // and blank lines, which have no text
	value  value     // that goes on in the next line
	block  *block    // a literal or folded text that goes on
}

// A block is a text of several lines behind | or >.
type block struct {
	sign
	above int // the column of the key or dash that it belongs to, as written; -1 for a whole document
	to    int // where its lines begin as laid out, if no number says how far they are indented
	shift int // of its lines, once it is known
}

func (l *layout) line(line string) {
	text := strings.TrimLeft(line, " ")
	was := len(line) - len(text)
	switch {
	case l.block != nil && l.inBlock(line, text, was):
		return
	case l.value.open():
		l.flush(0)
		l.goOn(text)
		return
	}
	l.block = nil
	text = strings.TrimRight(text, " \t")
	switch {
	case text == "":
		l.waits = append(l.waits, comment{})
	case text[0] == '#':
		l.waits = append(l.waits, comment{was, text})
	case was == 0 && (isMark(text, "---") || isMark(text, "...")):
		l.flush(0)
		l.levels = l.levels[:0]
		l.put(0, text)
		l.begin(text[3:])
	default:
		l.entry(text, was)
	}
}

// isMark tells whether a line is a mark between documents.
func isMark(text, mark string) bool {
	rest, is := strings.CutPrefix(text, mark)
	return is && (rest == "" || rest[0] == ' ')
}

// entry lays out a line that begins an entry, or goes on with a plain text.
func (l *layout) entry(text string, was int) {
	known := append([]level(nil), l.levels...)
	at := l.place(was, isDash(text))
	l.comments(known, was, at)
	lead := ""
	column := was
	for isDash(text) {
		rest := strings.TrimLeft(text[1:], " ")
		if rest == "" || rest[0] == '#' {
			break // the entry stands below
		}
		column += len(text) - len(rest)
		lead += "- "
		text = rest
		if isDash(text) || isKey(text) {
			l.levels = append(l.levels, level{was: column, is: at + len(lead), list: isDash(text)})
		}
	}
	l.put(at, lead+text)
	l.begin(text)
}

// place gives the column of an entry: it stands beside those of its level, or opens one.
func (l *layout) place(was int, dash bool) int {
	for len(l.levels) > 0 {
		top := l.levels[len(l.levels)-1]
		if top.was < was || top.was == was && (top.list == dash || dash) {
			break
		}
		l.levels = l.levels[:len(l.levels)-1]
	}
	is := 0
	if n := len(l.levels); n > 0 {
		top := l.levels[n-1]
		if top.was == was && top.list == dash {
			return top.is
		}
		is = top.is + indent
	}
	l.levels = append(l.levels, level{was: was, is: is, list: dash})
	return is
}

// comments puts what stands before an entry: beside it, or beside those that end there.
func (l *layout) comments(before []level, was, at int) {
	for _, c := range l.waits {
		column := at
		if c.was > was {
			for _, above := range before {
				if above.was <= c.was {
					column = max(at, above.is)
				}
			}
		}
		l.comment(column, c)
	}
	l.waits = l.waits[:0]
}

// flush puts what waits before something that is no entry.
func (l *layout) flush(at int) {
	l.comments(nil, at, at)
}

func (l *layout) comment(at int, c comment) {
	if c.text == "" && (len(l.out) == 0 || l.out[len(l.out)-1] == "") {
		return
	}
	l.put(at, c.text)
}

func (l *layout) put(at int, text string) {
	if text != "" {
		text = strings.Repeat(" ", at) + text
	}
	l.out = append(l.out, text)
}

// begin finds out whether the value that ends a line goes on in the next one.
func (l *layout) begin(text string) {
	l.value = value{}
	l.value.read(text)
	found, is := signOf(text)
	if !is || l.value.open() {
		return
	}
	l.block = &block{sign: found, above: -1, to: indent}
	if n := len(l.levels); n > 0 {
		top := l.levels[n-1]
		l.block.above, l.block.to, l.block.shift = top.was, top.is+indent, top.is-top.was
	}
}

// inBlock lays out a line of a literal or folded text; false ends it.
func (l *layout) inBlock(line, text string, was int) bool {
	b := l.block
	if text == "" {
		l.out = append(l.out, "") // its blanks are cut, which is seen by whoever compares
		return true
	}
	if was <= b.above {
		l.trail()
		return false
	}
	if !b.fixed {
		b.fixed, b.shift = true, b.to-was
	}
	at := max(0, was+b.shift)
	l.out = append(l.out, strings.Repeat(" ", at)+line[was:])
	return true
}

// trail takes the blank lines behind a block back, which stand before the next entry.
func (l *layout) trail() {
	if l.block.keeps {
		return
	}
	n := len(l.out)
	for n > 0 && l.out[n-1] == "" {
		n--
	}
	for range len(l.out) - n {
		l.waits = append(l.waits, comment{})
	}
	l.out = l.out[:n]
}

// goOn lays out a further line of a value in brackets or quotes.
func (l *layout) goOn(text string) {
	at := indent
	if n := len(l.levels); n > 0 {
		at = l.levels[n-1].is + indent
	}
	if l.value.quote == 0 && text != "" && (text[0] == ']' || text[0] == '}') && l.value.depth == 1 {
		at -= indent
	}
	at += indent * max(0, l.value.depth-1)
	before := l.value
	l.value.read(text)
	if before.quote == 0 || l.value.quote == 0 {
		text = strings.TrimRight(text, " \t")
	}
	l.put(at, text)
}
