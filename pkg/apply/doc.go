// Package apply carries a plan out.
//
// [Run] takes a [plan.Plan] and returns a [Report] in which every planned item
// occurs exactly once, on every way out. A change is sent when everything that it
// refers to exists; ready changes are packed 50 to a batch, those that a batch
// cannot carry exactly go alone as JSON. What the portal returned is compared with
// what was sent. A failed item stops nothing but what depends on it.
//
// A create is never repeated while it may have happened: its owner's mark is looked
// up first, for as long as the portal may still be working on the lost request.
package apply
