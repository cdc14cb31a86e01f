package spec

import (
	"strings"

	"github.com/b24apply/b24apply/pkg/value"
)

// keyEnd gives the end of the key that is reached, before its colon; 0 if there is none that
// is plain.
func (p *plainReader) keyEnd() int {
	i := p.at
	for i < p.end && (isWordByte(p.text[i]) || i > p.at && (p.text[i] == '.' || p.text[i] == '-')) {
		i++
	}
	if next := p.byteAt(i + 1); i == p.at || i-p.at > maxPlainKey || p.byteAt(i) != ':' || next != ' ' && next != 0 {
		return 0
	}
	return i
}

func isWordByte(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '_'
}

// key reads a key and its colon.
func (p *plainReader) key() (pair value.Pair, ok bool) {
	end := p.keyEnd()
	if end == 0 {
		return pair, false
	}
	pair.Pos = p.pos()
	text := p.text[p.at:end]
	if pair.Key, ok = p.names[text]; !ok {
		pair.Key = strings.Clone(text)
		p.names[pair.Key] = pair.Key
	}
	p.at = end + 1
	return pair, true
}

// inline reads a value that stands on one line, in brackets or not.
func (p *plainReader) inline(depth int, inBrackets bool) (v value.Node, ok bool) {
	v = value.Node{Kind: value.Scalar, Pos: p.pos()}
	switch c := p.peek(); {
	case depth > plainDepth:
	case c == '[':
		v.Kind = value.List
		v.Items, ok = p.bracketed(depth)
	case c == '{':
		v.Kind = value.Map
		v.Pairs, ok = p.braced(depth)
	case c == '"' || c == '\'':
		v.Text, ok = p.quoted(c)
	default:
		v.Plain = true
		v.Text, ok = p.unquoted(inBrackets)
		if ok && isNull(v.Text) {
			return value.Node{Pos: v.Pos}, v.Text == literalNull
		}
	}
	return v, ok
}

// quoted reads a text in quotes without escapes.
func (p *plainReader) quoted(quote byte) (string, bool) {
	rest := p.text[p.at+1 : p.end]
	n := strings.IndexByte(rest, quote)
	if n < 0 || quote == '"' && strings.IndexByte(rest[:n], '\\') >= 0 {
		return "", false
	}
	p.at += n + 2
	return rest[:n], p.peek() != quote
}

// unquoted reads a text without quotes, up to a comment or, in brackets, to the end of an entry.
func (p *plainReader) unquoted(inBrackets bool) (string, bool) {
	first := p.at
	if c := p.peek(); strings.IndexByte("?:,[]{}#&*!|>'\"%@`", c) >= 0 || c == '-' && !isWordByte(p.byteAt(p.at+1)) {
		return "", false
	}
	for ; p.at < p.end; p.at++ {
		switch c := p.text[p.at]; {
		case c == ':':
			if next := p.byteAt(p.at + 1); next == ' ' || next == 0 || inBrackets && strings.IndexByte(",[]{}", next) >= 0 {
				return "", false
			}
		case c == '#' && p.text[p.at-1] == ' ':
			p.at-- // the blank belongs to the comment
			return strings.TrimRight(p.text[first:p.at], " "), !inBrackets
		case !inBrackets:
		case c == ',' || c == ']' || c == '}':
			return strings.TrimRight(p.text[first:p.at], " "), true
		case c == '[' || c == '{' || c == '?':
			return "", false
		}
	}
	return strings.TrimRight(p.text[first:p.at], " "), !inBrackets
}

// bracketed reads a list in brackets.
func (p *plainReader) bracketed(depth int) ([]value.Node, bool) {
	mark := p.items.mark()
	for more := p.open(']'); more; {
		item, ok := p.inline(depth+1, true)
		if !ok {
			return nil, false
		}
		p.items.push(item)
		if more, ok = p.further(']'); !ok {
			return nil, false
		}
	}
	return p.items.take(mark), true
}

// braced reads a map in braces.
func (p *plainReader) braced(depth int) ([]value.Pair, bool) {
	mark, seen := p.pairs.mark(), keyLines{}
	for more := p.open('}'); more; {
		pair, ok := p.key()
		if _, twice := seen.add(p.pairs.since(mark), pair.Key, pair.Pos.Line); !ok || twice {
			return nil, false
		}
		p.blanks()
		if pair.Value, ok = p.inline(depth+1, true); !ok {
			return nil, false
		}
		p.pairs.push(pair)
		if more, ok = p.further('}'); !ok {
			return nil, false
		}
	}
	return p.pairs.take(mark), true
}

// open passes over a bracket, and over its end if nothing stands in it.
func (p *plainReader) open(end byte) (more bool) {
	p.at++
	p.blanks()
	if p.peek() != end {
		return true
	}
	p.at++
	return false
}

// further passes over a comma, or over the end of the brackets. It is false at anything else.
func (p *plainReader) further(end byte) (more, ok bool) {
	p.blanks()
	c := p.peek()
	p.at++
	if c == ',' {
		p.blanks()
	}
	return c == ',', c == ',' || c == end
}
