package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/b24apply/b24apply/pkg/plan"
	"github.com/b24apply/b24apply/pkg/portal"
)

// A sim is one seeded story: what is declared is applied, changed, applied again by
// processes that die, and at last by one that lives.
type sim struct {
	seed      uint64
	command   func(l *life, args ...string) ending // runs the program
	draws     *rand.Rand
	mutant    mutant
	portal    *portal.Portal
	minute    time.Duration                // what 60 seconds are
	longest   int                          // boundaries that a process that dies sees at most, on a way that is short
	hook      string                       // the address of its webhook
	dir       string                       // of the project
	home      string                       // where locks are
	loses     bool                         // the portal drops marks
	cast      cast                         // that is declared
	kinds     map[string]bool              // that were ever declared
	casts     int                          // that were declared since saves are counted
	undoes    bool                         // the story ends with an undo
	moved     bool                         // to another machine, which remembers nothing
	taken     []simRecord                  // over by another project, and no longer ours
	contested []simRecord                  // saved by a person after the plan was made
	touched   map[string]map[string]string // what people have changed, by address and field
	routes    *simRoutes
	tally     tally
	before    string // the run before those that die
	story     []string
	broken    []string // laws

}

func (s *sim) tell(format string, args ...any) {
	s.story = append(s.story, fmt.Sprintf(format, args...))
}

func (s *sim) breaks(format string, args ...any) {
	s.broken = append(s.broken, fmt.Sprintf(format, args...))
}

// simulate plays the story of a seed, and gives it and the laws that it broke.
func simulate(t *testing.T, seed uint64, m mutant) (story, broken []string) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		s, done := newSim(t, seed, m)
		defer done()
		s.play()
		time.Sleep(3 * time.Minute) // what was on its way is over
		story, broken = s.story, s.broken
	})
	return story, broken
}

// newSim opens the portal and makes the folders of a story. It is called in a bubble.
func newSim(t *testing.T, seed uint64, m mutant) (s *sim, done func()) {
	t.Helper()
	root, err := os.MkdirTemp(memoryFolder(), "sim-")
	if err != nil {
		t.Fatal(err)
	}
	p, err := portal.Open(t.Context(), portal.Config{Webhooks: []portal.Webhook{simPerson}})
	if err != nil {
		t.Fatal(err)
	}
	s = &sim{seed: seed, draws: rand.New(rand.NewPCG(seed, 11)), mutant: m, portal: p, minute: time.Minute, longest: 20, routes: newSimRoutes(seed), hook: "http://127.0.0.1:1" + p.WebhookPath(),
		dir: filepath.Join(root, "project"), home: filepath.Join(root, "home"), touched: make(map[string]map[string]string), kinds: make(map[string]bool)}
	s.command = s.live
	return s, func() { _, _ = p.Close(), os.RemoveAll(root) }
}

// memoryFolder is a folder whose files cost no disk, if the machine has one.
func memoryFolder() string {
	if info, err := os.Stat("/dev/shm"); err == nil && info.IsDir() {
		return "/dev/shm"
	}
	return ""
}

// ask passes a request to the portal, and notes what was executed.
func (s *sim) ask(req *http.Request, body []byte) (*http.Response, error) {
	again := req.Clone(context.WithoutCancel(req.Context()))
	again.Body = io.NopCloser(bytes.NewReader(body))
	var answer []byte
	response, err := portal.Transport(s.portal).RoundTrip(again)
	if err == nil {
		answer, err = io.ReadAll(response.Body)
	}
	s.tally.count(req.URL.Path, body, answer)
	if os.Getenv("SIM_SEED") != "" {
		if methods, queries := commandsOf(req.URL.Path, body); slices.ContainsFunc(methods, writesSomething) {
			s.tell("  at %s: %s", time.Now().Format("04:05.000"), strings.Join(queries, "\n      "))
		}
	}
	if err != nil {
		return nil, err
	}
	response.Body, response.Request = io.NopCloser(bytes.NewReader(answer)), req
	return response, nil
}

// An ending is how a command ended.
type ending struct {
	code     int
	out, log string
	died     bool
	planned  int // changes of its plan, -1 if that is not known
	took     time.Duration
	life     *life
}

// live runs a command in a process that may die. Where it died, the state folder is as it
// was then.
func (s *sim) live(l *life, args ...string) (e ending) {
	e.planned = -1
	began := time.Now()
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	l.sim, l.cancel = s, cancel
	var out, log bytes.Buffer
	var transport http.RoundTripper = l
	if s.mutant.carry != nil {
		transport = s.mutant.carry(l, l)
	}
	l.signals = make(chan os.Signal, 2)
	world := env{interrupts: func() (<-chan os.Signal, func()) { return l.signals, func() {} }, stdin: strings.NewReader(""), stdout: &out, stderr: &log, transport: transport, journal: l.journalTo, settle: s.mutant.settle,
		planned: func(p *plan.Plan) { e.planned = p.Size() },
		getenv:  getter(map[string]string{planVariable: "box", stateVariable: s.home, webhookVariable: s.hook})}
	e.code = run(ctx, world, append(args, "-C", s.dir))
	if os.Getenv("SIM_SEED") != "" {
		s.tell("%v\n%s%s", args, out.String(), log.String())
	}
	e.took = time.Since(began)
	time.Sleep(time.Second) // runs are named by the second
	synctest.Wait()         // what was under way is over
	e.out, e.log, e.died, e.life = out.String(), log.String(), l.dead, l
	if l.dead {
		if err := s.restore(l.remains); err != nil {
			s.breaks("the simulation itself: %v", err)
		}
	}
	return e
}

// declare writes the manifests.
func (s *sim) declare(c cast) {
	s.routes.decide(c)
	s.cast, s.casts = c, s.casts+1
	s.write(c)
}

func (s *sim) write(c cast) {
	for _, t := range c {
		s.kinds[simKinds[t.kind]] = true
	}
	files := map[string]string{"b24apply.yaml": "apiVersion: b24apply/v1\n" + projectOf(""), "m/all.yaml": c.manifests()}
	for name, text := range files {
		path := filepath.Join(s.dir, name)
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, []byte(text), 0o600)); err != nil {
			s.breaks("the simulation itself: %v", err)
		}
	}
}

// simPinned are seeds that have found something in a longer campaign, and what that was.
var simPinned = map[int]string{
	890:  "a record that an undo creates again forgets what people had made of its fields",
	1857: "a run that goes on puts its value over a person's, who saved at once after a death",
	2529: "a conflict of an earlier run has no code, nor says what it was",
	2697: "a run that goes on with a saved plan does so a minute later",
	5553: "what a person changed before a dead run is settled is forgotten by the next save",
	2742: "what was answered before a second signal is not undone",
}

// TestSimulation plays stories in simulated time: every law holds, wherever a process dies.
// SIM_SEED plays one alone, and tells all that its commands said.
func TestSimulation(t *testing.T) {
	if only := variableOr("SIM_SEED", -1); only >= 0 {
		story, broken := simulate(t, uint64(only), mutant{})
		t.Logf("seed %d:\n  %s\n%s", only, strings.Join(story, "\n  "), strings.Join(broken, "\n"))
		if len(broken) > 0 {
			t.Fail()
		}
		return
	}
	const shards = 2
	from, n := variableOr("SIM_FROM", 0), variableOr("SIM_SEEDS", 300)
	seeds := slices.Collect(maps.Keys(simPinned))
	for seed := from; seed < from+n; seed++ {
		if simPinned[seed] == "" {
			seeds = append(seeds, seed)
		}
	}
	before := debug.SetGCPercent(400) // there is much to throw away, and little to keep
	t.Cleanup(func() { debug.SetGCPercent(before) })
	for shard := range shards {
		t.Run(fmt.Sprint("shard ", shard), func(t *testing.T) {
			t.Parallel()
			for i := shard; i < len(seeds); i += shards {
				seed := seeds[i]
				if story, broken := simulate(t, uint64(seed), mutant{}); len(broken) > 0 {
					t.Errorf("seed %d:\n  %s\n%s", seed, strings.Join(story, "\n  "), strings.Join(broken, "\n"))
				} else if testing.Verbose() {
					t.Logf("seed %d:\n  %s", seed, strings.Join(story, "\n  "))
				}
			}
		})
	}
}
