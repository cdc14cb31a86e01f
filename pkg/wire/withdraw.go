package wire

import (
	"cmp"
	"encoding/json"
	"slices"
	"strconv"

	"github.com/b24apply/b24apply/pkg/bitrix"
	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/plan"
)

// makers and savers are the columns that tell who has created and saved something.
var makers, savers = []string{"createdBy", "CREATED_BY_ID"}, []string{"updatedBy", "modifiedBy", "MODIFY_BY_ID"}

// Unmarked tells whether what a call has created lacks nothing but its mark, which the
// next run would not find and create again, and has been saved by nobody else since.
func Unmarked(c Call, row kind.Row, mismatches []Mismatch) bool {
	lacks := func(Mismatch) bool { return false }
	switch c := c.(type) {
	case *Ready:
		lacks = c.lacksMark
	case *rowCall:
		lacks = c.lacksMark
	}
	return len(mismatches) > 0 && !slices.ContainsFunc(mismatches, func(m Mismatch) bool { return !lacks(m) }) && !SavedByAnother(row)
}

// SavedByAnother tells whether a row shows that somebody has saved something last who has not
// created it.
func SavedByAnother(row kind.Row) bool {
	said := func(columns []string) string {
		i := slices.IndexFunc(columns, func(column string) bool { return row.Text(column) != "" })
		if i < 0 {
			return ""
		}
		return row.Text(columns[i])
	}
	saver := said(savers)
	return saver != "" && saver != said(makers)
}

// Withdraw deletes again what a call has just created, and that is [Unmarked].
// Source: api-reference/crm/universal/crm-item-delete.md and
// api-reference/crm/requisites/universal/crm-requisite-delete.md.
func Withdraw(c Call, id int) bitrix.Command {
	switch c := c.(type) {
	case *Ready:
		return bitrix.Command{Method: c.family.Delete, Params: c.params(bitrix.Params{"id": id})}
	case *rowCall:
		return bitrix.Command{Method: c.family.Rows.Method + ".delete", Params: bitrix.Params{"id": id}}
	}
	return bitrix.Command{}
}

// Withdrawn tells from what Get answered, or from its error, whether it is gone.
func Withdrawn(c Call, answer json.RawMessage, err error) bool {
	if _, isRow := c.(*rowCall); isRow {
		return err == nil && emptyList(answer)
	}
	return bitrix.IsNotFound(err)
}

// ProofStore tells apart what proves that the portal keeps and shows marks: by the store
// of records, and for rows of parts by their methods. It is false for calls that create
// nothing with a mark that has to be proven.
func ProofStore(c Call) (string, bool) {
	switch c := c.(type) {
	case *Ready:
		return proofOf(cmp.Or(c.EntityTypeID, c.Change.Store().Number())), c.Change.Action == plan.Create && c.Change.IsRecord() && c.keyField == nil
	case *rowCall:
		return c.family.Rows.Method, c.Once()
	}
	return "", false
}

// ProofStoreOf is the ProofStore of what saves the record of a change, as far as its entry tells.
func ProofStoreOf(e *plan.Entry) (string, bool) {
	return proofOf(e.EntityTypeID), e.Action == plan.Create && e.IsRecord() && e.EntityTypeID != 0
}

// proofOf is the ProofStore of records in a store.
func proofOf(store int) string { return "store " + strconv.Itoa(store) }

// ProvenStores lists what the plan has found by its mark, which is proof enough.
func ProvenStores(p *plan.Plan) []string {
	stores := make(map[int]bool)
	for u := range p.Unchanged.All() {
		stores[u.Facts.StoreNumber(u.EntityTypeID)] = true
	}
	for _, u := range p.Unlisted {
		stores[u.Store] = true
	}
	for _, e := range p.Changes.Entries() {
		if e.IsRecord() && e.Marked {
			stores[e.Facts.StoreNumber(e.EntityTypeID)] = true
		}
	}
	var out []string
	for number := range stores {
		out = append(out, proofOf(number))
	}
	for method, found := range p.RowsByMark {
		if found {
			out = append(out, method)
		}
	}
	slices.Sort(out)
	return out
}
