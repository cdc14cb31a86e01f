package plan

import (
	"testing"

	"github.com/b24apply/b24apply/pkg/kind"
)

// Whose a record is, is read from the place of the mark; where that is a user field,
// other systems may use the fields for foreign ids, and other projects may not.
func TestHolderTellsWhoseARecordIs(t *testing.T) {
	deal, invoice, quote := kind.BuiltIn().ByName("Deal"), kind.BuiltIn().ByName("Invoice"), kind.BuiltIn().ByName("Quote")
	for _, tc := range []struct {
		name string
		slot Slot
		row  string
		want Holder
	}{
		{"nobody", Slot{Facts: deal, Key: kind.KeyOrigin}, `{"originatorId":null,"originId":""}`, Holder{}},
		{"a project", Slot{Facts: deal, Key: kind.KeyOrigin}, `{"originatorId":"b24apply:shop","originId":"order-1"}`, Holder{Owner: "shop", Name: "order-1"}},
		{"another system", Slot{Facts: deal, Key: kind.KeyOrigin}, `{"originatorId":"1C","originId":"77"}`, Holder{System: `originatorId "1C", originId "77"`}},
		{"a system without a name", Slot{Facts: deal, Key: kind.KeyOrigin}, `{"originatorId":"","originId":"77"}`, Holder{System: `originId "77"`}},
		{"no owner after the prefix", Slot{Facts: deal, Key: kind.KeyOrigin}, `{"originatorId":"b24apply:","originId":"x"}`, Holder{System: `originatorId "b24apply:", originId "x"`}},
		{"in one text", Slot{Facts: invoice, Key: kind.KeyXMLID}, `{"xmlId":"b24apply:shop:order-1"}`, Holder{Owner: "shop", Name: "order-1"}},
		{"one text of another system", Slot{Facts: invoice, Key: kind.KeyXMLID}, `{"xmlId":"erp/5"}`, Holder{System: `xmlId "erp/5"`}},
		{"in a user field", Slot{Facts: quote, Key: kind.KeyField, Wire: "ufKey"}, `{"ufKey":"b24apply:shop:offer"}`, Holder{Owner: "shop", Name: "offer"}},
		{"a user field beside another system", Slot{Facts: deal, Key: kind.KeyField, Wire: "ufKey"}, `{"ufKey":"","originatorId":"1C","originId":"77"}`, Holder{}},
		{"a user field beside another project", Slot{Facts: deal, Key: kind.KeyField, Wire: "ufKey"}, `{"ufKey":"","originatorId":"b24apply:shop","originId":"a"}`, Holder{Owner: "shop", Name: "a"}},
		{"a user field that does not exist yet", Slot{Facts: deal, Key: kind.KeyField}, `{"originatorId":"b24apply:shop","originId":"a"}`, Holder{Owner: "shop", Name: "a"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			row, err := kind.DecodeRow([]byte(tc.row))
			if err != nil {
				t.Fatal(err)
			}
			if got := tc.slot.Holder(row); got != tc.want {
				t.Errorf("%+v, want %+v", got, tc.want)
			}
		})
	}
}
