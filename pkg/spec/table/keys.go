package table

import (
	"cmp"
	"hash/maphash"
	"slices"
	"strings"
)

// Keys finds rows whose keys are the same but for case, since addresses have none. It holds 24
// bytes a row. The zero Keys is empty.
type Keys struct {
	seeds   [2]maphash.Seed
	entries []keyEntry
}

type keyEntry struct {
	hash   [2]uint64
	number int
}

// Add notes the name of a row, or of the first one of a group.
func (k *Keys) Add(name string, number int) {
	if k.entries == nil {
		k.seeds = [2]maphash.Seed{maphash.MakeSeed(), maphash.MakeSeed()}
	}
	name = strings.ToLower(name)
	k.entries = append(k.entries, keyEntry{[2]uint64{maphash.String(k.seeds[0], name), maphash.String(k.seeds[1], name)}, number})
}

// Duplicates are the rows that do not count because another one has the same key, each with
// the number of that one: the row that counts, or, where none does, the first other one.
func (k *Keys) Duplicates(on OnDuplicate) map[int]int {
	out := make(map[int]int)
	slices.SortFunc(k.entries, func(a, b keyEntry) int {
		return cmp.Or(cmp.Compare(a.hash[0], b.hash[0]), cmp.Compare(a.hash[1], b.hash[1]), cmp.Compare(a.number, b.number))
	})
	for i := 0; i < len(k.entries); {
		end := i + 1
		for end < len(k.entries) && k.entries[end].hash == k.entries[i].hash {
			end++
		}
		if end > i+1 {
			duplicates(out, k.entries[i:end], on)
		}
		i = end
	}
	return out
}

func duplicates(out map[int]int, same []keyEntry, on OnDuplicate) {
	counts := 0
	if on == DuplicateLast {
		counts = len(same) - 1
	}
	for i, e := range same {
		if i != counts {
			out[e.number] = same[counts].number
		} else if on == DuplicateError {
			out[e.number] = same[1].number
		}
	}
}
