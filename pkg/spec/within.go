package spec

import (
	"slices"

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
