package portal

import (
	"fmt"
	"net/http"
	"sync"
	"time"
)

// Limits bound what a portal does for its callers, see limits.md of the
// documentation. Each is off at its zero value. A real portal of one's own has
// none of them.
type Limits struct {
	// Burst is the highest counter of requests of one source address. A request
	// that would exceed it is refused with QUERY_LIMIT_EXCEEDED and not counted.
	Burst int
	// Drain is taken from the counter once per second, in one step.
	Drain int
	// Operating is the execution time that a method may use in ten minutes for
	// one webhook or application. Once it is exceeded, the next calls are
	// refused with OPERATION_TIME_LIMIT.
	Operating time.Duration
	// Request is the execution time of one HTTP request. The command that would
	// exceed it does not run, and the request ends with 504 at the limit.
	Request time.Duration
	// Floor is the least configured cost that counts for Operating. Measured
	// times count from a tenth of a second on, as in the product; its limit is
	// not documented, so that costs, which a test sets on purpose, all count
	// unless Floor says otherwise.
	Floor time.Duration
}

// measuredFloor is the least measured time that counts for Operating.
const measuredFloor = 100 * time.Millisecond

// NamedLimits returns the limits of a plan: "standard", "enterprise", or "off"
// for none.
func NamedLimits(plan string) (Limits, error) {
	cloud := Limits{Operating: 480 * time.Second, Request: time.Minute}
	switch plan {
	case "off":
		return Limits{}, nil
	case "standard":
		cloud.Burst, cloud.Drain = 50, 2
		return cloud, nil
	case "enterprise":
		cloud.Burst, cloud.Drain = 250, 5
		return cloud, nil
	}
	return Limits{}, fmt.Errorf("unknown limits %q: a portal has standard, enterprise or off", plan)
}

// maxBuckets bounds the addresses that are remembered at once.
const maxBuckets = 4096

// A rate counts the requests of each source address. The zero value is ready to
// use.
type rate struct {
	mu      sync.Mutex
	buckets map[string]*bucket
}

// A bucket leaks once per second, counted from its first request on.
type bucket struct {
	level  int
	leaked time.Time
}

// take counts a request, or refuses it.
func (r *rate) take(limits Limits, source string, now time.Time) error {
	if limits.Burst <= 0 {
		return nil
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	b := r.bucket(limits, source, now)
	b.leak(limits, now)
	if b.level >= limits.Burst {
		return queryLimit()
	}
	b.level++
	return nil
}

// bucket returns the bucket of an address. Empty ones are forgotten when there
// are too many.
func (r *rate) bucket(limits Limits, source string, now time.Time) *bucket {
	if b, ok := r.buckets[source]; ok {
		return b
	}
	if r.buckets == nil {
		r.buckets = make(map[string]*bucket)
	}
	if len(r.buckets) >= maxBuckets {
		for key, b := range r.buckets {
			if b.leak(limits, now); b.level == 0 {
				delete(r.buckets, key)
			}
		}
	}
	b := &bucket{leaked: now}
	r.buckets[source] = b
	return b
}

// leak takes out what whole seconds let go.
func (b *bucket) leak(limits Limits, now time.Time) {
	steps := now.Sub(b.leaked) / time.Second
	b.leaked = b.leaked.Add(steps * time.Second)
	b.level = max(0, b.level-min(int(steps), b.level)*limits.Drain)
	if b.level == 0 {
		b.leaked = now
	}
}

// queryLimit is the refusal of too many requests.
func queryLimit() *fault {
	return &fault{status: http.StatusServiceUnavailable, code: "QUERY_LIMIT_EXCEEDED", text: "Too many requests"}
}

// operationLimit is the refusal of a method that used too much time.
func operationLimit() *fault {
	return &fault{status: http.StatusTooManyRequests, code: "OPERATION_TIME_LIMIT", text: "Method is blocked due to operation time limit."}
}
