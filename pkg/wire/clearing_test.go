package wire

import (
	"encoding/json"
	"fmt"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/plan"
	"github.com/b24apply/b24apply/pkg/value"
)

// listField is a custom field with several values that is emptied.
func listField(name string) plan.Field {
	return plan.Field{Name: name, Wire: name, Older: "UF_" + name, Type: value.Type{Name: "string", Multiple: true}, Live: value.Listed(value.Text("a"))}
}

// rows are answers of lists.
func jsonRows(objects ...string) []json.RawMessage {
	out := []json.RawMessage{}
	for _, o := range objects {
		out = append(out, json.RawMessage(o))
	}
	return out
}

// What was emptied is read again by lists of 49 records of a store, each with the columns
// that matter; a record that does not show all of them tells nothing.
func TestWhatWasEmptiedIsReadAgainByLists(t *testing.T) {
	deal, company := kind.BuiltIn().ByName("Deal"), kind.BuiltIn().ByName("Company")
	var calls []Call
	for i := range kind.SearchSize + 1 {
		ready := updateOf(t, deal, textField("comments", "Before", ""))
		ready.Change.ID = fmt.Sprint(100 + i)
		calls = append(calls, ready)
	}
	calls = append(calls, updateOf(t, company, textField("comments", "Before", ""), textField("address", "Here", "")))
	for _, c := range calls {
		if !Empties(c) {
			t.Fatal("a call that empties does not say so")
		}
	}
	k := NewRecheck(calls)
	if len(k.Lists) != 3 {
		t.Fatalf("%d lists", len(k.Lists))
	}
	filter := k.Lists[0].Params["filter"].(map[string]any)
	if ids := filter["@id"].([]any); len(ids) != kind.SearchSize || ids[0] != 100 {
		t.Errorf("the first list is of %v", ids)
	}
	if d := gocmp.Diff([]any{"address", "comments", "id"}, k.Lists[2].Params["select"]); d != "" {
		t.Errorf("columns of the last list: %s", d)
	}
	got, err := k.Read([][]json.RawMessage{
		jsonRows(`{"id":100,"comments":null}`, `{"id":101,"comments":"still"}`, `{"id":102}`),
		jsonRows(`{"id":149,"comments":""}`),
		jsonRows(`{"id":7,"comments":null}`),
	})
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range map[int]kind.Row{
		0: {"comments": json.RawMessage("null")}, 1: {"comments": json.RawMessage(`"still"`)}, // what it holds
		2: nil, 3: nil, // the column, or the record, is not shown
		kind.SearchSize:     {"comments": json.RawMessage(`""`)},
		kind.SearchSize + 1: nil, // one column of two
	} {
		if d := gocmp.Diff(want, got[i]); d != "" {
			t.Errorf("record %d: %s", i, d)
		}
	}
	if _, err := k.Read([][]json.RawMessage{jsonRows(`7`), {}, {}}); err == nil {
		t.Error("a row that is no object is taken")
	}
}

// A field that is still there is emptied by the older method, as a batch carries it and
// then as JSON; where that has no name for it, once more as JSON.
func TestWhatIsStillThereIsEmptiedOtherwise(t *testing.T) {
	deal, quote := kind.BuiltIn().ByName("Deal"), kind.BuiltIn().Items()
	unnamed := textField("comments", "Before", "")
	unnamed.Older = ""
	for name, tc := range map[string]struct {
		kind    *kind.Kind
		fields  []plan.Field
		still   []string
		methods []string
		last    any // the fields of the last request
	}{
		"the older method":     {deal, []plan.Field{textField("comments", "Before", "")}, []string{"comments"}, []string{"crm.deal.update", "crm.deal.update"}, map[string]any{"OLD_comments": ""}},
		"a list":               {deal, []plan.Field{listField("ufCrmList")}, []string{"ufCrmList"}, []string{"crm.deal.update", "crm.deal.update"}, map[string]any{"UF_ufCrmList": []any{}}},
		"only what is there":   {deal, []plan.Field{textField("comments", "B", ""), textField("title", "T", "")}, []string{"title"}, []string{"crm.deal.update", "crm.deal.update"}, map[string]any{"OLD_title": ""}},
		"no older name":        {deal, []plan.Field{unnamed}, []string{"comments"}, []string{"crm.item.update"}, map[string]any{"comments": ""}},
		"no older method":      {quote, []plan.Field{textField("title", "T", "")}, []string{"title"}, []string{"crm.item.update"}, map[string]any{"title": ""}},
		"nothing is left":      {deal, []plan.Field{textField("comments", "Before", "")}, nil, nil, nil},
		"another field is not": {deal, []plan.Field{textField("comments", "Before", ""), textField("title", "A", "B")}, []string{"title"}, nil, nil},
	} {
		t.Run(name, func(t *testing.T) {
			ready := updateOf(t, tc.kind, tc.fields...)
			var wrong []Mismatch
			for _, field := range tc.still {
				wrong = append(wrong, Mismatch{Field: field, Empty: true, live: value.Text("x")})
			}
			var methods []string
			var last any
			for _, c := range OtherWays(ready, wrong) {
				methods, last = append(methods, c.Method), c.Params["fields"]
				if c.Params["id"] != 7 {
					t.Errorf("%s is for %v", c.Method, c.Params["id"])
				}
			}
			if d := gocmp.Diff(tc.methods, methods); d != "" {
				t.Error(d)
			}
			if d := gocmp.Diff(tc.last, last); d != "" {
				t.Error(d)
			}
		})
	}
}

// A portal that refuses what stands for empty in a batch gets null and empty lists.
func TestWhatABatchCannotSayIsSaidPlainly(t *testing.T) {
	deal := kind.BuiltIn().ByName("Deal")
	number := plan.Field{Name: "ufCrmSize", Wire: "ufCrmSize", Type: value.Type{Name: "integer"}, Live: value.Text("5")}
	ready := updateOf(t, deal, number, listField("ufCrmList"), textField("title", "A", "B"))
	sent := ready.Request().Params["fields"].(map[string]any)
	if sent["ufCrmSize"] != "" || !gocmp.Equal(sent["ufCrmList"], []any{""}) {
		t.Errorf("sent as %v", sent)
	}
	plain, ok := Plain(ready)
	fields := plain.Params["fields"].(map[string]any)
	if !ok || fields["ufCrmSize"] != nil || !value.IsEmptyList(fields["ufCrmList"]) || fields["title"] != "B" {
		t.Errorf("plainly %v, %t", fields, ok)
	}
	if _, ok := Plain(updateOf(t, deal, textField("title", "A", "B"))); ok {
		t.Error("a call that empties nothing has another form")
	}
}

// Rows of a record are read again by themselves, and set once more if they are still there.
func TestRowsThatWereDeletedAreReadAgain(t *testing.T) {
	deal := kind.BuiltIn().ByName("Deal")
	c, ok := partChange(deal, deal.Parts[0], "deleted")
	if !ok || deal.Parts[0].Name != kind.ProductsPart {
		t.Fatal("deals begin with another part")
	}
	call := (&testCase{"rows", c}).calls(t)[1]
	if !Empties(call) {
		t.Error("a call that deletes all rows does not say so")
	}
	k := NewRecheck([]Call{call})
	if len(k.Lists) != 1 || k.Lists[0].Method != kind.ProductRowList {
		t.Fatalf("%+v", k.Lists)
	}
	for want, rows := range map[int][]json.RawMessage{0: {}, 1: jsonRows(`{"id":1,"productName":"Support","price":10,"quantity":1}`)} {
		got, err := k.Read([][]json.RawMessage{rows})
		if err != nil || len(call.Verify(got[0])) != want {
			t.Errorf("%d rows: %v, %v", want, got, err)
		}
	}
	again, first := OtherWays(call, nil), call.Request()
	if len(again) != 1 || again[0].Method != first.Method {
		t.Fatalf("%+v", again)
	}
	if d := gocmp.Diff(first.Params, again[0].Params); d != "" {
		t.Error(d)
	}
}
