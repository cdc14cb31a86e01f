package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/b24apply/b24apply/internal/ui"
	"github.com/b24apply/b24apply/pkg/bitrix"
	"github.com/b24apply/b24apply/pkg/spec"
	"github.com/b24apply/b24apply/pkg/value"
)

// callOptions are the flags of call alone.
type callOptions struct {
	object      string
	all, whole  bool
	items       itemSource
	v3          bool
	key         string
	dryRun, yes bool
}

func (a *app) callCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "call METHOD [KEY=VALUE...]",
		Short: "Call any method of the portal",
		Long: `Call any of Bitrix24's methods and print its result as JSON.

Parameters are KEY=TEXT, or KEY:=JSON for a value with a type: a number, true, null,
a list or an object. KEY=@FILE takes the text of a file, KEY:=@FILE its JSON, and - is
standard input. Keys nest with dots or brackets, and [] adds to a list:

  fields.title=Renewal  filter[>opportunity]:=100  select[]=id  select[]=title

--all reads a whole list, page by page, and prints a row a line. --items makes a call
for every line of a file, 50 to a request, and prints a line for each, in their order:
{"resource","result"}, or {"resource","error","code","timestamp"} for one that failed,
which stops none of the others.

A method that may write asks for a confirmation. --dry-run prints what would be sent,
and neither sends it nor needs a credential.`,
		Example: `  b24apply call profile
  b24apply call crm.item.list entityTypeId=2 'filter[>opportunity]=1000' 'select[]=id' --all
  b24apply call crm.item.update entityTypeId=2 --items changes.csv --yes
  b24apply call tasks.task.add --v3 --json @task.json`,
		Args: func(c *cobra.Command, args []string) error {
			if len(args) > 0 {
				return nil
			}
			return &failure{code: exitError, err: value.Err("call-needs-method"), hint: value.Say("call-for-example")}
		},
	}
	a.portalFlags(c)
	var o callOptions
	f := c.Flags()
	f.StringVar(&a.envName, "env", "", "the project's environment `NAME`")
	f.StringVar(&o.object, "json", "", "take the parameters from a JSON `OBJECT`, or from @FILE")
	f.BoolVar(&o.all, "all", false, "read every page of a list, and print a row a line")
	f.BoolVar(&o.whole, "full", false, "print the whole answer, not only its result")
	f.StringVar(&o.items.name, "items", "", "make a call for every line of `FILE` (.ndjson, .csv or .tsv; - for standard input)")
	f.StringVar(&o.items.format, "items-format", "", "read the items as `FORMAT`: ndjson, csv or tsv (default by the file's name)")
	f.StringVar(&o.items.delimiter, "delimiter", "", "`CHARACTER` between the cells of a CSV file (default comma)")
	f.BoolVar(&o.v3, "v3", false, "call the method of REST 3.0")
	f.StringVar(&o.key, "idempotency-key", "", "with --v3, write only once under this `KEY`, whatever is repeated (default random)")
	f.BoolVar(&o.dryRun, "dry-run", false, "print the requests and send nothing")
	f.BoolVar(&o.yes, "yes", false, "call a writing method without asking")
	c.RunE = func(c *cobra.Command, args []string) error { return a.call(c.Context(), args[0], args[1:], o) }
	return c
}

func (a *app) call(ctx context.Context, method string, args []string, o callOptions) error {
	request, err := a.callRequest(method, args, o)
	if err != nil {
		return usage(err)
	}
	if o.items.name != "" {
		return a.callItems(ctx, request, o)
	}
	if o.dryRun {
		return a.dryCall(request, o)
	}
	ctx, stop, release := a.twoStage(ctx)
	defer release()
	client, closer, err := a.callClient(ctx, stop, request, o)
	if err != nil {
		return err
	}
	defer closer()
	ctx = bitrix.WithStop(ctx, stop)
	if request.ReadsOnly() {
		var cancel func()
		ctx, cancel = untilStopped(ctx, stop)
		defer cancel()
	}
	if o.all {
		return a.callAll(ctx, client, request)
	}
	res, err := client.Do(ctx, request)
	if err != nil {
		return callError(ctx, err)
	}
	if o.whole {
		return writeJSON(a.stdout, res.Envelope, a.stdout.IsTerminal())
	}
	return writeJSON(a.stdout, res.Result, a.stdout.IsTerminal())
}

// usage is an error in what was asked for, unless it is told already what it is.
func usage(err error) error {
	return &failure{code: exitError, err: err, hint: hintOf(err, value.Message{})}
}

// callRequest reads the command line into the request, or into what all items have
// in common.
func (a *app) callRequest(method string, args []string, o callOptions) (bitrix.Request, error) {
	if err := o.check(args); err != nil {
		return bitrix.Request{}, err
	}
	params, raw, err := a.readParams(o.object, args)
	if err != nil {
		return bitrix.Request{}, err
	}
	r := bitrix.Request{Method: strings.TrimSuffix(method, ".json"), Params: params, V3: o.v3, IdempotencyKey: o.key, Whole: o.whole}
	if raw != nil {
		if o.items.name != "" || o.all || !o.v3 {
			return r, &failure{code: exitError, err: value.Err("json-holds-no-object"), hint: value.Say("parameters-have-names")}
		}
		r.Params = raw
	}
	if r.TakesKey() && r.IdempotencyKey == "" {
		r.IdempotencyKey = bitrix.NewIdempotencyKey()
	}
	_, err = r.Body() // says what is wrong with the method, the parameters or the key
	return r, err
}

// check refuses flags that contradict each other.
func (o callOptions) check(args []string) error {
	switch {
	case o.items.name != "" && (o.all || o.whole):
		return value.Err("items-go-without-all-and-full")
	case o.all && o.whole:
		return value.Err("all-does-not-go-with-full")
	case o.items.name == "" && (o.items.format != "" || o.items.delimiter != ""):
		return value.Err("format-goes-with-items")
	case o.key != "" && !o.v3:
		return &failure{code: exitError, err: value.Err("idempotency-key-takes-v3"), hint: value.Say("add-v3")}
	}
	if o.items.name != "-" {
		return nil
	}
	for _, text := range append([]string{o.object}, args...) {
		if text == "@-" || strings.HasSuffix(text, "=@-") {
			return value.Err("standard-input-is-both")
		}
	}
	return nil
}

// callClient makes the client for a request, after a confirmation if it may write. A
// client for reading cannot write. The caller closes.
func (a *app) callClient(ctx context.Context, stop <-chan struct{}, r bitrix.Request, o callOptions) (client *bitrix.Client, closer func(), err error) {
	can := reading
	if !r.ReadsOnly() {
		can = writing
	}
	confirm := can == writing && !o.yes
	if confirm && (o.items.name == "-" || !a.asksPeople()) {
		return nil, nil, &failure{code: exitRefused, err: value.Err("call-needs-confirmation", value.T("method", r.Method)),
			hint: value.Say("look-with-dry-run")}
	}
	set, problems := spec.LoadProject(spec.Options{Dir: a.dir, Env: a.envName, Secrets: a.secretValues(), Getenv: a.getenv, Kinds: a.kinds})
	if err := a.showProblems(problems); err != nil {
		return nil, nil, err
	}
	if client, closer, err = a.connect(ctx, set, can); err != nil || !confirm {
		return client, closer, err
	}
	question := value.Say("ask-to-call", value.T("method", r.Method), value.M("portal", ui.To(a.portalName(client.Portal()))))
	if err := a.ask(question, value.Say("not-confirmed-nothing-sent"), value.Say("interrupted-nothing-sent"), stop); err != nil {
		closer()
		return nil, nil, err
	}
	return client, closer, nil
}

// ask puts a question to the person at the terminal; only "yes" is a yes. Else no says what
// was not done, or interrupted if it came to no answer.
func (a *app) ask(question, no, interrupted value.Message, stop <-chan struct{}) error {
	return a.askFor("yes", question, no, interrupted, stop)
}

// askFor is ask for another answer than "yes", which the question names.
func (a *app) askFor(want string, question, no, interrupted value.Message, stop <-chan struct{}) error {
	_, _ = io.WriteString(a.stderr, a.stderr.Style().Text(question)+" ")
	answer := make(chan string, 1)
	go func() {
		line, _ := bufio.NewReader(a.stdin).ReadString('\n') // no answer is a no
		answer <- line
	}()
	select {
	case line := <-answer:
		if !strings.HasSuffix(line, "\n") {
			fmt.Fprintln(a.stderr) // the end of the input leaves the cursor behind the question
		}
		if strings.TrimSpace(line) == want {
			return nil
		}
		hint := value.Say("answer-yes")
		if want != "yes" {
			hint = value.Say("answer-as-asked", value.T("answer", want))
		}
		return &failure{code: exitRefused, err: value.Err(no.Code, no.Args...), hint: hint}
	case <-stop:
		return &failure{code: exitInterrupted, err: value.Err(interrupted.Code, interrupted.Args...)}
	}
}

// untilStopped is a context that the first interrupt ends: a read in flight is no loss.
func untilStopped(ctx context.Context, stop <-chan struct{}) (context.Context, func()) {
	ctx, cancel := context.WithCancelCause(ctx)
	go func() {
		select {
		case <-stop:
			cancel(value.Err("interrupted"))
		case <-ctx.Done():
		}
	}()
	return ctx, func() { cancel(nil) }
}

// callAll prints a row a line.
func (a *app) callAll(ctx context.Context, client *bitrix.Client, r bitrix.Request) error {
	out := bufio.NewWriterSize(a.stdout, 64<<10)
	rows := 0
	for row, err := range client.Pages(ctx, r) {
		if err != nil {
			err = errors.Join(callError(ctx, err), out.Flush())
			if rows > 0 {
				a.tell("rows-before-error", value.N("n", rows))
			}
			return err
		}
		if err := writeJSON(out, row, false); err != nil {
			return err
		}
		rows++
		if a.stdout.Closed() {
			return nil // nobody reads the rest
		}
	}
	return out.Flush()
}

// callError gives the error of a single call its exit code. A write whose outcome is
// unknown is told apart: it is not to be repeated blindly.
func callError(ctx context.Context, err error) error {
	var unknown *bitrix.UnknownOutcome
	switch {
	case errors.As(err, &unknown) && ctx.Err() == nil:
		return &failure{code: exitItems, err: err, hint: hintOf(err, value.Message{})}
	case errors.As(err, &unknown):
		return &failure{code: exitInterrupted, err: err, hint: hintOf(err, value.Message{})}
	case ctx.Err() != nil:
		return &failure{code: exitInterrupted, err: value.Err("interrupted")}
	case errors.Is(err, bitrix.ErrStopped):
		return &failure{code: exitInterrupted, err: value.While(err, "interrupted-while")}
	case bitrix.IsAuth(err) || denied(err):
		return &failure{code: exitAuth, err: err, hint: hintOf(err, value.Message{})}
	}
	return &failure{code: exitError, err: err, hint: hintOf(err, value.Message{})}
}

// dryCall prints the request of a single call.
func (a *app) dryCall(r bitrix.Request, o callOptions) (err error) {
	if o.all {
		if r, err = bitrix.FirstPage(r); err != nil {
			return usage(err)
		}
	}
	line, err := dryRequest(r)
	if err != nil {
		return usage(err)
	}
	return writeJSON(a.stdout, line, a.stdout.IsTerminal())
}

// A dryLine is a request as --dry-run prints it: all of it but address and credential.
type dryLine struct {
	Request string            `json:"request"`
	Headers map[string]string `json:"headers,omitempty"`
	Body    json.RawMessage   `json:"body"`
}

func dryRequest(r bitrix.Request) (json.RawMessage, error) {
	body, err := r.Body()
	if err != nil {
		return nil, err
	}
	line := dryLine{Request: "POST /rest/" + r.Method, Body: body}
	if r.V3 {
		line.Request = "POST /rest/api/" + r.Method
	}
	if r.IdempotencyKey != "" {
		line.Headers = map[string]string{"Idempotency-Key": r.IdempotencyKey}
	}
	return marshal(line)
}
