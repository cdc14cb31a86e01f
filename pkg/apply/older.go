package apply

import (
	"context"
	"slices"
	"strconv"

	"github.com/b24apply/b24apply/pkg/plan"
	"github.com/b24apply/b24apply/pkg/value"
	"github.com/b24apply/b24apply/pkg/wire"
)

// renew reads again what the tasks of a job are about, if the plan is an older one, and gives
// those that may go on. What has changed since is left alone, and so is what exists already.
func (j *job) renew(ctx context.Context, tasks []*task) (open []*task, ends []result) {
	if !j.cfg.Older {
		return tasks, nil
	}
	var creates, saves []*task
	for _, t := range tasks {
		switch {
		case wire.Marked(t.ready):
			creates = append(creates, t)
		case t.saves != nil && t.change.IsRecord() && (t.change.Action == plan.Update || t.change.Action == plan.Adopt):
			saves = append(saves, t)
		}
	}
	ends = append(j.absent(ctx, creates), j.unmoved(ctx, saves)...)
	return slices.DeleteFunc(slices.Clone(tasks), func(t *task) bool {
		return slices.ContainsFunc(ends, func(r result) bool { return r.index == t.index })
	}), ends
}

// absent gives the end of creates of what is there, by its mark, or of which that is not known.
func (j *job) absent(ctx context.Context, creates []*task) (ends []result) {
	if len(creates) == 0 {
		return nil
	}
	calls := make([]wire.Call, len(creates))
	for i, t := range creates {
		calls[i] = t.ready
	}
	l := findMarks(ctx, j.cfg, calls)
	for i, t := range creates {
		switch ids := l.of(i); {
		case ids == nil && l.err != nil:
			ends = append(ends, t.refused(ctx, l.err))
		case len(ids) > 0:
			slices.Sort(ids)
			ends = append(ends, result{index: t.index, outcome: Outcome{Status: Conflict, ID: strconv.Itoa(ids[0]), Code: codeExists, Hint: value.Do(codeExists),
				Error: value.Say("exists-since-the-plan", value.N("id", ids[0]))}})
		}
	}
	return ends
}

// unmoved gives the end of saves of records that have changed, or that cannot be read.
func (j *job) unmoved(ctx context.Context, saves []*task) (ends []result) {
	if len(saves) == 0 {
		return nil
	}
	for i, a := range j.read(ctx, saves) {
		t := saves[i]
		if a.err != nil {
			ends = append(ends, t.refused(ctx, a.err))
			continue
		}
		if drifts := t.saves.Since(a.row); len(drifts) > 0 {
			ends = append(ends, t.drifted(drifts))
		}
	}
	return ends
}

// drifted is the outcome of a save of a record that has changed since the plan: what it was,
// what it is, and what it would be.
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
