package bitrix

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
)

// Tokens is what a program keeps of an authorization; as JSON it is the content
// of a token file.
type Tokens struct {
	Portal       string `json:"portal"`          // the host that the user logged in to
	Endpoint     string `json:"client_endpoint"` // where methods are called; another one once the portal was renamed
	Server       string `json:"server_endpoint"` // of the authorization server
	MemberID     string `json:"member_id,omitempty"`
	UserID       int    `json:"user_id,omitempty"` // 0 before the first renewal: the first answer does not tell
	Scope        string `json:"scope,omitempty"`   // permissions, separated by commas
	ClientID     string `json:"client_id"`
	ClientSecret string `json:"client_secret"`
	AccessToken  string `json:"access_token"`
	RefreshToken string `json:"refresh_token"`
}

// String hides the secrets.
func (t Tokens) String() string { return "bitrix.Tokens(" + t.Portal + ")" }

// LogValue is String, so that no log handler prints the secrets.
func (t Tokens) LogValue() slog.Value { return slog.StringValue(t.String()) }

// maxTokenFile bounds the size of a token file, in bytes.
const maxTokenFile = 64 << 10

// A FileError is a token file that cannot be used.
type FileError struct {
	Path  string
	Cause error
	hint  string // the code of what to do about it
}

func (e *FileError) Error() string { return fmt.Sprintf("token file %s: %v", e.Path, e.Cause) }

// Unwrap gives the cause.
func (e *FileError) Unwrap() error { return e.Cause }

// Hint is what to do about it, as of an [Error].
func (e *FileError) Hint() (code string, args map[string]string) {
	return e.hint, map[string]string{"path": e.Path}
}

// ReadTokens reads a token file. A file that other users of the machine may read
// is refused. Errors are *FileError and wrap fs.ErrNotExist if there is none.
func ReadTokens(path string) (Tokens, error) {
	info, err := os.Stat(path)
	if err != nil {
		return Tokens{}, &FileError{Path: path, Cause: withoutPath(err), hint: "log-in"}
	}
	if !info.Mode().IsRegular() { // opening a pipe would wait for its other end
		return Tokens{}, damaged(path)
	}
	if mode := info.Mode().Perm(); mode&0o077 != 0 && runtime.GOOS != "windows" {
		return Tokens{}, &FileError{
			Path: path, Cause: fmt.Errorf("other users of this machine may read or write it (mode %04o)", mode),
			hint: "close-token-file",
		}
	}
	if info.Size() > maxTokenFile {
		return Tokens{}, damaged(path)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return Tokens{}, &FileError{Path: path, Cause: withoutPath(err)}
	}
	var t Tokens
	if json.Unmarshal(data, &t) != nil || t.AccessToken == "" || t.RefreshToken == "" {
		return Tokens{}, damaged(path)
	}
	return t, nil
}

func damaged(path string) error {
	return &FileError{Path: path, Cause: errors.New("it holds no tokens, or is damaged"), hint: "delete-and-log-in-again"}
}

// withoutPath is an error of a file without its path, which is told already.
func withoutPath(err error) error {
	var e *fs.PathError
	if errors.As(err, &e) {
		return e.Err
	}
	return err
}

// StoreTokens replaces a token file, in one step and on the disk when it
// returns, and waits for a process that renews the old tokens. The file is for
// its owner alone, and so is a folder that it makes. Errors are *FileError.
func StoreTokens(ctx context.Context, path string, t Tokens) error {
	unlock, err := lockTokens(ctx, path)
	if err != nil {
		return err
	}
	defer unlock()
	return writeTokens(path, t)
}

// RemoveTokens deletes a token file, and waits for a process that renews the
// tokens in it. Errors are *FileError, and wrap fs.ErrNotExist if there is none.
func RemoveTokens(ctx context.Context, path string) error {
	unlock, err := lockTokens(ctx, path)
	if err != nil {
		return err
	}
	defer unlock()
	if err := os.Remove(path); err != nil {
		return &FileError{Path: path, Cause: withoutPath(err)}
	}
	return nil
}

// writeTokens replaces a token file; the caller holds its lock.
func writeTokens(path string, t Tokens) error {
	data, err := json.MarshalIndent(t, "", "  ")
	if err != nil {
		return &FileError{Path: path, Cause: err}
	}
	if err := replaceFile(path, append(data, '\n')); err != nil {
		return &FileError{Path: path, Cause: withoutPath(err), hint: "check-folder-and-disk"}
	}
	return nil
}

// replaceFile writes a file beside the old one, which is 0600 from the start,
// and renames it.
func replaceFile(path string, data []byte) error {
	dir := filepath.Dir(path)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	f, err := os.CreateTemp(dir, ".tokens-*")
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		_ = os.Remove(f.Name())
		return err
	}
	return syncFolder(dir)
}

// syncFolder makes a rename last. Windows has no such thing.
func syncFolder(dir string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
