package ui

import (
	"errors"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"

	"github.com/b24apply/b24apply/pkg/apply"
	"github.com/b24apply/b24apply/pkg/value"
)

// Reports are the files that a command reports to, each in the format of its name. The zero
// Reports and nil are none.
type Reports struct {
	// Events gets what happens at once; nil if no file is of events.
	Events *Events
	// Style is how those are laid out that people read: HTML and Markdown.
	Style Style
	// Mask hides what is personal in all of them, and LogMask in comments, if there is no Mask.
	Mask, LogMask *Mask
	paths         []string // of the others
	streams       []*os.File
	doors         []*Door
	secrets       *Secrets
}

// ProbeReport tells before a run whether [OpenReports] will be able to write path: its
// extension is a supported format, no folder or device has its name, and a file can be
// made beside it.
func ProbeReport(path string) error {
	if _, err := formatOf(path); err != nil {
		return err
	}
	switch info, err := os.Stat(path); {
	case err == nil && !info.Mode().IsRegular():
		return value.Err("report-is-no-file", value.T("file", path))
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return value.While(withoutPath(err), "looking-at-report", value.T("file", path))
	}
	f, err := newFile(path)
	if err == nil {
		err = errors.Join(f.Close(), os.Remove(f.Name()))
	}
	if err != nil {
		return value.While(withoutPath(err), "report-cannot-be-written", value.T("file", path))
	}
	return nil
}

// withoutPath is an error of a file without its path, which is told already.
func withoutPath(err error) error {
	var e *fs.PathError
	if errors.As(err, &e) {
		return e.Err
	}
	return err
}

// RemoveReport deletes what an earlier run has left at path, so that nobody takes it for
// this run's.
func RemoveReport(path string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return value.While(withoutPath(err), "report-cannot-be-deleted", value.T("file", path))
	}
	return nil
}

// OpenReports takes the places of reports, which [ProbeReport] has found good, and begins those
// that are written as it happens. Secrets are hidden; nil is none. run names the run in them.
func OpenReports(paths []string, run string, secrets *Secrets) (*Reports, error) {
	r := &Reports{secrets: secrets}
	for _, path := range paths {
		form, err := formatOf(path)
		if err != nil {
			return nil, err
		}
		if !form.streams {
			r.paths = append(r.paths, path)
			continue
		}
		f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
		if err != nil {
			return nil, errors.Join(value.While(withoutPath(err), "report-cannot-be-written", value.T("file", path)), r.close())
		}
		r.streams, r.doors = append(r.streams, f), append(r.doors, fileDoor(f, Style{}, secrets))
	}
	if len(r.doors) > 0 {
		r.Events = &Events{run: run}
		for _, d := range r.doors {
			r.Events.outs = append(r.Events.outs, d)
		}
	}
	return r, nil
}

// Any tells whether there is a file at all.
func (r *Reports) Any() bool { return r != nil && len(r.paths)+len(r.streams) > 0 }

// Report writes the report of a run to all files; the events end.
func (r *Reports) Report(report *apply.Report) error {
	if r == nil {
		return nil
	}
	err := r.saveAll(func(form format, w io.Writer) error { return form.report(w, r.maskOf(form).Report(report)) })
	return errors.Join(err, r.ended(r.Events.Ended(r.Mask.Report(report))))
}

// Planned writes what a command that only plans ends with to all files; the events end.
func (r *Reports) Planned(p *Planned) error {
	if r == nil {
		return nil
	}
	err := r.saveAll(func(form format, w io.Writer) error { return form.plan(w, r.maskOf(form).Planned(p)) })
	return errors.Join(err, r.ended(r.Events.PlanEnded(r.Mask.Planned(p))))
}

// maskOf is the mask of a format.
func (r *Reports) maskOf(form format) *Mask {
	if r.Mask == nil && form.isComment {
		return r.LogMask
	}
	return r.Mask
}

// saveAll writes each file; one that cannot be written keeps no other from it.
func (r *Reports) saveAll(write func(format, io.Writer) error) error {
	var all error
	for _, path := range r.paths {
		all = errors.Join(all, saveReport(path, r.Style, r.secrets, write))
	}
	return all
}

// ended closes the files of events; err is why some are missing.
func (r *Reports) ended(err error) error {
	name := ""
	if len(r.streams) > 0 {
		name = r.streams[0].Name()
	}
	if err = errors.Join(err, r.close()); err != nil {
		return value.While(withoutPath(err), "writing-report", value.T("file", name))
	}
	return nil
}

func (r *Reports) close() (err error) {
	for i, f := range r.streams {
		err = errors.Join(err, r.doors[i].Close(), f.Sync(), f.Close())
	}
	r.streams = nil
	return err
}

// saveReport saves a report in the format that the extension of path names. A
// reader of the file sees the old content or the whole new one, even if the
// machine stops in between.
func saveReport(path string, style Style, secrets *Secrets, write func(format, io.Writer) error) error {
	form, err := formatOf(path)
	if err != nil {
		return err
	}
	if err := replaceFile(path, func(w io.Writer) error {
		door := fileDoor(w, style, secrets)
		return errors.Join(write(form, door), door.Close())
	}); err != nil {
		return value.While(err, "writing-report", value.T("file", path))
	}
	return nil
}

// fileDoor is the door to a file, which no terminal reads at once.
func fileDoor(w io.Writer, style Style, secrets *Secrets) *Door {
	style.Color = false
	d := NewDoor(w, style, false)
	d.crlf = true
	d.Hide(secrets)
	return d
}

// newFile makes a file beside path. It is not made by os.CreateTemp, so that it gets the
// permissions of any new file.
func newFile(path string) (*os.File, error) {
	temp := filepath.Join(filepath.Dir(path), "."+filepath.Base(path)+"."+strconv.FormatUint(rand.Uint64(), 36)+".tmp")
	return os.OpenFile(temp, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
}

// replaceFile writes a new file beside path and renames it.
func replaceFile(path string, write func(io.Writer) error) (err error) {
	f, err := newFile(path)
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = os.Remove(f.Name())
		}
	}()
	if err = write(f); err == nil {
		err = f.Sync()
	}
	if e := f.Close(); err == nil {
		err = e
	}
	if err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}
