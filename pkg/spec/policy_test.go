package spec

import (
	"path/filepath"
	"testing"

	"github.com/b24apply/b24apply/pkg/value"
)

const policyProject = `apiVersion: b24apply/v1
kind: Project
metadata: {name: acme}
spec:
  manifests: [records.yaml]
  defaults:
    policy: {title: ignore, "*": createOnly}
    kinds:
      spaitem: {policy: {title: enforce, opened: enforce}}
      Machine: {policy: {opened: keepHuman}}
      Deal: {policy: {probability: keepHuman, "*": enforce}}
`

const policyRecords = `apiVersion: b24apply/v1
kind: SPA
metadata: {name: machine}
spec: {title: Machines}
---
apiVersion: b24apply/v1
kind: SPAItem
metadata: {name: a}
spec: {type: machine, fields: {title: A, opened: Y, parents: {deal: 3}, SERIAL: "1"}, policy: {parents: ignore}}
---
apiVersion: b24apply/v1
kind: Deal
metadata: {name: plain}
spec: {fields: {title: A}}
---
apiVersion: b24apply/v1
kind: Deal
metadata: {name: own}
spec: {fields: {title: A, probability: 5}, policy: {title: keepHuman, "*": ignore}}
---
apiVersion: b24apply/v1
kind: Lead
metadata: {name: l}
spec: {fields: {title: A}}
`

// The record wins over its smart process, this over the kind, and this over the project;
// at each level the name wins over the asterisk.
func TestTheNearestPolicyHolds(t *testing.T) {
	dir := tree(t, map[string]string{"b24apply.yaml": policyProject, "records.yaml": policyRecords})
	set := mustLoad(t, Options{Dir: dir})
	for _, tc := range []struct {
		address value.Address
		field   string
		want    Policy
	}{
		{"machine/a", "parents.deal", PolicyIgnore}, // the record, by the name of the whole
		{"machine/a", "opened", PolicyKeepHuman},    // its smart process
		{"machine/a", "title", PolicyEnforce},       // its kind
		{"machine/a", "SERIAL", PolicyCreateOnly},   // the project, any field
		{"deal/plain", "title", PolicyEnforce},      // the kind's asterisk beats the project's name
		{"deal/plain", "probability", PolicyKeepHuman},
		{"deal/own", "title", PolicyKeepHuman},
		{"deal/own", "probability", PolicyIgnore}, // the record's asterisk beats the kind's name
		{"lead/l", "title", PolicyIgnore},
		{"lead/l", "comments", PolicyCreateOnly},
	} {
		if got := set.Policy(set.Lookup(tc.address), tc.field); got != tc.want {
			t.Errorf("%s of %s: %s, want %s", tc.field, tc.address, got, tc.want)
		}
	}
}

// Without any declaration the manifest is enforced.
func TestWithoutAPolicyTheManifestIsEnforced(t *testing.T) {
	set := mustLoad(t, Options{Files: []string{filepath.Join(tree(t, map[string]string{"a.yaml": company("a", "A")}), "a.yaml")}})
	if got := set.Policy(set.Resources[0], "title"); got != PolicyEnforce {
		t.Errorf("%s, want %s", got, PolicyEnforce)
	}
}
