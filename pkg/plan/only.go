package plan

import (
	"errors"

	"github.com/b24apply/b24apply/pkg/value"
)

// Only gives the part of a plan that some changes make up, with what needs nothing, and tells
// how many are left out. A change that would refer to what another one creates, which is left
// out, is refused. The caller closes the changes of both; an error is that of a plan's file.
func (p *Plan) Only(where Spool, keep func(*Entry) bool) (part *Plan, leftOut int, err error) {
	part = &Plan{}
	*part = *p
	part.Changes, part.Digest = NewSource(where), ""
	missing := make(map[value.Address]bool)
	var kept []int
	for i, e := range p.Changes.Entries() {
		if e.Action == NoOp || keep(e) {
			kept = append(kept, i)
			continue
		}
		leftOut++
		missing[e.Address] = e.ID == "" && e.Action == Create
	}
	for _, i := range kept {
		c, err := p.Changes.Change(i)
		if err == nil {
			refuseLacking(c, missing)
			err = part.Changes.Append(c)
		}
		if err != nil {
			return nil, 0, errors.Join(err, part.Changes.Close())
		}
	}
	return part, leftOut, nil
}

// refuseLacking refuses a change that needs what does not exist.
func refuseLacking(c *Change, missing map[value.Address]bool) {
	lacks := func(deps []value.Address) bool {
		for _, a := range deps {
			if missing[a] && c.Action != NoOp && c.Action != Refuse && c.Action != Delete {
				c.RefuseFor("NOT_APPLIED", value.Say("depends-on-left-out", value.T("resource", a)), value.Message{})
				return true
			}
		}
		return false
	}
	if lacks(c.Deps) {
		return
	}
	for _, s := range c.Steps {
		if lacks(s.Deps) {
			return
		}
	}
}
