package spec

import (
	"cmp"
	"os"

	"github.com/b24apply/b24apply/pkg/value"
)

// LoadProject reads the project file and no manifest, for commands that
// only need to know a portal. Without a project file the set is that of no project.
// The set is nil exactly if a problem is an error. o.Files and o.Stdin mean nothing.
func LoadProject(o Options) (*Set, Problems) {
	o.Dir = cmp.Or(o.Dir, ".")
	o.Files, o.Stdin = nil, nil
	if o.Getenv == nil {
		o.Getenv = os.LookupEnv
	}
	l := &loader{o: o, sources: map[string]*source{}}
	l.unread = true    // on purpose: nothing is concluded from manifests that are not there
	at, _ := locate(o) // one folder leads to one project
	l.refuseForeign(at.foreign)
	if name := at.project; name != "" {
		l.project = findProject(l.readFiles([]string{name}), o.Env, o.Getenv)
		if src := l.sources[name]; src != nil && l.project == nil {
			r := &report{src: src}
			r.problem(value.Pos{File: name}, "", "project", value.Say("write-project", value.T("version", APIVersion)), value.Say("no-project-in-file"))
			l.refuse(r.problems...)
		}
	}
	env, vars := l.environment()
	l.compile(vars)
	problems := l.sorted()
	if problems.HasErrors() {
		return nil, problems
	}
	return l.set(env), problems
}
