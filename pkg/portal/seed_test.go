package portal

import "testing"

func TestTheDemoHasForeignRecordsOnly(t *testing.T) {
	c := &crm{t: t, user: 1, p: openPortal(t, Config{Seed: "demo"})}
	for etid, want := range map[int]int{1: 0, 2: len(demoDeals), 3: len(demoContacts), 4: len(demoCompanies), 7: 0, 31: 0} {
		if got := c.ids(etid, `{}`); len(got) != want {
			t.Errorf("%d items of type %d, want %d", len(got), etid, want)
		}
	}
	for _, etid := range []int{2, 3, 4} {
		if got := c.ids(etid, `{"!=originId":""}`); len(got) != 0 {
			t.Errorf("%d has owned items %v", etid, got)
		}
	}
	for i, want := range demoDeals {
		got := c.get(2, i+1)
		stage := want.stage
		if want.partners {
			stage = "C1:" + stage
		}
		c.has(got, map[string]any{"title": want.title, "stageId": stage, "companyId": float64(want.company), "contactId": float64(want.contact)})
	}
	c.has(c.get(4, 1), map[string]any{"hasPhone": "Y", "typeId": "CUSTOMER", "isMyCompany": "N"})
	c.has(c.get(3, 1), map[string]any{"companyIds": []any{1.0}, "hasEmail": "Y"})
}

func TestAnEmptyPortalHasNoRecords(t *testing.T) {
	c := openCRM(t, 3)
	for _, etid := range []int{1, 2, 3, 4, 7, 31} {
		if got := c.ids(etid, `{}`); len(got) != 0 {
			t.Errorf("%d has items %v", etid, got)
		}
	}
}
