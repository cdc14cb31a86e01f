package spec

// A slab makes many short lists in two pieces of memory, which the next document takes again.
// A list is pushed together, while others are that belong inside it, and then taken.
type slab[T any] struct {
	open []T // lists that are being pushed together, each behind the one around it
	made []T
}

// clear gives up all lists that were taken.
func (s *slab[T]) clear() { s.open, s.made = s.open[:0], s.made[:0] }

// mark is where a list begins.
func (s *slab[T]) mark() int { return len(s.open) }

// since are the values of the list so far.
func (s *slab[T]) since(mark int) []T { return s.open[mark:] }

func (s *slab[T]) push(v T) { s.open = append(s.open, v) }

// take ends a list. Where the memory grows, earlier lists keep what they have.
func (s *slab[T]) take(mark int) []T {
	first := len(s.made)
	s.made = append(s.made, s.open[mark:]...)
	s.open = s.open[:mark]
	return s.made[first:len(s.made):len(s.made)]
}
