package apply

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// A portal that drops the mark of every other record gets it by an update: nothing is left
// that the next run would create again.
func TestCaseB9ADroppedMarkIsWrittenByAnUpdate(t *testing.T) {
	for name, tc := range map[string]struct {
		faults, manifests string
		kept              func(*bench) any
		want              any
	}{
		"companies":           {`[{"kind": "lose-mark", "method": "*.add", "every": 2}]`, companies(200), func(b *bench) any { return b.records(4) }, 200},
		"companies and deals": {`[{"kind": "lose-mark", "method": "*.add", "p": 0.5, "seed": 3}]`, companies(60) + deals(60), func(b *bench) any { return b.records(2) }, 60},
		"the first of a kind": {`[{"kind": "lose-mark", "method": "*.add", "n": 1}]`, companies(20), func(b *bench) any { return b.records(4) }, 20},
		"requisites": {`[{"kind": "lose-field", "method": "crm.requisite.add", "field": "XML_ID", "every": 2}]`, customers(20, "Berlin"),
			func(b *bench) any { return b.belongings() }, [3]int{20, 20, 40}},
		"bank details": {`[{"kind": "lose-field", "method": "crm.requisite.bankdetail.add", "field": "ORIGINATOR_ID", "every": 2}]`, customers(20, "Berlin"),
			func(b *bench) any { return b.belongings() }, [3]int{20, 20, 40}},
		"products": {`[{"kind": "lose-mark", "method": "catalog.product.add", "every": 2}]`, goods(20, "5"), func(b *bench) any { return b.stock()["products"] }, 20},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			b.faults(tc.faults)
			report := b.apply(tc.manifests, Config{})
			if report.ExitCode != ExitDone {
				t.Errorf("exit code %d, counts %v", report.ExitCode, report.Counts)
			}
			if d := cmp.Diff(tc.want, tc.kept(b)); d != "" {
				t.Errorf("-want +got:\n%s", d)
			}
			if left := pendingIn(b.planHonestly(tc.manifests)); len(left) > 0 {
				t.Errorf("the next plan would change %d items, %s %s first", len(left), left[0].Action, left[0].Address)
			}
		})
	}
}

// A mark that no update can write either: what was created without it is deleted again,
// so that no run leaves orphans.
func TestCaseB9WhatCannotBeMarkedIsDeletedAgain(t *testing.T) {
	for name, tc := range map[string]struct {
		faults, manifests string
		add               string
		kept              func(*bench) int
	}{
		"companies": {`[{"kind": "lose-field", "method": "crm.item.*", "field": "originId", "every": 2}]`, companies(40), "crm.item.add", func(b *bench) int { return b.records(4) }},
		"requisites": {`[{"kind": "lose-field", "method": "crm.requisite.*", "field": "XML_ID"}]`, customers(10, "Berlin"), "crm.requisite.add",
			func(b *bench) int { return b.belongings()[0] }},
		"bank details": {`[{"kind": "lose-field", "method": "crm.requisite.bankdetail.*", "field": "XML_ID"}]`, customers(10, "Berlin"), "crm.requisite.bankdetail.add",
			func(b *bench) int { return b.belongings()[1] }},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			b.faults(tc.faults)
			for range 2 {
				report := b.apply(tc.manifests, Config{})
				checkComplete(t, report, strings.Count(tc.manifests, "kind:"))
				well := report.Counts[Succeeded] + report.Counts[Unchanged]
				if report.ExitCode != ExitItems || name == "companies" && tc.kept(b) != well || name != "companies" && tc.kept(b) != 0 {
					t.Errorf("exit code %d, %d are there, counts %v", report.ExitCode, tc.kept(b), report.Counts)
				}
				for _, o := range report.Items.List() {
					if o.Status == Failed && (!strings.HasPrefix(o.Code, "KEY_NOT_") || o.Hint.IsZero() || o.ID != "" && name == "companies") {
						t.Errorf("%s: %s, id %q, hint %q", o.Resource, o.Code, o.ID, o.Hint)
					}
				}
			}
		})
	}
}

// What can be neither marked nor deleted stops its kind: there is one orphan, not one
// for each record, and the report names it.
func TestCaseB9WhatCannotBeDeletedStopsItsKind(t *testing.T) {
	b := newBench(t)
	b.faults(`[{"kind": "lose-mark", "method": "*.add"}, {"kind": "fail", "method": "crm.item.update", "code": "ACCESS_DENIED"}, {"kind": "fail", "method": "crm.item.delete", "code": "ACCESS_DENIED"}]`)
	report := b.apply(companies(120), Config{})
	if b.records(4) != 1 || report.Counts[Partial] != 1 || report.Items.List()[0].Code != "KEY_NOT_STORED" || report.Items.List()[0].ID == "" {
		t.Errorf("%d companies are there, counts %v, %+v", b.records(4), report.Counts, report.Items.List()[0])
	}
	if report.Counts[Failed] != 119 {
		t.Errorf("counts %v", report.Counts)
	}
}
