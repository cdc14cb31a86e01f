package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/b24apply/b24apply/pkg/kind"
)

// A pruned is a project in a folder of its own, and a portal to which it was applied.
type pruned struct {
	*world
	dir string
}

func newPruned(t *testing.T, files map[string]string) *pruned {
	t.Helper()
	p := &pruned{world: newWorld(t), dir: t.TempDir()}
	p.write(map[string]string{"b24apply.yaml": projectOf("")})
	p.write(files)
	p.run(exitDone, "apply", "-C", p.dir, "--yes")
	return p
}

func projectOf(spec string) string {
	return "kind: Project\nmetadata: {name: acme}\nspec:\n  manifests: [\"m/*.yaml\"]\n" + spec
}

// write writes manifests without their apiVersion; an empty one is removed.
func (p *pruned) write(files map[string]string) {
	p.t.Helper()
	for name, text := range files {
		path := filepath.Join(p.dir, name)
		if text == "" {
			if err := os.Remove(path); err != nil {
				p.t.Fatal(err)
			}
			continue
		}
		text = "apiVersion: b24apply/v1\n" + strings.ReplaceAll(text, "\n---\n", "\n---\napiVersion: b24apply/v1\n")
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			p.t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			p.t.Fatal(err)
		}
	}
}

// outcome runs a command and gives what it said on both streams, and its exit code.
func (p *pruned) outcome(args ...string) (said string, code int) {
	var out bytes.Buffer
	e := env{stdin: strings.NewReader(""), stdout: &out, stderr: &out, getenv: boxPlan}
	code = run(p.t.Context(), e, append(args, "-C", p.dir, "--portal", p.url))
	return out.String(), code
}

func deals(names ...string) string {
	var docs []string
	for _, name := range names {
		docs = append(docs, fmt.Sprintf("kind: Deal\nmetadata: {name: %s}\nspec: {fields: {title: %s}}", name, name))
	}
	return strings.Join(docs, "\n---\n")
}

// Whatever makes a prune unsafe refuses it before anything is written.
func TestPruneIsRefusedWheneverItIsNotSafe(t *testing.T) {
	t.Parallel()
	ten := []string{"d0", "d1", "d2", "d3", "d4", "d5", "d6", "d7", "d8", "d9"}
	for name, tc := range map[string]struct {
		files map[string]string // what changes after the first apply
		fault string            // of the portal, while the prune runs
		args  []string
		code  int
		says  string
	}{
		"-f reads only a part": {args: []string{"-f", "m/a.yaml"}, code: exitRefused, says: "-f reads only some manifests"},
		"-f names the folder":  {args: []string{"-f", "m"}, code: exitRefused, says: "-f reads only some manifests"},
		"no project":           {files: map[string]string{"b24apply.yaml": ""}, args: []string{"-f", "m"}, code: exitRefused, says: "--prune needs a project"},
		"nothing is declared": {files: map[string]string{"m/a.yaml": "kind: Absent\nspec: {resources: [deal/d0]}", "m/b.yaml": ""},
			code: exitRefused, says: "the manifests declare nothing"},
		"a manifest is wrong": {files: map[string]string{"m/a.yaml": "kind: Deal\nmetadata: {name: x}\nspec: {fields: {titel: x}}"}, code: exitInvalid, says: "unknown-field"},
		"the portal knows a manifest to be wrong": {files: map[string]string{"m/a.yaml": "kind: Deal\nmetadata: {name: x}\nspec: {fields: {stageId: Nowhere}}"},
			code: exitRefused, says: "--prune is refused because deal/x is refused and not on the portal"},
		"a pattern matches nothing": {files: map[string]string{"b24apply.yaml": strings.Replace(projectOf(""), `"]`, `", "n/*.yaml"]`, 1)}, code: exitInvalid, says: "matches no file"},
		"beyond the number": {files: map[string]string{"m/b.yaml": "", "b24apply.yaml": projectOf("  guards: {delete: 9}\n")},
			code: exitRefused, says: "guards.delete.max is 9, and the plan would delete 10 resources"},
		"beyond the percentage": {files: map[string]string{"m/b.yaml": "", "b24apply.yaml": projectOf("  guards: {delete: {max: 50, percent: 5}}\n")},
			code: exitRefused, says: "guards.delete.percent is 5%, and the plan would delete 10 resources of 11"},
		"beyond the flag": {files: map[string]string{"m/b.yaml": ""}, args: []string{"--max-delete", "0"}, code: exitRefused, says: "--max-delete is 0, and the plan would delete 10 resources"},
		"a guard of creates": {files: map[string]string{"m/c.yaml": deals("n1", "n2"), "b24apply.yaml": projectOf("  guards: {create: 1}\n")},
			code: exitRefused, says: "guards.create.max is 1, and the plan would create 2 resources"},
		"detaching counts as deleting": {files: map[string]string{"m/b.yaml": "", "b24apply.yaml": projectOf("  guards: {delete: 9}\n  defaults: {lifecycle: {onRemove: detach}}\n")},
			code: exitRefused, says: "guards.delete.max is 9"},
		"a list cannot be read": {files: map[string]string{"m/b.yaml": ""}, fault: `{"kind":"fail","method":"crm.item.list","code":"ACCESS_DENIED"}`, code: exitRefused, says: "--prune is refused because the portal was not read whole"},
		"the search for what vanished fails": {files: map[string]string{"m/b.yaml": ""}, fault: `{"kind":"fail","method":"crm.item.list","code":"ACCESS_DENIED","every":2}`,
			code: exitRefused, says: "crm.item.list on "},
		"deletions are prevented": {files: map[string]string{"m/b.yaml": "", "b24apply.yaml": projectOf("  defaults: {lifecycle: {prevent: [delete]}}\n")},
			code: exitItems, says: "PREVENTED"},
	} {
		t.Run(name, func(t *testing.T) {
			p := newPruned(t, map[string]string{"m/a.yaml": deals("first"), "m/b.yaml": deals(ten...)})
			p.write(tc.files)
			if tc.fault != "" {
				p.fault(tc.fault)
			}
			p.portal.ResetStats()
			for _, verb := range []string{"plan", "apply"} {
				args := append([]string{verb, "--prune"}, tc.args...)
				if verb == "apply" {
					args = append(args, "--yes")
				}
				said, code := p.outcome(args...)
				if code != tc.code || !strings.Contains(said, tc.says) {
					t.Errorf("%s: exit code %d, want %d with %q:\n%s", verb, code, tc.code, tc.says, tail(said))
				}
			}
			if n := p.portal.Stats().Writes; n != 0 {
				t.Errorf("the portal executed %d writes", n)
			}
		})
	}
}

// fault puts the only fault in force.
func (p *pruned) fault(rule string) {
	p.t.Helper()
	url := p.url[:strings.Index(p.url, "/rest/")] + "/__portal/faults"
	clear, err := http.NewRequest(http.MethodDelete, url, nil)
	if err != nil {
		p.t.Fatal(err)
	}
	if _, err := http.DefaultClient.Do(clear); err != nil {
		p.t.Fatal(err)
	}
	response, err := http.Post(url, "application/json", strings.NewReader("["+rule+"]"))
	if err != nil || response.StatusCode != http.StatusNoContent {
		p.t.Fatal(err, response)
	}
}

const everyKind = `kind: SPA
metadata: {name: equipment}
spec: {title: Equipment, isClientEnabled: Y}
---
kind: %s
metadata: {name: left}
spec: {%sfields: {%s: Left}}
---
kind: %s
metadata: {name: kept}
spec: {%sfields: {%s: Kept}}`

// Whatever its kind, a record is removed by its Absent and by a prune alike, and one
// of the same kind stays. The second plan is empty.
func TestEveryKindOfRecordCanBeRemoved(t *testing.T) {
	t.Parallel()
	for _, of := range kind.BuiltIn().Records() {
		if of.Key == kind.KeyNone {
			continue
		}
		t.Run(of.Name, func(t *testing.T) {
			typ, space, title := "", strings.ToLower(of.Space), "title"
			if of.Name == "SPAItem" {
				typ, space = "type: equipment, ", "equipment"
			}
			if of.Name == "Contact" {
				title = "name"
			}
			both := fmt.Sprintf(everyKind, of.Name, typ, title, of.Name, typ, title)
			declared := strings.Split(both, "\n---\n")
			one := declared[0] + "\n---\n" + declared[2]
			p := newPruned(t, map[string]string{"m/a.yaml": both})
			remove := func(args ...string) {
				t.Helper()
				p.portal.ResetStats()
				report := p.report(exitDone, append([]string{"apply", "-C", p.dir, "--yes"}, args...)...)
				if n := p.portal.Stats().Commands["crm.item.delete"]; n != 1 || report.Counts["succeeded"] != 1 {
					t.Errorf("%v: %d deletions, counts %v", args, n, report.Counts)
				}
				p.portal.ResetStats()
				p.run(exitDone, append([]string{"plan", "-C", p.dir, "--detailed-exitcode"}, args...)...)
				if n := p.portal.Stats().Writes; n != 0 {
					t.Errorf("the second plan wrote %d times", n)
				}
			}
			p.write(map[string]string{"m/a.yaml": one, "m/absent.yaml": "kind: Absent\nspec: {resources: [" + space + "/left]}"})
			remove()
			p.write(map[string]string{"m/a.yaml": both, "m/absent.yaml": ""})
			p.run(exitDone, "apply", "-C", p.dir, "--yes")
			p.write(map[string]string{"m/a.yaml": one})
			remove("--prune")
		})
	}
}

// A deletion whose answer is lost is done, and one that somebody else did is too.
func TestALostDeletionIsSettled(t *testing.T) {
	p := newPruned(t, map[string]string{"m/a.yaml": deals("first"), "m/b.yaml": deals("second", "third")})
	p.write(map[string]string{"m/b.yaml": ""})
	p.fault(`{"kind":"drop-after","method":"crm.item.delete","n":1}`)
	report := p.report(exitDone, "apply", "-C", p.dir, "--prune", "--yes")
	if report.Counts["succeeded"] != 2 || p.portal.Stats().Faults["drop-after"] != 1 {
		t.Errorf("counts %v, faults %v", report.Counts, p.portal.Stats().Faults)
	}
}

// Thousands of records vanish in batches of fifty; twice as many requests as batches
// would be too many. The plan names each of them.
func TestPruneOfManyRecordsTakesFewRequests(t *testing.T) {
	t.Parallel()
	const many = 2600
	names := make([]string, many)
	for i := range names {
		names[i] = fmt.Sprintf("d%04d", i)
	}
	p := newPruned(t, map[string]string{"m/a.yaml": deals("first"), "m/b.yaml": deals(names...)})
	p.write(map[string]string{"m/b.yaml": ""})
	p.portal.ResetStats()
	plan := p.run(exitDone, "plan", "-C", p.dir, "--prune", "--max-delete", "5000")
	for _, name := range names {
		if !strings.Contains(plan, "deal/"+name+" ") {
			t.Fatalf("the plan does not name deal/%s:\n%s", name, tail(plan))
		}
	}
	reading := p.portal.Stats().Requests
	p.portal.ResetStats()
	report := p.report(exitDone, "apply", "-C", p.dir, "--prune", "--yes", "--max-delete", "5000")
	if report.Counts["succeeded"] != many {
		t.Errorf("counts %v", report.Counts)
	}
	// Deletions go 50 to a request, and so are the product rows read that the journal keeps: no
	// deal here has any, so nothing shows that a list gives the rows of several.
	if n := p.portal.Stats().Requests - reading; n > 2*many/50+15 {
		t.Errorf("deleting took %d requests", n)
	}
}

// The plan counts the records that point at what it deletes: those that people
// linked too, and more than fit on a page. What it deletes itself does not count.
func TestThePlanCountsWhatPointsAtADeletedRecord(t *testing.T) {
	const companies = `kind: Company
metadata: {name: a}
spec: {fields: {title: A}}
---
kind: Company
metadata: {name: b}
spec: {fields: {title: B}}
---
kind: Company
metadata: {name: c}
spec: {fields: {title: C}}
---
kind: Contact
metadata: {name: jane}
spec: {fields: {name: Jane, companyIds: [{ref: company/b}]}}`
	var many []string
	for i := range 60 {
		many = append(many, fmt.Sprintf("kind: Deal\nmetadata: {name: d%d}\nspec: {fields: {title: D, companyId: {ref: company/a}, contactIds: [{ref: contact/jane}]}}", i))
	}
	many = append(many, "kind: Deal\nmetadata: {name: last}\nspec: {fields: {title: D, companyId: {ref: company/b}}}")
	p := newPruned(t, map[string]string{"m/a.yaml": companies, "m/b.yaml": strings.Join(many, "\n---\n")})
	p.write(map[string]string{"m/b.yaml": "", "m/a.yaml": "kind: Absent\nspec: {resources: [company/a, company/b, company/c, contact/jane]}"})
	var plan struct {
		Changes []struct{ Address, Action, Risk string }
	}
	if err := json.Unmarshal([]byte(p.run(exitDone, "plan", "-C", p.dir, "-o", "json")), &plan); err != nil {
		t.Fatal(err)
	}
	got := make(map[string]string)
	for _, c := range plan.Changes {
		got[c.Action+" "+c.Address] = c.Risk
	}
	want := map[string]string{"delete company/a": "60 deals point at it", "delete company/b": "1 deal points at it", "delete company/c": "", "delete contact/jane": "60 deals point at it"}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("risks (-want +got):\n%s", d)
	}
}

// A webhook that may not read some records can still delete others; the plan says
// what it could not count.
func TestThePlanSaysWhatItCouldNotCount(t *testing.T) {
	p := newPruned(t, map[string]string{"m/a.yaml": deals("first", "second")})
	p.write(map[string]string{"m/a.yaml": deals("first") + "\n---\nkind: Absent\nspec: {resources: [deal/second]}"})
	p.fault(`{"kind":"fail","method":"crm.type.list","code":"ACCESS_DENIED"}`)
	said, code := p.outcome("plan")
	if code != exitDone || !strings.Contains(said, "note: the webhook may not read smart process items, so what points at it from there is not known") {
		t.Errorf("exit code %d:\n%s", code, said)
	}
}
