package ui

import (
	"strconv"
	"time"

	"github.com/b24apply/b24apply/internal/ui/words"
	"github.com/b24apply/b24apply/pkg/plan"
	"github.com/b24apply/b24apply/pkg/value"
)

// Text is a message in English, as documents for other programs hold it in every language.
func Text(m value.Message) string { return words.Text(m) }

// texts are messages in English.
func texts(all []value.Message) []string {
	var out []string
	for _, m := range all {
		out = append(out, Text(m))
	}
	return out
}

// Text is a message as people read it.
func (s Style) Text(m value.Message) string { return s.Words.Text(m) }

// say is a sentence of this package or of a command as people read it.
func (s Style) say(code string, args ...value.Arg) string { return s.Text(value.Say(code, args...)) }

// texts are messages as people read them.
func (s Style) texts(all []value.Message) []string {
	var out []string
	for _, m := range all {
		out = append(out, s.Text(m))
	}
	return out
}

// worded is a value with words in place of the messages in it.
func (s Style) worded(v value.Shown) value.Shown {
	if v.Rest == nil {
		return v
	}
	if m := v.Says(); !m.IsZero() {
		v.Text = s.Text(m)
	}
	rest := *v.Rest
	rest.Says, rest.Items = value.Message{}, nil
	for _, item := range v.Items() {
		rest.Items = append(rest.Items, s.worded(item))
	}
	v.Rest = &rest
	if rest.Style == value.Alone && len(rest.Parts)+len(rest.Items) == 0 {
		v.Rest = nil
	}
	return v
}

// wordedAlone is a value with words in place of the messages that stand for all of it, or
// for a row of it.
func (s Style) wordedAlone(v value.Shown) value.Shown {
	switch {
	case v.Rest == nil:
		return v
	case !v.Rest.Says.IsZero(), v.IsList() && v.Items()[0].Style() == value.Row:
		return s.worded(v)
	}
	return v
}

// duration writes a time span as people say it.
func (s Style) duration(d time.Duration) string {
	switch {
	case d < time.Minute:
		return s.say("seconds", value.T("seconds", strconv.FormatFloat(d.Truncate(100*time.Millisecond).Seconds(), 'f', 1, 64)))
	case d < time.Hour:
		return s.say("minutes", value.N("minutes", int(d/time.Minute)), value.N("seconds", int(d%time.Minute/time.Second)))
	}
	return s.say("hours", value.N("hours", int(d/time.Hour)), value.N("minutes", int(d%time.Hour/time.Minute)))
}

// To names a portal that something is sent to.
func To(portal string) value.Message {
	if portal == plan.PortalInABox {
		return value.Say("to-box")
	}
	return value.Say("to-portal", value.T("portal", portal))
}

// on names a portal that something is on.
func on(portal string) value.Message {
	if portal == plan.PortalInABox {
		return value.Say("on-box")
	}
	return value.Say("on-portal", value.T("portal", clean(portal)))
}

// place names what was planned or applied, and where.
func (s Style) place(owner, portal, env string) string {
	args := []value.Arg{value.T("owner", clean(owner)), value.M("where", on(portal))}
	if env == "" {
		return s.say("owner-on-portal", args...)
	}
	return s.say("owner-on-portal-in-environment", append(args, value.T("env", clean(env)))...)
}
