package apply

import (
	"context"
	"errors"

	"github.com/b24apply/b24apply/pkg/bitrix"
	"github.com/b24apply/b24apply/pkg/diff"
)

// judge sorts an answer as answer.judge does, but a deletion that is refused because
// the thing is gone already has done what it should: its first answer may have been
// lost, or somebody else was faster.
func (j *job) judge(ctx context.Context, a *answer) (*stored, *result) {
	s, res := a.judge(ctx)
	if res == nil || res.fatal != nil || !diff.Removes(a.task.ready) {
		return s, res
	}
	var refusal *bitrix.Error
	if !errors.As(a.err, &refusal) {
		return s, res
	}
	look := j.ask(ctx, []bitrix.Command{a.task.ready.Get(0)}, false)[0]
	if look.err != nil || !diff.IsGone(a.task.ready, look.result) {
		return s, res
	}
	if s, err := a.task.object(look.result); err == nil {
		return s, nil
	}
	return nil, res
}
