package main

import (
	"testing"
	"time"
)

func TestWordsTheFirstItemsSayNothingOfTheTimeLeft(t *testing.T) {
	tests := []struct {
		done, total int
		elapsed     time.Duration
		want        string
	}{
		{1, 10_000, 2 * time.Second, "time left not known yet"},   // 5 h 33 min
		{50, 10_000, 10 * time.Minute, "time left not known yet"}, // parked after the first batch
		{2, 3, 10 * time.Second, "time left not known yet"},
		{500, 10_000, time.Minute, "about 19m0s left"},
		{50, 100, 2 * time.Minute, "about 2m0s left"},
	}
	for _, tt := range tests {
		if got := (&progress{done: tt.done, total: tt.total}).left(tt.elapsed); got != tt.want {
			t.Errorf("%d of %d after %s: %s, want %s", tt.done, tt.total, tt.elapsed, got, tt.want)
		}
	}
}
