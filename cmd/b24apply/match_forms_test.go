package main

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// Whatever form a value of a match key, a lookup or a policy has, plan ends with an
// answer and not with a crash.
func TestCaseB12NoFormOfAValueCrashesAPlan(t *testing.T) {
	p := newPruned(t, map[string]string{"m/a.yaml": deals("first")})
	p.post("userfieldconfig.add", `{"moduleId":"crm","field":{"entityId":"CRM_CONTACT","fieldName":"UF_CRM_CONTACT_TAGS","userTypeId":"string","multiple":"Y"}}`)
	p.post("crm.item.add", `{"entityTypeId":3,"fields":{"name":"Jane","ufCrmContactTags":["a","b"],"fm":{"n0":{"typeId":"PHONE","valueType":"WORK","value":"+49 30 1234567"},"n1":{"typeId":"EMAIL","valueType":"WORK","value":"jane@acme.example"}}}}`)
	forms := []string{`{add: ["+49 30 1234567"]}`, `{add: [a], remove: [b]}`, `{remove: [jane@acme.example]}`, `{add: []}`, `{add: null, remove: null}`,
		`[{value: "+49 30 1234567", type: WORK}]`, `{add: [{value: jane@acme.example, type: WORK}]}`, `{add: [{ref: deal/first}, 1]}`, `{ref: deal/first}`,
		`{lookup: {contact: {phone: "+49 30 1234567"}}}`, `[1, 2]`, `1`, `null`, `""`, `{amount: "1", currency: EUR}`}
	for _, field := range []string{"phones", "emails", "companyIds", "TAGS", "name", "leadId"} {
		for _, form := range forms {
			key := strings.TrimSuffix(field, "s")
			if field != "phones" && field != "emails" {
				key = field
			}
			p.write(map[string]string{"m/b.yaml": fmt.Sprintf("kind: Contact\nmetadata: {name: b}\nspec: {match: [[%s]], policy: {%s: keepHuman}, fields: {%s: %s}}", key, field, field, form)})
			said, code := p.outcome("plan")
			if !slices.Contains([]int{exitDone, exitItems, exitInvalid}, code) || strings.Contains(said, "panic") || strings.Contains(said, "goroutine") {
				t.Errorf("%s: %s: exit code %d: %s", field, form, code, said)
			}
		}
	}
}
