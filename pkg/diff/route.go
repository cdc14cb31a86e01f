package diff

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/b24apply/b24apply/pkg/diff/declared"
	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/plan"
	"github.com/b24apply/b24apply/pkg/spec"
	"github.com/b24apply/b24apply/pkg/value"
)

// readNewest asks when the newest record was created of each entity type of which records are to
// bring the times at which they were created: an import refuses older ones.
// Source: api-reference/crm/universal/import/index.md.
func (f *fetcher) readNewest(ctx context.Context) error {
	var searches []kind.Search
	asked := make(map[int]bool)
	for _, r := range f.Set.Resources {
		if !r.Route().Preserves() || !slices.Contains(r.Outline().Fields, kind.CreatedTime) {
			continue
		}
		at := kind.Store{Kind: r.Kind, EntityTypeID: f.TypeOf(r).EntityTypeID}
		if at.EntityTypeID != 0 && !asked[at.EntityTypeID] {
			asked[at.EntityTypeID] = true
			searches = append(searches, kind.Search{Store: at, Columns: []string{"id", kind.CreatedTime}, Newest: kind.CreatedTime})
		}
	}
	if len(searches) == 0 {
		return nil
	}
	answers, err := f.asker.Firsts(ctx, searches, "reading-newest")
	if err != nil {
		return err
	}
	f.state.Newest = make(map[int]kind.Row)
	for i, a := range answers {
		if len(a.Rows) > 0 {
			f.state.Newest[searches[i].Store.EntityTypeID] = a.Rows[0].Clone()
		}
	}
	return nil
}

// checkRoute refuses a create whose times the portal would refuse: only administrators bring times,
// and none that is older than what is there.
func (c *computer) checkRoute(ch *plan.Change, r *spec.Resource, t declared.Type) {
	if ch.Action != plan.Create || !ch.Route.Preserves() || !slices.ContainsFunc(ch.Fields, func(d plan.Field) bool { return r.Kind.Stamps(d.Name) }) {
		return
	}
	if c.state.Caller != 0 && !c.state.Admin {
		ch.RefuseFor("TIMES_NEED_ADMIN", value.Say("times-need-administrator"), value.Message{})
		return
	}
	newest := c.state.Newest[t.EntityTypeID]
	last, err := time.Parse(time.RFC3339, newest.Text(kind.CreatedTime))
	i := slices.IndexFunc(ch.Fields, func(d plan.Field) bool { return d.Name == kind.CreatedTime })
	if err != nil || i < 0 {
		return
	}
	created, err := time.Parse(time.RFC3339, ch.Fields[i].Want.Text)
	if err == nil && created.Before(last) {
		ch.RefuseFor("NEWER_EXISTS", value.Say("newer-record-exists", value.T("created", ch.Fields[i].Want.Text), value.K("kinds", r.Kind.Name, r.Kind.Plural),
			value.N("id", newest.Int("id")), value.T("last", newest.Text(kind.CreatedTime))), value.Message{})
	}
}

// A routing counts the creates of one kind that go by import.
type routing struct {
	facts           *kind.Kind
	imports, falls  int // those of falls may be created by an add after all
	dropped, stamps int // of dropped the times are left out, of stamps they are sent
}

// route notes how a create goes.
func (c *computer) route(ch *plan.Change, r *spec.Resource) {
	route := r.Route()
	if ch.Action != plan.Create || route == (kind.Route{}) {
		return
	}
	n := c.routes[ch.Kind]
	n.facts = ch.Facts
	timed := slices.ContainsFunc(r.Outline().Fields, r.Kind.Stamps)
	for _, count := range []struct {
		of *int
		is bool
	}{{&n.imports, route.Imports()}, {&n.falls, route.Imports() && route.Fallback == kind.FallbackAdd}, {&n.dropped, timed && route.Drops()}, {&n.stamps, timed && route.Preserves()}} {
		if count.is {
			*count.of++
		}
	}
	if c.routes == nil {
		c.routes = make(map[string]routing)
	}
	c.routes[ch.Kind] = n
}

// noteRoutes says what is created by import, and what that does and does not start.
func (c *computer) noteRoutes(p *plan.Plan) {
	list := make([]routing, 0, len(c.routes))
	for _, n := range c.routes {
		list = append(list, n)
	}
	slices.SortFunc(list, func(a, b routing) int {
		if a.facts.Rank != b.facts.Rank {
			return a.facts.Rank - b.facts.Rank
		}
		return strings.Compare(a.facts.Name, b.facts.Name)
	})
	for _, kinds := range []struct {
		sentence string
		n        func(routing) int
	}{
		{"imports-start-nothing", func(n routing) int { return n.imports }},
		{"fallback-may-start", func(n routing) int { return n.falls }},
		{"times-are-preserved", func(n routing) int { return n.stamps }},
		{"times-are-dropped", func(n routing) int { return n.dropped }},
	} {
		var counts []value.Message
		for _, n := range list {
			if kinds.n(n) > 0 {
				counts = append(counts, value.Say("counted", value.N("n", kinds.n(n)), value.K("kinds", n.facts.Name, n.facts.Plural)))
			}
		}
		if len(counts) > 0 {
			p.Notes = append(p.Notes, plan.Note{Code: "ROUTE", Message: value.Say(kinds.sentence, value.Ms("counts", counts))})
		}
	}
}
