package value

import (
	"encoding/json"
	"strings"
	"unicode/utf8"
)

// A plan of many records is written as JSON more than once, and most of it is values. What
// stands here appends them as json.Marshal writes them, to the byte, without its reflection.

// AppendText appends a text as a string of JSON, as json.Marshal does: what HTML would take for
// its own is escaped.
func AppendText(b []byte, text string) []byte {
	if !isPlainJSON(text, true) {
		quoted, _ := json.Marshal(text) // a text has no errors
		return append(b, quoted...)
	}
	return appendQuoted(b, text)
}

func appendQuoted(b []byte, text string) []byte {
	b = append(b, '"')
	b = append(b, text...)
	return append(b, '"')
}

// isPlainJSON tells whether a text stands in JSON as it is; html that what HTML would take for
// its own does not.
func isPlainJSON(text string, html bool) bool {
	ascii := true
	for i := range len(text) {
		switch c := text[i]; {
		case c >= utf8.RuneSelf:
			ascii = false
		case c < ' ', c == '"', c == '\\', html && (c == '<' || c == '>' || c == '&'):
			return false
		}
	}
	return ascii || utf8.ValidString(text) && !strings.Contains(text, "\u2028") && !strings.Contains(text, "\u2029")
}

// AppendJSON appends the JSON of a value.
func (v Value) AppendJSON(b []byte) []byte {
	switch {
	case v.Form == FormEmpty:
		return append(b, "null"...)
	case v.Form == FormText && len(v.Parts) == 0:
		return AppendText(b, v.Text)
	case v.Form == FormList:
		b = append(b, '[')
		for i := range v.Parts {
			b = v.Parts[i].Value.AppendJSON(comma(b, i > 0))
		}
		return append(b, ']')
	}
	b = append(b, '{')
	if v.Form == FormText {
		b = AppendText(append(b, `"`+attributed+`":`...), v.Text)
	}
	for i := range v.Parts {
		b = AppendText(comma(b, i > 0 || v.Form == FormText), v.Parts[i].Name)
		b = v.Parts[i].Value.AppendJSON(append(b, ':'))
	}
	return append(b, '}')
}

func comma(b []byte, some bool) []byte {
	if some {
		return append(b, ',')
	}
	return b
}

// AppendJSON appends the JSON of a shown value.
func (s Shown) AppendJSON(b []byte) []byte {
	switch {
	case s.IsEmpty():
		return append(b, "null"...)
	case s.Rest == nil:
		return AppendText(b, s.Text)
	}
	o := jsonObject{append(b, '{')}
	o.text("text", s.Text)
	o.text("style", string(s.Rest.Style))
	if len(s.Rest.Parts) > 0 {
		o.name("parts")
		for i := range s.Rest.Parts {
			o.b = AppendText(append(o.b, opening(i)+`{"name":`...), s.Rest.Parts[i].Name)
			o.b = append(s.Rest.Parts[i].Shown.AppendJSON(append(o.b, `,"shown":`...)), '}')
		}
		o.b = append(o.b, ']')
	}
	if len(s.Rest.Items) > 0 {
		o.name("items")
		for i := range s.Rest.Items {
			o.b = s.Rest.Items[i].AppendJSON(append(o.b, opening(i)...))
		}
		o.b = append(o.b, ']')
	}
	if !s.Rest.Says.IsZero() {
		o.name("says")
		o.b = s.Rest.Says.AppendJSON(o.b)
	}
	return append(o.b, '}')
}

// opening stands before entry i of a list.
func opening(i int) string {
	if i > 0 {
		return ","
	}
	return "["
}

// AppendJSON appends the JSON of a message.
func (m Message) AppendJSON(b []byte) []byte {
	b = AppendText(append(b, `{"code":`...), m.Code)
	if len(m.Args) > 0 {
		b = append(b, `,"args":`...)
		for i := range m.Args {
			b = m.Args[i].appendJSON(append(b, opening(i)...))
		}
		b = append(b, ']')
	}
	return append(b, '}')
}

func (a *Arg) appendJSON(b []byte) []byte {
	o := jsonObject{AppendText(append(b, `{"name":`...), a.Name)}
	o.text("text", a.Text)
	if len(a.List) > 0 {
		o.name("list")
		for i, text := range a.List {
			o.b = AppendText(append(o.b, opening(i)...), text)
		}
		o.b = append(o.b, ']')
	}
	if a.Message != nil {
		o.name("message")
		o.b = a.Message.AppendJSON(o.b)
	}
	if len(a.Messages) > 0 {
		o.name("messages")
		for i := range a.Messages {
			o.b = a.Messages[i].AppendJSON(append(o.b, opening(i)...))
		}
		o.b = append(o.b, ']')
	}
	o.text("kind", a.Kind)
	return append(o.b, '}')
}

// A jsonObject is the JSON of an object that is being written.
type jsonObject struct{ b []byte }

// name begins a member.
func (o *jsonObject) name(name string) {
	o.b = comma(o.b, o.b[len(o.b)-1] != '{')
	o.b = append(append(append(o.b, '"'), name...), `":`...)
}

// text adds a member that is left out if it is empty.
func (o *jsonObject) text(name, text string) {
	if text != "" {
		o.name(name)
		o.b = AppendText(o.b, text)
	}
}
