package main

import (
	"strings"
	"testing"
	"time"

	"github.com/b24apply/b24apply/pkg/portal"
)

// settled applies the project and expects that a second plan is empty and writes nothing.
func (p *pruned) settled(args ...string) {
	p.t.Helper()
	p.run(exitDone, append([]string{"apply", "-C", p.dir, "--yes"}, args...)...)
	p.quiet(args...)
}

// quiet expects an empty plan that writes nothing.
func (p *pruned) quiet(args ...string) {
	p.t.Helper()
	p.portal.ResetStats()
	p.run(exitDone, append([]string{"plan", "-C", p.dir, "--detailed-exitcode"}, args...)...)
	if n := p.portal.Stats().Writes; n != 0 {
		p.t.Errorf("the second plan wrote %d times", n)
	}
}

const offered = `kind: Deal
metadata: {name: NAME}
spec:
  fields: {title: D}
  products: [{name: Support, price: "100.00", quantity: 2}]`

// Adopting writes the mark alone: what else the manifest declares is the next plan's.
func TestAdoptLeavesProductsToTheNextPlan(t *testing.T) {
	p := newPruned(t, map[string]string{"m/a.yaml": deals("first")})
	p.post("crm.item.add", `{"entityTypeId":2,"fields":{"title":"Live"}}`)
	p.write(map[string]string{"m/b.yaml": strings.ReplaceAll(offered, "NAME", "won")})
	p.portal.ResetStats()
	p.run(exitDone, "adopt", "deal/won", "-C", p.dir, "--id", "2", "--yes")
	if n := p.portal.Stats().Writes; n != 1 {
		t.Errorf("the adoption wrote %d times", n)
	}
	p.settled()
}

// A moved record keeps what its product rows have and nobody declares, and its files.
func TestAMovedRecordKeepsItsProductRows(t *testing.T) {
	p := newPruned(t, map[string]string{"m/a.yaml": strings.ReplaceAll(offered, "NAME", "old")})
	p.portal.ResetStats()
	p.write(map[string]string{"m/a.yaml": strings.ReplaceAll(offered, "NAME", "new"), "m/moved.yaml": "kind: Moved\nspec: {from: deal/old, to: deal/new}"})
	p.run(exitDone, "apply", "-C", p.dir, "--yes")
	if n := p.portal.Stats().Commands["crm.item.productrow.set"]; n != 0 {
		t.Errorf("the product rows were saved %d times", n)
	}
	p.quiet()
}

func TestAMovedRecordCanBePinned(t *testing.T) {
	p := newPruned(t, map[string]string{"m/a.yaml": deals("old")})
	p.write(map[string]string{"m/a.yaml": "kind: Deal\nmetadata: {name: new, ids: {default: 1}}\nspec: {fields: {title: old}}", "m/moved.yaml": "kind: Moved\nspec: {from: deal/old, to: deal/new}"})
	p.settled()
}

// A match key that refers to a moved record finds what it found before.
func TestAMatchKeyFollowsAMovedRecord(t *testing.T) {
	p := newPruned(t, map[string]string{"m/a.yaml": "kind: Company\nmetadata: {name: acme}\nspec: {fields: {title: Acme}}"})
	p.post("crm.item.add", `{"entityTypeId":2,"fields":{"title":"Sale","companyId":1}}`)
	p.write(map[string]string{"m/a.yaml": `kind: Company
metadata: {name: acme-inc}
spec: {fields: {title: Acme}}
---
kind: Deal
metadata: {name: sale}
spec: {match: [[title, companyId]], fields: {title: Sale, companyId: {ref: company/acme-inc}}}
---
kind: Moved
spec: {from: company/acme, to: company/acme-inc}`})
	report := p.report(exitDone, "apply", "-C", p.dir, "--yes")
	if n := p.portal.Stats().Commands["crm.item.add"]; n != 2 {
		t.Errorf("the deal was created anew; %v", report.Counts)
	}
	p.quiet()
}

// A record that a manifest means is never deleted by a prune, even where the manifest
// cannot have it.
func TestAPruneSparesWhatAManifestMeans(t *testing.T) {
	t.Parallel()
	for name, manifest := range map[string]string{
		"by its id":        "kind: Deal\nmetadata: {name: new, ids: {default: 2}}\nspec: {fields: {title: old}}",
		"by match":         "kind: Deal\nmetadata: {name: new}\nspec: {match: [[title]], fields: {title: old}}",
		"and never adopts": "kind: Deal\nmetadata: {name: new}\nspec: {match: [[title]], adopt: never, fields: {title: old}}",
		"by a lookup":      "kind: Deal\nmetadata: {name: new}\nspec: {fields: {title: new, quoteId: {lookup: {quote: {title: Offer}}}}}",
	} {
		t.Run(name, func(t *testing.T) {
			p := newPruned(t, map[string]string{"m/a.yaml": deals("first"), "m/b.yaml": deals("old") + "\n---\nkind: Quote\nmetadata: {name: offer}\nspec: {fields: {title: Offer}}\n---\nkind: Quote\nmetadata: {name: other}\nspec: {fields: {title: Other}}"})
			p.write(map[string]string{"m/b.yaml": manifest + "\n---\nkind: Quote\nmetadata: {name: other}\nspec: {fields: {title: Other}}"})
			if name != "by a lookup" {
				p.write(map[string]string{"m/c.yaml": "kind: Quote\nmetadata: {name: offer}\nspec: {fields: {title: Offer}}"})
			} else {
				p.write(map[string]string{"m/c.yaml": deals("old")})
			}
			said, code := p.outcome("apply", "--prune", "--yes")
			if n := p.portal.Stats().Commands["crm.item.delete"]; n != 0 {
				t.Errorf("%d deletions:\n%s", n, said)
			}
			if code != exitItems {
				t.Errorf("exit code %d", code)
			}
		})
	}
}

// A quote that must be absent is gone where no quote ever had a mark.
func TestAnAbsentQuoteIsGoneOnAPortalWithoutMarks(t *testing.T) {
	p := newPruned(t, map[string]string{"m/a.yaml": deals("first")})
	p.write(map[string]string{"m/absent.yaml": "kind: Absent\nspec: {resources: [quote/offer]}"})
	p.quiet()
	p.write(map[string]string{"b24apply.yaml": projectOf("  identity: {lead: {field: MARK}}\n"), "m/absent.yaml": "kind: Absent\nspec: {resources: [lead/x]}"})
	p.quiet()
}

// Nothing is declared of quotes any more: the last ones still go, and are renamed.
func TestQuotesGoWhenNoneIsDeclared(t *testing.T) {
	quote := "kind: Quote\nmetadata: {name: NAME}\nspec: {fields: {title: Offer}}"
	p := newPruned(t, map[string]string{"m/a.yaml": deals("first"), "m/b.yaml": strings.ReplaceAll(quote, "NAME", "old")})
	p.write(map[string]string{"m/b.yaml": strings.ReplaceAll(quote, "NAME", "new"), "m/h.yaml": "kind: Moved\nspec: {from: quote/old, to: quote/new}"})
	p.settled()
	p.write(map[string]string{"m/b.yaml": "", "m/h.yaml": "kind: Absent\nspec: {resources: [quote/new]}"})
	p.run(exitDone, "apply", "-C", p.dir, "--yes")
	if n := p.portal.Stats().Commands["crm.item.delete"]; n != 1 {
		t.Errorf("%d deletions", n)
	}
	p.quiet()
}

// With the mark in a user field of deals and SPA items too.
func TestMarksInUserFieldsAreRemovedAndRenamed(t *testing.T) {
	item := "kind: SPAItem\nmetadata: {name: NAME}\nspec: {type: equipment, fields: {title: Lathe}}"
	p := newPruned(t, map[string]string{"m/a.yaml": deals("a", "b"), "b24apply.yaml": projectOf("  identity: {deal: {field: MARK}}\n")})
	p.write(map[string]string{"b24apply.yaml": projectOf("  identity: {deal: {field: MARK}, equipment: {field: MARK}}\n"),
		"m/a.yaml": deals("a", "b") + "\n---\nkind: SPA\nmetadata: {name: equipment}\nspec: {title: Equipment}", "m/b.yaml": strings.ReplaceAll(item, "NAME", "x") + "\n---\n" + strings.ReplaceAll(item, "NAME", "y")})
	p.settled()
	p.write(map[string]string{"m/a.yaml": deals("a2") + "\n---\nkind: SPA\nmetadata: {name: equipment}\nspec: {title: Equipment}", "m/b.yaml": strings.ReplaceAll(item, "NAME", "x2"),
		"m/h.yaml": "kind: Moved\nspec: {moves: [{from: equipment/x, to: equipment/x2}, {from: deal/a, to: deal/a2}]}"})
	p.portal.ResetStats()
	p.run(exitDone, "apply", "-C", p.dir, "--yes", "--prune")
	if n := p.portal.Stats().Commands; n["crm.item.delete"] != 2 || n["crm.item.add"] != 0 || n["crm.item.update"] != 2 {
		t.Errorf("%v", n)
	}
	p.quiet("--prune")
	// the type is not declared any more
	p.write(map[string]string{"m/a.yaml": deals("a2"), "m/b.yaml": "", "m/h.yaml": "kind: Absent\nspec: {resources: [equipment/x2]}"})
	p.portal.ResetStats()
	p.run(exitDone, "apply", "-C", p.dir, "--yes", "--prune")
	if n := p.portal.Stats().Commands; n["crm.item.delete"] != 1 {
		t.Errorf("%v", n)
	}
	p.quiet("--prune")
}

// A record that a Moved gives to one resource is not another's, whatever its policy.
func TestAMovedRecordIsNotAdoptedByForce(t *testing.T) {
	p := newPruned(t, map[string]string{"m/a.yaml": deals("old")})
	p.write(map[string]string{"m/a.yaml": deals("new"), "m/moved.yaml": "kind: Moved\nspec: {from: deal/old, to: deal/new}",
		"m/b.yaml": "kind: Deal\nmetadata: {name: thief}\nspec: {match: [[title]], adopt: force, fields: {title: old}}"})
	if said, code := p.outcome("plan"); code != exitItems || !strings.Contains(said, "[OTHER_RESOURCE]") {
		t.Errorf("exit code %d:\n%s", code, said)
	}
}

// To keep a record says nothing against who takes it over.
func TestAKeptRecordCanBeTakenOver(t *testing.T) {
	p := newPruned(t, map[string]string{"m/a.yaml": deals("old")})
	p.write(map[string]string{"m/a.yaml": "kind: Deal\nmetadata: {name: heir}\nspec: {match: [[title]], adopt: force, fields: {title: old}}",
		"m/b.yaml": "kind: Absent\nspec: {resources: [deal/old], onRemove: keep}"})
	p.settled("--prune")
}

// A lifecycle that prevents updates prevents that a mark is written, and says so.
func TestAPreventedAdoptionSaysWhatDiffers(t *testing.T) {
	p := newPruned(t, map[string]string{"m/a.yaml": deals("a")})
	p.post("crm.item.add", `{"entityTypeId":2,"fields":{"title":"L"}}`)
	p.write(map[string]string{"m/b.yaml": "kind: Deal\nmetadata: {name: l}\nspec: {match: [[title]], lifecycle: {prevent: [update]}, fields: {title: L}}"})
	if said, code := p.outcome("plan"); code != exitItems || !strings.Contains(said, "it differs: its mark is not written yet [PREVENTED]") {
		t.Errorf("exit code %d:\n%s", code, said)
	}
}

const historyBefore = `kind: Company
metadata: {name: c}
spec: {fields: {title: C, leadId: {ref: lead/l}}, requisites: [{preset: "#CRM_REQUISITE_PRESET_DEF_RU_COMPANY#", fields: {RQ_INN: "7707083893"}}]}
---
kind: Lead
metadata: {name: l}
spec: {fields: {title: L, companyId: {ref: company/c}}}
---
kind: Quote
metadata: {name: old}
spec: {fields: {title: Q, dealId: {ref: deal/d}}, products: [{name: Support, price: "10.00", quantity: 3}]}
---
kind: Quote
metadata: {name: gone}
spec: {fields: {title: Gone, companyId: {ref: company/c}}}
---
kind: SPA
metadata: {name: site}
spec: {title: Sites, isClientEnabled: Y}
---
kind: SPAItem
metadata: {name: s}
spec: {type: site, fields: {title: S, companyId: {ref: company/c}}}
---
kind: Deal
metadata: {name: d}
spec: {fields: {title: D, closedate: "2027-03-28", quoteId: {ref: quote/old}}}`

const historyAfter = `kind: Company
metadata: {name: c2}
spec: {fields: {title: C, leadId: {ref: lead/l}}, requisites: [{preset: "#CRM_REQUISITE_PRESET_DEF_RU_COMPANY#", fields: {RQ_INN: "7707083893"}}]}
---
kind: Lead
metadata: {name: l}
spec: {fields: {title: L, companyId: {ref: company/c2}}}
---
kind: Quote
metadata: {name: new}
spec: {fields: {title: Q, dealId: {ref: deal/d}}, products: [{name: Support, price: "10.00", quantity: 3}]}
---
kind: SPA
metadata: {name: site}
spec: {title: Sites, isClientEnabled: Y}
---
kind: Deal
metadata: {name: d}
spec: {fields: {title: D, closedate: "2027-03-28", quoteId: {ref: quote/new}}}
---
kind: Moved
spec: {moves: [{from: company/c, to: company/c2}, {from: quote/old, to: quote/new}]}
---
kind: Absent
spec: {resources: [quote/gone, site/s, invoice/never]}`

// One repository, one portal that has its history and one that never saw any of it,
// with other ids and another zone: both come to the same, and second plans are empty.
func TestHistoryIsPortable(t *testing.T) {
	used := newPruned(t, map[string]string{"m/a.yaml": historyBefore})
	cfg := portal.Config{Zone: time.FixedZone("", -5*3600), IDBase: 7000, Seed: "demo"}
	fresh := &pruned{world: openWorld(t, cfg), dir: used.dir}
	used.write(map[string]string{"m/a.yaml": historyAfter})
	for p, want := range map[*pruned]map[string]int{
		used:  {"crm.item.add": 0, "crm.item.update": 2, "crm.item.delete": 2, "crm.item.productrow.set": 0, "crm.requisite.add": 0},
		fresh: {"crm.item.add": 4, "crm.item.update": 2, "crm.item.delete": 0, "crm.item.productrow.set": 1, "crm.requisite.add": 1},
	} {
		p.portal.ResetStats()
		p.run(exitDone, "apply", "-C", p.dir, "--yes", "--prune")
		for method, n := range want {
			if got := p.portal.Stats().Commands[method]; got != n {
				t.Errorf("%s: %d calls, want %d", method, got, n)
			}
		}
		p.quiet("--prune")
	}
}

// A plan that a guard refuses does not promise that apply would make it.
func TestAPlanBeyondAGuardPromisesNothing(t *testing.T) {
	p := newPruned(t, map[string]string{"m/a.yaml": deals("a")})
	p.write(map[string]string{"m/b.yaml": deals("b", "c")})
	if said, _ := p.outcome("plan"); !strings.Contains(said, "makes these changes") {
		t.Errorf("a plan says how to apply it:\n%s", said)
	}
	if said, code := p.outcome("plan", "--max-create", "1"); code != exitRefused || strings.Contains(said, "makes these changes") {
		t.Errorf("exit code %d:\n%s", code, said)
	}
}
