package main

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/b24apply/b24apply/internal/ui"
	"github.com/b24apply/b24apply/pkg/bitrix"
)

const (
	planStandard   = "standard"
	planEnterprise = "enterprise"
	planBox        = "box"
)

// plans lists the plans whose limits are known before they are met, the narrowest first.
var plans = []string{planStandard, planEnterprise, planBox}

// allowance says what a portal of a plan allows, in words.
// Source: https://apidocs.bitrix24.com/limits.html
func allowance(plan string) string {
	switch plan {
	case planStandard:
		return "2 requests a second after a burst of 50"
	case planEnterprise:
		return "5 requests a second after a burst of 250"
	}
	return "no limit of requests"
}

// checkPlan compares the portal's licence with the plan that the client keeps to.
func (d *doctor) checkPlan(context.Context) []finding {
	var info struct {
		Licence string `json:"LICENSE"`
	}
	if err := d.fact("app.info", &info); err != nil {
		return unknown("the portal's plan", err)
	}
	if d.embedded || isLoopbackURL(d.base().String()) {
		return fine("%s; on this machine its limits are those that it was started with", cmp.Or(info.Licence, "no licence"))
	}
	return comparePlans(info.Licence, d.client.Limits().Plan)
}

// comparePlans compares a licence with the plan whose limits are kept.
func comparePlans(licence, kept string) []finding {
	actual := bitrix.LicencePlan(licence)
	told := allowance(kept)
	hint := fmt.Sprintf("set plan: %s in the project's environment, or %s=%[1]s", actual, planVariable)
	switch {
	case actual == "":
		return note("the portal's licence does not tell its limits; b24apply keeps to plan %s: %s", kept, told)
	case actual == kept:
		return fine("%s, for which b24apply keeps to plan %s", licence, kept)
	case slices.Index(plans, kept) < slices.Index(plans, actual):
		return one(ui.CheckWarn, hint, "%s allows %s; with plan %s (%s) b24apply is slower than it could be", licence, allowance(actual), kept, told)
	}
	return one(ui.CheckWarn, hint, "%s allows %s; with plan %s (%s) the portal will refuse requests for a while", licence, allowance(actual), kept, told)
}

const (
	// operatingLimit is the execution time that the cloud allows a method in ten
	// minutes. Source: https://apidocs.bitrix24.com/limits.html
	operatingLimit = 480 * time.Second
	// operatingHigh is what is worth a warning.
	operatingHigh = operatingLimit * 3 / 4
)

// checkLimits tells the limits in force, and what other programs with this credential
// have used of them: the portal counts time for each method.
func (d *doctor) checkLimits(context.Context) []finding {
	seen := d.client.Limits()
	out := fine("plan %s: %s", seen.Plan, allowance(seen.Plan))
	if seen.Refused > 0 {
		out = append(out, one(ui.CheckWarn, "other programs call the portal from this address: slow them down, or run at another time",
			"the portal refused %s for coming too fast", plural(seen.Refused, "request"))...)
	}
	if len(d.used) == 0 {
		return append(out, note("the portal does not tell how much time its methods have used")...)
	}
	busiest, high := "", false
	for _, method := range slices.Sorted(maps.Keys(d.used)) {
		t := d.used[method]
		if busiest == "" || t.Operating > d.used[busiest].Operating {
			busiest = method
		}
		if t.Operating >= operatingHigh {
			high = true
			out = append(out, one(ui.CheckWarn, "another program works with this "+d.holder()+": give each its own, or wait",
				"%s has used %.0f s of the %.0f s that a method may use in ten minutes; some of it is free again at %s UTC", method,
				t.Operating.Seconds(), operatingLimit.Seconds(), t.OperatingReset.UTC().Format(time.TimeOnly))...)
		}
	}
	if high {
		return out
	}
	return append(out, fine("execution time: %.1f s of %.0f s in ten minutes used by %s, the most of the methods called here",
		d.used[busiest].Operating.Seconds(), operatingLimit.Seconds(), busiest)...)
}

// readClock compares the portal's clock with this machine's. The moment at which an
// answer was finished lies between sending and receiving, if the clocks agree.
func (d *doctor) readClock(sent, received, finished time.Time) {
	if finished.IsZero() {
		if d.visit.date.IsZero() {
			return
		}
		finished = d.visit.date // in whole seconds, which is exact enough for a minute
	}
	d.clockRead = true
	switch {
	case finished.Before(sent):
		d.skew = finished.Sub(sent)
	case finished.After(received):
		d.skew = finished.Sub(received)
	}
}

// tolerated is the difference of clocks that is not worth a warning.
const tolerated = time.Minute

// checkClock warns of clocks that differ. Nothing depends on them: the client compares
// the portal's times only with each other.
func (d *doctor) checkClock(context.Context) []finding {
	size := d.skew.Abs().Round(time.Second)
	direction := "ahead of"
	if d.skew < 0 {
		direction = "behind"
	}
	switch {
	case !d.clockRead:
		return note("the portal does not tell the time")
	case size > tolerated:
		return one(ui.CheckWarn, "set this machine's clock (or the server's, if the portal is your own); it does not stop b24apply, but times in reports and on the portal differ",
			"the portal's clock is %s %s this machine's", size, direction)
	case size == 0:
		return fine("the portal's clock agrees with this machine's")
	}
	return fine("the portal's clock is %s %s this machine's", size, direction)
}

// checkZone tells in which zone the portal writes times.
// Source: https://apidocs.bitrix24.com/api-reference/common/system/server-time.html
func (d *doctor) checkZone(context.Context) []finding {
	var text string
	if err := d.fact("server.time", &text); err != nil {
		return unknown("the portal's time zone", err)
	}
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return note("the portal tells its time in an unknown form")
	}
	if d.profile.Zone != "" {
		return fine("the server is at UTC%s, the user at %s", at.Format("-07:00"), d.profile.Zone)
	}
	return fine("the server is at UTC%s", at.Format("-07:00"))
}

// expectedMember is the portal's memberId as the project pins it; "" if it does not.
func (d *doctor) expectedMember() string {
	if d.set.Env == nil {
		return ""
	}
	return d.set.Env.MemberID
}

// toldMember is the memberId that came with the credential; "" for a webhook and a
// bare access token, which are never told it. Source: https://apidocs.bitrix24.com/settings/oauth/index.html
func (d *doctor) toldMember() string {
	if file, ok := d.credential.tokens.(*bitrix.TokenFile); ok {
		return file.MemberID()
	}
	return ""
}

// checkMember compares the portal's own identity with the project's.
func (d *doctor) checkMember(context.Context) []finding {
	return compareMembers(d.expectedMember(), d.toldMember())
}

// compareMembers compares two ids of a portal, either of which may be unknown.
func compareMembers(expected, told string) []finding {
	switch {
	case expected == "" && told == "":
		return note("the project pins none, and only a login is told the portal's")
	case expected == "":
		return note("%s; the project does not pin it", told)
	case told == "":
		return note("the project pins %s, which can't be compared: only a login is told the portal's", expected)
	case !strings.EqualFold(expected, told):
		return one(ui.CheckFail, "use a credential of the portal that the project means, or correct memberId",
			"the project pins %s, but this portal is %s", expected, told)
	}
	return fine("%s, as the project pins it", told)
}
