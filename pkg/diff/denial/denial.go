// Package denial says why one item is refused while the others go on. What only the portal can
// decide refuses the item that says it ([Denial], [Unmet], [Refused], [Unreadable]), and what
// depends on that; what is wrong with the manifests whatever the portal is a problem, and then
// there is no plan. [Complaints] keeps both. Which values are wrong is found out elsewhere.
package denial

import (
	"errors"
	"unicode/utf8"

	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/plan"
	"github.com/b24apply/b24apply/pkg/spec"
	"github.com/b24apply/b24apply/pkg/value"
)

// A Denial is one reason why an item is refused, where it is declared.
type Denial struct {
	spec.Problem
	Code string
}

// Complaints are what was found wrong so far. The zero value is ready.
type Complaints struct {
	Problems spec.Problems // with the manifests
	denials  []Denial      // why the resource that is being compared is refused
}

// Object files what is wrong with the resource that is being compared.
func (c *Complaints) Object(pos value.Pos, err error) { c.File(Problem(pos, err), CodeOf(err)) }

// ObjectTo is object for the value of a field, which the reason then names. Of a field that
// only the portal knows, what is wrong is the portal's to say.
func (c *Complaints) ObjectTo(field string, v value.Node, portals bool, err error) {
	code := CodeOf(err)
	if code == "" && portals {
		code = "WRONG_VALUE"
	}
	p := ProblemWith(v, err)
	if code != "" {
		p.Message = value.Say("of-field", value.T("field", field), value.M("said", p.Message))
	}
	c.File(p, code)
}

// File files a problem, or with a code a reason to refuse the resource.
func (c *Complaints) File(p spec.Problem, code string) {
	if code == "" {
		c.Problems = append(c.Problems, p)
		return
	}
	c.denials = append(c.denials, Denial{p, code})
}

// Warn files a problem that stops nothing.
func (c *Complaints) Warn(p spec.Problem) {
	p.Severity = spec.SeverityWarning
	c.Problems = append(c.Problems, p)
}

// RefuseDenied refuses a change for all that was filed about its resource, which is the next
// one then.
func (c *Complaints) RefuseDenied(ch *plan.Change) {
	denials := c.denials
	c.denials = nil
	for _, d := range denials {
		Also(ch, d)
	}
}

// Unmet is value.Bad for what holds on this portal alone, with the code for which the item
// is refused.
func Unmet(code, rule, message, hint string, args ...value.Arg) error {
	return Refusing(code, value.Bad(rule, message, hint, args...))
}

// Refusing makes a fault one of the portal.
func Refusing(code string, err error) error {
	if f, ok := err.(*value.Fault); ok {
		f.Portal, f.Code = true, code
	}
	return err
}

// CodeOf gives the code for which an item is refused; "" if the manifests are wrong.
func CodeOf(err error) string {
	var fault *value.Fault
	var no *Refused
	switch {
	case errors.As(err, &fault):
		return fault.Refuses()
	case errors.As(err, &no):
		return no.Code
	case errors.As(err, new(*Unreadable)):
		return "UNREADABLE_VALUE"
	}
	return ""
}

// Also refuses a change for one more reason. It stands where the first one does.
func Also(ch *plan.Change, d Denial) {
	code, said, hint := d.Code, d.Message, d.Hint.Or(value.Do(d.Code))
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

// A Refused is what is wrong with one record and not with the manifests.
type Refused struct {
	Code      string
	Why, Hint value.Message // hint: zero for that of the code
}

func (r *Refused) Error() string { return r.Why.String() }

func (r *Refused) Says() value.Message { return r.Why }

func (r *Refused) Remedy() value.Message { return r.Hint.Or(value.Do(r.Code)) }

// Unreadable is a live value that is not of its field's type. It concerns one
// record, not the manifests.
type Unreadable struct{ Err error }

func (u *Unreadable) Error() string { return u.Err.Error() }

func (u *Unreadable) Unwrap() error { return u.Err }

func Problem(pos value.Pos, err error) spec.Problem {
	p := spec.Problem{Pos: pos, Severity: spec.SeverityError, Rule: "value", Message: value.SaidBy(err)}
	switch e := err.(type) {
	case *Refused:
		p.Hint = e.Remedy()
	case *value.Fault:
		p.Rule, p.Hint = e.Rule, e.Hint
		if e.Pos != (value.Pos{}) {
			p.Pos = e.Pos
		}
	}
	return p
}

// ProblemWith is problem for a value: its text is what is underlined.
func ProblemWith(v value.Node, err error) spec.Problem {
	p := Problem(v.Pos, err)
	if p.Pos == v.Pos && v.Plain {
		p.Width = utf8.RuneCountInString(v.Text)
	}
	return p
}

// RefuseNotRead refuses a change for what the portal refused to tell.
func RefuseNotRead(ch *plan.Change, no *kind.Refusal) {
	ch.RefuseFor("NOT_READ", value.Say("portal-does-not-tell", value.M("why", no.Says())), no.Hint)
}

// NotRead refuses what is declared by something that the portal refused to tell.
func NotRead(no *kind.Refusal) error {
	return &value.Fault{Rule: "lookup", Message: value.Say("portal-does-not-tell", value.M("why", no.Says())), Hint: no.Hint, Portal: true, Code: "NOT_READ"}
}

// RefuseHidden refuses a record of which the portal does not show a part: a plan could make
// it twice, or overwrite it.
func RefuseHidden(ch *plan.Change, row kind.Row, part string) bool {
	why := row.Text(kind.HiddenPart(part))
	if why == "" {
		return false
	}
	ch.RefuseFor("NOT_READ", value.Say("part-is-hidden", value.T("part", part), value.T("why", why)), value.Message{})
	return true
}

// OfField says of which field an error speaks.
func OfField(name string, err error) value.Message {
	return value.Say("of-field", value.T("field", name), value.M("said", value.SaidBy(err)))
}

// LeaveField is the remedy for a field whose live value cannot be read.
var LeaveField = value.Do("UNREADABLE_VALUE", value.M("what", value.Say("the-field")))

// RefusalOf gives why a record is refused for a value; nil if it is not, or if the
// manifest is wrong.
func RefusalOf(name string, err error) *Refused {
	var no *Refused
	switch {
	case errors.As(err, &no):
		return &Refused{no.Code, OfField(name, no), no.Hint}
	case errors.As(err, new(*Unreadable)):
		return &Refused{"UNREADABLE_VALUE", OfField(name, err), LeaveField}
	}
	return nil
}
