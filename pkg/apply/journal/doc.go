// Package journal is the file in which a run writes down what it is about to do and what
// came of it, so that whoever comes after a death knows what may still be happening.
//
// A journal has one [Record] a line, as JSON that ends with a checksum; records are numbered
// in a row. A [Writer] puts many goroutines' records on disk with one sync. [Read] tolerates
// a torn last line and nothing else; [State] folds the records into what is known of each
// item of the plan. The package knows nothing of scheduling, and nothing of the portal.
package journal
