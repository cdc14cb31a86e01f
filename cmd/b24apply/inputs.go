package main

import (
	"cmp"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/b24apply/b24apply/pkg/bitrix"
	"github.com/b24apply/b24apply/pkg/plan"
	"github.com/b24apply/b24apply/pkg/spec"
	"github.com/b24apply/b24apply/pkg/value"
)

// varFlag stands before the names of variables that the command line has set.
const varFlag = "--var "

// A usedVariables notes which variables of the process the manifests have asked for. Several
// goroutines use it.
type usedVariables struct {
	mu     sync.Mutex
	values map[string]string
}

// noting looks variables up, and notes those that manifests may have.
func (u *usedVariables) noting(getenv func(string) (string, bool)) func(string) (string, bool) {
	return func(name string) (string, bool) {
		text, ok := getenv(name)
		if ok && strings.HasPrefix(name, spec.ManifestVariables) {
			u.mu.Lock()
			defer u.mu.Unlock()
			if u.values == nil {
				u.values = make(map[string]string)
			}
			u.values[name] = text
		}
		return text, ok
	}
}

// inputs tell what the manifests of a plan were.
func (a *app) inputs(set *spec.Set) plan.Inputs {
	in := plan.Inputs{Named: a.files, Files: digests(set.Digests), Tables: digests(set.TableDigests)}
	values := maps.Clone(a.used.values)
	if values == nil {
		values = make(map[string]string)
	}
	maps.Copy(values, a.givenVariables())
	if len(values) == 0 {
		return in
	}
	in.Salt = rand.Text()
	for name, text := range values {
		values[name] = variableDigest(in.Salt, name, text)
	}
	in.Variables = digests(values)
	return in
}

// givenVariables are those of --var.
func (a *app) givenVariables() map[string]string {
	out := make(map[string]string)
	for _, given := range a.vars {
		name, text, _ := strings.Cut(given, "=")
		out[varFlag+name] = text
	}
	return out
}

func variableDigest(salt, name, text string) string {
	sum := sha256.Sum256([]byte(salt + "\x00" + name + "\x00" + text))
	return hex.EncodeToString(sum[:])
}

func digests(of map[string]string) (out []plan.Input) {
	for _, name := range slices.Sorted(maps.Keys(of)) {
		out = append(out, plan.Input{Name: name, Digest: of[name]})
	}
	return out
}

// sameInputs refuses a plan whose manifests or variables are not as they were, as far as they
// are here: a plan may be carried out where there are none.
func (a *app) sameInputs(in plan.Inputs, env string) error {
	if err := sameFiles(in.Files, a.digestsHere(in, env)); err != nil {
		return err
	}
	if err := sameFiles(in.Tables, a.tablesHere(in, env)); err != nil {
		return err
	}
	given := a.givenVariables()
	for _, v := range in.Variables {
		text, here := given[v.Name]
		if name, flag := strings.CutPrefix(v.Name, varFlag); !flag {
			text, here = a.getenv(v.Name)
		} else if !here && len(given) > 0 {
			return changedInput("plan-variable-is-missing", varFlag+name)
		}
		if here && variableDigest(in.Salt, v.Name, text) != v.Digest {
			return changedInput("plan-variable-is-another", v.Name)
		}
		delete(given, v.Name)
	}
	for _, name := range slices.Sorted(maps.Keys(given)) {
		return changedInput("plan-variable-is-new", name)
	}
	return nil
}

// digestsHere are the digests of the files here that a plan was made of.
func (a *app) digestsHere(in plan.Inputs, env string) map[string]string {
	return spec.Digests(spec.Options{Dir: a.dir, Files: in.Named, Env: env, Getenv: a.getenv, Kinds: a.kinds})
}

// tablesHere are those of the tables here that a plan was made of.
func (a *app) tablesHere(in plan.Inputs, env string) map[string]string {
	var names []string
	for _, t := range in.Tables {
		names = append(names, t.Name)
	}
	return spec.TableDigests(spec.Options{Dir: a.dir, Files: in.Named, Env: env}, names)
}

// sameFiles compares the files that are here with those that a plan was made of.
func sameFiles(made []plan.Input, here map[string]string) error {
	if !slices.ContainsFunc(made, func(f plan.Input) bool { return here[f.Name] != "" }) {
		return nil
	}
	for _, f := range made {
		switch sum, there := here[f.Name]; {
		case !there:
			return changedInput("plan-file-is-gone", f.Name)
		case sum != f.Digest:
			return changedInput("plan-file-is-another", f.Name)
		}
		delete(here, f.Name)
	}
	for _, name := range slices.Sorted(maps.Keys(here)) {
		return changedInput("plan-file-is-new", name)
	}
	return nil
}

// changedInput names what is not as it was.
func changedInput(code, name string) error {
	return unusablePlan(&plan.Unusable{Code: "PLAN_INPUTS", Message: value.Say(code, value.T("name", name))})
}

// portalKey tells portals apart that people may call by one name, such as portals in a box.
func (a *app) portalKey(client *bitrix.Client, set *spec.Set) (string, error) {
	where, err := a.portalIdentity(client, set)
	sum := sha256.Sum256([]byte(where))
	return hex.EncodeToString(sum[:16]), err
}

// commitVariables hold the commit that a CI service has checked out.
var commitVariables = []string{"GITHUB_SHA", "CI_COMMIT_SHA", "BITBUCKET_COMMIT", "BUILD_SOURCEVERSION", "GIT_COMMIT"}

var commitText = regexp.MustCompile(`^[0-9a-f]{40,64}$`)

// commitOf is the commit of the manifests as the CI service or the repository says, "" if
// that is not known. No program is run for it: a repository can make git run others.
func (a *app) commitOf(set *spec.Set) string {
	for _, name := range commitVariables {
		if v := a.variable(name); commitText.MatchString(v) {
			return v
		}
	}
	dir, err := filepath.Abs(cmp.Or(a.memory(set), "."))
	for ; err == nil && dir != filepath.Dir(dir); dir = filepath.Dir(dir) {
		if head := gitText(dir, "HEAD"); head != "" {
			if ref, ok := strings.CutPrefix(head, "ref: "); ok {
				head = gitText(dir, ref)
			}
			if commitText.MatchString(head) {
				return head
			}
			return ""
		}
	}
	return ""
}

// gitText reads a small file of a repository.
func gitText(dir, name string) string {
	root, err := os.OpenRoot(filepath.Join(dir, ".git"))
	if err != nil {
		return ""
	}
	defer root.Close()
	if info, err := root.Stat(name); err != nil || !info.Mode().IsRegular() || info.Size() > 1<<10 {
		return ""
	}
	text, err := root.ReadFile(name)
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(text))
}
