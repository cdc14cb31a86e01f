package spec

import (
	"bytes"
	"cmp"
	"errors"
	"io"
	"os"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/b24apply/b24apply/internal/safefile"
	"github.com/b24apply/b24apply/pkg/spec/layout"
	"github.com/b24apply/b24apply/pkg/value"
)

// A Formatted is a file of manifests in one layout.
type Formatted struct {
	File         string // as it is named in messages
	Before, Text []byte // as it is, and as it is laid out
}

// Changed tells whether the two differ.
func (f *Formatted) Changed() bool { return !bytes.Equal(f.Before, f.Text) }

// Format lays out the files that o means, sorted by their names; what they say of the project does not
// matter. A file that is no YAML, or that could not be laid out without another meaning, is a problem
// and not among them.
func Format(o Options) ([]Formatted, Problems) {
	o.Dir = cmp.Or(o.Dir, ".")
	if o.Getenv == nil {
		o.Getenv = os.LookupEnv
	}
	l := &loader{o: o, sources: map[string]*source{}, beside: map[string]bool{}, outside: map[string]bool{}}
	if !l.read() {
		return nil, l.sorted()
	}
	var out []Formatted
	var problems Problems
	for name, src := range l.sources {
		if l.beside[name] || name == stdinName || src == nil {
			continue
		}
		text, err := Lay(src.data)
		if err != nil {
			problems = append(problems, newProblem(value.Pos{File: name}, "layout", value.RemedyOf(err), value.SaidBy(err)))
			continue
		}
		out = append(out, Formatted{name, src.data, text})
	}
	for _, p := range l.problems {
		if p.Rule == "file" {
			problems = append(problems, p)
		}
	}
	slices.SortFunc(out, func(a, b Formatted) int { return cmp.Compare(a.File, b.File) })
	return out, problems.Sort()
}

// Write puts the layout in place of the file, all of it or nothing.
func (f *Formatted) Write() error {
	return safefile.Replace(f.File, func(w io.Writer) error {
		_, err := w.Write(f.Text)
		return err
	})
}

// Lay lays a text of YAML out: see package layout. The values, comments and anchors of the result are
// those of the text, or there is an error, which is a value.Saying.
func Lay(text []byte) ([]byte, error) {
	before, err := meaningOf(text)
	if err != nil {
		return nil, value.Err("layout-of-broken-yaml", value.T("cause", err.Error()))
	}
	laid := layout.Lines(string(text))
	if after, err := meaningOf([]byte(laid)); err != nil || after != before || layout.Lines(laid) != laid {
		return nil, value.Err("layout-is-unsure")
	}
	return []byte(laid), nil
}

// meaningOf is all that a text of YAML says, in order: values, their tags and anchors, and comments.
func meaningOf(text []byte) (string, error) {
	var out strings.Builder
	d := yaml.NewDecoder(bytes.NewReader(bytes.TrimPrefix(text, []byte("\ufeff"))))
	for {
		var n yaml.Node
		err := d.Decode(&n)
		if errors.Is(err, io.EOF) {
			return out.String() + "\x00" + wordsOf(bytes.TrimPrefix(text, []byte("\ufeff"))), nil
		}
		if err != nil {
			return "", err
		}
		meaning(&out, &n, 0)
	}
}

// maxLayout bounds how deep what is laid out is nested.
const maxLayout = 200

func meaning(out *strings.Builder, n *yaml.Node, depth int) {
	out.WriteString("\x01" + n.ShortTag() + "\x02" + n.Anchor + "\x02" + n.Value)
	if n.Style&(yaml.LiteralStyle|yaml.FoldedStyle|yaml.FlowStyle|yaml.SingleQuotedStyle|yaml.DoubleQuotedStyle) != 0 {
		out.WriteString("\x03")
	}
	if depth > maxLayout {
		return
	}
	for _, c := range n.Content {
		meaning(out, c, depth+1)
	}
	out.WriteString("\x04")
}

// wordsOf is a text but for its blanks, so that no comment can go.
func wordsOf(text []byte) string { return string(bytes.Join(bytes.Fields(text), []byte(" "))) }
