package diff

import (
	"github.com/b24apply/b24apply/pkg/spec"
	"github.com/b24apply/b24apply/pkg/value"
)

// PinForAdoption makes the record with an id the live one behind a resource, or
// lets match find it if id is 0. It fails if nothing says which record is meant.
func PinForAdoption(set *spec.Set, a value.Address, id int, force bool) error {
	r := set.Lookup(a)
	switch {
	case r == nil:
		return value.Err("adopts-undeclared", value.T("resource", a))
	case !r.Kind.HasFields():
		return value.Err("adopts-no-record", value.T("resource", a))
	}
	if id != 0 {
		r.Identity.Pin(set.Env, id)
	}
	if known, _ := r.Identity.ID(set.Env); known == 0 && len(r.Identity.Match) == 0 {
		return value.Err("no-record-to-become", value.T("resource", a))
	}
	switch {
	case force:
		r.Identity.Adopt = spec.AdoptForce
	case set.Project.AdoptOf(r) == spec.AdoptNever:
		r.Identity.Adopt = spec.AdoptUnowned
	}
	return nil
}
