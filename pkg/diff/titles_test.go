package diff

import (
	"testing"

	"github.com/b24apply/b24apply/pkg/diff/meta"
	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/plan"
)

// A title in quotation marks names its field, unless two fields share it.
func TestARefusalNamesItsField(t *testing.T) {
	p := &plan.Plan{Titles: (&meta.Data{Fields: map[int]kind.LiveFields{2: kind.NewLiveFields([]kind.LiveField{
		{Name: "opportunity", Titles: []string{"Amount"}},
		{Name: "title", Titles: []string{"Name"}},
		{Name: "ufCrm1_CODE", UpperName: "UF_CRM_1_CODE", Dynamic: true, Titles: []string{"Code", "Inner code", "Code"}},
		{Name: "ufCrm1_NAME", UpperName: "UF_CRM_1_NAME", Dynamic: true, Titles: []string{"Name"}},
	})}}).Titles()}
	for message, want := range map[string]string{
		`The field "Amount" is required`:          "opportunity",
		`Поле «Inner code» обязательно`:           "CODE",
		`Field &quot;Code&quot; is empty`:         "CODE",
		`The field "Name" is required`:            "", // two fields
		`The field Amount is required`:            "",
		`"Amount" and "Code" are required`:        "", // which one?
		`The field "Amount" is required, stupid"`: "opportunity",
	} {
		if got := p.FieldNamed(&plan.Change{EntityTypeID: 2}, message); got != want {
			t.Errorf("%s: %q, want %q", message, got, want)
		}
	}
}
