package diff

import (
	"cmp"
	"encoding/json"
	"maps"
	"slices"

	"github.com/b24apply/b24apply/pkg/bitrix"
	"github.com/b24apply/b24apply/pkg/spec"
)

// DeleteCommand is the call that makes a change whose action is Delete.
// Source: api-reference/crm/universal/crm-item-delete.md and
// api-reference/crm/universal/user-defined-object-types/crm-type-delete.md.
func (c *Change) DeleteCommand() bitrix.Command {
	f := families[c.kind.Class]
	p := bitrix.Params{"id": c.ID}
	if f.typed {
		p["entityTypeId"] = c.EntityTypeID
	}
	return bitrix.Command{Method: f.remove, Params: p}
}

// A Presence says whether what is to be deleted is still there.
type Presence uint8

// The presences. A foreign record carries another mark than at the time of the plan.
const (
	Gone Presence = iota
	Ours
	Foreign
)

// A RollCall asks the portal which of some changes' objects are there, and whose
// they are, 49 to a list.
type RollCall struct {
	Lists  []bitrix.List
	groups [][]*Change
}

// NewRollCall prepares the lists for changes whose action is Delete.
func NewRollCall(changes []*Change) *RollCall {
	r := &RollCall{}
	byType := make(map[int][]*Change)
	var types []*Change
	for _, c := range changes {
		if c.IsRecord() {
			byType[c.EntityTypeID] = append(byType[c.EntityTypeID], c)
		} else {
			types = append(types, c)
		}
	}
	for _, entity := range slices.Sorted(maps.Keys(byType)) {
		for group := range slices.Chunk(byType[entity], lookupSize) {
			r.add(group)
		}
	}
	if len(types) > 0 {
		f := families[spec.ClassType]
		r.Lists, r.groups = append(r.Lists, bitrix.List{Method: f.list, Params: bitrix.Params{}, Items: f.items}), append(r.groups, types)
	}
	return r
}

func (r *RollCall) add(group []*Change) {
	ids := make([]any, len(group))
	for i, c := range group {
		ids[i] = c.ID
	}
	columns := []any{"id"}
	for _, m := range group[0].mark {
		columns = append(columns, m.wire)
	}
	f := families[spec.ClassRecord]
	r.Lists = append(r.Lists, bitrix.List{Method: f.list, Items: f.items, Params: bitrix.Params{
		"entityTypeId": group[0].EntityTypeID, "filter": map[string]any{"@id": ids}, "select": columns,
	}})
	r.groups = append(r.groups, group)
}

// Read reads the answers to Lists.
func (r *RollCall) Read(answers [][]json.RawMessage) (map[*Change]Presence, error) {
	out := make(map[*Change]Presence)
	for i, group := range r.groups {
		byID := make(map[int]*Change, len(group))
		for _, c := range group {
			byID[c.ID], out[c] = c, Gone
		}
		for _, raw := range answers[i] {
			row, err := decodeRow(raw)
			if err != nil {
				return nil, err
			}
			c := byID[row.Int("id")]
			switch {
			case c == nil:
			case carries(row, c.mark):
				out[c] = Ours
			default:
				out[c] = Foreign
			}
		}
	}
	return out, nil
}

// Deletions lists the changes whose action is Delete, in the order in which they are
// sent: what ranks behind comes first.
func (p *Plan) Deletions() []int {
	var out []int
	for i := range p.Changes {
		if p.Changes[i].Action == Delete {
			out = append(out, i)
		}
	}
	slices.SortStableFunc(out, func(a, b int) int {
		x, y := &p.Changes[a], &p.Changes[b]
		return cmp.Or(cmp.Compare(y.kind.Rank, x.kind.Rank), cmp.Compare(y.Address, x.Address))
	})
	return out
}
