// Package draft holds the changes of a plan that is being made. They leave for the plan's
// [plan.Source] as soon as they are made; what is found out about all of them together looks at
// their entries, and reads the few that it alters. Circles of references are cut here
// ([Draft.SplitCircles]), and unique values handed from record to record ([Draft.PassOn]). The
// package reads no portal and compares no values.
package draft

import (
	"slices"

	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/plan"
	"github.com/b24apply/b24apply/pkg/value"
)

// A Draft is the changes of a plan that is being made.
type Draft struct {
	*plan.Source
	lost error
}

// New begins a draft whose changes go to a source, which is empty.
func New(to *plan.Source) *Draft { return &Draft{Source: to} }

// Err is the first error of the source. Then some of the changes are not there.
func (d *Draft) Err() error { return d.lost }

func (d *Draft) lose(err error) {
	if d.lost == nil {
		d.lost = err
	}
}

// Add hands a change over.
func (d *Draft) Add(ch *plan.Change) { d.lose(d.Append(ch)) }

// Read gives change i. Where it cannot be read it is an empty one, which says nothing.
func (d *Draft) Read(i int) *plan.Change {
	ch, err := d.Change(i)
	if err != nil {
		d.lose(err)
		ch = &plan.Change{Facts: d.Entry(i).Facts}
	}
	return ch
}

// Alter changes change i.
func (d *Draft) Alter(i int, do func(*plan.Change)) {
	ch := d.Read(i)
	ch.Fields = slices.Clone(ch.Fields)
	do(ch)
	d.lose(d.Put(i, ch))
}

// RecordOf names the record of a change.
func RecordOf(e *plan.Entry) kind.RecordID {
	return kind.RecordID{EntityTypeID: e.Facts.StoreNumber(e.EntityTypeID), ID: value.IDNumber(e.ID)}
}
