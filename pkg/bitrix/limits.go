package bitrix

import (
	"cmp"
	"slices"
	"time"
)

// Limits is what a client has seen of the portal's limits, and how it keeps to
// them.
type Limits struct {
	Plan      string  // the plan in force: "standard", "enterprise" or "box"
	PerSecond float64 // requests a second that the portal lets go on; 0 for no limit
	Threshold int     // requests that it lets come at once; 0 for no limit
	Pace      float64 // the part of PerSecond that is used now: below 1 after a refusal
	Refused   int     // requests that the portal refused for pace
	Budget    int     // percent of each method's time that the client may use
	Methods   []MethodLimit
}

// A MethodLimit is the time of one method on the portal in the last ten minutes.
// Limits are sorted by method.
type MethodLimit struct {
	Method  string        // in lower case, as the portal bills it
	Used    time.Duration // by all programs with this credential, as far as known
	Limit   time.Duration // what the portal allows; 0 if it is not known
	Parked  time.Time     // the zero time unless calls have to wait until then
	Command time.Duration // what one command is predicted to take; 0 if none was measured
	Refused int           // how often the portal refused it for its time
}

// Limits returns a copy of what is known by now. It sends nothing.
func (c *Client) Limits() Limits {
	l := c.pace.limits()
	l.Methods = c.governor.limits()
	l.Budget = int(c.governor.share*100 + 0.5)
	return l
}

func (p *pace) limits() Limits {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.drain(time.Now())
	l := Limits{Plan: p.plan, PerSecond: p.limit.perSecond, Threshold: p.limit.threshold, Pace: p.part, Refused: p.refused}
	if l.Plan == "" || l.Plan == "auto" {
		l.Plan = "standard"
	}
	return l
}

func (g *governor) limits() []MethodLimit {
	g.mu.Lock()
	defer g.mu.Unlock()
	now := time.Now()
	var list []MethodLimit
	for method, m := range g.meters {
		if !m.cost.known && m.newest.IsZero() && m.refused == 0 {
			continue // only asked about
		}
		l := MethodLimit{Method: method, Used: m.used(now.Add(m.shift)), Limit: g.limit, Command: m.cost.value, Refused: m.refused}
		if m.limit > 0 && (l.Limit == 0 || m.limit < l.Limit) {
			l.Limit = m.limit
		}
		if d := m.wait(m.cost.value, g.allowed(m), now); d > 0 {
			l.Parked = now.Add(d)
		}
		list = append(list, l)
	}
	slices.SortFunc(list, func(a, b MethodLimit) int { return cmp.Compare(a.Method, b.Method) })
	return list
}
