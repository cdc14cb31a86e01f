package diff

import (
	"slices"

	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/plan"
	"github.com/b24apply/b24apply/pkg/spec"
	"github.com/b24apply/b24apply/pkg/value"
)

// planned gives those of the addresses that the plan has changes for: what -f leaves
// out is there already, or what refers to it is refused.
func (c *computer) planned(deps []value.Address) []value.Address {
	if len(c.Set.Beside) == 0 {
		return deps
	}
	return slices.DeleteFunc(slices.Clone(deps), func(a value.Address) bool { return !c.Set.Managed(a) })
}

// lacksLeftOut refuses a change that needs a resource which -f leaves out and which
// the portal does not have.
func (c *computer) lacksLeftOut(ch *plan.Change, r *spec.Resource) bool {
	if len(c.Set.Beside) == 0 {
		return false
	}
	for _, dep := range r.Deps {
		other := c.Set.Lookup(dep)
		if c.Set.Managed(dep) {
			continue
		}
		there, code, why := false, "NOT_APPLIED", value.Say("portal-has-it-not-yet")
		if no := notRead(&c.View, c.state, other); no != nil {
			code, why = "NOT_READ", value.Say("portal-does-not-tell", value.M("why", no.Says()))
		} else if other.Kind.Class == kind.ClassType {
			there = c.MatchType(other).Live != nil
		} else if id := c.identity(other); id.row != nil {
			there = true
		} else if id.code != "" {
			code, why = id.code, id.why
		}
		if !there {
			ch.Title = r.Title()
			if c.Set.Selected {
				ch.RefuseFor(code, value.Say("needs-what-is-not-selected", value.T("dep", dep), value.M("why", why)), value.Say("select-it-too", value.T("dep", dep)))
				return true
			}
			ch.RefuseFor(code, value.Say("needs-what-is-left-out", value.T("dep", dep), value.T("file", other.Pos.File), value.M("why", why)),
				value.Do("NOT_APPLIED", value.T("file", other.Pos.File)))
			return true
		}
	}
	return false
}
