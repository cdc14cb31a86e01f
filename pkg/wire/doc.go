// Package wire makes requests of changes. [Settle] fills in the ids that a run has learned
// and gives a [Ready], [SettleStep] does so for one step: each is a [Call], which tells its
// request, reads and verifies the answer, finds what a lost answer may have made, and can be
// repaired or withdrawn. Nothing here sends anything: whoever carries a plan out does.
package wire
