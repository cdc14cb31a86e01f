package main

import (
	"io"
	"os"

	"golang.org/x/term"

	"github.com/b24apply/b24apply/internal/ui"
)

// isTerminal tells whether a stream is a person's terminal.
func isTerminal(stream any) bool {
	f, ok := stream.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// style is how to write to a stream: colour only on a terminal, and never where
// NO_COLOR asks for none.
func (a *app) style(w io.Writer) ui.Style {
	if !isTerminal(w) {
		return ui.Style{}
	}
	s := ui.Style{Color: true}
	if _, no := a.getenv("NO_COLOR"); no {
		s.Color = false
	}
	if width, _, err := term.GetSize(int(w.(*os.File).Fd())); err == nil {
		s.Width = width
	}
	return s
}
