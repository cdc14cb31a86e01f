package apply

import (
	"context"
	"errors"

	"github.com/b24apply/b24apply/pkg/bitrix"
	"github.com/b24apply/b24apply/pkg/wire"
)

// judge sorts an answer as answer.judge does, but a refusal is no failure where what was
// wanted is so already: its first answer may have been lost, or somebody else was faster.
func (j *job) judge(ctx context.Context, a *answer) (*stored, *result) {
	s, res := a.judge(ctx)
	var refusal *bitrix.Error
	if res == nil || res.fatal != nil || !errors.As(a.err, &refusal) {
		return s, res
	}
	switch {
	case wire.Removes(a.task.ready):
		if s := j.gone(ctx, a.task); s != nil {
			return s, nil
		}
	case a.task.change.CreatesField() && a.task.saves != nil && !bitrix.IsAuth(a.err):
		if s := j.namesake(ctx, a.task); s != nil {
			return s, nil
		}
	}
	return nil, res
}

// namesake finds the user field that a task was refused to create, because another run
// has just created it: its name protects it, the portal takes none twice. It is nil if
// there is none, so that the refusal has another cause.
func (j *job) namesake(ctx context.Context, t *task) (s *stored) {
	j.untilShown(ctx, []*task{t}, func(open []*task) []*task {
		found, ends, missing, err := j.find(ctx, open)
		if len(found) == 1 {
			s = &found[0]
		}
		if err != nil || len(ends) > 0 {
			return nil
		}
		return missing
	})
	return s
}

// gone looks whether what a task deletes is not there any more; nil if it is, or if that
// cannot be seen.
func (j *job) gone(ctx context.Context, t *task) *stored {
	look := j.ask(ctx, []bitrix.Command{t.ready.Get(0)}, false)[0]
	if look.err != nil || !wire.IsGone(t.ready, look.result) {
		return nil
	}
	s, err := t.object(look.result)
	if err != nil {
		return nil
	}
	return s
}
