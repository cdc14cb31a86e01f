package journal

import (
	"errors"
	"io"
	"sync"
)

// A File is where a journal is written.
type File interface {
	io.Writer
	Sync() error
	Close() error
}

// A Writer writes records for many goroutines. What several of them want on disk at the same
// time costs one sync: whoever comes while another one syncs waits, and the next sync is for all who wait.
// After an error it writes nothing more, and every call gives that error.
type Writer struct {
	file File

	mu      sync.Mutex
	free    *sync.Cond // a sync has ended
	buf     []byte     // not written yet
	spare   []byte     // room for the next buf
	last    int64      // number of the last record
	written int64      // number of the last record that is on disk
	syncing bool
	err     error
}

// NewWriter writes behind the record of a number; 0 begins a journal.
func NewWriter(f File, last int64) *Writer {
	w := &Writer{file: f, last: last, written: last}
	w.free = sync.NewCond(&w.mu)
	return w
}

// maxBuffered is how many bytes wait for the next sync at most.
const maxBuffered = 1 << 18

// Append writes records, which get their numbers. With sync they are on disk when it
// returns; otherwise they are with the next ones that are synced.
func (w *Writer) Append(sync bool, records ...Record) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	for i := range records {
		if w.err != nil {
			return w.err
		}
		w.last++
		records[i].Seq = w.last
		w.buf, w.err = appendLine(w.buf, &records[i])
	}
	if !sync && len(w.buf) < maxBuffered {
		return w.err
	}
	return w.flush(w.last)
}

// flush returns when the record of a number is on disk, or nothing can be written.
func (w *Writer) flush(upTo int64) error {
	for w.err == nil && w.written < upTo {
		if w.syncing {
			w.free.Wait()
			continue
		}
		buf, last := w.buf, w.last
		w.buf, w.spare, w.syncing = w.spare[:0], nil, true
		w.mu.Unlock()
		_, err := w.file.Write(buf)
		if err == nil {
			err = w.file.Sync()
		}
		w.mu.Lock()
		w.spare, w.syncing = buf, false
		if w.err = err; err == nil {
			w.written = last
		}
		w.free.Broadcast()
	}
	return w.err
}

// Close puts everything on disk and closes the file.
func (w *Writer) Close() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	err := w.flush(w.last)
	return errors.Join(err, w.file.Close())
}
