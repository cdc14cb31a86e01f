package review

import (
	"strings"
	"unicode"
)

// A Piece is a part of a long text.
type Piece struct {
	Is   rune // '-' it goes, '+' it comes, ' ' it stays
	Text string
}

// Bounds of long texts, in characters, and of the work to compare them, in pairs of words.
const (
	longestText = 20_000
	mostPairs   = 1_000_000
)

// long compares long texts by words.
func (r *Review) long(x *Cell) {
	before, cutBefore := cutText(x.Before)
	after, cutAfter := cutText(x.After)
	x.Cut, x.Words = cutBefore+cutAfter, diffWords(before, after)
}

func cutText(s string) (head string, cut int) {
	if len(s) <= longestText {
		return s, 0
	}
	r := []rune(s)
	if len(r) <= longestText {
		return s, 0
	}
	return string(r[:longestText]), len(r) - longestText
}

// diffWords tells what goes of a text and what comes, by words.
func diffWords(before, after string) []Piece {
	x, y := tokens(before), tokens(after)
	head := 0
	for head < len(x) && head < len(y) && x[head] == y[head] {
		head++
	}
	tail := 0
	for tail < len(x)-head && tail < len(y)-head && x[len(x)-1-tail] == y[len(y)-1-tail] {
		tail++
	}
	var p pieces
	p.add(' ', x[:head]...)
	p.middle(x[head:len(x)-tail], y[head:len(y)-tail])
	p.add(' ', x[len(x)-tail:]...)
	return p.out
}

// tokens cuts a text into words and the blanks between them.
func tokens(s string) (out []string) {
	start, blank := 0, false
	for i, r := range s {
		if is := unicode.IsSpace(r); i > start && is != blank {
			out, start, blank = append(out, s[start:i]), i, is
		} else {
			blank = is
		}
	}
	if start < len(s) {
		out = append(out, s[start:])
	}
	return out
}

type pieces struct{ out []Piece }

func (p *pieces) add(is rune, words ...string) {
	text := strings.Join(words, "")
	switch last := len(p.out) - 1; {
	case text == "":
	case last >= 0 && p.out[last].Is == is:
		p.out[last].Text += text
	default:
		p.out = append(p.out, Piece{is, text})
	}
}

// middle compares what begins and ends with another word. Where that would take too long, all of
// it goes and all of it comes.
func (p *pieces) middle(x, y []string) {
	if len(x)*len(y) > mostPairs || len(x) == 0 || len(y) == 0 {
		p.add('-', x...)
		p.add('+', y...)
		return
	}
	longest := common(x, y)
	width := len(y) + 1
	var gone, come []string
	flush := func() { p.add('-', gone...); p.add('+', come...); gone, come = nil, nil }
	for i, j := 0, 0; i < len(x) || j < len(y); {
		switch {
		case i < len(x) && j < len(y) && x[i] == y[j]:
			if between := strings.TrimSpace(x[i]) == "" && len(gone)+len(come) > 0 && i+1 < len(x) && j+1 < len(y) && x[i+1] != y[j+1]; between {
				gone, come = append(gone, x[i]), append(come, y[j]) // a blank between two words that change goes with both
			} else {
				flush()
				p.add(' ', x[i])
			}
			i, j = i+1, j+1
		case j >= len(y) || i < len(x) && longest[(i+1)*width+j] >= longest[i*width+j+1]:
			gone, i = append(gone, x[i]), i+1
		default:
			come, j = append(come, y[j]), j+1
		}
	}
	flush()
}

// common is a table of how many words two lists have in common from each pair of places on.
func common(x, y []string) []int32 {
	width := len(y) + 1
	out := make([]int32, (len(x)+1)*width)
	for i := len(x) - 1; i >= 0; i-- {
		for j := len(y) - 1; j >= 0; j-- {
			if x[i] == y[j] {
				out[i*width+j] = out[(i+1)*width+j+1] + 1
			} else {
				out[i*width+j] = max(out[(i+1)*width+j], out[i*width+j+1])
			}
		}
	}
	return out
}
