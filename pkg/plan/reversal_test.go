package plan

import (
	"slices"
	"testing"

	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/value"
)

func TestReversalIsToldFieldByField(t *testing.T) {
	deal, spa := kind.BuiltIn().ByName("Deal"), kind.BuiltIn().ByName("SPA")
	field := func(name string, live value.Value) Field {
		rule, _ := deal.Field(name)
		return Field{Name: name, Wire: name, Type: rule.ValueType(), Want: value.Text("x"), Live: live}
	}
	empty, some := value.Value{}, value.Text("before")
	logo := Field{Name: "logo", Type: value.Type{Name: "file"}, Live: some}
	for name, tc := range map[string]struct {
		of   Change
		want Reversal
		lost []string
	}{
		"a create":                         {Change{Action: Create, Facts: deal}, ByValues, nil},
		"a deletion":                       {Change{Action: Delete, Facts: deal}, ByNewID, nil},
		"the deletion of a type":           {Change{Action: Delete, Facts: spa}, Never, nil},
		"what stays":                       {Change{Action: NoOp, Facts: deal}, "", nil},
		"a refusal":                        {Change{Action: Refuse, Facts: deal}, "", nil},
		"a field that can be emptied":      {Change{Action: Update, Facts: deal, Fields: []Field{field("comments", empty)}}, ByValues, nil},
		"one that cannot, and held a text": {Change{Action: Update, Facts: deal, Fields: []Field{field("utmTerm", some)}}, ByValues, nil},
		"one that cannot, and was empty":   {Change{Action: Adopt, Facts: deal, Fields: []Field{field("comments", empty), field("utmTerm", empty)}}, Never, []string{"utmTerm"}},
		"a file that is replaced":          {Change{Action: Update, Facts: deal, Fields: []Field{logo}}, Never, []string{"logo"}},
	} {
		got, lost := tc.of.Reversal()
		if got != tc.want || !slices.Equal(lost, tc.lost) {
			t.Errorf("%s: %q %v, want %q %v", name, got, lost, tc.want, tc.lost)
		}
		if e := EntryOf(&tc.of); e.Lasting != (tc.want == Never) || e.Anew != (tc.want == ByNewID) {
			t.Errorf("%s: the entry says %t, %t", name, e.Lasting, e.Anew)
		}
	}
}
