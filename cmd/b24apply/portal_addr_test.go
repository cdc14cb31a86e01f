package main

import (
	"context"
	"io"
	"strings"
	"testing"
)

// startedPortal runs the portal command until its first line is there and returns what it told.
func startedPortal(t *testing.T, args ...string) string {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var stderr strings.Builder
	reader, writer := io.Pipe()
	done := make(chan int, 1)
	go func() {
		none := func(string) (string, bool) { return "", false }
		done <- run(ctx, env{stdin: strings.NewReader(""), stdout: writer, stderr: &stderr, getenv: none}, append([]string{"portal"}, args...))
		writer.Close()
	}()
	if _, err := reader.Read(make([]byte, 1)); err != nil {
		t.Fatalf("no first line: %v", err)
	}
	cancel()
	_, _ = io.Copy(io.Discard, reader)
	if code := <-done; code != exitDone {
		t.Errorf("the portal ended with %d", code)
	}
	return stderr.String()
}

func TestCaseA11APortalThatOthersReachWarns(t *testing.T) {
	for addr, warned := range map[string]bool{
		"0.0.0.0:0": true, ":0": true, "[::]:0": true, "127.0.0.1:0": false, "localhost:0": false, "127.9.9.9:0": false,
	} {
		told := startedPortal(t, "--addr", addr)
		if got := strings.Contains(told, "warning: the portal listens on"); got != warned {
			t.Errorf("--addr %s told %q", addr, told)
		}
	}
}
