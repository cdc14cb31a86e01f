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

// asksPeople tells whether a person can be asked.
func (a *app) asksPeople() bool { return isTerminal(a.stdin) && a.stderr.IsTerminal() }

// style is how to lay plans and reports out for a door.
func (a *app) style(d *ui.Door) ui.Style {
	s := d.Style()
	s.Full = a.limits.full
	return s
}

// door makes the door to a stream: colour only on a terminal, and never where NO_COLOR
// asks for none.
func door(w io.Writer, getenv func(string) (string, bool)) *ui.Door {
	if !isTerminal(w) {
		return ui.NewDoor(w, ui.Style{}, false)
	}
	s := ui.Style{Color: true}
	if _, no := getenv("NO_COLOR"); no {
		s.Color = false
	}
	if width, _, err := term.GetSize(int(w.(*os.File).Fd())); err == nil {
		s.Width = width
	}
	return ui.NewDoor(w, s, true)
}
