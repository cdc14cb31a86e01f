// Package filelock locks files between processes. A lock ends with its process,
// however that ends; its file stays, since removing it would let two processes hold it.
//
// No link is followed: whoever can write into the folder could let a lock overwrite
// another file otherwise. The folder itself may be reached through links.
package filelock

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/gofrs/flock"
)

// Retry is how often a lock that another process holds is tried.
const Retry = 50 * time.Millisecond

// ErrHeld is why Try gives no lock: another process, or another lock of this one,
// holds it.
var ErrHeld = errors.New("another process holds the lock")

var errNoFile = errors.New("it is a link, a folder or a device, and a lock must be a file")

// A Lock is held until Unlock or the end of the process.
type Lock struct {
	path string
	file *flock.Flock
}

// Try takes the lock of a file, which is made with mode 0600 if it is missing; its
// folder must exist. It waits for nobody: [ErrHeld].
func Try(path string) (*Lock, error) {
	if info, err := os.Lstat(path); err == nil && !info.Mode().IsRegular() {
		return nil, &os.PathError{Op: "lock", Path: path, Err: errNoFile}
	}
	l := &Lock{path: path, file: flock.New(path, flock.SetPermissions(0o600), flock.SetFlag(os.O_CREATE|os.O_RDWR|noFollow))}
	ok, err := l.file.TryLock()
	switch {
	case err != nil:
		return nil, err
	case !ok:
		return nil, ErrHeld
	}
	if err := l.check(); err != nil {
		l.Unlock()
		return nil, err
	}
	return l, nil
}

// Wait takes the lock as Try does, and waits for it until the context ends.
func Wait(ctx context.Context, path string) (*Lock, error) {
	for {
		l, err := Try(path)
		if !errors.Is(err, ErrHeld) {
			return l, err
		}
		select {
		case <-ctx.Done():
			return nil, fmt.Errorf("%w: %w", ErrHeld, context.Cause(ctx))
		case <-time.After(Retry):
		}
	}
}

// check refuses a path that does not lead to the locked file itself: on a system that
// cannot open without following links, or since somebody has replaced it.
func (l *Lock) check() error {
	locked, err := l.file.Stat()
	if err != nil {
		return err
	}
	named, err := os.Lstat(l.path)
	if err != nil {
		return err
	}
	if !named.Mode().IsRegular() || !os.SameFile(locked, named) {
		return &os.PathError{Op: "lock", Path: l.path, Err: errNoFile}
	}
	return nil
}

// Note replaces what the file holds, for others to read while the lock is held.
func (l *Lock) Note(text []byte) error {
	f, err := os.OpenFile(l.path, os.O_WRONLY|os.O_TRUNC|noFollow, 0)
	if err != nil {
		return err
	}
	_, err = f.Write(text)
	return errors.Join(err, f.Close())
}

// Unlock gives the lock up.
func (l *Lock) Unlock() { _ = l.file.Unlock() }
