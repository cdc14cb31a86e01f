package diff

import (
	"github.com/b24apply/b24apply/pkg/diff/declared"
	"github.com/b24apply/b24apply/pkg/diff/draft"
	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/spec"
	"github.com/b24apply/b24apply/pkg/value"
)

// claimed lists the live records that the manifests mean, by the address that means
// them: those of changes, and those that metadata.ids or match found for a resource
// which cannot have them. Whatever mark they carry, none of these is deleted.
func (c *computer) claimed() map[kind.RecordID]value.Address {
	out := make(map[kind.RecordID]value.Address)
	for _, r := range c.Set.Resources {
		for _, rows := range [][]kind.Row{c.state.Pinned[r.Address], c.state.Matches[r.Address].Rows} {
			for _, row := range rows {
				out[kind.RecordID{EntityTypeID: r.Kind.StoreNumber(c.TypeOf(r).EntityTypeID), ID: row.Int("id")}] = r.Address
			}
		}
	}
	for r, id := range c.state.settled.all() {
		out[kind.RecordID{EntityTypeID: r.Kind.StoreNumber(c.TypeOf(r).EntityTypeID), ID: id}] = r.Address
	}
	for _, e := range c.out.Entries() {
		if e.ID != "" && e.IsRecord() {
			out[draft.RecordOf(e)] = e.Address
		}
	}
	return out
}

// noteLinks keeps which records a field is declared to point at by their ids or by
// lookups. Without something to delete nobody asks, once everything is read.
func (c *computer) noteLinks(r *spec.Resource, tg *declared.Target, want value.Value) {
	if !c.trial && len(c.Set.Former)+len(c.state.Undeclared) == 0 {
		return
	}
	if !tg.Codec.Traits().Links {
		return
	}
	entity, _ := c.Meta.LinkTarget(kind.FieldType(tg.Type.Public()), tg.Wire)
	for _, v := range value.Each(value.Wanted(want)) {
		record, _ := c.Meta.RecordOf(v)
		if record.EntityTypeID == 0 {
			record.EntityTypeID = entity
		}
		c.noteLink(r, record, v.Ref())
	}
}

func (c *computer) noteLink(r *spec.Resource, to kind.RecordID, ref value.Address) {
	if ref == "" && c.linked[to] == "" {
		c.linked[to] = r.Address
	}
}
