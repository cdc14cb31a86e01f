package ui

import (
	"errors"
	"fmt"
	"io"
	"sync"
	"syscall"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/b24apply/b24apply/internal/ui/inert"
)

// A Door is the way by which all text leaves the program: standard output, standard
// error with its log, and reports. What passes is inert. Nothing in it moves a cursor,
// reverses or hides text, or is taken for a command by the machine of a CI service that
// reads the output; only the colours of [Style] pass, and only to a terminal.
//
// What would be obeyed is written as an escape of JSON, such as \u001b. Inside a JSON
// document such characters occur in strings only, so that a document stays one and says
// the same. Several goroutines may write.
type Door struct {
	mu       sync.Mutex
	w        io.Writer
	style    Style
	terminal bool
	line     lineState
	secrets  *Secrets // nil: none
	start    []byte   // what could be the start of a secret
	held     []byte   // the start of a character, or of a sequence of our own
	out      []byte
	closed   bool
	used     bool
	crlf     bool // a line may end in CR LF, as in CSV
}

// NewDoor makes a door to w. style is how text for it is laid out; terminal says that
// people see it at once.
func NewDoor(w io.Writer, style Style, terminal bool) *Door {
	return &Door{w: w, style: style, terminal: terminal, line: newLine}
}

// Hide keeps secrets from passing, those too that become known later.
func (d *Door) Hide(s *Secrets) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.secrets = s
}

// Speak lays out all further text in a language; see [Style.In].
func (d *Door) Speak(language, locale string) bool {
	spoken, known := d.style.In(language, locale)
	d.style = spoken
	return known
}

// Style is how to lay text out for this door.
func (d *Door) Style() Style { return d.style }

// IsTerminal tells whether the door leads to a person's terminal.
func (d *Door) IsTerminal() bool { return d.terminal }

// Used tells whether anything was written.
func (d *Door) Used() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.used
}

// Closed tells whether the reader of a pipe has gone. Further text is dropped without an
// error, since that is no reason to end a run that writes.
func (d *Door) Closed() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.closed
}

// Write lets text pass. The error is the writer's.
func (d *Door) Write(text []byte) (int, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	n := len(text)
	if n == 0 {
		return 0, nil
	}
	d.used = true
	if d.secrets != nil {
		var start []byte
		if len(d.start) > 0 {
			text = append(d.start, text...)
		}
		text, start = d.secrets.hide(text)
		d.start = append([]byte(nil), start...)
	}
	d.let(text)
	return n, d.send()
}

// let makes text ready to be sent.
func (d *Door) let(text []byte) {
	if len(d.held) > 0 {
		text = append(d.held, text...)
	}
	d.out = d.out[:0]
	rest := d.pass(text)
	d.held = append([]byte(nil), rest...)
}

// Close writes what is left of a text that ends in the middle of a character. It does
// not close the writer.
func (d *Door) Close() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.let(d.start)
	d.start = nil
	for range d.held {
		d.out = d.line.escape(d.out, utf8.RuneError)
	}
	d.held = nil
	return d.send()
}

func (d *Door) send() error {
	if d.closed || len(d.out) == 0 {
		return nil
	}
	_, err := d.w.Write(d.out)
	if errors.Is(err, syscall.EPIPE) {
		d.closed = true
		return nil
	}
	return err
}

// pass makes text inert and gives what cannot be judged before more of it comes.
func (d *Door) pass(text []byte) (rest []byte) {
	for len(text) > 0 {
		if n := harmless(&d.line, text); n > 0 {
			d.out = append(d.out, text[:n]...)
			text = text[n:]
			continue
		}
		if c := text[0]; c == 0x1b || c == '\r' {
			switch size, whole := d.own(text); {
			case size > 0 && whole:
				if c == '\r' {
					d.line = newLine
				}
				d.out = append(d.out, text[:size]...)
				text = text[size:]
				continue
			case size > 0:
				return text
			}
		}
		r, size := utf8.DecodeRune(text)
		if r == utf8.RuneError && size == 1 && !utf8.FullRune(text) {
			return text
		}
		d.out = d.line.add(d.out, r, text[:size])
		text = text[size:]
	}
	return nil
}

// ClearLine begins the line of a terminal anew; it passes a door to a terminal.
const ClearLine = "\r\x1b[K"

// own finds a sequence of our own at the start of text: its length, and whether it is
// whole. Length 0 is none.
func (d *Door) own(text []byte) (size int, whole bool) {
	if d.terminal {
		if size, whole = startsWith(text, ClearLine); size > 0 {
			return size, whole
		}
	}
	if d.crlf {
		if size, whole = startsWith(text, "\r\n"); size > 0 {
			return size, whole
		}
	}
	if !d.style.Color {
		return 0, false
	}
	for _, c := range colours {
		if size, whole = startsWith(text, c.start()); size > 0 {
			return size, whole
		}
	}
	return 0, false
}

// startsWith tells whether text starts with s, or is itself the start of it.
func startsWith(text []byte, s string) (size int, whole bool) {
	n := min(len(text), len(s))
	if string(text[:n]) != s[:n] {
		return 0, false
	}
	return n, n == len(s)
}

// Inert gives s as a door writes it at the start of a line.
func Inert(s string) string {
	return string(appendInert(make([]byte, 0, len(s)), []byte(s)))
}

// appendInert is Inert for bytes.
func appendInert(out, text []byte) []byte {
	line := newLine
	for len(text) > 0 {
		size := harmless(&line, text)
		if size > 0 {
			out = append(out, text[:size]...)
		} else {
			var r rune
			r, size = utf8.DecodeRune(text)
			out = line.add(out, r, text[:size])
		}
		text = text[size:]
	}
	return out
}

// inLine gives the parts of a text with commands in it as a door will write them behind
// something else of the line, so that they can be measured.
func inLine(parts ...string) []string {
	var line lineState
	for i, part := range parts {
		var out []byte
		for _, r := range part {
			before := line
			line.next(r)
			if r == '[' && before.hashes == 2 {
				out = line.escape(out, r)
				continue
			}
			out = utf8.AppendRune(out, r)
		}
		parts[i] = string(out)
	}
	return parts
}

// A lineState is what must be known of a line to see a command begin. GitHub takes a line
// for one that starts with "::", after blanks, or holds "##[" anywhere; Azure Pipelines
// "##vso[", TeamCity "##teamcity[".
//
// Sources: https://docs.github.com/actions/reference/workflow-commands-for-github-actions,
// https://learn.microsoft.com/azure/devops/pipelines/scripts/logging-commands,
// https://www.jetbrains.com/help/teamcity/service-messages.html
type lineState struct {
	blank  bool // nothing but blanks so far
	colon  bool // a colon was the first thing, just now
	hashes int  // 1 after "#", 2 after "##" and a word
	word   bool // after "##": a word has begun
}

var newLine = lineState{blank: true}

// add appends a character, whose bytes are raw, as it may be shown.
func (l *lineState) add(out []byte, r rune, raw []byte) []byte {
	before := *l
	l.next(r)
	switch {
	case r == '\n', r == '\t':
	case r == ':' && before.colon, r == '[' && before.hashes == 2, r == utf8.RuneError && len(raw) == 1, !inert.IsShown(r):
		return l.escape(out, r)
	}
	return append(out, raw...)
}

// harmless is how much of a text passes as it is and leaves the state as it is: what is
// neither part of a command nor to be escaped, and most of every text; and blanks before it.
func harmless(l *lineState, text []byte) int {
	n := 0
	for *l == newLine && n < len(text) && text[n] == ' ' {
		n++
	}
	for *l == (lineState{}) && n < len(text) && ' ' <= text[n] && text[n] <= '~' && text[n] != '#' {
		n++
	}
	return n
}

// next moves the state behind a character.
func (l *lineState) next(r rune) {
	before := *l
	*l = lineState{}
	switch {
	case r == '\n':
		*l = newLine
	case r == ' ' || r == '\t':
		l.blank = before.blank
	case r == ':':
		l.colon = before.blank
	case r == '#' && before.hashes > 0 && !before.word:
		l.hashes = 2
	case r == '#':
		l.hashes = 1
	case before.hashes == 2 && isWord(r):
		l.hashes, l.word = 2, true
	}
}

func isWord(r rune) bool {
	return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || r == '-' || r == '_' || r == '.'
}

// escape appends a character as JSON escapes it.
func (l *lineState) escape(out []byte, r rune) []byte {
	if r > 0xffff {
		high, low := utf16.EncodeRune(r)
		return fmt.Appendf(out, `\u%04x\u%04x`, high, low)
	}
	return fmt.Appendf(out, `\u%04x`, r)
}
