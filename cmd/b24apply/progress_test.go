package main

import (
	"bytes"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/b24apply/b24apply/internal/ui"
	"github.com/b24apply/b24apply/pkg/apply"
	"github.com/b24apply/b24apply/pkg/bitrix"
	"github.com/b24apply/b24apply/pkg/plan"
	"github.com/b24apply/b24apply/pkg/value"
)

func TestWordsTheFirstItemsSayNothingOfTheTimeLeft(t *testing.T) {
	tests := []struct {
		done, total int
		elapsed     time.Duration
		want        time.Duration // 0: it is not known
	}{
		{1, 10_000, 2 * time.Second, 0},   // 5 h 33 min
		{50, 10_000, 10 * time.Minute, 0}, // parked after the first batch
		{2, 3, 10 * time.Second, 0},
		{500, 10_000, time.Minute, 19 * time.Minute},
		{50, 100, 2 * time.Minute, 2 * time.Minute},
	}
	for _, tt := range tests {
		if got, known := (&progress{done: tt.done, total: tt.total}).left(tt.elapsed); got != tt.want || known != (got > 0) {
			t.Errorf("%d of %d after %s: %s, want %s", tt.done, tt.total, tt.elapsed, got, tt.want)
		}
	}
}

// progressFor is what a run tells that takes so long, with an item a second.
func progressFor(t *testing.T, terminal bool, beat, takes time.Duration) string {
	t.Helper()
	var out bytes.Buffer
	synctest.Test(t, func(t *testing.T) {
		client, err := bitrix.New(bitrix.Config{Webhook: "http://127.0.0.1:1/rest/1/abcdefghijkl/"})
		if err != nil {
			t.Fatal(err)
		}
		door := ui.NewDoor(&out, ui.Style{}, terminal)
		a := &app{stderr: door, env: env{heartbeat: beat}}
		p := a.progress(1000)
		p.begin(client)
		for range int(takes / time.Second) {
			time.Sleep(time.Second / 2) // no item ends at the moment of a line
			p.outcome(apply.Outcome{Action: plan.Create, Status: apply.Succeeded})
			time.Sleep(time.Second / 2)
		}
		p.waiting(time.Minute, value.Verbatim("for a method"))
		p.close()
	})
	return out.String()
}

// Off a terminal a run tells how far it is every 30 seconds, whether items end or not, and a
// short one does not.
func TestWordsAHeartbeatIsALineEvery30Seconds(t *testing.T) {
	for _, tt := range []struct {
		beat, takes time.Duration
		lines       int
	}{{0, 29 * time.Second, 0}, {0, 95 * time.Second, 3}, {10 * time.Second, 95 * time.Second, 9}} {
		text := progressFor(t, false, tt.beat, tt.takes)
		if n := strings.Count(text, " of 1000 done, 0 not well, 1.0 a second, "); n != tt.lines || strings.Contains(text, "\r") || strings.Count(text, "waiting up to 1m0s") != 1 {
			t.Errorf("every %s, after %s there are %d lines, want %d:\n%s", tt.beat, tt.takes, n, tt.lines, text)
		}
	}
}

// On a terminal it stands on one line, which is gone in the end.
func TestWordsATerminalHasOneLine(t *testing.T) {
	text := progressFor(t, true, 0, 95*time.Second)
	if strings.Count(text, "\n") != 1 || strings.Count(text, ui.ClearLine) < 90 || !strings.HasSuffix(text, ui.ClearLine) || !strings.Contains(text, "left, until ") {
		t.Errorf("%q", text)
	}
}
