package spec

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxExcerpt is how much of a source line a problem shows, in characters, and how wide
// what it marks is at most.
const maxExcerpt = 200

// A lineView is a line as problems show it. It is made once for all problems of a line in
// a row: a line can be as long as a file, and have as many problems as words.
type lineView struct {
	number  int
	text    string
	offsets []int // of the characters, in bytes; nil if each is one byte
	excerpt string
}

// view gives a line; one that the file does not have is empty.
func (s *source) view(n int) *lineView {
	s.lines()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.last == nil || s.last.number != n {
		s.last = newLineView(n, s.line(n))
	}
	return s.last
}

func newLineView(n int, text string) *lineView {
	v := &lineView{number: n, text: text, excerpt: excerptOf(text)}
	if utf8.RuneCountInString(text) < len(text) {
		for i := range text {
			v.offsets = append(v.offsets, i)
		}
	}
	return v
}

// excerptOf gives a line as people may see it: cut, without control characters and
// without the secret part of a webhook URL.
func excerptOf(text string) string {
	runes := 0
	return strings.Map(func(r rune) rune {
		switch runes++; {
		case runes > maxExcerpt:
			return -1
		case r != '\t' && !unicode.IsPrint(r):
			return unicode.ReplacementChar
		}
		return r
	}, redact(text))
}

// length counts the characters of the line.
func (v *lineView) length() int {
	if v.offsets == nil {
		return len(v.text)
	}
	return len(v.offsets)
}

// from is the rest of the line from a column on, counted from 1.
func (v *lineView) from(col int) string {
	if v.offsets == nil {
		return v.text[col-1:]
	}
	return v.text[v.offsets[col-1]:]
}

// width counts the characters of the token at a column: text if it stands there, else a
// quoted scalar, else what reaches to the next blank or bracket; maxExcerpt at most.
func (v *lineView) width(col int, text string) int {
	if col < 1 || col > v.length() {
		return 1
	}
	rest := v.from(col)
	if text != "" && strings.HasPrefix(rest, text) {
		return min(maxExcerpt, utf8.RuneCountInString(text))
	}
	quote, n, escaped := rune(0), 0, false
	for _, r := range rest {
		switch {
		case n == maxExcerpt:
			return n
		case n == 0 && (r == '"' || r == '\''):
			quote = r
		case quote == 0 && n > 0 && (unicode.IsSpace(r) || r == ',' || r == ']'):
			return n
		case escaped:
			escaped = false
		case quote == '"' && r == '\\':
			escaped = true
		case quote != 0 && r == quote:
			return n + 1
		}
		n++
	}
	return n
}
