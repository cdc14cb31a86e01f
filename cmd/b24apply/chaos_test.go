package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"
)

// A campaign is a story whose processes are real, as is their way to the portal: they are
// killed, and requests go wrong on the way.
type campaign struct {
	*sim
	server  *httptest.Server
	program string
	close   func()

	mu      sync.Mutex
	mishaps *mishaps
	writes  int    // requests that write, of the process that runs
	killAt  int    // the one at which it is killed; 0: none
	instant string // of that request at which it is killed
	kill    func() // nil while no process runs
}

// killInstants are when a process is killed: before the request reaches the portal, when it was executed and not
// answered, and a moment after its answer.
var killInstants = []string{"before", "executed", "answered"}

func newCampaign(t *testing.T, seed uint64, minute time.Duration, program string) *campaign {
	s, done := newSim(t, seed, mutant{})
	s.minute, s.longest = minute, 4
	c := &campaign{sim: s, program: program}
	c.server = httptest.NewServer(c)
	c.close = func() { c.server.Close(); done() }
	c.command = c.execute
	return c
}

// ServeHTTP is the way of the processes to the portal.
func (c *campaign) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	methods, _ := commandsOf(r.URL.Path, body)
	instant, kill, mishaps := c.meets(slices.ContainsFunc(methods, writesSomething))
	if instant == "before" {
		kill()
	}
	do := func() (*http.Response, error) { return c.ask(r, body) }
	var res *http.Response
	if h, meets := mishaps.meets(methods); meets {
		res, err = h.suffer(do)
	} else {
		res, err = do()
	}
	if instant == "executed" {
		kill()
	}
	if err != nil {
		hangUp(w, errors.Is(err, syscall.ECONNRESET))
	}
	maps.Copy(w.Header(), res.Header)
	w.Header().Del("Content-Length")
	w.WriteHeader(res.StatusCode)
	_, _ = io.Copy(w, res.Body) // it may have been killed
	if instant == "answered" {
		time.AfterFunc(time.Duration(c.seed%20)*time.Millisecond, kill)
	}
}

// hangUp ends a connection without an answer.
func hangUp(w http.ResponseWriter, reset bool) {
	if conn, _, err := http.NewResponseController(w).Hijack(); err == nil {
		if reset {
			_ = conn.(*net.TCPConn).SetLinger(0)
		}
		_ = conn.Close() // nobody else does
	}
	panic(http.ErrAbortHandler)
}

// meets tells what a request is to meet.
func (c *campaign) meets(writes bool) (instant string, kill func(), m *mishaps) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if writes {
		if c.writes++; c.writes == c.killAt {
			return c.instant, c.kill, c.mishaps
		}
	}
	return "", nil, c.mishaps
}

// execute runs the program; it is killed at the write at which its life is over.
func (c *campaign) execute(l *life, args ...string) (e ending) {
	var out, log bytes.Buffer
	cmd := exec.Command(c.program, append(args, "-C", c.dir)...)
	cmd.Stdout, cmd.Stderr = &out, &log
	if os.Getenv("CHAOS_SEED") != "" { // one alone is watched
		cmd.Stderr = io.MultiWriter(&log, os.Stderr)
	}
	cmd.Env = []string{"HOME=" + c.home, planVariable + "=box", stateVariable + "=" + c.home, webhookVariable + "=" + c.server.URL + c.portal.WebhookPath()}
	if c.minute != fullSettle {
		cmd.Env = append(cmd.Env, settleVariable+"="+c.minute.String())
	}
	c.mu.Lock()
	c.writes, c.killAt, c.mishaps = 0, l.left, l.mishaps
	c.kill = func() { _ = cmd.Process.Kill() }
	c.mu.Unlock()
	err := cmd.Run()
	c.mu.Lock()
	l.passed, c.killAt, c.mishaps = c.writes, 0, nil
	c.mu.Unlock()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		c.must(err)
	}
	e.code, e.planned, e.life = cmd.ProcessState.ExitCode(), -1, l
	e.died = cmd.ProcessState.ExitCode() < 0
	e.out, e.log = out.String(), log.String()
	return e
}

// play is the story.
func (c *campaign) play(records int) {
	first := make(cast).fill(c.draws, records/5, records-records/5, slices.Sorted(maps.Keys(simKinds)))
	c.declare(first)
	before := make(cast)
	if c.draws.IntN(2) == 0 {
		if e := c.command(&life{}, "apply", "--yes", "-o", "json"); e.code != exitDone {
			c.breaks("the first apply: exit code %d\n%s\n%s", e.code, odd(e.out), tail(e.log))
			return
		}
		c.tell("applied %d things", len(first))
		c.touch()
		c.casts, before = 0, first
		c.declare(first.moved(c.draws, 1))
	}
	c.startCounting()
	c.before, c.undoes = c.lastRun(), c.seed%5 == 4
	c.killed()
	switch {
	case c.undoes:
		c.undo(before)
	case c.draws.IntN(3) == 0:
		c.elsewhere()
	default:
		c.goOn()
	}
}

// applying applies whatever is declared.
var applying = []string{"apply", "--yes", "-o", "json", "--prune", "--max-delete", "2000"}

// killed applies in processes that are killed, or come to their end before.
func (c *campaign) killed() {
	for deaths := 0; deaths < 3; deaths++ {
		l := &life{left: 1 + c.draws.IntN(1+len(c.cast)/25), mishaps: drawMishaps(c.draws, c.minute)}
		c.instant = killInstants[c.draws.IntN(len(killInstants))]
		e := c.command(l, applying...)
		c.tell("apply: killed %t at write %d of %d (%s), exit code %d, mishaps %v", e.died, l.left, l.passed, c.instant, e.code, l.mishaps.list)
		c.checkEnd(e)
		if c.undoes || c.draws.IntN(3) > 0 {
			break
		}
	}
}

// goOn resumes or applies at once, and mends doubles.
func (c *campaign) goOn() {
	args := applying
	if last := c.lastRun(); last != "" && last != c.before && c.draws.IntN(2) == 0 {
		args = []string{"resume", "last", "--yes", "-o", "json"}
	}
	e := c.command(&life{}, args...)
	c.tell("the last %s: exit code %d", args[0], e.code)
	c.checkEnd(e)
	for c.outOfTime(e) {
		e = c.command(&life{}, applying...)
		c.checkEnd(e)
	}
	if e.code != exitDone {
		c.breaks("the last %s: exit code %d\n%s\n%s", args[0], e.code, odd(e.out), tail(e.log))
	}
	c.calm()
	c.checkSettled()
	c.checkRecords()
	c.checkSaves()
	c.mend()
}

// elsewhere applies at once from another machine, which knows nothing: what is double then is
// named.
func (c *campaign) elsewhere() {
	c.moved = true
	c.must(errors.Join(os.RemoveAll(c.state()), os.RemoveAll(c.home)))
	e := c.command(&life{}, applying...)
	c.tell("another machine, at once: exit code %d", e.code)
	c.checkEnd(e)
	for c.outOfTime(e) {
		e = c.command(&life{}, applying...)
		c.checkEnd(e)
	}
	c.calm()
	said := e.out + c.command(&life{}, "plan", "-o", "json").out
	marks, double := c.marks(), make(map[string]simRow)
	for _, address := range slices.Sorted(maps.Keys(c.cast)) {
		rows := marks[address]
		if len(rows) == 0 && e.code == exitDone {
			c.breaks("%s is not there", address)
		}
		if len(rows) < 2 {
			continue
		}
		double[address] = slices.MinFunc(rows, func(a, b simRow) int { return a.id - b.id })
		if !namedDouble(said, address) {
			c.breaks("%s stands on %v, and nobody says so", address, rows)
		}
	}
	c.mendMachines(double)
}

// mendMachines repairs what two machines have made twice: the lowest id stays, and what is not mended is named.
func (c *campaign) mendMachines(double map[string]simRow) {
	e := c.command(&life{}, repairing...)
	c.tell("repair of %d doubles: exit code %d", len(double), e.code)
	c.checkEnd(e)
	marks := c.marks()
	for _, address := range slices.Sorted(maps.Keys(double)) {
		rows, lowest := marks[address], double[address].id
		if !slices.ContainsFunc(rows, func(r simRow) bool { return r.id == lowest }) {
			c.breaks("%s: #%d was the lowest, and after the repair it is %v", address, lowest, rows)
		}
		for _, r := range rows {
			if r.id != lowest && !namedDouble(e.out, address+r.String()) {
				c.breaks("%s%s is still there after the repair, which does not say so\n%s", address, r, odd(e.out))
			}
		}
	}
	if e.code != exitDone && (e.code != exitItems || len(double) == 0) {
		c.breaks("repair: exit code %d\n%s\n%s", e.code, odd(e.out), tail(e.log))
	}
	if e.code != exitDone {
		return
	}
	if e := c.command(&life{}, applying...); e.code != exitDone {
		c.breaks("after the repair: exit code %d\n%s\n%s", e.code, odd(e.out), tail(e.log))
	}
	c.calm()
	c.checkSettled()
	c.checkRecords()
}

// namedDouble tells whether a report or a plan says that there are several of one.
func namedDouble(said, address string) bool {
	decoder := json.NewDecoder(strings.NewReader(said))
	for {
		var doc struct {
			Items   []struct{ Resource, Code string }
			Changes []struct{ Address, Code string }
		}
		if err := decoder.Decode(&doc); err != nil {
			return false
		}
		for _, o := range doc.Items {
			if o.Resource == address && o.Code == "DOUBLE_MARK" {
				return true
			}
		}
		for _, o := range doc.Changes {
			if o.Address == address && o.Code == "DOUBLE_MARK" {
				return true
			}
		}
	}
}

// odd lists the items of a report that did not end well; of another text it is the end.
func odd(out string) string {
	var report raceReport
	if json.Unmarshal([]byte(out), &report) != nil {
		return tail(out)
	}
	lines := []string{fmt.Sprint("counts ", report.Counts)}
	for _, o := range report.Items {
		if !slices.Contains([]string{"succeeded", "unchanged", "kept"}, o.Status) && len(lines) < 20 {
			lines = append(lines, fmt.Sprint(o.Resource, " #", o.ID, " ", o.Action, ": ", o.Status, " ", o.Code, " ", o.Error))
		}
	}
	return strings.Join(lines, "\n")
}

// programOf is the program that is killed, as scripts run it.
func programOf(t *testing.T) string {
	t.Helper()
	if raceDetector {
		t.Skip("its times are measured against the portal's, which is ten times slower with the race detector")
	}
	program, err := exec.LookPath("b24apply")
	if err != nil {
		t.Fatal(err)
	}
	return program
}

// shortMinute stands for 60 seconds.
func shortMinute() time.Duration { return time.Duration(variableOr("CHAOS_MINUTE", 5)) * time.Second }

// Records with keepHuman, of which a run is killed half way, and applied again with a third value:
// all hold the third value. CHAOS_NOTES says how many.
func TestAKillLeavesNoValueToPeople(t *testing.T) {
	t.Parallel()
	records, program := variableOr("CHAOS_NOTES", 100), programOf(t)
	for _, instant := range killInstants {
		c := newCampaign(t, uint64(records), shortMinute(), program)
		defer c.close()
		c.instant = instant
		deals := make(cast)
		for version := range 3 {
			for i := range records {
				deals.add(&thing{kind: "Deal", name: fmt.Sprint("d", i), version: version})
			}
			c.declare(deals)
			l := &life{}
			if version == 1 {
				l.left = max(1, records/100) // of the batches of 50
			}
			if e := c.command(l, "apply", "--yes", "-o", "json"); e.died != (version == 1) || !e.died && e.code != exitDone {
				t.Errorf("version %d, %s: killed %t at write %d, exit code %d\n%s\n%s", version, instant, e.died, l.passed, e.code, odd(e.out), tail(e.log))
			}
		}
		c.checkRecords()
		c.checkSettled()
		if n := len(c.broken); n > 0 {
			t.Errorf("%s: %d of %d deals: %s", instant, n, records, c.broken[0])
		}
	}
}

// TestKillCampaign kills the program and loses its requests, again and again: what the next
// command leaves is what is declared, each once. CHAOS_SEEDS, CHAOS_LEAST and CHAOS_MOST say how much, CHAOS_MINUTE how many seconds stand for 60; CHAOS_FULL seeds wait
// as long as the program really does; CHAOS_SEED plays one alone.
func TestKillCampaign(t *testing.T) {
	t.Parallel()
	program := programOf(t)
	least, most := variableOr("CHAOS_LEAST", 20), variableOr("CHAOS_MOST", 60)
	play := func(name string, seed uint64, minute time.Duration) {
		c := newCampaign(t, seed, minute, program)
		defer c.close()
		size := rand.New(rand.NewPCG(seed, 5)).Float64()
		records := least + int(size*size*size*float64(most-least)) // large ones are rarer
		c.tell("%d records", records)
		c.play(records)
		if len(c.broken) > 0 {
			t.Errorf("%s:\n  %s\n%s", name, strings.Join(c.story, "\n  "), strings.Join(c.broken[:min(len(c.broken), 20)], "\n"))
		} else if testing.Verbose() {
			t.Logf("%s:\n  %s", name, strings.Join(c.story, "\n  "))
		}
	}
	short := shortMinute()
	if only := variableOr("CHAOS_SEED", -1); only >= 0 {
		play(fmt.Sprint("seed ", only), uint64(only), short)
		return
	}
	var all errgroup.Group // most of the time is waiting, so more of them than there are processors
	all.SetLimit(variableOr("CHAOS_AT_ONCE", 8))
	for seed := range variableOr("CHAOS_FULL", 0) {
		all.Go(func() error { play(fmt.Sprint("seed ", seed, " at full length"), uint64(seed), fullSettle); return nil })
	}
	from := variableOr("CHAOS_FROM", 0)
	for seed := from; seed < from+variableOr("CHAOS_SEEDS", 25); seed++ {
		all.Go(func() error { play(fmt.Sprint("seed ", seed), uint64(seed), short); return nil })
	}
	_ = all.Wait() // they have none
}
