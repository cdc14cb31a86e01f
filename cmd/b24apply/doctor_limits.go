package main

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/b24apply/b24apply/internal/ui"
	"github.com/b24apply/b24apply/pkg/bitrix"
	"github.com/b24apply/b24apply/pkg/value"
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
func allowance(plan string) value.Message {
	switch plan {
	case planStandard:
		return value.Say("allowance-of-standard")
	case planEnterprise:
		return value.Say("allowance-of-enterprise")
	}
	return value.Say("allowance-of-others")
}

// checkPlan compares the portal's licence with the plan that the client keeps to.
func (d *doctor) checkPlan(context.Context) []finding {
	var info struct {
		Licence string `json:"LICENSE"`
	}
	if err := d.fact("app.info", &info); err != nil {
		return unknown(value.Say("question-of-plan"), err)
	}
	if d.embedded || isLoopbackURL(d.base().String()) {
		return fine("limits-are-as-started", value.M("licence", value.Verbatim(info.Licence).Or(value.Say("no-licence"))))
	}
	return comparePlans(info.Licence, d.client.Limits().Plan)
}

// comparePlans compares a licence with the plan whose limits are kept.
func comparePlans(licence, kept string) []finding {
	actual := bitrix.LicencePlan(licence)
	told := allowance(kept)
	hint := value.Say("set-plan", value.T("actual", actual), value.T("variable", planVariable))
	switch {
	case actual == "":
		return note("licence-tells-no-limits", value.T("kept", kept), value.M("told", told))
	case actual == kept:
		return fine("plan-fits", value.T("licence", licence), value.T("kept", kept))
	case slices.Index(plans, kept) < slices.Index(plans, actual):
		return one(ui.CheckWarn, hint, value.Say("plan-is-too-narrow", value.T("licence", licence), value.M("allowance", allowance(actual)), value.T("kept", kept), value.M("told", told)))
	}
	return one(ui.CheckWarn, hint, value.Say("plan-is-too-wide", value.T("licence", licence), value.M("allowance", allowance(actual)), value.T("kept", kept), value.M("told", told)))
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
	out := fine("plan-in-force", value.T("plan", seen.Plan), value.M("allowance", allowance(seen.Plan)))
	if seen.Refused > 0 {
		out = append(out, one(ui.CheckWarn, value.Say("slow-others-down"),
			value.Say("requests-came-too-fast", value.N("n", seen.Refused)))...)
	}
	if len(d.used) == 0 {
		return append(out, note("no-times-are-told")...)
	}
	busiest, high := "", false
	for _, method := range slices.Sorted(maps.Keys(d.used)) {
		t := d.used[method]
		if busiest == "" || t.Operating > d.used[busiest].Operating {
			busiest = method
		}
		if t.Operating >= operatingHigh {
			high = true
			out = append(out, one(ui.CheckWarn, value.Say("give-each-its-own-or-wait", value.M("holder", d.holder())),
				value.Say("method-has-used-time", value.T("method", method), value.T("seconds", fmt.Sprintf("%.0f", t.Operating.Seconds())), value.T("other", fmt.Sprintf("%.0f", operatingLimit.Seconds())), value.T("at", t.OperatingReset.UTC().Format(time.TimeOnly))))...)
		}
	}
	if high {
		return out
	}
	return append(out, fine("time-used-by-busiest", value.T("seconds", fmt.Sprintf("%.1f", d.used[busiest].Operating.Seconds())), value.T("other", fmt.Sprintf("%.0f", operatingLimit.Seconds())), value.T("busiest", busiest))...)
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
	differs := value.Say("clock-is-ahead", value.T("time", size.String()))
	if d.skew < 0 {
		differs = value.Say("clock-is-behind", value.T("time", size.String()))
	}
	switch {
	case !d.clockRead:
		return note("no-time-is-told")
	case size > tolerated:
		return one(ui.CheckWarn, value.Say("set-clock"),
			differs)
	case size == 0:
		return fine("clock-agrees")
	}
	return one(ui.CheckOK, value.Message{}, differs)
}

// checkZone tells in which zone the portal writes times.
// Source: https://apidocs.bitrix24.com/api-reference/common/system/server-time.html
func (d *doctor) checkZone(context.Context) []finding {
	var text string
	if err := d.fact("server.time", &text); err != nil {
		return unknown(value.Say("question-of-zone"), err)
	}
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return note("time-is-in-unknown-form")
	}
	if d.profile.Zone != "" {
		return fine("server-is-at-utc-user-at", value.T("at", at.Format("-07:00")), value.T("zone", d.profile.Zone))
	}
	return fine("server-is-at-utc", value.T("at", at.Format("-07:00")))
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
		return note("no-member-is-known")
	case expected == "":
		return note("member-is-not-pinned", value.T("told", told))
	case told == "":
		return note("member-cannot-be-compared", value.T("expected", expected))
	case !strings.EqualFold(expected, told):
		return one(ui.CheckFail, value.Say("use-credential-of-project"),
			value.Say("member-is-another", value.T("expected", expected), value.T("told", told)))
	}
	return fine("member-is-as-pinned", value.T("told", told))
}
