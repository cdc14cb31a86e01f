package flow

import (
	"strconv"
	"strings"
	"time"

	"github.com/b24apply/b24apply/pkg/value"
)

// Limits say how far a run goes. The zero value lets it do all.
type Limits struct {
	FailFast    bool      // the first failure ends the run
	MaxFailures *Share    // so many failures are allowed; nil bounds nothing
	Until       time.Time // nothing is sent from then on; the zero time is never
	Window      *Window   // in which alone anything is sent; nil is always
	// Canary is how many changes are made and verified before the others; 0 means none is.
	Canary int
	// Waves is the label by whose values the others go in waves; "" for none.
	Waves string
}

// A Share is a number, or a part of something in percent.
type Share struct {
	N       int
	Percent float64 // 0 to 100, in place of N
	IsPart  bool
}

// ParseShare reads a share such as 10 or 2.5%.
func ParseShare(text string) (Share, error) {
	part, isPart := strings.CutSuffix(text, "%")
	if isPart {
		percent, err := strconv.ParseFloat(part, 64)
		if err != nil || !(percent >= 0 && percent <= 100) {
			return Share{}, errShare
		}
		return Share{Percent: percent, IsPart: true}, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 0 {
		return Share{}, errShare
	}
	return Share{N: n}, nil
}

var errShare = value.Err("must-be-share")

func (s Share) String() string {
	if s.IsPart {
		return strconv.FormatFloat(s.Percent, 'f', -1, 64) + "%"
	}
	return strconv.Itoa(s.N)
}

// exceeded tells whether n of all are more than the share.
func (s Share) exceeded(n, all int) bool {
	if s.IsPart {
		return float64(n)*100 > s.Percent*float64(all)
	}
	return n > s.N
}

// A Count is how far a run has come.
type Count struct {
	Planned  int // changes that write something
	Failures int // those of them that did not end well; what is blocked by one does not count
}

// The codes of why a run is over; see [Verdict].
const (
	CodeFailFast    = "FAIL_FAST"
	CodeMaxFailures = "MAX_FAILURES"
	CodeCanary      = "CANARY_FAILED"
	CodeDeclined    = "CANARY_DECLINED"
	CodeMaxDuration = "MAX_DURATION"
)

// A Verdict says what a run may do. The zero Verdict lets it go on.
type Verdict struct {
	Code string        // why nothing more is sent in this run; "" if something may be
	Why  value.Message // the same, for people
	Wait time.Time     // when to ask again, before which nothing is sent; the zero time is now
}

// Ends tells whether the run is over.
func (v Verdict) Ends() bool { return v.Code != "" }

// Goes tells whether anything may be sent at once.
func (v Verdict) Goes() bool { return !v.Ends() && v.Wait.IsZero() }

// Judge says what a run may do at a time. A window that opens only when the run is over is not
// waited for.
func (l *Limits) Judge(now time.Time, c Count) Verdict {
	switch {
	case l.FailFast && c.Failures > 0:
		return Verdict{Code: CodeFailFast, Why: value.Say("fail-fast-ends-run", value.N("n", c.Failures))}
	case l.MaxFailures != nil && l.MaxFailures.exceeded(c.Failures, c.Planned):
		return Verdict{Code: CodeMaxFailures, Why: value.Say("max-failures-ends-run", value.N("n", c.Failures), value.N("of", c.Planned), value.T("limit", l.MaxFailures.String()))}
	}
	return l.At(now)
}

// At is Judge for the time alone.
func (l *Limits) At(now time.Time) Verdict {
	if !l.Until.IsZero() && !now.Before(l.Until) {
		return Verdict{Code: CodeMaxDuration, Why: value.Say("max-duration-ends-run")}
	}
	if l.Window == nil || l.Window.Open(now) {
		return Verdict{}
	}
	opens := l.Window.Opens(now)
	if !l.Until.IsZero() && !opens.Before(l.Until) {
		return Verdict{Code: CodeMaxDuration, Why: value.Say("window-opens-too-late", value.T("window", l.Window.String()))}
	}
	return Verdict{Wait: opens}
}

// AfterCanary says whether the others follow, by the failures among the first changes.
func AfterCanary(failures int) Verdict {
	if failures == 0 {
		return Verdict{}
	}
	return Verdict{Code: CodeCanary, Why: value.Say("canary-ends-run", value.N("n", failures))}
}

// Declined is the verdict of a person who has looked at what the first changes came to.
func Declined() Verdict {
	return Verdict{Code: CodeDeclined, Why: value.Say("canary-was-declined")}
}
