package spec

import "github.com/b24apply/b24apply/pkg/value"

// chains follow addresses from one to the next, in a time that grows with their number:
// every end is remembered for all that lead to it.
type chains struct {
	next map[value.Address]value.Address
	ends map[value.Address]value.Address // "": in a circle
}

func newChains(next map[value.Address]value.Address) *chains {
	return &chains{next, make(map[value.Address]value.Address, len(next))}
}

// end gives where an address leads to in the end, itself if nowhere; circle that it leads
// into a circle, which has none.
func (c *chains) end(a value.Address) (end value.Address, circle bool) {
	var passed []value.Address
	for {
		known, ok := c.ends[a]
		if ok {
			end = known
			break
		}
		next, ok := c.next[a]
		if !ok {
			end = a
			break
		}
		c.ends[a] = "" // who comes here again goes round
		passed = append(passed, a)
		a = next
	}
	for _, p := range passed {
		c.ends[p] = end
	}
	return end, end == ""
}
