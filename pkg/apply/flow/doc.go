// Package flow decides how far a run goes: whether it may send more, has to wait, or is over,
// which changes are tried first, and in which waves the others follow. It is pure: what it
// knows are counters and the time that it is told, and it does nothing itself.
//
// Start with [Limits.Judge], which a run asks before each request that it sends; [Canary]
// and [Waves] order the changes of a plan before the first one.
package flow
