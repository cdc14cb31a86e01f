package bitrix

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/b24apply/b24apply/internal/filelock"
)

// lockTokens keeps other processes from renewing the tokens of a file.
func lockTokens(ctx context.Context, path string) (unlock func(), err error) {
	path += ".lock"
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, &FileError{Path: path, Cause: withoutPath(err)}
	}
	lock, err := filelock.Wait(ctx, path)
	if err != nil {
		if errors.Is(err, filelock.ErrHeld) {
			err = fmt.Errorf("another process renews the access token: %w", context.Cause(ctx))
		}
		return nil, &FileError{Path: path, Cause: withoutPath(err), hint: "check-folder"}
	}
	return lock.Unlock, nil
}
