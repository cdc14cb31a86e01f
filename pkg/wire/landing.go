package wire

import (
	"encoding/json"
	"slices"
	"time"

	"github.com/b24apply/b24apply/pkg/bitrix"
	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/plan"
	"github.com/b24apply/b24apply/pkg/value"
)

// A Landing is what a fresh read tells of a save whose answer was lost.
type Landing int

const (
	// Landed: everything that the call sends is there.
	Landed Landing = iota
	// Untouched: all is as it was planned on, so the save has not been executed by now.
	Untouched
	// Parted: some of it is there, so that it was executed and not all of it kept.
	Parted
	// Overtaken: the old values, or others, under a later save: somebody else's, or ours and
	// what automation made of it.
	Overtaken
)

// A landed call can tell what it sends and when the record was saved last.
type landed interface {
	sends() []plan.Field
	// saved gives when the record was saved last, at the time of the plan and in a
	// row; "" if that is not known.
	saved(row kind.Row) (before, now string)
}

// LandingOf compares a fresh read with what a call sends and with what it was planned on.
func LandingOf(c Call, row kind.Row) Landing {
	mismatches := slices.DeleteFunc(c.Verify(row), func(m Mismatch) bool { return m.Held })
	l, ok := c.(landed)
	switch {
	case len(mismatches) == 0:
		return Landed
	case !ok:
		return Untouched
	}
	sent := l.sends()
	wrong := func(d plan.Field) bool {
		return slices.ContainsFunc(mismatches, func(m Mismatch) bool { return m.Field == d.Name })
	}
	before, now := l.saved(row)
	known := before != "" && now != ""
	switch {
	case known && sameTime(before, now):
		return Untouched
	case slices.ContainsFunc(sent, func(d plan.Field) bool { return !wrong(d) && !d.Codec().Same(d.Want, d.Live) }):
		return Parted
	case known:
		return Overtaken
	}
	for _, m := range mismatches {
		i := slices.IndexFunc(sent, func(d plan.Field) bool { return d.Name == m.Field })
		if i >= 0 && !sent[i].In(m.live, time.UTC).Equal(sent[i].In(sent[i].Live, time.UTC)) {
			return Overtaken
		}
	}
	return Untouched
}

// sameTime compares two times of the portal, which it may print in different zones.
func sameTime(a, b string) bool {
	x, errX := time.Parse(time.RFC3339, a)
	y, errY := time.Parse(time.RFC3339, b)
	return a == b || errX == nil && errY == nil && x.Equal(y)
}

// SavedAt is when what a row shows was saved last, by the portal's clock; zero if it does not
// tell.
func SavedAt(row kind.Row) time.Time {
	for _, column := range []string{savedTime, "DATE_MODIFY", "timestampX"} {
		if at, err := time.Parse(time.RFC3339, row.Text(column)); err == nil {
			return at
		}
	}
	return time.Time{}
}

// savedTime is when a record was saved last.
const savedTime = kind.SavedTime

func (r *Ready) sends() []plan.Field                 { return r.fields }
func (r *Ready) saved(row kind.Row) (string, string) { return r.Change.Saved, row.Text(savedTime) }

func (c *rowCall) sends() []plan.Field             { return c.fields }
func (c *rowCall) saved(kind.Row) (string, string) { return "", "" }

func (c *addressCall) sends() []plan.Field             { return c.fields }
func (c *addressCall) saved(kind.Row) (string, string) { return "", "" }

func (p *productsCall) sends() []plan.Field             { return []plan.Field{p.field} }
func (p *productsCall) saved(kind.Row) (string, string) { return "", "" }

func (p *priceCall) sends() []plan.Field             { return []plan.Field{p.field} }
func (p *priceCall) saved(kind.Row) (string, string) { return "", "" }

// Reread is Get for a call whose answer is lost, so that it names no id.
func Reread(c Call) bitrix.Command {
	switch c := c.(type) {
	case *Ready:
		return c.Get(value.IDNumber(c.Change.ID))
	case *rowCall:
		return c.Get(c.id)
	}
	return c.Get(0)
}

// Look is the list that reads what a call has stored, if its Get cannot do so without
// writing; false if Get can.
func Look(c Call) (bitrix.List, bool) {
	p, ok := c.(*productsCall)
	if !ok || p.Get(0).Method != p.Request().Method {
		return bitrix.List{}, false
	}
	return p.owner.productList(), true
}

// Looked takes what was stored out of the rows of Look.
func Looked(c Call, rows []json.RawMessage) (row kind.Row, id, entityTypeID int, err error) {
	result, err := json.Marshal(map[string]any{kind.ProductRowsKey: append([]json.RawMessage{}, rows...)})
	if err != nil {
		return nil, 0, 0, err
	}
	return c.Object(result)
}
