package portal

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

// maxFaults bounds the rules that a portal keeps at once.
const maxFaults = 1000

// faults are the rules in force. The zero value has none and is ready to use.
type faults struct {
	mu    sync.Mutex
	rules []*armed
	fired func(kind string) // counts what fired

	away  *armed    // the outage that was last
	until time.Time // when it ends
}

// An armed rule remembers how often it matched and fired.
type armed struct {
	FaultRule
	Fired   int `json:"fired"`
	kind    faultKind
	delay   time.Duration
	matched int
	draws   *rand.Rand
}

func arm(rule FaultRule) *armed {
	a := &armed{FaultRule: rule, kind: faultKinds()[rule.Kind], draws: rand.New(rand.NewPCG(rule.Seed, 0))}
	a.Method = strings.ToLower(rule.Method)
	a.delay, _ = time.ParseDuration(rule.For) // checked; zero without one
	a.kind.after = a.kind.after || rule.When == "after"
	return a
}

// fits reports whether a rule is for one of the methods.
func (a *armed) fits(methods []string) bool {
	pattern := cmp.Or(a.Method, "*")
	return slices.ContainsFunc(methods, func(m string) bool { return matches(pattern, m) })
}

// fires counts a match and reports whether the rule acts this time.
func (a *armed) fires() bool {
	if a.N > 0 && a.Fired >= a.N {
		return false
	}
	a.matched++
	if a.Every > 0 && a.matched%a.Every != 0 || a.P > 0 && a.draws.Float64() >= a.P {
		return false
	}
	a.Fired++
	return true
}

// add puts further rules in force.
func (f *faults) add(rules []FaultRule) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.rules)+len(rules) > maxFaults {
		return fmt.Errorf("more than %d faults at once", maxFaults)
	}
	for _, r := range rules {
		f.rules = append(f.rules, arm(r))
	}
	return nil
}

func (f *faults) clear() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.rules, f.away = nil, nil
}

// request returns what goes wrong with a request: how long it is delayed, and
// the first rule that replaces its answer, if any.
func (f *faults) request(methods []string) (delay time.Duration, rule *armed) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.away != nil && time.Now().Before(f.until) {
		return 0, f.away
	}
	for _, a := range f.rules {
		late := rule != nil && a.kind.act != nil
		if a.kind.command || late || !a.fits(methods) || !a.fires() {
			continue
		}
		f.fired(a.Kind)
		switch {
		case a.kind.act == nil:
			delay += a.delay
		case a.kind.outage:
			f.away, f.until = a, time.Now().Add(a.delay)
			fallthrough
		default:
			rule = a
		}
	}
	return delay, rule
}

// command applies the rules to a command on its entry: they alter what it says, and the first
// refusal is returned.
func (f *faults) command(m method, c *call) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, a := range f.rules {
		if !a.kind.command || a.kind.at != onEntry || !a.fits([]string{m.name}) {
			continue
		}
		if a.kind.alter != nil {
			for range a.kind.alter(a, m, c) {
				f.fired(a.Kind)
			}
		} else if a.fires() {
			f.fired(a.Kind)
			return a.kind.refuse(a.FaultRule)
		}
	}
	return nil
}

// due returns the rules for a later moment of a command that fire now.
func (f *faults) due(at faultMoment, name string) []FaultRule {
	f.mu.Lock()
	defer f.mu.Unlock()
	var due []FaultRule
	for _, a := range f.rules {
		if a.kind.command && a.kind.at == at && a.fits([]string{name}) && a.fires() {
			f.fired(a.Kind)
			due = append(due, a.FaultRule)
		}
	}
	return due
}

// methodsOf lists the methods that a request asks for: its own, and those of
// its batch.
func methodsOf(name string, params *Map) []string {
	methods := []string{name}
	if !strings.EqualFold(name, batchMethod) {
		return methods
	}
	cmd, _ := foldGet(params, "cmd")
	commands, _ := asList(cmd)
	for _, v := range commands {
		if command, ok := v.(string); ok {
			method, _, _ := strings.Cut(command, "?")
			methods = append(methods, method)
		}
	}
	return methods
}

// answer lets comply execute and answer a request for some methods, as far as
// the faults allow.
func (p *Portal) answer(w http.ResponseWriter, r *http.Request, methods []string, comply func(http.ResponseWriter)) {
	delay, rule := p.faults.request(methods)
	time.Sleep(delay)
	x := exchange{w: w, r: r, comply: comply}
	if rule != nil {
		x.rule, x.delay = rule.FaultRule, rule.delay
		if !rule.kind.after {
			rule.kind.act(p, x)
			return
		}
		x.answer = newCaptured()
		w = x.answer
	}
	comply(w)
	if rule != nil {
		rule.kind.act(p, x)
	}
}

// serveFaults lets tests look at the rules (GET), add some (POST with a JSON
// list of [FaultRule]) and remove them all (DELETE).
func (p *Portal) serveFaults(w http.ResponseWriter, r *http.Request) {
	if !allowed(w, r, http.MethodGet, http.MethodPost, http.MethodDelete) {
		return
	}
	switch r.Method {
	case http.MethodPost:
		p.addFaults(w, r)
	case http.MethodDelete:
		p.faults.clear()
		w.WriteHeader(http.StatusNoContent)
	default:
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
		w.Write(p.faults.list())
	}
}

// list is the rules as JSON, with how often each fired.
func (f *faults) list() []byte {
	f.mu.Lock()
	defer f.mu.Unlock()
	data, err := json.Marshal(append([]*armed{}, f.rules...))
	if err != nil {
		return []byte("[]") // rules hold only texts and finite numbers
	}
	return append(data, '\n')
}

func (p *Portal) addFaults(w http.ResponseWriter, r *http.Request) {
	data, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		refuseBody(w, err)
		return
	}
	rules, err := decodeFaults(data)
	if err == nil {
		err = p.faults.add(rules)
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}
