package table

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"io"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/b24apply/b24apply/internal/zfile"
	"github.com/b24apply/b24apply/pkg/value"
)

// maxUnpacked bounds what a packed file may hold, in bytes: some lines of it unpack to
// terabytes, and nobody would wait for their end.
const maxUnpacked = 64 << 30

// errTooLarge ends a stream that unpacks to more than maxUnpacked.
var errTooLarge = value.Err("unpacks-too-large", value.N("gib", maxUnpacked>>30))

// Packed tells whether a file of this name is compressed, so that it can only be read in order.
func Packed(name string) bool {
	name = strings.ToLower(name)
	return strings.HasSuffix(name, ".gz") || zfile.Compresses(name)
}

// unpacked reads what a file of this name holds.
func unpacked(r io.Reader, name string) (io.Reader, error) {
	switch {
	case strings.HasSuffix(strings.ToLower(name), ".gz"):
		z, err := gzip.NewReader(bufio.NewReaderSize(r, blockSize))
		if err != nil {
			return nil, err
		}
		return &bounded{z, maxUnpacked}, nil
	case zfile.Compresses(name):
		z, err := zfile.NewReader(r)
		if err != nil {
			return nil, err
		}
		return &bounded{z, maxUnpacked}, nil
	}
	return r, nil
}

// bounded reads some bytes and no more; what follows is an error.
type bounded struct {
	r    io.Reader
	left int64
}

func (b *bounded) Read(p []byte) (int, error) {
	if b.left <= 0 {
		return 0, errTooLarge
	}
	n, err := b.r.Read(p[:min(int64(len(p)), b.left)])
	b.left -= int64(n)
	return n, err
}

// marks are the bytes that begin a file in an encoding, if anything does.
var marks = []struct {
	encoding string
	bytes    []byte
}{
	{"utf-8", []byte{0xef, 0xbb, 0xbf}},
	{"utf-16le", []byte{0xff, 0xfe}},
	{"utf-16be", []byte{0xfe, 0xff}},
}

// markOf gives the encoding that the first bytes of a file name, and how many those are.
func markOf(first []byte) (name string, size int) {
	for _, m := range marks {
		if bytes.HasPrefix(first, m.bytes) {
			return m.encoding, len(m.bytes)
		}
	}
	return "", 0
}

// notUTF16 stands in UTF-8 for what is none in UTF-16: half a pair, or half a unit. No
// character is written so.
const notUTF16 = 0xff

// A utf16Reader gives a file in UTF-16 as UTF-8.
type utf16Reader struct {
	r     io.Reader
	order binary.ByteOrder
	in    []byte // read and not yet given, at most blockSize
	out   []byte // in UTF-8, not yet given
	high  rune   // the first half of a pair, whose second half follows; 0 for none
	err   error
}

func newUTF16Reader(r io.Reader, order byteOrder) *utf16Reader {
	u := &utf16Reader{r: r, order: binary.LittleEndian}
	if order == bigEndian {
		u.order = binary.BigEndian
	}
	return u
}

func (u *utf16Reader) Read(p []byte) (int, error) {
	for len(u.out) == 0 {
		if u.err != nil {
			return 0, u.err
		}
		u.fill()
	}
	n := copy(p, u.out)
	u.out = u.out[n:]
	return n, nil
}

func (u *utf16Reader) fill() {
	if u.in == nil {
		u.in = make([]byte, 0, blockSize)
	}
	n, err := u.r.Read(u.in[len(u.in):cap(u.in)])
	u.in, u.err = u.in[:len(u.in)+n], err
	whole := len(u.in) &^ 1
	out := u.out[:0]
	for i := 0; i < whole; i += 2 {
		out = u.unit(out, rune(u.order.Uint16(u.in[i:])))
	}
	u.in = u.in[:copy(u.in, u.in[whole:])]
	if err != nil {
		if u.high != 0 {
			out, u.high = append(out, notUTF16), 0
		}
		if len(u.in) > 0 {
			out, u.in = append(out, notUTF16), u.in[:0]
		}
	}
	u.out = out
}

// unit appends what a unit completes.
func (u *utf16Reader) unit(out []byte, c rune) []byte {
	if u.high != 0 {
		high := u.high
		u.high = 0
		if r := utf16.DecodeRune(high, c); r != utf8.RuneError {
			return utf8.AppendRune(out, r)
		}
		out = append(out, notUTF16)
	}
	switch {
	case !utf16.IsSurrogate(c):
		return utf8.AppendRune(out, c)
	case c < 0xdc00:
		u.high = c
		return out
	}
	return append(out, notUTF16)
}
