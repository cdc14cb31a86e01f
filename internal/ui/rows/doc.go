// Package rows writes what became of the rows of record sets: the file of those that were
// rejected, and the three of a run, succeeded, failed and not attempted. Each holds all columns
// of its source, and can be a source itself.
package rows
