package main

import (
	"runtime"
	"runtime/debug"
	"testing"

	"pgregory.net/rapid"
)

// The next collection comes at the floor, or at twice of what is in use.
func TestTheHeapHasAFloor(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		used := rapid.Uint64Range(firstHeap, 1<<36).Draw(rt, "in use")
		next := float64(used) * (1 + float64(percentFor(used))/100)
		want := float64(max(heapFloor, 2*used))
		if next > want || next < want-float64(used)/100 {
			rt.Errorf("at %d in use the next collection comes at %.0f, want %.0f", used, next, want)
		}
		if limit := float64(limitFor(used)); limit != min(memoryLimit, want+heapRoom) {
			rt.Errorf("at %d in use the limit is %.0f", used, limit)
		}
	})
	if percentFor(0) != percentFor(firstHeap) {
		t.Error("what is less than a new process has counts as that")
	}
}

// The setting follows each collection.
func TestEachCollectionIsHeard(t *testing.T) {
	heard := make(chan uint64, 1)
	afterEachCollection(func() {
		select {
		case heard <- liveHeap():
		default: // the last one was not listened to yet
		}
	})
	for range 3 {
		for done := false; !done; {
			runtime.GC()
			select {
			case used := <-heard:
				if done = true; used == 0 {
					t.Error("nothing is in use")
				}
			default:
				runtime.Gosched()
			}
		}
	}
}

// Whoever says GOGC or GOMEMLIMIT is obeyed.
func TestTheEnvironmentDecidesAboutMemory(t *testing.T) {
	percent, limit := debug.SetGCPercent(77), debug.SetMemoryLimit(1<<40)
	defer func() { debug.SetGCPercent(percent); debug.SetMemoryLimit(limit) }()
	setCollector(func(string) (string, bool) { return "1", true })
	if got := debug.SetMemoryLimit(-1); got != 1<<40 {
		t.Errorf("the limit is %d", got)
	}
	if got := debug.SetGCPercent(77); got != 77 {
		t.Errorf("GOGC is %d", got)
	}
}
