package value

import (
	"errors"
	"maps"
	"slices"
	"strings"
)

// A Saying is an error whose words stand in package ui. Its own text is for tests and for
// who looks for a fault in the program.
type Saying interface {
	error
	Says() Message   // the fact
	Remedy() Message // what to do about it; zero if that is not known
}

// SaidBy is an error as a message: in the words of the Sayings that it is or holds, else in
// its own.
func SaidBy(err error) Message {
	if says, ok := err.(Saying); ok {
		return says.Says()
	}
	return withSaid(err.Error(), sayings(err))
}

// sayings are the first errors in our words on each branch of those that an error wraps.
func sayings(err error) []Saying {
	switch e := err.(type) {
	case Saying:
		return []Saying{e}
	case interface{ Unwrap() error }:
		if inner := e.Unwrap(); inner != nil {
			return sayings(inner)
		}
	case interface{ Unwrap() []error }:
		var out []Saying
		for _, inner := range e.Unwrap() {
			out = append(out, sayings(inner)...)
		}
		return out
	}
	return nil
}

// withSaid is the text of an error with words in place of the errors in our words.
func withSaid(text string, all []Saying) Message {
	for i, says := range all {
		if before, after, found := strings.Cut(text, says.Error()); found {
			rest := withSaid(after, all[i+1:])
			if before == "" && rest.IsZero() {
				return says.Says()
			}
			return Say("said-within", T("before", before), M("said", says.Says()), M("after", rest))
		}
	}
	return Verbatim(text)
}

// RemedyOf is what to do about an error: the hint that it gives, zero if it gives none.
func RemedyOf(err error) Message {
	var says Saying
	for inner := err; errors.As(inner, &says); {
		if remedy := says.Remedy(); !remedy.IsZero() {
			return remedy
		}
		during, ok := says.(*doing)
		if !ok {
			break
		}
		inner = during.cause
	}
	var advised interface{ Hint() Message }
	if errors.As(err, &advised) {
		return advised.Hint()
	}
	var hinted interface {
		Hint() (code string, args map[string]string)
	}
	if errors.As(err, &hinted) {
		return hintOf(hinted.Hint())
	}
	return Message{}
}

// hintOf is a hint of a package that knows no messages; a code of "" is none.
func hintOf(code string, args map[string]string) Message {
	if code == "" {
		return Message{}
	}
	m := Say(code)
	for _, name := range slices.Sorted(maps.Keys(args)) {
		m.Args = append(m.Args, T(name, args[name]))
	}
	return m
}

// Err is an error in our words: it is a [Saying] without a remedy.
func Err(code string, args ...Arg) error { return Told(Say(code, args...)) }

// Told is the error that says a message.
func Told(m Message) error { return &sentence{m} }

// While is an error in our words about what was being done when err came, which it wraps:
// the sentence of the code has a place for {cause}. Its remedy is that of err.
func While(err error, code string, args ...Arg) error { return &doing{Say(code, args...), err} }

type doing struct {
	what  Message
	cause error
}

func (d *doing) Error() string { return d.what.String() + ": " + d.cause.Error() }
func (d *doing) Unwrap() error { return d.cause }

func (d *doing) Says() Message {
	return Say(d.what.Code, append(slices.Clone(d.what.Args), M("cause", SaidBy(d.cause)))...)
}

func (d *doing) Remedy() Message { return Message{} } // RemedyOf looks further

// unread is an error of a codec that does not understand what the portal shows. Such a text
// may be of any length, and somebody's: little of it is told.
func unread(code, live string) error {
	const most = 40
	if runes := []rune(live); len(runes) > most {
		live = string(runes[:most]) + "…"
	}
	return Err(code, Q("value", live))
}

type sentence struct{ message Message }

func (s *sentence) Error() string { return s.message.String() }
func (s *sentence) Says() Message { return s.message }
func (*sentence) Remedy() Message { return Message{} }
