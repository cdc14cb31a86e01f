// Package plan is what would change on a portal, as data: a [Plan] lists a [Change] for
// every resource, a change its [Field]s and [Step]s. Everything is exported, so that a
// plan can be written to a file, read back and carried out as if it had never left.
// How a change becomes requests is not said here.
package plan
