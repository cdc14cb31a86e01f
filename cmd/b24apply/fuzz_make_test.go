package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// fuzzingGo stands in for Go: two packages with two targets each, of which it lets fail
// what the variable BROKEN names; what it is called with stands in the file LOG.
const fuzzingGo = `#!/bin/sh
echo "$*" >>"$LOG"
case "$1 $2" in
"list ./...") printf 'one\ntwo\n' ;;
"test -list") [ "$4" != "$BROKEN" ] || exit 1; printf 'FuzzA%s\nFuzzB%s\nok\n' "$4" "$4" ;;
*) case "$*" in *"$BROKEN"*) exit 1 ;; esac ;;
esac
`

// One target that fails, or a package that cannot be built, keeps no other from running:
// make fuzz ends with an error that names it.
func TestCaseA12EveryFuzzTargetRuns(t *testing.T) {
	if _, err := exec.LookPath("make"); err != nil {
		t.Fatal("make is part of the set-up: ", err)
	}
	for _, tc := range []struct {
		broken, failed string
		ran            []string
	}{
		{"nothing", "", []string{"FuzzAone", "FuzzBone", "FuzzAtwo", "FuzzBtwo"}},
		{"FuzzAone", "failed: FuzzAone", []string{"FuzzAone", "FuzzBone", "FuzzAtwo", "FuzzBtwo"}},
		{"one", "failed: one", []string{"FuzzAtwo", "FuzzBtwo"}},
	} {
		t.Run(tc.broken, func(t *testing.T) {
			dir := t.TempDir()
			program, log := filepath.Join(dir, "go"), filepath.Join(dir, "log")
			if err := os.WriteFile(program, []byte(fuzzingGo), 0o700); err != nil {
				t.Fatal(err)
			}
			c := exec.Command("make", "-C", repository, "fuzz", "GO="+program, "FUZZTIME=1s")
			c.Env = append(os.Environ(), "LOG="+log, "BROKEN="+tc.broken, "MAKEFLAGS=", "MFLAGS=")
			out, err := c.CombinedOutput()
			if failed := err != nil; failed != (tc.failed != "") || !strings.Contains(string(out), tc.failed) {
				t.Errorf("error %v, output:\n%s", err, out)
			}
			calls, err := os.ReadFile(log)
			if err != nil {
				t.Fatal(err)
			}
			var ran []string
			for _, call := range lines(string(calls)) {
				_, target, fuzzes := strings.Cut(call, "-fuzz ^")
				if target, _, _ = strings.Cut(target, "$"); fuzzes {
					ran = append(ran, target)
				}
				if fuzzes && !strings.Contains(call, "-fuzzminimizetime") {
					t.Errorf("minimising has no bound: %s", call)
				}
			}
			if diff := cmp.Diff(tc.ran, ran); diff != "" {
				t.Errorf("-want +ran:\n%s", diff)
			}
		})
	}
}
