package diff

import (
	"fmt"

	"github.com/b24apply/b24apply/pkg/spec"
	"github.com/b24apply/b24apply/pkg/value"
)

// PinForAdoption makes the record with an id the live one behind a resource, or
// lets match find it if id is 0. It fails if nothing says which record is meant.
func PinForAdoption(set *spec.Set, a value.Address, id int, force bool) error {
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
