package door

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

// StateFolder is the folder, inside a project, of what a machine remembers of it. It is
// not meant for a repository; one that holds it all the same must not decide where
// something is written.
const StateFolder = ".b24apply"

// State opens the state folder of a project; one that is not there is made if create
// says so, and is fs.ErrNotExist else. A link in its place is ErrLink. Names inside go through
// [Unlinked] first: the root keeps them inside, and no link among them is followed. The
// caller closes.
func State(dir string, create bool) (*os.Root, error) {
	project, err := os.OpenRoot(dir)
	if err != nil {
		return nil, Plain(err)
	}
	defer project.Close()
	err = Unlinked(project, StateFolder)
	if errors.Is(err, fs.ErrNotExist) && create {
		err = project.Mkdir(StateFolder, 0o755)
	}
	if err != nil && !errors.Is(err, fs.ErrExist) {
		return nil, Plain(err)
	}
	root, err := project.OpenRoot(StateFolder)
	return root, Plain(err)
}

// Unlinked tells whether a name below a root is there and no link: fs.ErrNotExist,
// ErrLink, or ErrIrregular for what is neither a file nor a folder.
func Unlinked(root *os.Root, name string) error {
	info, err := root.Lstat(name)
	switch {
	case err != nil:
		return Plain(err)
	case info.Mode()&fs.ModeSymlink != 0:
		return ErrLink
	case !info.IsDir() && !info.Mode().IsRegular():
		return ErrIrregular
	}
	return nil
}

// Writable tells whether what stands at a path of ours, and at the names beside it that
// begin with it, may be written: what is not there may, a link and a device may not. So a
// database is checked together with its journals.
func Writable(path string, suffixes ...string) error {
	root, err := os.OpenRoot(filepath.Dir(path))
	if err != nil {
		return Plain(err)
	}
	defer root.Close()
	for _, suffix := range append([]string{""}, suffixes...) {
		if err := Unlinked(root, filepath.Base(path)+suffix); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}
