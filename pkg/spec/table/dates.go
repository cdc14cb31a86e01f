package table

import (
	"strconv"
	"strings"
	"time"

	"github.com/b24apply/b24apply/pkg/value"
)

// A form is how days or times are written.
type form struct {
	text   string
	layout string // as package time has it
	clock  bool   // it has a time of day
	offset bool   // it says how far from UTC
}

// formParts are what a form is made of: what people write, and strptime of Table Schema. The
// longer ones come first.
var formParts = []struct {
	text, layout string
	part         byte // the year, the month or the day; 0 for others
}{
	{"YYYY", "2006", 'Y'}, {"MM", "01", 'M'}, {"M", "1", 'M'}, {"DD", "02", 'D'}, {"D", "2", 'D'},
	{"HH", "15", 0}, {"H", "15", 0}, {"mm", "04", 0}, {"ss", "05", 0}, {"Z", "Z07:00", 0},
	{"%Y", "2006", 'Y'}, {"%m", "01", 'M'}, {"%d", "02", 'D'}, {"%H", "15", 0}, {"%M", "04", 0}, {"%S", "05", 0}, {"%z", "Z0700", 0},
}

// isoForms are those of ISO 8601, as JSON and databases write them.
var isoForms = []string{"YYYY-MM-DD", "YYYY-MM-DDTHH:mm:ssZ", "YYYY-MM-DDTHH:mm:ss", "YYYY-MM-DD HH:mm:ss", "YYYY-MM-DD HH:mm"}

// parseForm reads a form; false for one without a year of four digits, a month and a day. A
// year of two digits would have to be guessed.
func parseForm(text string) (form, bool) {
	f := form{text: text}
	var layout strings.Builder
	has := make(map[byte]bool)
next:
	for rest := text; rest != ""; {
		for _, p := range formParts {
			if after, ok := strings.CutPrefix(rest, p.text); ok {
				layout.WriteString(p.layout)
				has[p.part] = true
				rest = after
				continue next
			}
		}
		if c := rest[0]; c != 'T' && !strings.ContainsRune(" .,:/-", rune(c)) {
			return f, false
		}
		layout.WriteByte(rest[0])
		rest = rest[1:]
	}
	f.layout = layout.String()
	f.clock, f.offset = strings.Contains(f.layout, "15"), strings.Contains(f.layout, "Z07")
	return f, has['Y'] && has['M'] && has['D']
}

// A dateVerb turns days and times into those of ISO 8601.
type dateVerb struct {
	forms []form
	zone  *time.Location // of times without an offset; nil: they are faults
	clock bool           // the field holds times: a day is its first moment
}

// convert reads a day or a time.
func (d *dateVerb) convert(text string) (string, *Fault) {
	for _, f := range d.forms {
		at, err := time.Parse(f.layout, text)
		if err != nil {
			continue
		}
		switch {
		case f.offset:
			return at.Format(time.RFC3339), nil
		case f.clock || d.clock:
			return d.local(text, at)
		}
		return at.Format(time.DateOnly), nil
	}
	if fault := serialDay(text); fault != nil {
		return "", fault
	}
	names := make([]string, len(d.forms))
	for i, f := range d.forms {
		names[i] = f.text
	}
	return "", bad("date", "no-date-of-form", "", quoted("value", text), value.L("forms", names))
}

// local gives the instant at which clocks of the zone show a time, which stands in at as if it
// were UTC. One that comes twice, when clocks are set back, is the first; one that is
// left out, when they are set forward, is none.
func (d *dateVerb) local(text string, at time.Time) (string, *Fault) {
	if d.zone == nil {
		return "", bad("date", "no-time-zone", "declare-time-zone", quoted("value", text))
	}
	var found []time.Time
	for _, near := range []time.Duration{-36 * time.Hour, 36 * time.Hour} {
		_, offset := at.Add(near).In(d.zone).Zone()
		instant := at.Add(-time.Duration(offset) * time.Second).In(d.zone)
		if _, is := instant.Zone(); is == offset && (len(found) == 0 || !found[0].Equal(instant)) {
			found = append(found, instant)
		}
	}
	switch len(found) {
	case 0:
		return "", bad("date", "hour-left-out", "", quoted("value", text), value.T("zone", d.zone.String()))
	case 2:
		if found[1].Before(found[0]) {
			found[0] = found[1]
		}
		return found[0].Format(time.RFC3339), bad("date", "hour-comes-twice", "", quoted("value", text), value.T("zone", d.zone.String())).warned()
	}
	return found[0].Format(time.RFC3339), nil
}

// serialDay tells a day that a spreadsheet wrote as its number: days since 30 December 1899.
func serialDay(text string) *Fault {
	whole, _, _ := strings.Cut(text, ".")
	n, err := strconv.Atoi(whole)
	if err != nil || n < 10_000 || n > 80_000 {
		return nil
	}
	day := time.Date(1899, time.December, 30, 0, 0, 0, 0, time.UTC).AddDate(0, 0, n)
	return bad("damage", "date-became-number", "format-as-text", quoted("value", text), value.T("day", day.Format(time.DateOnly)))
}
