package ui

import (
	"bytes"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/b24apply/b24apply/pkg/value"
)

func doctorText(t *testing.T, portal string, checks []Check, s Style) string {
	t.Helper()
	var b bytes.Buffer
	if err := Doctor(&b, portal, checks, s); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestDoctorGivesEachFindingALineAndItsRemedyAnother(t *testing.T) {
	got := doctorText(t, "acme.example", []Check{
		finding("address", CheckOK, "connected", ""),
		finding("TLS", CheckWarn, "10 days left", "renew it"),
		finding("credential", CheckFail, "not accepted", "make a new one"),
		finding("user", CheckSkip, "no credential", ""),
		finding("plan", CheckSkip, "no credential", ""),
		finding("REST 3.0", CheckInfo, "it is there", ""),
		finding("clock", CheckSkip, "no credential", ""),
	}, Style{})
	want := `Portal acme.example

ok    address     connected
warn  TLS         10 days left
                  do: renew it
fail  credential  not accepted
                  do: make a new one
skip  2 checks    no credential: user, plan
info  REST 3.0    it is there
skip  clock       no credential

1 check failed, 1 warning, 3 not checked.
`
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestDoctorSummarisesWhatThereIsToDo(t *testing.T) {
	for want, statuses := range map[string][]CheckStatus{
		"Ready.":                      {CheckOK, CheckInfo},
		"Ready, with 1 warning.":      {CheckWarn, CheckOK},
		"2 checks failed.":            {CheckFail, CheckFail},
		"1 check failed, 2 warnings.": {CheckFail, CheckWarn, CheckWarn},
	} {
		checks := make([]Check, len(statuses))
		for i, s := range statuses {
			checks[i] = finding("c", s, "", "")
		}
		if got := english.checkSummary(checks); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestDoctorFoldsLinesOnAScreenOnly(t *testing.T) {
	checks := []Check{finding("read access", CheckOK, strings.Repeat("invoices ", 20), strings.Repeat("read ", 20))}
	for line := range strings.Lines(doctorText(t, "", checks, Style{Width: 60})) {
		if n := len(strings.TrimSuffix(line, "\n")); n > 60 {
			t.Errorf("a line of %d columns: %s", n, line)
		}
	}
	if got := strings.Count(doctorText(t, "", checks, Style{}), "\n"); got != 4 {
		t.Errorf("%d lines without a screen, want one each for the message, the remedy, the gap and the summary", got)
	}
}

func TestDoctorShowsTextOfThePortalEscaped(t *testing.T) {
	text := doctorText(t, "a\x1b[2J", []Check{finding("user", CheckOK, "Olga\x1b[2J\nfail  x", "do\u202ethis")}, Style{Color: true})
	for _, raw := range []string{"\x1b[2J", "\nfail", "\u202e"} {
		if strings.Contains(text, raw) {
			t.Errorf("the output holds %q raw: %q", raw, text)
		}
	}
}

func TestDoctorJSONHoldsEveryFinding(t *testing.T) {
	var b bytes.Buffer
	err := DoctorJSON(&b, "acme.example", []Check{finding("user", CheckOK, "Olga", ""), finding("plan", CheckWarn, "slow", "set it"), finding("clock", CheckSkip, "x", "")})
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]any{
		"portal": "acme.example",
		"counts": map[string]any{"ok": 1.0, "info": 0.0, "warn": 1.0, "fail": 0.0, "skip": 1.0},
		"checks": []any{
			map[string]any{"check": "user", "status": "ok", "message": "Olga"},
			map[string]any{"check": "plan", "status": "warn", "message": "slow", "hint": "set it"},
			map[string]any{"check": "clock", "status": "skip", "message": "x"},
		},
	}
	if diff := cmp.Diff(any(want), decode(t, b.String())); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// finding is a check in words of a test.
func finding(name string, status CheckStatus, message, hint string) Check {
	return Check{value.Verbatim(name), status, value.Verbatim(message), value.Verbatim(hint)}
}
