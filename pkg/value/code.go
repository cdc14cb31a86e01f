package value

import (
	"slices"
	"strings"
)

// A Place is a set of places where a code occurs.
type Place uint8

// The places.
const (
	Problem Place = 1 << iota // the rule of a problem of the manifests
	Refused                   // why a plan refuses a change
	Outcome                   // what became of a change
	Call                      // what became of an item of call --items
	Noted                     // what a plan says beside its changes
	Saved                     // why a saved plan is not used
)

// A Code is what is known about one code of our own. The portal's codes are not
// here: they are Bitrix24's to name. What to do about it stands in package ui; see [Do].
type Code struct {
	Name string // stable, such as "stage" or "AMBIGUOUS_KEY"
	In   Place
	Why  string // for docs/errors.md: the fact
	Do   string // for docs/errors.md: what to do; "" where the hint says it

	// Retryable says that the item may succeed later though nothing is mended. It is for
	// codes of outcomes that name their cause; BLOCKED and RUN_ENDED are as retryable as
	// what they name, and so are the portal's codes.
	Retryable bool

	Refuses string // a problem that only the portal can tell: the code for which the item is refused
}

// Codes gives the rows for a place, sorted by name.
func Codes(in Place) []Code {
	var out []Code
	for _, c := range slices.Concat(problems, refusals, outcomes, calls, notes, savedPlans) {
		if c.In&in != 0 {
			out = append(out, c)
		}
	}
	slices.SortFunc(out, func(a, b Code) int { return strings.Compare(a.Name, b.Name) })
	return out
}

var table = func() map[string]Code {
	all := make(map[string]Code)
	for _, c := range Codes(Problem | Refused | Outcome | Call | Noted | Saved) {
		all[c.Name] = c
	}
	return all
}()

// IsRetryable tells whether a code of ours says by itself that an item may succeed later.
func IsRetryable(code string) bool { return table[code].Retryable }

// codeNotPossible refuses an item whose rule has no code of its own.
const codeNotPossible = "NOT_POSSIBLE"

// RefusalFor gives the code for which an item is refused where a rule does not hold on the
// portal alone.
func RefusalFor(rule string) string {
	if code := table[rule].Refuses; code != "" {
		return code
	}
	return codeNotPossible
}

// remedies begins the codes of messages that are the hints of codes.
const remedies = "do/"

// Do says what to do about a code of ours; it is zero for another one. Without the
// arguments of its sentence it says so in general.
func Do(code string, args ...Arg) Message {
	if _, ours := table[code]; !ours {
		return Message{}
	}
	return Say(remedies+code, args...)
}

// DoIn is Do for a code that occurs at a place, zero for one that does not: there it is the
// portal's, whose names may be the same.
func DoIn(in Place, code string) Message {
	if table[code].In&in == 0 {
		return Message{}
	}
	return Do(code)
}

// Done gives the code whose hint a message is.
func Done(m Message) (code string, ok bool) { return strings.CutPrefix(m.Code, remedies) }
