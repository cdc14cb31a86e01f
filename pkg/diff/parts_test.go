package diff

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/plan"
	"github.com/b24apply/b24apply/pkg/spec"
	"github.com/b24apply/b24apply/pkg/value"
)

// A state without the requisites of a record would have them made twice.
func TestRequisitesThatWereNotReadAreRefused(t *testing.T) {
	r := &spec.Resource{Kind: kind.BuiltIn().ByName("Company"), Name: "c", Address: "company/c"}
	r.Declare(nil, []value.Field{{Name: kind.RequisitesPart, Value: value.Node{Kind: value.List}}})
	for _, tt := range []struct {
		row  string
		want plan.Action
	}{{"", plan.Refuse}, {`,"requisites":[]`, plan.NoOp}} {
		var row kind.Row
		if err := json.Unmarshal([]byte(`{"id":1,"originatorId":"b24apply:o","originId":"c"`+tt.row+`}`), &row); err != nil {
			t.Fatal(err)
		}
		set := spec.NewSet(spec.Project{Name: "o"}, nil, []*spec.Resource{r})
		p, problems := Compute(set, &State{Records: map[value.Address][]kind.Row{r.Address: {row}}})
		if problems.HasErrors() || changesIn(p)[0].Action != tt.want {
			t.Errorf("%s: %v, %+v", tt.row, problems, p)
		}
	}
}

// rqRow is a live requisite, or bank details.
func rqRow(id int, columns ...string) kind.Row {
	row := kind.Row{"ID": json.RawMessage(fmt.Sprintf(`"%d"`, id)), "PRESET_ID": json.RawMessage(`"1"`), "NAME": json.RawMessage(`"R"`)}
	for i := 0; i < len(columns); i += 2 {
		row[columns[i]], _ = json.Marshal(columns[i+1])
	}
	return row
}

// ours adds the mark of a key to columns.
func ours(key string, columns ...string) []string {
	return append(columns, "ORIGINATOR_ID", "b24apply:o", "XML_ID", "b24apply:"+key)
}
