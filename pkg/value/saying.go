package value

import (
	"errors"
	"strings"
)

// A Saying is an error whose words stand in package ui. Its own text is for tests and for
// who looks for a fault in the program.
type Saying interface {
	error
	Says() Message   // the fact
	Remedy() Message // what to do about it; zero if that is not known
}

// SaidBy is an error as a message: in the words of a Saying that it is or holds, else in
// its own.
func SaidBy(err error) Message {
	var says Saying
	if !errors.As(err, &says) {
		return Verbatim(err.Error())
	}
	before, after, _ := strings.Cut(err.Error(), says.Error())
	if before == "" && after == "" {
		return says.Says()
	}
	return Say("said-within", T("before", before), M("said", says.Says()), T("after", after))
}

// RemedyOf is what to do about an error: the hint that it gives, zero if it gives none.
func RemedyOf(err error) Message {
	var says Saying
	if errors.As(err, &says) && !says.Remedy().IsZero() {
		return says.Remedy()
	}
	var advised interface{ Hint() Message }
	if errors.As(err, &advised) {
		return advised.Hint()
	}
	var hinted interface{ Hint() string }
	if errors.As(err, &hinted) {
		return Verbatim(hinted.Hint())
	}
	return Message{}
}

// Err is an error in our words: it is a [Saying] without a remedy.
func Err(code string, args ...Arg) error { return &sentence{Say(code, args...)} }

type sentence struct{ message Message }

func (s *sentence) Error() string { return s.message.String() }
func (s *sentence) Says() Message { return s.message }
func (*sentence) Remedy() Message { return Message{} }
