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

// defaultHeartbeat is env.heartbeat.
const defaultHeartbeat = 30 * time.Second

// progress tells how far a run is: on stderr, once a second in place on a terminal and a
// line with each heartbeat elsewhere, and with each heartbeat in the events.
type progress struct {
	w        io.Writer
	style    ui.Style
	terminal bool
	beat     time.Duration
	events   *ui.Events
	total    int
	binding  func() bitrix.Binding // which limit binds; nil until begin

	mu          sync.Mutex // of what follows: waits begin on any goroutine
	done, wrong int
	started     time.Time
	told        time.Time

	stop  chan struct{} // nil until begin
	ended sync.WaitGroup
}

func (a *app) progress(total int) *progress {
	beat := a.heartbeat
	if beat <= 0 {
		beat = defaultHeartbeat
	}
	return &progress{w: a.stderr, style: a.stderr.Style(), terminal: a.stderr.IsTerminal(), beat: beat, events: a.events(), total: total, started: time.Now()}
}

// begin tells of a run until close.
func (p *progress) begin(client *bitrix.Client) {
	p.binding, p.stop = client.Binding, make(chan struct{})
	p.ended.Go(func() {
		lines, beats := time.NewTicker(p.interval()), time.NewTicker(p.beat)
		defer lines.Stop()
		defer beats.Stop()
		for {
			select {
			case <-p.stop:
				return
			case <-lines.C:
				p.print()
			case <-beats.C:
				p.events.Progress(p.now())
			}
		}
	})
}

// interval is the time between two lines.
func (p *progress) interval() time.Duration {
	if p.terminal {
		return time.Second
	}
	return p.beat
}

// outcome counts one item.
func (p *progress) outcome(o apply.Outcome) {
	if o.Action == plan.NoOp || o.Action == plan.Refuse || o.Run != "" {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.done++
	if o.Status != apply.Succeeded {
		p.wrong++
	}
}

// now is how far the run is.
func (p *progress) now() ui.Progress {
	p.mu.Lock()
	defer p.mu.Unlock()
	elapsed := time.Since(p.started)
	out := ui.Progress{Done: p.done, Total: p.total, Wrong: p.wrong, PerSecond: float64(p.done) / max(elapsed.Seconds(), 1e-3)}
	if left, known := p.left(elapsed); known {
		seconds := left.Seconds()
		out.Left = &seconds
	}
	out.Limit = p.limit()
	return out
}

// limit is what keeps the run from going faster, nil if nothing does.
func (p *progress) limit() *ui.Limit {
	b := p.binding()
	if b.Limit == bitrix.LimitNone {
		return nil
	}
	l := &ui.Limit{By: string(b.Limit), Method: b.Method}
	if !b.Until.IsZero() {
		until := b.Until.UTC().Truncate(time.Second)
		l.Until = &until
	}
	return l
}

func (p *progress) print() {
	line := p.style.ProgressLine(p.now())
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
	p.events.Waiting(d, why)
	fmt.Fprintln(p.w, clear+p.style.Text(value.Say("waiting-up-to", value.T("time", d.Round(time.Second).String()), value.M("why", why))))
}

// outage tells on stderr that the portal is away, or back.
func (a *app) outage(o bitrix.Outage) {
	clear := ""
	if a.stderr.IsTerminal() {
		clear = ui.ClearLine
	}
	cause := value.Message{}
	if o.Cause != nil {
		cause = value.SaidBy(o.Cause)
	}
	a.events().Outage(o.Portal, o.Since, o.Until, cause, o.Over)
	fmt.Fprintf(a.stderr, "%s%s\n", clear, a.stderr.Style().Text(apply.Told(o)))
}

// left says how long the rest takes. The first items wait for many things, a method
// without time among them: nothing is concluded from a few.
func (p *progress) left(elapsed time.Duration) (left time.Duration, known bool) {
	if elapsed < time.Minute || p.done < min(500, p.total/20+1) {
		return 0, false
	}
	return time.Duration(float64(p.total-p.done) / float64(p.done) * float64(elapsed)).Round(time.Second), true
}

// close ends what begin has begun, and clears the line on a terminal. It can begin again.
func (p *progress) close() {
	if p.stop != nil {
		close(p.stop)
		p.ended.Wait()
		p.stop = nil
	}
	if p.terminal {
		fmt.Fprint(p.w, ui.ClearLine)
	}
}
