package apply

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/b24apply/b24apply/pkg/bitrix"
	"github.com/b24apply/b24apply/pkg/diff"
	"github.com/b24apply/b24apply/pkg/live"
)

// What a portal names for an e-mail by a rule of its own is not passed by, be it the only
// record that is named or one that another e-mail of the same call explains.
func TestCaseB4ARecordNamedForAnEmailIsNotPassedBy(t *testing.T) {
	const contact = "---\napiVersion: b24apply/v1\nkind: Contact\nmetadata: {name: %s}\nspec: {match: [[email]], fields: {name: X, emails: [%s]}}\n"
	for name, tc := range map[string]struct {
		live     []string // of one contact
		declared map[string]string
		want     map[string]string // codes by name, "" for a create or an adoption
	}{
		"alone":                      {[]string{"john.doe@acme.example"}, map[string]string{"a": "johndoe@acme.example", "b": "other@acme.example"}, map[string]string{"a": "MATCH_UNSURE", "b": ""}},
		"explained by another value": {[]string{"jane@acme.example", "john.doe@acme.example"}, map[string]string{"a": "johndoe@acme.example", "b": "jane@acme.example", "c": "other@acme.example"}, map[string]string{"a": "MATCH_UNSURE", "b": "", "c": ""}},
		"explained by what is alike": {[]string{"john.doe@acme.example"}, map[string]string{"a": "johndoe@acme.example", "b": "JOHN.DOE@acme.example", "c": "other@acme.example"}, map[string]string{"a": "MATCH_UNSURE", "b": "", "c": ""}},
		"nothing is near":            {[]string{"jane@acme.example"}, map[string]string{"a": "johndoe@acme.example", "b": "jane@acme.example"}, map[string]string{"a": "", "b": ""}},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			rows := map[string]any{}
			for i, email := range tc.live {
				rows[fmt.Sprintf("n%d", i)] = map[string]any{"typeId": "EMAIL", "valueType": "WORK", "value": email}
			}
			if _, err := b.client.Call(t.Context(), "crm.item.add", bitrix.Params{"entityTypeId": 3, "fields": map[string]any{"name": "John", "fm": rows}}); err != nil {
				t.Fatal(err)
			}
			// This portal ignores dots.
			b.tamper = func(body string, pass func(string) *http.Response) (*http.Response, error) {
				if strings.Contains(body, "findbycomm") {
					body = strings.ReplaceAll(body, "johndoe", "john.doe")
				}
				return pass(body), nil
			}
			var manifests strings.Builder
			for name, email := range tc.declared {
				fmt.Fprintf(&manifests, contact, name, email)
			}
			for _, ch := range changesIn(b.plan(b.load(manifests.String()))) {
				if want := tc.want[ch.Address.Name()]; ch.Reason.Code != want {
					t.Errorf("%s: %s %q, want %q", ch.Address, ch.Action, ch.Reason.Code, want)
				}
			}
		})
	}
}

// Matching by phone costs a request for each thousand values, and few beside: a number of
// the project's country has two spellings.
func TestMatchingByPhoneHasABudget(t *testing.T) {
	const n = 2000
	for _, known := range []int{0, 400} {
		t.Run(fmt.Sprintf("%d of %d are there", known, n), func(t *testing.T) {
			b := newBench(t)
			var adds []bitrix.Command
			var manifests strings.Builder
			manifests.WriteString("apiVersion: b24apply/v1\nkind: Project\nmetadata: {name: p}\nspec: {manifests: [], defaults: {phoneRegion: DE}}\n")
			for i := range n {
				phone := fmt.Sprintf("+49 30 9%06d", i)
				fmt.Fprintf(&manifests, "---\napiVersion: b24apply/v1\nkind: Contact\nmetadata: {name: c%d}\nspec: {match: [[phone]], fields: {name: X, phones: [%q]}}\n", i, phone)
				if i < known {
					adds = append(adds, bitrix.Command{Method: "crm.item.add", Params: bitrix.Params{"entityTypeId": 3, "fields": map[string]any{"name": "X",
						"fm": map[string]any{"n0": map[string]any{"typeId": "PHONE", "valueType": "WORK", "value": phone}}}}})
				}
			}
			for len(adds) > 0 {
				part := adds[:min(len(adds), bitrix.MaxBatch)]
				if _, err := b.client.Batch(t.Context(), part); err != nil {
					t.Fatal(err)
				}
				adds = adds[len(part):]
			}
			requests := 0
			b.tamper = func(body string, pass func(string) *http.Response) (*http.Response, error) {
				requests++
				return pass(body), nil
			}
			if _, err := diff.Fetch(t.Context(), live.New(b.client), b.load(manifests.String())); err != nil {
				t.Fatal(err)
			}
			if most := 2*n/1000 + 6; requests > most {
				t.Errorf("%d requests, want at most %d", requests, most)
			}
		})
	}
}
