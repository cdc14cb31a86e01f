package bitrix

import (
	"fmt"
	"testing"
)

// A row that a look-up of many keys finds is not compared with each of them as a
// number, a flag and a time: reading 10^5 records would take twice as long.
func TestACheckOfManyKeysCostsLittleMoreThanOfOne(t *testing.T) {
	row := mustRow(t, `{"id":7,"originId":"company-48"}`)
	cost := func(n int) float64 {
		keys := make([]any, n)
		for i := range keys {
			keys[i] = fmt.Sprintf("company-%d", 48-i)
		}
		k := newCheck(map[string]any{"@originId": keys}, nil)
		for _, found := range []Row{row, mustRow(t, `{"id":7,"originId":"other"}`)} {
			if got, want := k.row(found) == nil, string(found.Raw()) == string(row.Raw()); got != want {
				t.Fatalf("%s fits: %v, want %v", found.Raw(), got, want)
			}
		}
		return testing.AllocsPerRun(100, func() { _ = k.row(row) })
	}
	if one, many := cost(1), cost(49); many > one+12 {
		t.Errorf("49 keys allocate %v times, one %v times; want at most 12 more", many, one)
	}
}
