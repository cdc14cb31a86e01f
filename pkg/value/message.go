package value

import "strconv"

// A Message is something to say to people: a code that names one sentence, and what the
// sentence is about. It becomes text late, in the reader's language, in internal/ui alone.
type Message struct {
	Code string `json:"code"`
	Args []Arg  `json:"args,omitempty"`
}

// An Arg is one argument of a message. Exactly one of the fields beside Name is set; an
// empty Text is an argument too.
type Arg struct {
	Name    string   `json:"name"`
	Text    string   `json:"text,omitempty"`    // verbatim, never translated: a name, an address, a value
	List    []string `json:"list,omitempty"`    // several of these
	Message *Message `json:"message,omitempty"` // a sentence of its own, such as a cause
}

// Say makes a message.
func Say(code string, args ...Arg) Message { return Message{code, args} }

// T is an argument that is a text.
func T(name, text string) Arg { return Arg{Name: name, Text: text} }

// N is an argument that is a number; sentences choose their plural by it.
func N(name string, n int) Arg { return Arg{Name: name, Text: strconv.Itoa(n)} }

// L is an argument that is a list of texts.
func L(name string, list []string) Arg { return Arg{Name: name, List: list} }

// M is an argument that is a message of its own.
func M(name string, m Message) Arg { return Arg{Name: name, Message: &m} }

// IsZero tells whether there is nothing to say.
func (m Message) IsZero() bool { return m.Code == "" }
