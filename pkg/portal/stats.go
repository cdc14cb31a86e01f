package portal

import (
	"encoding/json"
	"maps"
	"net/http"
	"sync"
)

// Stats counts what a portal was asked since it was opened or its counts were
// reset.
type Stats struct {
	Requests int            `json:"requests"`         // HTTP requests below /rest/, refused ones included
	Commands map[string]int `json:"commands"`         // commands run by documented method name, those inside batches included; batches are none
	Writes   int            `json:"writes"`           // writing commands that succeeded
	Tokens   int            `json:"tokens,omitempty"` // pairs of tokens issued, renewals included

	Refused map[string]int `json:"refused,omitempty"` // requests and commands that the limits refused, by error code; 504 is a request cut off
	Faults  map[string]int `json:"faults,omitempty"`  // faults that fired, by kind
}

// Stats returns a copy of the counts so far.
func (p *Portal) Stats() Stats { return p.counts.snapshot() }

// ResetStats sets all counts to zero.
func (p *Portal) ResetStats() { p.counts.reset() }

// A counter collects the stats. The zero value is ready to use.
type counter struct {
	mu    sync.Mutex
	stats Stats
}

func (c *counter) request() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.stats.Requests++
}

// command counts a command that ran, and whether it wrote.
func (c *counter) command(name string, wrote bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.stats.Commands = increment(c.stats.Commands, name)
	if wrote {
		c.stats.Writes++
	}
}

// token counts a pair of tokens that was issued.
func (c *counter) token() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.stats.Tokens++
}

// refused counts what the limits did not let pass.
func (c *counter) refused(code string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.stats.Refused = increment(c.stats.Refused, code)
}

// fault counts a fault that fired.
func (c *counter) fault(kind string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.stats.Faults = increment(c.stats.Faults, kind)
}

// increment adds one to a count in a map, which is made if there is none.
func increment(m map[string]int, key string) map[string]int {
	if m == nil {
		m = make(map[string]int)
	}
	m[key]++
	return m
}

func (c *counter) snapshot() Stats {
	c.mu.Lock()
	defer c.mu.Unlock()
	s := c.stats
	s.Commands = make(map[string]int, len(c.stats.Commands))
	maps.Copy(s.Commands, c.stats.Commands)
	s.Refused, s.Faults = maps.Clone(s.Refused), maps.Clone(s.Faults)
	return s
}

func (c *counter) reset() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.stats = Stats{}
}

// serveStats answers GET /__portal/stats.
func (p *Portal) serveStats(w http.ResponseWriter, r *http.Request) {
	if !allowed(w, r, http.MethodGet) {
		return
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	json.NewEncoder(w).Encode(p.Stats())
}

// resetStats answers POST /__portal/stats/reset.
func (p *Portal) resetStats(w http.ResponseWriter, r *http.Request) {
	if !allowed(w, r, http.MethodPost) {
		return
	}
	p.ResetStats()
	w.WriteHeader(http.StatusNoContent)
}
