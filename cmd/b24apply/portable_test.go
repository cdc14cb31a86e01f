package main

import (
	"net/http/httptest"
	"path/filepath"
	"testing"
	"time"

	"github.com/b24apply/b24apply/pkg/portal"
)

// The same manifests reach the same state on portals that mean the same and have
// other ids, another zone and other records of people: everything is created, and a
// second plan is empty and writes nothing.
func TestTheQuickstartIsPortable(t *testing.T) {
	for name, cfg := range map[string]portal.Config{
		"an empty portal in the east": {Zone: time.FixedZone("", 3*3600)},
		"a used portal in the west":   {Zone: time.FixedZone("", -5*3600), IDBase: 7000, Seed: "demo"},
	} {
		t.Run(name, func(t *testing.T) {
			p, err := portal.Open(t.Context(), cfg)
			if err != nil {
				t.Fatal(err)
			}
			server := httptest.NewServer(p)
			t.Cleanup(func() { server.Close(); _ = p.Close() })
			w := &world{t: t, portal: p, url: server.URL + p.WebhookPath()}
			quickstart := filepath.Join("..", "..", "examples", "quickstart")
			report := w.report(exitDone, "apply", "-C", quickstart, "--yes")
			if report.Counts["succeeded"] != 30 {
				t.Errorf("counts %v, want 30 succeeded", report.Counts)
			}
			p.ResetStats()
			w.run(exitDone, "plan", "-C", quickstart, "--detailed-exitcode")
			if n := p.Stats().Writes; n != 0 {
				t.Errorf("the second plan wrote %d times", n)
			}
		})
	}
}
