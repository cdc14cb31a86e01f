package spec

import (
	"slices"

	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/value"
)

// Within gives a set whose resources are those at the addresses and everything that
// they depend on. Lookup still finds all.
func (s *Set) Within(addresses ...value.Address) (*Set, error) {
	keep := make(map[value.Address]bool)
	for open := slices.Clone(addresses); len(open) > 0; {
		a := open[len(open)-1]
		open = open[:len(open)-1]
		if keep[a] {
			continue
		}
		r := s.byAddress[a]
		if r == nil {
			return nil, value.Err("address-is-not-declared", value.T("address", a))
		}
		keep[a] = true
		open = append(open, r.Deps...)
	}
	part := *s
	part.Resources = nil
	for _, r := range s.Resources {
		if keep[r.Address] {
			part.Resources = append(part.Resources, r)
		}
	}
	return &part, nil
}

// Emptied gives a set that means nothing, though Lookup still finds all: for a plan that removes
// what the project owns.
func (s *Set) Emptied() *Set {
	none := *s
	none.Resources, none.Beside, none.Former = nil, nil, nil
	none.left = make(map[value.Address]bool, len(s.byAddress))
	for a := range s.byAddress {
		none.left[a] = true
	}
	return &none
}

// Types are the declared smart processes, whether they are meant or not, by their addresses.
func (s *Set) Types() (out []*Resource) {
	for _, r := range s.byAddress {
		if r.Kind.Class == kind.ClassType {
			out = append(out, r)
		}
	}
	sortResources(out)
	return out
}
