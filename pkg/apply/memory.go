package apply

import (
	"bufio"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/b24apply/b24apply/pkg/diff"
)

// AppliedFile is where a project remembers what was applied last, below its folder.
const AppliedFile = ".b24apply/applied.ndjson"

// LoadApplied reads what is remembered in the folder of a project; nil without an error
// if nothing is. An error means that it can't be read: to go on without it is safe,
// since what people may have changed is then told by who saved a record last.
func LoadApplied(dir string) (*diff.Applied, error) {
	path := filepath.Join(dir, AppliedFile)
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer f.Close()
	a, err := diff.ReadApplied(f)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return a, nil
}

// Remember adds what a run was verified to hold to what is remembered in the folder of
// a project, which is read anew: another run may have added to it. The file is replaced
// whole, so that a crash leaves the old one or the new one; one that can't be read is
// replaced too. Without news nothing is written.
func (r *Report) Remember(dir string) error {
	if len(r.held) == 0 {
		return nil
	}
	a, err := LoadApplied(dir)
	if a == nil || err != nil {
		a = diff.NewApplied()
	}
	if !a.Add(r.Portal, r.held) {
		return nil
	}
	path := filepath.Join(dir, AppliedFile)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(path), "applied-*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name()) // it is gone once it was renamed
	w := bufio.NewWriter(f)
	if err := errors.Join(a.Write(w), w.Flush(), f.Sync(), f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}
