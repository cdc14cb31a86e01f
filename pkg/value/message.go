package value

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// A Message is something to say to people: a code that names one sentence, and what the
// sentence is about. It becomes text late, in the reader's language, in internal/ui alone.
type Message struct {
	Code string `json:"code"`
	Args []Arg  `json:"args,omitempty"`
}

// An Arg is one argument of a message: a text, which may be empty, or a message, or a
// list of either.
type Arg struct {
	Name     string    `json:"name"`
	Text     string    `json:"text,omitempty"`     // verbatim, never translated: a name, an address, a value, a number
	List     []string  `json:"list,omitempty"`     // several of these
	Message  *Message  `json:"message,omitempty"`  // a sentence or a part of one, such as a cause
	Messages []Message `json:"messages,omitempty"` // several of these
	// Kind is the name of a kind of resources, for which each language has its own noun. The
	// Text is its English plural; or, with a List, a number, and the List its English singular
	// and plural.
	Kind string `json:"kind,omitempty"`
}

// Say makes a message.
func Say(code string, args ...Arg) Message { return Message{code, args} }

// Verbatim is a message in words that are not ours: the portal's, a system's or a person's.
// No words are no message.
func Verbatim(text string) Message {
	if text == "" {
		return Message{}
	}
	return Say("verbatim", T("text", text))
}

// Words gives the text of a message in words that are not ours; ok is false for another one.
func (m Message) Words() (text string, ok bool) {
	if m.Code != "verbatim" || len(m.Args) != 1 {
		return "", false
	}
	return m.Args[0].Text, true
}

// T is an argument that is a text.
func T[S ~string](name string, text S) Arg { return Arg{Name: name, Text: string(text)} }

// N is an argument that is a number; sentences choose their plural by it.
func N(name string, n int) Arg { return Arg{Name: name, Text: strconv.Itoa(n)} }

// L is an argument that is a list of texts.
func L[S ~string](name string, list []S) Arg {
	out := make([]string, len(list))
	for i, s := range list {
		out[i] = string(s)
	}
	return Arg{Name: name, List: out}
}

// Some is an argument that is a list of names, of which a sentence shows the first twelve
// and how many more there are.
func Some(name string, list []string) Arg {
	const most = 12
	if len(list) <= most {
		return L(name, list)
	}
	return Arg{Name: name, List: slices.Clone(list[:most]), Messages: []Message{Say("and-more", N("n", len(list)-most))}}
}

// M is an argument that is a message of its own.
func M(name string, m Message) Arg { return Arg{Name: name, Message: &m} }

// Ms is an argument that is a list of messages.
func Ms(name string, list []Message) Arg { return Arg{Name: name, Messages: list} }

// K is an argument that is a kind of resources, in the plural: its name, such as Deal, and
// its English plural, such as deals.
func K(name, kind, plural string) Arg { return Arg{Name: name, Text: plural, Kind: kind} }

// C is an argument that counts resources of a kind, such as 1 deal or 12 deals: their
// number, the name of the kind, and its English singular and plural.
func C(name string, n int, kind, one, many string) Arg {
	return Arg{Name: name, Text: strconv.Itoa(n), Kind: kind, List: []string{one, many}}
}

// Q is an argument that is a text in quotes: as somebody wrote it.
func Q[S ~string](name string, text S) Arg { return T(name, strconv.Quote(string(text))) }

// IsZero tells whether there is nothing to say.
func (m Message) IsZero() bool { return m.Code == "" }

// Or is the message, or another one where there is nothing to say.
func (m Message) Or(other Message) Message {
	if m.IsZero() {
		return other
	}
	return m
}

// Equal tells whether two messages say the same.
func (m Message) Equal(other Message) bool { return m.Compare(other) == 0 }

// Compare orders messages by their codes, then by their arguments.
func (m Message) Compare(other Message) int {
	return cmp.Or(cmp.Compare(m.Code, other.Code), slices.CompareFunc(m.Args, other.Args, compareArgs))
}

func compareArgs(a, b Arg) int {
	order := cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.Text, b.Text), slices.Compare(a.List, b.List), cmp.Compare(a.Kind, b.Kind),
		slices.CompareFunc(a.Messages, b.Messages, Message.Compare))
	switch {
	case order != 0:
		return order
	case a.Message == nil && b.Message == nil:
		return 0
	case a.Message == nil:
		return -1
	case b.Message == nil:
		return 1
	}
	return a.Message.Compare(*b.Message)
}

// String shows the code and the arguments, for tests and for who looks for a fault in the
// program; people read what package ui makes of it.
func (m Message) String() string {
	var b strings.Builder
	b.WriteString(m.Code)
	for _, a := range m.Args {
		switch {
		case a.Message != nil:
			fmt.Fprintf(&b, " %s=(%s)", a.Name, a.Message)
		case a.List != nil:
			fmt.Fprintf(&b, " %s=%q", a.Name, a.List)
		case a.Messages != nil:
			fmt.Fprintf(&b, " %s=%v", a.Name, a.Messages)
		default:
			fmt.Fprintf(&b, " %s=%q", a.Name, a.Text)
		}
	}
	return b.String()
}
