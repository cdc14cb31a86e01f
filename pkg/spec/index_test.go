package spec

import (
	"fmt"
	"testing"

	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/value"
)

// Every resource of a set has its place, and no other one has: neither one that only has its
// address nor one of another set.
func TestAResourceHasItsPlaceInItsSet(t *testing.T) {
	var all []*Resource
	for i, k := range []string{"Deal", "Company", "SPA", "Contact"} {
		for j := range 3 {
			name := fmt.Sprintf("r%d", 7*j%5+i)
			all = append(all, &Resource{Kind: (*kind.Table)(nil).ByName(k), Name: name, Address: value.NewAddress(k, name)})
		}
	}
	s := NewSet(Project{}, nil, all)
	for want, r := range s.Resources {
		if got, ok := s.Index(r); got != want || !ok {
			t.Errorf("%s: %d, %t, want %d", r.Address, got, ok, want)
		}
		same := *r
		if _, ok := s.Index(&same); ok {
			t.Errorf("%s: a copy of it has its place", r.Address)
		}
	}
	if _, ok := s.Index(&Resource{Kind: (*kind.Table)(nil).ByName("Deal"), Address: "zzz/z"}); ok {
		t.Error("what is in no set has a place")
	}
}
