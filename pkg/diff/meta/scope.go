package meta

import (
	"strconv"

	"github.com/b24apply/b24apply/pkg/plan"
	"github.com/b24apply/b24apply/pkg/value"
)

// resources are the declared ones, as far as values lead to them.
type resources interface {
	// TypeNamed gives the entity type of a declared smart process: its number, 0 as long as it
	// has none, and its address, "" if none is declared by the name.
	TypeNamed(name string) (entityTypeID int, declared value.Address)
	// LookedUp gives the link to the one live record that a look-up finds.
	LookedUp(value.Lookup) (value.Value, error)
	// FileOf describes the attachment that a {file: …} names; it is empty if there is none.
	FileOf(value.Node) value.Value
	// TimeZone is the name of the project's zone.
	TimeZone() string
}

// A Scope is what names in values are looked for in: what the portal calls things, as records
// of one entity type may name them.
type Scope struct {
	Meta         *Data
	Resources    resources                       // nil where values lead to none
	Lists        Lists                           // the lists of names that were made; nil where each is made anew
	IDs          func(value.Address) (int, bool) // the id of a declared resource that is live
	EntityTypeID int
	Stages       StageScope
	Held         []string // ids that the field of the record has, which may be named although the portal has them no more
}

// StageScope says in which pipeline a stage is looked for.
type StageScope struct {
	Category int
	NewType  value.Address // the SPA whose first pipeline this plan creates
}

// Names gives what the portal calls things, for the codecs of one record type.
func (s *Scope) Names() value.Names {
	if s == nil || s.Meta == nil {
		return nil
	}
	return portalNames{s}
}

// ZoneFor gives the zone in which both sides of a field are shown: the project's, else
// the offset with which the first instant was declared. Without either it is "", and an
// instant is shown as the portal writes it.
func (s *Scope) ZoneFor(want value.Value) string {
	if s.Resources != nil {
		if name := s.Resources.TimeZone(); value.Zone(name) != nil {
			return name
		}
	}
	if at, ok := value.FirstInstant(want); ok {
		return at.Format("Z07:00")
	}
	return ""
}

// ShowBoth shows what the field holds and what it will hold.
func (s *Scope) ShowBoth(d *plan.Field, c value.Codec) {
	d.Label = s.Meta.Label(s.EntityTypeID, d.Wire)
	want, live := d.InZone(d.Want), d.InZone(d.Live)
	d.Before, d.After = value.ShowBoth(s.Names(), c, want, live)
	d.List, d.Respelt = value.Compare(c, want, live, d.Before, d.After), value.Respelt(c, want, live)
}

// EntityOf finds the entity type that a space names: a kind, a declared SPA or digits.
func (s *Scope) EntityOf(space string) (int, value.Address) {
	if k := s.Meta.Kinds.BySpace(space); k != nil && k.EntityTypeID != 0 {
		return k.EntityTypeID, ""
	}
	if n, err := strconv.Atoi(space); err == nil {
		return n, ""
	}
	return s.Resources.TypeNamed(space)
}

func (s *Scope) entityName(entityTypeID int) string {
	if k := s.Meta.Kinds.ByEntity(entityTypeID); k != nil {
		return k.Space
	}
	if t := s.Meta.TypeOf(entityTypeID); t != nil {
		return t.Title
	}
	return ""
}

// Lists are the lists of names that were made.
type Lists map[listKey]*value.Known

// A listKey tells lists of names apart.
type listKey struct {
	typ, dictionary, field string
	entityTypeID           int
	stages                 StageScope
}
