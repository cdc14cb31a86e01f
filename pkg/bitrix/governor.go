package bitrix

import (
	"context"
	"log/slog"
	"strings"
	"sync"
	"time"
)

const (
	// cloudLimit is the time that a method may use in ten minutes on a portal in
	// the cloud, and boxLimit what a self-hosted one allows by default, if its
	// administrator has turned the limit on.
	// Source: https://apidocs.bitrix24.com/limits.html
	cloudLimit = 480 * time.Second
	boxLimit   = 420 * time.Second
	// margin is the part of a limit that is left free: predictions err.
	margin = 0.01
	// patience bounds how long a call waits for the budget of its method. Longer
	// means that other programs use all of it.
	patience = time.Hour
)

// A charge is what some calls of a method are predicted to cost.
type charge struct {
	method string // in lower case
	cost   time.Duration
	guess  bool // several commands, of which none was measured before
}

// A governor spends the time that the portal grants each method, and no more:
// as fast as the pace allows while there is some, and then as the portal forgets
// what was used. It keeps count by the names that the portal bills; whether it
// bills a batch to its commands, as documented, or to "batch", is learned from its
// answers.
type governor struct {
	limit time.Duration // of each method; 0 if it is not known
	share float64       // of the limit, for this program

	mu     sync.Mutex
	meters map[string]*meter
	freed  chan struct{} // closed when a cost was given back or became known
	rest   resting       // the longest wait that a call was told of
}

// newGovernor makes the governor of a plan; budget is a percentage, 0 means 100.
func newGovernor(plan string, budget int) *governor {
	g := &governor{share: 1, meters: map[string]*meter{}, freed: make(chan struct{})}
	if budget > 0 {
		g.share = float64(budget) / 100
	}
	g.use(plan)
	return g
}

// use changes the plan, keeping what has been counted.
func (g *governor) use(plan string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	switch {
	case plan != "box":
		g.limit = cloudLimit
	case g.share < 1:
		g.limit = boxLimit
	default:
		g.limit = 0
	}
}

// Canonical is the name by which the portal knows a method: it ignores case and
// the ending .json. A Parked names methods so.
func Canonical(method string) string {
	return strings.TrimSuffix(strings.ToLower(method), ".json")
}

func (g *governor) meter(method string) *meter {
	m := g.meters[method]
	if m == nil {
		m = &meter{}
		g.meters[method] = m
	}
	return m
}

// allowed is what this program may use of a method's time, 0 if all it wants.
func (g *governor) allowed(m *meter) time.Duration {
	limit := g.limit
	if m.limit > 0 && (limit == 0 || m.limit < limit) {
		limit = m.limit
	}
	return time.Duration(float64(limit) * g.share * (1 - margin))
}

// reserve takes all charges, or none of them and says which has to wait longest.
func (g *governor) reserve(charges []charge) (rest *Parked) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if rest = g.blocked(charges); rest != nil {
		return rest
	}
	for _, c := range charges {
		m := g.meter(c.method)
		m.reserved += c.cost
		m.guessing = m.guessing || c.guess
	}
	return nil
}

// release gives charges back; what they really cost was noted before.
func (g *governor) release(charges []charge) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, c := range charges {
		m := g.meter(c.method)
		m.reserved -= c.cost
		m.guessing = m.guessing && !c.guess
	}
	close(g.freed)
	g.freed = make(chan struct{})
}

// blocked is the charge that has to wait longest, nil if none has to wait.
func (g *governor) blocked(charges []charge) (rest *Parked) {
	now := time.Now()
	var cost time.Duration
	for _, c := range charges {
		m := g.meter(c.method)
		d := m.wait(c.cost, g.allowed(m), now)
		if c.guess && m.guessing {
			d = max(d, slack) // the other one may show that this one is too long
		}
		if d > 0 && (rest == nil || now.Add(d).After(rest.Until)) {
			rest, cost = &Parked{Method: c.method, Until: now.Add(d)}, c.cost
		}
	}
	if still := g.stillResting(now); rest != nil && (still == nil || rest.Until.After(still.Until)) {
		g.rest = resting{rest, cost}
	}
	return rest
}

// until is blocked for those who only ask.
func (g *governor) until(charges []charge) *Parked {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.blocked(charges)
}

// wait returns when take has taken, or the cause of ctx's end, or the *Parked of
// take after patience.
func (g *governor) wait(ctx context.Context, log *slog.Logger, take func() *Parked) error {
	for end := time.Now().Add(patience); ; {
		g.mu.Lock()
		freed := g.freed
		g.mu.Unlock()
		rest := take()
		if rest == nil {
			return nil
		}
		if !time.Now().Before(end) {
			return rest
		}
		g.tell(ctx, log, rest)
		if err := waitFor(ctx, time.Until(rest.Until), freed); err != nil {
			return err
		}
	}
}

// tell logs a rest that a person would notice, once.
func (g *governor) tell(ctx context.Context, log *slog.Logger, rest *Parked) {
	wait := time.Until(rest.Until)
	if wait < 5*time.Second {
		return
	}
	g.mu.Lock()
	m := g.meter(rest.Method)
	tell := time.Now().After(m.told)
	if tell {
		m.told = rest.Until
	}
	used := m.used(time.Now().Add(m.shift))
	g.mu.Unlock()
	if tell {
		log.InfoContext(ctx, "portal method rests until it has time again", "method", rest.Method,
			"wait", wait.Round(time.Second), "used", used.Round(time.Second))
	}
}

// note learns from one answer what a method used and what its calls cost each.
func (g *governor) note(method string, t Time, shift time.Duration) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.meter(method).note(t, shift, time.Now())
}

// learn learns what one command of a method costs, or a row of several.
func (g *governor) learn(method string, cost time.Duration, rows int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.meter(method).cost.learn(cost, rows)
}

// refuse learns of a refusal for the time that a method used.
func (g *governor) refuse(method string, cause *Error) *Parked {
	g.mu.Lock()
	defer g.mu.Unlock()
	m := g.meter(method)
	limit := g.limit
	if m.limit > 0 {
		limit = m.limit
	}
	m.refuse(limit, cause.ResetAt, time.Now())
	return &Parked{Method: method, Until: m.until, Cause: cause}
}

// cost is what one command of a method is predicted to cost, or a row of one that carries
// several, and whether it was measured.
func (g *governor) cost(method string) (each time.Duration, known bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	e := g.meter(method).cost
	return e.of(method), e.known
}

// longest is what one request may be predicted to take on the portal, well under
// the minute after which it is cut off.
// Source: https://apidocs.bitrix24.com/limits.html
const longest = 25 * time.Second

// portion is the time that one request may take if it has commands of a method: a
// small budget is not spent on one request, so that the last part of it can be used.
func (g *governor) portion(method string) time.Duration {
	g.mu.Lock()
	defer g.mu.Unlock()
	if allowed := g.allowed(g.meter(method)); allowed > 0 {
		return min(longest, allowed/10)
	}
	return longest
}

// shiftOf is the way from this machine's clock to the portal's, as an answer
// that just came shows it.
func shiftOf(finish time.Time) time.Duration {
	if finish.IsZero() {
		return 0
	}
	return time.Until(finish)
}
