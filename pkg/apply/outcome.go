package apply

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/b24apply/b24apply/internal/crash"
	"github.com/b24apply/b24apply/pkg/bitrix"
	"github.com/b24apply/b24apply/pkg/diff"
	"github.com/b24apply/b24apply/pkg/plan"
	"github.com/b24apply/b24apply/pkg/value"
)

func (t *task) succeeded(id int) result {
	return result{index: t.index, outcome: Outcome{Status: Succeeded, ID: idText(id), Attempts: t.attempts}}
}

// idText is an id as plans and reports have it; "" for none.
func idText(id int) string {
	if id == 0 {
		return ""
	}
	return strconv.Itoa(id)
}

// number is an id as the methods of the portal want it; 0 for none.
func number(id string) int {
	n, _ := strconv.Atoi(id)
	return n
}

// refused is the outcome of a call that the portal refused, or that was not sent.
func (t *task) refused(ctx context.Context, err error) result {
	var refusal *bitrix.Error
	answered := errors.As(err, &refusal)
	switch {
	case !answered && t.doubt != nil:
		return t.unknown(t.doubt)
	case !answered && (ctx.Err() != nil || errors.Is(err, bitrix.ErrStopped)):
		return result{index: t.index, outcome: interrupted(t.change.ID)}
	}
	res := result{index: t.index, outcome: Outcome{ID: t.change.ID, Attempts: t.attempts}}
	res.outcome.fail(Failed, err)
	switch fieldOnly := t.change.CreatesField() && bitrix.IsAuth(err); {
	case fieldOnly:
		// Other records need no right to make user fields.
		res.outcome.Hint = hintKeyField
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
	res.outcome.fail(Failed, errors.New("its requests were lost; the portal was asked, and showed that none was executed"))
	res.outcome.Code, res.outcome.Hint, res.outcome.Retryable = "NOT_EXECUTED", value.Hint("NOT_EXECUTED"), true
	return res
}

// unknown is the outcome of a call that may have been executed.
func (t *task) unknown(err error) result {
	res := result{index: t.index, outcome: Outcome{ID: t.change.ID, Attempts: t.attempts}}
	res.outcome.fail(Unknown, err)
	res.outcome.Code = "UNKNOWN_OUTCOME"
	res.outcome.Hint = "run plan: it shows what is left"
	if t.change.Action == plan.Create {
		res.outcome.Hint = "run plan: it finds the record by its mark if it was stored"
	}
	return res
}

// overtaken is the outcome of a save whose answer was lost, and of which the portal
// shows nothing but that the record was saved after the plan was made: by somebody
// else, or by it and then by automation. To send it again would undo that.
func (t *task) overtaken(seen *stored) result {
	res := result{index: t.index, outcome: Outcome{Status: Conflict, ID: t.change.ID, Attempts: t.attempts, Code: "CHANGED_SINCE_PLAN",
		Hint: value.Hint("CHANGED_SINCE_PLAN")}}
	var parts []string
	for _, m := range t.ready.Verify(seen.row) {
		if !m.Held {
			parts = append(parts, fmt.Sprintf("%s is %s, and %s was sent", m.Field, quote(m.Got), quote(m.Want)))
		}
	}
	res.outcome.Error = "its answer was lost, and the record was saved since the plan: " + strings.Join(parts, "; ")
	return res
}

// endsRun tells whether every further call would fail alike.
func endsRun(err error) bool {
	var unreachable *bitrix.Unreachable
	return refusedCaller(err) || errors.As(err, &unreachable)
}

// refusedCaller tells whether the portal, or a gate before it, does not let this
// credential in. A page without REST's code counts: a firewall answers so.
func refusedCaller(err error) bool {
	return bitrix.IsAuth(err) || isPage(err)
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
	o.Status, o.Code, o.Error, o.Hint = Partial, codeKeyNotVisible, errHiddenMark.Error(), value.Hint(codeKeyNotVisible)+"; delete this record before the next apply"
}

// fail fills in what an error says.
func (o *Outcome) fail(status Status, err error) {
	o.Status, o.Error = status, err.Error()
	var refusal *bitrix.Error
	if errors.As(err, &refusal) {
		o.Code = refusal.Code
		o.Error = refusal.Text()
		if o.Error == "" {
			o.Error = err.Error()
		}
	}
	var hinted interface{ Hint() string }
	if errors.As(err, &hinted) && o.Hint == "" {
		o.Hint = hinted.Hint()
	}
	var bug *crash.Error
	if errors.As(err, &bug) {
		o.Code = codeCrashed
	}
	var unreachable *bitrix.Unreachable
	o.Retryable = bitrix.IsRateLimit(err) || errors.As(err, &unreachable) || errors.Is(err, bitrix.ErrNotRun)
}

// claimed marks a record that was written and is not ours any more.
func (o *Outcome) claimed(why string) {
	o.Status, o.Code, o.Hint = Conflict, "CLAIMED", value.Hint("CLAIMED")
	o.Error = "since the plan its mark was changed: " + why + "; what was declared was written all the same"
}

// partial names the fields that the portal did not store as they were sent.
func (o *Outcome) partial(mismatches []diff.Mismatch) {
	o.Status, o.Code = Partial, "NOT_STORED"
	parts := make([]string, len(mismatches))
	for i, m := range mismatches {
		parts[i] = fmt.Sprintf("%s: sent %s, the portal has %s", m.Field, quote(m.Want), quote(m.Got))
		if o.Hint == "" {
			o.Hint = m.Hint
		}
		if m.Held {
			parts[i] = fmt.Sprintf("%s: it was %s and is now %s", m.Field, quote(m.Want), quote(m.Got))
		}
		if m.Mark {
			o.Code = codeKeyNotStored
			o.Hint = value.Hint(o.Code)
		}
	}
	o.Field = mismatches[0].Field
	o.Error = "the portal answered success but does not hold " + strings.Join(parts, "; ")
	if o.Hint == "" {
		o.Hint = value.Hint("NOT_STORED")
	}
}

func quote(v any) string {
	switch v := v.(type) {
	case nil:
		return "nothing"
	case string:
		const most = 200 // characters
		if r := []rune(v); len(r) > most {
			return fmt.Sprintf("%s… (%d characters)", strconv.Quote(string(r[:most])), len(r))
		}
		return strconv.Quote(v)
	}
	return fmt.Sprint(v)
}
