package wire

import (
	"cmp"
	"encoding/json"
	"slices"

	"github.com/b24apply/b24apply/pkg/bitrix"
	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/plan"
	"github.com/b24apply/b24apply/pkg/value"
)

// DeleteCommand is the call that makes a change whose action is Delete.
// Source: api-reference/crm/universal/crm-item-delete.md,
// api-reference/crm/universal/user-defined-object-types/crm-type-delete.md,
// api-reference/catalog/product/catalog-product-delete.md and
// api-reference/catalog/section/catalog-section-delete.md.
func DeleteCommand(c *plan.Change) bitrix.Command {
	f := c.Facts.Methods
	p := bitrix.Params{"id": value.IDNumber(c.ID)}
	if f.Typed {
		p["entityTypeId"] = c.EntityTypeID
	}
	return bitrix.Command{Method: f.Delete, Params: p}
}

// ReadCommand is the call that reads the whole record, or type, of such a change.
func ReadCommand(c *plan.Change) bitrix.Command {
	read := DeleteCommand(c)
	read.Method = c.Facts.Methods.Get
	return read
}

// WholeLists read records of one store whole, 49 to a list: all columns and user fields, and
// the lists of links, which "*" leaves out.
// Source: api-reference/crm/universal/crm-item-list.md.
func WholeLists(s kind.Store, ids []int) []bitrix.List {
	columns := []any{"*", "uf*"}
	for _, f := range s.Kind.Fields {
		if f.Multiple {
			columns = append(columns, f.Name)
		}
	}
	var out []bitrix.List
	for group := range slices.Chunk(ids, kind.SearchSize) {
		among := make([]any, len(group))
		for i, id := range group {
			among[i] = id
		}
		out = append(out, listOf(s, map[string]any{s.Kind.Methods.Among("id"): among}, columns))
	}
	return out
}

// A Presence says whether what is to be deleted is still there.
type Presence uint8

// The presences. A foreign record carries another mark than at the time of the plan; an
// occupied section is ours, and something lies in it that would be deleted with it. Of a double
// that is ours, something may point at it, or the record that is to stay may be gone; Lost are
// both.
const (
	Gone Presence = iota
	Ours
	Foreign
	Occupied
	Pointed
	Single
	Lost
)

// A RollCall asks the portal which of some changes' objects are there, and whose
// they are, 49 to a list.
type RollCall struct {
	Lists []bitrix.List
	rolls []roll

	doubles map[*plan.Change]*double
}

// A roll is what one list asks: which of some objects are there, or, with a field,
// which of them the rows say they lie in.
type roll struct {
	changes []*plan.Change
	field   string
	take    func(*RollCall, kind.Row) // of doubles: files what a row says
}

func (r *RollCall) ask(l bitrix.List, about roll) {
	r.Lists, r.rolls = append(r.Lists, l), append(r.rolls, about)
}

// NewRollCall prepares the lists for changes whose action is Delete.
func NewRollCall(changes []*plan.Change) *RollCall {
	r := &RollCall{}
	byStore := make(map[kind.Store][]*plan.Change)
	var stores []kind.Store
	var types []*plan.Change
	for _, c := range changes {
		if c.IsRecord() {
			if len(byStore[c.Store()]) == 0 {
				stores = append(stores, c.Store())
			}
			byStore[c.Store()] = append(byStore[c.Store()], c)
		} else {
			types = append(types, c)
		}
	}
	slices.SortFunc(stores, func(a, b kind.Store) int {
		return cmp.Or(cmp.Compare(a.Number(), b.Number()), cmp.Compare(a.Iblock, b.Iblock))
	})
	for _, at := range stores {
		for group := range slices.Chunk(byStore[at], kind.SearchSize) {
			r.add(at, group)
		}
	}
	if len(types) > 0 {
		f := types[0].Facts.Methods
		r.ask(bitrix.List{Method: f.List, Params: bitrix.Params{}, Items: f.Items}, roll{changes: types})
	}
	r.addDoubles(changes)
	return r
}

func (r *RollCall) add(at kind.Store, group []*plan.Change) {
	ids := make([]any, len(group))
	for i, c := range group {
		ids[i] = value.IDNumber(c.ID)
	}
	columns := []any{"id"}
	for _, m := range group[0].Mark {
		columns = append(columns, m.Wire)
	}
	r.ask(listOf(at, map[string]any{at.Kind.Methods.Among("id"): ids}, columns), roll{changes: group})
	for _, inner := range at.Inner() {
		r.ask(listOf(inner, map[string]any{inner.Kind.Methods.Among(kind.SectionField): ids}, []any{"id", kind.SectionField}), roll{changes: group, field: kind.SectionField})
	}
}

// Read reads the answers to Lists.
func (r *RollCall) Read(answers [][]json.RawMessage) (map[*plan.Change]Presence, error) {
	out := make(map[*plan.Change]Presence)
	for i, about := range r.rolls {
		byID := make(map[int]*plan.Change, len(about.changes))
		for _, c := range about.changes {
			byID[value.IDNumber(c.ID)] = c
			if about.field == "" && about.take == nil {
				out[c] = Gone
			}
		}
		for _, raw := range answers[i] {
			row, err := kind.DecodeRow(raw)
			if err != nil {
				return nil, err
			}
			if about.take != nil {
				about.take(r, row)
				continue
			}
			about.file(out, byID, row)
		}
	}
	r.judgeDoubles(out)
	return out, nil
}

// file files what one row says. That something lies in a victim is asked after it is
// known whose that is.
func (about roll) file(out map[*plan.Change]Presence, byID map[int]*plan.Change, row kind.Row) {
	c := byID[row.Int(cmp.Or(about.field, "id"))]
	switch {
	case c == nil:
	case about.field != "" && out[c] == Ours:
		out[c] = Occupied
	case about.field != "":
	case plan.Carries(row, c.Mark):
		out[c] = Ours
	default:
		out[c] = Foreign
	}
}
