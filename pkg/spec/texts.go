package spec

import (
	"fmt"

	"github.com/b24apply/b24apply/pkg/value"
)

// add is problem with texts.
func (r *report) add(p Pos, text, rule, hint, format string, args ...any) {
	r.problem(p, text, rule, said(hint), said(fmt.Sprintf(format, args...)))
}

// warn is warning with texts.
func (r *report) warn(p Pos, text, rule, hint, format string, args ...any) {
	r.warning(p, text, rule, said(hint), said(fmt.Sprintf(format, args...)))
}

func said(text string) value.Message {
	if text == "" {
		return value.Message{}
	}
	return value.Verbatim(text)
}

// show gives a value as a message names it.
func (d *document) show(v Value) string { return shownText(d.shown("", v)) }

func shownText(arg value.Arg) string {
	if arg.Message == nil {
		return arg.Text
	}
	switch m := arg.Message; m.Code {
	case "from-variable":
		return m.Args[0].Text + " (from " + m.Args[1].Text + ")"
	case "a-list":
		return "a list"
	case "an-empty-list":
		return "an empty list"
	}
	return "a map"
}
