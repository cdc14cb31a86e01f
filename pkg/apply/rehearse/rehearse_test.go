package rehearse

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/value"
)

func deal(t *testing.T, id int, row string, links map[string][]Link) *Record {
	t.Helper()
	decoded, err := kind.DecodeRow(json.RawMessage(row))
	if err != nil {
		t.Fatal(err)
	}
	return &Record{Store: kind.Store{Kind: kind.BuiltIn().ByName("Deal"), EntityTypeID: 2}, ID: id, Row: decoded, Parts: map[string][]kind.Row{}, Links: links}
}

func company(id int) Link {
	return Link{kind.Store{Kind: kind.BuiltIn().ByName("Company"), EntityTypeID: 4}, id}
}

// What differs is told by field; stamps, ids of entries and what says nothing are left out.
func TestWhatDiffers(t *testing.T) {
	renewed := Renewed{company(5).Store.Record(5): "9", {EntityTypeID: 2, ID: 7}: "8"}
	for name, tc := range map[string]struct {
		was, is  string
		id       int
		from, to map[string][]Link
		want     []Difference
	}{
		"nothing":                       {was: `{"id":1,"title":"A","updatedTime":"x"}`, is: `{"id":1,"title":"A","updatedTime":"y","comments":null,"utm":"","list":[]}`},
		"a text":                        {was: `{"title":"A"}`, is: `{"title":"B"}`, want: []Difference{{"title", "A", "B"}}},
		"what is new and what is not":   {was: `{"a":1}`, is: `{"b":true}`, want: []Difference{{"a", "1", ""}, {"b", "", "true"}}},
		"entries in another order":      {was: `{"fm":[{"id":1,"value":"x"},{"id":2,"value":"y"}]}`, is: `{"fm":[{"id":3,"value":"y"},{"id":4,"value":"x"}]}`},
		"a list in another order":       {was: `{"l":[1,2]}`, is: `{"l":[2,1]}`, want: []Difference{{"l", "[1,2]", "[2,1]"}}},
		"a file and its link":           {was: `{"f":{"id":3,"urlMachine":"https://secret"}}`, is: `{"f":{"id":4,"urlMachine":"https://other"}}`, want: []Difference{{"f", `{"file":3}`, `{"file":4}`}}},
		"made again":                    {id: 7, was: `{"id":7,"createdTime":"x","title":"A"}`, is: `{"id":8,"createdTime":"y","title":"A"}`},
		"not made again":                {id: 1, was: `{"createdTime":"x"}`, is: `{"createdTime":"y"}`, want: []Difference{{"createdTime", "x", "y"}}},
		"a link to what was made again": {was: `{"companyId":5}`, is: `{"companyId":9}`, from: map[string][]Link{"companyId": {company(5)}}, to: map[string][]Link{"companyId": {company(9)}}},
		"a link that was not":           {was: `{"companyId":6}`, is: `{"companyId":9}`, from: map[string][]Link{"companyId": {company(6)}}, to: map[string][]Link{"companyId": {company(9)}}, want: []Difference{{"companyId", "6", "9"}}},
		"a link that is lost":           {was: `{"companyId":5}`, is: `{"companyId":0}`, from: map[string][]Link{"companyId": {company(5)}}, want: []Difference{{"companyId", "5", "0"}}},
	} {
		t.Run(name, func(t *testing.T) {
			id := max(1, tc.id)
			if d := cmp.Diff(tc.want, Compare(deal(t, id, tc.was, tc.from), deal(t, id, tc.is, tc.to), renewed)); d != "" {
				t.Error(d)
			}
		})
	}
}

// Rows that belong to a record are compared without their ids and in no order, with what they hold.
func TestRowsAreComparedByWhatTheyHold(t *testing.T) {
	rows := func(texts ...string) *Record {
		r := deal(t, 1, `{}`, nil)
		for _, text := range texts {
			row, err := kind.DecodeRow(json.RawMessage(text))
			if err != nil {
				t.Fatal(err)
			}
			r.Parts[kind.ProductsPart] = append(r.Parts[kind.ProductsPart], row)
		}
		return r
	}
	was := rows(`{"id":1,"ownerId":1,"productName":"Nail","price":1}`, `{"id":2,"ownerId":1,"productName":"Screw","price":2}`)
	if d := Compare(was, rows(`{"id":8,"ownerId":4,"productName":"Screw","price":2}`, `{"id":9,"ownerId":4,"productName":"Nail","price":1}`), nil); d != nil {
		t.Errorf("equal rows differ: %v", d)
	}
	d := Compare(was, rows(`{"id":1,"productName":"Nail","price":1}`), nil)
	if len(d) != 1 || d[0].Field != kind.ProductsPart || !strings.Contains(d[0].Was, "Screw") || strings.Contains(d[0].Is, "Screw") {
		t.Errorf("a row that is gone: %v", d)
	}
}

// A record never differs from itself, and a difference is seen from both sides.
func TestCompareIsFair(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		draw := func(label string) *Record {
			row := make(kind.Row)
			for _, name := range []string{"a", "b", "c"} {
				row[name] = json.RawMessage(rapid.SampledFrom([]string{`null`, `""`, `1`, `"1"`, `"x"`, `[1,2]`, `[]`, `{"id":1,"v":2}`, `[{"id":1,"v":2},{"v":1}]`}).Draw(rt, label+name))
			}
			return &Record{Store: kind.Store{Kind: kind.BuiltIn().ByName("Deal"), EntityTypeID: 2}, ID: 1, Row: row}
		}
		a, b := draw("a"), draw("b")
		if d := Compare(a, a, nil); d != nil {
			rt.Fatalf("a record differs from itself: %v", d)
		}
		there, back := Compare(a, b, nil), Compare(b, a, nil)
		for i := range back {
			back[i].Was, back[i].Is = back[i].Is, back[i].Was
		}
		if d := cmp.Diff(there, back); d != "" {
			rt.Fatal(d)
		}
	})
}

// The exit code is 3 for anything that did not go as planned, and for nothing else: a new id is
// what a plan promises of what it deletes.
func TestTheExitCodeOfARehearsal(t *testing.T) {
	well := Item{Resource: "deal/a", Applied: &Step{Status: "succeeded"}, Undone: &Step{Status: "unchanged"}, NewID: "7"}
	for name, tc := range map[string]struct {
		change func(*Report, *Item)
		want   int
	}{
		"well":         {func(*Report, *Item) {}, ExitDone},
		"failed":       {func(_ *Report, i *Item) { i.Applied.Status = "failed" }, ExitItems},
		"partial":      {func(_ *Report, i *Item) { i.Applied.Status = "partial" }, ExitItems},
		"not undone":   {func(_ *Report, i *Item) { i.Undone.Status = "conflict" }, ExitItems},
		"gone":         {func(_ *Report, i *Item) { i.Gone = true }, ExitItems},
		"differs":      {func(_ *Report, i *Item) { i.Differs = []Difference{{Field: "a"}} }, ExitItems},
		"planned anew": {func(r *Report, _ *Item) { r.Again = []value.Address{"deal/a"} }, ExitItems},
		"refused":      {func(r *Report, _ *Item) { r.Refused = 1 }, ExitItems},
		"unlike":       {func(r *Report, _ *Item) { r.Unlike = []Unlike{{}} }, ExitDone},
	} {
		t.Run(name, func(t *testing.T) {
			i := well
			applied, undone := *well.Applied, *well.Undone
			i.Applied, i.Undone = &applied, &undone
			r := &Report{}
			tc.change(r, &i)
			r.Items = []Item{i}
			if got := r.ExitCode(); got != tc.want {
				t.Errorf("exit code %d, want %d", got, tc.want)
			}
		})
	}
}

// What the copy does not show as the portal does is counted by kind and field.
func TestWhatTheCopyDoesNotShow(t *testing.T) {
	var portal, box []*Record
	for id := range 3 {
		portal = append(portal, deal(t, id+1, fmt.Sprintf(`{"id":%d,"title":"A","secret":"x"}`, id+1), nil))
		if id < 2 {
			box = append(box, deal(t, id+1, fmt.Sprintf(`{"id":%d,"title":"A"}`, id+1), nil))
		}
	}
	want := []Unlike{{"Deal", "secret", 3}, {"Deal", "id", 1}, {"Deal", "title", 1}}
	if d := cmp.Diff(want, UnlikeOf(portal, box)); d != "" {
		t.Error(d)
	}
}

// Tables are planted in the order of ids, and rows of parts after their owners.
func TestTablesAreInOrder(t *testing.T) {
	a, b := deal(t, 2, `{"id":2}`, nil), deal(t, 1, `{"id":1}`, nil)
	a.Parts[kind.ProductsPart] = []kind.Row{{"id": json.RawMessage("9")}}
	b.Parts[kind.ProductsPart] = []kind.Row{{"id": json.RawMessage("4")}}
	got, err := Tables([]*Record{a, b})
	if err != nil {
		t.Fatal(err)
	}
	want := []Table{
		{Method: "crm.item.list", EntityTypeID: 2, Rows: []json.RawMessage{json.RawMessage(`{"id":1}`), json.RawMessage(`{"id":2}`)}},
		{Method: "crm.item.productrow.list", Rows: []json.RawMessage{json.RawMessage(`{"id":4}`), json.RawMessage(`{"id":9}`)}},
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}
