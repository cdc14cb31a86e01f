package bitrix

import "time"

// A Limit is what keeps the requests of a client from going faster.
type Limit string

// The limits, the one that binds most first.
const (
	LimitAway        Limit = "portal-away"    // nothing is sent, since the portal answers nobody
	LimitTime        Limit = "operating-time" // the time that the portal grants a method in ten minutes
	LimitPace        Limit = "pace"           // requests a second
	LimitConcurrency Limit = "concurrency"    // requests in flight: the portal takes as long as it does
	LimitNone        Limit = ""
)

// A Binding is the limit that binds at a moment.
type Binding struct {
	Limit  Limit
	Method string    // of LimitTime, in lower case, as the portal bills it
	Until  time.Time // of LimitTime when calls go on, of LimitAway how long the portal is waited for
}

// Binding tells which limit binds now. It sends nothing, and any goroutine may ask.
func (c *Client) Binding() Binding {
	if a := c.watch.absence(); a != nil {
		return Binding{Limit: LimitAway, Until: a.until}
	}
	if rest := c.governor.resting(); rest != nil {
		return Binding{Limit: LimitTime, Method: rest.Method, Until: rest.Until}
	}
	switch {
	case c.pace.full():
		return Binding{Limit: LimitPace}
	case len(c.slots) == cap(c.slots):
		return Binding{Limit: LimitConcurrency}
	}
	return Binding{}
}

// full tells whether a request would have to wait for the pace.
func (p *pace) full() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := time.Now()
	p.drain(now)
	limit := p.effective()
	return now.Before(p.resume) || limit.threshold > 0 && p.level+float64(p.flying+1) > room(limit)
}

// A resting call waits for the time of its method.
type resting struct {
	*Parked
	cost time.Duration // what it is predicted to take
}

// resting is the method for which calls wait that has to wait longest; nil if none has to.
func (g *governor) resting() *Parked {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.stillResting(time.Now())
}

func (g *governor) stillResting(now time.Time) *Parked {
	if g.rest.Parked == nil || !now.Before(g.rest.Until) {
		return nil
	}
	m := g.meter(g.rest.Method)
	d := m.wait(g.rest.cost, g.allowed(m), now)
	if d <= 0 {
		return nil
	}
	return &Parked{Method: g.rest.Method, Until: now.Add(d)}
}
