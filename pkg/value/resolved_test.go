package value

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// A link whose id was open is shown with the id that it got, wherever it stands; one that got none
// stays open, and what is shared is not changed.
func TestOpenLinksAreResolved(t *testing.T) {
	open := func(of string) Shown { return InParts(of, Open) }
	got := func(of, id string) Shown { return InParts(of, Pointer, P(PartID, id)) }
	ids := func(of Address) string { return map[Address]string{"company/a": "7"}[of] }
	row := InParts("row", Row, ShownPart{"product", open("company/a")}, P("price", "5"))
	for name, tc := range map[string]struct{ from, want Shown }{
		"a text":          {ShownText("company/a"), ShownText("company/a")},
		"nothing":         {Shown{}, Shown{}},
		"a link":          {open("company/a"), got("company/a", "7")},
		"one without id":  {open("deal/b"), open("deal/b")},
		"entries":         {Several([]Shown{open("deal/b"), open("company/a")}), Several([]Shown{open("deal/b"), got("company/a", "7")})},
		"the cell of row": {row, InParts("row", Row, ShownPart{"product", got("company/a", "7")}, P("price", "5"))},
	} {
		if d := cmp.Diff(tc.want, tc.from.Resolved(ids)); d != "" {
			t.Errorf("%s (-want +got):\n%s", name, d)
		}
	}
	if row.Rest.Parts[0].Shown.Style() != Open {
		t.Error("what is shared was changed")
	}
}
