package main

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"sync"
	"time"

	"github.com/b24apply/b24apply/internal/ui"
	"github.com/b24apply/b24apply/pkg/bitrix"
	"github.com/b24apply/b24apply/pkg/value"
)

// callItems makes a call for every line of a file and prints a line for each, in
// their order. It holds a bounded number of them.
func (a *app) callItems(ctx context.Context, common bitrix.Request, o callOptions) error {
	lines, closeSource, err := o.items.open(a)
	if err != nil {
		return usage(err)
	}
	bulk := bitrix.Bulk{Method: common.Method, V3: common.V3, Concurrency: int(a.speed.concurrency)}
	if o.dryRun {
		defer func() { _ = closeSource() }()
		return a.dryItems(ctx, bulk, lines, common)
	}
	ctx, stop, release := a.twoStage(ctx)
	defer release()
	client, closer, err := a.callClient(ctx, stop, common, o)
	if err != nil {
		return errors.Join(err, closeSource())
	}
	defer closer()
	bulk.Stop = stop
	run := newItemRun(a)
	bulk.Run(ctx, client, run.items(lines, common), run.report)
	run.close(client, common.IdempotencyKey)
	if ctx.Err() == nil { // else the file may still be read from
		run.fail(closeSource())
	}
	return run.verdict(isStopped(stop) || ctx.Err() != nil)
}

func isStopped(stop <-chan struct{}) bool {
	select {
	case <-stop:
		return true
	default:
		return false
	}
}

// An itemRun prints the outcomes of a bulk call and counts them. Its outcomes come
// from one goroutine; input is set by the one that reads.
type itemRun struct {
	*app
	out                           *bufio.Writer
	done, failed, unknown, missed int
	auth, unreachable             bool
	started, shown                time.Time
	err                           error // the output cannot be written

	mu    sync.Mutex
	input error // the file cannot be read further
}

func newItemRun(a *app) *itemRun {
	now := time.Now()
	return &itemRun{app: a, out: bufio.NewWriterSize(a.stdout, 64<<10), started: now, shown: now}
}

// items makes calls of lines. An error of the file itself is the command's, not that
// of an item.
func (r *itemRun) items(lines iter.Seq[lineItem], common bitrix.Request) iter.Seq[bitrix.Item] {
	check := &itemCheck{to: r.stderr, method: common.Method, told: make(map[string]bool)}
	return func(yield func(bitrix.Item) bool) {
		defer check.close()
		for l := range lines {
			var broken *errInput
			if errors.As(l.err, &broken) {
				r.fail(broken)
				return
			}
			if !yield(check.checked(l.line, l.item(common))) {
				return
			}
		}
	}
}

func (r *itemRun) fail(err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.input = errors.Join(r.input, err)
}

// An itemLine is what is printed for an item.
type itemLine struct {
	Resource string          `json:"resource"`
	Result   json.RawMessage `json:"result,omitempty"`
	*itemError
}

type itemError struct {
	Error     string `json:"error"`
	Code      string `json:"code"`
	Timestamp string `json:"timestamp"`
	Hint      string `json:"hint,omitempty"`
	Retryable bool   `json:"retryable"`
}

// report prints one outcome.
func (r *itemRun) report(o bitrix.ItemOutcome) {
	line := itemLine{Resource: o.Resource, Result: o.Result}
	if o.Err != nil {
		line.Result, line.itemError = nil, newItemError(o.Err)
	}
	r.count(o.Err)
	text, err := marshal(line)
	if err == nil {
		err = writeJSON(r.out, text, false)
	}
	if err != nil && r.err == nil {
		r.err = err
	}
	r.progress()
}

func (r *itemRun) count(err error) {
	var (
		unknown     *bitrix.UnknownOutcome
		unreachable *bitrix.Unreachable
		away        *bitrix.Away
	)
	switch {
	case err == nil:
		r.done++
		return
	case errors.Is(err, bitrix.ErrNotAttempted):
		r.missed++
	case errors.As(err, &unknown):
		r.unknown++
	default:
		r.failed++
	}
	r.auth = r.auth || bitrix.IsAuth(err)
	r.unreachable = r.unreachable || errors.As(err, &unreachable) || errors.As(err, &away)
}

// newItemError says what became of an item that did not succeed.
func newItemError(err error) *itemError {
	e := &itemError{Error: textOf(err), Hint: ui.Text(value.RemedyOf(err)), Timestamp: time.Now().UTC().Format(time.RFC3339)}
	var (
		unknown     *bitrix.UnknownOutcome
		unreachable *bitrix.Unreachable
		refused     *bitrix.Error
		bad         *badItem
	)
	switch {
	case errors.Is(err, bitrix.ErrNotAttempted):
		e.Code, e.Retryable, e.Hint = "NOT_ATTEMPTED", true, ""
	case errors.As(err, &bad):
		e.Code = "INVALID_ITEM"
	case errors.As(err, &unknown):
		e.Code = "UNKNOWN_OUTCOME"
	case errors.As(err, &refused):
		e.Error, e.Code, e.Retryable = refused.Text(), refused.Code, bitrix.IsPassing(err)
		if refused.Cause != nil {
			e.Error = ui.Text(value.SaidBy(refused.Cause))
		}
		if e.Error == "" {
			e.Error = refused.Error()
		}
	case errors.As(err, &unreachable):
		e.Code, e.Retryable = "UNREACHABLE", bitrix.IsPassing(err)
	case errors.Is(err, bitrix.ErrNotRun):
		e.Code, e.Retryable = "NOT_EXECUTED", true
	default:
		e.Code, e.Retryable = "FAILED", bitrix.IsPassing(err)
	}
	e.Hint = cmp.Or(e.Hint, ui.Text(value.DoIn(value.Call, e.Code)))
	return e
}

// progress tells on stderr how far the run is: once a second in place on a terminal,
// a line every 30 seconds elsewhere.
func (r *itemRun) progress() {
	terminal := r.stderr.IsTerminal()
	every := 30 * time.Second
	if terminal {
		every = time.Second
	}
	now := time.Now()
	if now.Sub(r.shown) < every {
		return
	}
	r.shown = now
	all := r.done + r.failed + r.unknown + r.missed
	line := r.stderr.Style().Text(value.Say("items-so-far", value.N("n", all), value.N("wrong", all-r.done), value.T("pace", fmt.Sprintf("%.0f", float64(all)/now.Sub(r.started).Seconds()))))
	if terminal {
		fmt.Fprintf(r.stderr, ui.ClearLine+"%s", line)
		return
	}
	fmt.Fprintln(r.stderr, line)
}

// close prints what is left and the summary.
func (r *itemRun) close(client *bitrix.Client, key string) {
	r.err = errors.Join(r.err, r.out.Flush())
	if r.stderr.IsTerminal() {
		fmt.Fprint(r.stderr, ui.ClearLine)
	}
	style := r.stderr.Style()
	fmt.Fprintln(r.stderr, style.Text(value.Say("items-ended", value.N("n", r.done+r.failed+r.unknown+r.missed), value.N("done", r.done), value.N("failed", r.failed),
		value.N("unknown", r.unknown), value.N("missed", r.missed), value.N("requests", client.Requests()))))
	if wrong := r.failed + r.unknown + r.missed; key != "" && wrong > 0 {
		fmt.Fprintln(r.stderr, style.Text(value.Say("items-to-repeat", value.T("key", key))))
	}
}

// verdict is the exit code of the run.
func (r *itemRun) verdict(interrupted bool) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case r.err != nil:
		return &failure{code: exitError, err: value.While(r.err, "printing-outcomes")}
	case interrupted:
		return &failure{code: exitInterrupted, err: value.Err("interrupted")}
	case r.input != nil:
		return &failure{code: exitError, err: r.input}
	case r.auth && r.done == 0:
		return &failure{code: exitAuth}
	case r.unreachable && r.done == 0 && r.unknown == 0:
		return &failure{code: exitError}
	case r.failed+r.unknown+r.missed > 0:
		return &failure{code: exitItems}
	}
	return nil
}

// dryItems prints the requests of a bulk call.
func (a *app) dryItems(ctx context.Context, bulk bitrix.Bulk, lines iter.Seq[lineItem], common bitrix.Request) error {
	bulk.Concurrency = 1 // requests in the order of the items
	run := newItemRun(a)
	dry := &drySender{run: run}
	bulk.Run(ctx, dry, run.items(lines, common), func(o bitrix.ItemOutcome) {
		dry.mu.Lock()
		defer dry.mu.Unlock()
		if o.Err != nil {
			run.report(o)
		}
	})
	run.err = errors.Join(run.err, run.out.Flush())
	return run.verdict(ctx.Err() != nil)
}

// A drySender prints requests in place of sending them.
type drySender struct {
	run *itemRun
	mu  sync.Mutex // of run, which two goroutines use
}

func (d *drySender) Do(_ context.Context, r bitrix.Request) (*bitrix.Response, error) {
	line, err := dryRequest(r)
	if err != nil {
		return nil, err
	}
	return &bitrix.Response{}, d.print(line)
}

func (d *drySender) Batch(_ context.Context, commands []bitrix.Command) ([]bitrix.Outcome, error) {
	body, err := bitrix.BatchBody(commands)
	if err != nil {
		return nil, err
	}
	line, err := marshal(dryLine{Request: "POST /rest/batch", Body: body})
	if err != nil {
		return nil, err
	}
	return make([]bitrix.Outcome, len(commands)), d.print(line)
}

func (d *drySender) print(line json.RawMessage) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	return writeJSON(d.run.out, line, false)
}

// marshal writes JSON as people read it: without escapes for web pages.
func marshal(v any) (json.RawMessage, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	err := enc.Encode(v)
	return b.Bytes(), err
}
