package bitrix

import (
	"cmp"
	"slices"
	"time"
)

// budgetWindow is how long the portal remembers the time that a method used.
const budgetWindow = 10 * time.Minute

// slack is added to the moments at which the portal is expected to forget: its
// clock is known to about the time that an answer takes.
const slack = time.Second

// fresh is how old an answer may be to be compared with the next one: to tell what
// the portal's limit is when it refuses that, or which of the two came first.
const fresh = 30 * time.Second

// tie is how close together two answers may be given for the sums that they hold to
// come in either order: the lower one is no news then.
const tie = 100 * time.Millisecond

// A basket is the time that a method used in the calls that began in one
// minute. The portal forgets it ten minutes after the first of them.
// Source: https://apidocs.bitrix24.com/limits.html
type basket struct {
	minute int64
	first  time.Time // by the portal's clock
	used   time.Duration
}

// A meter mirrors what the portal remembers of one method. An answer holds the
// sum that the portal has at that moment, whoever used it; the meter keeps how
// that sum came about, so as to know when which part of it ends.
type meter struct {
	baskets []basket      // oldest first
	newest  time.Time     // when the answer that counted last was given, by the portal's clock
	shift   time.Duration // from this machine's clock to the portal's
	heard   time.Time     // when that answer came, by this machine's clock
	reset   time.Time     // when the portal forgets its oldest part, by this machine's clock

	reserved time.Duration // predicted for what is in flight
	unbilled bool          // the last answer named no sum: the portal bills another name
	cost     estimate
	guessing bool // a batch is in flight that shows for the first time what commands cost

	limit   time.Duration // learned from a refusal; 0 if none was
	refused int           // how often
	until   time.Time     // refused by the portal: parked until then
	told    time.Time     // the end of the rest that was last logged
}

// note learns from the cost of one call. Answers that come out of order say
// nothing that a newer one has not said; but a portal's clock may also be set back.
func (m *meter) note(t Time, shift time.Duration, now time.Time) {
	m.unbilled = t.Operating == 0 && t.OperatingReset.IsZero()
	if m.unbilled {
		return
	}
	finish := t.Finish
	if finish.IsZero() {
		finish = now.Add(shift)
	}
	if finish.Before(m.newest) && now.Sub(m.heard) < fresh {
		return
	}
	tied := finish.Sub(m.newest) < tie
	m.newest, m.shift, m.heard = finish, shift, now
	m.forget(finish, t.OperatingReset)
	more := t.Operating - m.used(time.Time{})
	switch {
	case more > 0:
		m.add(finish.Add(-t.Duration), more)
	case !tied || -more > m.reserved:
		m.drop(-more)
	}
	m.reset = time.Time{}
	if !t.OperatingReset.IsZero() {
		m.reset = now.Add(min(t.OperatingReset.Sub(now.Add(shift)), budgetWindow))
	}
	m.raise(t)
}

// raise corrects a learned limit that an accepted call has exceeded.
func (m *meter) raise(t Time) {
	if m.limit > 0 {
		m.limit = max(m.limit, t.Operating-t.Duration-m.reserved)
	}
}

// used is the sum of the baskets that have not ended at an instant of the portal's
// clock.
func (m *meter) used(now time.Time) time.Duration {
	var sum time.Duration
	for _, b := range m.baskets {
		if now.Before(b.end()) {
			sum += b.used
		}
	}
	return sum
}

// add puts time that a call used into the basket of the minute in which it began.
func (m *meter) add(start time.Time, used time.Duration) {
	minute := start.Unix() / 60
	i, found := slices.BinarySearchFunc(m.baskets, minute, func(b basket, minute int64) int { return cmp.Compare(b.minute, minute) })
	if !found {
		m.baskets = slices.Insert(m.baskets, i, basket{minute: minute, first: start})
	}
	m.baskets[i].used += used
}

// drop takes time out that the portal has forgotten before we expected it.
func (m *meter) drop(less time.Duration) {
	for less > 0 && len(m.baskets) > 0 {
		part := min(less, m.baskets[0].used)
		less -= part
		if m.baskets[0].used -= part; m.baskets[0].used == 0 {
			m.baskets = m.baskets[1:]
		}
	}
}

// forget drops the baskets that the portal has forgotten when it gives an answer:
// those that end before the oldest one that it names, in whole seconds.
func (m *meter) forget(now, reset time.Time) {
	if reset.IsZero() {
		reset = now.Add(slack)
	}
	for len(m.baskets) > 0 && m.baskets[0].end().Before(reset.Add(-slack)) {
		m.baskets = m.baskets[1:]
	}
}

func (b basket) end() time.Time { return b.first.Add(budgetWindow) }

// wait is how long until a cost fits into what is allowed, 0 if it does now. A
// cost beyond all that is allowed fits when nothing else is used. What is
// reserved may be given back earlier than this can tell.
func (m *meter) wait(cost, allowed time.Duration, now time.Time) time.Duration {
	if m.until.After(now) {
		return m.until.Sub(now)
	}
	portal := now.Add(m.shift - slack)
	used := m.used(portal)
	if allowed <= 0 || m.unbilled && used == 0 {
		return 0
	}
	over := used + m.reserved + cost - allowed
	if over <= 0 || used+m.reserved == 0 || m.mayProbe(now) {
		return 0
	}
	end := now.Add(slack)
	for _, b := range m.baskets {
		if !portal.Before(b.end()) {
			continue
		}
		end = b.end().Add(slack - m.shift)
		if over -= b.used; over <= 0 {
			break
		}
	}
	if probe := m.reset.Add(slack); m.hidden() && probe.After(now) && probe.Before(end) {
		end = probe
	}
	return max(end.Sub(now), time.Millisecond)
}

// hidden tells whether the portal will forget something earlier than the baskets
// know of, since it was used before this program began, or by another one.
func (m *meter) hidden() bool {
	return !m.reset.IsZero() && len(m.baskets) > 0 && m.reset.Add(m.shift+2*slack).Before(m.baskets[0].end())
}

// mayProbe tells whether the portal has forgotten something hidden since the last
// answer. A single request then shows how much.
func (m *meter) mayProbe(now time.Time) bool {
	return m.hidden() && m.reserved == 0 && m.heard.Before(m.reset) && !now.Before(m.reset.Add(slack))
}

// refuse learns that the portal refused the method, and parks it until the
// portal forgets something. What it had used so shortly before is its limit,
// unless that is known to be lower. Refusals of what was under way together count
// as one.
func (m *meter) refuse(limit time.Duration, told, now time.Time) {
	m.refused++
	if m.until.After(now) {
		return
	}
	if used := m.used(now.Add(m.shift)); used > 0 && now.Sub(m.heard) < fresh && (limit == 0 || used < limit) {
		m.limit = used
	}
	m.until = m.again(told, now).Add(jitter(slack))
}

// again is when a method that was refused may have time again: when the refusal says, by
// the portal's clock, else when the last answer said that the portal forgets something, and
// then at its next full minute, since it counts by the minute.
// Source: https://apidocs.bitrix24.com/limits.html
func (m *meter) again(told, now time.Time) time.Time {
	portal := now.Add(m.shift)
	switch wait := told.Sub(portal); {
	case wait > 0:
		return now.Add(min(wait, budgetWindow))
	case m.reset.After(now):
		return m.reset
	}
	return now.Add(time.Minute - portal.Sub(portal.Truncate(time.Minute)))
}
