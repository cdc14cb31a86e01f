// Package runlock keeps two runs of one machine from changing the same portal for the
// same owner at once. Both would create what neither has found.
//
// The lock is a file of the user's state folder, one for each portal and owner. It is
// freed by the end of its process, however that ends, and tells others who holds it.
package runlock

import (
	"cmp"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/user"
	"path/filepath"
	"strings"
	"time"

	"github.com/b24apply/b24apply/internal/filelock"
)

// Config says which lock is wanted, and by whom.
type Config struct {
	// Dir is the folder of the locks, which is made if it is missing.
	Dir string
	// Portal is what [Portal] or [File] tells.
	Portal string
	// Owner is the project whose records the run writes.
	Owner string
	// Command and Run tell others who holds the lock. Command is a word, never a whole
	// command line, which may hold what others must not read.
	Command, Run string
	// Timeout is how long to wait for a lock that is held; 0 means not at all.
	Timeout time.Duration
	// Waiting, if set, is told once for whom the lock is waited for.
	Waiting func(Holder)
}

// A Holder is who holds a lock. Everything is empty that could not be read.
type Holder struct {
	Run     string    `json:"run"`
	Command string    `json:"command"`
	PID     int       `json:"pid"`
	User    string    `json:"user"`
	Host    string    `json:"host"`
	Portal  string    `json:"portal"`
	Owner   string    `json:"owner"`
	Since   time.Time `json:"since"`
}

// Age is how long the lock has been held, in whole seconds.
func (h Holder) Age() time.Duration { return max(0, time.Since(h.Since)).Round(time.Second) }

// Held is why there is no lock.
type Held struct {
	Holder Holder
	Waited time.Duration
}

// Error is for tests and logs; people read what the command says of the holder.
func (e *Held) Error() string { return "held: " + e.Holder.Run }

// A Lock is held until Unlock or the end of the process.
type Lock struct{ file *filelock.Lock }

// Unlock gives the lock up. What it says of its holder is emptied before.
func (l *Lock) Unlock() {
	_ = l.file.Note(nil) // who reads it finds the lock free
	l.file.Unlock()
}

// NewRun gives a run a name that no other has: its start in UTC, as eight hexadecimal digits the
// fraction of the second in 4,096 parts and 20 random bits. Names sort as the runs began.
func NewRun() string {
	var random [4]byte
	_, _ = rand.Read(random[:]) // it never fails
	now := time.Now().UTC()
	fraction := uint32(int64(now.Nanosecond()) << 12 / int64(time.Second))
	return now.Format("20060102T150405-") + fmt.Sprintf("%08x", fraction<<20|binary.BigEndian.Uint32(random[:])>>12)
}

// Take takes the lock. The error is a [Held] if another run has it, the cause of the
// context if that ends first, and otherwise names the file that can't be written.
func Take(ctx context.Context, cfg Config) (*Lock, error) {
	path := filepath.Join(cfg.Dir, fileName(cfg.Portal, cfg.Owner))
	if err := os.MkdirAll(cfg.Dir, 0o700); err != nil {
		return nil, err
	}
	file, err := filelock.Try(path)
	if errors.Is(err, filelock.ErrHeld) {
		file, err = wait(ctx, path, cfg)
	}
	if err != nil {
		return nil, err
	}
	text, err := json.Marshal(self(cfg))
	if err == nil {
		err = file.Note(append(text, '\n'))
	}
	if err != nil {
		file.Unlock()
		return nil, err
	}
	return &Lock{file}, nil
}

// wait waits for a lock that is held, as long as it may.
func wait(ctx context.Context, path string, cfg Config) (*filelock.Lock, error) {
	if cfg.Timeout <= 0 {
		return nil, &Held{Holder: read(path)}
	}
	if cfg.Waiting != nil {
		cfg.Waiting(read(path))
	}
	limited, cancel := context.WithTimeout(ctx, cfg.Timeout)
	defer cancel()
	file, err := filelock.Wait(limited, path)
	switch {
	case ctx.Err() != nil:
		if file != nil {
			file.Unlock()
		}
		return nil, context.Cause(ctx)
	case errors.Is(err, filelock.ErrHeld):
		return nil, &Held{Holder: read(path), Waited: cfg.Timeout}
	}
	return file, err
}

// read tells who holds a lock. A holder that has just taken it says so within moments.
func read(path string) Holder {
	const tries, most = 10, 4096 // bytes
	for range tries {
		var h Holder
		if text, err := readFile(path, most); err == nil && json.Unmarshal(text, &h) == nil && h.PID != 0 {
			return h
		}
		time.Sleep(10 * time.Millisecond)
	}
	return Holder{}
}

func readFile(path string, most int64) ([]byte, error) {
	if info, err := os.Lstat(path); err != nil || !info.Mode().IsRegular() {
		return nil, cmp.Or(err, fs.ErrInvalid)
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, most))
}

// self is this process as the holder of a lock.
func self(cfg Config) Holder {
	h := Holder{Run: cfg.Run, Command: cfg.Command, PID: os.Getpid(),
		Portal: cfg.Portal, Owner: cfg.Owner, Since: time.Now().UTC().Truncate(time.Second)}
	if u, err := user.Current(); err == nil {
		h.User = u.Username
	}
	if host, err := os.Hostname(); err == nil {
		h.Host = host
	}
	return h
}

// fileName is a name for the lock that people can tell apart and no text can leave the
// folder with; the digest makes it unique.
func fileName(portal, owner string) string {
	sum := sha256.Sum256([]byte(portal + "\x00" + owner))
	return plain(portal) + "-" + plain(owner) + "-" + hex.EncodeToString(sum[:8]) + ".lock"
}

// plain keeps the end of a text, at most 40 characters that every file system takes.
func plain(text string) string {
	const most = 40
	text = strings.Map(func(r rune) rune {
		if r == '-' || r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' {
			return r
		}
		return '_'
	}, text)
	return text[max(0, len(text)-most):]
}
