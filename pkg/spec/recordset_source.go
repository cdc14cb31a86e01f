package spec

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"sort"
	"strings"
	"unicode/utf8"

	"github.com/b24apply/b24apply/internal/safefile"
	"github.com/b24apply/b24apply/pkg/spec/table"
	"github.com/b24apply/b24apply/pkg/value"
)

// A Table is a file with rows that a set names.
type Table struct {
	Name    string // its path, as messages show it
	Dialect table.Dialect
	Schema  *table.Schema // nil: nothing is declared of its columns
	Digest  string        // SHA-256 in hex, of the file as it is; "" unless Options ask for it

	place place
}

// Open opens the file; the caller closes it.
func (t *Table) Open() (*os.File, error) {
	folder, err := safefile.Below(t.place.root)
	if err != nil {
		return nil, err
	}
	defer folder.Close()
	return folder.Open(t.place.name)
}

// Read opens the table anew.
func (t *Table) Read(file io.Reader) (*table.Reader, []*table.Fault) {
	return table.Open(file, t.Name, t.Dialect, t.Schema)
}

// tableAt finds the file that a source names, below the project's folder.
func (l *loader) tableAt(manifest, name string) (t *Table, fault, hint value.Message) {
	dir := filepath.Dir(manifest)
	if manifest == stdinName {
		dir = l.o.Dir
	}
	t = &Table{Name: filepath.Join(dir, filepath.FromSlash(name)), place: placeIn(l.projectFolder(), dir, name)}
	if strings.Contains(name, `\`) || path.IsAbs(name) || filepath.IsAbs(name) || !filepath.IsLocal(filepath.FromSlash(t.place.name)) {
		return nil, value.Say("leads-out-of-project-folder"), value.Say("write-path-below-project")
	}
	file, err := t.Open()
	if err == nil {
		err = file.Close()
	}
	if err == nil && l.o.Digests {
		t.Digest, err = t.digest()
	}
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, value.Say("does-not-exist"), value.Say("path-starts-from-manifest")
	case errors.Is(err, safefile.ErrOutside):
		return nil, value.Say("leads-out-of-project-folder"), value.Say("write-path-below-project")
	case err != nil:
		fault, hint := fileFault(err)
		return nil, fault, hint
	}
	l.digestTable(t)
	return t, value.Message{}, value.Message{}
}

// digest is the SHA-256 of the file, in hex.
func (t *Table) digest() (string, error) {
	file, err := t.Open()
	if err != nil {
		return "", err
	}
	defer file.Close()
	sum := sha256.New()
	if _, err := io.Copy(sum, file); err != nil {
		return "", safefile.Plain(err)
	}
	return hex.EncodeToString(sum.Sum(nil)), nil
}

// digestTable notes what a table holds.
func (l *loader) digestTable(t *Table) {
	if t.Digest == "" {
		return
	}
	if l.tables == nil {
		l.tables = make(map[string]string)
	}
	l.tables[t.Name] = t.Digest
}

// openSet opens the table of a set and compiles its mapping, or tells why not.
func (l *loader) openSet(s *RecordSet) (*openTables, bool) {
	r := &report{src: s.manifest}
	defer func() { l.refuse(append(r.problems, r.warnings...)...) }()
	source, _ := s.body.Get("source")
	t, d, ok := l.sourceOf(source, s.Pos.File, r)
	if !ok {
		return nil, false
	}
	s.Table = t
	file, err := t.Open()
	if err != nil {
		fault, hint := fileFault(err)
		r.problem(source.Pos, "", "source", hint, value.Say("source-fault", value.T("file", quote(t.Name)), value.M("fault", fault)))
		return nil, false
	}
	out := &openTables{rows: &openTable{table: t, file: file}}
	var faults []*table.Fault
	out.rows.reader, faults = t.Read(file)
	if ok = tellFaults(r, faults); !ok || out.rows.reader == nil {
		_ = file.Close() // it was only read
		return nil, false
	}
	mapping, wrong := table.Compile(s.body, table.Options{Kind: s.Records, Dialect: d, Schema: t.Schema, Zone: d.Zone, Region: l.phoneRegion(), Open: func(name string) (io.ReadCloser, error) {
		return l.openBeside(s, out, name)
	}})
	for _, f := range wrong {
		r.problem(f.Pos, "", f.Rule, f.Hint, f.Message)
	}
	if len(wrong) == 0 {
		s.onlyIfEmpty(mapping.OnlyIfEmpty(), r)
		s.mapping = mapping
		out.mapper, faults = mapping.On(out.rows.reader)
		ok = tellFaults(r, faults) && l.attachChildren(s, out, r)
	}
	if len(wrong) > 0 || !ok {
		out.close()
		return nil, false
	}
	return out, true
}

// tellFaults tells what is wrong with a table as a whole; false if no rows can be read.
func tellFaults(r *report, faults []*table.Fault) bool {
	ok := true
	for _, f := range faults {
		p := newProblem(f.Pos, f.Rule, f.Hint, f.Message)
		p.Width = utf8.RuneCountInString(f.Raw)
		if f.Pos.File == r.src.name {
			one := report{src: r.src}
			one.problem(f.Pos, f.Raw, f.Rule, f.Hint, f.Message)
			p = one.problems[0]
		}
		if p.Severity = SeverityError; f.Warning {
			p.Severity = SeverityWarning
		}
		ok = ok && f.Warning
		r.problems = append(r.problems, p)
	}
	return ok
}

// sourceOf finds a table and how it is written.
func (l *loader) sourceOf(source value.Node, manifest string, r *report) (*Table, table.Dialect, bool) {
	s, wrong := l.sourceOfNode(source)
	if wrong != nil {
		r.problem(wrong.Pos, "", wrong.Rule, wrong.Hint, wrong.Message)
		return nil, s.Dialect, false
	}
	t, ok := l.tableOf(s, manifest, r)
	return t, s.Dialect, ok
}

// tableOf finds the table of a source, and its schema.
func (l *loader) tableOf(s table.SourceFile, manifest string, r *report) (*Table, bool) {
	t, fault, hint := l.tableAt(manifest, s.Path)
	if t == nil {
		r.problem(s.Pos, s.Path, "source", hint, value.Say("source-fault", value.T("file", quote(s.Path)), value.M("fault", fault)))
		return nil, false
	}
	t.Dialect = s.Dialect
	return t, l.readSchema(t, s, manifest, r)
}

// openBeside opens a file that a mapping names.
func (l *loader) openBeside(s *RecordSet, out *openTables, name string) (io.ReadCloser, error) {
	t, fault, hint := l.tableAt(s.Pos.File, name)
	if t == nil {
		f := value.Bad("source", "source-fault", "", value.T("file", quote(name)), value.M("fault", fault))
		f.Hint = hint
		return nil, f
	}
	s.Others = append(s.Others, t)
	return t.Open()
}

// sourceOfNode reads how a table is written. The schema has checked the form.
func (l *loader) sourceOfNode(source value.Node) (s table.SourceFile, wrong *value.Fault) {
	s, faults := table.ReadSource(source)
	if len(faults) > 0 {
		f := faults[0]
		if zone, ok := source.Get("timeZone"); ok && zone.Pos == f.Pos {
			f.Hint = zoneHint(zone.Text)
		}
		return s, f
	}
	if l.project != nil && s.Dialect.Zone == nil {
		s.Dialect.Zone = value.Zone(l.project.TimeZone)
	}
	return s, nil
}

// openTables are the open files of a set.
type openTables struct {
	rows   *openTable
	mapper *table.Mapper
	others []io.Closer
}

func (o *openTables) close() {
	_ = o.rows.file.Close() // it was only read
	for _, c := range o.others {
		_ = c.Close()
	}
}

// An openTable is a table that is read, with the places of some of its rows.
type openTable struct {
	table  *Table
	file   *os.File
	reader *table.Reader
	marks  []table.Place
}

// markEvery is how many rows lie between those whose places are kept: a line is found from the
// nearest of them on.
const markEvery = 256

func (o *openTable) mark(p table.Place) {
	if p.Number%markEvery == 1 {
		o.marks = append(o.marks, p)
	}
}

// line reads a line again, for a problem in it. Of a packed file none can be shown.
func (o *openTable) line(n int) (string, bool) {
	if table.Packed(o.table.Name) {
		return "", false
	}
	file, err := o.table.Open()
	if err != nil {
		return "", false
	}
	defer file.Close()
	from := table.Place{Line: 1}
	if i := sort.Search(len(o.marks), func(i int) bool { return o.marks[i].Line > n }); i > 0 {
		from = o.marks[i-1]
	}
	return o.reader.Line(file, from, n)
}
