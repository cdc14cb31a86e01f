package main

import (
	"bytes"
	"encoding/json"
	"net/http"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/b24apply/b24apply/pkg/portal"
)

func portalRequests(ts *testscript.TestScript, neg bool, args []string) {
	p := portalOf(ts)
	want := atoi(ts, args[0])
	if got := p.portal.Stats().Requests - p.sent; (got == want) == neg {
		ts.Fatalf("the portal got %d requests, want %d", got, want)
	}
}

// portalFaults makes the script's portal go wrong in this way and no other.
func portalFaults(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) != 1 || neg {
		ts.Fatalf("usage: portal-faults SPEC")
	}
	rules, err := portal.ParseFaults(args[0])
	ts.Check(err)
	body, err := json.Marshal(rules)
	ts.Check(err)
	for _, method := range []string{http.MethodDelete, http.MethodPost} {
		request, err := http.NewRequest(method, ts.Getenv("PORTAL")+"/__portal/faults", bytes.NewReader(body))
		ts.Check(err)
		response, err := http.DefaultClient.Do(request)
		ts.Check(err)
		_ = response.Body.Close()
		if response.StatusCode/100 != 2 {
			ts.Fatalf("%s faults %s: HTTP %d", method, args[0], response.StatusCode)
		}
	}
}
