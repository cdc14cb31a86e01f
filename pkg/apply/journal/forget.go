package journal

import (
	"io"
	"slices"
	"time"

	"github.com/b24apply/b24apply/pkg/plan"
)

// Forget copies a journal that is closed, without what it holds of the values of some items:
// their images, and the digests that drop picks. What was done and when stays, with the same
// numbers; behind it stands that something was forgotten. The error is that of [Read], or the
// writer's.
func Forget(r io.Reader, w io.Writer, items []int, drop func(plan.Digest) bool, now time.Time) error {
	var line []byte
	var last Record
	put := func(rec *Record) (err error) {
		if line, err = appendLine(line[:0], rec); err == nil {
			_, err = w.Write(line)
		}
		return err
	}
	_, err := Read(r, func(rec *Record) error {
		if rec.Kind == Image && len(rec.Of) > 0 && slices.Contains(items, rec.Of[0].Item) {
			rec.Image = nil
		}
		rec.Held = slices.DeleteFunc(rec.Held, drop)
		last = *rec
		return put(rec)
	})
	if err != nil {
		return err
	}
	forgot := Record{Seq: last.Seq + 1, Kind: Forgot, At: now}
	for _, i := range items {
		forgot.Of = append(forgot.Of, Entry{Item: i})
	}
	if err := put(&forgot); err != nil {
		return err
	}
	last.Seq = forgot.Seq + 1 // it is closed as before
	return put(&last)
}
