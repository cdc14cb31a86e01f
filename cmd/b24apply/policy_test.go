package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/b24apply/b24apply/pkg/portal"
)

// What may happen between two applies of a record.
const (
	nothing       = "nothing"
	weChange      = "the manifest changes"
	personChanges = "a person changes it"
	bothChange    = "both change it"
	otherField    = "a person changes another field, we this one"
	ownUser       = "the user of the webhook changes it by hand"
	adopted       = "a person's record is handed over"
)

var occasions = []string{nothing, weChange, personChanges, bothChange, otherField, ownUser, adopted}

// An outcomeOf is what the field holds in the end: the first value, the second, the
// person's, or "" for none; and whether it was kept.
type outcomeOf struct {
	holds string
	kept  bool
}

// The values of a field under test.
const first, second, theirs, unset = "first", "second", "theirs", ""

func keeps(holds string) outcomeOf { return outcomeOf{holds, true} }
func holds(what string) outcomeOf  { return outcomeOf{holds: what} }

// policyMatrix says what comes of every policy on every occasion. Where the digests of
// the last apply are lost, withoutDigests has what differs.
var policyMatrix = map[string]map[string]outcomeOf{
	"enforce": {nothing: holds(first), weChange: holds(second), personChanges: holds(first), bothChange: holds(second),
		otherField: holds(second), ownUser: holds(first), adopted: holds(first)},
	"createOnly": {nothing: holds(first), weChange: holds(first), personChanges: holds(theirs), bothChange: holds(theirs),
		otherField: holds(first), ownUser: holds(theirs), adopted: holds(theirs)},
	"keepHuman": {nothing: holds(first), weChange: holds(second), personChanges: keeps(theirs), bothChange: keeps(theirs),
		otherField: holds(second), ownUser: keeps(theirs), adopted: keeps(theirs)},
	"ignore": {nothing: holds(unset), weChange: holds(unset), personChanges: holds(theirs), bothChange: holds(theirs),
		otherField: holds(unset), ownUser: holds(theirs), adopted: holds(theirs)},
}

// Without the digests, who saved the record last is all that is known: a person's save
// of another field is taken for one of this field, and the webhook's own for ours.
var withoutDigests = map[string]outcomeOf{otherField: keeps(first), ownUser: holds(first)}

// A policyField is a field under test with its values in YAML; theirs in JSON too.
type policyField struct {
	kind, name            string
	entity                int
	first, second, theirs string
	json                  string
	unset                 string // what it holds if nobody sets it; "" is not looked at
}

var policyFields = []policyField{
	{"Company", "comments", 4, "One", "'Two & [b]three[/b]'", "Theirs", `"Theirs"`, "null"},
	{"Deal", "opportunity", 2, `"12.50"`, "13", "14.1", `14.1`, "0"},
	{"Deal", "closedate", 2, "2027-01-01", "2027-02-01", "2027-03-01", `"2027-03-01"`, ""},
	{"Deal", "stageId", 2, "PREPARATION", "EXECUTING", "FINAL_INVOICE", `"FINAL_INVOICE"`, "NEW"},
	{"Contact", "phones", 3, `["+44 20 7946 0001", {value: "+44 20 7946 0009", type: FAX}]`, `["+44 20 7946 0002"]`, `["+44 20 7946 0003"]`, "", "null"},
	{"Lead", "observers", 1, "[2, 3]", "[3, 4]", "[5, 2]", `[5,2]`, "null"},
	{"Invoice", "assignedById", 31, "2", "3", "4", `4`, ""},
}

// policyBench is a portal of two webhooks, and a folder of manifests.
type policyBench struct {
	*fieldLadder
	person string // the URL of the other user's webhook
}

func newPolicyBench(t *testing.T, zone *time.Location, base int) *policyBench {
	t.Helper()
	return openPolicyBench(t, portal.Config{Zone: zone, IDBase: base})
}

func openPolicyBench(t *testing.T, cfg portal.Config) *policyBench {
	t.Helper()
	p, err := portal.Open(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	colleague, err := p.AddWebhook(t.Context(), portal.Webhook{User: 3})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(p)
	t.Cleanup(func() { server.Close(); _ = p.Close() })
	w := &world{t: t, portal: p, url: server.URL + p.WebhookPath()}
	return &policyBench{&fieldLadder{world: w, dir: t.TempDir()}, server.URL + colleague.Path()}
}

// as calls the portal by a webhook.
func (b *policyBench) as(url, method, params string) json.RawMessage {
	b.t.Helper()
	response, err := http.Post(url+method, "application/json", strings.NewReader(params))
	if err != nil {
		b.t.Fatal(err)
	}
	defer response.Body.Close()
	var answer struct{ Result json.RawMessage }
	if err := json.NewDecoder(response.Body).Decode(&answer); err != nil || response.StatusCode != http.StatusOK {
		b.t.Fatalf("%s %s: HTTP %d, %v", method, params, response.StatusCode, err)
	}
	return answer.Result
}

// A policyCase is one record: a field with a policy, and what happens to it.
type policyCase struct {
	policyField
	policy, occasion string
}

func (c policyCase) recordName() string {
	return strings.ToLower(c.name + "-" + c.policy + "-" + fmt.Sprint(slices.Index(occasions, c.occasion)))
}

func (c policyCase) address() string { return strings.ToLower(c.kind) + "/" + c.recordName() }

// document declares the record with a value; policy "" is none.
func (c policyCase) document(value, policy string) string {
	text := fmt.Sprintf("kind: %s\nmetadata: {name: %s}\nspec:\n  fields:\n    %s: %s\n", c.kind, c.recordName(), c.name, value)
	if policy != "" {
		text += fmt.Sprintf("  policy: {%s: %s}\n", c.name, policy)
	}
	return text
}

// change makes the person's change of a record; the phones of a person replace ours.
func (b *policyBench) change(url string, c policyCase, id int, field, value string) {
	if field == "phones" {
		var got struct {
			Item struct{ FM []struct{ ID int } }
		}
		if err := json.Unmarshal(b.as(b.url, "crm.item.get", fmt.Sprintf(`{"entityTypeId":%d,"id":%d}`, c.entity, id)), &got); err != nil {
			b.t.Fatal(err)
		}
		rows := []string{`"n0":{"typeId":"PHONE","valueType":"WORK","value":"+44 20 7946 0003"}`}
		for _, row := range got.Item.FM {
			rows = append(rows, fmt.Sprintf(`"%d":{"typeId":"PHONE","value":""}`, row.ID))
		}
		field, value = "fm", "{"+strings.Join(rows, ",")+"}"
	}
	b.as(url, "crm.item.update", fmt.Sprintf(`{"entityTypeId":%d,"id":%d,"fields":{%q:%s}}`, c.entity, id, field, value))
}

// handOver creates a record of a person that carries our mark already.
func (b *policyBench) handOver(c policyCase) {
	mark := fmt.Sprintf(`"originatorId":"b24apply:default","originId":%q`, c.recordName())
	if c.entity == 31 {
		mark = fmt.Sprintf(`"xmlId":"b24apply:default:%s"`, c.recordName())
	}
	value := fmt.Sprintf("%q:%s", c.name, c.json)
	if c.name == "phones" {
		value = `"fm":[{"typeId":"PHONE","valueType":"WORK","value":"+44 20 7946 0003"}]`
	}
	b.as(b.person, "crm.item.add", fmt.Sprintf(`{"entityTypeId":%d,"fields":{"name":"N",%s,%s}}`, c.entity, value, mark))
}

type keptReport struct {
	Items []struct {
		Resource, Status, Error string
		ID                      int `json:",string"`
		Kept                    []string
	}
}

func (b *policyBench) applied() keptReport {
	b.t.Helper()
	var r keptReport
	if err := json.Unmarshal([]byte(b.run(exitDone, "apply", "-C", b.dir, "-f", ".", "--yes", "-o", "json")), &r); err != nil {
		b.t.Fatal(err)
	}
	return r
}

func (b *policyBench) declare(cases []policyCase, document func(policyCase) string) {
	b.t.Helper()
	texts := make([]string, len(cases))
	for i, c := range cases {
		texts[i] = document(c)
	}
	b.write("records", texts...)
}

// happen makes what happens between two applies.
func (b *policyBench) happen(c policyCase, id int) {
	switch c.occasion {
	case personChanges, bothChange:
		b.change(b.person, c, id, c.name, c.json)
	case ownUser:
		b.change(b.url, c, id, c.name, c.json)
	case otherField:
		b.change(b.person, c, id, "opened", `"N"`)
	}
}

// declares is the value of the manifest after what happened.
func (c policyCase) declares() string {
	if c.occasion == weChange || c.occasion == bothChange || c.occasion == otherField {
		return c.second
	}
	return c.first
}

// Every policy does what it says on every occasion and for every form of value, on two
// portals, with the digests of the last apply and without them. What it comes to is
// stable: a second plan has nothing to do.
func TestEveryPolicyOnEveryOccasion(t *testing.T) {
	for _, tc := range []struct {
		name string
		zone *time.Location
		base int
		lost bool
	}{
		{"digests known, east", time.FixedZone("", 3*3600), 1, false},
		{"digests known, west", time.FixedZone("", -5*3600), 700, false},
		{"digests lost", time.FixedZone("", 3*3600), 1, true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			b := newPolicyBench(t, tc.zone, tc.base)
			var cases []policyCase
			for _, field := range policyFields {
				for policy := range policyMatrix {
					for _, occasion := range occasions {
						cases = append(cases, policyCase{field, policy, occasion})
					}
				}
			}
			slices.SortFunc(cases, func(x, y policyCase) int { return strings.Compare(x.address(), y.address()) })
			b.climbMatrix(cases, tc.lost)
		})
	}
}

func (b *policyBench) climbMatrix(cases []policyCase, lost bool) {
	for _, c := range cases {
		if c.occasion == adopted {
			b.handOver(c)
		}
	}
	b.declare(cases, func(c policyCase) string { return c.document(c.first, c.policy) })
	ids := make(map[string]int)
	for _, item := range b.applied().Items {
		ids[item.Resource] = item.ID
	}
	for _, c := range cases {
		b.happen(c, ids[c.address()])
	}
	if lost {
		if err := os.Remove(filepath.Join(b.dir, ".b24apply", "applied.ndjson")); err != nil {
			b.t.Fatal(err)
		}
	}
	b.declare(cases, func(c policyCase) string { return c.document(c.declares(), c.policy) })
	kept := make(map[string]bool)
	for _, item := range b.applied().Items {
		kept[item.Resource] = item.Status == "kept" && len(item.Kept) == 1
	}
	b.settled()
	b.checkOutcomes(cases, kept, lost)
}

// checkOutcomes declares what every field should hold, to be enforced: nothing differs.
func (b *policyBench) checkOutcomes(cases []policyCase, kept map[string]bool, lost bool) {
	want := make(map[string]outcomeOf)
	for _, c := range cases {
		want[c.address()] = policyMatrix[c.policy][c.occasion]
		if other, ok := withoutDigests[c.occasion]; ok && lost && c.policy == "keepHuman" {
			want[c.address()] = other
		}
		if got := kept[c.address()]; got != want[c.address()].kept {
			b.t.Errorf("%s: %s, %s: kept is %t", c.address(), c.policy, c.occasion, got)
		}
	}
	b.declare(cases, func(c policyCase) string {
		value := map[string]string{first: c.first, second: c.second, theirs: c.theirs, unset: c.unset}[want[c.address()].holds]
		if value == "" {
			return c.document(c.first, "ignore")
		}
		return c.document(value, "")
	})
	b.settled()
}

// settled checks that a plan in the folder has nothing to do, and writes nothing.
func (b *policyBench) settled() {
	b.t.Helper()
	before := b.portal.Stats().Writes
	var plan struct {
		Changes []struct {
			Address, Action string
			Fields          []struct {
				Name          string
				Before, After any
			}
		}
	}
	if err := json.Unmarshal([]byte(b.run(exitDone, "plan", "-C", b.dir, "-f", ".", "-o", "json")), &plan); err != nil {
		b.t.Fatal(err)
	}
	for _, c := range plan.Changes {
		if c.Action != "no-op" {
			b.t.Errorf("a second plan would %s %s: %v", c.Action, c.Address, c.Fields)
		}
	}
	if wrote := b.portal.Stats().Writes - before; wrote != 0 || len(plan.Changes) == 0 {
		b.t.Errorf("the plan of %d changes wrote %d times", len(plan.Changes), wrote)
	}
}

// What is remembered holds no value, and a plan writes nothing, not even there.
func TestAppliedDigestsHoldNoCustomerData(t *testing.T) {
	b := newPolicyBench(t, time.UTC, 1)
	b.write("records", "kind: Company\nmetadata: {name: acme}\nspec: {fields: {title: Canary, phones: [\"+442079460001\"]}, policy: {\"*\": keepHuman}}\n")
	b.applied()
	path := filepath.Join(b.dir, ".b24apply", "applied.ndjson")
	before, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if text := string(before); strings.Contains(text, "Canary") || strings.Contains(text, "7946") {
		t.Errorf("it holds a value:\n%s", text)
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	b.run(exitDone, "plan", "-C", b.dir, "-f", ".")
	if _, err := os.Stat(path); !os.IsNotExist(err) {
		t.Errorf("the plan wrote it: %v", err)
	}
	b.applied()
	after, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(strings.Count(string(before), "\n"), strings.Count(string(after), "\n")); diff != "" {
		t.Errorf("an apply without changes does not restore it (-want +got):\n%s", diff)
	}
}
