// Package denial says why one item is refused while the others go on. What only the portal can
// decide refuses the item that says it ([Denial], [Unmet], [Refused], [Unreadable]), and what
// depends on that; what is wrong with the manifests whatever the portal is a problem, and then
// there is no plan. [Complaints] keeps both. Which values are wrong is found out elsewhere.
package diff

import (
	"errors"
	"unicode/utf8"

	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/plan"
	"github.com/b24apply/b24apply/pkg/spec"
	"github.com/b24apply/b24apply/pkg/value"
)

// A denial is one reason why an item is refused, where it is declared.
type denial struct {
	spec.Problem
	code string
}

// complaints are what was found wrong so far. The zero value is ready.
type complaints struct {
	problems spec.Problems // with the manifests
	denials  []denial      // why the resource that is being compared is refused
}

// object files what is wrong with the resource that is being compared.
func (c *complaints) object(pos value.Pos, err error) { c.file(problem(pos, err), denialOf(err)) }

// objectTo is object for the value of a field, which the reason then names. Of a field that
// only the portal knows, what is wrong is the portal's to say.
func (c *complaints) objectTo(field string, v value.Node, portals bool, err error) {
	code := denialOf(err)
	if code == "" && portals {
		code = "WRONG_VALUE"
	}
	p := problemWith(v, err)
	if code != "" {
		p.Message = value.Say("of-field", value.T("field", field), value.M("said", p.Message))
	}
	c.file(p, code)
}

// file files a problem, or with a code a reason to refuse the resource.
func (c *complaints) file(p spec.Problem, code string) {
	if code == "" {
		c.problems = append(c.problems, p)
		return
	}
	c.denials = append(c.denials, denial{p, code})
}

// warn files a problem that stops nothing.
func (c *complaints) warn(p spec.Problem) {
	p.Severity = spec.SeverityWarning
	c.problems = append(c.problems, p)
}

// refuseDenied refuses a change for all that was filed about its resource, which is the next
// one then.
func (c *complaints) refuseDenied(ch *plan.Change) {
	denials := c.denials
	c.denials = nil
	for _, d := range denials {
		refuseAlso(ch, d)
	}
}

// unmet is value.Bad for what holds on this portal alone, with the code for which the item
// is refused.
func unmet(code, rule, message, hint string, args ...value.Arg) error {
	return refusing(code, value.Bad(rule, message, hint, args...))
}

// refusing makes a fault one of the portal.
func refusing(code string, err error) error {
	if f, ok := err.(*value.Fault); ok {
		f.Portal, f.Code = true, code
	}
	return err
}

// denialOf gives the code for which an item is refused; "" if the manifests are wrong.
func denialOf(err error) string {
	var fault *value.Fault
	var no *refused
	switch {
	case errors.As(err, &fault):
		return fault.Refuses()
	case errors.As(err, &no):
		return no.code
	case errors.As(err, new(*unreadable)):
		return "UNREADABLE_VALUE"
	}
	return ""
}

// refuseAlso refuses a change for one more reason. It stands where the first one does.
func refuseAlso(ch *plan.Change, d denial) {
	code, said, hint := d.code, d.Message, d.Hint.Or(value.Do(d.code))
	if ch.Action == plan.Refuse {
		code, said, hint = ch.Reason.Code, also(ch.Reason.Message, said), also(ch.Reason.Hint, hint)
	} else if d.File == ch.Source.File {
		ch.Source = d.Pos
	}
	ch.RefuseFor(code, said, hint)
}

// also says two things, if they differ.
func also(first, next value.Message) value.Message {
	if first.Equal(next) {
		return first
	}
	return value.Say("several", value.Ms("parts", []value.Message{first, next}))
}

// A refused is what is wrong with one record and not with the manifests.
type refused struct {
	code      string
	why, hint value.Message // hint: zero for that of the code
}

func (r *refused) Error() string { return r.why.String() }

func (r *refused) Says() value.Message { return r.why }

func (r *refused) Remedy() value.Message { return r.hint.Or(value.Do(r.code)) }

// unreadable is a live value that is not of its field's type. It concerns one
// record, not the manifests.
type unreadable struct{ err error }

func (u *unreadable) Error() string { return u.err.Error() }

func (u *unreadable) Unwrap() error { return u.err }

func problem(pos value.Pos, err error) spec.Problem {
	p := spec.Problem{Pos: pos, Severity: spec.SeverityError, Rule: "value", Message: value.SaidBy(err)}
	switch e := err.(type) {
	case *refused:
		p.Hint = e.Remedy()
	case *value.Fault:
		p.Rule, p.Hint = e.Rule, e.Hint
		if e.Pos != (value.Pos{}) {
			p.Pos = e.Pos
		}
	}
	return p
}

// problemWith is problem for a value: its text is what is underlined.
func problemWith(v value.Node, err error) spec.Problem {
	p := problem(v.Pos, err)
	if p.Pos == v.Pos && v.Plain {
		p.Width = utf8.RuneCountInString(v.Text)
	}
	return p
}

// refuseNotRead refuses a change for what the portal refused to tell.
func refuseNotRead(ch *plan.Change, no *kind.Refusal) {
	ch.RefuseFor("NOT_READ", value.Say("portal-does-not-tell", value.M("why", no.Says())), no.Hint)
}

// errNotRead refuses what is declared by something that the portal refused to tell.
func errNotRead(no *kind.Refusal) error {
	return &value.Fault{Rule: "lookup", Message: value.Say("portal-does-not-tell", value.M("why", no.Says())), Hint: no.Hint, Portal: true, Code: "NOT_READ"}
}

// refuseHidden refuses a record of which the portal does not show a part: a plan could make
// it twice, or overwrite it.
func refuseHidden(ch *plan.Change, row kind.Row, part string) bool {
	why := row.Text(kind.HiddenPart(part))
	if why == "" {
		return false
	}
	ch.RefuseFor("NOT_READ", value.Say("part-is-hidden", value.T("part", part), value.T("why", why)), value.Message{})
	return true
}

// ofField says of which field an error speaks.
func ofField(name string, err error) value.Message {
	return value.Say("of-field", value.T("field", name), value.M("said", value.SaidBy(err)))
}

// leaveField is the remedy for a field whose live value cannot be read.
var leaveField = value.Do("UNREADABLE_VALUE", value.M("what", value.Say("the-field")))

// refusalOf gives why a record is refused for a value; nil if it is not, or if the
// manifest is wrong.
func refusalOf(name string, err error) *refused {
	var no *refused
	switch {
	case errors.As(err, &no):
		return &refused{no.code, ofField(name, no), no.hint}
	case errors.As(err, new(*unreadable)):
		return &refused{"UNREADABLE_VALUE", ofField(name, err), leaveField}
	}
	return nil
}
