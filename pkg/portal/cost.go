package portal

import (
	"cmp"
	"fmt"
	"math"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"
)

// maxCost bounds the cost of one call, and a delay.
const maxCost = time.Hour

// A Cost is the processing time of a method on this portal. It passes on the
// standard clock before the method runs, and is billed in place of the time
// that the portal itself needs.
type Cost struct {
	Method string // a method's name, or a pattern such as "crm.item.*"; the longest that fits counts
	Time   time.Duration
}

// ParseCost reads METHOD=SECONDS, such as "crm.item.update=0.05".
func ParseCost(text string) (Cost, error) {
	name, value, ok := strings.Cut(text, "=")
	if !ok || name == "" {
		return Cost{}, fmt.Errorf("cost %q: write METHOD=SECONDS, such as crm.item.update=0.05", text)
	}
	seconds, err := strconv.ParseFloat(value, 64)
	if err != nil || !(seconds >= 0 && seconds <= maxCost.Seconds()) {
		return Cost{}, fmt.Errorf("cost %q: the seconds are a number from 0 to %g", text, maxCost.Seconds())
	}
	c := Cost{Method: name, Time: time.Duration(math.Round(seconds * float64(time.Second)))}
	return c, c.check()
}

func (c Cost) check() error {
	if _, err := path.Match(c.Method, ""); err != nil || c.Method == "" {
		return fmt.Errorf("cost of %q: no method or pattern", c.Method)
	}
	if c.Time < 0 || c.Time > maxCost {
		return fmt.Errorf("cost of %s: %s is not between 0 and %s", c.Method, c.Time, maxCost)
	}
	return nil
}

// costs are sorted by the length of their patterns, longest first.
type costs []Cost

func newCosts(list []Cost) (costs, error) {
	sorted := slices.Clone(list)
	for i := range sorted {
		if err := sorted[i].check(); err != nil {
			return nil, err
		}
		sorted[i].Method = strings.ToLower(sorted[i].Method)
	}
	slices.SortStableFunc(sorted, func(a, b Cost) int { return cmp.Compare(len(b.Method), len(a.Method)) })
	return sorted, nil
}

// of returns what a method costs, and whether that was configured.
func (list costs) of(name string) (time.Duration, bool) {
	for _, c := range list {
		if matches(c.Method, name) {
			return c.Time, true
		}
	}
	return 0, false
}

// matches reports whether a lower-case pattern covers a method.
func matches(pattern, name string) bool {
	ok, err := path.Match(pattern, strings.ToLower(name))
	return ok && err == nil
}
