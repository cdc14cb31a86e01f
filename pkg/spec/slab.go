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

// take ends a list.
func (s *slab[T]) take(mark int) []T {
	out := s.space(len(s.open) - mark)
	copy(out, s.open[mark:])
	s.open = s.open[:mark]
	return out
}

// zeros makes a list of n zero values.
func (s *slab[T]) zeros(n int) []T {
	out := s.space(n)
	clear(out)
	return out
}

// space makes a list. Where there is no more memory new is made, and earlier lists keep
// what they have.
func (s *slab[T]) space(n int) []T {
	first := len(s.made)
	if first+n > cap(s.made) {
		s.made, first = make([]T, 0, max(n, 2*cap(s.made))), 0
	}
	s.made = s.made[:first+n]
	return s.made[first : first+n : first+n]
}
