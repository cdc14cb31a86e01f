package value

import (
	"regexp"
	"time"
)

// dateCodec: a day. The portal prints the day as the instant of its UTC midnight
// in the server's zone, so the day is read back in UTC.
// Source: wire behaviour of crm.item.get; pinned by TestDateIsTheDayInUTC.
type dateCodec struct{ base }

var localDate = regexp.MustCompile(`^[0-9]{1,2}[./][0-9]{1,2}[./]([0-9]{4})$`)

func (c dateCodec) Parse(_ Names, d Node) (Value, error) {
	t, err := c.one(d)
	if err != nil {
		return Value{}, err
	}
	if t == "" {
		return Value{}, c.isEmpty(t)
	}
	if m := localDate.FindStringSubmatch(t); m != nil {
		return Value{}, Bad("type", "not-a-date", "year-first", written(t), T("year", m[1]))
	}
	if _, err := time.Parse(time.DateOnly, t); err != nil {
		return Value{}, Bad("type", "not-a-date", "write-a-day", written(t))
	}
	return Text(t), nil
}

func (dateCodec) Read(raw []byte) (Value, error) {
	t := PlainText(raw)
	if t == "" {
		return Value{}, nil
	}
	if at, err := time.Parse(time.RFC3339, t); err == nil {
		if utc := at.UTC(); utc.Truncate(24*time.Hour).Equal(utc) || at.Hour() != 0 || at.Minute() != 0 {
			at = utc
		}
		return Text(at.Format(time.DateOnly)), nil // else midnight in the server's own zone
	}
	if _, err := time.Parse(time.DateOnly, t); err == nil {
		return Text(t), nil
	}
	return Value{}, unread("live-is-no-date", t)
}

func (dateCodec) Schema() map[string]any {
	return map[string]any{"type": []any{"string", "null"}, "format": "date"}
}

func (dateCodec) Traits() Traits { return Traits{Findable: true, Keyed: true, Plain: true} }

// datetimeCodec: an instant, to the second, with the offset in which it was written.
// An offset is required, since the portal takes a naive time in the zone of its server.
// A field without seconds cuts them off, so they are refused there.
type datetimeCodec struct{ base }

func (c datetimeCodec) Parse(_ Names, d Node) (Value, error) {
	t, err := c.one(d)
	if err != nil {
		return Value{}, err
	}
	at, err := time.Parse(time.RFC3339, t)
	switch {
	case t == "":
		return Value{}, c.isEmpty(t)
	case err != nil || at.UTC().Year() < 1 || at.UTC().Year() > 9999:
		return Value{}, Bad("type", "not-an-instant", "write-an-instant", written(t))
	case c.Minutes && at.Second() != 0:
		return Value{}, Bad("type", "no-seconds", "seconds-at-00", T("value", t))
	}
	return instant(at), nil
}

func instant(at time.Time) Value { return Text(at.Truncate(time.Second).Format(time.RFC3339)) }

// Instant gives the time that a canonical text is.
func (v Value) Instant() (at time.Time, ok bool) {
	const shortest = "2006-01-02T3:04:05Z"
	if v.Form != FormText || len(v.Text) < len(shortest) || v.Text[len("2006")] != '-' {
		return at, false // most texts are no times, and an error costs more than a look
	}
	at, err := time.Parse(time.RFC3339, v.Text)
	return at, err == nil
}

func (datetimeCodec) Read(raw []byte) (Value, error) {
	t := PlainText(raw)
	if t == "" {
		return Value{}, nil
	}
	at, err := time.Parse(time.RFC3339, t)
	if err != nil {
		return Value{}, unread("live-is-no-time", t)
	}
	return instant(at), nil
}

func (c datetimeCodec) Same(want, live Value) bool {
	if c.base.Same(want, live) {
		return true
	}
	a, ok := want.Instant()
	b, is := live.Instant()
	return ok && is && a.Equal(b)
}

func (c datetimeCodec) Wire(want, _ Value) any {
	if at, ok := want.Instant(); ok {
		return at.UTC().Format(time.RFC3339)
	}
	return c.none
}

func (datetimeCodec) Key(v Value) string { return quoted(InZone(v, time.UTC).Text) }

func (datetimeCodec) entryKey(v Value) string { return InZone(v, time.UTC).Text }

func (datetimeCodec) Schema() map[string]any {
	return map[string]any{"type": []any{"string", "null"}, "format": "date-time"}
}

func (datetimeCodec) Traits() Traits { return Traits{Findable: true, Instant: true, Plain: true} }

// InZone moves the instants of a value to a zone, in which they stay the same instants.
// The type of the value must be one of instants.
func InZone(v Value, zone *time.Location) Value {
	if zone == nil || v.IsEmpty() {
		return v
	}
	if at, ok := v.Instant(); ok {
		return Text(at.In(zone).Format(time.RFC3339))
	}
	out := Value{Form: v.Form, Text: v.Text, Parts: make([]Part, len(v.Parts))}
	for i, p := range v.Parts {
		out.Parts[i] = Part{p.Name, InZone(p.Value, zone)}
	}
	return out
}

// FirstInstant gives the first instant in a value.
func FirstInstant(v Value) (at time.Time, ok bool) {
	if at, ok = v.Instant(); ok {
		return at, true
	}
	for _, p := range v.Parts {
		if at, ok = FirstInstant(p.Value); ok {
			return at, true
		}
	}
	return at, false
}
