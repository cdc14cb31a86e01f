// Package value holds what all other packages speak of: addresses and positions, values
// as they are declared and in their canonical form, messages, and the table of codes.
//
// Start with [Node], a declared value as it was written, and [Value], what a field holds
// in the canonical form of its type. A [Message] is a code and its arguments; package ui
// makes text of it.
//
// [Hint] and [Codes] are the table of codes: every stable code that b24apply gives to a
// problem, a refusal or an outcome, with its arguments and the hint that tells what to do
// about it. A code is one row of a file of this package, one line long and sorted:
// problems.go, refusals.go, outcomes.go and calls.go, by the place where it occurs first.
// docs/errors.md is made from the rows. The package imports nothing of ours, so that
// everyone may import it.
package value
