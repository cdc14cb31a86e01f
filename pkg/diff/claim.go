package diff

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"github.com/b24apply/b24apply/pkg/bitrix"
)

// Holder reads, just before a record is adopted, whose it is: somebody may have
// claimed it since the plan. Source: api-reference/crm/universal/crm-item-list.md.
func (r *Ready) Holder() bitrix.List {
	columns := []any{"id"}
	for _, wire := range slices.Sorted(maps.Keys(r.Change.holders)) {
		columns = append(columns, wire)
	}
	return bitrix.List{Method: r.family.list, Items: r.family.items,
		Params: r.params(bitrix.Params{"filter": map[string]any{"@id": []any{r.Change.ID}}, "select": columns})}
}

// Claimed tells what stands against adopting the record, from the rows of Holder's
// answer; "" if nothing does. A record that already carries the mark has been adopted
// by an earlier sending.
func (r *Ready) Claimed(rows []json.RawMessage) (string, error) {
	for _, raw := range rows {
		row, err := decodeRow(raw)
		if err != nil {
			return "", err
		}
		if row.Int("id") != r.Change.ID || carries(row, r.mark) {
			continue
		}
		for _, wire := range slices.Sorted(maps.Keys(r.Change.holders)) {
			if got, seen := row.Text(wire), r.Change.holders[wire]; got != seen {
				return fmt.Sprintf("since the plan somebody claimed record %d: its %s was %q and is now %q", r.Change.ID, wire, seen, got), nil
			}
		}
	}
	if len(rows) == 0 {
		return fmt.Sprintf("since the plan record %d was deleted, or hidden from the webhook's user", r.Change.ID), nil
	}
	return "", nil
}

// ByKey tells whether the plan found the record by its mark, which proves that the
// portal shows marks.
func (c *Change) ByKey() bool { return c.IsRecord() && c.byKey }
