package flow

import (
	"errors"
	"strings"
	"time"

	"github.com/b24apply/b24apply/pkg/value"
)

// A Window is a time of each day, from one clock time to another, which may be of the next day.
type Window struct {
	from, to clock
	zone     *time.Location
}

// clock is a time of day, in minutes.
type clock int

// ParseWindow reads a window such as 20:00-06:00, by the clocks of a zone.
func ParseWindow(text string, zone *time.Location) (*Window, error) {
	from, to, ok := strings.Cut(text, "-")
	w := &Window{zone: zone}
	var wrong [2]error
	w.from, wrong[0] = parseClock(from)
	w.to, wrong[1] = parseClock(to)
	switch {
	case !ok || errors.Join(wrong[:]...) != nil:
		return nil, errWindow
	case w.from == w.to:
		return nil, value.Err("window-is-empty")
	}
	return w, nil
}

var errWindow = value.Err("must-be-window")

func parseClock(text string) (clock, error) {
	t, err := time.Parse("15:04", strings.TrimSpace(text))
	return clock(t.Hour()*60 + t.Minute()), err
}

// on gives a time of day of the day that is so many days from a time. A time that the clocks
// skip is the one after it.
func (w *Window) on(t time.Time, days int, c clock) time.Time {
	y, m, d := t.In(w.zone).Date()
	return time.Date(y, m, d+days, int(c)/60, int(c)%60, 0, 0, w.zone)
}

// span gives the window that begins so many days from a time.
func (w *Window) span(t time.Time, days int) (opens, closes time.Time) {
	opens, closes = w.on(t, days, w.from), w.on(t, days, w.to)
	if w.to < w.from {
		closes = w.on(t, days+1, w.to)
	}
	return opens, closes
}

// Open tells whether the window is open at a time. It is closed at its end.
func (w *Window) Open(t time.Time) bool {
	for days := -1; days <= 0; days++ {
		if opens, closes := w.span(t, days); !t.Before(opens) && t.Before(closes) {
			return true
		}
	}
	return false
}

// Opens is when the window opens next, for a time at which it is closed.
func (w *Window) Opens(t time.Time) time.Time {
	for days := 0; ; days++ {
		if opens, closes := w.span(t, days); opens.After(t) && closes.After(opens) {
			return opens
		}
	}
}

// String is the window with its zone.
func (w *Window) String() string {
	day := time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)
	at := func(c clock) string { return day.Add(time.Duration(c) * time.Minute).Format("15:04") }
	return at(w.from) + "-" + at(w.to) + " " + w.zone.String()
}
