package portal

import (
	"encoding/json"
	"errors"
	"fmt"
	"testing"
)

// FuzzCustomFields sends any value to fields of a type, as a value and in
// filters: it is taken or refused, but never fails inside, and what is taken is
// read back the same.
func FuzzCustomFields(f *testing.F) {
	for i, seed := range []string{
		`["\u0000","'\"--"]`, `0`, `-1.5e300`, `"Y"`, `[7,"8"]`, `"2024-06-18"`, `"now"`, `"5|USD"`, `" a "`, `"{\"latitude\":1}"`,
		`[["a.txt","YQ=="],{"id":1}]`, `[[[1]]]`, `"%_\\"`, `{}`, `1e999`, `[null,"",0,"0",false,{"a":[]}]`, `true`, `"1|2|3|4|5"`,
	} {
		f.Add(seed, uint8(i))
	}
	f.Fuzz(func(t *testing.T, value string, kind uint8) {
		if _, err := decodeJSON([]byte(value)); err != nil || !json.Valid([]byte(value)) {
			t.Skip("not JSON, so no value")
		}
		c := openCRM(t, 3)
		id := userKinds[int(kind)%len(userKinds)].id
		for name, multiple := range map[string]string{"ONE": "N", "MANY": "Y"} {
			c.userField("CRM_DEAL", name, id, `,"multiple":"`+multiple+`"`)
			key := camelUserField("UF_CRM_DEAL_" + name)
			c.survives("crm.item.add", fmt.Sprintf(`{"entityTypeId":2,"fields":{%q:%s}}`, key, value))
			for _, prefix := range []string{"", "!", "!@", "%", ">"} {
				c.survives("crm.item.list", fmt.Sprintf(`{"entityTypeId":2,"select":["id"],"filter":{%q:%s}}`, prefix+key, value))
			}
		}
	})
}

// survives calls a method that may refuse, but must not fail inside. An item
// that it adds must be read back the same.
func (c *crm) survives(method, params string) {
	c.t.Helper()
	r, err := c.try(method, params)
	var refused *fault
	if err != nil {
		if !errors.As(err, &refused) {
			c.t.Errorf("%s %s: %v", method, params, err)
		}
		return
	}
	answer, err := encode(r.value, c.p.zone)
	if err != nil || method != "crm.item.add" {
		return
	}
	item, _ := r.value.(*Map).Get("item")
	id, _ := item.(*Map).Get("id")
	stored, err := c.try("crm.item.get", fmt.Sprintf(`{"entityTypeId":2,"id":%v}`, id))
	if err != nil {
		c.t.Errorf("%s: %v", params, err)
		return
	}
	if again, _ := encode(stored.value, c.p.zone); string(again) != string(answer) {
		c.t.Errorf("%s: read back as %s, want %s", params, again, answer)
	}
}
