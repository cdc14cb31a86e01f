package spec

import (
	"bytes"
	"cmp"
	"maps"
	"path/filepath"
	"regexp"
	"slices"

	"github.com/b24apply/b24apply/pkg/value"
)

// ProjectFile is the name of the project file in its folder.
const ProjectFile = "b24apply.yaml"

// projectDoc is the project document while manifests are looked for.
type projectDoc struct {
	Project
	src     *source
	pos     value.Pos
	globs   []value.Node
	slots   []value.Pair            // identity
	written map[value.Pos]value.Arg // scalars that held environment variables

	// The whole of these, for checks that need every document.
	defaults, guards value.Node
	environments     []value.Pair
}

// findProject looks for the first project document among chunks. Problems in it
// are found again when every document is compiled, so none are reported here.
func findProject(chunks []chunk, env string, getenv func(string) (string, bool)) *projectDoc {
	for _, c := range chunks {
		if !bytes.Contains(c.text, []byte("Project")) {
			continue
		}
		silent := &report{src: c.src}
		root, ok := parseDocument(c, silent)
		if kind, _ := root.Get("kind"); !ok || kind.Text != "Project" {
			continue
		}
		ex := &expander{variables: &variables{getenv: getenv}, r: silent, onlyEnv: true}
		expandProject(ex, root, env)
		return readProject(root, ex, c.src)
	}
	return nil
}

// expandProject replaces variables in a project document. Only the chosen
// environment must be complete: a machine rarely has the variables of all.
func expandProject(ex *expander, root value.Node, chosen string) {
	elsewhere := &expander{variables: ex.variables, r: &report{src: ex.r.src}, onlyEnv: true}
	for i, p := range root.Pairs {
		switch p.Key {
		case "apiVersion", "kind":
		case "spec":
			for _, q := range p.Value.Pairs {
				if q.Key != "environments" {
					ex.expand(value.Node{Kind: value.Map, Pairs: []value.Pair{q}})
					continue
				}
				for j, e := range q.Value.Pairs {
					use := elsewhere
					if e.Key == chosen || len(q.Value.Pairs) == 1 {
						use = ex
					}
					expandEnvironment(use, q.Value.Pairs[j].Value)
				}
			}
		default:
			root.Pairs[i].Value = ex.expand(p.Value)
		}
	}
}

// expandEnvironment replaces variables in an environment. Those of its portal are others
// than those of the rest: what tells where a credential goes is no business of manifests,
// and what manifests may use is none of the credential's.
func expandEnvironment(ex *expander, e value.Node) {
	if ex.written == nil {
		ex.written = map[value.Pos]value.Arg{}
	}
	inPortal := *ex
	inPortal.portal = true
	for i, p := range e.Pairs {
		if p.Key == "portal" {
			expandPortal(inPortal, p.Value)
			continue
		}
		e.Pairs[i].Value = ex.expand(p.Value)
	}
}

// expandPortal replaces variables in a portal block, but not in what says where a
// credential is: errors name that.
func expandPortal(ex expander, portal value.Node) {
	for i, p := range portal.Pairs {
		if p.Key == "token" {
			expandPortal(ex, p.Value)
			continue
		}
		use := ex
		use.literal = p.Value.Kind == value.Map
		portal.Pairs[i].Value = use.expand(p.Value)
	}
}

func readProject(root value.Node, ex *expander, src *source) *projectDoc {
	metadata, _ := root.Get("metadata")
	name, _ := metadata.Get("name")
	body, _ := root.Get("spec")
	manifests, _ := body.Get("manifests")
	environments, _ := body.Get("environments")
	p := &projectDoc{src: src, pos: root.Pos, globs: manifests.Items, written: ex.written}
	p.Name, p.File = name.Text, src.name
	p.guards, _ = body.Get("guards")
	p.environments = environments.Pairs
	if former, ok := body.Get("formerNames"); ok && former.Kind == value.List {
		p.FormerNames = make([]string, 0, len(former.Items))
		for _, n := range former.Items {
			if n.Text != "" && n.Text != p.Name && !slices.Contains(p.FormerNames, n.Text) {
				p.FormerNames = append(p.FormerNames, n.Text)
			}
		}
		if len(former.Items) > 0 && len(p.FormerNames) == 0 {
			p.FormerNames = nil // only an empty list says that there was no other name
		}
	}
	p.readIdentityOf(body)
	p.readSafety(body)
	p.readPolicyDefaults(body)
	for _, g := range manifests.Items {
		p.Manifests = append(p.Manifests, g.Text)
	}
	for _, e := range environments.Pairs {
		env := readEnvironment(e, filepath.Dir(src.name))
		portal, _ := e.Value.Get("portal")
		token, _ := portal.Get("token")
		for _, p := range append(portal.Pairs[:len(portal.Pairs):len(portal.Pairs)], token.Pairs...) {
			if _, replaced := ex.written[p.Value.Pos]; replaced && p.Value.Kind == value.Scalar {
				env.Hidden = append(env.Hidden, p.Key)
			}
		}
		p.Environments = append(p.Environments, env)
	}
	slices.SortFunc(p.Environments, func(a, b *Environment) int { return cmp.Compare(a.Name, b.Name) })
	return p
}

// checkDefaults checks what the schema cannot say of a project's defaults.
func (d *document) checkDefaults() {
	body, _ := d.root.Get("spec")
	defaults, _ := body.Get("defaults")
	region, ok := defaults.Get("phoneRegion")
	path := []string{"spec", "defaults", "phoneRegion"}
	if ok && region.Kind == value.Scalar && !d.isReported(path) && twoLetters.MatchString(region.Text) && !value.IsRegion(region.Text) {
		d.problem(region.Pos, region.Text, "value", value.Say("write-two-letters"), value.Say("phone-region-unknown", d.shown("value", region)))
	}
	zone, ok := defaults.Get("timeZone")
	if ok && zone.Kind == value.Scalar && !d.isReported([]string{"spec", "defaults", "timeZone"}) && value.Zone(zone.Text) == nil {
		d.problem(zone.Pos, zone.Text, "value", zoneHint(zone.Text), value.Say("is-no-time-zone", d.shown("value", zone)))
	}
}

var twoLetters = regexp.MustCompile(`^[A-Z]{2}$`)

func readEnvironment(p value.Pair, dir string) *Environment {
	env := &Environment{Name: p.Key}
	portal, _ := p.Value.Get("portal")
	plan, _ := p.Value.Get("plan")
	vars, _ := p.Value.Get("vars")
	env.Plan = plan.Text
	env.readPortal(portal, dir)
	env.Guards = readGuards(p.Value, "environments."+p.Key+".guards")
	dry, _ := p.Value.Get("dryRunOnly")
	protected, _ := p.Value.Get("protected")
	env.DryRunOnly, env.Protected = isTrue(dry), isTrue(protected)
	for _, v := range vars.Pairs {
		env.Vars = append(env.Vars, value.Field{Name: v.Key, Value: v.Value, Pos: v.Pos})
	}
	slices.SortFunc(env.Vars, func(a, b value.Field) int { return cmp.Compare(a.Name, b.Name) })
	return env
}

func readSecret(v value.Node, dir string) Secret {
	s := Secret{Pos: v.Pos}
	if name, ok := v.Get("env"); ok {
		s.Env = name.Text
	}
	if file, ok := v.Get("file"); ok && file.Text != "" {
		s.File, s.Dir = file.Text, dir
	}
	command, _ := v.Get("exec")
	for _, word := range command.Items {
		s.Exec = append(s.Exec, word.Text)
	}
	return s
}

// choose picks the environment: the named one, or the only one.
func (p *projectDoc) choose(name string) (*Environment, *Problem) {
	names := p.environmentNames()
	if name == "" {
		if len(names) == 1 {
			return p.Environments[0], nil
		}
		return nil, nil
	}
	if i := slices.Index(names, name); i >= 0 {
		return p.Environments[i], nil
	}
	hint := value.Say("environments", value.L("names", names))
	if near, ok := Suggest(name, names); ok {
		hint = value.Say("did-you-mean-environment", value.T("name", near), value.L("names", names))
	} else if len(names) == 0 {
		hint = value.Say("no-environments")
	}
	problem := newProblem(value.Pos{File: "--env"}, "environment", hint, value.Say("no-such-environment", value.T("name", quote(name))))
	return nil, &problem
}

func (p *projectDoc) environmentNames() []string {
	names := make([]string, len(p.Environments))
	for i, e := range p.Environments {
		names[i] = e.Name
	}
	return slices.DeleteFunc(names, func(n string) bool { return n == "" })
}

// newVariables gathers what ${var.…} stands for: the environment's vars, then
// those of the command line.
func newVariables(p *projectDoc, env *Environment, args []string, getenv func(string) (string, bool)) (*variables, Problems) {
	vs := &variables{vars: map[string]variable{}, getenv: getenv, elsewhere: map[string]bool{}}
	if env != nil {
		vs.chosen = env.Name
		for _, f := range env.Vars {
			if f.Value.Kind == value.Scalar || f.Value.Kind == value.Null {
				_, hidden := p.written[f.Value.Pos]
				vs.vars[f.Name] = variable{f.Value, hidden}
			}
		}
	} else if p != nil {
		vs.open = p.environmentNames()
		for _, e := range p.Environments {
			for _, f := range e.Vars {
				vs.elsewhere[f.Name] = true
			}
		}
	}
	var problems Problems
	for _, arg := range args {
		name, v, problem := parseVar(arg)
		if problem != nil {
			problems = append(problems, *problem)
			continue
		}
		vs.vars[name] = variable{value: v}
		vs.given = append(vs.given, name)
	}
	if len(vs.vars) <= maxSuggested {
		vs.names = slices.Sorted(maps.Keys(vs.vars))
	}
	return vs, problems
}
