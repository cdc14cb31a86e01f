package spec

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/b24apply/b24apply/pkg/value"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

const twoPortals = `  manifests: ["manifests/**/*.yaml"]
  environments:
    stage:
      portal: {webhook: {env: B24_STAGE}}
      vars: {lead: bot@acme.example, empty: "", none: null}
    prod:
      portal: {webhook: {file: secret/hook}}
      plan: enterprise
      vars: {lead: "${env.B24_VAR_LEAD}"}
`

func TestTheProjectNamesItsManifests(t *testing.T) {
	dir := tree(t, map[string]string{
		"b24apply.yaml":                 project("  manifests: [\"manifests/**/*.yaml\", \"*.yaml\", one.yml]\n"),
		"one.yml":                       company("one", "One"),
		"two.yaml":                      company("two", "Two"),
		"manifests/a.yaml":              company("a", "A"),
		"manifests/deep/er/b.yaml":      company("b", "B"),
		"manifests/deep/er/ignored.txt": "not: read",
		"manifests/.hidden/c.yaml":      company("c", "C"),
	})
	set := mustLoad(t, Options{Dir: dir})
	if diff := cmp.Diff([]string{"company/a", "company/b", "company/one", "company/two"}, addresses(set)); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if set.Project.Name != "acme" || set.Env != nil || set.Project.File != filepath.Join(dir, ProjectFile) {
		t.Errorf("project %+v, environment %v", set.Project, set.Env)
	}
	var files []string
	for _, f := range set.Files {
		rel, err := filepath.Rel(dir, f)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, filepath.ToSlash(rel))
	}
	want := []string{"b24apply.yaml", "manifests/a.yaml", "manifests/deep/er/b.yaml", "one.yml", "two.yaml"}
	if diff := cmp.Diff(want, files); diff != "" {
		t.Errorf("files (-want +got):\n%s", diff)
	}
}

func TestFilesReplaceThePatternsOfTheFolder(t *testing.T) {
	dir := tree(t, map[string]string{
		"b24apply.yaml":     project("  manifests: [\"manifests/*.yaml\"]\n"),
		"manifests/a.yaml":  company("a", "A"),
		"other/b.yaml":      company("b", "B"),
		"other/c.yml":       company("c", "C"),
		"apart/d.yaml":      company("d", "D"),
		"own/b24apply.yaml": strings.Replace(project("  manifests: [\"*/x.yaml\"]\n"), "acme", "own", 1),
		"own/sub/x.yaml":    company("x", "X"),
	})
	cases := []struct {
		name  string
		files []string
		owner string
		want  []string
	}{
		{"file", []string{"apart/d.yaml"}, "acme", []string{"company/d"}},
		{"file twice", []string{"apart/d.yaml", "./apart/../apart/d.yaml"}, "acme", []string{"company/d"}},
		{"folder", []string{"other"}, "acme", []string{"company/b", "company/c"}},
		{"pattern", []string{"*/[bd].yaml"}, "acme", []string{"company/b", "company/d"}},
		{"deep pattern", []string{"**/x.yaml"}, "acme", []string{"company/x"}},
		{"folder of the project", []string{"."}, "acme", []string{"company/a"}},
		{"stdin", []string{"-"}, "acme", []string{"company/in"}},
		{"folder with a project, from elsewhere", []string{"../own"}, "own", []string{"company/x"}},
		{"project file, from elsewhere", []string{"../own/b24apply.yaml"}, "own", []string{"company/x"}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			at := dir
			if strings.HasPrefix(c.files[0], "../") {
				at = t.TempDir()
				c.files = []string{filepath.Join(dir, strings.TrimPrefix(c.files[0], "../"))}
			}
			set := mustLoad(t, Options{Dir: at, Files: c.files, Stdin: strings.NewReader(company("in", "In"))})
			if diff := cmp.Diff(c.want, addresses(set)); diff != "" || set.Project.Name != c.owner {
				t.Errorf("owner %s, want %s; -want +got:\n%s", set.Project.Name, c.owner, diff)
			}
		})
	}
}

func TestAProjectDocumentInAFileIsTheProject(t *testing.T) {
	dir := tree(t, map[string]string{
		"all.yaml":     company("a", "About the Project") + "---\n" + project("  manifests: [more/*.yaml]\n"),
		"more/b.yaml":  company("b", "B"),
		"plain/c.yaml": company("c", "C"),
	})
	set := mustLoad(t, Options{Dir: dir, Files: []string{"all.yaml"}})
	if diff := cmp.Diff([]string{"company/a", "company/b"}, addresses(set)); diff != "" || set.Project.Name != "acme" {
		t.Errorf("owner %q; -want +got:\n%s", set.Project.Name, diff)
	}
	if set := mustLoad(t, Options{Dir: dir, Files: []string{"plain/c.yaml"}}); set.Project.Name != DefaultOwner || set.Project.File != "" {
		t.Errorf("without a project: %+v", set.Project)
	}
}

func TestEnvironmentsAreChosenByNameOrBecauseThereIsOne(t *testing.T) {
	dir := tree(t, map[string]string{
		"b24apply.yaml":    project(twoPortals),
		"manifests/a.yaml": company("a", "A") + "    assignedById: ${var.lead}\n",
	})
	lead := func(o Options) string {
		o.Dir, o.Getenv = dir, testEnv
		f, _ := mustLoad(t, o).Resources[0].Field("assignedById")
		return f.Value.Text
	}
	if got := lead(Options{Env: "stage"}); got != "bot@acme.example" {
		t.Errorf("stage: %q", got)
	}
	if got := lead(Options{Env: "prod"}); got != "olga@acme.example" {
		t.Errorf("prod: %q", got)
	}
	if got := lead(Options{Env: "prod", Vars: []string{"lead=17"}}); got != "17" {
		t.Errorf("--var: %q", got)
	}
	set := mustLoad(t, Options{Dir: dir, Env: "prod", Getenv: testEnv})
	want := &Environment{Name: "prod", Plan: "enterprise", Webhook: Secret{File: "secret/hook", Dir: dir},
		Vars: []value.Field{{Name: "lead", Value: value.Node{Kind: value.Scalar, Text: "olga@acme.example"}}}}
	if diff := cmp.Diff(want, set.Env, cmpopts.IgnoreTypes(value.Pos{})); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	fail := func(o Options) string { o.Dir, o.Getenv = dir, testEnv; return messages(t, o) }
	if got, want := fail(Options{}), "variable \"lead\" depends on the environment, and none is chosen [environment]\n"; got != want {
		t.Errorf("none chosen: %s", got)
	}
	if got, want := fail(Options{Env: "prd"}), "the project has no environment \"prd\" [environment]\n"; got != want {
		t.Errorf("misspelt: %s", got)
	}
}

func TestAnEnvironmentIsOnlyAskedForWhereItMatters(t *testing.T) {
	dir := tree(t, map[string]string{"b24apply.yaml": project(twoPortals), "manifests/a.yaml": company("a", "A")})
	if set := mustLoad(t, Options{Dir: dir, Getenv: testEnv}); set.Env != nil {
		t.Errorf("environment %v, want none", set.Env)
	}
	one := tree(t, map[string]string{"b24apply.yaml": project("  manifests: [a.yaml]\n  environments: {prod: }\n"), "a.yaml": company("a", "A")})
	if set := mustLoad(t, Options{Dir: one}); set.Env == nil || set.Env.Name != "prod" {
		t.Errorf("environment %v, want prod", set.Env)
	}
}

func TestVariablesTakeTheirType(t *testing.T) {
	text := company("a", "${var.title}") + "    comments: ${var.nothing}\n    revenue: ${var.amount}\n    post2: x\n"
	text = strings.ReplaceAll(text, "    post2: x\n", "    CODE: \"${var.code}\"\n    PART: a-${var.code}-$${b}\n")
	dir := tree(t, map[string]string{"a.yaml": text})
	set := mustLoad(t, Options{Dir: dir, Files: []string{"a.yaml"}, Vars: []string{`title="null"`, "nothing=null", "amount=12.50", "code=007", "code='008'"}})
	got := map[string]value.Node{}
	for _, f := range set.Resources[0].Fields() {
		f.Value.Pos = value.Pos{}
		got[f.Name] = f.Value
	}
	want := map[string]value.Node{
		"title":    {Kind: value.Scalar, Text: "null"},
		"comments": {Kind: value.Null},
		"revenue":  {Kind: value.Scalar, Text: "12.50", Plain: true},
		"CODE":     {Kind: value.Scalar, Text: "008"},
		"PART":     {Kind: value.Scalar, Text: "a-008-${b}"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestWrongOptionsAreProblems(t *testing.T) {
	dir := tree(t, map[string]string{
		"a.yaml":                company("a", "A"),
		"empty.yaml":            "",
		"blank/c.yaml":          "# nothing\n",
		"binary.yaml":           "title: \x00\x01",
		"latin.yaml":            "title: \xe9",
		"utf16.yaml":            "\xff\xfea\x00",
		"large.yaml":            strings.Repeat("# a comment\n", (MaxFileSize/12)+1),
		"no/x.txt":              "",
		"p/p.yaml":              "",
		"e/b24apply.yml":        "",
		"escaped.yaml":          "apiVersion: b24apply/v1\nkind: \"Pr\\x6fject\"\nmetadata: {name: a}\n",
		"bare/" + ProjectFile:   "apiVersion: b24apply/v1\nkind: Project\nmetadata: {name: a}\n",
		"second/" + ProjectFile: "apiVersion: b24apply/v1\nkind: Project\nmetadata: {name: b}\n",
		"refers.yaml":           "apiVersion: b24apply/v1\nkind: Deal\nmetadata: {name: d}\nspec: {fields: {companyId: {ref: company/b}}}\n",
		"none/" + ProjectFile:   company("a", "A"),
	})
	cases := []struct {
		name string
		o    Options
		want string
	}{
		{"nothing to read", Options{}, "there is no project file here or above, and no manifest is named [file]\n"},
		{"missing file", Options{Files: []string{"b.yaml"}}, "there is no such file [file]\n"},
		{"empty file", Options{Files: []string{"empty.yaml"}}, "the file holds no document [file]\n"},
		{"comments only", Options{Files: []string{"blank"}}, "the file holds no document [file]\n"},
		{"empty input", Options{Files: []string{"-"}}, "the file holds no document [file]\n"},
		{"binary", Options{Files: []string{"binary.yaml"}}, "the file is binary: a NUL at byte 7 [file]\n"},
		{"latin 1", Options{Files: []string{"latin.yaml"}}, "the file is not UTF-8 text: an invalid sequence at byte 7 [file]\n"},
		{"UTF-16", Options{Files: []string{"utf16.yaml"}}, "the file is not UTF-8 text: an invalid sequence at byte 0 [file]\n"},
		{"large", Options{Files: []string{"large.yaml"}}, "the file is larger than 32 MiB [file]\n"},
		{"folder without manifests", Options{Files: []string{"no"}}, "the folder holds no .yaml or .yml file [file]\n"},
		{"pattern without files", Options{Files: []string{"*.json"}}, "\"*.json\" matches no file [file]\n"},
		{"project without manifests", Options{Dir: filepath.Join(dir, "bare")}, "the project names no manifests [project]\n"},
		{"no project in the project file", Options{Dir: filepath.Join(dir, "none")}, "the project file holds no Project [project]\n"},
		{"two projects", Options{Files: []string{"bare", "second"}}, "two projects are meant: " + filepath.Join(dir, "bare", ProjectFile) + " and " + filepath.Join(dir, "second", ProjectFile) + " [project]\n"},
		{"missing file beside a reference", Options{Files: []string{"b.yaml", "refers.yaml"}}, "there is no such file [file]\n"},
		{"hidden project", Options{Files: []string{"escaped.yaml"}}, "kind: Project is written in a way that hides it [project]\n"},
		{"environment without project", Options{Files: []string{"a.yaml"}, Env: "prod"}, "there is no project file to choose an environment from [environment]\n"},
		{"variable without value", Options{Files: []string{"a.yaml"}, Vars: []string{"a", "b=", "1=2", `c="x`}},
			"\"1\" sets no variable [variable]\n\"a\" sets no variable [variable]\nthe value of variable \"b\" is empty [variable]\nthe value of variable \"c\" is no YAML text [variable]\n"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if c.o.Dir == "" {
				c.o.Dir = dir
			}
			if diff := cmp.Diff(c.want, messages(t, c.o)); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

func TestPatternsMatchWholePaths(t *testing.T) {
	cases := []struct {
		pattern, name string
		want          bool
	}{
		{"*.yaml", "a.yaml", true},
		{"*.yaml", "a/b.yaml", false},
		{"**/*.yaml", "a.yaml", true},
		{"**/*.yaml", "a/b/c.yaml", true},
		{"**/*.yaml", "a/b/c.yml", false},
		{"a/**", "a/b/c", true},
		{"a/**/b/**/c.yaml", "a/x/b/c.yaml", true},
		{"a/**/b/**/c.yaml", "a/x/c.yaml", false},
		{"a/?.yaml", "a/bb.yaml", false},
	}
	for _, c := range cases {
		if got := matchSegments(strings.Split(c.pattern, "/"), strings.Split(c.name, "/")); got != c.want {
			t.Errorf("%s on %s: %t", c.pattern, c.name, got)
		}
	}
}
