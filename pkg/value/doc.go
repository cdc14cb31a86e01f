// Package value holds what all other packages say to people and to programs in one
// form. Today that is the table of codes: every stable code that b24apply gives to a
// problem, a refusal or an outcome, with its arguments and the hint that tells what
// to do about it.
//
// Start with [Hint] and [Codes]. A code is one row of a file of this package, one
// line long and sorted: problems.go, refusals.go, outcomes.go and calls.go, by the
// place where it occurs first. docs/errors.md is made from the rows. The package
// imports nothing of ours, so that everyone may import it.
package value
