package portal

import (
	"cmp"
	"fmt"
	"math"
	"path"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"
)

// maxCost bounds the cost of one call, and a delay.
const maxCost = time.Hour

// A Cost is the processing time of a method on this portal. It passes on the
// standard clock before the method runs, and is billed in place of the time
// that the portal itself needs. The time of rows that a list answers passes after it.
type Cost struct {
	Method string        // a method's name, or a pattern such as "crm.item.*"; the longest that fits counts
	Time   time.Duration // of a call
	Row    time.Duration // of each row that it imports, sets or lists, see [rowsSent] and [rowsAnswered]
}

// ParseCost reads METHOD=SECONDS or METHOD=SECONDS+SECONDS, such as
// "crm.item.batchImport=0.3+0.05": for the call, and for each of its rows.
func ParseCost(text string) (Cost, error) {
	name, value, ok := strings.Cut(text, "=")
	if !ok || name == "" {
		return Cost{}, fmt.Errorf("cost %q: write METHOD=SECONDS, such as crm.item.update=0.05, or METHOD=SECONDS+SECONDS with those of each row", text)
	}
	call, row, perRow := strings.Cut(value, "+")
	if !perRow {
		row = "0"
	}
	c := Cost{Method: name}
	var bad [2]bool
	c.Time, bad[0] = readSeconds(call)
	c.Row, bad[1] = readSeconds(row)
	if bad[0] || bad[1] {
		return Cost{}, fmt.Errorf("cost %q: the seconds are a number from 0 to %g", text, maxCost.Seconds())
	}
	return c, c.check()
}

// readSeconds reads a number of seconds; bad says that it is none, or too large.
func readSeconds(text string) (d time.Duration, bad bool) {
	seconds, err := strconv.ParseFloat(text, 64)
	if err != nil || !(seconds >= 0 && seconds <= maxCost.Seconds()) {
		return 0, true
	}
	return time.Duration(math.Round(seconds * float64(time.Second))), false
}

func (c Cost) check() error {
	if _, err := path.Match(c.Method, ""); err != nil || c.Method == "" {
		return fmt.Errorf("cost of %q: no method or pattern", c.Method)
	}
	if longest := max(c.Time, c.Row); min(c.Time, c.Row) < 0 || longest > maxCost {
		return fmt.Errorf("cost of %s: %s is not between 0 and %s", c.Method, longest, maxCost)
	}
	return nil
}

// rowsSent counts the rows that a writing call sends besides itself: those of an import,
// and the product rows of an item.
func rowsSent(c *call) int {
	n := 0
	for _, name := range []string{"data", "productRows", "rows"} {
		v, _ := c.fold(name)
		list, _ := asList(v)
		n += len(list)
	}
	return n
}

// rowsAnswered counts the rows of a list's answer.
func rowsAnswered(r reply) int {
	if !r.list {
		return 0
	}
	v := r.value
	if m, ok := v.(*Map); ok && m.Len() == 1 {
		v, _ = m.Get(m.Keys()[0])
	}
	list := reflect.ValueOf(v) // of whatever type the list is
	if list.Kind() != reflect.Slice {
		return 0
	}
	return list.Len()
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
func (list costs) of(name string) (Cost, bool) {
	for _, c := range list {
		if matches(c.Method, name) {
			return c, true
		}
	}
	return Cost{}, false
}

// matches reports whether a lower-case pattern covers a method.
func matches(pattern, name string) bool {
	ok, err := path.Match(pattern, strings.ToLower(name))
	return ok && err == nil
}
