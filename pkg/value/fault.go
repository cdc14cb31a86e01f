package value

import (
	"strconv"
	"strings"
)

// A Fault is a declared value that cannot be used.
type Fault struct {
	Rule    string
	Message Message // its argument "value" is the value as written, in quotes
	Hint    Message
	Pos     Pos    // of the part that it is about; zero: the value itself
	Portal  bool   // only the portal can tell: it lacks what the value names, or has it twice
	Several bool   // it has it more than once
	Code    string // Portal: for which the item is refused, "" for that of the rule
}

// WithHint gives a fault another remedy, unless that is zero.
func WithHint(err error, remedy Message) error {
	if f, ok := err.(*Fault); ok {
		f.Hint = remedy.Or(f.Hint)
	}
	return err
}

// Bad makes a fault. Message and hint are codes of sentences about the same arguments; a
// hint of "" is none.
func Bad(rule, message, hint string, args ...Arg) *Fault {
	f := &Fault{Rule: rule, Message: Say(message, args...)}
	if hint != "" {
		f.Hint = Say(hint, args...)
	}
	return f
}

func (f *Fault) Error() string { return f.Message.String() }

// Says is the fault for people.
func (f *Fault) Says() Message { return f.Message }

// Remedy is what to do about it.
func (f *Fault) Remedy() Message { return f.Hint }

// At says where a fault is if it does not say so itself.
func At(pos Pos, err error) error {
	if f, ok := err.(*Fault); ok && f.Pos == (Pos{}) {
		f.Pos = pos
	}
	return err
}

// Refuses is the code for which the item that says it is refused; "" if the manifest is wrong.
func (f *Fault) Refuses() string {
	switch {
	case !f.Portal:
		return ""
	case f.Code != "":
		return f.Code
	case f.Several:
		return "AMBIGUOUS_NAME"
	}
	return RefusalFor(f.Rule)
}

// With gives the fault with another argument in place of one of the same name, such as a
// value that hides a secret.
func (f *Fault) With(arg Arg) *Fault {
	g := *f
	g.Message.Args = append([]Arg(nil), f.Message.Args...)
	for i, a := range g.Message.Args {
		if a.Name == arg.Name {
			g.Message.Args[i] = arg
		}
	}
	return &g
}

func (f *Fault) onPortal() *Fault {
	f.Portal = true
	return f
}

func (f *Fault) ambiguous() *Fault {
	f.Several = true
	return f.onPortal()
}

// written names a declared text in a message.
func written(text string) Arg { return T("value", strconv.Quote(text)) }

// shape names a declared value that is not one text.
func shape(d Node) Arg {
	switch {
	case d.Kind == Scalar:
		return written(d.Text)
	case d.Kind == List && len(d.Items) == 0:
		return M("value", Say("an-empty-list"))
	case d.Kind == List:
		return M("value", Say("a-list"))
	case d.Kind == Map:
		return M("value", Say("a-map"))
	}
	return T("value", "null")
}

func isBlankText(t string) bool { return strings.TrimSpace(t) == "" }
