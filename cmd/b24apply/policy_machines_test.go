package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// A machine is a clone of the repository with what it remembers.
func (b *policyBench) machine() *policyBench {
	other := *b.fieldLadder
	other.dir = b.t.TempDir()
	return &policyBench{&other, b.person}
}

const keptCompany = "kind: Company\nmetadata: {name: acme}\nspec: {fields: {title: Acme, comments: %s}, policy: {comments: keepHuman}}\n"

// comments declares a text, applies, and tells what became of the item.
func (b *policyBench) comments(text string) (status string) {
	b.t.Helper()
	b.write("records", fmt.Sprintf(keptCompany, text))
	status = b.applied().Items[0].Status
	b.settled()
	return status
}

// Two machines apply in turn. One that sees a value as it declares it remembers it, also
// if it did not set it; one that missed a value of the other takes it for a person's.
func TestTwoMachinesApplyInTurn(t *testing.T) {
	east := newPolicyBench(t, time.UTC, 1)
	west := east.machine()
	for _, step := range []struct {
		on         *policyBench
		name, text string
		want       string
	}{
		{east, "east", "One", "succeeded"},
		{west, "west, a fresh clone", "One", "unchanged"},
		{east, "east", "Two", "succeeded"},
		{west, "west sees it", "Two", "unchanged"},
		{west, "west goes on", "Three", "succeeded"},
		{east, "east missed that", "Four", "kept"},
		{east, "east declares it", "Three", "unchanged"},
		{east, "east goes on", "Four", "succeeded"},
	} {
		if got := step.on.comments(step.text); got != step.want {
			t.Errorf("%s: %s is %s, want %s", step.name, step.text, got, step.want)
		}
	}
}

// Rows that agree while another field of their record is applied are remembered too.
func TestWhatAgreesWithinAnUpdateIsRemembered(t *testing.T) {
	east := newPolicyBench(t, time.UTC, 1)
	west := east.machine()
	for _, step := range []struct {
		on         *policyBench
		title, row string
	}{{west, "T", "first"}, {east, "T", "second"}, {west, "U", "second"}, {west, "U", "third"}} {
		step.on.write("records", fmt.Sprintf("kind: Deal\nmetadata: {name: d}\nspec: {fields: {title: %s}, products: [{name: %s, price: 5}], policy: {products: keepHuman}}\n", step.title, step.row))
		if item := step.on.applied().Items[0]; item.Status != "succeeded" || len(item.Kept) > 0 {
			t.Errorf("%s, %s: %s, kept %v", step.title, step.row, item.Status, item.Kept)
		}
		step.on.settled()
	}
}

// A person who writes what is declared agrees with it, and gives the field back.
func TestAPersonCanGiveAFieldBack(t *testing.T) {
	b := newPolicyBench(t, time.UTC, 1)
	b.comments("One")
	say := func(text string) {
		b.as(b.person, "crm.item.update", fmt.Sprintf(`{"entityTypeId":4,"id":1,"fields":{"comments":%q}}`, text))
	}
	say("Mine")
	if got := b.comments("Two"); got != "kept" {
		t.Errorf("the person's text: %s", got)
	}
	if got := b.applied().Items[0].Kept; len(got) != 1 || !strings.HasPrefix(got[0], "comments: changed since the last apply; last saved by Maria Schmidt on 20") {
		t.Errorf("the reason: %v", got)
	}
	say("One")
	if got := b.comments("Three"); got != "succeeded" {
		t.Errorf("the person has put ours back: %s", got)
	}
	say("Four")
	if got := b.comments("Four"); got != "unchanged" {
		t.Errorf("the person and we write the same: %s", got)
	}
	if got := b.comments("Five"); got != "succeeded" {
		t.Errorf("then we go on: %s", got)
	}
}

// Product rows have a policy as any field has; the amount that the portal makes of them
// is not fought over.
func TestProductRowsHaveAPolicy(t *testing.T) {
	for _, tc := range []struct{ policy, ours, person string }{
		{"enforce", "B", "B"},
		{"keepHuman", "B", "P"},
		{"createOnly", "A", "P"},
		{"ignore", "", "P"},
	} {
		for _, byPerson := range []bool{false, true} {
			t.Run(fmt.Sprint(tc.policy, ", by a person: ", byPerson), func(t *testing.T) {
				b := newPolicyBench(t, time.UTC, 1)
				document := "kind: Deal\nmetadata: {name: d}\nspec:\n  fields: {title: T, opportunity: 5}\n  policy: {products: POLICY, opportunity: POLICY}\n  products: [{name: ROW, price: 5}]\n"
				document = strings.ReplaceAll(document, "POLICY", tc.policy)
				b.write("records", strings.ReplaceAll(document, "ROW", "A"))
				b.applied()
				want := tc.ours
				if byPerson {
					want = tc.person
					b.as(b.person, "crm.item.productrow.set", `{"ownerType":"D","ownerId":1,"productRows":[{"productName":"P","price":7,"quantity":1}]}`)
				}
				b.write("records", strings.ReplaceAll(document, "ROW", "B"))
				b.applied()
				b.settled()
				rows := string(b.as(b.url, "crm.item.productrow.list", `{"filter":{"=ownerType":"D","=ownerId":1}}`))
				if got := strings.Count(rows, `"productName":`); want != "" && !strings.Contains(rows, `"productName":"`+want+`"`) || want == "" && got != 0 {
					t.Errorf("rows %s, want %q", rows, want)
				}
			})
		}
	}
}

// A field that is not managed ties a record to nobody: it is not blocked by what it
// refers to, and no circle goes through it.
func TestAnUnmanagedReferenceIsNoDependency(t *testing.T) {
	b := newPolicyBench(t, time.UTC, 1)
	b.write("records", `kind: Deal
metadata: {name: d}
spec: {fields: {title: T, companyId: {ref: company/refused}}, policy: {companyId: ignore}}
---
kind: Company
metadata: {name: refused}
spec: {fields: {title: Refused}}
---
kind: Contact
metadata: {name: c}
spec: {fields: {name: C, leadId: {ref: lead/l}}, policy: {leadId: ignore}}
---
kind: Lead
metadata: {name: l}
spec: {fields: {title: L, contactIds: [{ref: contact/c}]}, policy: {contactIds: ignore}}
`)
	for range 2 { // two records with the mark refuse the company
		b.as(b.person, "crm.item.add", `{"entityTypeId":4,"fields":{"title":"X","originatorId":"b24apply:default","originId":"refused"}}`)
	}
	out := b.run(exitItems, "apply", "-C", b.dir, "-f", ".", "--yes")
	if !strings.Contains(out, "4 planned: 3 succeeded, 1 failed") {
		t.Errorf("the deal waits:\n%s", out)
	}
	if _, err := os.Stat(filepath.Join(b.dir, ".b24apply", "applied.ndjson")); !os.IsNotExist(err) {
		t.Errorf("without the policy keepHuman nothing is remembered: %v", err)
	}
}
