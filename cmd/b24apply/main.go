// Command b24apply reconciles a Bitrix24 CRM with YAML manifests: validate checks
// them, plan shows what would change, apply changes it and reports every item.
package main

import (
	"context"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"
)

// memoryLimit makes the collector work harder before a large run takes more of the
// machine than the 512 MiB that are promised; GOMEMLIMIT overrides it.
const memoryLimit = 448 << 20

func main() {
	os.Exit(mainCode())
}

func mainCode() int {
	if _, set := os.LookupEnv("GOMEMLIMIT"); !set {
		debug.SetMemoryLimit(memoryLimit)
	}
	interrupts := make(chan os.Signal, 2)
	signal.Notify(interrupts, os.Interrupt, syscall.SIGTERM)
	defer signal.Stop(interrupts)
	return run(context.Background(), env{
		stdin: os.Stdin, stdout: os.Stdout, stderr: os.Stderr,
		getenv: os.LookupEnv, interrupts: interrupts,
	}, os.Args[1:])
}
