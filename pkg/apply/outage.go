package apply

import (
	"time"

	"github.com/b24apply/b24apply/pkg/bitrix"
	"github.com/b24apply/b24apply/pkg/value"
)

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
		return t.Format("2006-01-02 15:04")
	}
	return t.Format("15:04")
}
