package main

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/b24apply/b24apply/pkg/portal"
)

// requisiteRungs are the requisites of one record, in turn.
var requisiteRungs = []struct{ name, requisites string }{
	{"none", "null"},
	{"one, without a key", `[{preset: ORG, fields: {RQ_INN: 007, RQ_COMPANY_NAME: "A \"B\" & Co"}}]`},
	{"with addresses", `[{preset: ORG, fields: {RQ_INN: 007}, addresses: {legal: {city: Köln, postalCode: 00501, countryCode: DE}, mailing: {address2: "7"}}}]`},
	{"with bank details", `[{preset: ORG, addresses: {legal: {city: Köln}}, bankDetails: [{fields: {RQ_BANK_NAME: Sparkasse, RQ_IBAN: DE02}}]}]`},
	{"changed", `[{preset: ORG, name: Office, sort: 3, active: N, addresses: {legal: {city: Bonn, country: null}}, bankDetails: [{name: Giro, active: N, fields: {RQ_BANK_NAME: null, RQ_IBAN: DE03}}]}]`},
	{"several, in another order", `[{key: tax, preset: PERSON, fields: {RQ_FIRST_NAME: Ann, RQ_VAT_PAYER: Y}}, {key: main, preset: ORG, fields: {RQ_INN: null}, bankDetails: [{key: main, sort: 9}, {key: usd, countryId: 122, fields: {RQ_ACC_NUM: "0001"}}]}]`},
	{"one replaced under another key", `[{key: org, preset: ORG, fields: {RQ_INN: "008"}, addresses: {shipping: {city: Ulm}}}, {key: tax, preset: PERSON, addressOnly: Y, fields: {RQ_VAT_PAYER: N}}]`},
	{"nothing of it said", `[{key: org, preset: ORG}, {key: tax, preset: PERSON}]`},
	{"addresses and bank details emptied", `[{key: org, preset: ORG, addresses: null, bankDetails: []}, {key: tax, preset: PERSON}]`},
	{"cleared", "[]"},
}

// Requisites of companies and contacts converge on portals whose templates have other
// ids and names in another language. After every rung, and after people have put
// something of their own beside it, an apply is followed by an empty plan.
func TestRequisitesConverge(t *testing.T) {
	for name, cfg := range map[string]portal.Config{
		"an empty portal in the east": {Zone: time.FixedZone("", 3*3600)},
		"a used portal in the west":   {Zone: time.FixedZone("", -5*3600), IDBase: 7000, Seed: "demo"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p, err := portal.Open(t.Context(), cfg)
			if err != nil {
				t.Fatal(err)
			}
			l := ladderOf(serveWorld(t, p))
			l.recorded()
			first := max(cfg.IDBase, 1)
			l.call("crm.requisite.preset.update", fmt.Sprintf(`{"id":%d,"fields":{"NAME":"Organisation in %d"}}`, first, first))
			for i, rung := range requisiteRungs {
				l.write("tested", requisiteDocuments(rung.requisites)...)
				l.climbProducts(rung.name)
				if i%2 == 1 {
					l.addForeignRequisites(first)
					l.climbProducts(rung.name + ", with foreign ones")
				}
			}
			l.foreignStays()
		})
	}
}

// requisiteDocuments declares a record of each kind that takes requisites.
func requisiteDocuments(requisites string) []string {
	requisites = strings.NewReplacer("ORG", `"#CRM_REQUISITE_PRESET_DEF_RU_COMPANY#"`, "PERSON", "Individual").Replace(requisites)
	return []string{
		"kind: Company\nmetadata: {name: c}\nspec: {fields: {title: C}, requisites: " + requisites + "}",
		"kind: Contact\nmetadata: {name: p}\nspec: {fields: {name: P}, requisites: " + requisites + "}",
	}
}

// addForeignRequisites puts a requisite of somebody else beside those of the company.
func (l *fieldLadder) addForeignRequisites(preset int) {
	l.call("crm.requisite.add", fmt.Sprintf(`{"fields":{"ENTITY_TYPE_ID":4,"ENTITY_ID":%d,"PRESET_ID":%d,"NAME":"Foreign","RQ_INN":"99"}}`, l.ids["company/c"], preset))
}

// foreignStays checks that what people have added is all that is left.
func (l *fieldLadder) foreignStays() {
	l.t.Helper()
	out := l.run(exitDone, "call", "crm.requisite.list", "--all", "select[]=NAME")
	if n := strings.Count(out, `"NAME"`); n != len(requisiteRungs)/2 || strings.Count(out, "Foreign") != n {
		l.t.Errorf("the requisites that are left:\n%s", out)
	}
}
