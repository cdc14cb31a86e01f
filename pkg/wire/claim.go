package wire

import (
	"encoding/json"

	"github.com/b24apply/b24apply/pkg/bitrix"
	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/plan"
	"github.com/b24apply/b24apply/pkg/value"
)

// Holder reads, just before a record is adopted, whose it is: somebody may have
// claimed it since the plan. Source: api-reference/crm/universal/crm-item-list.md.
func (r *Ready) Holder() bitrix.List {
	columns := []any{"id"}
	for _, wire := range r.Change.Slot().AllWires() {
		columns = append(columns, wire)
	}
	at := r.Change.Store()
	at.EntityTypeID = r.EntityTypeID
	return listOf(at, map[string]any{at.Kind.Methods.Among("id"): []any{value.IDNumber(r.Change.ID)}}, columns)
}

// Claimed tells what stands against adopting the record, from the rows of Holder's
// answer; zero if nothing does. A record that already carries the mark has been adopted
// by an earlier sending.
func (r *Ready) Claimed(rows []json.RawMessage) (value.Message, error) {
	for _, raw := range rows {
		row, err := kind.DecodeRow(raw)
		if err != nil {
			return value.Message{}, err
		}
		now := r.Change.Slot().Holder(row)
		if row.Int("id") == value.IDNumber(r.Change.ID) && now != r.Change.Takeover.Holder && now != (plan.Holder{}) && !plan.Carries(row, r.mark) {
			return value.Say("claimed-since-plan", value.T("id", r.Change.ID), value.M("holder", now.Says())), nil
		}
	}
	if len(rows) == 0 {
		return value.Say("gone-since-plan", value.T("id", r.Change.ID)), nil
	}
	return value.Message{}, nil
}
