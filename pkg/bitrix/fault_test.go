package bitrix_test

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"text/tabwriter"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/b24apply/b24apply/pkg/bitrix"
	"github.com/b24apply/b24apply/pkg/portal"
)

var update = flag.Bool("update", false, "rewrite testdata/faults.golden")

// faultRows are the faults of the table; each is tried once (n=1) and for good.
var faultRows = []string{
	"drop-before",
	"drop-after",
	"reset",
	"reset,when=after",
	"delay,for=30s",
	"delay,for=90s", // longer than the client waits
	"late,for=30s",
	"outage,for=5s",
	"500",
	"500,when=after",
	"502",
	"502,when=after",
	"504",
	"504,when=after",
	"503",
	"expired-token",
	"redirect,to=renamed.example",
	"truncated",
	"wrong-type",
	"429",
	"fail,code=ACCESS_DENIED",
	"fail,code=INTERNAL_SERVER_ERROR,status=500",
	"lose-field,field=title",
	"lose-mark,field=title",
	"keep-list,field=title",
	"late-visible,for=30s",
	"foreign,field=title,to=theirs",
	"robot,field=title,to=theirs",
	"localized;fail,code=ACCESS_DENIED",
}

func TestFaultTableCoversEveryKindOfThePortal(t *testing.T) {
	covered := make(map[string]bool)
	for _, row := range faultRows {
		for _, rule := range strings.Split(row, ";") {
			kind, _, _ := strings.Cut(rule, ",")
			covered[kind] = true
		}
	}
	for _, kind := range portal.FaultKinds() {
		if !covered[kind] {
			t.Errorf("the portal's fault %q has no row", kind)
		}
	}
}

// A cell is what one operation made of one fault.
type cell struct {
	fault, operation string
	lasting          bool
	fired            int             // the fault
	executions       int             // of the operation on the portal
	requests         int             // over HTTP
	sends            int             // of them, those that held the operation
	probes           int             // of them, those that asked whether the portal is there
	waits            []time.Duration // between them
	inFlight         time.Duration   // the requests together
	total            time.Duration   // from the call to its outcome
	err              error           // of the call, or of the batch
	each             []error         // of the commands of a batch
}

// outcome writes errors as a caller can tell them apart.
func outcome(err error) string {
	var (
		unknown     *bitrix.UnknownOutcome
		unreachable *bitrix.Unreachable
		refused     *bitrix.Error
		parked      *bitrix.Parked
		away        *bitrix.Away
	)
	switch {
	case err == nil:
		return "ok"
	case errors.As(err, &away):
		return "away"
	case errors.As(err, &parked) && parked.Cause == nil:
		return "parked"
	case errors.As(err, &unknown):
		return "unknown"
	case errors.As(err, &unreachable):
		return "unreachable"
	case !errors.As(err, &refused):
		return "no answer"
	}
	text := "refused " + cmp.Or(refused.Code, "without a code")
	if bitrix.IsAuth(err) {
		text += ", for all"
	}
	if refused.Repeated {
		text += ", repeated"
	}
	return text
}

func (c cell) outcome() string {
	if c.err != nil || c.each == nil {
		return outcome(c.err)
	}
	var parts []string
	for i, err := range c.each {
		parts = append(parts, []string{"add", "get"}[i]+" "+outcome(err))
	}
	return strings.Join(parts, "; ")
}

// An operation works on a deal that exists. Its method is what is counted on the
// portal.
type operation struct {
	name, method string
	run          func(context.Context, *bitrix.Client, int, *cell)
}

var operations = []operation{
	{"read", "crm.item.get", call("crm.item.get", func(id int) bitrix.Params { return bitrix.Params{"entityTypeId": 2, "id": id} })},
	{"add", "crm.item.add", call("crm.item.add", func(int) bitrix.Params { return newDeal("added") })},
	{"update", "crm.item.update", call("crm.item.update", func(id int) bitrix.Params {
		return bitrix.Params{"entityTypeId": 2, "id": id, "fields": map[string]any{"title": "ours", "comments": "x"}}
	})},
	{"delete", "crm.item.delete", call("crm.item.delete", func(id int) bitrix.Params { return bitrix.Params{"entityTypeId": 2, "id": id} })},
	{"batch", "crm.item.add", func(ctx context.Context, c *bitrix.Client, id int, out *cell) {
		outcomes, err := c.Batch(ctx, []bitrix.Command{
			{Method: "crm.item.add", Params: newDeal("added")},
			{Method: "crm.item.get", Params: bitrix.Params{"entityTypeId": 2, "id": id}},
		})
		out.err = err
		for _, o := range outcomes {
			out.each = append(out.each, o.Err)
		}
	}},
}

func newDeal(title string) bitrix.Params {
	return bitrix.Params{"entityTypeId": 2, "fields": map[string]any{"title": title, "comments": "x"}}
}

func call(method string, params func(id int) bitrix.Params) func(context.Context, *bitrix.Client, int, *cell) {
	return func(ctx context.Context, c *bitrix.Client, id int, out *cell) {
		_, out.err = c.Call(ctx, method, params(id))
	}
}

// Every fault of the portal, passing and lasting, against every kind of
// operation. The laws hold for each cell, whatever the table says; the table
// shows the rest to a reader.
func TestEveryFaultHasItsOutcome(t *testing.T) {
	cells := make([][]cell, 2*len(faultRows))
	for i, fault := range faultRows {
		for j, lasting := range []bool{false, true} {
			synctest.Test(t, func(t *testing.T) {
				cells[2*i+j] = faultCells(t, fault, lasting)
			})
		}
	}
	for _, c := range slices.Concat(cells...) {
		for _, law := range laws {
			if !law.holds(c) {
				t.Errorf("%s, lasting %v, %s: %s\n%s, executed %d times, %d requests, %v", c.fault, c.lasting, c.operation, law.text,
					c.outcome(), c.executions, c.requests, c.err)
			}
		}
	}
	compareGolden(t, "testdata/faults.golden", faultTable(slices.Concat(cells...)))
}

// faultCells runs all operations against a fault, on one portal.
func faultCells(t *testing.T, fault string, lasting bool) []cell {
	b, err := openBox(t.Context(), portal.Config{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = b.Close() }()
	spec := fault
	if !lasting {
		spec = strings.ReplaceAll(fault, ";", ",n=1;") + ",n=1"
	}
	var cells []cell
	for _, op := range operations {
		b.faults(t, "")
		id := addDeal(t, b)
		client := b.client(t)
		b.forget()
		b.ResetStats()
		b.faults(t, spec)
		c := cell{fault: fault, operation: op.name, lasting: lasting}
		start := time.Now()
		op.run(t.Context(), client, id, &c)
		c.total = time.Since(start)
		time.Sleep(time.Hour) // what was given up may still be executed
		c.observe(b, op)
		if strings.Contains(fmt.Sprintf("%+v %v", c.err, c.each), boxSecret) {
			t.Errorf("%s, %s: the secret is shown: %v", fault, op.name, c.err)
		}
		cells = append(cells, c)
	}
	return cells
}

// observe reads from the portal and the wire what happened.
func (c *cell) observe(b *box, op operation) {
	stats, sent := b.Stats(), b.forget()
	c.executions, c.requests = stats.Writes, len(sent)
	if op.name == "read" {
		c.executions = stats.Commands[op.method]
	}
	for _, n := range stats.Faults {
		c.fired += n
	}
	for i, x := range sent {
		c.inFlight += x.end.Sub(x.start)
		if strings.Contains(x.text, op.method) {
			c.sends++
		}
		if strings.HasPrefix(x.text, "server.time") {
			c.probes++
		}
		if i > 0 {
			c.waits = append(c.waits, x.start.Sub(sent[i-1].end))
		}
	}
}

func addDeal(t *testing.T, b *box) int {
	t.Helper()
	res, err := b.client(t).Call(t.Context(), "crm.item.add", newDeal("before"))
	if err != nil {
		t.Fatal(err)
	}
	var added struct{ Item struct{ ID int } }
	decode(t, res.Result, &added)
	return added.Item.ID
}

// A law holds for every cell of the table.
type law struct {
	text  string
	holds func(cell) bool
}

var laws = []law{
	{"an add is never executed twice", func(c cell) bool { return !c.adds() || c.executions <= 1 }},
	{"a success was executed", func(c cell) bool { return !c.succeeded() || c.executions > 0 }},
	{"an add that was executed is a success or unknown", func(c cell) bool {
		return !c.adds() || c.executions == 0 || c.succeeded() || c.inDoubt()
	}},
	{"an add or update in doubt is not sent again", func(c cell) bool {
		return c.operation == "read" || c.operation == "delete" || !c.inDoubt() || c.sends == 1
	}},
	{"an update is never executed twice", func(c cell) bool { return c.operation != "update" || c.executions <= 1 }},
	{"a write that is refused for good, and was sent once, was not executed", func(c cell) bool {
		return c.operation == "read" || !strings.HasPrefix(c.outcome(), "refused") || strings.HasSuffix(c.outcome(), "repeated") || c.executions == 0
	}},
	{"a read survives what passes, unless it was refused for good", func(c cell) bool {
		return c.operation != "read" || c.lasting || c.succeeded() || strings.HasPrefix(c.outcome(), "refused") && c.requests == 1
	}},
	{"a delete survives what passes, or says that it was repeated", func(c cell) bool {
		return c.operation != "delete" || c.lasting || c.succeeded() || strings.HasPrefix(c.outcome(), "refused")
	}},
	{"a refusal that another try cannot change is not sent again", func(c cell) bool {
		return !strings.Contains(c.outcome(), "ACCESS_DENIED") && !strings.Contains(c.outcome(), "expired_token") || c.requests == 1
	}},
	{"what did not happen is tried again, and done when the fault has passed", func(c cell) bool {
		return c.lasting || c.fault != "503" && c.fault != "429" && !strings.HasPrefix(c.fault, "redirect") || c.succeeded()
	}},
	{"a fault acts on what it is for", func(c cell) bool {
		narrow := strings.Contains(c.fault, "field=") || strings.HasPrefix(c.fault, "late-visible")
		return c.fired > 0 || narrow && c.succeeded()
	}},
	{"tries and time are bounded", func(c cell) bool { return c.requests <= 6*4 && c.total < 30*time.Minute }},
}

func (c cell) adds() bool { return c.operation == "add" || c.operation == "batch" }

// succeeded says that the operation that is counted was reported as done.
func (c cell) succeeded() bool { return c.err == nil && (c.each == nil || c.each[0] == nil) }

func (c cell) inDoubt() bool {
	return outcome(c.err) == "unknown" || c.each != nil && outcome(c.each[0]) == "unknown"
}

// faultTable writes the cells for people. Waits are without their jitter.
func faultTable(cells []cell) []byte {
	var b bytes.Buffer
	b.WriteString(`The client against every fault of the portal. "lasts" says how often the fault strikes, "fired" how often it did.
"executions" are those of the operation on the portal (a batch: of its add), "requests" go over HTTP. "waits" are
before each further request, and "time" is all that passes, both without jitter; "minute" is the portal's next one, and
"rest" what is left of the 30 s for which a portal is waited for that has not answered a write.

`)
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "fault\tlasts\toperation\tfired\texecutions\trequests\twaits\ttime\toutcome")
	for _, c := range cells {
		waits, passed := []string{}, c.inFlight
		for _, d := range c.waits {
			plain := plainWait(d)
			waits, passed = append(waits, plain.String()), passed+plain
		}
		if last := len(waits) - 1; c.probes > 1 && c.lasting {
			// The end of the waiting, whatever the jitter before it came to.
			waits[last], passed = "rest", c.total.Round(time.Second)
		}
		if c.fault == "429" {
			for i := range waits {
				waits[i] = "minute"
			}
			passed = time.Duration(len(waits)) * time.Minute
		}
		told, total, became := cmp.Or(strings.Join(waits, " "), "-"), passed.String(), c.outcome()
		if c.fault == "429" && c.lasting && c.operation == "batch" {
			// Which of the two gives up first is up to their jitter.
			told, total, became = "each method its own", "varies", "one refused OPERATION_TIME_LIMIT; the other too, or parked"
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%d\t%d\t%d\t%s\t%s\t%s\n", c.fault, map[bool]string{false: "once", true: "always"}[c.lasting], c.operation,
			c.fired, c.executions, c.requests, told, total, became)
	}
	_ = w.Flush()
	return b.Bytes()
}

// plainWait takes the jitter, up to a quarter, off a wait. The waits of the
// client begin at half a second and double.
func plainWait(d time.Duration) time.Duration {
	for step := 500 * time.Millisecond; step <= 200*time.Second; step *= 2 {
		if step <= d && d <= step+step/4 {
			return step
		}
	}
	return d.Round(time.Millisecond)
}

func compareGolden(t *testing.T, path string, got []byte) {
	t.Helper()
	if *update {
		if err := os.WriteFile(path, got, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := gocmp.Diff(strings.Split(string(want), "\n"), strings.Split(string(got), "\n")); diff != "" {
		t.Errorf("%s differs, -update rewrites it; -want +got:\n%s", path, diff)
	}
}
