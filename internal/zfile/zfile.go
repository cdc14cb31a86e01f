// Package zfile writes and reads files that are compressed by zstd if their name ends in
// .zst, as a stream.
package zfile

import (
	"bufio"
	"bytes"
	"io"
	"strings"

	"github.com/klauspost/compress/zstd"
)

// maxWindow bounds the memory that a file can make its reader take, in bytes.
const maxWindow = 64 << 20

// magic begins every frame of zstd.
// Source: https://www.rfc-editor.org/rfc/rfc8878#name-zstandard-frames
var magic = []byte{0x28, 0xb5, 0x2f, 0xfd}

// Compresses tells whether a file of this name is compressed.
func Compresses(name string) bool { return strings.HasSuffix(strings.ToLower(name), ".zst") }

// NewWriter writes what a file of this name is to hold to w. Close ends the compressed
// stream, if there is one; it does not close w.
func NewWriter(name string, w io.Writer) (io.WriteCloser, error) {
	if !Compresses(name) {
		return plain{w}, nil
	}
	return zstd.NewWriter(w, zstd.WithEncoderCRC(true), zstd.WithEncoderConcurrency(1))
}

type plain struct{ io.Writer }

func (plain) Close() error { return nil }

// NewReader reads what a file holds. Whether it is compressed is seen from its first bytes,
// so that a file may be renamed. Close does not close r.
func NewReader(r io.Reader) (io.ReadCloser, error) {
	in := bufio.NewReader(r)
	if first, _ := in.Peek(len(magic)); !bytes.Equal(first, magic) { // an error comes again when it is read
		return io.NopCloser(in), nil
	}
	d, err := zstd.NewReader(in, zstd.WithDecoderMaxWindow(maxWindow), zstd.WithDecoderMaxMemory(maxWindow), zstd.WithDecoderConcurrency(1))
	if err != nil {
		return nil, err
	}
	return d.IOReadCloser(), nil
}
