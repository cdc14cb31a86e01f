package main

import (
	"testing"
	"time"
)

func TestWordsTheFirstItemsSayNothingOfTheTimeLeft(t *testing.T) {
	tests := []struct {
		done, total int
		elapsed     time.Duration
		want        time.Duration // 0: it is not known
	}{
		{1, 10_000, 2 * time.Second, 0},   // 5 h 33 min
		{50, 10_000, 10 * time.Minute, 0}, // parked after the first batch
		{2, 3, 10 * time.Second, 0},
		{500, 10_000, time.Minute, 19 * time.Minute},
		{50, 100, 2 * time.Minute, 2 * time.Minute},
	}
	for _, tt := range tests {
		if got, known := (&progress{done: tt.done, total: tt.total}).left(tt.elapsed); got != tt.want || known != (got > 0) {
			t.Errorf("%d of %d after %s: %s, want %s", tt.done, tt.total, tt.elapsed, got, tt.want)
		}
	}
}
