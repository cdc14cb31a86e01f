package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Every example reaches its state on portals that mean the same and have other ids,
// another zone and other records of people: all of it is applied, and a second plan is
// empty and writes nothing.
func TestTheExamplesArePortable(t *testing.T) {
	folders, err := filepath.Glob(filepath.Join(repository, "examples", "*"))
	if err != nil {
		t.Fatal(err)
	}
	applied := 0
	for _, folder := range folders {
		if info, err := os.Stat(folder); err != nil || !info.IsDir() {
			continue
		}
		dir := t.TempDir()
		if err := os.CopyFS(dir, os.DirFS(folder)); err != nil {
			t.Fatal(err)
		}
		if err := os.RemoveAll(filepath.Join(dir, ".b24apply")); err != nil {
			t.Fatal(err)
		}
		applied++
		for name, cfg := range unlike() {
			t.Run(filepath.Base(folder)+" on "+name, func(t *testing.T) {
				l := serveLadder(t, cfg)
				l.settles(repositoryAt(dir, "")...)
			})
		}
	}
	if applied == 0 {
		t.Error("there are no examples")
	}
}

// repositoryAt gives the flags for a folder, or for a file in it.
func repositoryAt(dir, environment string) []string {
	if _, err := os.Stat(filepath.Join(dir, "b24apply.yaml")); err != nil {
		return []string{"-f", dir}
	}
	args := []string{"-C", dir}
	if environment != "" {
		args = append(args, "--env", environment)
	}
	return args
}

// settles applies a repository and plans once more.
func (l *fieldLadder) settles(args ...string) {
	l.t.Helper()
	report := l.report(exitDone, append([]string{"apply", "--yes", "--max-delete", "100"}, args...)...)
	if done := report.Counts["succeeded"] + report.Counts["unchanged"]; done != len(report.Items) || done == 0 {
		l.t.Errorf("%d items, counts %v", len(report.Items), report.Counts)
	}
	l.portal.ResetStats()
	l.run(exitDone, append([]string{"plan", "--detailed-exitcode"}, args...)...)
	if n := l.portal.Stats().Writes; n != 0 {
		l.t.Errorf("the second plan wrote %d times", n)
	}
}

// A documented repository needs more than what its page shows.
type documented struct {
	skip        string // why it cannot mean the same on every portal
	environment string
	prepare     func(*fieldLadder)
}

// documentedNeeds says what they need, by page and folder or file.
func documentedNeeds() map[string]documented {
	return map[string]documented{
		"docs/errors.md items.yaml":     {skip: "one of its records fails, to show the report"},
		"docs/errors.md portal.yaml":    {skip: "one of its records is refused, to show the plan"},
		"docs/identity.md pinned.yaml":  {skip: "it names a record by an id"},
		"docs/manifests.md shop":        {environment: "stage"},
		"docs/tables.md customers.yaml": {skip: "a command of the page writes its table"},
		"docs/manifests.md lookup.yaml": {prepare: func(l *fieldLadder) {
			l.call("crm.item.add", `{"entityTypeId":3,"fields":{"name":"Bob","fm":[{"typeId":"EMAIL","valueType":"WORK","value":"bob@acme.example"}]}}`)
		}},
		"docs/manifests.md custom.yaml": {prepare: (*fieldLadder).makeDocumentedFields},
	}
}

// makeDocumentedFields makes the user fields that the page writes to.
func (l *fieldLadder) makeDocumentedFields() {
	for code, field := range map[string]string{
		"SERIAL":    `"userTypeId":"string"`,
		"GRADE":     `"userTypeId":"enumeration","enum":[{"value":"Second"},{"value":"First"}]`,
		"PRICE":     `"userTypeId":"money"`,
		"SITE":      `"userTypeId":"address"`,
		"ENGINEERS": `"userTypeId":"employee","multiple":"Y"`,
		"TAGS":      `"userTypeId":"string","multiple":"Y"`,
	} {
		l.call("userfieldconfig.add", `{"moduleId":"crm","field":{"entityId":"CRM_DEAL","fieldName":"UF_CRM_DEAL_`+code+`",`+field+`}}`)
	}
}

// What the pages declare is portable as well. The repositories of a page are applied to
// the same portal, one after another as the page writes them.
func TestThePagesArePortable(t *testing.T) {
	needs, met := documentedNeeds(), make(map[string]bool)
	for _, name := range pages(t) {
		content, err := os.ReadFile(filepath.Join(repository, filepath.FromSlash(name)))
		if err != nil {
			t.Fatal(err)
		}
		blocks := manifestBlocks(t, string(content))
		if len(blocks) == 0 {
			continue
		}
		for where, cfg := range unlike() {
			t.Run(name+" on "+where, func(t *testing.T) {
				l := serveLadder(t, cfg)
				for _, b := range fencedBlocks(string(content)) {
					if m := fileLine.FindStringSubmatch(b.text); b.info == "csv" && m != nil {
						writeText(t, l.dir, m[1], strings.TrimPrefix(b.text, m[0]))
					}
				}
				for _, b := range blocks {
					repo, file, _ := strings.Cut(b.file, "/")
					writeText(t, l.dir, b.file, b.text)
					if file == "b24apply.yaml" || b.file == "b24apply.yaml" {
						continue // the next block is its first manifest, or the next state of one
					}
					need := needs[name+" "+repo]
					met[name+" "+repo] = true
					if need.skip != "" {
						continue
					}
					if need.prepare != nil {
						need.prepare(l)
					}
					l.settles(repositoryAt(filepath.Join(l.dir, repo), need.environment)...)
				}
			})
		}
	}
	for name := range needs {
		if !met[name] {
			t.Errorf("no page has %s", name)
		}
	}
}

// A manifestBlock is a file that a page shows.
type manifestBlock struct{ file, text string }

func manifestBlocks(t *testing.T, page string) []manifestBlock {
	t.Helper()
	var out []manifestBlock
	for _, b := range fencedBlocks(page) {
		if b.info == "yaml" || b.info == "yaml part" {
			m := fileLine.FindStringSubmatch(b.text)
			if m == nil {
				t.Fatalf("line %d: a manifest without a name", b.line)
			}
			out = append(out, manifestBlock{m[1], b.text})
		}
	}
	return out
}
