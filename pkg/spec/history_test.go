package spec

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/b24apply/b24apply/pkg/value"
	"github.com/google/go-cmp/cmp"
)

// writeAll writes files below a new folder and gives its path.
func writeAll(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte("apiVersion: b24apply/v1\n"+text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// A set is whole if everything that a project names was read, and nothing else
// decided what is read.
func TestASetIsWholeOnlyIfTheProjectChoseItsFiles(t *testing.T) {
	const deal = "kind: Deal\nmetadata: {name: d}\nspec: {fields: {title: D}}\n"
	dir := writeAll(t, map[string]string{
		"b24apply.yaml":      "kind: Project\nmetadata: {name: acme}\nspec: {manifests: [\"m/*.yaml\"]}\n",
		"m/deal.yaml":        deal,
		"bare/other.yaml":    deal,
		"none/b24apply.yaml": "kind: Project\nmetadata: {name: acme}\n",
		"none/deal.yaml":     deal,
	})
	for _, tc := range []struct {
		name string
		o    Options
		want bool
	}{
		{"the project of the folder", Options{Dir: dir}, true},
		{"the project by its file", Options{Files: []string{filepath.Join(dir, "b24apply.yaml")}}, true},
		{"the project by its folder", Options{Files: []string{dir}}, true},
		{"a file of the project", Options{Dir: dir, Files: []string{"m/deal.yaml"}}, false},
		{"all files of the project", Options{Dir: dir, Files: []string{"m"}}, false},
		{"files without a project", Options{Dir: filepath.Join(dir, "bare"), Files: []string{"other.yaml"}}, false},
		{"a project that names no manifests", Options{Dir: filepath.Join(dir, "none"), Files: []string{"deal.yaml"}}, false},
	} {
		set, problems := Load(tc.o)
		if set == nil {
			t.Fatalf("%s: %v", tc.name, problems)
		}
		if set.Whole != tc.want {
			t.Errorf("%s: whole is %t", tc.name, set.Whole)
		}
	}
}

// Chains of moves lead to their end, and former addresses come in the order of kinds.
func TestMovesLeadToTheDeclaredResource(t *testing.T) {
	dir := writeAll(t, map[string]string{"m.yaml": `kind: Deal
metadata: {name: c}
spec: {fields: {title: C}}
---
apiVersion: b24apply/v1
kind: Moved
spec: {moves: [{from: deal/b, to: Deal/C}, {from: deal/A, to: deal/b}]}
---
apiVersion: b24apply/v1
kind: Absent
spec: {resources: [equipment/Eq-1, company/old], onRemove: keep}
`})
	set, problems := Load(Options{Dir: dir, Files: []string{"m.yaml"}})
	if set == nil {
		t.Fatal(problems)
	}
	type brief struct {
		Address, To value.Address
		Kind, Type  string
		OnRemove    OnRemove
	}
	var got []brief
	for _, f := range set.Former {
		got = append(got, brief{f.Address, f.To, f.Kind.Name, f.Type, f.OnRemove})
	}
	want := []brief{
		{"company/old", "", "Company", "", OnRemoveKeep},
		{"deal/a", "deal/c", "Deal", "", ""},
		{"deal/b", "deal/c", "Deal", "", ""},
		{"equipment/eq-1", "", "SPAItem", "equipment", OnRemoveKeep},
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("-want +got:\n%s", d)
	}
	if len(set.Absent()) != 2 || len(set.Moved()["deal/c"]) != 2 {
		t.Errorf("absent %v, moved %v", set.Absent(), set.Moved())
	}
}

// A guard is a number, a percentage, or both.
func TestGuardsAreReadInEveryForm(t *testing.T) {
	dir := writeAll(t, map[string]string{"b24apply.yaml": `kind: Project
metadata: {name: acme}
spec:
  manifests: ["d.yaml"]
  guards: {create: 5000, update: "12.5%", delete: {max: 10, percent: 5}}
  defaults: {lifecycle: {prevent: [delete], onRemove: detach}}
`, "d.yaml": "kind: Deal\nmetadata: {name: d}\nspec: {fields: {title: D}, lifecycle: {prevent: [update]}}\n"})
	set, problems := Load(Options{Dir: dir})
	if set == nil {
		t.Fatal(problems)
	}
	most, few, half, part := 5000, 10, 12.5, 5.0
	want := Guards{Create: Guard{Max: &most, Knob: "guards.create"}, Update: Guard{Percent: &half, Knob: "guards.update"}, Delete: Guard{Max: &few, Percent: &part, Knob: "guards.delete"}}
	if d := cmp.Diff(want, set.Project.Guards); d != "" {
		t.Errorf("guards (-want +got):\n%s", d)
	}
	if d := cmp.Diff(Lifecycle{Prevent: []Prevention{PreventDelete}, OnRemove: OnRemoveDetach}, set.Project.Lifecycle); d != "" {
		t.Errorf("defaults (-want +got):\n%s", d)
	}
	if !set.Resources[0].Lifecycle.Prevents(PreventUpdate) || set.Resources[0].Lifecycle.Prevents(PreventDelete) {
		t.Errorf("lifecycle %v", set.Resources[0].Lifecycle)
	}
}
