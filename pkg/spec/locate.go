package spec

import (
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/b24apply/b24apply/pkg/value"
)

// A TwoProjectsError says that the working directory and -f, or two -f, lead to
// different projects. A run applies one.
type TwoProjectsError struct{ First, Second string } // paths of the project files

func (e *TwoProjectsError) Error() string { return e.Says().String() }

// Says is the error for people.
func (e *TwoProjectsError) Says() value.Message {
	return value.Say("two-projects", value.T("first", e.First), value.T("second", e.Second))
}

// Remedy is what to do about it.
func (*TwoProjectsError) Remedy() value.Message { return value.Say("choose-project") }

// Locate gives the path of the project file of a run, "" if there is none. It is
// looked for in o.Dir and in the folders of what o.Files name, and upwards from there
// to the first folder that holds .git, the home of the user, or the border of a file
// system. Above the starting folder none in a folder of another user counts. The
// error is a *TwoProjectsError.
func Locate(o Options) (string, error) {
	l, err := locate(o)
	if err != nil {
		return l.project, err
	}
	return l.project, nil
}

// A location is where the project file of a run is.
type location struct {
	project  string   // its path, as messages show it; "" for none
	folder   string   // the folder it lies in, without links
	explicit bool     // -f names the project itself: the file, or its folder
	foreign  []string // project files that do not count, since another user could have written them
}

func locate(o Options) (location, *TwoProjectsError) {
	s := &search{seen: make(map[string]bool)}
	s.up(o.Dir)
	for _, name := range o.Files {
		if name == "-" {
			continue
		}
		path := resolve(o.Dir, name)
		start := startOf(path)
		s.up(start)
		own := filepath.Join(start, ProjectFile)
		s.explicit = s.explicit || isFile(own) && (path == start || path == own)
	}
	return s.location, s.err
}

// startOf gives the folder that a file, a folder or a pattern lies in.
func startOf(path string) string {
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		return path
	}
	for path = filepath.Dir(path); hasMeta(path); path = filepath.Dir(path) {
	}
	return path
}

// A search looks for project files from several folders.
type search struct {
	location
	seen map[string]bool // folders that were started from
	err  *TwoProjectsError
}

// up looks for a project file in a folder and above it.
func (s *search) up(start string) {
	from, err := realPath(start)
	if err != nil || s.seen[from] {
		return // what is not there is told when it is read
	}
	s.seen[from] = true
	home, _ := os.UserHomeDir()
	home, _ = realPath(home)
	for dir := from; ; dir = filepath.Dir(dir) {
		if file := filepath.Join(dir, ProjectFile); isFile(file) {
			s.take(start, from, dir)
			return
		}
		if above := filepath.Dir(dir); above == dir || dir == home || exists(filepath.Join(dir, ".git")) || !sameFileSystem(dir, above) {
			return
		}
	}
}

// take notes the project file of a folder that a search from another folder has found.
func (s *search) take(start, from, dir string) {
	file := filepath.Join(dir, ProjectFile)
	shown := file
	switch here, err := realPath("."); {
	case dir == from:
		shown = filepath.Join(start, ProjectFile)
	case err == nil && !filepath.IsAbs(start):
		if rel, err := filepath.Rel(here, file); err == nil {
			shown = rel
		}
	}
	switch {
	case dir != from && !(isOwn(dir) && isOwn(file)):
		if !slices.Contains(s.foreign, shown) {
			s.foreign = append(s.foreign, shown)
		}
	case s.project == "":
		s.project, s.folder = shown, dir
	case s.folder != dir && s.err == nil:
		s.err = &TwoProjectsError{s.project, shown}
	}
}

// refuseForeign tells of the project files that were found and do not count.
func (l *loader) refuseForeign(files []string) {
	for _, name := range files {
		p := newProblem(value.Pos{File: name}, "project", value.Say("trust-foreign-project"), value.Say("foreign-project"))
		p.Severity = SeverityWarning
		l.refuse(p)
	}
}

// realPath gives the absolute path of a folder without links.
func realPath(dir string) (string, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return "", err
	}
	return filepath.EvalSymlinks(dir)
}

func exists(name string) bool {
	_, err := os.Lstat(name)
	return err == nil
}

// A pathNames gives one key to the paths that lead to one file. It remembers folders.
type pathNames map[string]string

func (p pathNames) key(path string) string {
	dir, base := filepath.Split(path)
	real, known := p[dir]
	if !known {
		var err error
		if real, err = realPath(dir); err != nil {
			real = strings.TrimSuffix(dir, string(filepath.Separator))
		}
		p[dir] = real
	}
	return filepath.Join(real, base)
}
