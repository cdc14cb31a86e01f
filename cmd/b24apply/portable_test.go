package main

import (
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/b24apply/b24apply/pkg/portal"
)

const portableIdentity = `apiVersion: b24apply/v1
kind: Project
metadata: {name: acme}
spec:
  identity: {equipment: {field: MARK}, deal: {field: ERP_KEY}, contact: origin}
---
apiVersion: b24apply/v1
kind: SPA
metadata: {name: equipment}
spec: {title: Equipment, isClientEnabled: Y}
---
apiVersion: b24apply/v1
kind: SPAItem
metadata: {name: lathe}
spec:
  type: equipment
  fields: {title: Lathe, companyId: {lookup: {company: {title: Northern Lathes}}}}
---
apiVersion: b24apply/v1
kind: Contact
metadata: {name: bob}
spec: {match: [[email]], fields: {name: Bob, emails: [bob@lathes.example]}}
---
apiVersion: b24apply/v1
kind: Quote
metadata: {name: offer}
spec: {fields: {title: Offer, contactIds: [{ref: contact/bob}]}}
---
apiVersion: b24apply/v1
kind: Deal
metadata: {name: sale}
spec:
  match: [[title, companyId]]
  fields: {title: Sale, companyId: {lookup: {company: {email: info@lathes.example}}}}
`

// Marks in user fields, records found by match, and lookups mean the same on portals
// whose ids, zones and fields differ: what is adopted and what is created is equal.
func TestIdentityIsPortable(t *testing.T) {
	for name, cfg := range map[string]portal.Config{
		"an empty portal in the east": {Zone: time.FixedZone("", 3*3600)},
		"a used portal in the west":   {Zone: time.FixedZone("", -5*3600), IDBase: 7000, Seed: "demo"},
	} {
		t.Run(name, func(t *testing.T) {
			p, err := portal.Open(t.Context(), cfg)
			if err != nil {
				t.Fatal(err)
			}
			server := httptest.NewServer(p)
			t.Cleanup(func() { server.Close(); _ = p.Close() })
			w := &world{t: t, portal: p, url: server.URL + p.WebhookPath()}
			w.post("batch", `{"cmd":{
				"a":"crm.item.add?entityTypeId=4&fields[title]=Northern Lathes&fields[fm][0][typeId]=EMAIL&fields[fm][0][valueType]=WORK&fields[fm][0][value]=INFO@lathes.example",
				"b":"crm.item.add?entityTypeId=3&fields[name]=Robert&fields[fm][0][typeId]=EMAIL&fields[fm][0][valueType]=WORK&fields[fm][0][value]=bob@lathes.example",
				"c":"crm.item.add?entityTypeId=2&fields[title]=Sale&fields[companyId]=$result[a][item][id]&fields[originatorId]=1C&fields[originId]=5"}}`)
			file := filepath.Join(t.TempDir(), "project.yaml")
			if err := os.WriteFile(file, []byte(portableIdentity), 0o600); err != nil {
				t.Fatal(err)
			}
			want := map[string]string{"spa/equipment": "create", "fields/equipment.mark": "create", "fields/deal.erp_key": "create", "fields/quote.b24apply_key": "create",
				"equipment/lathe": "create", "contact/bob": "adopt", "quote/offer": "create", "deal/sale": "adopt"}
			got := make(map[string]string)
			for address, c := range w.planned(exitDone, file) {
				got[address] = c.Action
			}
			if d := cmp.Diff(want, got); d != "" {
				t.Errorf("-want +got:\n%s", d)
			}
			w.run(exitDone, "apply", "-f", file, "--yes")
			p.ResetStats()
			w.run(exitDone, "plan", "-f", file, "--detailed-exitcode")
			if n := p.Stats().Writes; n != 0 {
				t.Errorf("the second plan wrote %d times", n)
			}
		})
	}
}
