package wire

import (
	"encoding/json"
	"slices"
	"testing"

	"github.com/b24apply/b24apply/internal/ui/words"
	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/plan"
)

// A record is adopted only if it is still whose it was when the plan was made.
func TestARecordIsAdoptedOnlyIfNobodyHasClaimedIt(t *testing.T) {
	deal := kind.BuiltIn().ByName("Deal")
	c := newChange(deal, plan.Adopt)
	c.Mark, c.Own, c.Takeover = plan.Slot{Facts: deal, Key: deal.Key}.Mark("o", "x"), nil, &plan.Takeover{}
	ready, err := Settle(&c, &Known{})
	if err != nil {
		t.Fatal(err)
	}
	if l := ready.Holder(); l.Method != "crm.item.list" || !slices.Contains(l.Params["select"].([]any), any(c.Mark[0].Wire)) {
		t.Errorf("%+v", l)
	}
	marked := func(id int, owner, name string) json.RawMessage {
		row := map[string]any{"id": id}
		for _, m := range (plan.Slot{Facts: deal, Key: deal.Key}).Mark(owner, name) {
			row[m.Wire] = m.Value
		}
		raw, _ := json.Marshal(row)
		return raw
	}
	for name, tc := range map[string]struct {
		rows []json.RawMessage
		want string
	}{
		"free":            {jsonRows(`{"id":7,"originatorId":null,"originId":null}`), ""},
		"adopted already": {[]json.RawMessage{marked(7, "o", "x")}, ""},
		"another record":  {[]json.RawMessage{marked(8, "other", "x")}, ""},
		"another project": {[]json.RawMessage{marked(7, "other", "x")}, "claimed-since-plan"},
		"of another name": {[]json.RawMessage{marked(7, "o", "y")}, "claimed-since-plan"},
		"is gone":         {nil, "gone-since-plan"},
	} {
		if why, err := ready.Claimed(tc.rows); err != nil || why.Code != tc.want {
			t.Errorf("%s: %v, %v", name, why, err)
		}
	}
	c.Takeover.Holder = plan.Slot{Facts: deal, Key: deal.Key}.Holder(recordRow(t, parsedRow(t, marked(7, "other", "x"))))
	for owner, want := range map[string]string{"other": "", "third": "claimed-since-plan"} {
		if why, err := ready.Claimed([]json.RawMessage{marked(7, owner, "x")}); err != nil || why.Code != want {
			t.Errorf("taken from its holder by force, and %s has it: %v, %v", owner, why, err)
		}
	}
	if _, err := ready.Claimed(jsonRows(`7`)); err == nil {
		t.Error("a row that is no object is taken")
	}
}

// parsedRow reads a row as JSON.
func parsedRow(t *testing.T, raw json.RawMessage) (object map[string]any) {
	t.Helper()
	if err := json.Unmarshal(raw, &object); err != nil {
		t.Fatal(err)
	}
	return object
}

func TestWhatBecameOfAMark(t *testing.T) {
	for want, wrong := range map[string][]Mismatch{
		"":                            {{Field: "title", Got: "x"}},
		"it carries no mark any more": {{Field: "originatorId", Claimed: true, Got: ""}},
		`its originatorId is now "b24apply:other"`: {{Field: "originId", Claimed: true, Got: ""}, {Field: "originatorId", Claimed: true, Got: "b24apply:other"}},
	} {
		if got := words.Text(Claimed(wrong)); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

// callOf is the call of the one step of a part of a record.
func callOf(t *testing.T, owner, part, form string) Call {
	t.Helper()
	k := kind.BuiltIn().ByName(owner)
	for _, p := range partsOf(k.Parts) {
		if p.Name != part {
			continue
		}
		c, ok := partChange(k, p, form)
		if !ok {
			break
		}
		return (&testCase{part, c}).calls(t)[1]
	}
	t.Fatalf("%s has no %s", owner, part)
	return nil
}

// A requisite and bank details are read back by their ids, found by their marks byte for byte,
// and verified field by field.
func TestRowsOfRequisitesAreReadBack(t *testing.T) {
	for _, part := range []string{kind.RequisitesPart, kind.BankDetailsPart} {
		added := callOf(t, "Company", part, "new")
		if !added.Once() || added.Alone() {
			t.Errorf("%s: once %t, alone %t", part, added.Once(), added.Alone())
		}
		if _, id, _, err := added.Object([]byte(`[{"ID":"9","NAME":"New","ORIGINATOR_ID":"b24apply:o","XML_ID":"main"}]`)); err != nil || id != 9 {
			t.Errorf("%s: %d, %v", part, id, err)
		}
		for _, bad := range []string{`[]`, `[{"ID":"9"},{"ID":"10"}]`} {
			if _, _, _, err := callOf(t, "Company", part, "changed").Object([]byte(bad)); err == nil {
				t.Errorf("%s: %s is taken", part, bad)
			}
		}
		row := recordRow(t, map[string]any{"ID": "9", "NAME": "Nw", "ORIGINATOR_ID": "b24apply:o", "XML_ID": "MAIN"})
		var wrong []string
		for _, m := range added.Verify(row) {
			wrong = append(wrong, m.Field)
		}
		if want := []string{part + ".main.name", part + ".main.XML_ID"}; !slices.Equal(wrong, want) {
			t.Errorf("%s: %v are wrong, want %v", part, wrong, want)
		}
		ids, err := added.Found(jsonRows(`{"ID":"8","ORIGINATOR_ID":"b24apply:o","XML_ID":"MAIN"}`, `{"ID":"9","ORIGINATOR_ID":"b24apply:o","XML_ID":"main"}`))
		if err != nil || !slices.Equal(ids, []int{9}) {
			t.Errorf("%s: found %v, %v", part, ids, err)
		}
		gone := callOf(t, "Company", part, "deleted")
		if !Removes(gone) || !IsGone(gone, []byte(`[]`)) || IsGone(gone, []byte(`[{"ID":"5"}]`)) || Removes(added) {
			t.Errorf("%s: what a deletion leaves is told wrong", part)
		}
	}
}

// A price is found, read back and compared by its amount, its currency and its type.
func TestAPriceIsReadBack(t *testing.T) {
	product := kind.BuiltIn().ByName("Product")
	rule, _ := product.Field(kind.PricePart)
	call := func(form string) Call { return (&testCase{form, priceChange(product, rule, form)}).calls(t)[1] }
	added, changed, gone := call("new"), call("changed"), call("deleted")
	if !added.Once() || changed.Once() || !Removes(gone) || Removes(added) {
		t.Errorf("once %t and %t, removes %t and %t", added.Once(), changed.Once(), Removes(gone), Removes(added))
	}
	for name, tc := range map[string]struct {
		answer string
		wrong  bool
		fails  bool
	}{
		"as it was sent":   {`{"price":{"id":3,"price":10,"currency":"EUR","catalogGroupId":1}}`, false, false},
		"another amount":   {`{"price":{"id":3,"price":11,"currency":"EUR","catalogGroupId":1}}`, true, false},
		"another currency": {`{"price":{"id":3,"price":10,"currency":"USD","catalogGroupId":1}}`, true, false},
		"no price":         {`{"other":{}}`, false, true},
	} {
		row, _, _, err := changed.Object([]byte(tc.answer))
		if tc.fails != (err != nil) || err == nil && tc.wrong != (len(changed.Verify(row)) > 0) {
			t.Errorf("%s: %v, %v", name, err, row)
		}
	}
	ids, err := added.Found(jsonRows(`{"id":3,"price":10,"currency":"EUR","catalogGroupId":1}`))
	if err != nil || len(ids) != 1 {
		t.Errorf("found %v, %v", ids, err)
	}
	if added.Request().Method == changed.Request().Method || changed.Request().Method == gone.Request().Method {
		t.Error("two of three have one method")
	}
}
