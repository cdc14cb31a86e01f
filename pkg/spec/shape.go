package spec

import (
	"slices"
	"strconv"
	"strings"

	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/spec/form"
	"github.com/b24apply/b24apply/pkg/value"
)

// MainKey is the key of an entry that gives none, which only the single entry of a
// list may do.
const MainKey = "main"

// maxKey bounds keys: the portal keeps 45 characters of an external code, and the
// owner's prefix is one part of them.
const maxKey = 36

// portalColumn is a further column of an open part.
var portalColumn = form.PortalColumn

// checkPart checks the entries of a part; path leads to it.
func (d *document) checkPart(part kind.Part, v value.Node, path []string) {
	switch part.Shape {
	case kind.ShapeList:
		for i, entry := range v.Items {
			if entry.Kind == value.Map {
				d.checkEntry(part, entry, append(slices.Clone(path), strconv.Itoa(i)))
			}
		}
		if part.Key != "" {
			d.checkKeys(part, v, path)
		}
	case kind.ShapeMap:
		for _, p := range v.Pairs {
			here := append(slices.Clone(path), p.Key)
			if p.Value.Kind == value.Map {
				d.checkEntry(part, p.Value, here)
			}
			if part.Filled && !isFilled(p.Value) && !d.isReported(here) {
				d.markReported(here)
				d.problem(p.Pos, p.Key, "required", value.Say("write-a-line-of-it"), value.Say("entry-holds-nothing", value.T("field", d.label(here))))
			}
		}
	case kind.ShapeOne:
		if v.Kind == value.Map {
			d.checkEntry(part, v, path)
		}
	}
}

// isFilled tells whether an entry holds a value that is not empty. What is no map is
// the schema's affair.
func isFilled(v value.Node) bool {
	return v.Kind != value.Map && v.Kind != value.Null || slices.ContainsFunc(v.Pairs, func(p value.Pair) bool { return p.Value.Kind != value.Null && p.Value.Text != "" })
}

// checkKeys checks that the keys of a list's entries tell them apart.
func (d *document) checkKeys(part kind.Part, v value.Node, path []string) {
	seen := map[string]bool{}
	for i, entry := range v.Items {
		key, ok := entry.Get(part.Key)
		here := append(slices.Clone(path), strconv.Itoa(i))
		switch {
		case entry.Kind != value.Map || d.isReported(append(slices.Clone(here), part.Key)):
		case !ok && len(v.Items) > 1:
			d.problem(entry.Pos, "", "required", value.Say("give-every-entry-a-key", value.T("main", MainKey)), value.Say("is-missing-in", value.T("field", d.label(here)), value.T("name", part.Key)))
		case ok && key.Kind == value.Scalar && (!isName(key.Text) || len(key.Text) > maxKey):
			d.problem(key.Pos, key.Text, "schema", value.Message{}, value.Say("is-no-key", value.T("field", d.label(here)), d.shown("value", key), value.N("most", maxKey)))
		case ok && key.Kind == value.Scalar:
			if name := strings.ToLower(key.Text); seen[name] {
				d.problem(key.Pos, key.Text, "duplicate", value.Say("give-another-key"), value.Say("key-twice", value.T("field", d.label(path)), d.shown("key", key)))
			} else {
				seen[name] = true
			}
		}
	}
}
