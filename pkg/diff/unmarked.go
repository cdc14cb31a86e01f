package diff

import (
	"cmp"
	"encoding/json"
	"slices"

	"github.com/b24apply/b24apply/pkg/bitrix"
)

// Unmarked tells whether what a call has created lacks nothing but its mark, which the
// next run would not find and create again, and has been saved by nobody else since.
func Unmarked(c Call, row Row, mismatches []Mismatch) bool {
	lacks := func(Mismatch) bool { return false }
	switch c := c.(type) {
	case *Ready:
		lacks = c.lacksMark
	case *rowCall:
		lacks = c.lacksMark
	}
	maker, saver := cmp.Or(row.Text("createdBy"), row.Text("CREATED_BY_ID")), cmp.Or(row.Text("updatedBy"), row.Text("modifiedBy"), row.Text("MODIFY_BY_ID"))
	return len(mismatches) > 0 && !slices.ContainsFunc(mismatches, func(m Mismatch) bool { return !lacks(m) }) && (saver == "" || saver == maker)
}

// Withdraw deletes again what a call has just created, and that is [Unmarked].
// Source: api-reference/crm/universal/crm-item-delete.md and
// api-reference/crm/requisites/universal/crm-requisite-delete.md.
func Withdraw(c Call, id int) bitrix.Command {
	switch c := c.(type) {
	case *Ready:
		return bitrix.Command{Method: c.family.Delete, Params: c.params(bitrix.Params{"id": id})}
	case *rowCall:
		return bitrix.Command{Method: c.family.method + ".delete", Params: bitrix.Params{"id": id}}
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
// of records, and for requisites and bank details by what they are. It is false for calls
// that create nothing with a mark that has to be proven.
func ProofStore(c Call) (int, bool) {
	switch c := c.(type) {
	case *Ready:
		return c.Store(), c.Change.Action == Create && c.Change.IsRecord() && c.keyField == nil
	case *rowCall:
		return rowProof(c.family), c.Once()
	}
	return 0, false
}

// rowProof is below all stores.
func rowProof(f *rowFamily) int {
	if f.method == bankRows.method {
		return -1002
	}
	return -1001
}

// ProvenStores lists what the plan has found by its mark, which is proof enough.
func ProvenStores(p *Plan) []int {
	var out []int
	for i := range p.Unchanged {
		u := &p.Unchanged[i]
		if at := storeNumber(u.Facts, u.EntityTypeID); len(out) == 0 || out[len(out)-1] != at {
			out = append(out, at)
		}
	}
	for _, e := range p.Changes.Entries() {
		if e.IsRecord() && e.Marked {
			out = append(out, storeNumber(e.Facts, e.EntityTypeID))
		}
	}
	for _, f := range []*rowFamily{&requisiteRows, &bankRows} {
		if p.RowsByMark[f.method] {
			out = append(out, rowProof(f))
		}
	}
	return out
}
