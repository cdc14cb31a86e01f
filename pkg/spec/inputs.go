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
	base := l.o.Dir
	if l.project != nil && l.project.File != stdinName {
		base = filepath.Dir(l.project.File)
	}
	out := make(map[string]string, len(l.digests))
	for name, sum := range l.digests {
		if l.beside[name] {
			continue
		}
		if rel, err := filepath.Rel(base, name); err == nil {
			name = rel
		}
		out[filepath.ToSlash(name)] = sum
	}
	return out
}
