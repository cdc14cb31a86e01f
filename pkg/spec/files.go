package spec

import (
	"errors"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/b24apply/b24apply/pkg/value"
)

// stdinName is what positions call the standard input.
const stdinName = "<stdin>"

// found is what the options and the project file point at.
type found struct {
	files    []string // paths to read, without repetition
	stdin    bool
	project  string // the project file; "" for none
	explicit bool   // it was named by -f
	problems Problems
	folder   string           // the project's, without links; "" for none
	below    map[string]place // of what was found and not named; see below.go
	names    pathNames
	seen     map[string]string // by pathNames.key: the path that was added first
}

func (f *found) refuse(name string, hint, message value.Message) {
	f.problems = append(f.problems, newProblem(value.Pos{File: name}, "file", hint, message))
}

func (f *found) add(paths ...string) {
	for _, p := range paths {
		key := f.names.key(p)
		if _, ok := f.seen[key]; !ok {
			f.seen[key] = p
			f.files = append(f.files, p)
		}
	}
}

// findFiles follows -f.
func findFiles(o Options, at location) *found {
	f := &found{project: at.project, explicit: at.explicit, folder: at.folder, names: pathNames{}, seen: map[string]string{}, below: map[string]place{}}
	for _, name := range o.Files {
		if name == "-" {
			f.stdin = true
			continue
		}
		f.follow(resolve(o.Dir, name), name)
	}
	if other := resolve(o.Dir, strings.TrimSuffix(ProjectFile, ".yaml")+".yml"); f.project == "" && len(o.Files) == 0 && isFile(other) {
		f.refuse(other, value.Say("rename-it"), value.Say("project-file-is-called", value.T("file", ProjectFile)))
	} else if f.project == "" && len(o.Files) == 0 && o.Env == "" { // else a wrong --env is told
		f.refuse(resolve(o.Dir, ProjectFile), value.Say("name-manifests-or-init"), value.Say("no-project-file"))
	}
	return f
}

// resolve gives a path as seen from the working directory.
func resolve(dir, name string) string {
	if filepath.IsAbs(name) {
		return filepath.Clean(name)
	}
	return filepath.Join(dir, name)
}

func isFile(name string) bool {
	info, err := os.Stat(name)
	return err == nil && !info.IsDir()
}

// follow adds what one -f, as it is written, names: a file, a folder or a pattern.
func (f *found) follow(name, written string) {
	info, err := os.Stat(name)
	switch {
	case err == nil && info.IsDir():
		if !isFile(filepath.Join(name, ProjectFile)) { // else it is the project
			f.addTree(name)
		}
	case err == nil && filepath.Base(name) == ProjectFile:
	case err == nil:
		f.add(name)
	case hasMeta(name):
		f.addMatches(name, written, func(hint, message value.Message) { f.refuse(name, hint, message) })
	case errors.Is(err, fs.ErrNotExist):
		f.refuse(name, value.Message{}, value.Say("no-such-file"))
	default:
		f.refuse(name, value.Message{}, value.Say("file-cannot-be-read", because(err)))
	}
}

func (f *found) addTree(dir string) {
	files, err := walkBelow(dir, ".", func(name string) bool {
		ext := path.Ext(name)
		return ext == ".yaml" || ext == ".yml"
	})
	switch {
	case err != nil:
		f.refuse(dir, value.Message{}, value.Say("folder-cannot-be-read", because(err)))
	case len(files) == 0:
		f.refuse(dir, value.Say("name-the-folder"), value.Say("folder-has-no-manifest"))
	}
	f.addBelow(dir, files)
}

// addMatches adds the files that a pattern matches, and tells, as it is written,
// if it matches none.
func (f *found) addMatches(pattern, written string, tell func(hint, message value.Message)) []string {
	dir, rest := fixedPart(pattern)
	files, err := globBelow(dir, rest)
	return f.addFound(dir, files, err, written, tell)
}

// addFound adds what a pattern has matched below a folder, and gives the paths.
func (f *found) addFound(dir string, files []string, err error, written string, tell func(hint, message value.Message)) []string {
	switch {
	case errors.Is(err, path.ErrBadPattern):
		tell(value.Say("star-stands-for"), value.Say("is-no-pattern", value.T("name", quote(written))))
	case err != nil:
		fault, hint := fileFault(err)
		tell(hint, value.Say("pattern-fault", value.T("name", quote(written)), value.M("fault", fault)))
	case len(files) == 0:
		tell(value.Say("correct-the-pattern"), value.Say("matches-no-file", value.T("name", quote(written))))
	}
	return f.addBelow(dir, files)
}

func hasMeta(name string) bool { return strings.ContainsAny(name, `*?[`) }

// matchSegments matches a path against a pattern whose segments may be **. Of several
// ** only the last one that was met has to be tried again, which keeps this to the
// product of the two lengths.
func matchSegments(pattern, name []string) bool {
	p, n := 0, 0
	star, tried := -1, 0 // the last **, and up to where it reaches
	for n < len(name) {
		switch {
		case p < len(pattern) && pattern[p] == "**":
			star, tried = p, n
			p++
		case p < len(pattern) && matchName(pattern[p], name[n]):
			p, n = p+1, n+1
		case star >= 0:
			tried++
			p, n = star+1, tried
		default:
			return false
		}
	}
	for p < len(pattern) && pattern[p] == "**" {
		p++
	}
	return p == len(pattern)
}

func matchName(pattern, name string) bool {
	ok, _ := path.Match(pattern, name) // a bad pattern is found before
	return ok
}
