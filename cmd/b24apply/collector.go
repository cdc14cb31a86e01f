package main

import (
	"runtime"
	"runtime/debug"
	"runtime/metrics"
)

// memoryLimit makes the collector work harder before a run takes more of the machine than
// a small one has; GOMEMLIMIT overrides it.
const memoryLimit = 1 << 30

// heapFloor is up to where the heap grows before it is collected, in bytes. Beyond it grows to
// twice of what is in use, as Go's own setting has it. Below it each collection would find little, and
// most commands end before the first one.
const heapFloor = 160 << 20

// setCollector says when this process collects its memory, unless its environment does.
func setCollector(lookup func(string) (string, bool)) {
	_, limited := lookup("GOMEMLIMIT")
	if !limited {
		debug.SetMemoryLimit(memoryLimit)
	}
	if _, set := lookup("GOGC"); set {
		return
	}
	adjust := func(used uint64) {
		debug.SetGCPercent(percentFor(used))
		if !limited {
			debug.SetMemoryLimit(limitFor(used))
		}
	}
	adjust(firstHeap)
	afterEachCollection(func() { adjust(liveHeap()) })
}

// firstHeap is what Go takes a new process to have in use, in bytes: its first collection comes at
// this size times GOGC of a hundred.
const firstHeap = 4 << 20

// percentFor is the setting of GOGC by which the next collection comes at the floor, or at
// twice of what is in use if that is more.
func percentFor(inUse uint64) int {
	used := int64(max(inUse, firstHeap))
	return max(100, int((heapFloor-used)*100/used))
}

// heapRoom is how much more than that the process may take, in bytes: for the runtime itself,
// and for what is allocated during a collection.
const heapRoom = 64 << 20

// limitFor bounds what the process takes until the setting of GOGC follows a collection that has
// found much more in use: that is soon, but not at once.
func limitFor(inUse uint64) int64 {
	return min(memoryLimit, max(heapFloor, 2*int64(inUse))+heapRoom)
}

// liveHeap is what the last collection has found in use, in bytes.
func liveHeap() uint64 {
	sample := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	metrics.Read(sample)
	return sample[0].Value.Uint64()
}

// afterEachCollection calls do after each collection, soon.
func afterEachCollection(do func()) {
	type marker struct{ _ [16]byte }
	var again func(*marker)
	again = func(m *marker) {
		do()
		runtime.SetFinalizer(m, again)
	}
	runtime.SetFinalizer(new(marker), again)
}
