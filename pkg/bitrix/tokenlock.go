package bitrix

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/gofrs/flock"
)

// lockRetry is how often a lock that another process holds is tried.
const lockRetry = 50 * time.Millisecond

// lockTokens keeps other processes from renewing the tokens of a file. The lock
// ends with its process; its file stays, since removing it would let two
// processes hold it.
func lockTokens(ctx context.Context, path string) (unlock func(), err error) {
	path += ".lock"
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, &FileError{Path: path, Cause: withoutPath(err)}
	}
	lock := flock.New(path, flock.SetPermissions(0o600))
	if _, err := lock.TryLockContext(ctx, lockRetry); err != nil {
		if ctx.Err() != nil {
			err = fmt.Errorf("another process renews the access token: %w", context.Cause(ctx))
		}
		return nil, &FileError{Path: path, Cause: withoutPath(err), hint: "check that the folder is writable"}
	}
	return func() { _ = lock.Unlock() }, nil
}
