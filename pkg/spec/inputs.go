package spec

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"os"
	"path/filepath"
)

// Digests gives what Load would give as Set.Digests, though the manifests have problems. It
// is empty where nothing is found.
func Digests(o Options) map[string]string {
	o.Dir, o.Digests = cmp.Or(o.Dir, "."), true
	if o.Getenv == nil {
		o.Getenv = os.LookupEnv
	}
	l := &loader{o: o, sources: map[string]*source{}, beside: map[string]bool{}, outside: map[string]bool{}}
	l.read() // what it refuses is missing, and so another file
	return l.inputs()
}

// digest notes what a file holds, but for the standard input, which nobody reads again.
func (l *loader) digest(name string, src *source) {
	if !l.o.Digests || name == stdinName {
		return
	}
	if l.digests == nil {
		l.digests = make(map[string]string)
	}
	sum := sha256.Sum256(src.data)
	l.digests[name] = hex.EncodeToString(sum[:])
}

// inputs are the digests of the files that are meant.
func (l *loader) inputs() map[string]string {
	if !l.o.Digests {
		return nil
	}
	out := make(map[string]string, len(l.digests))
	for name, sum := range l.digests {
		if !l.beside[name] {
			out[fromBase(l.base(), name)] = sum
		}
	}
	return out
}

// tableInputs are the digests of the tables that were read.
func (l *loader) tableInputs() map[string]string {
	if len(l.tables) == 0 {
		return nil
	}
	out := make(map[string]string, len(l.tables))
	for name, sum := range l.tables {
		out[fromBase(l.base(), name)] = sum
	}
	return out
}

// base is the folder from which inputs are named.
func (l *loader) base() string {
	if l.project != nil && l.project.File != stdinName {
		return filepath.Dir(l.project.File)
	}
	return l.o.Dir
}

func fromBase(base, name string) string {
	if rel, err := filepath.Rel(base, name); err == nil {
		name = rel
	}
	return filepath.ToSlash(name)
}

// TableDigests gives the digests of those of some tables that are there, by the names that
// Set.TableDigests has for them.
func TableDigests(o Options, names []string) map[string]string {
	o.Dir = cmp.Or(o.Dir, ".")
	base := o.Dir
	if project, err := Locate(o); err == nil && project != "" {
		base = filepath.Dir(project)
	}
	out := make(map[string]string)
	for _, name := range names {
		t := Table{Name: name, place: placeIn("", base, name)}
		if sum, err := t.digest(); err == nil {
			out[name] = sum
		}
	}
	return out
}
