// Package double makes the plan that mends doubles: of the records that carry one mark the
// lowest id stays, always, what points at the others is made to point at it, and the others are
// deleted if nothing of them would be lost. It reads nothing.
package double
