package main

import (
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/b24apply/b24apply/internal/ui"
	"github.com/b24apply/b24apply/pkg/apply"
	"github.com/b24apply/b24apply/pkg/bitrix"
	"github.com/b24apply/b24apply/pkg/plan"
	"github.com/b24apply/b24apply/pkg/value"
)

// progress tells on stderr how far a run is: once a second in place on a terminal,
// a line every 30 seconds elsewhere.
type progress struct {
	w           io.Writer
	style       ui.Style
	terminal    bool
	total       int
	done, wrong int
	started     time.Time
	last        time.Time

	mu   sync.Mutex // of told: waits begin on any goroutine
	told time.Time
}

func (a *app) progress(total int) *progress {
	now := time.Now()
	return &progress{w: a.stderr, style: a.stderr.Style(), terminal: a.stderr.IsTerminal(), total: total, started: now, last: now}
}

// outcome counts one item.
func (p *progress) outcome(o apply.Outcome) {
	if o.Action == plan.NoOp || o.Action == plan.Refuse {
		return
	}
	p.done++
	if o.Status != apply.Succeeded {
		p.wrong++
	}
	every := 30 * time.Second
	if p.terminal {
		every = time.Second
	}
	if now := time.Now(); now.Sub(p.last) >= every {
		p.last = now
		p.print(now)
	}
}

func (p *progress) print(now time.Time) {
	elapsed := now.Sub(p.started)
	args := []value.Arg{value.N("done", p.done), value.N("total", p.total), value.N("wrong", p.wrong), value.T("pace", fmt.Sprintf("%.0f", float64(p.done)/elapsed.Seconds()))}
	said := value.Say("progress-left-unknown", args...)
	if left, known := p.left(elapsed); known {
		said = value.Say("progress-left", append(args, value.T("left", left.String()))...)
	}
	line := p.style.Text(said)
	if p.terminal {
		fmt.Fprintf(p.w, ui.ClearLine+"%s", line)
		return
	}
	fmt.Fprintln(p.w, line)
}

// waiting tells of a long wait. Several that begin together are one.
func (p *progress) waiting(d time.Duration, why value.Message) {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := time.Now()
	if now.Before(p.told) {
		return
	}
	p.told = now.Add(5 * time.Second)
	clear := ""
	if p.terminal {
		clear = ui.ClearLine
	}
	fmt.Fprintln(p.w, clear+p.style.Text(value.Say("waiting-up-to", value.T("time", d.Round(time.Second).String()), value.M("why", why))))
}

// outage tells on stderr that the portal is away, or back.
func (a *app) outage(o bitrix.Outage) {
	clear := ""
	if a.stderr.IsTerminal() {
		clear = ui.ClearLine
	}
	fmt.Fprintf(a.stderr, "%s%s\n", clear, ui.Text(apply.Told(o)))
}

// left says how long the rest takes. The first items wait for many things, a method
// without time among them: nothing is concluded from a few.
func (p *progress) left(elapsed time.Duration) (left time.Duration, known bool) {
	if elapsed < time.Minute || p.done < min(500, p.total/20+1) {
		return 0, false
	}
	return time.Duration(float64(p.total-p.done) / float64(p.done) * float64(elapsed)).Round(time.Second), true
}

// close clears the line on a terminal.
func (p *progress) close() {
	if p.terminal {
		fmt.Fprint(p.w, ui.ClearLine)
	}
}
