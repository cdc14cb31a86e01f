package safefile

import (
	"errors"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
)

// Replace writes a file that only its owner may read, and puts it in the place of another
// one when it is whole: whoever reads it sees the old content or the new one, even if
// the machine stops in between. The path has been through [Writable].
func Replace(path string, write func(io.Writer) error) (err error) {
	f, err := beside(path)
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = os.Remove(f.Name()) // the first error counts
		}
	}()
	if err = write(f); err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}

// Replaceable tells whether [Replace] will be able to write a file: whether one can be made
// beside it. Errors are without a path.
func Replaceable(path string) error {
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() {
		return ErrIrregular
	} else if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return Plain(err)
	}
	f, err := beside(path)
	if err == nil {
		err = errors.Join(f.Close(), os.Remove(f.Name()))
	}
	return Plain(err)
}

// beside makes a hidden file in the folder of path.
func beside(path string) (*os.File, error) {
	name := filepath.Join(filepath.Dir(path), "."+filepath.Base(path)+"."+strconv.FormatUint(rand.Uint64(), 36)+".tmp")
	return os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
}
