package value

import (
	"cmp"
	"slices"
	"strings"
)

// Suggest finds the candidate that a person most likely meant by word: the one
// with the fewest edits, compared without case, if they are few for its length.
func Suggest(word string, candidates []string) (string, bool) {
	near := Nearest(word, candidates, 1)
	if len(near) == 0 {
		return "", false
	}
	return near[0], true
}

// Nearest gives up to n candidates within reach of word, the closest first and
// equally close ones in alphabetical order.
func Nearest(word string, candidates []string, n int) []string {
	type match struct {
		text string
		dist int
	}
	lower := []rune(strings.ToLower(word))
	if len(lower) == 0 || len(lower) > 100 {
		return nil
	}
	reach := max(1, min(3, len(lower)/3))
	var found []match
	for _, c := range candidates {
		other := []rune(strings.ToLower(c))
		if len(other) > len(lower)+reach || len(other) < len(lower)-reach {
			continue
		}
		if d := distance(lower, other); d <= reach {
			found = append(found, match{c, d})
		}
	}
	slices.SortFunc(found, func(a, b match) int {
		return cmp.Or(cmp.Compare(a.dist, b.dist), cmp.Compare(a.text, b.text))
	})
	var out []string
	for _, m := range found[:min(n, len(found))] {
		out = append(out, m.text)
	}
	return out
}

// Distance counts the edits that turn one text into another.
func Distance(a, b string) int { return distance([]rune(a), []rune(b)) }

// distance counts the insertions, deletions, substitutions and swaps of
// neighbours that turn a into b.
func distance(a, b []rune) int {
	before, last := make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row := make([]int, len(b)+1)
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			row[j] = min(last[j]+1, row[j-1]+1, last[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, last = last, row
	}
	return last[len(b)]
}
