package diff

import (
	"encoding/json"
	"testing"

	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/value"
	"github.com/b24apply/b24apply/pkg/wire"
	"github.com/google/go-cmp/cmp"
)

// An amount that the portal computes from the rows is read after them. It is saved only
// if the portal has made another one of it, or if no rows are left to compute it from.
func TestTheSumOfProductsIsReadBeforeItIsSaved(t *testing.T) {
	for name, tc := range map[string]struct{ products, method, note string }{
		"rows":    {`[{name: Bolt, price: 20}]`, "crm.item.get", "sum-of-products"},
		"no rows": {`[]`, "crm.item.update", "set-after-products"},
	} {
		t.Run(name, func(t *testing.T) {
			set := load(t, "apiVersion: b24apply/v1\nkind: Deal\nmetadata: {name: d}\nspec: {fields: {title: D, opportunity: 20}, products: "+tc.products+"}\n")
			deal := row(t, `{"id":7,"title":"D","opportunity":10,"isManualOpportunity":"N"}`)
			deal["products"] = json.RawMessage("[" + liveRow(1, "") + "]")
			state := dealState(map[value.Address][]kind.Row{"deal/d": {deal}})
			state.Meta.Fields[2] = fields("id", "title", "currencyId", "opportunity", "isManualOpportunity")
			plan, problems := Compute(set, state)
			if problems != nil {
				t.Fatal(problems)
			}
			c := &changesIn(plan)[0]
			if c.Saves() || len(c.Steps) != 2 || c.Fields[0].Note.Code != tc.note {
				t.Fatalf("the record is saved: %t; %d steps, note %q", c.Saves(), len(c.Steps), c.Fields[0].Note)
			}
			call, err := wire.SettleStep(c, &wire.Known{}, 1)
			if err != nil {
				t.Fatal(err)
			}
			if got := call.Request(); got.Method != tc.method || got.Params["id"] != 7 {
				t.Errorf("it sends %s of %v, want %s of 7", got.Method, got.Params["id"], tc.method)
			}
			if m := call.Verify(row(t, `{"id":7,"opportunity":20}`)); len(m) != 0 {
				t.Errorf("the sum is taken for another: %v", m)
			}
			wrong := call.Verify(row(t, `{"id":7,"opportunity":19.99}`))
			if len(wrong) != 1 || tc.method == "crm.item.get" && !call.Repairable(wrong) {
				t.Fatalf("mismatches %v", wrong)
			}
			repair := call.Repair(7, wrong)
			if d := cmp.Diff(`{"opportunity":20}`, mustJSON(t, repair.Params["fields"])); d != "" || repair.Method != "crm.item.update" {
				t.Errorf("%s, -want +got:\n%s", repair.Method, d)
			}
		})
	}
}

// The amount of a record that was created in the same run is read by its new id.
func TestTheSumOfANewRecordIsReadByItsID(t *testing.T) {
	set := load(t, "apiVersion: b24apply/v1\nkind: Deal\nmetadata: {name: d}\nspec: {fields: {title: D, opportunity: 20}, products: [{name: Bolt, price: 20}]}\n")
	state := dealState(nil)
	state.Meta.Fields[2] = fields("id", "title", "currencyId", "opportunity", "isManualOpportunity")
	plan, problems := Compute(set, state)
	if problems != nil {
		t.Fatal(problems)
	}
	var known wire.Known
	known.SetID("deal/d", "31")
	call, err := wire.SettleStep(&changesIn(plan)[0], &known, 1)
	if err != nil {
		t.Fatal(err)
	}
	if got := call.Request(); got.Method != "crm.item.get" || got.Params["id"] != 31 {
		t.Errorf("it sends %s of %v, want crm.item.get of 31", got.Method, got.Params["id"])
	}
}
