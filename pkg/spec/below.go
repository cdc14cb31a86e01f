package spec

import (
	"errors"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/b24apply/b24apply/internal/safefile"
)

// What a pattern or a folder brings was written by whoever wrote the repository. So these
// files are looked for below one folder: the project's for its patterns, the named one for
// -f. A link among them may lead anywhere inside the project. What -f names file by file may
// be anywhere.

// addBelow adds files, by their names from a folder, and gives their paths.
func (f *found) addBelow(dir string, names []string) (paths []string) {
	start := placeIn(f.folder, dir, ".")
	for _, name := range names {
		full := filepath.Join(dir, filepath.FromSlash(name))
		if _, known := f.below[full]; known {
			paths = append(paths, full)
			continue
		}
		if _, known := f.seen[f.names.key(full)]; !known {
			f.below[full] = place{start.root, path.Join(start.name, name)}
		}
		f.add(full)
		paths = append(paths, full)
	}
	return paths
}

// readFound reads a file, below the folder that it was found in, if it was.
func (l *loader) readFound(name string) (*source, *Problem) {
	at, found := l.below[name]
	if base := filepath.Base(name); base == ProjectFile { // found by its name, wherever it is
		at, found = place{filepath.Dir(name), base}, true
	}
	if !found {
		return readSource(name, nil)
	}
	data, err := at.read(MaxFileSize)
	return newSource(name, data, err)
}

// fixedPart cuts a pattern before its first part with a wildcard.
func fixedPart(pattern string) (dir, rest string) {
	segments := strings.Split(filepath.ToSlash(pattern), "/")
	fixed := max(0, slices.IndexFunc(segments, hasMeta))
	dir = filepath.FromSlash(strings.Join(segments[:fixed], "/"))
	if dir == "" && fixed > 0 {
		dir = "/"
	}
	if dir == "" {
		dir = "."
	}
	return dir, strings.Join(segments[fixed:], "/")
}

// globBelow gives the files below a folder that a pattern matches, sorted, by their names
// from it. What begins with a dot is matched by no wildcard, and named by no pattern. A
// match may turn out to be no file, which whoever reads it finds out and tells.
func globBelow(dir, pattern string) ([]string, error) { return make(walked).glob(dir, pattern) }

// walked are the files below folders, each walked once however many patterns start there.
type walked map[walk][]walkedFile

type walkedFile struct {
	name     string
	segments []string
}

type walk struct{ dir, start string }

func (w walked) glob(dir, pattern string) ([]string, error) {
	segments := strings.Split(path.Clean(filepath.ToSlash(pattern)), "/")
	for _, s := range segments {
		switch _, err := path.Match(s, ""); {
		case err != nil:
			return nil, err
		case s == ".." || path.IsAbs(pattern) || filepath.IsAbs(pattern):
			return nil, safefile.ErrOutside
		case strings.HasPrefix(s, ".") && pattern != ".":
			return nil, safefile.ErrHidden
		}
	}
	fixed := slices.IndexFunc(segments, hasMeta)
	if fixed < 0 {
		return namedBelow(dir, path.Join(segments...))
	}
	at := walk{dir, path.Join(segments[:fixed]...)}
	files, known := w[at]
	if !known {
		names, err := walkBelow(dir, at.start, func(string) bool { return true })
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
		for _, name := range names {
			files = append(files, walkedFile{name, strings.Split(name, "/")})
		}
		w[at] = files
	}
	var out []string
	for _, f := range files {
		if matchSegments(segments, f.segments) {
			out = append(out, f.name)
		}
	}
	return out, nil
}

// namedBelow is a name without wildcards, if there is anything of that name.
func namedBelow(dir, name string) ([]string, error) {
	folder, err := safefile.Below(dir)
	if err != nil {
		return nil, err
	}
	defer folder.Close()
	file, err := folder.Open(name)
	switch {
	case err == nil:
		err = file.Close()
	case errors.Is(err, fs.ErrNotExist):
		if _, err := fs.Lstat(folder.FS(), name); err != nil {
			return nil, nil
		}
		err = nil // a link that leads nowhere, which whoever reads it tells
	}
	return []string{name}, err
}

// walkBelow lists what is wanted below start, which lies below dir, by names from dir.
// Neither links to folders nor hidden folders are entered.
func walkBelow(dir, start string, want func(name string) bool) ([]string, error) {
	folder, err := safefile.Below(dir)
	if err != nil {
		return nil, err
	}
	defer folder.Close()
	var out []string
	fsys := folder.FS()
	err = fs.WalkDir(fsys, path.Join(".", start), func(name string, d fs.DirEntry, err error) error {
		hidden := name != "." && strings.HasPrefix(path.Base(name), ".")
		switch {
		case err != nil:
			return err
		case d.IsDir() && hidden:
			return fs.SkipDir
		case d.IsDir() || hidden || !want(name):
			return nil
		}
		if info, err := fs.Stat(fsys, name); err == nil && info.IsDir() {
			return nil // a link to a folder
		}
		out = append(out, name)
		return nil
	})
	slices.Sort(out)
	return out, safefile.Plain(err)
}
