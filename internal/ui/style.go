package ui

import (
	"bufio"
	"fmt"
	"io"

	"github.com/b24apply/b24apply/internal/ui/words"
)

// A Style says how text is laid out. The zero value is plain text of 100 columns.
type Style struct {
	Color bool             // ANSI colours; for terminals only
	Width int              // columns of the screen; 0 means 100, and less than 40 means 40
	Full  bool             // everything is listed; else many alike changes are shown by an example
	Words *words.Catalogue // the reader's language; nil is English
}

// Languages are what In takes beside "auto".
var Languages = words.Languages

// In is the style in a language: that of a name, or with "auto" that which fits a locale of POSIX.
// It is false for another name.
func (s Style) In(language, locale string) (Style, bool) {
	if language == "auto" {
		s.Words = words.OfLocale(locale)
		return s, true
	}
	spoken, known := words.In(language)
	if known {
		s.Words = spoken
	}
	return s, known
}

const (
	defaultWidth = 100
	minWidth     = 40
)

func (s Style) width() int {
	if s.Width == 0 {
		return defaultWidth
	}
	return max(s.Width, minWidth)
}

// A colour is the parameter of an ANSI "select graphic rendition" sequence.
type colour string

const (
	bold   colour = "1"
	grey   colour = "90"
	red    colour = "31"
	green  colour = "32"
	yellow colour = "33"
	cyan   colour = "36"
	plain  colour = "0"
)

// colours are all sequences that a [Door] lets pass to a terminal.
var colours = []colour{bold, grey, red, green, yellow, cyan, plain}

func (c colour) start() string { return "\x1b[" + string(c) + "m" }

// paint colours text; the caller has measured and padded it.
func (s Style) paint(c colour, text string) string {
	if !s.Color || c == "" || text == "" {
		return text
	}
	return c.start() + text + plain.start()
}

// A printer writes lines. The buffer keeps the first error until it is flushed, so
// only the end has to look at it.
type printer struct {
	Style
	out    *bufio.Writer
	unread error // why a change of a plan cannot be read
}

func newPrinter(w io.Writer, s Style) *printer {
	return &printer{Style: s, out: bufio.NewWriter(w)}
}

func (p *printer) line(format string, args ...any) {
	_, _ = fmt.Fprintf(p.out, format+"\n", args...)
}

func (p *printer) flush() error { return p.out.Flush() }
