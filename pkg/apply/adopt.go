package apply

import (
	"context"
	"slices"

	"github.com/b24apply/b24apply/pkg/bitrix"
	"github.com/b24apply/b24apply/pkg/live"
	"github.com/b24apply/b24apply/pkg/value"
	"github.com/b24apply/b24apply/pkg/wire"
)

// claim looks once more whose the records are that the job is to adopt, and gives
// the tasks that may go on. A record that somebody else has claimed since the plan
// is left alone.
func (j *job) claim(ctx context.Context, tasks []*task) (open []*task, ends []result) {
	var adopted []*task
	var lists []bitrix.List
	for _, t := range tasks {
		if t.saves != nil && t.change.TakesOver() {
			adopted, lists = append(adopted, t), append(lists, t.saves.Holder())
		}
	}
	if len(adopted) == 0 {
		return tasks, nil
	}
	answers, err := j.cfg.Client.Lists(ctx, lists)
	for i, t := range adopted {
		if err != nil {
			ends = append(ends, t.refused(ctx, err))
			continue
		}
		switch why, err := t.saves.Claimed(answers[i]); {
		case err != nil:
			ends = append(ends, t.refused(ctx, err))
		case !why.IsZero():
			ends = append(ends, result{index: t.index, outcome: Outcome{Status: Conflict, ID: t.change.ID,
				Error: why, Code: "CLAIMED", Hint: value.Do("CLAIMED")}})
		}
	}
	return slices.DeleteFunc(slices.Clone(tasks), func(t *task) bool {
		return slices.ContainsFunc(ends, func(r result) bool { return r.index == t.index })
	}), ends
}

// createdField reads under which name records know a user field that was created, once
// the portal shows it.
func (j *job) createdField(ctx context.Context, t *task) *wire.CreatedField {
	portal := live.New(j.cfg.Client)
	field := &wire.CreatedField{}
	j.untilShown(ctx, []*task{t}, func(open []*task) []*task {
		fields, err := portal.Fields(ctx, t.saves.FieldEntity())
		if err != nil {
			field.Err = err
			return nil
		}
		if field.Wire, field.Err = t.saves.FieldName(fields); field.Err != nil {
			return open
		}
		return nil
	})
	return field
}
