package kind

import (
	"slices"
	"testing"

	"github.com/b24apply/b24apply/pkg/value"
)

// Every column that a manifest may declare of a product row can be read, compared and sent,
// by the name that the methods have for it.
func TestEveryProductColumnHasACodec(t *testing.T) {
	rows := ProductsType("EUR")
	for _, name := range []string{"Lead", "Deal", "Quote", "Invoice", "SPAItem"} {
		part, ok := (*Table)(nil).ByName(name).Part(ProductsPart)
		if !ok || len(part.Columns) != len(rows.Columns) {
			t.Fatalf("%s has %d columns, and rows have %d", name, len(part.Columns), len(rows.Columns))
		}
	}
	for _, c := range rows.Columns {
		part := ProductRows("")[0]
		if _, declared := part.Column(c.Name); !declared {
			t.Errorf("%s cannot be declared", c.Name)
		}
		if _, ok := value.CodecOf(c.Type); !ok || c.Wire == "" {
			t.Errorf("%s: no codec of %s, or no name on the wire", c.Name, c.Type.Name)
		}
		if c.Type.Nullable != (c.Name == "taxRate") {
			t.Errorf("%s: null means nothing: %t; only no tax is another thing than a tax of 0", c.Name, c.Type.Nullable)
		}
	}
}

// What an entry of requisites or of bank details holds beside its official fields has a
// name in the older methods, but for what only manifests know.
func TestColumnsOfRequisitesHaveNamesOnTheWire(t *testing.T) {
	requisites := Requisites()[0]
	bank, ok := requisites.Part(BankDetailsPart)
	if !ok {
		t.Fatal("requisites have no bank details")
	}
	for _, part := range []Part{requisites, bank} {
		for _, c := range part.Columns {
			if ours := slices.Contains([]string{"key", "preset"}, c.Name); ours == (c.Wire != "") {
				t.Errorf("%s.%s is %q on the wire", part.Name, c.Name, c.Wire)
			}
		}
	}
}
