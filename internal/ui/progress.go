package ui

import (
	"fmt"
	"time"

	"github.com/b24apply/b24apply/pkg/value"
)

// Progress is how far a run is.
type Progress struct {
	Done      int      `json:"done"`
	Total     int      `json:"total"`
	Wrong     int      `json:"wrong"`                 // of Done, what did not end well
	PerSecond float64  `json:"perSecond"`             // items, since the run began
	Left      *float64 `json:"secondsLeft,omitempty"` // nil as long as it is not known
	Limit     *Limit   `json:"limit,omitempty"`       // nil if none is known to bind
}

// A Limit is what keeps a run from going faster.
type Limit struct {
	By     string     `json:"by"`               // see limits
	Method string     `json:"method,omitempty"` // of the portal
	Until  *time.Time `json:"until,omitempty"`
}

// ProgressLine is Progress on one line.
func (s Style) ProgressLine(p Progress) string {
	args := []value.Arg{value.N("done", p.Done), value.N("total", p.Total), value.N("wrong", p.Wrong), value.T("pace", pace(p.PerSecond))}
	code := "progress-left-unknown"
	if p.Left != nil {
		left := time.Duration(*p.Left * float64(time.Second))
		code, args = "progress-left", append(args, value.T("left", left.Round(time.Second).String()), value.T("at", time.Now().Add(left).Format("15:04")))
	}
	line := s.say(code, args...)
	if p.Limit == nil {
		return line
	}
	return s.say("progress-and-limit", value.T("progress", line), value.M("limit", p.Limit.says()))
}

// limits are the sentences for limits, by what they are in documents for other programs.
var limits = map[string]string{
	"portal-away": "limit-portal-away", "operating-time": "limit-operating-time", "pace": "limit-pace", "concurrency": "limit-concurrency",
}

// says names the limit.
func (l *Limit) says() value.Message {
	until := ""
	if l.Until != nil {
		until = l.Until.Local().Format(time.TimeOnly)
	}
	return value.Say(limits[l.By], value.T("method", l.Method), value.T("until", until))
}

// pace is a number a second, with a digit behind the point where it is small.
func pace(perSecond float64) string {
	if perSecond < 10 {
		return fmt.Sprintf("%.1f", perSecond)
	}
	return fmt.Sprintf("%.0f", perSecond)
}
