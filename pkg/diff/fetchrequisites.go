package diff

import (
	"cmp"
	"context"
	"iter"
	"maps"
	"slices"

	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/spec"
	"github.com/b24apply/b24apply/pkg/value"
)

// requisiteOwner is the entity type of requisites, which carry the addresses of contacts
// and companies. Leads own theirs themselves.
const requisiteOwner = kind.RequisiteEntity

// readRequisites asks for the requisites of the live records that declare some, with their
// bank details and addresses, and for the addresses of leads that declare some, and puts
// them into the rows of the records.
func (f *fetcher) readRequisites(ctx context.Context, of iter.Seq[*spec.Resource]) error {
	records, direct := newOwners(), newOwners() // direct: with addresses of their own
	for r := range of {
		parts := r.Outline().Parts
		requisites, addresses := slices.Contains(parts, kind.RequisitesPart), slices.Contains(parts, kind.AddressesPart)
		if !requisites && !addresses {
			continue
		}
		for _, row := range f.liveRows(r) {
			if requisites {
				records.add(f.TypeOf(r).EntityTypeID, row.Int("id"), row)
			}
			if addresses {
				direct.add(f.TypeOf(r).EntityTypeID, row.Int("id"), row)
			}
		}
	}
	found, err := f.parts(ctx, records, kind.RequisitesPart, "reading-requisites")
	if err != nil {
		return err
	}
	requisites := newOwners()
	for _, byOwner := range found {
		for _, rows := range byOwner {
			for _, row := range rows {
				requisites.add(requisiteOwner, row.Int("ID"), row)
			}
		}
	}
	if err := f.attachParts(ctx, requisites, kind.BankDetailsPart, "reading-bank-details"); err != nil {
		return err
	}
	if err := f.attachParts(ctx, requisites, kind.AddressesPart, "reading-addresses"); err != nil {
		return err
	}
	if err := f.attachParts(ctx, direct, kind.AddressesPart, "reading-addresses"); err != nil {
		return err
	}
	if err := records.hideWith(found); err != nil {
		return err
	}
	if err := records.attach(kind.RequisitesPart, found); err != nil {
		return value.While(err, "reading-requisites")
	}
	return nil
}

// hideWith hides the requisites of a record if a part of one of them is hidden.
func (o *owners) hideWith(found []map[int][]kind.Row) error {
	for i, entity := range o.entities {
		for id, requisites := range found[i] {
			for _, requisite := range requisites {
				why := cmp.Or(requisite.Text(kind.HiddenPart(kind.BankDetailsPart)), requisite.Text(kind.HiddenPart(kind.AddressesPart)))
				for _, row := range o.rows[entity][id] {
					if why == "" {
						continue
					}
					if err := row.HidePart(kind.RequisitesPart, why); err != nil {
						return err
					}
				}
			}
		}
	}
	return nil
}

// parts asks for one part of what belongs to some owners, also for rows of others: what
// means the same is not made beside them.
func (f *fetcher) parts(ctx context.Context, of *owners, part, doing string) ([]map[int][]kind.Row, error) {
	found, err := f.askParts(ctx, of, part, of.searches(func(entity int) kind.PartSearch {
		s := kind.PartSearch{Part: part, EntityTypeID: entity, Most: len(f.Meta.Requisites.AddressTypes)}
		if part == kind.RequisitesPart {
			s.Columns = f.requisiteColumns()
		}
		return s
	}))
	if err != nil {
		return nil, value.While(err, doing)
	}
	return found, nil
}

// attachParts asks for one part and puts it into the rows of its owners.
func (f *fetcher) attachParts(ctx context.Context, to *owners, part, doing string) error {
	found, err := f.parts(ctx, to, part, doing)
	if err != nil {
		return err
	}
	if err := to.attach(part, found); err != nil {
		return value.While(err, doing)
	}
	return nil
}

// requisiteColumns are the user fields of requisites. They are not shown unless they are
// named.
func (f *fetcher) requisiteColumns() []string {
	fields := f.Meta.Requisites.Fields.ByName
	return slices.DeleteFunc(slices.Sorted(maps.Keys(fields)), func(name string) bool { return !fields[name].Dynamic })
}
