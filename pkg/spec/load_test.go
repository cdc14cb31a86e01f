package spec

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/b24apply/b24apply/internal/ui/words"
	"github.com/b24apply/b24apply/pkg/value"
)

// tree writes files below a new folder.
func tree(t testing.TB, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func company(name, title string) string {
	return fmt.Sprintf("apiVersion: b24apply/v1\nkind: Company\nmetadata: {name: %s}\nspec:\n  fields:\n    title: %s\n", name, title)
}

func project(spec string) string {
	return "apiVersion: b24apply/v1\nkind: Project\nmetadata: {name: acme}\nspec:\n" + spec
}

func mustLoad(t *testing.T, o Options) *Set {
	t.Helper()
	set, problems := Load(o)
	if set == nil {
		t.Fatalf("problems:\n%s", render(problems))
	}
	return set
}

// loadText loads one manifest from the standard input.
func loadText(t *testing.T, text string) *Set {
	t.Helper()
	return mustLoad(t, Options{Dir: t.TempDir(), Files: []string{"-"}, Stdin: strings.NewReader(text), Getenv: testEnv})
}

func addresses(s *Set) []string {
	var out []string
	for _, r := range s.Resources {
		out = append(out, string(r.Address))
	}
	return out
}

// messages gives the problems of a load that must fail, without their places.
func messages(t *testing.T, o Options) string {
	t.Helper()
	set, problems := Load(o)
	if set != nil || !problems.HasErrors() {
		t.Fatalf("set %v, problems %v; want errors only", set, problems)
	}
	var b strings.Builder
	for _, p := range problems {
		fmt.Fprintf(&b, "%s [%s]\n", words.Text(p.Message), p.Rule)
	}
	return b.String()
}

func TestTextFieldsKeepTheTextAsWritten(t *testing.T) {
	cases := []struct {
		written, text string
		plain         bool
	}{
		{"007", "007", true},
		{"no", "no", true},
		{"y", "y", true},
		{"Off", "Off", true},
		{"1e3", "1e3", true},
		{"0x1F", "0x1F", true},
		{"0o17", "0o17", true},
		{"017", "017", true},
		{"1_000", "1_000", true},
		{"12:30:45", "12:30:45", true},
		{"190:20:30", "190:20:30", true},
		{"2025-01-01", "2025-01-01", true},
		{"2025-01-01T10:00:00Z", "2025-01-01T10:00:00Z", true},
		{"+4930901820", "+4930901820", true},
		{"1.10", "1.10", true},
		{".5", ".5", true},
		{".inf", ".inf", true},
		{"1e999999999", "1e999999999", true},
		{"true", "true", true},
		{"TRUE", "TRUE", true},
		{`"null"`, "null", false},
		{`'~'`, "~", false},
		{`"007"`, "007", false},
		{"=", "=", true},
		{"a # comment", "a", true},
		{"a#b", "a#b", true},
		{"|\n      two\n      lines", "two\nlines\n", false},
		{">-\n      two\n      lines", "two lines", false},
		{`"\u00e9"`, "é", false},
		{"$result[x]", "$result[x]", true},
		{"$${var.x}", "${var.x}", false},
		{"$$$${x}", "$$${x}", false},
	}
	for _, c := range cases {
		t.Run(c.written, func(t *testing.T) {
			f, _ := loadText(t, company("acme", c.written)).Resources[0].Field("title")
			got := value.Node{Kind: f.Value.Kind, Text: f.Value.Text, Plain: f.Value.Plain}
			if diff := cmp.Diff(value.Node{Kind: value.Scalar, Text: c.text, Plain: c.plain}, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

func TestNullIsTheWordNull(t *testing.T) {
	set := loadText(t, company("acme", "A")+"    comments: null\n")
	if f, _ := set.Resources[0].Field("comments"); f.Value.Kind != value.Null || f.Value.Text != "" {
		t.Errorf("comments: null is %+v", f.Value)
	}
}

func TestKeysAndNamesThatLookLikeNumbersAreTexts(t *testing.T) {
	set := loadText(t, "apiVersion: b24apply/v1\nkind: Company\nmetadata: {name: 007, labels: {1: 2, yes: no}}\nspec: {fields: {title: A}}\n")
	r := set.Resources[0]
	if r.Name != "007" || r.Address != "company/007" {
		t.Errorf("name %q, address %q", r.Name, r.Address)
	}
	if diff := cmp.Diff(map[string]string{"1": "2", "yes": "no"}, r.Labels); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestPositionsCountCharactersAndLines(t *testing.T) {
	texts := map[string]string{
		"LF":   "# é\napiVersion: b24apply/v1\nkind: Company\nmetadata: {name: acme}\nspec: {fields: {title: é, comments: A}}\n",
		"CRLF": "# é\r\napiVersion: b24apply/v1\r\nkind: Company\r\nmetadata: {name: acme}\r\nspec: {fields: {title: é, comments: A}}\r\n",
		"BOM":  "\ufeff# é\napiVersion: b24apply/v1\nkind: Company\nmetadata: {name: acme}\nspec: {fields: {title: é, comments: A}}\n",
		"docs": "---\n...\napiVersion: b24apply/v1\nkind: Company\nmetadata: {name: acme}\nspec: {fields: {title: é, comments: A}}\n...\n",
		"YAML": "%YAML 1.1\n---\napiVersion: b24apply/v1\nkind: Company\nmetadata: {name: acme}\nspec: {fields: {title: é, comments: A}}\n",
	}
	for name, text := range texts {
		t.Run(name, func(t *testing.T) {
			r := loadText(t, text).Resources[0]
			line := 1 + strings.Count(text[:strings.Index(text, "spec:")], "\n")
			f, _ := r.Field("comments")
			if got, want := f.Pos, (value.Pos{File: "<stdin>", Line: line, Col: 27}); got != want {
				t.Errorf("key at %v, want %v", got, want)
			}
			if got, want := f.Value.Pos, (value.Pos{File: "<stdin>", Line: line, Col: 37}); got != want {
				t.Errorf("value at %v, want %v", got, want)
			}
			if got, want := r.Pos, (value.Pos{File: "<stdin>", Line: line - 1, Col: 18}); got != want {
				t.Errorf("name at %v, want %v", got, want)
			}
		})
	}
}

func TestAliasesStandForTheirValue(t *testing.T) {
	set := loadText(t, `apiVersion: b24apply/v1
kind: Company
metadata: {name: acme}
spec:
  fields:
    title: &title Acme
    comments: *title
    phones: &numbers ["+49 30 1", {value: "+49 30 2", type: FAX}]
    ALSO: ["+49 30 1"]
`)
	f, _ := set.Resources[0].Field("comments")
	if f.Value.Text != "Acme" {
		t.Errorf("comments: %q", f.Value.Text)
	}
}

func TestDependenciesAreSortedAndDeclared(t *testing.T) {
	set := loadText(t, `
apiVersion: b24apply/v1
kind: SPA
metadata: {name: Equipment}
spec: {title: Equipment, code: eq, isClientEnabled: true, relations: {parent: [deal, {entity: site, isChildrenListEnabled: Y}, 1040]}}
---
apiVersion: b24apply/v1
kind: SPA
metadata: {name: site}
spec: {title: Site, entityTypeId: 1038}
---
apiVersion: b24apply/v1
kind: SPAItem
metadata: {name: berlin}
spec: {type: site, fields: {title: Berlin}}
---
apiVersion: b24apply/v1
kind: SPAItem
metadata: {name: eq-17}
spec:
  type: equipment
  fields:
    title: Lathe
    companyId: {ref: Company/ACME}
    contactIds: [{ref: contact/jane}, 5, {ref: contact/bob}]
    parents: {deal: {ref: deal/website}, site: {ref: site/berlin}, "1040": 7}
    SERIAL: 007
    OWNER: {ref: contact/jane}
---
apiVersion: b24apply/v1
kind: SPAItem
metadata: {name: x}
spec: {type: 1040, fields: {parentId1038: {ref: site/berlin}, parentId2: null}}
---
{apiVersion: b24apply/v1, kind: Contact, metadata: {name: jane}, spec: {fields: {name: Jane}}}
---
{apiVersion: b24apply/v1, kind: Contact, metadata: {name: bob}, spec: {fields: {name: Bob}}}
---
{apiVersion: b24apply/v1, kind: Company, metadata: {name: acme}, spec: {fields: {title: Acme}}}
---
{apiVersion: b24apply/v1, kind: Deal, metadata: {name: website}, spec: {fields: {title: Website}}}
`)
	got := map[value.Address][]value.Address{}
	for _, r := range set.Resources {
		if len(r.Deps) > 0 {
			got[r.Address] = r.Deps
		}
	}
	want := map[value.Address][]value.Address{
		"spa/equipment":   {"spa/site"},
		"site/berlin":     {"spa/site"},
		"equipment/eq-17": {"company/acme", "contact/bob", "contact/jane", "deal/website", "site/berlin", "spa/equipment", "spa/site"},
		"1040/x":          {"site/berlin"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	wantOrder := []string{"spa/equipment", "spa/site", "company/acme", "contact/bob", "contact/jane", "deal/website", "1040/x", "equipment/eq-17", "site/berlin"}
	if diff := cmp.Diff(wantOrder, addresses(set)); diff != "" {
		t.Errorf("order (-want +got):\n%s", diff)
	}
}

// Only positions tell how manifests are spread over files and in which order.
func TestOrderOfFilesAndDocumentsGivesEqualSets(t *testing.T) {
	docs := []string{
		company("acme", "Acme"), company("beta", "Beta"), company("gamma", "Gamma"),
		"apiVersion: b24apply/v1\nkind: Deal\nmetadata: {name: d}\nspec: {fields: {title: D, companyId: {ref: company/beta}}}\n",
		"apiVersion: b24apply/v1\nkind: SPA\nmetadata: {name: site}\nspec: {title: Site}\n",
		"apiVersion: b24apply/v1\nkind: SPAItem\nmetadata: {name: one}\nspec: {type: site, fields: {title: One}}\n",
	}
	type declared struct{ Fields, Parts []value.Field }
	unpack := cmp.Transformer("unpack", func(p packed) declared {
		fields, parts := p.unpack()
		return declared{fields, parts}
	})
	ignore := []cmp.Option{cmpopts.IgnoreTypes(value.Pos{}), cmpopts.IgnoreUnexported(Set{}), cmpopts.IgnoreFields(Set{}, "Files"), unpack, cmp.AllowUnexported(Resource{})}
	var first *Set
	for seed := range uint64(20) {
		random := rand.New(rand.NewPCG(seed, 1))
		random.Shuffle(len(docs), func(i, j int) { docs[i], docs[j] = docs[j], docs[i] })
		files := map[string]string{}
		for _, doc := range docs {
			name := fmt.Sprintf("f%d.yaml", random.IntN(3))
			files[name] += "---\n" + doc
		}
		set := mustLoad(t, Options{Files: []string{tree(t, files)}})
		if first == nil {
			first = set
		}
		if diff := cmp.Diff(first, set, ignore...); diff != "" {
			t.Fatalf("seed %d (-first +this):\n%s", seed, diff)
		}
	}
}

// One broken document hides neither another nor what refers to it.
func TestABrokenDocumentDoesNotMakeItsReferrersWrong(t *testing.T) {
	dir := tree(t, map[string]string{"a.yaml": company("acme", "[") + "---\n" +
		"apiVersion: b24apply/v1\nkind: Deal\nmetadata: {name: d}\nspec: {fields: {companyId: {ref: company/acme}, opportunity: Y}}\n"})
	want := "the YAML is broken: did not find expected node content [yaml]\nopportunity: \"Y\" is not a number [type]\n"
	if diff := cmp.Diff(want, messages(t, Options{Files: []string{dir}})); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestAWrongValueDoesNotUndeclareItsResource(t *testing.T) {
	dir := tree(t, map[string]string{"a.yaml": "apiVersion: b24apply/v1\nkind: Company\nmetadata: {name: acme}\nspec: {fields: {revenue: much}}\n---\n" +
		"apiVersion: b24apply/v1\nkind: Deal\nmetadata: {name: d}\nspec: {fields: {companyId: {ref: company/acme}}}\n"})
	want := "revenue: \"much\" is not a number [type]\n"
	if diff := cmp.Diff(want, messages(t, Options{Files: []string{dir}})); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// Records that refer to each other can be created one after the other and then patched.
func TestACycleOfRecordsIsNoProblem(t *testing.T) {
	var text strings.Builder
	for i := range 3 {
		fmt.Fprintf(&text, "---\n{apiVersion: b24apply/v1, kind: Deal, metadata: {name: d%d}, spec: {fields: {parentId2: {ref: deal/d%d}}}}\n", i, (i+1)%3)
	}
	dir := tree(t, map[string]string{"a.yaml": text.String()})
	if _, problems := Load(Options{Files: []string{dir}}); len(problems) > 0 {
		t.Errorf("problems:\n%v", problems)
	}
}

func TestALongCycleIsCutInTheMiddle(t *testing.T) {
	var text strings.Builder
	for i := range 50 {
		fmt.Fprintf(&text, "---\n{apiVersion: b24apply/v1, kind: SPA, metadata: {name: d%02d}, spec: {title: D%02d, relations: {parent: [d%02d]}}}\n", i, i, (i+1)%50)
	}
	dir := tree(t, map[string]string{"a.yaml": text.String()})
	want := "a cycle: spa/d00 → spa/d01 → spa/d02 → spa/d03 → spa/d04 → spa/d05 → … → spa/d45 → spa/d46 → spa/d47 → spa/d48 → spa/d49 → spa/d00 [cycle]\n"
	if diff := cmp.Diff(want, messages(t, Options{Files: []string{dir}})); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func FuzzLoadFindsProblemsInsideTheFile(f *testing.F) {
	seeds, err := filepath.Glob("testdata/problems/*.yaml")
	if err != nil {
		f.Fatal(err)
	}
	for _, seed := range seeds {
		data, err := os.ReadFile(seed)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Add([]byte("\xff\xfe"))
	f.Add([]byte("a: \x00"))
	f.Add([]byte("\u2028---\u0085a: \u2029b"))
	f.Add([]byte("...\n...\n%YAML 1.2\n---\n--- a\n"))
	file := filepath.Join(f.TempDir(), "f.yaml")
	f.Fuzz(func(t *testing.T, data []byte) {
		if err := os.WriteFile(file, data, 0o644); err != nil {
			t.Fatal(err)
		}
		set, problems := Load(Options{Files: []string{file}, Getenv: testEnv})
		if (set == nil) != problems.HasErrors() {
			t.Errorf("set is nil: %t, problems: %v", set == nil, problems)
		}
		checkInside(t, file, problems)
	})
}
