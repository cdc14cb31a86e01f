package diff

import (
	"errors"

	"github.com/b24apply/b24apply/pkg/plan"
	"github.com/b24apply/b24apply/pkg/spec"
	"github.com/b24apply/b24apply/pkg/value"
)

// What only the portal can decide refuses the item that says it, and what depends on that;
// the others go on. What is wrong with the manifests whatever the portal is a problem, and
// then there is no plan.

// A denial is one reason why an item is refused, where it is declared.
type denial struct {
	spec.Problem
	code string
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

// object files what is wrong with the resource that is being compared.
func (c *computer) object(pos value.Pos, err error) { c.file(problem(pos, err), denialOf(err)) }

// objectTo is object for the value of a field, which the reason then names.
func (c *computer) objectTo(tg target, err error) {
	code := denialOf(err)
	if code == "" && tg.rule.Name == "" {
		code = "WRONG_VALUE" // only the portal knows the type of its own fields
	}
	p := problemWith(tg.value, err)
	if code != "" {
		p.Message = value.Say("of-field", value.T("field", tg.name), value.M("said", p.Message))
	}
	c.file(p, code)
}

// file files a problem, or with a code a reason to refuse the resource.
func (c *computer) file(p spec.Problem, code string) {
	if code == "" {
		c.problems = append(c.problems, p)
		return
	}
	c.denials = append(c.denials, denial{p, code})
}

// refuseDenied refuses a change for all that was filed about its resource.
func (c *computer) refuseDenied(ch *plan.Change) {
	denials := c.denials
	c.denials = nil
	for _, d := range denials {
		refuseAlso(ch, d)
	}
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

// refuseShared refuses the changes of resources behind which others found the same record.
func (c *computer) refuseShared() {
	for i, e := range c.out.Entries() {
		for _, d := range c.shared[e.Address] {
			c.out.Alter(i, func(ch *plan.Change) { refuseAlso(ch, d) })
		}
	}
}

// also says two things, if they differ.
func also(first, next value.Message) value.Message {
	if first.Equal(next) {
		return first
	}
	return value.Say("several", value.Ms("parts", []value.Message{first, next}))
}
