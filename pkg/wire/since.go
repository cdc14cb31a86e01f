package wire

import (
	"encoding/json"
	"slices"
	"time"

	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/plan"
	"github.com/b24apply/b24apply/pkg/value"
)

// A Drift is a field that is not as it was when the plan was made.
type Drift struct {
	Field              string
	Planned, Now, Want any // for people, as in a Mismatch; Want is nil if it is not to be set
	// Mark tells that it is a part of the owner's mark.
	Mark bool
}

// A compared call can tell what has changed since the plan was made, of what it is about.
type compared interface {
	// since compares a row that was read anew: of the fields that the call sends those that are
	// neither as the plan has seen them nor as they are to be, of those that are declared and
	// agreed those that differ, and the owner's mark.
	since(row kind.Row) []Drift
	// sees takes from the row what the call repeats of it, since the portal would empty it else.
	sees(row kind.Row)
	// replan makes of the call what brings about, from the row on, what is declared, and gives
	// the fields that stay as people have made them. It is false if that cannot be.
	replan(row kind.Row) (theirs []string, ok bool)
}

// Replan compares what a call is about anew with what is there: it then sends what is declared
// and differs. Fields that belong to people, once they change them, stay, and are named. It is
// false where the owner's mark is not as it was, and for a change that is about what the plan saw.
func Replan(c Call, row kind.Row) (theirs []string, ok bool) {
	k, ok := c.(compared)
	if !ok {
		return nil, false
	}
	theirs, ok = k.replan(row)
	if ok {
		k.sees(row)
	}
	return theirs, ok
}

// ReplanOn makes of a create what changes a record, or a row, that carries its mark by now.
func ReplanOn(c Call, id int, row kind.Row) (theirs []string, ok bool) {
	switch c := c.(type) {
	case *Ready:
		if c.family.Alone || c.keyField != nil {
			return nil, false
		}
		c.fields = c.stampless(c.fields)
		change := *c.Change
		change.Action, change.ID, change.Own, change.Mark = plan.Update, value.ID(id), c.mark, nil
		c.Change, c.mark = &change, nil
	case *rowCall:
		c.id = id
	default:
		return nil, false
	}
	return Replan(c, row)
}

// Sends tells whether a call that was replanned has anything to send.
func Sends(c Call) bool {
	switch c := c.(type) {
	case *Ready:
		return len(c.fields) > 0 || len(c.mark) > 0
	case *rowCall:
		return len(c.fields) > 0 || c.step.Adopts
	case *addressCall:
		return len(c.fields) > 0
	}
	return true
}

// anew sorts fields by what is there: those that are to be sent, from there on, those that are
// as they are to be, and the names of those that are people's.
func anew(fields []plan.Field, read func(*plan.Field) (value.Value, error)) (sent, agreed []plan.Field, theirs []string, ok bool) {
	for _, d := range fields {
		now, err := read(&d)
		if err != nil {
			return nil, nil, nil, false
		}
		was := d.Live
		switch d.Live = now; {
		case d.Codec().Same(d.Want, now):
			agreed = append(agreed, d)
		case (d.Human || d.Once) && !sameInstants(&d, now, was):
			theirs = append(theirs, d.Name)
		case d.Fixed:
			return nil, nil, nil, false
		default:
			sent = append(sent, d)
		}
	}
	return sent, agreed, theirs, true
}

func inRow(row kind.Row) func(*plan.Field) (value.Value, error) {
	return func(d *plan.Field) (value.Value, error) { return d.Codec().Read(row[d.Wire]) }
}

func (r *Ready) replan(row kind.Row) (theirs []string, ok bool) {
	if r.Change.Firm {
		return nil, false
	}
	for _, m := range r.Change.Own {
		if raw, shown := row[m.Wire]; shown && kind.Text(raw) != m.Value {
			return nil, false
		}
	}
	sent, agreed, theirs, ok := anew(slices.Concat(r.fields, r.held), func(d *plan.Field) (value.Value, error) { return d.Read(row) })
	if ok {
		r.fields, r.held = sent, agreed
	}
	return theirs, ok
}

func (c *rowCall) replan(row kind.Row) (theirs []string, ok bool) {
	sent, _, theirs, ok := anew(c.fields, inRow(row))
	if ok = ok && row.Int("ID") == c.id; ok {
		c.fields = sent
	}
	return theirs, ok
}

func (c *addressCall) replan(row kind.Row) (theirs []string, ok bool) {
	sent, _, theirs, ok := anew(c.fields, inRow(row))
	if ok {
		c.fields = sent
		if len(row) == 0 { // it is gone: a new one has no other lines
			step := *c.step
			step.Live = value.Value{}
			c.step = &step
		}
	}
	return theirs, ok
}

func (p *productsCall) replan(row kind.Row) (theirs []string, ok bool) {
	return replanField(&p.field, p.field.Wire, row)
}

func (p *priceCall) replan(row kind.Row) (theirs []string, ok bool) {
	return replanField(&p.field, kind.PricePart, row)
}

// replanField is replan for a call of one field.
func replanField(d *plan.Field, wire string, row kind.Row) (theirs []string, ok bool) {
	now, err := d.Codec().Read(row[wire])
	if err != nil || d.Human || d.Once {
		return nil, false
	}
	d.Live = now
	return nil, true
}

// Since gives what has changed since the plan of what a call is about, in a row that was read
// anew. The call goes on from that row where nothing has.
func Since(c Call, row kind.Row) []Drift {
	k, ok := c.(compared)
	if !ok {
		return nil
	}
	drifts := k.since(row)
	if len(drifts) == 0 {
		k.sees(row)
	}
	return drifts
}

// Awaits tells whether a field still is exactly as the plan has seen it, so that the call is
// to be sent even where the two compare as equal: an undo makes nothing of 0.
func Awaits(c Call, row kind.Row) bool {
	r, ok := c.(*Ready)
	return ok && slices.ContainsFunc(r.fields, func(d plan.Field) bool {
		now, err := d.Read(row)
		return err == nil && !d.Type.Members && !d.Live.Equal(d.Want) && sameInstants(&d, now, d.Live)
	})
}

func (r *Ready) since(row kind.Row) (out []Drift) {
	names := kind.BuiltIn().PlainNames()
	for i := range r.fields {
		if d := &r.fields[i]; !r.moves(d) && !d.Type.Members {
			now, err := d.Read(row)
			out = appendDrift(out, d, now, err)
		}
	}
	for i := range r.held {
		d := &r.held[i]
		now, err := d.Read(row)
		if err == nil && !r.moves(d) && !d.Codec().Same(d.Want, now) {
			out = append(out, Drift{Field: d.Name, Planned: d.Shown(names, d.Want), Now: d.Shown(names, now)})
		}
	}
	for _, m := range r.Change.Own {
		if raw, shown := row[m.Wire]; shown && kind.Text(raw) != m.Value {
			out = append(out, Drift{Field: m.Wire, Planned: m.Value, Now: kind.Text(raw), Mark: true})
		}
	}
	return out
}

// SinceDeletion gives what has changed since the plan of a record that is to be deleted, in a
// row that was read anew: what it was to hold still, and when it was saved last.
func SinceDeletion(c *plan.Change, row kind.Row) (out []Drift) {
	names := kind.BuiltIn().PlainNames()
	for _, d := range c.Held {
		now, err := d.Read(row)
		if err == nil && !d.Codec().Same(d.Want, now) {
			out = append(out, Drift{Field: d.Name, Planned: d.Shown(names, d.Want), Now: d.Shown(names, now)})
		}
	}
	if now := row.Text(kind.SavedTime); c.Saved != "" && now != "" && now != c.Saved {
		out = append(out, Drift{Field: kind.SavedTime, Planned: c.Saved, Now: now})
	}
	return out
}

// appendDrift adds a field that is sent if it is neither as it was nor as it is to be.
func appendDrift(out []Drift, d *plan.Field, now value.Value, err error) []Drift {
	if err != nil || sameInstants(d, now, d.Live) || d.Codec().Same(d.Want, now) {
		return out
	}
	if d.Codec().Traits().Set && d.Codec().Same(d.Live, now) {
		return out // in another order
	}
	names := kind.BuiltIn().PlainNames()
	return append(out, Drift{Field: d.Name, Planned: d.Shown(names, d.Live), Now: d.Shown(names, now), Want: d.Shown(names, d.Want)})
}

// moves tells whether other changes of the plan may move a field: what has another end, and
// what of an item may come with its type.
func (r *Ready) moves(d *plan.Field) bool {
	rule := r.Change.Facts.Rule(d.Name)
	return rule != nil && rule.Paired && !r.Change.Firm || r.Change.Type != "" && d.Live.IsEmpty()
}

// sees notes when the record was saved last: a later save is judged by that. A membership is
// sent as the whole list, of which nothing but the members that it names is declared.
func (r *Ready) sees(row kind.Row) {
	for i := range r.fields {
		if d := r.fields[i]; d.Type.Members {
			if now, err := d.Read(row); err == nil && !now.Equal(d.Live) {
				r.fields = slices.Clone(r.fields)
				r.fields[i].Live = now
			}
		}
	}
	if now := row.Text(savedTime); now != "" && r.Change.Saved != "" {
		c := *r.Change
		c.Saved = now
		r.Change = &c
	}
}

// sameInstants compares two live values of a field, in whatever zones they were read.
func sameInstants(d *plan.Field, a, b value.Value) bool {
	return d.In(a, time.UTC).Equal(d.In(b, time.UTC))
}

func (c *rowCall) since(row kind.Row) []Drift { return sinceOf(c.fields, row) }
func (c *rowCall) sees(kind.Row)              {}

// sinceOf compares columns.
func sinceOf(fields []plan.Field, row kind.Row) (out []Drift) {
	for i := range fields {
		now, err := fields[i].Codec().Read(row[fields[i].Wire])
		out = appendDrift(out, &fields[i], now, err)
	}
	return out
}

func (c *addressCall) since(row kind.Row) []Drift { return sinceOf(c.fields, row) }

// sees takes the other lines as they are by now.
func (c *addressCall) sees(row kind.Row) {
	if c.step.Live.IsEmpty() {
		return
	}
	step := *c.step
	step.Live.Parts = make([]value.Part, len(c.step.Live.Parts))
	for i, line := range c.step.Live.Parts {
		step.Live.Parts[i] = value.Part{Name: line.Name, Value: value.Text(row.Text(line.Name))}
	}
	c.step = &step
}

func (p *productsCall) since(row kind.Row) []Drift { return sinceOf([]plan.Field{p.field}, row) }
func (p *productsCall) sees(kind.Row)              {}

func (p *priceCall) since(row kind.Row) []Drift {
	field := p.field
	field.Wire = kind.PricePart
	return sinceOf([]plan.Field{field}, row)
}
func (p *priceCall) sees(kind.Row) {}

// PartOf tells which rows of which owner a step is about, so that they are read together with
// those of others; false for other calls, and where that cannot be told.
func PartOf(c Call) (s kind.PartSearch, owner int, ok bool) {
	switch c := c.(type) {
	case *rowCall:
		s = kind.PartSearch{Part: string(c.step.Part), Columns: userFields(c.fields)}
		s.EntityTypeID, _ = c.of["ENTITY_TYPE_ID"].(int)
		owner, ok = c.of["ENTITY_ID"].(int)
		return s, owner, ok && c.id != 0
	case *addressCall:
		s.Part, s.Most = kind.AddressesPart, addressTypes
		s.EntityTypeID, _ = c.key["ENTITY_TYPE_ID"].(int)
		owner, ok = c.key["ENTITY_ID"].(int)
		return s, owner, ok
	case *productsCall:
		return kind.PartSearch{Part: kind.ProductsPart, Kind: c.owner.change.Facts, EntityTypeID: c.owner.entityTypeID}, c.owner.id, true
	case *priceCall:
		return kind.PartSearch{Part: kind.PricePart, PriceType: c.group}, c.owner.id, true
	}
	return s, 0, false
}

// addressTypes is how many addresses an owner may have at most: one of each type, of which the
// portal has a dozen.
const addressTypes = 16

func userFields(fields []plan.Field) (out []string) {
	for i := range fields {
		if kind.IsUserField(fields[i].Wire) {
			out = append(out, fields[i].Wire)
		}
	}
	return out
}

// RowOf picks what a step of [PartOf] is about from the rows of its owner. It is empty if
// nothing is there.
func RowOf(c Call, rows []kind.Row) kind.Row {
	column, want := "ID", 0
	switch c := c.(type) {
	case *rowCall:
		want = c.id
	case *addressCall:
		column, want = "TYPE_ID", value.IDNumber(c.step.Type)
	case *productsCall:
		return kind.Row{c.field.Wire: listedRows(rows)}
	case *priceCall:
		return kind.Row{kind.PricePart: listedRows(rows)}
	}
	for _, row := range rows {
		if row.Int(column) == want {
			return row
		}
	}
	return kind.Row{}
}

func listedRows(rows []kind.Row) json.RawMessage {
	text, err := json.Marshal(append([]kind.Row{}, rows...))
	if err != nil {
		return json.RawMessage("[]") // rows are made of JSON
	}
	return text
}

// Found gives the id and the entityTypeId of what a call is about, which is there.
func Found(c Call) (id, entityTypeID int) {
	switch c := c.(type) {
	case *Ready:
		return value.IDNumber(c.Change.ID), c.EntityTypeID
	case *rowCall:
		return c.id, c.owner.entityTypeID
	case *addressCall:
		return c.of.id, c.of.entityTypeID
	case *productsCall:
		return c.owner.id, c.owner.entityTypeID
	case *priceCall:
		return c.owner.id, c.owner.entityTypeID
	}
	return 0, 0
}

// LeaveTheirs takes out of a call that an earlier run has made those fields of which people have
// the last word, and that a row shows to be other than they were sent.
func LeaveTheirs(c Call, row kind.Row) {
	differs := c.Verify(row)
	leave := func(fields *[]plan.Field) {
		*fields = slices.DeleteFunc(slices.Clone(*fields), func(d plan.Field) bool {
			return (d.Human || d.Once) && slices.ContainsFunc(differs, func(m Mismatch) bool { return m.Field == d.Name })
		})
	}
	switch c := c.(type) {
	case *Ready:
		leave(&c.fields)
		leave(&c.held)
	case *rowCall:
		leave(&c.fields)
	case *addressCall:
		leave(&c.fields)
	}
}
