package portal

import (
	"context"
	"errors"
	"sync"
	"time"
)

// operatingWindow is how long execution time counts for a method's budget.
const operatingWindow = 10 * time.Minute

// A meterKey names a budget of execution time.
type meterKey struct{ method, credential string }

// A basket holds the execution time of the calls that began in one minute. It
// counts for ten minutes from the first of them on.
type basket struct {
	minute int64
	first  time.Time
	sum    time.Duration
}

// A meter adds up execution time by method and credential. The zero value is
// ready to use.
type meter struct {
	mu      sync.Mutex
	baskets map[meterKey][]basket // oldest first
}

// add bills a call that began at start, and returns the sum at now and when its
// oldest part will be forgotten. Without any part that is what a part begun now
// would have.
func (m *meter) add(key meterKey, start, now time.Time, used time.Duration) (sum time.Duration, resetAt time.Time) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if used > 0 {
		m.put(key, start, used)
	}
	live := m.live(key, now)
	if len(live) == 0 {
		return 0, start.Add(operatingWindow)
	}
	return total(live), live[0].first.Add(operatingWindow)
}

func (m *meter) put(key meterKey, start time.Time, used time.Duration) {
	if m.baskets == nil {
		m.baskets = make(map[meterKey][]basket)
	}
	list, minute := m.baskets[key], start.Unix()/60
	for i := range list {
		if list[i].minute == minute {
			list[i].sum += used
			return
		}
	}
	m.baskets[key] = append(list, basket{minute: minute, first: start, sum: used})
}

// sum returns the time used as of now.
func (m *meter) sum(key meterKey, now time.Time) time.Duration {
	m.mu.Lock()
	defer m.mu.Unlock()
	return total(m.live(key, now))
}

// live drops the baskets of the past and returns the others.
func (m *meter) live(key meterKey, now time.Time) []basket {
	list := m.baskets[key]
	for len(list) > 0 && !now.Before(list[0].first.Add(operatingWindow)) {
		list = list[1:]
	}
	if len(list) == 0 {
		delete(m.baskets, key)
		return nil
	}
	m.baskets[key] = list
	return list
}

func total(list []basket) time.Duration {
	var sum time.Duration
	for _, b := range list {
		sum += b.sum
	}
	return sum
}

// errCutOff ends the commands of a request whose time is over. No client sees
// it: the request is answered with 504.
var errCutOff = errors.New("the time of the request is over")

// metered runs a command as far as rights, faults and limits let it, and bills
// its time. What it costs passes before it runs, and while others may run.
func (p *Portal) metered(ctx context.Context, m method, c *call, o *execution) (reply, error) {
	rq := requestOf(ctx)
	if rq.cutOff {
		return reply{}, errCutOff
	}
	if err := p.admit(ctx, rq, m, c); err != nil {
		return reply{}, err
	}
	start := time.Now()
	price, fixed := p.costs.of(m.name)
	cost := price.Time
	if m.write && price.Row > 0 {
		cost += time.Duration(rowsSent(c)) * price.Row
	}
	if limit := p.limits.Request; limit > 0 && rq.spent+cost > limit {
		time.Sleep(limit - rq.spent)
		rq.cutOff = true
		p.counts.refused("504")
		return reply{}, errCutOff
	}
	time.Sleep(cost)
	c.now = p.now() // when it takes effect: what others wrote meanwhile is older
	if err := p.meddle(ctx, beforeRun, c, reply{}); err != nil {
		return reply{}, err
	}
	r, worked, err := p.invoke(ctx, m, c)
	if err == nil {
		c.echoKept(r)
		err = p.meddle(ctx, afterRun, c, r)
	}
	if late := time.Duration(rowsAnswered(r)) * price.Row; late > 0 {
		time.Sleep(late)
		cost += late
	}
	if fixed {
		worked = cost
	}
	rq.spent += worked
	o.worked = worked
	o.operating, o.resetAt = p.meter.add(meterKey{m.name, rq.credential}, start, time.Now(), p.billed(worked, fixed))
	return r, err
}

// admit decides before a command runs whether it may.
func (p *Portal) admit(ctx context.Context, rq *request, m method, c *call) error {
	if err := p.permit(ctx, m, c); err != nil {
		return err
	}
	if err := p.faults.command(m, c); err != nil {
		return err
	}
	return p.withinBudget(meterKey{m.name, rq.credential})
}

// withinBudget refuses a method whose execution time is used up.
func (p *Portal) withinBudget(key meterKey) error {
	limit := p.limits.Operating
	if limit > 0 && p.meter.sum(key, time.Now()) > limit {
		err := operationLimit()
		p.counts.refused(err.code)
		return err
	}
	return nil
}

// billed is the part of a call's time that counts.
func (p *Portal) billed(worked time.Duration, fixed bool) time.Duration {
	floor := p.limits.Floor
	if !fixed {
		floor = max(floor, measuredFloor)
	}
	if worked < floor {
		return 0
	}
	return worked
}
