package diff

import (
	"encoding/json"
	"fmt"

	"github.com/b24apply/b24apply/pkg/bitrix"
)

// A takeover is what the plan saw of a record that is to be adopted.
type takeover struct {
	slot   slot
	holder holder
}

// TakesOver tells whether the change adopts a record. A type is adopted too, by its
// code, which nobody else can claim.
func (c *Change) TakesOver() bool { return c.takeover != nil }

// Holder reads, just before a record is adopted, whose it is: somebody may have
// claimed it since the plan. Source: api-reference/crm/universal/crm-item-list.md.
func (r *Ready) Holder() bitrix.List {
	columns := []any{"id"}
	for _, wire := range r.Change.takeover.slot.allWires() {
		columns = append(columns, wire)
	}
	at := r.Change.at()
	at.entityTypeID = r.EntityTypeID
	return at.list(map[string]any{at.among("id"): []any{r.Change.ID}}, columns)
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
		now := r.Change.takeover.slot.holder(row)
		if row.Int("id") == r.Change.ID && now != r.Change.takeover.holder && now != (holder{}) && !carries(row, r.mark) {
			return fmt.Sprintf("since the plan record %d was claimed; it belongs to %s", r.Change.ID, now), nil
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
