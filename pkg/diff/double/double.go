package double

import (
	"cmp"
	"slices"
	"strconv"

	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/plan"
	"github.com/b24apply/b24apply/pkg/value"
)

// A Double is one mark on several records.
type Double struct {
	Address      value.Address // whose mark it is
	Facts        *kind.Kind
	EntityTypeID int // 0 in the catalogue
	Mark         []plan.Mark
	Records      []Record // by id: the first one stays
	// Prevented is why nothing of the resource may be deleted, and Hint what to do about it.
	Prevented, Hint value.Message
}

// A Record is one of those that carry the mark.
type Record struct {
	kind.Row
	// Agreed tells of declared fields that the record holds what is declared.
	Agreed map[string]bool
}

// id is that of the record.
func (r Record) id() string { return value.ID(r.Int("id")) }

// A Link is a record that points at a double by one of its fields.
type Link struct {
	Facts        *kind.Kind
	EntityTypeID int
	Row          kind.Row
	plan.Field       // without values
	Target       int // the entity type that it points at
	ReadOnly     bool
}

// at tells where the record stands that points.
func (l *Link) at() kind.RecordID {
	return kind.RecordID{EntityTypeID: l.EntityTypeID, ID: l.Row.Int("id")}
}

// A Portal is what has to be known of the portal.
type Portal struct {
	Fields  map[int][]plan.Field // by entity type: what a person may have set
	Links   []Link
	Pointed map[int][]plan.PointingField // by the entity type that they point at
	Unread  []value.Message              // kinds whose records may point at some and cannot be read
}

// The columns that tell who made a record, and who has worked on it since.
const createdBy = "createdBy"

var savers = []string{"updatedBy", "modifiedBy", "lastActivityBy"}

// Plan gives the changes that mend doubles: updates of what points at the records that go,
// deletions, and a refusal for each record that may not be deleted.
func Plan(doubles []Double, p Portal) []plan.Change {
	m := &maker{Portal: p, goes: make(map[kind.RecordID]*plan.Change), to: make(map[kind.RecordID]string)}
	var all []*plan.Change
	for i := range doubles {
		d := &doubles[i]
		for _, r := range d.Records[1:] {
			c := m.judge(d, r)
			all = append(all, c)
			if c.Action == plan.Delete {
				at := kind.RecordID{EntityTypeID: d.EntityTypeID, ID: r.Int("id")}
				m.goes[at], m.to[at] = c, d.Records[0].id()
			}
		}
	}
	m.leaveStuck()
	moves := m.moves()
	var out []plan.Change
	for _, c := range moves {
		out = append(out, *c)
	}
	for _, c := range all {
		slices.Sort(c.Deps)
		c.Deps = slices.Compact(c.Deps)
		out = append(out, *c)
	}
	return out
}

// A maker makes one plan.
type maker struct {
	Portal
	goes map[kind.RecordID]*plan.Change // the deletions
	to   map[kind.RecordID]string       // and the id that stays
}

// Named is the address that a plan has for one record of a resource or of a kind.
func Named(a value.Address, id string) value.Address { return a + "#" + value.Address(id) }

// judge says what becomes of a record that does not stay.
func (m *maker) judge(d *Double, r Record) *plan.Change {
	stays := d.Records[0]
	c := &plan.Change{Address: Named(d.Address, r.id()), Kind: d.Facts.Name, Facts: d.Facts, Action: plan.Delete, ID: r.id(), EntityTypeID: d.EntityTypeID,
		Title: d.Facts.Title(r.Text), Saved: r.Text(kind.SavedTime), Mark: d.Mark, Removal: true, Place: plan.PlaceOf(d.Facts, r.Row)}
	lost := m.lost(d, stays, r)
	switch by := savedBy(r.Row); {
	case d.Facts.Class != kind.ClassRecord:
		refuse(c, d, value.Say("double-of-catalogue"))
	case !d.Prevented.IsZero():
		refuse(c, d, d.Prevented)
		c.Reason.Hint = d.Hint.Or(c.Reason.Hint)
	case len(m.Unread) > 0:
		refuse(c, d, value.Say("pointers-unread", value.Ms("kinds", m.Unread)))
	case len(lost) > 0:
		refuse(c, d, value.Say("double-differs", value.L("fields", lost)))
	case by != 0:
		refuse(c, d, value.Say("undo-not-by-its-maker", value.N("user", by), value.N("maker", r.Int(createdBy))))
	default:
		c.Reason.Message = value.Say("double-goes", value.T("address", d.Address), value.T("stays", stays.id()))
		c.Risk = value.Say("double-goes-with")
		c.Double = &plan.Double{Stays: stays.id(), Pointed: m.Pointed[d.EntityTypeID]}
		for _, name := range d.Facts.Review {
			if text := r.Text(name); text != "" && text != "0" && text != c.Title && name != "currencyId" {
				c.Fields = append(c.Fields, plan.Field{Name: name, Type: value.Type{Name: string(kind.TypeString)}, Before: value.Shown{Text: text}})
			}
		}
		slices.SortFunc(c.Fields, func(a, b plan.Field) int { return cmp.Compare(a.Name, b.Name) })
	}
	return c
}

// refuse makes the change a conflict: people decide.
func refuse(c *plan.Change, d *Double, why value.Message) {
	stays := d.Records[0].id()
	c.RefuseFor(plan.CodeDoubleMark, value.Say("double-stays", value.T("address", d.Address), value.T("stays", stays), value.M("why", why)), value.Say("make-double-alike", value.T("stays", stays), value.T("goes", c.ID)))
	c.Reason.Conflict, c.Mark = true, nil
}

// savedBy is the user who has worked on a record that somebody else has made; 0 if nobody did.
func savedBy(row kind.Row) int {
	maker := row.Int(createdBy)
	for _, column := range savers {
		if by := row.Int(column); maker != 0 && by != 0 && by != maker {
			return by
		}
	}
	return 0
}

// lost names the fields of a record whose values would be lost with it: those that are neither
// empty, nor as in the record that stays, nor as declared.
func (m *maker) lost(d *Double, stays, goes Record) (names []string) {
	for _, f := range m.Fields[d.EntityTypeID] {
		if slices.ContainsFunc(d.Mark, func(mark plan.Mark) bool { return mark.Wire == f.Wire }) || goes.Agreed[f.Name] {
			continue
		}
		has, err := f.Read(goes.Row)
		keeps, other := f.Read(stays.Row)
		nothing := has.IsEmpty() || f.Name == kind.AmountField && f.Codec().Same(has, value.Text("0")) // the sum of no rows
		if err != nil || !nothing && (other != nil || !covers(&f, keeps, has)) {
			names = append(names, f.Name)
		}
	}
	return names
}

// covers tells whether a value holds all that another one holds.
func covers(f *plan.Field, keeps, has value.Value) bool {
	if !f.Multi() {
		return f.Codec().Same(has, keeps)
	}
	return !slices.ContainsFunc(has.Entries(), func(x value.Value) bool {
		return !slices.ContainsFunc(keeps.Entries(), func(y value.Value) bool { return x.Get("value").Text == y.Get("value").Text })
	})
}

// targets gives the records that go and that a link points at.
func (m *maker) targets(l *Link) (out []kind.RecordID) {
	now, err := l.Read(l.Row)
	if err != nil {
		return nil
	}
	for _, x := range entries(now) {
		if at := (kind.RecordID{EntityTypeID: l.Target, ID: x.Int()}); m.goes[at] != nil {
			out = append(out, at)
		}
	}
	return out
}

// leaveStuck refuses the deletion of what is pointed at by a field that nobody can set.
func (m *maker) leaveStuck() {
	for again := true; again; {
		again = false
		for i := range m.Links {
			l := &m.Links[i]
			if !l.ReadOnly || m.goes[l.at()] != nil {
				continue
			}
			for _, at := range m.targets(l) {
				c := m.goes[at]
				c.Double, c.Deps, c.Risk = nil, nil, value.Message{}
				c.RefuseFor(plan.CodeDoubleMark, value.Say("double-is-held", value.T("stays", m.to[at]), value.T("by", Named(spaceOf(l), value.ID(l.Row.Int("id")))), value.T("field", l.Name)), value.Say("delete-doubles"))
				c.Reason.Conflict, c.Mark, again = true, nil, true
				delete(m.goes, at)
				delete(m.to, at)
			}
		}
	}
}

// moves gives the updates of what points at records that go. One that goes too is deleted
// before them.
func (m *maker) moves() []*plan.Change {
	byRecord := make(map[kind.RecordID]*plan.Change)
	var out []*plan.Change
	for i := range m.Links {
		l := &m.Links[i]
		for _, at := range m.targets(l) {
			if own := m.goes[l.at()]; own != nil {
				m.goes[at].Deps = append(m.goes[at].Deps, own.Address)
				continue
			}
			c := byRecord[l.at()]
			if c == nil {
				c = m.move(l)
				byRecord[l.at()], out = c, append(out, c)
			}
			m.point(c, l)
			m.goes[at].Deps = append(m.goes[at].Deps, c.Address)
		}
	}
	slices.SortFunc(out, func(a, b *plan.Change) int { return cmp.Compare(a.Address, b.Address) })
	return out
}

// spaceOf is what the addresses of records of one sort begin with.
func spaceOf(l *Link) value.Address {
	space := l.Facts.Space
	if space == "" {
		space = strconv.Itoa(l.EntityTypeID)
	}
	return value.NewAddress(space, "")
}

// move is the update of a record that points.
func (m *maker) move(l *Link) *plan.Change {
	id := value.ID(l.Row.Int("id"))
	return &plan.Change{Address: Named(spaceOf(l), id), Kind: l.Facts.Name, Facts: l.Facts, Action: plan.Update, ID: id, EntityTypeID: l.EntityTypeID,
		Title: l.Facts.Title(l.Row.Text), Saved: l.Row.Text(kind.SavedTime), Firm: true}
}

// point makes a field of an update point at what stays.
func (m *maker) point(c *plan.Change, l *Link) {
	if slices.ContainsFunc(c.Fields, func(f plan.Field) bool { return f.Wire == l.Wire }) {
		return
	}
	f := l.Field
	f.Live, _ = f.Read(l.Row) // targets has read it
	f.Want = m.instead(l, f.Live)
	names := kind.BuiltIn().PlainNames()
	f.Before, f.After = f.Codec().Show(names, f.Live), f.Codec().Show(names, f.Want)
	c.Fields = append(c.Fields, f)
	slices.SortFunc(c.Fields, func(a, b plan.Field) int { return cmp.Compare(a.Name, b.Name) })
}

// instead names what stays in the place of what goes, each record once.
func (m *maker) instead(l *Link, live value.Value) value.Value {
	one := func(x value.Value) value.Value {
		if stays := m.to[kind.RecordID{EntityTypeID: l.Target, ID: x.Int()}]; stays != "" {
			return value.Text(stays)
		}
		return x
	}
	if live.Form == value.FormText {
		return one(live)
	}
	var out []value.Value
	for _, x := range live.Entries() {
		if y := one(x); !slices.ContainsFunc(out, func(z value.Value) bool { return z.Text == y.Text }) {
			out = append(out, y)
		}
	}
	return value.Listed(out...)
}

// entries gives the entries of a list, or the value itself.
func entries(v value.Value) []value.Value {
	if v.Form == value.FormText {
		return []value.Value{v}
	}
	return v.Entries()
}
