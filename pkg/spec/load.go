package spec

import (
	"cmp"
	"io"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"

	"github.com/b24apply/b24apply/internal/crash"
	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/value"
)

// Options say what to load.
type Options struct {
	// Dir is the folder to work in, which relative paths start from; "" is ".".
	Dir string
	// Files are the manifests that are meant: files, folders, patterns, or "-" for
	// Stdin. nil stands for all that the project names; see Locate. A folder with a
	// project file is that project. What the project declares beside them counts for
	// references, and stays as it is.
	Files []string
	// Env names the environment; "" is the only one, if there is one.
	Env string
	// Vars set variables as NAME=VALUE, over those of the environment; the value
	// is read as a YAML scalar.
	Vars []string
	// Secrets are credentials of the operator's, which no value may hold. Those that the
	// project names need not be given.
	Secrets []string
	// Getenv looks up ${env.B24_VAR_…}, and credentials; nil is os.LookupEnv.
	Getenv func(string) (string, bool)
	// Stdin is read for "-"; nil is an empty input.
	Stdin io.Reader
	// Kinds are the kinds that manifests may have; nil stands for those of Bitrix24.
	Kinds *kind.Table
	// Selection narrows what is meant; what it leaves out counts for references, and stays as
	// it is.
	Selection Selection
	// Digests makes Load fill in Set.Digests.
	Digests bool
	// Tables gets the sets whose tables were read, whatever problems there are.
	Tables func([]*RecordSet)
	// KeepRows makes [RecordSet.Declared] know the records.
	KeepRows bool
}

// Load reads the project and its manifests. The set is nil exactly if a problem
// is an error. Equal manifests give equal sets, but for positions, whatever their
// files and order.
func Load(o Options) (*Set, Problems) {
	o.Dir = cmp.Or(o.Dir, ".")
	if o.Getenv == nil {
		o.Getenv = os.LookupEnv
	}
	l := &loader{o: o, sources: map[string]*source{}, beside: map[string]bool{}, outside: map[string]bool{}}
	if !l.read() {
		return nil, l.sorted()
	}
	env, vars := l.environment()
	l.env = env
	l.checkVars(vars, l.compile(vars))
	l.readSets(vars)
	l.dropShadowed()
	l.checkPolicies()
	l.checkGuards()
	l.linkAll()
	l.attach()
	problems := l.sorted()
	l.showTables()
	if problems.HasErrors() {
		return nil, problems
	}
	return l.set(env), problems
}

// A loader is one call of Load.
type loader struct {
	o          Options
	sources    map[string]*source
	below      map[string]place // see found
	chunks     []chunk
	project    *projectDoc
	env        *Environment // the chosen one
	resources  []*Resource
	formers    []Former
	sets       []*RecordSet
	whole      bool            // every manifest of the project is read
	unread     bool            // some document or file could not be read
	hidden     map[string]bool // files whose excerpts would show a secret
	beside     map[string]bool // files of the project that -f leaves out
	overlooked []string        // see Set.Overlooked
	outside    map[string]bool // files that -f names and the project's patterns do not
	problems   Problems

	digests     map[string]string // of the files that were read, by name
	tables      map[string]string // of the tables that were read, by name
	credentials credentials       // what no value may be
	attachments map[attachmentKey]*Attachment
}

func (l *loader) refuse(ps ...Problem) { l.problems = append(l.problems, ps...) }

// read finds and reads every file, the project's first. It is false if it is not
// known which project is meant.
func (l *loader) read() bool {
	at, err := locate(l.o)
	if err != nil {
		l.refuse(newProblem(value.Pos{File: ProjectFile}, "project", err.Remedy(), err.Says()))
		return false
	}
	l.refuseForeign(at.foreign)
	f := findFiles(l.o, at)
	l.below = f.below
	if f.project != "" {
		chunks := l.readFiles([]string{f.project})
		l.project = findProject(chunks, l.o.Env, l.o.Getenv)
		if src := l.sources[f.project]; src != nil && l.project == nil {
			r := &report{src: src}
			r.problem(value.Pos{File: f.project}, "", "project", value.Say("write-project", value.T("version", APIVersion)), value.Say("no-project-in-file"))
			l.refuse(r.problems...)
		}
	}
	if f.stdin {
		l.readStdin()
	}
	named := l.readFiles(f.files)
	if f.project == "" {
		l.project = findProject(named, l.o.Env, l.o.Getenv)
	}
	if l.project != nil {
		l.readProjectFiles(f)
	}
	l.unread = l.unread || len(f.problems) > 0
	l.refuse(f.problems...)
	return true
}

// readProjectFiles reads the files that the project's manifests name. Where -f names
// some inside of a project, the others are read too, since references, moves and
// types lead there.
func (l *loader) readProjectFiles(f *found) {
	narrowed := f.project != "" && !f.explicit && len(l.o.Files) > 0
	l.whole = !narrowed && len(l.project.globs) > 0
	named := len(f.files)
	taken := l.followGlobs(f)
	l.readFiles(f.files[named:])
	if !narrowed {
		return
	}
	for _, name := range f.files[named:] {
		if name != f.project {
			l.beside[name] = true
		}
	}
	for _, name := range f.files[:named] {
		l.outside[name] = !taken[f.names.key(name)]
	}
}

// followGlobs adds the files that the project's manifests name, and gives their keys.
func (l *loader) followGlobs(f *found) map[string]bool {
	taken, named := make(map[string]bool), make(map[string]bool)
	dir := filepath.Dir(l.project.File)
	if l.project.File == stdinName {
		dir = l.o.Dir
	}
	trees := make(walked)
	for _, g := range l.boundedGlobs() {
		if g.Kind != value.Scalar || g.Text == "" {
			continue // the schema says so
		}
		if !hasMeta(g.Text) && isFolder(dir, g.Text) {
			r := &report{src: l.project.src}
			r.problem(g.Pos, g.Text, "file", folderHint(g.Text), value.Say("manifests-name-folder", value.T("name", quote(g.Text))))
			l.refuse(r.problems...)
			l.unread = true
			continue
		}
		matches, err := trees.glob(dir, g.Text)
		files := f.addFound(dir, matches, err, g.Text, func(hint, message value.Message) {
			r := &report{src: l.project.src}
			r.problem(g.Pos, g.Text, "file", hint, value.Say("manifests-fault", value.M("fault", message)))
			l.refuse(r.problems...)
			l.unread = true
		})
		for _, name := range files {
			named[name] = true
		}
	}
	for name := range named {
		taken[f.names.key(name)] = true
	}
	if f.project != "" {
		l.warnOverlooked(dir, f)
	}
	return taken
}

// maxPatterns is how many patterns with wildcards a project may have: each is compared with
// every file.
const maxPatterns = 100

// boundedGlobs are the project's patterns, unless there are too many.
func (l *loader) boundedGlobs() []value.Node {
	wild := 0
	for _, g := range l.project.globs {
		if !hasMeta(g.Text) {
			continue
		}
		if wild++; wild > maxPatterns {
			r := &report{src: l.project.src}
			r.problem(g.Pos, g.Text, "file", value.Say("pattern-covers-folders"), value.Say("too-many-patterns", value.N("most", maxPatterns)))
			l.refuse(r.problems...)
			l.unread = true
			return nil
		}
	}
	return l.project.globs
}

func (l *loader) readStdin() {
	input := l.o.Stdin
	if input == nil {
		input = strings.NewReader("")
	}
	src, problem := readSource(stdinName, input)
	l.keep(stdinName, src, problem)
}

// readFiles reads files that were not read yet and gives their chunks.
func (l *loader) readFiles(names []string) []chunk {
	names = slices.DeleteFunc(slices.Clone(names), func(name string) bool { return l.sources[name] != nil })
	type result struct {
		src     *source
		problem *Problem
	}
	results := make([]result, len(names))
	parallel(len(names), func(i int) {
		results[i].src, results[i].problem = l.readFound(names[i])
	})
	before := len(l.chunks)
	for i, r := range results {
		if r.src != nil {
			r.src.again = func() []byte { return l.reread(names[i]) }
		}
		l.keep(names[i], r.src, r.problem)
	}
	return l.chunks[before:]
}

// reread gives the text of a file that was read before, nil if it cannot be read.
func (l *loader) reread(name string) []byte {
	src, _ := l.readFound(name)
	if src == nil {
		return nil
	}
	return src.data
}

func (l *loader) keep(name string, src *source, problem *Problem) {
	if problem != nil {
		l.unread = true
		l.refuse(*problem)
		return
	}
	l.sources[name] = src
	l.digest(name, src)
	r := &report{src: src}
	findWebhooks(r)
	l.refuse(r.problems...)
	l.chunks = split(l.chunks, src)
}

// environment chooses the environment and gathers the variables.
func (l *loader) environment() (*Environment, *variables) {
	var env *Environment
	switch {
	case l.project != nil:
		var problem *Problem
		if env, problem = l.project.choose(l.o.Env); problem != nil {
			l.refuse(*problem)
		}
	case l.o.Env != "":
		l.refuse(newProblem(value.Pos{File: "--env"}, "environment", value.Say("leave-env-out"), value.Say("no-project-for-env")))
	}
	l.gatherCredentials()
	vars, problems := newVariables(l.project, env, l.o.Vars, l.o.Getenv)
	vars.credentials, vars.schemas = l.credentials, schemasOf(l.o.Kinds)
	l.refuse(problems...)
	return env, vars
}

// compile turns the chunks into resources and drops them. It gives the variables that
// they use.
func (l *loader) compile(vars *variables) (used map[string]bool) {
	used = make(map[string]bool)
	results := compileBlocks(blocks(l.chunks), vars)
	l.chunks = nil
	l.hidden = map[string]bool{}
	filled := map[*source]bool{}
	var projects []value.Pos
	for _, b := range results {
		l.refuse(b.problems...)
		maps.Copy(used, b.used)
		l.resources = append(l.resources, b.resources...)
		l.formers = append(l.formers, b.formers...)
		l.sets = append(l.sets, b.sets...)
		projects = append(projects, b.projects...)
		if b.hidden {
			l.hidden[b.src.name] = true
		}
		l.unread = l.unread || b.unread
		filled[b.src] = filled[b.src] || b.filled
	}
	l.refuseEmpty(filled)
	l.refuseProjects(projects)
	return used
}

func (l *loader) refuseEmpty(filled map[*source]bool) {
	for name, src := range l.sources {
		if !filled[src] {
			l.refuse(newProblem(value.Pos{File: name}, "file", value.Say("write-manifest-or-remove"), value.Say("file-holds-no-document")))
		}
	}
	switch {
	case l.unread || len(l.problems) > 0 || len(l.resources) > 0 || len(l.formers) > 0 || len(l.sets) > 0 || l.project == nil || len(l.project.globs) > 0:
	case len(l.o.Files) == 0:
		l.refuse(newProblem(value.Pos{File: l.project.File}, "project", value.Say("write-manifests-pattern"), value.Say("project-names-no-manifests")))
	}
}

// refuseProjects reports every project document but the one that was chosen.
func (l *loader) refuseProjects(projects []value.Pos) {
	for _, p := range projects {
		if l.project != nil && p == l.project.pos {
			continue
		}
		r := &report{src: l.sources[p.File]}
		if l.project == nil {
			r.problem(p, "", "project", value.Say("write-plainly"), value.Say("project-is-hidden"))
		} else {
			r.problem(p, "", "project", value.Say("keep-one-project"), value.Say("second-project", value.T("at", l.project.pos.String())))
		}
		l.refuse(r.problems...)
	}
}

func (l *loader) linkAll() {
	l.followMerges()
	k := &linker{kinds: l.o.Kinds, resources: l.resources, sources: l.sources, complete: !l.unread}
	l.refuse(k.link()...)
	l.resources = k.resources
	l.tellRows()
	l.checkIDs()
	l.checkSlots(k)
	l.checkKeyFields()
	l.checkHistory(k)
}

// shownExcerpts is for how many problems the line of a table is read again: each is looked for.
const shownExcerpts = 1000

// sorted gives the problems in source order. That an environment must be chosen
// is said once.
func (l *loader) sorted() Problems {
	problems := l.problems.Sort()
	for i := range problems {
		if src := l.sources[problems[i].File]; src != nil && src.lineOf != nil && problems[i].Line > 0 && i < shownExcerpts {
			src.excerpt(&problems[i])
		}
		if l.hidden[problems[i].File] {
			problems[i].Excerpt = ""
		}
	}
	var open bool
	return slices.DeleteFunc(problems, func(p Problem) bool {
		if p.Rule != "environment" {
			return false
		}
		again := open
		open = true
		return again
	})
}

func (l *loader) set(env *Environment) *Set {
	project := Project{Name: DefaultOwner}
	if l.project != nil {
		project = l.project.Project
	}
	s := l.selection(project, env)
	s.Kinds, s.attachments = l.o.Kinds, l.attachments
	s.Whole, s.Overlooked = l.whole, l.overlooked
	s.Sets, s.allSets = l.setsMeant(s), l.sets
	for name, src := range l.sources {
		if !l.beside[name] && src.lineOf == nil {
			s.Files = append(s.Files, name)
		}
	}
	slices.Sort(s.Files)
	s.Digests, s.TableDigests = l.inputs(), l.tableInputs()
	return s
}

// parallel calls do for 0…n-1 on all processors.
func parallel(n int, do func(int)) {
	var next atomic.Int64
	var wg crash.Group
	for range min(n, runtime.GOMAXPROCS(0)) {
		wg.Go(func() {
			for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
				do(i)
			}
		})
	}
	wg.Wait()
}
