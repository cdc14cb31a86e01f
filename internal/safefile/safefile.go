// Package safefile opens files that somebody else has named.
//
// What a repository names is not trusted: [Folder] opens regular files below one
// folder and nothing else, however the name, or a link on the way, is written.
// What the operator names on the command line ([Open], [Read]) may be anywhere, but
// is a regular file too, so that no pipe or device makes a command wait or read without end.
// [State] opens a folder for files of our own inside a repository, where a link could
// lead a write elsewhere.
package safefile

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"syscall"
)

// What is wrong with a file, completing a sentence about its name. Other errors wrap
// those of [fs], without a path.
var (
	ErrOutside   = errors.New("leads out of the folder")
	ErrHidden    = errors.New("has a part that begins with a dot")
	ErrIrregular = errors.New("is no regular file")
	ErrLink      = errors.New("is a link, and no link is followed there")
	ErrCircle    = errors.New("is a link that leads back to itself")
)

// A SizeError is a file that is larger than its reader takes.
type SizeError struct{ Limit int64 } // in bytes

func (e *SizeError) Error() string {
	if e.Limit >= 1<<20 {
		return fmt.Sprintf("is larger than %d MiB", e.Limit>>20)
	}
	return fmt.Sprintf("is larger than %d KiB", e.Limit>>10)
}

// A Folder opens files below one folder.
type Folder struct {
	root *os.Root
	dots bool
}

// Below opens a folder for names that come from a repository: no part of a name, or of
// what a link leads to, may begin with a dot. The caller closes.
func Below(dir string) (*Folder, error) { return below(dir, false) }

// Within opens a folder that belongs to the operator, such as one of secrets that is
// mounted into a container, whose files are links to names that begin with two dots.
func Within(dir string) (*Folder, error) { return below(dir, true) }

func below(dir string, dots bool) (*Folder, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, Plain(err)
	}
	return &Folder{root, dots}, nil
}

// Close releases the folder.
func (f *Folder) Close() error { return f.root.Close() }

// FS is the folder for those who look for names; it opens nothing outside either.
func (f *Folder) FS() fs.FS { return f.root.FS() }

// Open opens a regular file by its name from the folder, with slashes.
func (f *Folder) Open(name string) (*os.File, error) {
	where, err := f.resolve(name)
	if err != nil {
		return nil, err
	}
	return regular(func() (fs.FileInfo, error) { return f.root.Stat(where) },
		func(flag int) (*os.File, error) { return f.root.OpenFile(where, flag, 0) })
}

// Read gives the content of a regular file of at most limit bytes.
func (f *Folder) Read(name string, limit int64) ([]byte, error) {
	file, err := f.Open(name)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	return bounded(file, limit)
}

// maxLinks bounds the links on the way to one file, as systems do.
const maxLinks = 40

// resolve follows the links of a name inside the folder, so that every part on the way
// is seen: os.Root alone would follow a link into a hidden folder.
func (f *Folder) resolve(name string) (string, error) {
	name = path.Clean(filepath.ToSlash(name))
	if path.IsAbs(name) || strings.ContainsAny(name, "\\\x00") || !filepath.IsLocal(filepath.FromSlash(name)) {
		return "", ErrOutside
	}
	var done []string
	links := 0
	for todo := strings.Split(name, "/"); len(todo) > 0; {
		part := todo[0]
		todo = todo[1:]
		switch {
		case part == "" || part == ".":
			continue
		case part == ".." && len(done) == 0:
			return "", ErrOutside
		case part == "..":
			done = done[:len(done)-1]
			continue
		case !f.dots && part[0] == '.':
			return "", ErrHidden
		}
		target, err := f.link(path.Join(append(done, part)...))
		switch {
		case err != nil:
			return "", err
		case target == "":
			done = append(done, part)
			continue
		case path.IsAbs(target) || filepath.IsAbs(target):
			return "", ErrOutside
		}
		if links++; links > maxLinks {
			return "", ErrCircle
		}
		todo = append(strings.Split(filepath.ToSlash(target), "/"), todo...)
	}
	return filepath.FromSlash(path.Join(append([]string{"."}, done...)...)), nil
}

// link gives what a link leads to, or "" for anything else.
func (f *Folder) link(name string) (string, error) {
	info, err := f.root.Lstat(filepath.FromSlash(name))
	if err != nil {
		return "", Plain(err)
	}
	if info.Mode()&fs.ModeSymlink == 0 {
		return "", nil
	}
	target, err := f.root.Readlink(filepath.FromSlash(name))
	return target, Plain(err)
}

// Open opens a regular file that the operator has named.
func Open(name string) (*os.File, error) {
	return regular(func() (fs.FileInfo, error) { return os.Stat(name) },
		func(flag int) (*os.File, error) { return os.OpenFile(name, flag, 0) })
}

// Read gives the content of a regular file of at most limit bytes that the operator has
// named.
func Read(name string, limit int64) ([]byte, error) {
	file, err := Open(name)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	return bounded(file, limit)
}

// regular looks before it opens, since opening a device can have effects, and looks
// again at what it has opened. Opening a pipe does not wait for its other end.
func regular(stat func() (fs.FileInfo, error), open func(flag int) (*os.File, error)) (*os.File, error) {
	info, err := stat()
	if err != nil {
		return nil, Plain(err)
	}
	if !info.Mode().IsRegular() {
		return nil, ErrIrregular
	}
	file, err := open(os.O_RDONLY | syscall.O_NONBLOCK)
	if err != nil {
		return nil, Plain(err)
	}
	if info, err = file.Stat(); err == nil && !info.Mode().IsRegular() {
		err = ErrIrregular
	}
	if err != nil {
		return nil, errors.Join(Plain(err), file.Close())
	}
	return file, nil
}

// bounded reads a file whole. Its size is asked first, so that nothing is read of one
// that is too large; files that the system makes up tell none, and are bounded as they are read.
func bounded(file *os.File, limit int64) ([]byte, error) {
	var content bytes.Buffer
	if info, err := file.Stat(); err == nil {
		if info.Size() > limit {
			return nil, &SizeError{limit}
		}
		content.Grow(int(info.Size()) + bytes.MinRead)
	}
	_, err := content.ReadFrom(io.LimitReader(file, limit+1))
	switch {
	case err != nil:
		return nil, Plain(err)
	case int64(content.Len()) > limit:
		return nil, &SizeError{limit}
	}
	return content.Bytes(), nil
}

// Plain is an error without the path, which its reader knows, and which may come from
// a repository. That a link leads out of an os.Root is told by a text only.
func Plain(err error) error {
	var where *fs.PathError
	if !errors.As(err, &where) {
		return err
	}
	if strings.Contains(where.Err.Error(), "escapes") {
		return ErrOutside
	}
	return where.Err
}
