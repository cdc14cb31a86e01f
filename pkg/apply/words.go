package apply

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/b24apply/b24apply/pkg/value"
)

// A sentence is an error in our words.
type sentence struct{ message value.Message }

func said(m value.Message) error { return &sentence{m} }

func (s *sentence) Error() string       { return s.message.String() }
func (s *sentence) Says() value.Message { return s.message }
func (*sentence) Remedy() value.Message { return value.Message{} }

// both says one thing and then the other, if there is one.
func both(first, second value.Message) value.Message {
	if second.IsZero() {
		return first
	}
	return value.Say("several", value.Ms("parts", []value.Message{first, second}))
}

// ofPart says what became of a part of a record.
func ofPart(name string, m value.Message) value.Message {
	return value.Say("of-part", value.T("part", name), value.M("said", m))
}

// tells tells whether a message says what another one says, maybe with more.
func tells(m, part value.Message) bool {
	if m.Equal(part) {
		return true
	}
	if of, name := m.Args, part.Args; m.Code == "of-part" && part.Code == m.Code && of[0].Text == name[0].Text {
		return tells(*of[1].Message, *name[1].Message)
	}
	return slices.ContainsFunc(inside(m), func(inner value.Message) bool { return tells(inner, part) })
}

// inside lists the messages that are arguments of one.
func inside(m value.Message) []value.Message {
	var out []value.Message
	for _, a := range m.Args {
		if a.Message != nil {
			out = append(out, *a.Message)
		}
		out = append(out, a.Messages...)
	}
	return out
}

// verbatim is what a message quotes of the portal.
func verbatim(m value.Message) string {
	if m.Code == value.Verbatim("x").Code {
		return m.Args[0].Text
	}
	var parts []string
	for _, inner := range inside(m) {
		parts = append(parts, verbatim(inner))
	}
	return strings.Join(parts, "; ")
}

// withoutStop drops the full stop that the portal's words end with.
func withoutStop(m value.Message) value.Message {
	if len(m.Args) == 0 {
		return m
	}
	m.Args = slices.Clone(m.Args)
	switch last := &m.Args[len(m.Args)-1]; {
	case m.Code == value.Verbatim("x").Code:
		last.Text = strings.TrimSuffix(last.Text, ".")
	case last.Message != nil:
		*last = value.M(last.Name, withoutStop(*last.Message))
	case len(last.Messages) > 0:
		last.Messages = slices.Clone(last.Messages)
		end := &last.Messages[len(last.Messages)-1]
		*end = withoutStop(*end)
	}
	return m
}

// quoted is the argument that is a value of a field, as people read it.
func quoted(name string, v any) value.Arg {
	switch v := v.(type) {
	case nil:
		return value.M(name, value.Say("nothing"))
	case string:
		const most = 200 // characters
		if r := []rune(v); len(r) > most {
			return value.M(name, value.Say("cut-text", value.T("text", strconv.Quote(string(r[:most]))), value.N("n", len(r))))
		}
		return value.T(name, strconv.Quote(v))
	case value.Message:
		return value.M(name, value.Say("in-quotes", value.M("said", v)))
	case []value.Message:
		return value.M(name, value.Say("all-rows", value.Ms("rows", v)))
	}
	return value.T(name, fmt.Sprint(v))
}
