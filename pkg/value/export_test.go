package value

import (
	"maps"
	"slices"
)

// What the tests of faults share with those of codecs; their texts stand in internal/ui.
type PortalNames = portalNames

func NodeOf(text string) Node { return node(text) }

func NodesOf(texts ...string) Node { return nodes(texts...) }

// TypeNames are the names of the types that have a codec.
func TypeNames() []string { return slices.Sorted(maps.Keys(codecs)) }
