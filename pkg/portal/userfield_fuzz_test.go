package portal

import (
	"encoding/json"
	"errors"
	"fmt"
	"testing"
)

// FuzzCustomFields sends any value to a field of every type, as a value and in
// filters: it is taken or refused, but never fails inside, and what is taken is
// read back the same.
func FuzzCustomFields(f *testing.F) {
	for _, seed := range []string{
		`null`, `true`, `0`, `-1.5e300`, `1e999`, `"x"`, `""`, `[]`, `{}`, `[["a.txt","YQ=="],{"id":1}]`, `["a.txt","YQ=="]`,
		`{"id":"1"}`, `"2024-06-18"`, `"5|USD"`, `"a|1;2|3"`, `"1|2|3|4|5"`, `"{\"latitude\":1}"`, `["\u0000","'\"--"]`, `[[[1]]]`, `"%_\\"`,
		`[null,"",0,"0",false,{"a":[]}]`,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, value string) {
		if _, err := decodeJSON([]byte(value)); err != nil || !json.Valid([]byte(value)) {
			t.Skip()
		}
		c := openCRM(t, 3)
		for i, kind := range userKinds {
			c.userField("CRM_DEAL", fmt.Sprint("S", i), kind.id, "")
			c.userField("CRM_DEAL", fmt.Sprint("M", i), kind.id, `,"multiple":"Y"`)
		}
		for _, group := range []string{"S", "M"} {
			fields := "{"
			for i := range userKinds {
				name := fmt.Sprint("ufCrm_DEAL_", group, i)
				fields += fmt.Sprintf("%q:%s,", name, value)
				for _, prefix := range []string{"", "!@", ">"} {
					c.survives("crm.item.list", fmt.Sprintf(`{"entityTypeId":2,"select":["id"],"filter":{%q:%s}}`, prefix+name, value))
				}
			}
			c.survives("crm.item.add", `{"entityTypeId":2,"fields":`+fields+`"title":"A"}}`)
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
