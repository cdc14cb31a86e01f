package rehearse

import (
	"cmp"
	"context"
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/live"
	"github.com/b24apply/b24apply/pkg/plan"
	"github.com/b24apply/b24apply/pkg/value"
	"github.com/b24apply/b24apply/pkg/wire"
)

// A Scope is a set of records.
type Scope map[kind.Store]map[int]bool

func (s Scope) add(at kind.Store, id int) bool {
	at.Iblock = 0 // an id names one thing in all catalogues
	if id == 0 || at.Kind == nil || s[at][id] {
		return false
	}
	if s[at] == nil {
		s[at] = make(map[int]bool)
	}
	s[at][id] = true
	return true
}

// stores lists the stores in the order of their kinds.
func (s Scope) stores() []kind.Store {
	return slices.SortedFunc(maps.Keys(s), func(a, b kind.Store) int {
		return cmp.Or(cmp.Compare(a.Kind.Rank, b.Kind.Rank), cmp.Compare(a.EntityTypeID, b.EntityTypeID))
	})
}

// ScopeOf gives the records that a plan is about, those that stay as they are too, and those that
// its values name, and tells whether it has to do with the product catalogue. Nothing is said of
// what it refuses: that is not rehearsed.
func (r *Reader) ScopeOf(p *plan.Plan) (s Scope, catalogue bool, err error) {
	s = make(Scope)
	for c, err := range p.All() {
		if err != nil {
			return nil, false, err
		}
		_, products := c.Facts.Part(kind.ProductsPart)
		catalogue = catalogue || products || c.Facts.Class == kind.ClassCatalog
		if !c.IsRecord() {
			continue
		}
		if c.Action != plan.Create && c.Action != plan.Refuse {
			s.add(c.Store(), value.IDNumber(c.ID))
		}
		for i := range c.Fields {
			r.namedBy(s, &c.Fields[i])
		}
		for _, at := range c.Pointers {
			for _, one := range at.First {
				s.add(r.storeOf(at.EntityTypeID), value.IDNumber(one.ID))
			}
		}
		if c.Double != nil {
			s.add(c.Store(), value.IDNumber(c.Double.Stays))
		}
	}
	return s, catalogue, nil
}

// namedBy adds the records that a field is to name.
func (r *Reader) namedBy(s Scope, d *plan.Field) {
	for at, ref := range wire.LinksOf(d) {
		s.add(at, ref.ID)
	}
	if d.Type.Name == string(kind.TypeProducts) {
		for _, row := range value.Wanted(d.Want).Entries() {
			s.add(kind.Store{Kind: r.Kinds.ByLink(kind.TypeProduct)}, value.IDNumber(row.Get("product").Text))
		}
	}
}

func (r *Reader) storeOf(entityTypeID int) kind.Store {
	return kind.Store{Kind: r.Kinds.OfEntity(entityTypeID), EntityTypeID: entityTypeID}
}

// refer adds what records name to a scope, and gives what is new.
func (r *Reader) refer(s Scope, of []*Record) Scope {
	more := make(Scope)
	add := func(to Link) {
		if s.add(to.Store, to.ID) {
			more.add(to.Store, to.ID)
		}
	}
	for _, rec := range of {
		for _, links := range rec.Links {
			for _, to := range links {
				add(to)
			}
		}
		for _, row := range rec.Parts[kind.ProductsPart] {
			add(Link{kind.Store{Kind: r.Kinds.ByLink(kind.TypeProduct)}, row.Int("productId")})
		}
	}
	return more
}

// link finds out what records name in their fields.
func (r *Reader) link(ctx context.Context, of []*Record) error {
	fields, err := r.fieldsOf(ctx, of)
	if err != nil {
		return err
	}
	for _, rec := range of {
		rec.Links = make(map[string][]Link)
		for name, raw := range rec.Row {
			f, known := fields[rec.Store.EntityTypeID].ByName[name]
			if rule := rec.Store.Kind.Rule(name); !known && rule != nil && rec.Store.EntityTypeID == 0 {
				f, known = kind.LiveField{Name: name, Type: rule.Type}, true
			}
			if !known {
				continue
			}
			for _, text := range textsOf(raw) {
				if at, id := r.target(f, text); at.Kind != nil && id != 0 {
					rec.Links[name] = append(rec.Links[name], Link{at, id})
				}
			}
		}
	}
	return nil
}

// fieldsOf reads the fields of the entity types of records.
func (r *Reader) fieldsOf(ctx context.Context, of []*Record) (map[int]kind.LiveFields, error) {
	w := kind.Wanted{Kinds: r.Kinds}
	seen := make(map[int]bool)
	for _, rec := range of {
		if at := rec.Store.EntityTypeID; at != 0 && !seen[at] {
			seen[at] = true
			w.Entities = append(w.Entities, kind.WantedEntity{EntityTypeID: at})
		}
	}
	if len(w.Entities) == 0 {
		return nil, nil
	}
	names, err := live.New(r.Client).Names(ctx, w)
	return names.Fields, err
}

// target is the record that a value of a field names; no kind if it names none.
func (r *Reader) target(f kind.LiveField, text string) (kind.Store, int) {
	id, _ := strconv.Atoi(text)
	if digits, ok := strings.CutPrefix(f.Name, "parentId"); ok {
		entity, _ := strconv.Atoi(digits)
		return r.storeOf(entity), id
	}
	if f.Type == kind.TypeCRM {
		code, number, prefixed := strings.Cut(text, "_")
		switch {
		case prefixed:
			id, _ = strconv.Atoi(number)
			if entity := r.Kinds.ByShort(code); entity != 0 {
				return r.storeOf(entity), id
			}
		case len(f.Entities) == 1:
			return r.storeOf(f.Entities[0]), id
		}
		return kind.Store{}, 0
	}
	if k := r.Kinds.ByLink(f.Type); k != nil {
		return kind.Store{Kind: k, EntityTypeID: k.EntityTypeID}, id
	}
	return kind.Store{}, 0
}

// textsOf are the scalars of a value, or of a list of them.
func textsOf(raw json.RawMessage) []string {
	var list []json.RawMessage
	if len(raw) == 0 || raw[0] != '[' || json.Unmarshal(raw, &list) != nil {
		return []string{kind.Text(raw)}
	}
	out := make([]string, len(list))
	for i, item := range list {
		out[i] = kind.Text(item)
	}
	return out
}
