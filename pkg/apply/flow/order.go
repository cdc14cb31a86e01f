package flow

import (
	"cmp"
	"math/big"
	"slices"
	"strings"
)

// Canary chooses n of some changes by what each is like: one of every likeness, in the order
// in which they come, then a second one of each, and so on. It gives their indices, sorted.
// A change of which like is "" is not chosen.
func Canary(n int, like []string) []int {
	var order []string
	groups := make(map[string][]int)
	for i, l := range like {
		if l == "" {
			continue
		}
		if groups[l] == nil {
			order = append(order, l)
		}
		groups[l] = append(groups[l], i)
	}
	var out []int
	for round := 0; len(out) < n; round++ {
		before := len(out)
		for _, l := range order {
			if g := groups[l]; round < len(g) && len(out) < n {
				out = append(out, g[round])
			}
		}
		if len(out) == before {
			break
		}
	}
	slices.Sort(out)
	return out
}

// Waves gives the wave of each change, from 0 on, by the values of a label: in the order of
// the numbers in them, as 2 comes before 10. What has no such label ("") goes last. The number of
// waves is never 0.
func Waves(labels []string) (wave []int, waves int) {
	values := slices.Clone(labels)
	slices.SortFunc(values, compareNatural)
	values = slices.Compact(values)
	if len(values) > 0 && values[0] == "" {
		values = append(values[1:], "")
	}
	at := make(map[string]int, len(values))
	for i, v := range values {
		at[v] = i
	}
	wave = make([]int, len(labels))
	for i, l := range labels {
		wave[i] = at[l]
	}
	return wave, max(1, len(values))
}

// compareNatural orders texts in which numbers count as such.
func compareNatural(a, b string) int {
	for x, y := a, b; x != "" && y != ""; {
		p, q := run(x), run(y)
		c := strings.Compare(p, q)
		if isDigit(p[0]) && isDigit(q[0]) {
			c = number(p).Cmp(number(q))
		}
		if c != 0 {
			return c
		}
		x, y = x[len(p):], y[len(q):]
	}
	return cmp.Or(cmp.Compare(len(a), len(b)), strings.Compare(a, b))
}

// run gives the digits that a text begins with, or what stands before its first digit.
func run(text string) string {
	digits := isDigit(text[0])
	for i := range len(text) {
		if isDigit(text[i]) != digits {
			return text[:i]
		}
	}
	return text
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

func number(digits string) *big.Int {
	n, _ := new(big.Int).SetString(digits, 10)
	return n
}
