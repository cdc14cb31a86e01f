// Package memory keeps what a project remembers of its last apply in a file of its state folder:
// salted digests of what fields held of which people have the last word.
package memory

import (
	"bufio"
	"bytes"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/b24apply/b24apply/internal/safefile"
	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/plan"
)

// A State opens the folder in which a project remembers things; one that is not there is made
// if create says so, and is fs.ErrNotExist else. Whoever calls it closes the folder.
type State func(create bool) (*os.Root, error)

const (
	// File is where a project remembers what was applied last.
	File = "applied.ndjson"
	// most is the largest such file, in bytes; a line of it has some hundred.
	most = 1 << 30
)

// Load reads what is remembered in a folder; nil without an error if nothing is. An error means that it can't be read: to go on without it is safe,
// since what people may have changed is then told by who saved a record last. It is no
// place for links, which a repository could hold: the error then wraps safefile.ErrLink.
func Load(state State) (*plan.Applied, error) {
	root, err := state(false)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer root.Close()
	a, err := read(root)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", File, err)
	}
	return a, nil
}

func read(root *os.Root) (*plan.Applied, error) {
	f, err := safefile.OpenState(root, File, most)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return plan.ReadApplied(f)
}

// Add adds what a run was verified to hold to what is remembered in a folder, which is read anew: another run may have added to it. The file is replaced
// whole, so that a crash leaves the old one or the new one; one that can't be read is
// replaced too. Without news nothing is written.
func Add(state State, portal string, salt []byte, held []plan.Trace) error {
	if len(held) == 0 {
		return nil
	}
	return alter(state, salt, func(a *plan.Applied) bool { return a.Add(portal, held) })
}

// Replay adds what a run that died has left in its journal to what is remembered in a folder. Digests with another salt tell nothing: then the file was lost since,
// and what people may have changed is told by who saved a record last.
func Replay(state State, portal string, salt []byte, digests []plan.Digest) error {
	if len(digests) == 0 {
		return nil
	}
	return alter(state, salt, func(a *plan.Applied) bool {
		return bytes.Equal(a.Salt(), salt) && a.Replay(portal, digests)
	})
}

// Forget drops what a folder remembers of some records of a portal. Where nothing is
// remembered, nothing is written.
func Forget(state State, portal string, records []kind.RecordID) error {
	known, err := Load(state)
	if known == nil || err != nil {
		return err
	}
	return alter(state, known.Salt(), func(a *plan.Applied) (found bool) {
		for _, record := range records {
			found = a.Forget(portal, record) || found
		}
		return found
	})
}

// alter reads the file anew, or begins one with a salt, and replaces it whole.
func alter(state State, salt []byte, change func(*plan.Applied) (news bool)) error {
	root, err := state(true)
	if err != nil {
		return err
	}
	defer root.Close()
	a, err := read(root)
	if a == nil || err != nil {
		if a = plan.NewApplied(); len(salt) > 0 {
			a = plan.AppliedWith(salt)
		}
	}
	if !change(a) {
		return nil
	}
	temp := "applied-" + rand.Text()
	f, err := root.OpenFile(temp, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	defer func() { _ = root.Remove(temp) }() // it is gone once it was renamed
	w := bufio.NewWriter(f)
	if err := errors.Join(a.Write(w), w.Flush(), f.Sync(), f.Close()); err != nil {
		return err
	}
	return root.Rename(temp, File)
}
