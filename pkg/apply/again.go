package apply

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"time"

	"github.com/b24apply/b24apply/pkg/apply/journal"
	"github.com/b24apply/b24apply/pkg/bitrix"
	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/live"
	"github.com/b24apply/b24apply/pkg/value"
	"github.com/b24apply/b24apply/pkg/wire"
)

// A rereading finds out what has become, since the plan, of what tasks are about.
type rereading struct {
	*job
	ends map[*task]result
}

// renew reads again what tasks are about, and gives those that may go on, with what is there by
// now. What has changed since the plan is left alone; what is as it is to be needs nothing.
func (j *job) renew(ctx context.Context, tasks []*task) (fresh []*task, ends []result) {
	begun := time.Now()
	r := &rereading{job: j, ends: make(map[*task]result)}
	var creates, marked, saves, parts []*task
	for _, t := range tasks {
		_, _, isPart := wire.PartOf(t.ready)
		switch {
		case t.saves != nil && t.ready.Once():
			creates = append(creates, t)
			marked = append(marked, t)
		case wire.Marked(t.ready):
			marked = append(marked, t)
		case wire.SavesRecord(t.ready):
			saves = append(saves, t)
		case isPart:
			parts = append(parts, t)
		}
	}
	r.marks(ctx, marked)
	r.keys(ctx, r.open(creates))
	r.referrals(ctx, r.open(creates))
	r.records(ctx, saves)
	r.parts(ctx, parts)
	for _, t := range tasks {
		if end, ended := r.ends[t]; ended {
			ends = append(ends, end)
			continue
		}
		t.read = begun
		fresh = append(fresh, t)
	}
	return fresh, ends
}

// open gives the tasks that have not ended.
func (r *rereading) open(tasks []*task) []*task {
	return slices.DeleteFunc(slices.Clone(tasks), func(t *task) bool { _, ended := r.ends[t]; return ended })
}

func (r *rereading) fail(ctx context.Context, tasks []*task, err error) {
	for _, t := range tasks {
		r.ends[t] = t.refused(ctx, err)
	}
}

func callsIn(tasks []*task) []wire.Call {
	calls := make([]wire.Call, len(tasks))
	for i, t := range tasks {
		calls[i] = t.ready
	}
	return calls
}

// marks asks whether creates have been made by somebody else, and compares what is there.
func (r *rereading) marks(ctx context.Context, creates []*task) {
	if len(creates) == 0 {
		return
	}
	l := findMarks(ctx, r.cfg, callsIn(creates))
	var there []*task
	var gets []bitrix.Command
	for i, t := range creates {
		switch ids := l.of(i); {
		case ids == nil && l.err != nil:
			r.ends[t] = t.refused(ctx, l.err)
		case len(ids) == 1:
			there, gets = append(there, t), append(gets, t.ready.Get(ids[0]))
		case len(ids) > 1:
			why, hint := wire.DoubleOf(t.ready, ids)
			r.ends[t] = result{index: t.index, outcome: Outcome{Status: Conflict, ID: value.ID(ids[0]), Code: "DOUBLE_MARK", Error: why, Hint: hint}}
		}
	}
	for at := 0; at < len(gets); at += bitrix.MaxBatch {
		part := gets[at:min(at+bitrix.MaxBatch, len(gets))]
		for i, a := range r.ask(ctx, part, false) {
			t := there[at+i]
			var s *stored
			if a.err == nil {
				s, a.err = t.object(a.result)
			}
			if a.err != nil {
				r.ends[t] = t.refused(ctx, a.err)
				continue
			}
			r.exists(ctx, t, s)
		}
	}
}

// exists decides about a create of what carries its mark by now.
func (r *rereading) exists(ctx context.Context, t *task, s *stored) {
	if len(t.ready.Verify(s.row)) == 0 {
		r.unchanged(ctx, t, s)
		return
	}
	if r.cfg.OnConflict == Replan {
		if theirs, ok := wire.ReplanOn(t.ready, s.id, s.row); ok {
			t.became = true
			if t.saves != nil {
				t.change = t.saves.Change
			}
			r.replanned(ctx, t, s, theirs)
			return
		}
	}
	r.ends[t] = result{index: t.index, outcome: Outcome{Status: Conflict, ID: value.ID(s.id), Code: codeExists, Hint: value.Do(codeExists),
		Error: value.Say("exists-since-the-plan", value.N("id", s.id))}}
}

const codeExists = "EXISTS_NOW"

// unchanged ends a task of which everything is as it is to be.
func (r *rereading) unchanged(ctx context.Context, t *task, s *stored) {
	c := &check{stored: *s}
	c.see(s.row)
	res := r.conclude(ctx, c)
	switch {
	case res.outcome.Status != Succeeded:
	case r.cfg.Resume != nil:
		r.recalled(t, s.id)
	default:
		res.outcome.Status = Unchanged
		if len(t.theirs) > 0 {
			res.outcome.Status = Kept
		}
	}
	res.existing = t.saves != nil && t.ready.Once()
	r.ends[t] = res
}

// recalled notes that what a run has made before it died is as it is to be: it stays done.
func (r *rereading) recalled(t *task, id int) {
	if !t.ready.Once() {
		return
	}
	e := entry(t.node, journal.Claimed)
	e.ID = value.ID(id)
	r.cfg.log.note(journal.Settled, e)
}

// keys asks for what creates were looked for by their match keys.
func (r *rereading) keys(ctx context.Context, creates []*task) {
	look := wire.NewKeyLook(callsIn(creates))
	if len(look.Lists) == 0 && len(look.Contacts) == 0 {
		return
	}
	var named []bitrix.Listing
	if len(look.Contacts) > 0 {
		answers, err := live.New(r.cfg.Client).Contacts(ctx, look.Contacts)
		if err != nil {
			r.fail(ctx, creates, err)
			return
		}
		named = r.cfg.Client.ListEach(ctx, look.Named(answers))
	}
	found, err := look.Read(r.cfg.Client.ListEach(ctx, look.Lists), named)
	if err != nil {
		r.fail(ctx, creates, err)
		return
	}
	for i, t := range creates {
		if id := found[i]; id != 0 {
			r.ends[t] = result{index: t.index, outcome: Outcome{Status: Conflict, ID: strconv.Itoa(id), Code: codeExists, Hint: value.Do(codeExists),
				Error: value.Say("matches-since-the-plan", value.N("id", id))}}
		}
	}
}

// referrals asks whether what creates link to is still there.
func (r *rereading) referrals(ctx context.Context, creates []*task) {
	look := wire.NewReferralLook(callsIn(creates))
	if len(look.Lists) == 0 {
		return
	}
	for _, ref := range look.Gone(r.cfg.Client.ListEach(ctx, look.Lists)) {
		t := creates[ref.Call]
		o := Outcome{Code: codeReference, Hint: value.Do(codeReference)}
		o.Status, o.Field = Failed, ref.Field
		o.Error = value.Say("referred-is-gone", value.T("field", ref.Field), value.T("name", ref.Name), value.N("id", ref.ID))
		r.ends[t] = result{index: t.index, outcome: o}
	}
}

const codeReference = "REFERENCE"

// records compares the records that are to be saved.
func (r *rereading) records(ctx context.Context, saves []*task) {
	if len(saves) == 0 {
		return
	}
	again := wire.NewAgain(callsIn(saves))
	rows := again.Read(r.cfg.Client.ListEach(ctx, again.Lists))
	var hidden []*task
	for i, t := range saves {
		if rows[i] == nil {
			hidden = append(hidden, t)
			continue
		}
		r.compare(ctx, t, rows[i])
	}
	for part := range slices.Chunk(hidden, bitrix.MaxBatch) {
		for i, a := range r.read(ctx, part) {
			if a.err != nil {
				r.ends[part[i]] = part[i].refused(ctx, a.err)
				continue
			}
			r.compare(ctx, part[i], a.row)
		}
	}
}

// parts compares the rows of records that are to be saved: product rows, requisites, bank
// details, addresses and prices.
func (r *rereading) parts(ctx context.Context, parts []*task) {
	type wanted struct {
		search kind.PartSearch
		tasks  []*task
		owners []int // of each task
	}
	var all []*wanted
	for _, t := range parts {
		s, owner, _ := wire.PartOf(t.ready)
		i := slices.IndexFunc(all, func(w *wanted) bool {
			return w.search.Part == s.Part && w.search.Kind == s.Kind && w.search.EntityTypeID == s.EntityTypeID && w.search.PriceType == s.PriceType
		})
		if i < 0 {
			i = len(all)
			all = append(all, &wanted{search: s})
		}
		w := all[i]
		w.search.Columns = append(w.search.Columns, s.Columns...)
		w.tasks, w.owners = append(w.tasks, t), append(w.owners, owner)
	}
	for _, w := range all {
		s := w.search
		s.Owners = slices.Compact(slices.Sorted(slices.Values(w.owners)))
		slices.Sort(s.Columns)
		s.Columns = slices.Compact(s.Columns)
		found, err := live.New(r.cfg.Client).Parts(ctx, []kind.PartSearch{s})
		var some *kind.PartRefusals
		if err != nil && !errors.As(err, &some) {
			r.fail(ctx, w.tasks, err)
			continue
		}
		for i, t := range w.tasks {
			if some != nil && some.ByOwner[0][w.owners[i]] != nil {
				r.ends[t] = t.refused(ctx, some.ByOwner[0][w.owners[i]])
				continue
			}
			r.compare(ctx, t, wire.RowOf(t.ready, found[0][w.owners[i]]))
		}
	}
}

// compare decides about a save of what is there.
func (r *rereading) compare(ctx context.Context, t *task, row kind.Row) {
	s := &stored{task: t, row: row}
	s.id, s.entityTypeID = wire.Found(t.ready)
	drifts := wire.Since(t.ready, row)
	if len(drifts) > 0 && r.cfg.OnConflict == Replan {
		if theirs, ok := wire.Replan(t.ready, row); ok {
			r.replanned(ctx, t, s, theirs)
			return
		}
	}
	switch {
	case len(drifts) > 0:
		r.ends[t] = t.drifted(drifts)
	case len(t.ready.Verify(row)) == 0 && !wire.Awaits(t.ready, row):
		r.unchanged(ctx, t, s)
	}
}

// replanned lets a task go on that was compared anew. What people have made of their fields
// is left to them.
func (r *rereading) replanned(ctx context.Context, t *task, s *stored, theirs []string) {
	t.theirs, t.refit = theirs, true
	if !wire.Sends(t.ready) {
		r.unchanged(ctx, t, s)
		return
	}
	t.command = t.ready.Request()
	classes, alone := doubts(t)
	t.alone = alone || len(classes) > 0 // as JSON nothing is rewritten
	t.classes = nil
}

// drifted is the outcome of a save of what has changed since the plan: what it was, what it is,
// and what it would be.
func (t *task) drifted(drifts []wire.Drift) result {
	return result{index: t.index, outcome: drifted(t.change.ID, drifts)}
}

// drifted is the outcome of what was to be done to a record that has changed since the plan.
func drifted(id string, drifts []wire.Drift) Outcome {
	parts := make([]value.Message, len(drifts))
	for i, d := range drifts {
		parts[i] = value.Say("was-is-and-stays", value.T("field", d.Field), quoted("planned", d.Planned), quoted("now", d.Now))
		if d.Want != nil {
			parts[i] = value.Say("was-is-and-would-be", value.T("field", d.Field), quoted("planned", d.Planned), quoted("now", d.Now), quoted("want", d.Want))
		}
	}
	return Outcome{Status: Conflict, ID: id, Code: codeChanged, Hint: value.Do(codeChanged),
		Error: value.Say("changed-since-the-plan", value.Ms("parts", parts))}
}
