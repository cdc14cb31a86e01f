package main

import (
	"bytes"
	"strings"
	"testing"

	"github.com/b24apply/b24apply/pkg/value"
)

// Nothing but the whole word confirms, and what follows the question begins a line.
func TestWordsOnlyYesConfirms(t *testing.T) {
	for answer, want := range map[string]bool{
		"yes\n": true, "yes\r\n": true, "  yes \n": true, "yes": true,
		"": false, "\n": false, "y\n": false, "Yes\n": false, "yes please\n": false, "no\nyes\n": false, "\x04": false,
	} {
		var shown bytes.Buffer
		a := newApp(env{stdin: strings.NewReader(answer), stderr: &shown, stdout: &shown, getenv: func(string) (string, bool) { return "", false }})
		err := a.ask(value.Verbatim("Apply 1 change?"), value.Say("not-confirmed-nothing-written"), value.Say("interrupted-nothing-was-written"), nil)
		if (err == nil) != want {
			t.Errorf("%q: %v", answer, err)
		}
		if err != nil && (codeOf(err) != exitRefused || value.RemedyOf(err).IsZero()) {
			t.Errorf("%q: exit code %d, hint %q", answer, codeOf(err), hintOf(err, value.Message{}))
		}
		if atEnd := !strings.Contains(answer, "\n"); strings.HasSuffix(shown.String(), "\n") != atEnd {
			t.Errorf("%q leaves %q", answer, shown.String())
		}
	}
}
