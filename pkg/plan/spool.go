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
	window []byte // what was read ahead, since changes are mostly read in the order in which they lie
	from   int64  // where the window begins
	last   int64  // where the last change that was read ends
}

// ahead is how many bytes are read at once where one change follows another.
const ahead = 64 << 10

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

// read gives what lies at a place, whose lists may take the room of those of c.
func (s *spool) read(c *Change, p place, much extent) error {
	text, err := s.text(p)
	if err != nil {
		return unread(err)
	}
	if crc32.ChecksumIEEE(text) != p.sum {
		return unread(errSpoolDamaged)
	}
	if much == brief {
		text = text[:p.head]
	}
	return s.codec.decode(c, string(text), much)
}

// text reads what lies at a place. It is good until the next one is read.
func (s *spool) text(p place) ([]byte, error) {
	if s.unsent {
		if err := s.out.Flush(); err != nil {
			return nil, unspooled(err)
		}
		s.unsent = false
	}
	end := p.at + int64(p.size)
	if p.at < s.from || end > s.from+int64(len(s.window)) {
		size := int(p.size)
		if p.at >= s.last && p.at < s.last+ahead {
			size = max(size, int(min(ahead, s.size-p.at)))
		}
		s.window = slices.Grow(s.window[:0], size)[:size]
		n, err := s.file.ReadAt(s.window, p.at)
		if s.from, s.window = p.at, s.window[:n]; n < int(p.size) {
			if errors.Is(err, io.EOF) {
				err = io.ErrUnexpectedEOF
			}
			return nil, err
		}
	}
	s.last = end
	return s.window[p.at-s.from : end-s.from], nil
}

// errSpoolDamaged is what a temporary file says that somebody else has written to.
var errSpoolDamaged = value.Err("spool-is-damaged")

func unread(err error) error { return value.While(err, "reading-the-spool") }

func (s *spool) close() error {
	s.window = nil
	err := s.file.Close()
	if s.dir != "" {
		err = errors.Join(err, os.RemoveAll(s.dir))
	}
	return err
}
