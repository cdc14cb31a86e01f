package live

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"

	"github.com/b24apply/b24apply/internal/crash"
	"github.com/b24apply/b24apply/pkg/bitrix"
	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/value"
)

// readers is how many reading requests are in flight at once.
const readers = 4

// A Reader reads one portal. It is safe for concurrent use.
type Reader struct {
	client *bitrix.Client
	rows   ownersProbe
}

// New gives a reader that asks through a client.
func New(client *bitrix.Client) *Reader { return &Reader{client: client} }

// Portal is the portal's host.
func (r *Reader) Portal() string { return r.client.Portal() }

// refusalOf gives the portal's refusal behind an error, as far as it is one.
func refusalOf(err error) (*kind.Refusal, bool) {
	var known *kind.Refusal
	if errors.As(err, &known) {
		return known, true
	}
	var refused *bitrix.Error
	if !errors.As(err, &refused) || isOutage(refused) {
		return nil, false
	}
	out := &kind.Refusal{Scope: kind.ScopeKind, Code: refused.Code, Text: refused.Text(), Hint: value.RemedyOf(refused), Missing: bitrix.IsNotFound(err), Err: err}
	if bitrix.IsAuth(err) && !bitrix.IsOfMethod(err) {
		out.Scope = kind.ScopeCredential
	}
	return out, true
}

// isOutage tells whether the portal did not decide: it has broken down, wants to be called
// less often, or could not read a whole request.
func isOutage(e *bitrix.Error) bool {
	return e.Code == "" && e.Status >= http.StatusInternalServerError || bitrix.IsRateLimit(e) || e.Method == "batch" && !bitrix.IsAuth(e)
}

// isOfCredential tells whether every further question would be refused too.
func isOfCredential(err error) bool {
	refused, ok := refusalOf(err)
	return bitrix.IsAuth(err) && (!ok || refused.Scope == kind.ScopeCredential)
}

// withScope makes the portal's refusals known as such.
func withScope(err error) error {
	if refused, ok := refusalOf(err); ok && refused.Err == err {
		return refused
	}
	return err
}

// asKind gives the refusal of one question, unless the credential is refused or the portal
// did not answer: that is an error of all of them.
func asKind(err error) (*kind.Refusal, error) {
	refused, ok := refusalOf(err)
	if !ok || refused.Scope == kind.ScopeCredential {
		return nil, withScope(err)
	}
	return refused, nil
}

// each runs commands 50 to a batch and hands each outcome over; the first error that take
// returns ends it.
func (r *Reader) each(ctx context.Context, commands []bitrix.Command, take func(int, bitrix.Response, error) error) error {
	for first := 0; first < len(commands); first += bitrix.MaxBatch {
		part := commands[first:min(first+bitrix.MaxBatch, len(commands))]
		outcomes, err := r.client.Batch(ctx, part)
		if err != nil {
			return withScope(err)
		}
		for i, o := range outcomes {
			if err := take(first+i, o.Response, o.Err); err != nil {
				return withScope(fmt.Errorf("%s: %w", part[i].Method, err))
			}
		}
	}
	return nil
}

// pages reads a small list by offset, as the families without keyset need it. The
// documentation of these methods promises no "next", so a full page is followed by
// the next one until one brings nothing new.
func (r *Reader) pages(ctx context.Context, method string, params bitrix.Params, key string) ([]kind.Row, error) {
	params = maps.Clone(params)
	if params == nil {
		params = bitrix.Params{}
	}
	seen := make(map[string]bool)
	var rows []kind.Row
	for {
		params["start"] = len(rows)
		answer, err := r.client.Call(ctx, method, params)
		if err != nil {
			return nil, withScope(err)
		}
		page, err := rowsOf(answer.Result, key)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", method, err)
		}
		before := len(rows)
		for _, row := range page {
			if id := identityOf(row); !seen[id] {
				seen[id] = true
				rows = append(rows, row)
			}
		}
		claimed := answer.Next != nil || answer.Total != nil && *answer.Total > len(rows)
		switch {
		case len(rows) > before && (claimed || len(page) >= bitrix.PageSize):
		case claimed && len(page) > 0:
			return nil, value.While(bitrix.ErrIncomplete, "portal-gives-rows-again", value.T("method", method), value.N("n", len(rows)))
		default:
			return rows, nil
		}
	}
}

// identityOf tells rows of one list apart: those without an id by all that they hold.
func identityOf(row kind.Row) string {
	if id := row.Text("id") + row.Text("ID"); id != "" {
		return id
	}
	whole, _ := json.Marshal(row) // what was decoded can be encoded
	return string(whole)
}

// parallel does n things, a few at a time. The first failure cancels the others and is
// returned.
func parallel(ctx context.Context, n int, do func(context.Context, int) error) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	slots := make(chan struct{}, readers)
	var wg crash.Group
	for i := range n {
		slots <- struct{}{}
		wg.Go(func() {
			defer func() { <-slots }()
			if err := do(ctx, i); err != nil {
				cancel(err)
			}
		})
	}
	wg.Wait()
	return context.Cause(ctx)
}

// rowsOf reads the rows of an answer that is a list, under a key or at the top.
func rowsOf(result json.RawMessage, key string) ([]kind.Row, error) {
	if key != "" {
		outer, err := kind.DecodeRow(result)
		if err != nil {
			return nil, err
		}
		if isEmptyList(result) {
			return nil, nil
		}
		if result = outer[key]; result == nil {
			return nil, value.Err("answer-lacks", value.Q("what", key))
		}
	}
	return kind.DecodeRows(result)
}

// isEmptyList tells whether an answer is what PHP makes of an empty object.
func isEmptyList(result json.RawMessage) bool { return len(result) > 0 && result[0] == '[' }

// yes tells whether a flag of the portal is set, however it is written.
func yes(row kind.Row, key string) bool { return value.IsYes(row[key]) }
