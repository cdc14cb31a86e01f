package apply

import (
	"context"
	"errors"

	"github.com/b24apply/b24apply/pkg/bitrix"
	"github.com/b24apply/b24apply/pkg/plan"
	"github.com/b24apply/b24apply/pkg/value"
	"github.com/b24apply/b24apply/pkg/wire"
)

// errSingle is why a double was not deleted: the record that was to stay is not there.
var errSingle = said(value.Say("double-is-single"))

// sendDeletions sends deletions that share a request. A double goes in a batch that halts if
// the record that is to stay cannot be read.
func (j *job) sendDeletions(ctx context.Context, part []*victim) []answer {
	commands := deleteCommands(part)
	c := part[0].change
	if c.Double == nil {
		return j.attempt(ctx, aboutVictims(part), commands, !c.IsRecord())
	}
	about := aboutVictims(part)
	about.timed = true
	return j.written(ctx, about, commands, func(ctx context.Context) []answer {
		out := request(ctx, []bitrix.Command{wire.StaysCommand(c), commands[0]}, false, j.cfg.Client.TryCall, j.cfg.Client.TryHalting)
		switch stays := out[0].err; {
		case !errors.Is(out[1].err, bitrix.ErrNotRun):
		case bitrix.IsNotFound(stays):
			out[1].err = errSingle
		case stays != nil:
			out[1].err = stays
		}
		return out[1:]
	})
}

// isDouble ends the deletion of a double that may not be made, or that has left nothing.
func (v *victim) isDouble(p wire.Presence) bool {
	o := Outcome{Status: Conflict, Code: plan.CodeDoubleMark, Hint: value.Say("repair-again")}
	switch p {
	case wire.Pointed:
		o.Error = value.Say("double-is-pointed-at", value.T("stays", v.change.Double.Stays))
	case wire.Single:
		o.Error = value.Say("double-is-single")
	case wire.Lost:
		o.Status, o.Error, o.Hint, o.Retryable = Failed, value.Say("double-left-none", value.T("stays", v.change.Double.Stays)), value.Say("apply-creates-it-again"), true
	default:
		return false
	}
	v.end(o)
	return true
}
