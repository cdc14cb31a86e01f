package apply

import (
	"errors"
	"time"

	"github.com/b24apply/b24apply/pkg/bitrix"
	"github.com/b24apply/b24apply/pkg/value"
)

// codeAway is the code of what was not sent, since the portal stayed away.
const codeAway = "PORTAL_AWAY"

// isAway tells whether a run ended since the portal stayed away.
func isAway(fatal error) bool {
	var away *bitrix.Away
	return errors.As(fatal, &away)
}

// awayCode is the exit code of such a run: if anything was sent there is something to go on
// with, and else it could as well not have begun.
func awayCode(items *Outcomes) int {
	for o := range items.All() {
		if o.Attempts > 0 {
			return ExitItems
		}
	}
	return ExitError
}

// Told is what people are told of an outage while it lasts, and at its end.
func Told(o bitrix.Outage) value.Message {
	since := value.T("since", clock(o.Since))
	if o.Over {
		return value.Say("portal-is-back", value.T("portal", o.Portal), since, value.T("lasted", time.Since(o.Since).Round(time.Second).String()))
	}
	return value.Say("portal-is-away", value.T("portal", o.Portal), since, value.T("until", clock(o.Until)), value.M("cause", value.SaidBy(o.Cause)))
}

// clock is a time of day of this machine, with the day where that is another one.
func clock(t time.Time) string {
	now := time.Now()
	if t.YearDay() != now.YearDay() || t.Year() != now.Year() {
		return t.Format(time.DateTime)
	}
	return t.Format(time.TimeOnly)
}
