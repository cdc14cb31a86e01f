package kind

import (
	"testing"

	"github.com/b24apply/b24apply/pkg/value"
)

// Without a portal the kinds of the table have their names, those of a test too, and nothing
// else has one.
func TestPlainNamesAreThoseOfTheTable(t *testing.T) {
	for name, table := range map[string]*Table{"Bitrix24's own": BuiltIn(), "with a kind of its own": BuiltIn().With(&Kind{Name: "Ticket", Space: "ticket", EntityTypeID: 99, Class: ClassRecord, Codes: Codes{Short: "TI"}})} {
		n := table.PlainNames()
		if code, _ := n.Entity("deal"); code != "D" {
			t.Errorf("%s: a deal has the code %q", name, code)
		}
		if space, known := n.EntityName("D"); space != "deal" || !known {
			t.Errorf("%s: D is %q, %t", name, space, known)
		}
		if id, _ := n.EntityType("company"); id != "4" {
			t.Errorf("%s: a company has the type %q", name, id)
		}
		if _, known := n.EntityName("TI"); known != (table != BuiltIn()) {
			t.Errorf("%s: TI is known: %t", name, known)
		}
		if v, err := n.Lookup(value.Lookup{}); err == nil {
			t.Errorf("%s: a look-up finds %+v", name, v)
		}
		if id := n.Link("deal/d"); id != "" || len(n.Known(value.Type{Name: "user"}).Names) > 0 {
			t.Errorf("%s: a record has the id %q", name, id)
		}
	}
}

// Parts of parts are found by their names, with how their rows are kept.
func TestAnyPartFindsPartsOfParts(t *testing.T) {
	company := BuiltIn().ByName("Company")
	for part, method := range map[string]string{RequisitesPart: "crm.requisite", BankDetailsPart: "crm.requisite.bankdetail", AddressesPart: ""} {
		if p, ok := company.AnyPart(part); !ok || p.Rows.Method != method {
			t.Errorf("%s: %t, %q", part, ok, p.Rows.Method)
		}
	}
	if _, ok := company.AnyPart(ProductsPart); ok {
		t.Error("a company has product rows")
	}
}
