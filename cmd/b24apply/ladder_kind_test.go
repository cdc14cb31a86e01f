package main

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/portal"
)

// machine is a kind that only this test knows: records of an entity type that the portal
// calls by a number, with stages in pipelines, user fields, amounts and product rows.
var machine = &kind.Kind{
	Name: "Machine", Plural: "machines", Schema: "machine.json", Class: kind.ClassRecord, Rank: 55, Space: "machine",
	EntityTypeID: 1040, Key: kind.KeyXMLID, Page: "machines/{id}/",
	Methods: kind.Methods{
		Add: "crm.item.add", Update: "crm.item.update", Get: "crm.item.get", List: "crm.item.list", Delete: "crm.item.delete",
		Item: "item", Items: "items", Typed: true,
	},
	Codes:  kind.Codes{Short: "T410", Binding: "DYNAMIC_1040", Object: "CRM_{typeId}"},
	Stages: kind.Stages{Directory: "DYNAMIC_1040_STAGE_{category}", Prefix: "DT1040_{category}:", Pipelines: true},
	Titles: [][]string{{"title"}},
	Names:  []string{"title", "categoryId", kind.SavedTime},
	Review: []string{"title", "stageId"},
	Fields: []kind.Rule{
		{Name: "title", Type: kind.TypeString, NoClear: true, Length: 255, Doc: "Title"},
		{Name: "stageId", Type: kind.TypeStatus, NoClear: true, Doc: "Stage"},
		{Name: "categoryId", Type: kind.TypeCategory, NoClear: true, Doc: "Pipeline"},
		{Name: "currencyId", Type: kind.TypeCurrency, NoClear: true, Doc: "Currency"},
		{Name: "opportunity", Type: kind.TypeDouble, Doc: "Amount"},
		{Name: "isManualOpportunity", Type: kind.TypeBoolean, Doc: "Whether the amount is set by hand"},
		{Name: "companyId", Type: kind.TypeCompany, Doc: "Partner"},
		{Name: "parents", Type: kind.TypeParents, Doc: "Parent items"},
	},
	Parts: kind.ProductRows(""),
}

// partner takes the place of the companies: another name for the records of entity type 4,
// with requisites, addresses and phones.
var partner = &kind.Kind{
	Name: "Partner", Plural: "partners", Schema: "partner.json", Class: kind.ClassRecord, Rank: 20, Space: "partner",
	EntityTypeID: 4, Link: kind.TypeCompany, Key: kind.KeyOrigin,
	Methods: kind.Methods{
		Add: "crm.item.add", Update: "crm.item.update", Get: "crm.item.get", List: "crm.item.list", Delete: "crm.item.delete",
		Older: "crm.company.update", Item: "item", Items: "items", Typed: true,
	},
	Codes:  kind.Codes{Short: "CO", Binding: "COMPANY", Object: "CRM_COMPANY", Duplicates: "COMPANY"},
	Titles: [][]string{{"title"}},
	Names:  []string{"title", kind.SavedTime},
	Review: []string{"title"},
	Fields: []kind.Rule{
		{Name: "title", Type: kind.TypeString, NoClear: true, Length: 255, Doc: "Title"},
		{Name: "phones", Type: kind.TypeMultifield, Multi: "PHONE", Doc: "Phones"},
		{Name: "industry", Type: kind.TypeStatus, Dictionary: "INDUSTRY", Doc: "Industry"},
	},
	Parts: kind.Requisites(),
}

// kindRungs are what a machine and a partner are, in turn. What a rung leaves out stays.
var kindRungs = []struct{ name, machine, partner string }{
	{"created", `title: Press, companyId: {ref: partner/acme}, SERIAL: "007", MAKER: {ref: partner/acme}`, `title: Acme, phones: ["+49 30 1234567"], REGION: North`},
	{"stages, amounts and rows", `title: Press, stageId: PREPARATION, currencyId: EUR, opportunity: "4.02"`, `title: Acme, industry: IT`},
	{"another pipeline by its title", `title: Press 2, categoryId: Partners, stageId: CLIENT, isManualOpportunity: Y, opportunity: 500, SERIAL: "008"`, `title: Acme Ltd, phones: ["+49 30 7654321"], REGION: South`},
	{"back, and to an end", `title: Press 2, categoryId: General, stageId: SUCCESS, parents: {deal: {ref: deal/d}}`, `title: Acme Ltd`},
	{"cleared", `title: Press 2, companyId: null, SERIAL: null, MAKER: null, opportunity: null, isManualOpportunity: N, parents: {deal: null}`, `title: Acme Ltd, phones: null, industry: null, REGION: null`},
}

var kindParts = []struct{ products, requisites string }{
	{`[]`, `[]`},
	{`[{name: Bolt, price: "1.01", quantity: 3}, {name: Nut, price: "0.99"}]`, `[{preset: Organization, fields: {RQ_VAT_ID: DE1}, addresses: {legal: {city: Berlin}}, bankDetails: [{fields: {RQ_IBAN: DE02}}]}]`},
	{`[{name: Nut, price: "0.99", quantity: 2}]`, `[{preset: Organization, fields: {RQ_VAT_ID: DE2}, addresses: {legal: {city: Bonn}}, bankDetails: [{fields: {RQ_IBAN: DE03}}]}]`},
	{`[{name: Nut, price: "0.99", quantity: 2}]`, `[{preset: Organization, fields: {RQ_VAT_ID: null}, addresses: {}, bankDetails: []}]`},
	{`null`, `null`},
}

// A kind that is nothing but facts passes a whole ladder: after every rung a second plan is
// empty and has written nothing, on portals with other ids, east and west of UTC.
func TestAMadeUpKindConverges(t *testing.T) {
	for name, cfg := range map[string]portal.Config{
		"east":            {Zone: time.FixedZone("", 3*3600)},
		"west, other ids": {Zone: time.FixedZone("", -5*3600), IDBase: 7000},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := &fieldLadder{world: openWorld(t, cfg), dir: t.TempDir(), ids: make(map[string]int)}
			l.kinds = (*kind.Table)(nil).With(machine, partner)
			l.makeMachines()
			for i, rung := range kindRungs {
				l.write("tested", "kind: Deal\nmetadata: {name: d}\nspec: {fields: {title: D}}",
					fmt.Sprintf("kind: Machine\nmetadata: {name: press}\nspec: {fields: {%s}, products: %s}", rung.machine, kindParts[i].products),
					fmt.Sprintf("kind: Partner\nmetadata: {name: acme}\nspec: {fields: {%s}, requisites: %s}", rung.partner, kindParts[i].requisites))
				l.climbProducts(rung.name)
			}
			l.removesMachines()
		})
	}
}

// makeMachines makes the entity type of the machines on the portal, a second pipeline of them,
// and user fields.
func (l *fieldLadder) makeMachines() {
	l.t.Helper()
	l.call("crm.type.add", `{"fields":{"title":"Machines","entityTypeId":1040,"isStagesEnabled":"Y","isCategoriesEnabled":"Y","isClientEnabled":"Y","isLinkWithProductsEnabled":"Y","relations":{"parent":[{"entityTypeId":2}]}}}`)
	l.call("crm.category.add", `{"entityTypeId":1040,"fields":{"name":"Partners"}}`)
	object := fmt.Sprintf("CRM_%d", (&userLadder{fieldLadder: l}).typeID(1040))
	for _, f := range []string{
		fmt.Sprintf(`"entityId":%q,"fieldName":"UF_%s_SERIAL","userTypeId":"string"`, object, object),
		fmt.Sprintf(`"entityId":%q,"fieldName":"UF_%s_MAKER","userTypeId":"crm","settings":{"COMPANY":"Y","DYNAMIC_1040":"Y"}`, object, object),
		`"entityId":"CRM_COMPANY","fieldName":"UF_CRM_COMPANY_REGION","userTypeId":"string"`,
	} {
		l.call("userfieldconfig.add", `{"moduleId":"crm","field":{`+f+`}}`)
	}
}

// removesMachines takes the machine out of the manifests and prunes it.
func (l *fieldLadder) removesMachines() {
	l.t.Helper()
	l.write("tested", "kind: Absent\nmetadata: {name: gone}\nspec: {resources: [machine/press]}")
	if out := l.run(exitDone, "apply", "-f", l.dir, "--yes"); !strings.Contains(out, "machine/press") {
		l.t.Errorf("the machine is not deleted:\n%s", out)
	}
	if out := l.anyExit("plan", "-f", l.dir); !strings.Contains(out, "No changes.") {
		l.t.Errorf("it is not gone:\n%s", out)
	}
}
