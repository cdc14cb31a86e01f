package main

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Every help text and the README say the same of exit codes.
func TestWordsExitCodesAreTheSameEverywhere(t *testing.T) {
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	var shown [][2]string
	for _, row := range regexp.MustCompile(`(?m)^\| (\d+) \| (.*) \|$`).FindAllStringSubmatch(string(readme), -1) {
		shown = append(shown, [2]string{row[1], strings.ReplaceAll(row[2], "`", "")})
	}
	var told [][2]string
	for _, row := range regexp.MustCompile(`(?m)^  (\d+) +(.*)$`).FindAllStringSubmatch(exitCodes, -1) {
		told = append(told, [2]string{row[1], row[2]})
	}
	if d := cmp.Diff(told, shown); d != "" || len(told) < 9 {
		t.Errorf("help and README differ:\n%s", d)
	}
}

// What Go says of a flag's value is no answer to somebody who mistyped it.
func TestWordsFlagValuesAreToldPlainly(t *testing.T) {
	for _, args := range [][]string{
		{"adopt", "deal/a", "--id", "x"}, {"adopt", "deal/a", "--id", "99999999999999999999"},
		{"apply", "--lock-timeout", "5"}, {"apply", "--lock-timeout", "soon"}, {"apply", "--yes=maybe"},
		{"plan", "--concurrency", "many"}, {"plan", "--budget", "half"}, {"portal", "--id-base", "1.5"},
	} {
		var told strings.Builder
		code := run(t.Context(), env{stdin: strings.NewReader(""), stdout: &told, stderr: &told, getenv: func(string) (string, bool) { return "", false }}, args)
		if text := told.String(); code != exitError || !strings.Contains(text, "hint:") || regexp.MustCompile(`strconv|time:|parsing`).MatchString(text) {
			t.Errorf("%q: exit code %d: %s", args, code, text)
		}
	}
}
