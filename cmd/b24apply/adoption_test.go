package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// What becomes of a record that match finds, for each policy, owner and number of
// records that agree; then a second plan wants what the first one left, and writes
// nothing.
func TestAdoptionByPolicyOwnerAndHits(t *testing.T) {
	const old, theirs, erp = "b24apply:default old-name", "b24apply:shop their-name", "1C 77"
	type cell struct {
		policy, owner string
		hits          int
		want          string // an action, or the code of a refusal
	}
	var cells []cell
	for _, owner := range []string{"", old, theirs, erp} {
		for _, policy := range []string{"", "never", "ifUnowned", "force"} {
			cells = append(cells, cell{policy, owner, 0, "create"})
			two := "AMBIGUOUS_MATCH"
			if policy == "never" {
				two = "MATCH_EXISTS"
			}
			cells = append(cells, cell{policy, owner, 2, two})
		}
	}
	cells = append(cells,
		cell{"", "", 1, "adopt"}, cell{"ifUnowned", "", 1, "adopt"}, cell{"force", "", 1, "adopt"}, cell{"never", "", 1, "MATCH_EXISTS"},
		cell{"", old, 1, "OTHER_RESOURCE"}, cell{"ifUnowned", old, 1, "OTHER_RESOURCE"}, cell{"force", old, 1, "adopt"}, cell{"never", old, 1, "MATCH_EXISTS"},
		cell{"", theirs, 1, "FOREIGN_OWNER"}, cell{"ifUnowned", theirs, 1, "FOREIGN_OWNER"}, cell{"force", theirs, 1, "adopt"}, cell{"never", theirs, 1, "MATCH_EXISTS"},
		cell{"", erp, 1, "FOREIGN_OWNER"}, cell{"ifUnowned", erp, 1, "FOREIGN_OWNER"}, cell{"force", erp, 1, "adopt"}, cell{"never", erp, 1, "MATCH_EXISTS"},
	)
	w := newWorld(t)
	var manifests strings.Builder
	for i, c := range cells {
		for range c.hits {
			originator, origin, _ := strings.Cut(c.owner, " ")
			w.post("crm.item.add", fmt.Sprintf(`{"entityTypeId":4,"fields":{"title":"Company %d","originatorId":%q,"originId":%q}}`, i, originator, origin))
		}
		adopt := ""
		if c.policy != "" {
			adopt = "adopt: " + c.policy + ", "
		}
		fmt.Fprintf(&manifests, "---\napiVersion: b24apply/v1\nkind: Company\nmetadata: {name: c%02d}\nspec: {match: [[title]], %sfields: {title: Company %d, comments: Ours}}\n", i, adopt, i)
	}
	file := filepath.Join(t.TempDir(), "companies.yaml")
	if err := os.WriteFile(file, []byte(manifests.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	check := func(then string, wants func(cell) string) {
		t.Helper()
		plan := w.planned(exitItems, file)
		for i, c := range cells {
			got := plan[fmt.Sprintf("company/c%02d", i)]
			if got.outcome() != wants(c) {
				t.Errorf("%s: policy %q, owner %q, %d hits: %s, want %s (%s)", then, c.policy, c.owner, c.hits, got.outcome(), wants(c), got.Reason)
			}
			if c.owner == theirs && got.Code == "FOREIGN_OWNER" && !strings.Contains(got.Reason, `"shop"`) {
				t.Errorf("%s: the owner is not named: %s", then, got.Reason)
			}
		}
	}
	check("first plan", func(c cell) string { return c.want })
	w.run(exitItems, "apply", "-f", file, "--yes", "--max-refused", "100")
	w.portal.ResetStats()
	check("second plan", func(c cell) string {
		if c.want == "create" || c.want == "adopt" {
			return "no-op"
		}
		return c.want
	})
	w.run(exitItems, "apply", "-f", file, "--yes", "--max-refused", "100")
	if n := w.portal.Stats().Writes; n != 0 {
		t.Errorf("the second apply wrote %d times", n)
	}
}

// A plannedChange is a change as -o json shows it.
type plannedChange struct {
	Address, Action, Code, Reason string
	ID                            int `json:",string"`
}

func (c plannedChange) outcome() string {
	if c.Code != "" {
		return c.Code
	}
	return c.Action
}

// planned plans and gives the changes by address.
func (w *world) planned(code int, file string) map[string]plannedChange {
	w.t.Helper()
	var plan struct{ Changes []plannedChange }
	if err := json.Unmarshal([]byte(w.run(code, "plan", "-f", file, "-o", "json", "--max-refused", "100")), &plan); err != nil {
		w.t.Fatal(err)
	}
	out := make(map[string]plannedChange)
	for _, c := range plan.Changes {
		out[c.Address] = c
	}
	return out
}

// post calls the portal as another program would.
func (w *world) post(method, params string) {
	w.t.Helper()
	response, err := http.Post(w.url+method, "application/json", strings.NewReader(params))
	if err != nil {
		w.t.Fatal(err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		w.t.Fatalf("%s: HTTP %d", method, response.StatusCode)
	}
}

// Records are found by match in few requests: 49 values a list and 50 lists a
// request, 19 e-mails a search; each level of references adds its own.
func TestMatchingFillsItsRequests(t *testing.T) {
	t.Parallel()
	const n = 500
	w := newWorld(t)
	var manifests strings.Builder
	seed := make([]string, 0, 50)
	flush := func() {
		w.post("batch", `{"cmd":{`+strings.Join(seed, ",")+`}}`)
		seed = seed[:0]
	}
	for i := range n {
		seed = append(seed, fmt.Sprintf(`"c%d":"crm.item.add?entityTypeId=3&fields[name]=N%d&fields[fm][0][typeId]=EMAIL&fields[fm][0][valueType]=WORK&fields[fm][0][value]=N%d@Acme.example"`, i, i, i),
			fmt.Sprintf(`"d%d":"crm.item.add?entityTypeId=2&fields[title]=Deal&fields[contactIds][]=$result[c%d][item][id]&fields[additionalInfo]=A%d"`, i, i, i))
		if len(seed) == 50 {
			flush()
		}
		fmt.Fprintf(&manifests, "---\napiVersion: b24apply/v1\nkind: Contact\nmetadata: {name: n%d}\nspec: {match: [[email]], fields: {name: N%d, emails: [n%d@acme.example]}}\n", i, i, i)
		fmt.Fprintf(&manifests, "---\napiVersion: b24apply/v1\nkind: Deal\nmetadata: {name: d%d}\nspec: {match: [[title, additionalInfo]], fields: {title: Deal, additionalInfo: A%d, contactIds: [{ref: contact/n%d}]}}\n", i, i, i)
	}
	file := filepath.Join(t.TempDir(), "records.yaml")
	if err := os.WriteFile(file, []byte(manifests.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	w.portal.ResetStats()
	plan := w.planned(exitDone, file)
	adopts := 0
	for _, c := range plan {
		if c.Action == "adopt" {
			adopts++
		}
	}
	if adopts != 2*n {
		t.Errorf("%d of %d records would be adopted", adopts, 2*n)
	}
	// Keys, then searches by e-mail with the contacts they find, then deals.
	if most := ceil(2*n, 2450) + ceil(n, 19*50) + 2*ceil(n, 2450) + 20; w.portal.Stats().Requests > most {
		t.Errorf("the plan took %d requests, want at most %d", w.portal.Stats().Requests, most)
	}
	planned := w.portal.Stats().Requests
	w.run(exitDone, "apply", "-f", file, "--yes", "--max-refused", "100")
	// Each batch of adoptions is preceded by a look at whose the records are.
	if took, most := w.portal.Stats().Requests-planned, planned+2*ceil(2*n, 50)+10; took > most {
		t.Errorf("the apply took %d requests, want at most %d", took, most)
	}
	w.portal.ResetStats()
	w.run(exitDone, "plan", "-f", file, "--detailed-exitcode")
	if n := w.portal.Stats().Writes; n != 0 {
		t.Errorf("the second plan wrote %d times", n)
	}
}

// The search by e-mail shows 20 records at most: where more have the values of one
// search, none is overlooked.
func TestMatchingFindsRecordsBehindAFullAnswer(t *testing.T) {
	const n = 30
	w := newWorld(t)
	var manifests strings.Builder
	for i := range n {
		for _, name := range []string{"A", "B", "C"} {
			w.post("crm.item.add", fmt.Sprintf(`{"entityTypeId":3,"fields":{"name":%q,"fm":[{"typeId":"EMAIL","valueType":"WORK","value":"n%d@acme.example"}]}}`, name, i))
		}
		fmt.Fprintf(&manifests, "---\napiVersion: b24apply/v1\nkind: Contact\nmetadata: {name: n%d}\nspec: {match: [[email, name]], fields: {name: B, emails: [n%d@acme.example]}}\n", i, i)
	}
	file := filepath.Join(t.TempDir(), "contacts.yaml")
	if err := os.WriteFile(file, []byte(manifests.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	plan := w.planned(exitDone, file)
	if len(plan) != n {
		t.Errorf("%d changes, want %d", len(plan), n)
	}
	for address, c := range plan {
		if c.Action != "adopt" || c.ID%3 != 2 {
			t.Errorf("the plan would %s %s, record %d", c.Action, address, c.ID)
		}
	}
}

// Lookups that say the same are asked once, and 49 others fit into a list. One more looks
// for deals that are not declared any more, and one for deals of the same title.
func TestLookupsFillTheirRequests(t *testing.T) {
	t.Parallel()
	const n = 300
	w := newWorld(t)
	var manifests strings.Builder
	for i := range n {
		w.post("crm.item.add", fmt.Sprintf(`{"entityTypeId":4,"fields":{"title":"Company %d"}}`, i))
		for _, copied := range []string{"a", "b"} {
			fmt.Fprintf(&manifests, "---\napiVersion: b24apply/v1\nkind: Deal\nmetadata: {name: %s%d}\nspec: {fields: {title: D, companyId: {lookup: {company: {title: Company %d}}}}}\n", copied, i, i)
		}
	}
	file := filepath.Join(t.TempDir(), "deals.yaml")
	if err := os.WriteFile(file, []byte(manifests.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	w.portal.ResetStats()
	w.run(exitDone, "plan", "-f", file)
	if got, most := w.portal.Stats().Commands["crm.item.list"], ceil(n, 49)+ceil(2*n, 49)+2; got != most {
		t.Errorf("%d lists were read, want %d", got, most)
	}
	w.run(exitDone, "apply", "-f", file, "--yes", "--max-refused", "100")
	w.run(exitDone, "plan", "-f", file, "--detailed-exitcode")
}
