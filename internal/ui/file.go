package ui

import (
	"errors"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/b24apply/b24apply/pkg/apply"
	"github.com/b24apply/b24apply/pkg/value"
)

// A reportFormat is one form in which a report is saved.
type reportFormat struct {
	ext   string
	write func(io.Writer, *apply.Report) error
}

// reportFormats is never changed after it is built.
var reportFormats = []reportFormat{
	{".json", ReportJSON},
	{".txt", func(w io.Writer, r *apply.Report) error { return Report(w, r, Style{}) }},
}

func formatOf(path string) (reportFormat, error) {
	ext := strings.ToLower(filepath.Ext(path))
	var known []string
	for _, f := range reportFormats {
		if f.ext == ext {
			return f, nil
		}
		known = append(known, f.ext)
	}
	return reportFormat{}, value.Err("report-of-no-format", value.T("file", path), value.L("known", known))
}

// ProbeReport tells before a run whether [WriteReport] will be able to write path: its
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

// WriteReport saves a report in the format that the extension of path names. A
// reader of the file sees the old content or the whole new one, even if the
// machine stops in between. Secrets are hidden; nil is none.
func WriteReport(path string, r *apply.Report, secrets *Secrets) error {
	format, err := formatOf(path)
	if err != nil {
		return err
	}
	if err := replaceFile(path, func(w io.Writer) error {
		door := NewDoor(w, Style{}, false)
		door.Hide(secrets)
		return errors.Join(format.write(door, r), door.Close())
	}); err != nil {
		return value.While(err, "writing-report", value.T("file", path))
	}
	return nil
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
