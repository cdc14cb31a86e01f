// Package ui renders what the other packages find: problems, plans, outcomes and
// reports, as text for people and as JSON for programs. It never calls a portal
// and never changes what it is given.
//
// Start with [Plan] and [Report], or [PlanJSON] and [ReportJSON]. Equal input
// gives equal bytes. Whatever a person may have typed into a manifest or a portal
// is shown with its control characters, terminal escapes and bidirectional
// controls escaped, so that no value can move the cursor or pose as another one. And
// all that is written anywhere, by this package or not, passes a [Door].
package ui
