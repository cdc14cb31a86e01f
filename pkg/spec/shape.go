package spec

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/b24apply/b24apply/pkg/value"
)

// MainKey is the key of an entry that gives none, which only the single entry of a
// list may do.
const MainKey = "main"

// maxKey bounds keys: the portal keeps 45 characters of an external code, and the
// owner's prefix is one part of them.
const maxKey = 36

// portalColumn is a further column of an open part.
var portalColumn = regexp.MustCompile(`^[A-Z][A-Z0-9_]*$`)

// checkPart checks the entries of a part; path leads to it.
func (d *document) checkPart(part Part, v Value, path []string) {
	switch part.Shape {
	case ShapeList:
		for i, entry := range v.Items {
			if entry.Kind == Map {
				d.checkEntry(part, entry, append(slices.Clone(path), strconv.Itoa(i)))
			}
		}
		if part.Key != "" {
			d.checkKeys(part, v, path)
		}
	case ShapeMap:
		for _, p := range v.Pairs {
			here := append(slices.Clone(path), p.Key)
			if p.Value.Kind == Map {
				d.checkEntry(part, p.Value, here)
			}
			if part.Filled && !isFilled(p.Value) && !d.isReported(here) {
				d.markReported(here)
				d.problem(p.Pos, p.Key, "required", value.Say("write-a-line-of-it"), value.Say("entry-holds-nothing", value.T("field", d.label(here))))
			}
		}
	case ShapeOne:
		if v.Kind == Map {
			d.checkEntry(part, v, path)
		}
	}
}

// isFilled tells whether an entry holds a value that is not empty. What is no map is
// the schema's affair.
func isFilled(v Value) bool {
	return v.Kind != Map && v.Kind != Null || slices.ContainsFunc(v.Pairs, func(p Pair) bool { return p.Value.Kind != Null && p.Value.Text != "" })
}

// checkKeys checks that the keys of a list's entries tell them apart.
func (d *document) checkKeys(part Part, v Value, path []string) {
	seen := map[string]bool{}
	for i, entry := range v.Items {
		key, ok := entry.Get(part.Key)
		here := append(slices.Clone(path), strconv.Itoa(i))
		switch {
		case entry.Kind != Map || d.isReported(append(slices.Clone(here), part.Key)):
		case !ok && len(v.Items) > 1:
			d.problem(entry.Pos, "", "required", value.Say("give-every-entry-a-key", value.T("main", MainKey)), value.Say("is-missing-in", value.T("field", d.label(here)), value.T("name", part.Key)))
		case ok && key.Kind == Scalar && (!resourceName.MatchString(key.Text) || len(key.Text) > maxKey):
			d.problem(key.Pos, key.Text, "schema", value.Message{}, value.Say("is-no-key", value.T("field", d.label(here)), d.shown("value", key), value.N("most", maxKey)))
		case ok && key.Kind == Scalar:
			if name := strings.ToLower(key.Text); seen[name] {
				d.problem(key.Pos, key.Text, "duplicate", value.Say("give-another-key"), value.Say("key-twice", value.T("field", d.label(path)), d.shown("key", key)))
			} else {
				seen[name] = true
			}
		}
	}
}
