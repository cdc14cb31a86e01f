package spec

import (
	"path"
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

// String is the pattern as it was written.
func (p Pattern) String() string { return p.text }
