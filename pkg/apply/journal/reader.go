package journal

import (
	"bufio"
	"bytes"
	"errors"
	"io"

	"github.com/b24apply/b24apply/pkg/value"
)

// A DamageError is a line that does not hold what was written to it.
type DamageError struct {
	Line   int   // from 1
	Offset int64 // of its first byte
	Cause  error
}

func (e *DamageError) Error() string {
	return e.Says().String()
}

// Says is the damage for people.
func (e *DamageError) Says() value.Message {
	return value.Say("line-at-byte", value.N("line", e.Line), value.N("byte", int(e.Offset)), value.M("cause", value.SaidBy(e.Cause)))
}

// Remedy is zero: what is damaged stays so.
func (*DamageError) Remedy() value.Message { return value.Message{} }

func (e *DamageError) Unwrap() error { return e.Cause }

// Extent tells how far a journal goes.
type Extent struct {
	Records int64 // number of the last record
	Size    int64 // bytes of whole lines
	Torn    int64 // bytes of a torn last line
}

// Read gives every record to take, in order. A last line that was not written whole is left
// out; anything else that is wrong is a *DamageError, and the error of take ends the reading.
func Read(r io.Reader, take func(*Record) error) (e Extent, err error) {
	in := bufio.NewReaderSize(r, 1<<16)
	for {
		line, err := in.ReadBytes('\n')
		if err != nil && !errors.Is(err, io.EOF) {
			return e, err
		}
		if len(line) == 0 {
			return e, nil
		}
		rec, bad := whole(line)
		if bad == nil && rec.Seq != e.Records+1 {
			bad = value.Err("number-is-unexpected", value.N("number", int(rec.Seq)), value.N("expected", int(e.Records+1)))
		} else if bad != nil && atEnd(in) {
			e.Torn = int64(len(line))
			return e, nil
		}
		if bad == nil && (rec.Seq == 1) != (rec.Kind == Open && rec.Header != nil) {
			bad = value.Err("journal-begins-with-header")
		} else if bad == nil && rec.Header != nil && rec.Header.Format != Format {
			bad = value.Err("format-is-unknown", value.N("format", rec.Header.Format))
		}
		if bad != nil {
			return e, &DamageError{Line: int(e.Records) + 1, Offset: e.Size, Cause: bad}
		}
		e.Records, e.Size = rec.Seq, e.Size+int64(len(line))
		if err := take(rec); err != nil {
			return e, err
		}
	}
}

func whole(line []byte) (*Record, error) {
	text, ended := bytes.CutSuffix(line, []byte{'\n'})
	if !ended {
		return nil, io.ErrUnexpectedEOF
	}
	return parse(text)
}

func atEnd(in *bufio.Reader) bool {
	_, err := in.Peek(1)
	return err != nil
}

// tailSize is how much of a journal's end [Closing] reads; an end has a hundred bytes.
const tailSize = 4096

// Closing gives the last line of a journal of which nothing is open; nil if it does not tell,
// so that the journal is to be read.
func Closing(r io.ReaderAt, size int64) *Record {
	from := max(0, size-tailSize)
	tail := make([]byte, size-from)
	if _, err := r.ReadAt(tail, from); err != nil && !errors.Is(err, io.EOF) {
		return nil
	}
	text, ended := bytes.CutSuffix(tail, []byte{'\n'})
	rec, err := parse(text[bytes.LastIndexByte(text, '\n')+1:])
	if !ended || err != nil || rec.Kind != End || rec.Is == EndOpen {
		return nil
	}
	return rec
}
