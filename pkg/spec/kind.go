package spec

import (
	"cmp"
	"slices"
)

func sortResources(rs []*Resource) { slices.SortFunc(rs, byPlace) }

// byPlace is the order of a Set's resources.
func byPlace(a, b *Resource) int {
	return cmp.Or(cmp.Compare(a.Kind.Rank, b.Kind.Rank), cmp.Compare(a.Address, b.Address))
}
