package diff

import (
	"fmt"

	"github.com/b24apply/b24apply/pkg/spec"
)

// Adoption gives the part of a plan that only takes over the record of one resource:
// its mark is written and nothing else, after the user field that is to hold it. A
// record that carries the mark needs nothing; if there is none, the change is
// refused. It is nil if the plan does not hold the resource.
func Adoption(p *Plan, a spec.Address) *Plan {
	part := *p
	part.Changes, part.Notes, part.Refused = nil, nil, nil
	for _, c := range p.Changes {
		if c.Address != a {
			continue
		}
		c.Fields, c.Kept, c.Held, c.Deps, c.Steps = nil, nil, nil, nil, nil
		switch c.Action {
		case Create:
			c.Refuse("NOT_FOUND", "no record of the portal was found that could become "+string(a), "")
		case Update:
			c.Action = NoOp
		case Adopt:
			if c.MarkIn != "" {
				c.Deps = []spec.Address{c.MarkIn}
			}
		}
		for _, f := range p.Changes {
			if c.Action == Adopt && f.Address == c.MarkIn {
				part.Changes = append(part.Changes, f)
			}
		}
		part.Changes = append(part.Changes, c)
	}
	if part.Changes == nil {
		return nil
	}
	return &part
}

// PinForAdoption makes the record with an id the live one behind a resource, or
// lets match find it if id is 0. It fails if nothing says which record is meant.
func PinForAdoption(set *spec.Set, a spec.Address, id int, force bool) error {
	r := set.Lookup(a)
	switch {
	case r == nil:
		return fmt.Errorf("%s is not declared", a)
	case !r.Kind.HasFields():
		return fmt.Errorf("%s is no record", a)
	}
	if id != 0 {
		r.Identity.Pin(set.Env, id)
	}
	if known, _ := r.Identity.ID(set.Env); known == 0 && len(r.Identity.Match) == 0 {
		return fmt.Errorf("nothing says which record is to become %s: it declares neither match nor metadata.ids for this environment", a)
	}
	switch {
	case force:
		r.Identity.Adopt = spec.AdoptForce
	case set.Project.AdoptOf(r) == spec.AdoptNever:
		r.Identity.Adopt = spec.AdoptUnowned
	}
	return nil
}
