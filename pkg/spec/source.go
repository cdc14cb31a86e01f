package spec

import (
	"bytes"
	"errors"
	"fmt"
	"hash/maphash"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/b24apply/b24apply/internal/safefile"
	"github.com/b24apply/b24apply/pkg/value"
)

// MaxFileSize is the largest manifest that is read, in bytes.
const MaxFileSize = 32 << 20

// A source is one file's text: valid UTF-8 without byte order mark or NUL.
type source struct {
	name string
	data []byte // nil once it was dropped; see text

	again   func() []byte // reads the text anew; nil for one that can be read once only
	dropped bool
	digest  uint64 // of the text that was dropped
	gone    bool   // it is another one since

	once   sync.Once
	starts []int // byte offsets of the lines; see lines

	mu   sync.Mutex
	last *lineView // of the line that was asked for last; see view

	// lineOf reads a line of a table, which is not kept; nil for manifests. It is false for a
	// line that cannot be shown.
	lineOf func(n int) (string, bool)
}

// readSource reads a file that the operator has named, or opens none and reads from r
// if that is given.
func readSource(name string, r io.Reader) (*source, *Problem) {
	if r == nil {
		data, err := safefile.Read(name, MaxFileSize)
		return newSource(name, data, err)
	}
	data, err := io.ReadAll(io.LimitReader(r, MaxFileSize+1))
	if err == nil && len(data) > MaxFileSize {
		err = &safefile.SizeError{Limit: MaxFileSize}
	}
	return newSource(name, data, err)
}

// newSource takes what was read of a file, or why it could not be.
func newSource(name string, data []byte, err error) (*source, *Problem) {
	refuse := func(hint, message value.Message) (*source, *Problem) {
		problem := newProblem(value.Pos{File: name}, "file", hint, message)
		return nil, &problem
	}
	if err != nil {
		fault, hint := fileFault(err)
		return refuse(hint, value.Say("file-fault", value.M("fault", fault)))
	}
	if offset, fact := firstBadByte(data); offset >= 0 {
		hint := value.Say("is-this-the-right-file")
		if bytes.HasPrefix(data, []byte{0xff, 0xfe}) || bytes.HasPrefix(data, []byte{0xfe, 0xff}) {
			hint = value.Say("save-as-utf-8")
		}
		return refuse(hint, value.Say(fact, value.N("offset", offset)))
	}
	return &source{name: name, data: bytes.TrimPrefix(data, []byte("\ufeff"))}, nil
}

// fileFault completes a sentence about a file that was not opened, with the remedy.
func fileFault(err error) (fault, hint value.Message) {
	var large *safefile.SizeError
	switch {
	case errors.As(err, &large):
		return value.Say("is-too-large-a-file", value.T("most", sizeText(large.Limit))), value.Say("split-it")
	case errors.Is(err, safefile.ErrOutside):
		return value.Say("leads-out-of-folder"), value.Say("reads-below-its-folder")
	case errors.Is(err, safefile.ErrHidden):
		return value.Say("is-hidden"), value.Say("reads-nothing-hidden")
	case errors.Is(err, safefile.ErrIrregular):
		return value.Say("is-no-regular-file"), value.Say("pipe-it-instead")
	case errors.Is(err, safefile.ErrCircle):
		return value.Say("links-in-a-circle"), value.Say("remove-link")
	case errors.Is(err, fs.ErrNotExist):
		return value.Say("does-not-exist"), value.Say("dead-link-counts-too")
	}
	return value.Say("cannot-be-read", because(err)), value.Message{}
}

// sizeText is a bound in bytes as people read it.
func sizeText(bytes int64) string {
	if bytes >= 1<<20 {
		return fmt.Sprintf("%d MiB", bytes>>20)
	}
	return fmt.Sprintf("%d KiB", bytes>>10)
}

// because is the argument cause: why a system refused a file, in its own words.
func because(err error) value.Arg { return value.T("cause", fmt.Sprint(unwrapPath(err))) }

// unwrapPath drops the path from a file error: the problem's position has it.
func unwrapPath(err error) error {
	if pe, ok := err.(*os.PathError); ok {
		return pe.Err
	}
	return err
}

// firstBadByte finds what no YAML text can hold, or gives -1.
func firstBadByte(data []byte) (offset int, fact string) {
	offset = -1
	if !utf8.Valid(data) {
		for i := 0; i < len(data); {
			r, size := utf8.DecodeRune(data[i:])
			if r == utf8.RuneError && size == 1 {
				offset, fact = i, "file-is-no-utf-8"
				break
			}
			i += size
		}
	}
	if i := bytes.IndexByte(data, 0); i >= 0 && (offset < 0 || i < offset) {
		offset, fact = i, "file-is-binary"
	}
	return offset, fact
}

// nextLine gives the end of the line that starts at i, without and with its line
// break. Breaks are those of the YAML scanner, so that its line numbers hold.
func nextLine(data []byte, i int) (end, next int) {
	for j := i; j < len(data); j++ {
		switch c := data[j]; {
		case c == '\n':
			return j, j + 1
		case c == '\r':
			if j+1 < len(data) && data[j+1] == '\n' {
				return j, j + 2
			}
			return j, j + 1
		case c == 0xc2 && j+1 < len(data) && data[j+1] == 0x85:
			return j, j + 2
		case c == 0xe2 && j+2 < len(data) && data[j+1] == 0x80 && (data[j+2] == 0xa8 || data[j+2] == 0xa9):
			return j, j + 3
		}
	}
	return len(data), len(data)
}

// digests tells texts apart.
var digests = maphash.MakeSeed()

// drop forgets the text, which only problems still need.
func (s *source) drop() {
	if s.again != nil {
		s.dropped, s.digest = true, maphash.Bytes(digests, s.data)
		s.data, s.starts, s.last, s.once = nil, nil, nil, sync.Once{}
	}
}

// text gives the text, which is read again if it was dropped; nothing if it is another one:
// nobody has looked for secrets in that.
func (s *source) text() []byte {
	if s.dropped {
		s.dropped = false
		data := s.again()
		if s.gone = maphash.Bytes(digests, data) != s.digest; !s.gone {
			s.data = data
		}
	}
	return s.data
}

// isGone tells whether the text cannot be shown.
func (s *source) isGone() bool {
	s.text()
	return s.gone
}

// lines gives the offsets at which lines start; there is always one.
func (s *source) lines() []int {
	s.once.Do(func() {
		s.starts = []int{0}
		data := s.text()
		for i := 0; i < len(data); {
			_, next := nextLine(data, i)
			if next < len(data) {
				s.starts = append(s.starts, next)
			}
			i = next
		}
	})
	return s.starts
}

// line gives the text of a line, counted from 1, without its break.
func (s *source) line(n int) string {
	starts := s.lines()
	if n < 1 || n > len(starts) {
		return ""
	}
	end, _ := nextLine(s.text(), starts[n-1])
	return string(s.text()[starts[n-1]:end])
}

// lineAt gives the number of the line that holds an offset.
func (s *source) lineAt(offset int) int {
	i, found := slices.BinarySearch(s.lines(), offset)
	if found {
		return i + 1
	}
	return i
}

// A report collects the problems of one source.
type report struct {
	src      *source
	problems Problems
	warnings Problems // apart, since nothing stops for them
}

// problem notes an error at a position; text is what stands there, for its width.
func (r *report) problem(p value.Pos, text, rule string, hint, message value.Message) {
	problem := newProblem(p, rule, hint, message)
	if r.src.lineOf != nil {
		problem.Width = min(maxExcerpt, utf8.RuneCountInString(text)) // the line is read if it is shown
	} else if p.Line > 0 && !r.src.isGone() {
		problem.Line = max(1, min(p.Line, len(r.src.lines())))
		v := r.src.view(problem.Line)
		problem.Col = max(1, min(p.Col, v.length()+1))
		problem.Excerpt, problem.Width = v.excerpt, v.width(problem.Col, text)
	}
	r.problems = append(r.problems, problem)
}

// excerpt shows the line of a table that a problem is about.
func (s *source) excerpt(p *Problem) {
	line, ok := s.lineOf(p.Line)
	if !ok {
		return
	}
	v := newLineView(p.Line, line)
	p.Col = max(1, min(p.Col, v.length()+1))
	if p.Excerpt = v.excerpt; p.Width == 0 || strings.HasPrefix(v.from(p.Col), `"`) {
		p.Width = v.width(p.Col, "")
	}
}

// warning is problem for what does not stop the run.
func (r *report) warning(p value.Pos, text, rule string, hint, message value.Message) {
	w := report{src: r.src}
	w.problem(p, text, rule, hint, message)
	w.problems[0].Severity = SeverityWarning
	r.warnings = append(r.warnings, w.problems...)
}

// WithExcerpts fills in the source lines of problems that were found after the
// manifests were read, as far as their files are still there.
func (ps Problems) WithExcerpts() Problems {
	sources := make(map[string]*source)
	for i, p := range ps {
		if p.Line == 0 || p.Excerpt != "" {
			continue
		}
		s, read := sources[p.File]
		if !read {
			s, _ = readSource(p.File, nil)
			sources[p.File] = s
		}
		if s != nil {
			v := s.view(p.Line)
			ps[i].Excerpt = v.excerpt
			if p.Width == 0 {
				ps[i].Width = v.width(p.Col, "")
			}
		}
	}
	return ps
}
