package spec

import (
	"path"
	"slices"
	"strings"

	"github.com/b24apply/b24apply/pkg/value"
)

// A Pattern names resources: by their kind, or the name of their smart process, such as deal;
// by their addresses, in which * and ? stand for letters, such as deal/web-*; or by a label,
// such as wave=1.
type Pattern struct {
	space, name string // the two parts of addresses, in lower case
	label, is   string // instead of both
	text        string
}

// ParsePattern reads a pattern of addresses. It is false for what is none.
func ParsePattern(text string) (Pattern, bool) {
	p := Pattern{text: text}
	var both bool
	p.space, p.name, both = strings.Cut(strings.ToLower(text), "/")
	if !both {
		p.name = "*"
	}
	_, err := path.Match(p.space, "")
	_, wrong := path.Match(p.name, "")
	return p, err == nil && wrong == nil && p.space != "" && p.name != "" && !strings.ContainsAny(p.space+p.name, "/= \t")
}

// ParseSelector reads a pattern of addresses or labels.
func ParseSelector(text string) (Pattern, bool) {
	label, is, ok := strings.Cut(text, "=")
	if !ok {
		return ParsePattern(text)
	}
	return Pattern{label: label, is: is, text: text}, label != "" && !strings.ContainsAny(label, "*/ \t")
}

// Matches tells whether a pattern of addresses names one.
func (p Pattern) Matches(a value.Address) bool {
	if p.label != "" {
		return false
	}
	space, name := a.Split()
	inSpace, _ := path.Match(p.space, space)
	byName, _ := path.Match(p.name, name)
	return inSpace && byName
}

// names tells whether a pattern names a declared resource.
func (p Pattern) names(r *Resource) bool {
	if p.label == "" {
		return p.Matches(r.Address)
	}
	is, ok := r.Labels[p.label]
	return ok && is == p.is
}

// A Selection picks resources: those that a pattern of Select names, all if there is none,
// but for those that one of Exclude names. The zero Selection is all.
type Selection struct{ Select, Exclude []Pattern }

// ParseSelection reads the patterns of a selection. The error names the first that is none.
func ParseSelection(selected, excluded []string) (s Selection, err error) {
	read := func(texts []string) (out []Pattern) {
		for _, text := range texts {
			p, ok := ParseSelector(text)
			if !ok && err == nil {
				err = value.Err("is-no-selector", value.Q("text", text))
			}
			out = append(out, p)
		}
		return out
	}
	s = Selection{Select: read(selected), Exclude: read(excluded)}
	return s, err
}

// IsAll tells whether the selection leaves nothing out.
func (s *Selection) IsAll() bool { return len(s.Select)+len(s.Exclude) == 0 }

// Cuts tells whether the selection can pick some resources of a kind and leave others out,
// and names the first pattern by which it can.
func (s *Selection) Cuts() (pattern string, does bool) {
	for _, p := range slices.Concat(s.Select, s.Exclude) {
		if p.label != "" || p.name != "*" {
			return p.text, true
		}
	}
	return "", false
}

func (s *Selection) picks(r *Resource) bool {
	named := func(p Pattern) bool { return p.names(r) }
	return (len(s.Select) == 0 || slices.ContainsFunc(s.Select, named)) && !slices.ContainsFunc(s.Exclude, named)
}

// idle gives the first pattern that names none of some resources and former ones, "" if each does.
func (s *Selection) idle(resources []*Resource, formers []Former) string {
	for _, p := range slices.Concat(s.Select, s.Exclude) {
		if !slices.ContainsFunc(resources, p.names) && !slices.ContainsFunc(formers, func(f Former) bool { return p.names(f.Resource) }) {
			return p.text
		}
	}
	return ""
}

// String is the pattern as it was written.
func (p Pattern) String() string { return p.text }
