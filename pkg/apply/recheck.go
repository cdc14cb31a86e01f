package apply

import (
	"context"
	"slices"

	"github.com/b24apply/b24apply/pkg/bitrix"
	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/wire"
)

// holds tells whether the portal still holds what was to be emptied.
func (c *check) holds() bool {
	return slices.ContainsFunc(c.mismatches, func(m wire.Mismatch) bool { return m.Empty })
}

// recheck reads again what saves have emptied, 2,450 records to a request: their
// answers show what the request said, whether the portal did it or not. What is still
// there is emptied in other ways, and read once more.
func (j *job) recheck(ctx context.Context) finished {
	var f finished
	open := j.unread
	j.readEmptied(ctx, open)
	for way := 0; ; way++ {
		var again []*check
		var commands []bitrix.Command
		for _, c := range open {
			if ways := wire.OtherWays(c.task.ready, c.mismatches); c.fresh && c.holds() && way < len(ways) {
				again, commands = append(again, c), append(commands, ways[way])
			}
		}
		if len(again) == 0 || j.cfg.stopped() || ctx.Err() != nil {
			break
		}
		j.resave(ctx, again, commands, make([]bool, len(again)))
		j.readEmptied(ctx, again)
		open = again
	}
	for _, c := range j.unread {
		f.results = append(f.results, j.conclude(ctx, c))
	}
	return f
}

// readEmptied reads the emptied fields of records by lists; a record that these do not
// show is read by itself, with others.
func (j *job) readEmptied(ctx context.Context, checks []*check) {
	calls := make([]wire.Call, len(checks))
	for i, c := range checks {
		calls[i], c.fresh = c.task.ready, false
	}
	k := wire.NewRecheck(calls)
	var rows []kind.Row
	answers, err := j.cfg.Client.Lists(ctx, k.Lists)
	if err == nil {
		rows, err = k.Read(answers)
	}
	var missing []*check
	for i, c := range checks {
		if err == nil && rows[i] != nil {
			c.see(wire.Refreshed(c.row, rows[i]))
		} else {
			missing = append(missing, c)
		}
	}
	for part := range slices.Chunk(missing, bitrix.MaxBatch) {
		j.reread(ctx, part)
		if err != nil && !slices.ContainsFunc(part, func(c *check) bool { return c.fresh }) {
			return // the portal is away
		}
	}
}

// recheckJob takes the records whose emptied fields are to be read again.
func (r *runner) recheckJob() *job {
	n := min(len(r.unread), waveSize)
	j := r.job()
	j.unread, r.unread = r.unread[:n:n], r.unread[n:]
	for _, c := range j.unread {
		j.tasks = append(j.tasks, c.task)
	}
	return j
}

// recheckRest does so for those that were left when the run ended.
func (r *runner) recheckRest(ctx context.Context) {
	for len(r.unread) > 0 {
		r.runAlone(ctx, r.recheckJob())
	}
}

// runAlone does a job when the run has ended, and nothing else is under way.
func (r *runner) runAlone(ctx context.Context, j *job) {
	r.last = j.runSafely(ctx)
	for _, res := range r.last.results {
		r.take(res)
	}
}
