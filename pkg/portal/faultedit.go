package portal

import (
	"context"
	"database/sql"
	"slices"
	"time"
)

// An editor says whose change of an item a fault makes, and which methods set
// it off.
type editor struct {
	methods []string // in lower case
	user    func(caller int) int
}

// editors lists them by the moment of their change. A robot runs for what was
// saved by hand or by REST, but not for imports; nobody else can have changed an
// item that is not there yet.
// Source: https://apidocs.bitrix24.com/api-reference/crm/universal/import/index.html.
func editors() map[faultMoment]editor {
	return map[faultMoment]editor{
		beforeRun: {[]string{"crm.item.update", "crm.item.delete"}, colleague},
		afterRun:  {[]string{"crm.item.add", "crm.item.update"}, func(caller int) int { return caller }},
	}
}

// colleague is a user of every portal other than the caller.
func colleague(caller int) int {
	if caller == 2 {
		return 1
	}
	return 2
}

// meddle makes the changes that rules want at a moment of a command. The reply
// is that of the command, empty before it ran.
func (p *Portal) meddle(ctx context.Context, at faultMoment, c *call, r reply) error {
	by := editors()[at]
	if !slices.Contains(by.methods, c.method) {
		return nil
	}
	etid, id, ok := writtenItem(c, r)
	if !ok {
		return nil
	}
	for _, rule := range p.faults.due(at, c.method) {
		edit := func(now time.Time) error { return p.edit(ctx, rule, now, by.user(c.user), etid, id) }
		if wait, _ := time.ParseDuration(rule.For); wait > 0 { // checked
			p.later(wait, func() { _ = edit(p.now()) }) // a robot answers to nobody
			continue
		}
		if err := edit(c.now); err != nil && !isFault(err) {
			return err
		}
	}
	return nil
}

// writtenItem returns the item that a command names, or that it added.
func writtenItem(c *call, r reply) (etid, id int64, ok bool) {
	from := c.params
	if answer, added := r.value.(*Map); added {
		item, _ := answer.Get("item")
		from, _ = item.(*Map)
	}
	entityType, _ := c.params.Get("entityTypeId")
	etid, typed := asInt(entityType)
	switch v, _ := from.Get("id"); v := v.(type) {
	case int64:
		id, ok = v, true
	default:
		id, ok = asInt(v)
	}
	return etid, id, ok && typed
}

// edit changes one field of an item in the name of a user. What the portal
// refuses or drops from any caller, it refuses and drops here, but for rights.
func (p *Portal) edit(ctx context.Context, rule FaultRule, now time.Time, user int, etid, id int64) error {
	p.running.Lock()
	defer p.running.Unlock()
	return p.tx(ctx, func(tx *sql.Tx) error {
		s := newStore(tx, user, now.In(p.zone))
		e, err := s.entity(ctx, etid)
		if err != nil {
			return err
		}
		fields := new(Map)
		fields.Set(rule.Field, rule.valueFor(e))
		_, err = s.update(ctx, e, id, fields)
		return err
	})
}

// valueFor is what an edit stores; a multiple field gets it as its only value.
func (r FaultRule) valueFor(e *entity) any {
	if f := e.find(r.Field); f == nil || !f.multiple {
		return r.To
	}
	if r.To == "" {
		return []any{}
	}
	return []any{r.To}
}
