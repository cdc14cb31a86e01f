package diff

import (
	"encoding/json"
	"fmt"

	"github.com/b24apply/b24apply/pkg/bitrix"
)

// A takeover is what the plan saw of a record that is to be adopted.
type takeover struct {
	Slot   slot
	Holder Holder
}

// TakesOver tells whether the change adopts a record. A type is adopted too, by its
// code, which nobody else can claim.
func (c *Change) TakesOver() bool { return c.Takeover != nil }

// Holder reads, just before a record is adopted, whose it is: somebody may have
// claimed it since the plan. Source: api-reference/crm/universal/crm-item-list.md.
func (r *Ready) Holder() bitrix.List {
	columns := []any{"id"}
	for _, wire := range r.Change.Takeover.Slot.allWires() {
		columns = append(columns, wire)
	}
	at := storeOf(r.Change)
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
		now := r.Change.Takeover.Slot.holder(row)
		if row.Int("id") == r.Change.ID && now != r.Change.Takeover.Holder && now != (Holder{}) && !carries(row, r.mark) {
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
func ByKey(c *Change) bool { return IsRecord(c) && c.Marked }
