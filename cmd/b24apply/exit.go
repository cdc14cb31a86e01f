package main

import "github.com/b24apply/b24apply/pkg/apply"

// The exit codes of commands that end before a run has a report; a run's own code
// is apply.Report.ExitCode.
const (
	exitDone        = 0
	exitError       = 1
	exitPending     = 2
	exitItems       = 3
	exitInvalid     = 4
	exitRefused     = 5
	exitPlan        = 6
	exitHeld        = apply.ExitRival
	exitAuth        = 8
	exitInterrupted = 130
)
