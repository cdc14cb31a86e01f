package lanes

import (
	"slices"
	"testing"

	"pgregory.net/rapid"
)

func never(int) bool { return false }

// Whatever becomes ready when, dated records leave by their times, and undated ones behind them.
func TestDatedRecordsGoByTheirTimes(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		n := rapid.IntRange(1, 30).Draw(rt, "n")
		var dated []Dated
		at := make(map[int]int64)
		for i := range n {
			if rapid.Bool().Draw(rt, "dated") {
				at[i] = int64(rapid.IntRange(0, 9).Draw(rt, "at"))
				dated = append(dated, Dated{i, at[i]})
			}
		}
		l := New(n, dated)
		blocked := make(map[int]bool)
		var got, want []int
		for _, i := range rapid.Permutation(slices.Collect(func(yield func(int) bool) {
			for i := range n {
				if !yield(i) {
					return
				}
			}
		})).Draw(rt, "order") {
			_, isDated := at[i]
			if rapid.IntRange(0, 4).Draw(rt, "fate") == 0 {
				blocked[i] = true
			} else {
				l.Push(i, isDated)
				want = append(want, i)
			}
			for {
				i, ok := l.Next(func(i int) bool { return blocked[i] }, false)
				if !ok {
					break
				}
				got = append(got, i)
			}
		}
		if l.Ready() != 0 || len(got) != len(want) {
			rt.Fatalf("%d of %d records have left, %d are ready", len(got), len(want), l.Ready())
		}
		times := slices.DeleteFunc(slices.Clone(got), func(i int) bool { _, is := at[i]; return !is })
		if !slices.IsSortedFunc(times, func(a, b int) int { return int(at[a] - at[b]) }) || l.IsOrdered() && !slices.Equal(got[:len(times)], times) {
			rt.Fatalf("they leave as %v, dated %v", got, at)
		}
	})
}

// Where nothing makes the oldest one ready, the next one goes all the same; and what is given back
// is not lost.
func TestALaneIsNotBlockedForEver(t *testing.T) {
	l := New(3, []Dated{{0, 1}, {1, 2}, {2, 3}})
	l.Push(2, true)
	l.Push(1, true)
	if _, ok := l.Next(never, false); ok {
		t.Error("a record goes before an older one that may become ready")
	}
	if i, ok := l.Next(never, true); !ok || i != 1 {
		t.Errorf("%d goes (%t), want 1", i, ok)
	}
	l.Push(0, true)
	l.Push(1, true) // it was given back
	var got []int
	for i, ok := l.Next(never, false); ok; i, ok = l.Next(never, false) {
		got = append(got, i)
	}
	if !slices.Equal(got, []int{0, 2, 1}) {
		t.Errorf("they leave as %v", got)
	}
}
