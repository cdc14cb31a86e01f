package spec

import (
	"bytes"
	"io/fs"
	"maps"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/b24apply/b24apply/internal/safefile"
	"github.com/b24apply/b24apply/pkg/value"
)

// isFolder tells whether a name below a folder is a folder.
func isFolder(dir, name string) bool {
	folder, err := safefile.Below(dir)
	if err != nil {
		return false
	}
	defer folder.Close()
	info, err := fs.Stat(folder.FS(), path.Clean(filepath.ToSlash(name)))
	return err == nil && info.IsDir()
}

// folderHint is the pattern that means the manifests of a folder.
func folderHint(name string) value.Message {
	return value.Say("write-folder-pattern", value.T("pattern", path.Join(filepath.ToSlash(name), "**/*.yaml")))
}

// warnOverlooked tells what lies in the folders of the project's patterns and is not read:
// YAML files that no pattern takes, and links that lead nowhere or to a folder. A manifest
// that nobody reads looks like one that was removed. Whoever names file by file means those.
func (l *loader) warnOverlooked(dir string, f *found) {
	var patterns [][]string // the folders' part of each pattern
	starts := make(map[string]bool)
	for _, g := range l.project.globs {
		segments := strings.Split(path.Clean(filepath.ToSlash(g.Text)), "/")
		if g.Kind != value.Scalar || !hasMeta(g.Text) || slices.Contains(segments, "..") || path.IsAbs(g.Text) {
			continue
		}
		folders := segments[:len(segments)-1]
		fixed := slices.IndexFunc(folders, hasMeta)
		if fixed < 0 {
			fixed = len(folders)
		}
		patterns = append(patterns, folders)
		starts[path.Join(".", path.Join(folders[:fixed]...))] = true
	}
	folder, err := safefile.Below(dir)
	if err != nil {
		return
	}
	defer folder.Close()
	told := make(map[string]bool)
	for _, start := range slices.Sorted(maps.Keys(starts)) {
		l.walkOverlooked(folder, dir, start, func(name string) bool {
			var parent []string
			if p := path.Dir(name); p != "." {
				parent = strings.Split(p, "/")
			}
			_, read := f.seen[f.names.key(filepath.Join(dir, filepath.FromSlash(name)))]
			isProject := f.names.key(filepath.Join(dir, filepath.FromSlash(name))) == f.names.key(l.project.File)
			fresh := !told[name] && !read && !isProject
			told[name] = true
			return fresh && slices.ContainsFunc(patterns, func(p []string) bool { return matchSegments(p, parent) })
		})
	}
}

// walkOverlooked warns of what is wanted below a folder and would not be read.
func (l *loader) walkOverlooked(folder *safefile.Folder, dir, start string, wanted func(name string) bool) {
	fsys := folder.FS()
	_ = fs.WalkDir(fsys, start, func(name string, d fs.DirEntry, err error) error {
		hidden := name != "." && strings.HasPrefix(path.Base(name), ".")
		switch {
		case err != nil || d.IsDir() && hidden:
			return fs.SkipDir // what cannot be read is told by the pattern
		case d.IsDir() || hidden || !wanted(name):
			return nil
		}
		full := filepath.Join(dir, filepath.FromSlash(name))
		warn := func(hint, message value.Message) {
			p := newProblem(value.Pos{File: full}, "file", hint, message)
			p.Severity = SeverityWarning
			l.refuse(p)
		}
		info, err := fs.Stat(fsys, name)
		switch ext := strings.ToLower(path.Ext(name)); {
		case d.Type()&fs.ModeSymlink != 0 && err != nil:
			l.overlooked = append(l.overlooked, full)
			warn(value.Say("remove-or-mend-link"), value.Say("link-leads-nowhere"))
		case d.Type()&fs.ModeSymlink != 0 && info.IsDir():
			l.overlooked = append(l.overlooked, full)
			warn(value.Say("name-what-link-leads-to", value.T("pattern", path.Join(name, "*.yaml"))), value.Say("link-to-folder"))
		case ext == ".yaml" || ext == ".yml":
			if text, err := folder.Read(name, MaxFileSize); err != nil || bytes.Contains(text, []byte("b24apply/")) {
				l.overlooked = append(l.overlooked, full)
			}
			warn(value.Say("add-under-manifests", value.T("name", name)), value.Say("file-is-overlooked"))
		}
		return nil
	})
}

// checkVars refuses variables of the command line that nothing uses: one that is
// misspelt would leave another value where it is.
func (l *loader) checkVars(vars *variables, used map[string]bool) {
	known := maps.Clone(used)
	if l.project != nil {
		for _, e := range l.project.Environments {
			for _, f := range e.Vars {
				known[f.Name] = true
			}
		}
	}
	if l.unread {
		return
	}
	for _, name := range vars.given {
		if known[name] {
			continue
		}
		names := slices.Sorted(maps.Keys(known))
		hint := value.Say("leave-variable-out")
		if near, ok := Suggest(name, names); ok {
			hint = value.Say("did-you-mean-var", value.T("name", near))
		} else if len(names) > 0 {
			hint = value.Say("variables", value.L("names", names))
		}
		l.refuse(newProblem(value.Pos{File: "--var"}, "variable", hint, value.Say("variable-unused", value.T("name", quote(name)))))
	}
}
