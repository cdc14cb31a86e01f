// Command b24apply reconciles a Bitrix24 CRM with YAML manifests: validate checks
// them, plan shows what would change, apply changes it and reports every item.
package main

import (
	"context"
	"log"
	"os"
	"os/signal"
	"syscall"

	"github.com/b24apply/b24apply/internal/ui"
	"github.com/b24apply/b24apply/pkg/plan"
)

func main() {
	os.Exit(mainCode(func(*env) {}))
}

// mainCode runs the command line of this process; nothing but tests alters what it has.
func mainCode(alter func(*env)) int {
	setCollector(os.LookupEnv)
	// A closed pipe is an error of the write, and ends nothing. Programs that are started
	// keep the signal.
	signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE)
	log.SetOutput(ui.NewDoor(os.Stderr, ui.Style{}, false)) // what the standard library's servers and clients say
	e := env{
		stdin: os.Stdin, stdout: os.Stdout, stderr: os.Stderr, getenv: os.LookupEnv, interrupts: interrupts, configDir: os.UserConfigDir, homeDir: os.UserHomeDir, spool: plan.Spool{Above: plan.SpoolAbove},
	}
	alter(&e)
	return run(context.Background(), e, os.Args[1:])
}

// interrupts starts to take the signals that end a process. Until a command asks
// for them they do what they always do: a command that has not reached a portal yet
// has nothing to put in order. The end of the terminal is one of them, unless nohup has
// said that it is not.
func interrupts() (<-chan os.Signal, func()) {
	c := make(chan os.Signal, 2)
	signal.Notify(c, os.Interrupt, syscall.SIGTERM)
	if !signal.Ignored(syscall.SIGHUP) {
		signal.Notify(c, syscall.SIGHUP)
	}
	return c, func() { signal.Stop(c) }
}
