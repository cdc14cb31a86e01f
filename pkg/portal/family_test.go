package portal

import (
	"errors"
	"strings"
	"testing"
)

// oddParams are calls that no one means: nothing, wrong types, names that are
// SQL, numbers beyond every range.
var oddParams = []string{
	`{}`, `[]`, `{"id":[],"fields":[],"filter":[[]],"order":[],"select":[],"start":"x"}`,
	`{"id":"1; DROP TABLE crm_requisite","fields":"x","filter":"x"}`,
	`{"id":1e300,"fields":{"id":{},"price":[],"NAME":{},"iblockId":[1],"ENTITY_ID":null}}`,
	`{"id":1,"fields":{"NAME":[1],"name":{"a":1},"price":"1e999","quantity":-1e308,"taxRate":-100,"AMOUNT":"x","LANG":[1],"SORT":9e99,"XML_ID":"\u0000'"}}`,
	`{"id":1,"filter":{"ID\" OR 1=1 --":1,"=ownerType":"D","=ownerId":1,"iblockId":23},"select":["id\""],"order":{"id\"":"ASC"}}`,
	`{"id":"EUR","filter":{"=ownerType":["D"],"=ownerId":[1],"iblockId":{}},"localizations":"x","lids":{"a":[]},"order":{"x":[]}}`,
	`{"ownerType":"D","ownerId":1,"productRows":[[],{},{"price":1e308,"quantity":1e308,"discountRate":99.999,"taxRate":1e300}]}`,
	`{"ownerType":{},"ownerId":{},"productRows":{"a":1}}`,
	`{"fields":{"product":[],"ENTITY_TYPE_ID":8,"TYPE_ID":1,"ENTITY_ID":-1,"REQUISITE_ID":9e18}}`,
	`{"entityTypeId":1e99,"entityId":-5,"select":"*","start":-1}`,
}

func TestOddCallsAreAnsweredOrRefusedButNeverFail(t *testing.T) {
	c := openClients(t)
	c.add(2, `{}`)
	c.row(`"price":1`)
	prefixes := []string{"crm.item.productrow.", "crm.requisite.", "crm.address.", "crm.currency.", "crm.enum.", "catalog."}
	called := 0
	for name, m := range c.p.methods {
		for _, prefix := range prefixes {
			if !strings.HasPrefix(name, prefix) {
				continue
			}
			for _, params := range oddParams {
				called++
				r, err := c.try(m.name, params)
				var refused *fault
				if err != nil && !errors.As(err, &refused) {
					t.Errorf("%s %s: %v", name, params, err)
				}
				if _, err := encode(r.value, c.p.zone); err != nil {
					t.Errorf("%s %s: %v", name, params, err)
				}
			}
		}
	}
	if want := 60 * len(oddParams); called < want {
		t.Errorf("%d calls, want %d", called, want)
	}
	c.has(c.object("crm.requisite.get", `{"id":2}`), map[string]any{"ID": "2"})
}

func TestEveryFamilyIsReadBackAsItWasAdded(t *testing.T) {
	c := openClients(t)
	for _, tt := range []struct{ method, fields string }{
		{"crm.requisite", `"ENTITY_TYPE_ID":4,"ENTITY_ID":1,"PRESET_ID":1,"NAME":"a","RQ_INN":"7"`},
		{"crm.requisite.bankdetail", `"ENTITY_ID":1,"NAME":"b","RQ_IBAN":"DE1","COMMENTS":"x"`},
		{"crm.requisite.preset", `"ENTITY_TYPE_ID":8,"COUNTRY_ID":46,"NAME":"c","XML_ID":"k"`},
	} {
		id := c.ask(tt.method+".add", `{"fields":{`+tt.fields+`}}`)
		want := c.object(tt.method+".get", `{"id":`+numeral(id)+`}`)
		sent, _ := decodeJSON([]byte(`{` + tt.fields + `}`))
		for _, key := range sent.(*Map).Keys() {
			v, _ := sent.(*Map).Get(key)
			if text, _ := asString(v); want[key] != text {
				t.Errorf("%s: %s is %v, want %s", tt.method, key, want[key], text)
			}
		}
		listed := c.ask(tt.method+".list", `{"filter":{"=ID":`+numeral(id)+`}}`).([]any)
		c.has(listed[0].(map[string]any), want)
		c.same(true, tt.method+".delete", `{"id":`+numeral(id)+`}`)
		if code, text := c.refused(tt.method+".get", `{"id":`+numeral(id)+`}`); code != "" || !strings.HasSuffix(text, "is not found") {
			t.Errorf("%s: %q %q", tt.method, code, text)
		}
	}
}
