package plan

import (
	"bufio"
	"errors"
	"hash/crc32"
	"io"
	"os"
	"path/filepath"
	"slices"

	"github.com/b24apply/b24apply/pkg/value"
)

// A spool is a file of changes in a folder that nobody else can read. Where a file may be
// removed while it is open, it is: then nothing is left of it however the process ends.
type spool struct {
	dir    string // "" if nothing is left to remove
	file   *os.File
	out    *bufio.Writer
	size   int64
	unsent bool // some of it is still in out
	codec  spoolCodec
	room   []byte
}

// A place is where a change lies in a spool, with a checksum of it.
type place struct {
	at   int64
	size uint32
	head uint32 // what stands before its fields
	sum  uint32
}

func newSpool(parent string) (*spool, error) {
	dir, err := os.MkdirTemp(parent, "b24apply-plan-") // 0700, as its documentation promises
	if err != nil {
		return nil, unspooled(err)
	}
	name := filepath.Join(dir, "changes")
	f, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		_ = os.Remove(dir)
		return nil, unspooled(err)
	}
	if os.Remove(name) == nil && os.Remove(dir) == nil {
		dir = ""
	}
	return &spool{dir: dir, file: f, out: bufio.NewWriterSize(f, 1<<16)}, nil
}

// unspooled says what could not be kept. Where no plan can be kept, none is carried out.
func unspooled(err error) error { return value.While(err, "spooling-the-plan") }

func (s *spool) write(c *Change) (place, error) {
	room, head := s.codec.encode(s.room[:0], c)
	s.room = room
	p := place{at: s.size, size: uint32(len(s.room)), head: uint32(head), sum: crc32.ChecksumIEEE(s.room)}
	if int64(p.size) != int64(len(s.room)) {
		return place{}, unspooled(value.Err("change-is-too-large", value.T("address", c.Address)))
	}
	if _, err := s.out.Write(s.room); err != nil {
		return place{}, unspooled(err)
	}
	s.size, s.unsent = s.size+int64(p.size), true
	return p, nil
}

func (s *spool) read(p place, whole bool) (*Change, error) {
	if s.unsent {
		if err := s.out.Flush(); err != nil {
			return nil, unspooled(err)
		}
		s.unsent = false
	}
	s.room = slices.Grow(s.room[:0], int(p.size))[:p.size]
	if _, err := s.file.ReadAt(s.room, p.at); err != nil {
		if errors.Is(err, io.EOF) {
			err = io.ErrUnexpectedEOF
		}
		return nil, unread(err)
	}
	if crc32.ChecksumIEEE(s.room) != p.sum {
		return nil, unread(errSpoolDamaged)
	}
	if !whole {
		return s.codec.decode(string(s.room[:p.head]), false)
	}
	return s.codec.decode(string(s.room), true)
}

// errSpoolDamaged is what a temporary file says that somebody else has written to.
var errSpoolDamaged = value.Err("spool-is-damaged")

func unread(err error) error { return value.While(err, "reading-the-spool") }

func (s *spool) close() error {
	err := s.file.Close()
	if s.dir != "" {
		err = errors.Join(err, os.RemoveAll(s.dir))
	}
	return err
}
