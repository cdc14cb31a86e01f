package apply

import (
	"context"
	"errors"
	"net/http"

	"github.com/b24apply/b24apply/internal/crash"
	"github.com/b24apply/b24apply/pkg/bitrix"
	"github.com/b24apply/b24apply/pkg/plan"
	"github.com/b24apply/b24apply/pkg/value"
	"github.com/b24apply/b24apply/pkg/wire"
)

func (t *task) succeeded(id int) result {
	res := result{index: t.index, outcome: Outcome{Status: Succeeded, ID: value.ID(id), Attempts: t.attempts}, existing: t.became}
	for _, name := range t.theirs {
		res.outcome.Kept = append(res.outcome.Kept, value.Say("of-field", value.T("field", name), value.M("said", value.Say("changed-by-people"))))
	}
	return res
}

// refused is the outcome of a call that the portal refused, or that was not sent.
func (t *task) refused(ctx context.Context, err error) result {
	var refusal *bitrix.Error
	answered := errors.As(err, &refusal)
	switch {
	case !answered && t.doubt != nil:
		res := t.unknown(t.doubt)
		if isAway(err) {
			res.fatal = err
		}
		return res
	case isAway(err):
		return result{index: t.index, outcome: Outcome{Status: NotAttempted, Code: codeAway}, fatal: err}
	case !answered && (ctx.Err() != nil || errors.Is(err, bitrix.ErrStopped)):
		return result{index: t.index, outcome: interrupted(t.change.ID)}
	case isUnwritten(err):
		return result{index: t.index, outcome: unwritten(t.change.ID, err), fatal: err}
	}
	res := result{index: t.index, outcome: Outcome{ID: t.change.ID, Attempts: t.attempts}}
	res.outcome.fail(Failed, err)
	switch fieldOnly := t.change.CreatesField() && bitrix.IsAuth(err); {
	case fieldOnly:
		// Other records need no right to make user fields.
		res.outcome.Hint = value.Say("allow-user-fields")
	case endsRun(err):
		res.fatal = err
	}
	return res
}

// givenUp is the outcome of a change whose answers were all lost. It is open without
// doubt only after a look which showed that it did not happen.
func (t *task) givenUp() result {
	if t.doubt != nil {
		return t.unknown(t.doubt)
	}
	res := result{index: t.index, outcome: Outcome{ID: t.change.ID, Attempts: t.attempts}}
	res.outcome.fail(Failed, said(value.Say("requests-lost")))
	res.outcome.Code, res.outcome.Hint, res.outcome.Retryable = "NOT_EXECUTED", value.Do("NOT_EXECUTED"), value.IsRetryable("NOT_EXECUTED")
	return res
}

// unknown is the outcome of a call that may have been executed.
func (t *task) unknown(err error) result {
	res := result{index: t.index, outcome: Outcome{ID: t.change.ID, Attempts: t.attempts}}
	res.outcome.fail(Unknown, err)
	res.outcome.Code = "UNKNOWN_OUTCOME"
	res.outcome.Hint = value.Say("plan-shows-what-is-left")
	if t.change.Action == plan.Create {
		res.outcome.Hint = value.Say("plan-finds-by-mark")
	}
	return res
}

// overtaken is the outcome of a save whose answer was lost, and of which the portal
// shows nothing but that the record was saved after the plan was made: by somebody
// else, or by it and then by automation. To send it again would undo that.
func (t *task) overtaken(seen *stored) result {
	res := result{index: t.index, outcome: Outcome{Status: Conflict, ID: t.change.ID, Attempts: t.attempts, Code: codeChanged,
		Hint: value.Do(codeChanged)}}
	var parts []value.Message
	for _, m := range t.ready.Verify(seen.row) {
		if !m.Held {
			parts = append(parts, value.Say("is-and-was-sent", value.T("field", m.Field), quoted("got", m.Got), quoted("want", m.Want)))
		}
	}
	res.outcome.Error = value.Say("saved-since-the-plan", value.Ms("parts", parts))
	return res
}

// unwritten is the outcome of what was not sent, since the journal could not be written.
func unwritten(id string, err error) Outcome {
	return Outcome{Status: NotAttempted, ID: id, Error: value.SaidBy(err), Code: codeUnwritten, Hint: value.Do(codeUnwritten)}
}

// endsRun tells whether every further call would fail alike.
func endsRun(err error) bool {
	var unreachable *bitrix.Unreachable
	return refusedCaller(err) || isAway(err) || errors.As(err, &unreachable)
}

// refusedCaller tells whether the portal, or a gate before it, does not let this
// credential in. A page without REST's code counts: a firewall answers so.
func refusedCaller(err error) bool {
	return bitrix.IsAuth(err) && !bitrix.IsOfMethod(err) || isPage(err)
}

// isPage tells whether a call was refused by a page without REST's code.
func isPage(err error) bool {
	var refusal *bitrix.Error
	return errors.As(err, &refusal) && refusal.Code == "" &&
		(refusal.Status == http.StatusUnauthorized || refusal.Status == http.StatusForbidden || refusal.Status == http.StatusNotFound)
}

// hidden marks a record that was created and cannot be found by its mark.
func (o *Outcome) hidden() {
	if o.Code == codeKeyNotStored {
		return // that says why
	}
	o.Status, o.Code, o.Error, o.Hint = Partial, codeKeyNotVisible, value.SaidBy(errHiddenMark), value.Say("and-delete-this-record", value.M("hint", value.Do(codeKeyNotVisible)))
}

// fail fills in what an error says.
func (o *Outcome) fail(status Status, err error) {
	o.Status, o.Error = status, value.SaidBy(err)
	var refusal *bitrix.Error
	if errors.As(err, &refusal) {
		o.Code = refusal.Code
		if refusal.Cause == nil {
			o.Error = value.Verbatim(refusal.Text()).Or(value.SaidBy(err))
		} else {
			o.Error = value.SaidBy(refusal.Cause)
		}
	}
	o.Hint = o.Hint.Or(value.RemedyOf(err))
	var bug *crash.Error
	if errors.As(err, &bug) {
		o.Code = codeCrashed
	}
	o.Retryable = bitrix.IsPassing(err)
}

// claimed marks a record that was written and is not ours any more.
func (o *Outcome) claimed(why value.Message) {
	o.Status, o.Code, o.Hint = Conflict, "CLAIMED", value.Do("CLAIMED")
	o.Error = value.Say("mark-changed-since-plan", value.M("why", why))
}

// partial names the fields that the portal did not store as they were sent.
func (o *Outcome) partial(mismatches []wire.Mismatch) {
	o.Status, o.Code = Partial, "NOT_STORED"
	parts := make([]value.Message, len(mismatches))
	for i, m := range mismatches {
		parts[i] = value.Say("sent-and-has", value.T("field", m.Field), quoted("want", m.Want), quoted("got", m.Got))
		o.Hint = o.Hint.Or(m.Hint)
		if m.Held {
			parts[i] = value.Say("was-and-is-now", value.T("field", m.Field), quoted("want", m.Want), quoted("got", m.Got))
		}
		if m.Mark {
			o.Code = codeKeyNotStored
			o.Hint = value.Do(o.Code)
		}
	}
	o.Field = mismatches[0].Field
	o.Error = value.Say("does-not-hold", value.Ms("parts", parts))
	o.Hint = o.Hint.Or(value.Do("NOT_STORED"))
}
