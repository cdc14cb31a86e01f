package plan

import (
	"time"

	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/value"
)

// Codec gives the codec of the field.
func (d *Field) Codec() value.Codec { return value.MustCodecOf(d.Type) }

// Read reads the live value of the field in a row that was read while the plan is carried
// out. What is known of its files is what the plan saw.
func (d *Field) Read(row kind.Row) (value.Value, error) {
	c := d.Codec()
	live, err := row.Read(c, d.Type, d.Wire)
	if err == nil && c.Traits().File {
		live = value.Recall(live, d.Live.Recalled)
	}
	return live, err
}

// Clears tells whether saving the field empties it, or deletes rows of it.
func (d *Field) Clears() bool {
	if d.Want.IsEmpty() {
		return true
	}
	if d.Multi() {
		edits, _ := d.Codec().Wire(d.Want, d.Live).(value.Edits)
		return edits.Removes()
	}
	return d.Type.Members && value.IsBlank(d.Codec().Wire(d.Want, d.Live))
}

// Shown gives a value of the field for people, in the zone of the field, as [value.Shown.Said].
func (d *Field) Shown(n value.Names, v value.Value) any {
	return d.Codec().Show(n, d.InZone(v)).Said()
}

// InZone moves the instants of a value to the zone of the field.
func (d *Field) InZone(v value.Value) value.Value {
	if d.Zone == "" {
		return v
	}
	return d.In(v, zoneNamed(d.Zone))
}

// In moves the instants of a value to a zone, in which they stay the same instants.
func (d *Field) In(v value.Value, zone *time.Location) value.Value {
	if zone == nil || !d.Codec().Traits().Instant {
		return v
	}
	return value.InZone(v, zone)
}

// zoneNamed gives the zone of a name or an offset; nil for none.
func zoneNamed(name string) *time.Location {
	if at, err := time.Parse("Z07:00", name); err == nil {
		return at.Location()
	}
	return value.Zone(name)
}

// theirs is in a trace for what was never ours: no value is as it.
const theirs = "\x00theirs"

// Trace notes a live value of the field of a record.
func (d *Field) Trace(entityTypeID int, id string, live value.Value) Trace {
	t := Trace{EntityTypeID: entityTypeID, ID: id, Field: d.Name, Value: d.Codec().Key(live)}
	if d.Theirs {
		t.Value = theirs
	}
	return t
}

// Store is where the record of the change is kept: its entity type, and what it lies in of
// the catalogue.
func (c *Change) Store() kind.Store {
	s := kind.Store{Kind: c.Facts, EntityTypeID: c.EntityTypeID}
	if c.Place != nil {
		s.Iblock = value.IDNumber(c.Place.Catalogue)
	}
	return s
}

// PlaceOf gives what calls about a live row name beside its fields; nil for records
// that lie in no catalogue.
func PlaceOf(k *kind.Kind, row kind.Row) *Place {
	if !k.Methods.Placed {
		return nil
	}
	return &Place{Catalogue: value.ID(row.Int(kind.CatalogueField)), Name: row.Text("name")}
}

// Name is the field's name in userfieldconfig.*.
func (f *KeyField) Name() string { return "UF_" + f.Object + "_" + f.Code }
