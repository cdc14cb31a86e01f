package spec

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// loadTable loads a set over a table and whatever else a project has.
func loadTable(t testing.TB, files map[string]string) (*Set, Problems, []*RecordSet) {
	t.Helper()
	dir := t.TempDir()
	files["b24apply.yaml"] = "apiVersion: b24apply/v1\nkind: Project\nmetadata: {name: rows}\nspec: {manifests: [\"*.yaml\"]}\n"
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	var sets []*RecordSet
	set, problems := Load(Options{Dir: dir, Getenv: func(string) (string, bool) { return "", false }, Tables: func(s []*RecordSet) { sets = s }})
	return set, problems, sets
}

const people = `apiVersion: b24apply/v1
kind: RecordSet
metadata: {name: people, labels: {wave: "1"}}
spec:
  entity: Contact
  source: {csv: people.csv}
  key: [id]
  match: [[email]]
  policy: {post: createOnly}
  map:
    name: {column: name}
    post: {column: post}
    emails: {column: mail}
    companyIds: {column: company, ref: company}
  rows: {onInvalid: skip}
`

// A row declares what the same document does: the same address, values, labels, policies, keys to
// match by and dependencies, so that all that follows is the same.
func TestARowIsTheSameAsADocument(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		n := rapid.IntRange(1, 12).Draw(rt, "rows")
		text := rapid.StringMatching(`[A-Za-z0-9,"'=+ é-]{0,8}[A-Za-z]`)
		var table, documents strings.Builder
		table.WriteString("id,name,post,mail,company\n")
		quote := func(s string) string { return `"` + strings.ReplaceAll(s, `"`, `""`) + `"` }
		for i := range n {
			name, post, mail, company := text.Draw(rt, "name"), "", "", ""
			fmt.Fprintf(&documents, "---\napiVersion: b24apply/v1\nkind: Contact\nmetadata: {name: p%d, labels: {wave: \"1\"}}\nspec:\n", i)
			if rapid.Bool().Draw(rt, "mail") {
				mail = fmt.Sprintf("p%d@example.com", i)
				documents.WriteString("  match: [[email]]\n")
			}
			if rapid.Bool().Draw(rt, "post") {
				post = text.Draw(rt, "post")
			}
			documents.WriteString("  policy: {post: createOnly}\n")
			fmt.Fprintf(&documents, "  fields:\n    name: %q\n", name)
			if post != "" {
				fmt.Fprintf(&documents, "    post: %q\n", post)
			}
			if mail != "" {
				fmt.Fprintf(&documents, "    emails: [%q]\n", mail)
			}
			if rapid.Bool().Draw(rt, "company") {
				company = "acme"
				documents.WriteString("    companyIds: [{ref: \"company/acme\"}]\n")
			}
			fmt.Fprintf(&table, "p%d,%s,%s,%s,%s\n", i, quote(name), quote(post), mail, company)
		}
		acme := "apiVersion: b24apply/v1\nkind: Company\nmetadata: {name: acme}\nspec: {fields: {title: Acme}}\n"
		rows, problems, sets := loadTable(t, map[string]string{"people.yaml": people, "people.csv": table.String(), "acme.yaml": acme})
		written, wrong, _ := loadTable(t, map[string]string{"people.yaml": documents.String(), "acme.yaml": acme})
		if rows == nil || written == nil {
			rt.Fatalf("rows: %v\ndocuments: %v\n%s", problems, wrong, table.String())
		}
		if c := sets[0].Counts; c.Rows != n || c.Valid != n {
			rt.Fatalf("counts %+v of %d rows", c, n)
		}
		if diff := cmp.Diff(said(written), said(rows)); diff != "" {
			rt.Fatalf("-documents +rows:\n%s", diff)
		}
	})
}

// said is what a set declares, wherever it stands.
func said(s *Set) (out []string) {
	for _, r := range s.Resources {
		var match [][]string
		for _, k := range r.Identity.Match {
			match = append(match, k.Fields)
		}
		out = append(out, fmt.Sprint(r.Address, r.Digest(), r.Labels, r.Deps, match, s.Policy(r, "post")))
	}
	return out
}

// Every row is counted once, whatever is wrong with it.
func TestEveryRowIsCountedOnce(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		mode := rapid.SampledFrom([]string{"error", "first", "last"}).Draw(rt, "mode")
		lines := rapid.SliceOfN(rapid.SampledFrom([]string{"a,A,,,", "b,B,,,", "c,C,,x@,", "d,D,,,none", "e,E", "", "f,F,,,acme", ",G,,,", `h,"x"y,,,`, "A,again,,,", "i,I,P,i@example.com,"}), 1, 30).Draw(rt, "lines")
		manifest := strings.Replace(people, "onInvalid: skip", "onInvalid: skip, onDuplicate: "+mode, 1)
		_, problems, sets := loadTable(t, map[string]string{"people.yaml": manifest, "people.csv": "id,name,post,mail,company\nz,Z,,,\n" + strings.Join(lines, "\n") + "\n"})
		if len(sets) != 1 {
			rt.Fatal(problems)
		}
		c := sets[0].Counts
		if c.Valid+c.Rejected+c.Duplicate+c.Skipped != c.Rows || c.Rows < 1 || c.Valid < 0 || c.Duplicate < 0 {
			rt.Fatalf("%+v: %q", c, lines)
		}
		n := 0
		for _, r := range sets[0].Rejects {
			n += len(r.Rows)
		}
		if mode == "error" && n != c.Rejected+c.Duplicate {
			rt.Fatalf("%+v, and %d rows among the rejects: %q", c, n, lines)
		}
	})
}

// A row that refers to one that was rejected is rejected, and so is what refers to that; a document
// that does is a problem.
func TestWhatRefersToARejectedRowIsRejected(t *testing.T) {
	companies := strings.NewReplacer("Contact", "Company", "people", "companies", "    name: {column: name}\n", "    title: {column: name, required: true}\n", "    post: {column: post}\n", "", "    emails: {column: mail}\n", "", "    companyIds: {column: company, ref: company}\n", "", "  match: [[email]]\n", "", "  policy: {post: createOnly}\n", "").Replace(people)
	files := func() map[string]string {
		return map[string]string{"people.yaml": people, "companies.yaml": companies, "companies.csv": "id,name\nc1,One\nc2,\n", "people.csv": "id,name,post,mail,company\np1,A,,,c1\np2,B,,,c2\np3,C,,,c2\n"}
	}
	set, problems, sets := loadTable(t, files())
	if set == nil || len(set.Resources) != 2 {
		t.Fatalf("%v %v", set, problems)
	}
	for _, s := range sets {
		want := RowCounts{Rows: 3, Valid: 1, Rejected: 2}
		if s.Name == "companies" {
			want = RowCounts{Rows: 2, Valid: 1, Rejected: 1}
		}
		if s.Counts != want {
			t.Errorf("%s: %+v, want %+v", s.Name, s.Counts, want)
		}
		if !set.Names("company/c2") || !set.Names("contact/p2") {
			t.Error("a rejected row is not known by its name")
		}
	}
	with := files()
	with["deal.yaml"] = "apiVersion: b24apply/v1\nkind: Deal\nmetadata: {name: d}\nspec: {fields: {title: D, companyId: {ref: company/c2}}}\n"
	if set, _, _ := loadTable(t, with); set != nil {
		t.Error("a document may refer to a rejected row")
	}
}
