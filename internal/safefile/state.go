package safefile

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// StateFolder is the folder, inside a project, of what a machine remembers of it. It is
// not meant for a repository; one that holds it all the same must not decide where
// something is read or written.
const StateFolder = ".b24apply"

// State opens the state folder of a project; one that is not there is made if create
// says so, and is fs.ErrNotExist else. A link in its place is refused. What is opened in it
// goes through [Unlinked] first. The caller closes.
func State(dir string, create bool) (*os.Root, error) {
	project, err := os.OpenRoot(filepath.Clean(dir))
	if err != nil {
		return nil, Plain(err)
	}
	defer project.Close()
	err = Unlinked(project, StateFolder)
	if create && errors.Is(err, fs.ErrNotExist) {
		err = project.Mkdir(StateFolder, 0o755)
	}
	if err != nil && !(create && errors.Is(err, fs.ErrExist)) {
		return nil, Plain(err)
	}
	root, err := project.OpenRoot(StateFolder)
	return root, Plain(err)
}

// Private opens a folder inside a root for its owner alone; one that is not there is made
// if create says so, and is fs.ErrNotExist else. A link in its place is refused. The caller closes.
func Private(root *os.Root, name string, create bool) (*os.Root, error) {
	err := Unlinked(root, name)
	if create && errors.Is(err, fs.ErrNotExist) {
		err = root.Mkdir(name, 0o700)
	}
	if err != nil && !(create && errors.Is(err, fs.ErrExist)) {
		return nil, Plain(err)
	}
	folder, err := root.OpenRoot(name)
	return folder, Plain(err)
}

// Create makes a file inside a root that its owner alone may read; it is fs.ErrExist if there
// is one.
func Create(root *os.Root, name string) (*os.File, error) {
	f, err := root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	return f, Plain(err)
}

// Unlinked tells whether a name below a root is there and no link: fs.ErrNotExist,
// ErrLink, or ErrIrregular for what is neither a file nor a folder.
func Unlinked(root *os.Root, name string) error {
	info, err := root.Lstat(name)
	switch {
	case err != nil:
		return Plain(err)
	case info.Mode()&fs.ModeSymlink != 0:
		return fmt.Errorf("%s %w", name, ErrLink)
	case !info.IsDir() && !info.Mode().IsRegular():
		return fmt.Errorf("%s %w", name, ErrIrregular)
	}
	return nil
}

// OpenState opens a regular file of a state folder, which must not be larger than limit,
// in bytes.
func OpenState(root *os.Root, name string, limit int64) (*os.File, error) {
	if err := Unlinked(root, name); err != nil {
		return nil, err
	}
	return openSized(root, name, 0, limit)
}

// Reopen is OpenState for a file that is written on behind its end.
func Reopen(root *os.Root, name string, limit int64) (*os.File, error) {
	if err := Unlinked(root, name); err != nil {
		return nil, err
	}
	return openSized(root, name, os.O_RDWR, limit)
}

func openSized(root *os.Root, name string, mode int, limit int64) (*os.File, error) {
	file, err := regular(func() (fs.FileInfo, error) { return root.Stat(name) },
		func(flag int) (*os.File, error) { return root.OpenFile(name, flag|mode, 0) })
	if err != nil {
		return nil, err
	}
	if info, err := file.Stat(); err != nil || info.Size() > limit {
		return nil, errors.Join(err, &SizeError{limit}, file.Close())
	}
	return file, nil
}

// Writable tells whether a file that the operator has named may be written, together with
// those beside it whose names are longer by a suffix, such as the journals of a database.
// What is there must be a regular file; and if the path leads through a state folder, nothing
// from there on may be a link.
func Writable(path string, suffixes ...string) error {
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() {
		return ErrIrregular
	}
	parts := strings.Split(filepath.Clean(path), string(filepath.Separator))
	at := slices.Index(parts, StateFolder)
	if at < 0 {
		return nil
	}
	above := strings.Join(parts[:at], string(filepath.Separator))
	if above == "" && filepath.IsAbs(path) {
		above = string(filepath.Separator)
	} else if above == "" {
		above = "."
	}
	root, err := os.OpenRoot(above)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	} else if err != nil {
		return Plain(err)
	}
	defer root.Close()
	names := []string{filepath.Join(parts[at:]...)}
	for n := at + 1; n < len(parts); n++ {
		names = append(names, filepath.Join(parts[at:n]...))
	}
	for _, suffix := range suffixes {
		names = append(names, names[0]+suffix)
	}
	slices.Sort(names)
	for _, name := range names {
		if err := Unlinked(root, name); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}
