package ui

import (
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/b24apply/b24apply/pkg/apply"
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
	return reportFormat{}, fmt.Errorf("report %s: its name says no format that is supported: %s", path, strings.Join(known, ", "))
}

// ReportFormat tells before a run whether [WriteReport] will know what to do with
// path: its extension is a supported format and its folder exists.
func ReportFormat(path string) error {
	if _, err := formatOf(path); err != nil {
		return err
	}
	switch info, err := os.Stat(filepath.Dir(path)); {
	case err != nil:
		return fmt.Errorf("report %s: %w", path, err)
	case !info.IsDir():
		return fmt.Errorf("report %s: %s is not a folder", path, filepath.Dir(path))
	}
	return nil
}

// WriteReport saves a report in the format that the extension of path names. A
// reader of the file sees the old content or the whole new one, even if the
// machine stops in between.
func WriteReport(path string, r *apply.Report) error {
	format, err := formatOf(path)
	if err != nil {
		return err
	}
	if err := replaceFile(path, func(w io.Writer) error {
		door := NewDoor(w, Style{}, false)
		return errors.Join(format.write(door, r), door.Close())
	}); err != nil {
		return fmt.Errorf("write report %s: %w", path, err)
	}
	return nil
}

// replaceFile writes a new file beside path and renames it. It is not made by
// os.CreateTemp, so that it gets the permissions of any new file.
func replaceFile(path string, write func(io.Writer) error) (err error) {
	temp := filepath.Join(filepath.Dir(path), "."+filepath.Base(path)+"."+strconv.FormatUint(rand.Uint64(), 36)+".tmp")
	f, err := os.OpenFile(temp, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = os.Remove(temp)
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
	return os.Rename(temp, path)
}
