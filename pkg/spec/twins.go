package spec

import (
	"fmt"
	"slices"
	"strings"

	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/value"
)

// maxKeyTexts bounds the values of one match key; of a key of several lists all
// combinations count.
const maxKeyTexts = 1000

// KeyTexts combines the values of the fields of a match key into texts, one for each
// combination: two records agree in a key if they have a text in common. It gives
// nothing if a field has no value, or if there are more than a thousand combinations.
func KeyTexts(space string, names []string, values func(name string) []string) []string {
	names = slices.Clone(names)
	for i, name := range names {
		names[i] = DeclaredAs(name)
	}
	slices.Sort(names)
	texts := []string{space}
	for _, name := range slices.Compact(names) {
		all := values(name)
		if len(all)*len(texts) > maxKeyTexts {
			return nil
		}
		var next []string
		for _, text := range texts {
			for _, v := range all {
				next = append(next, fmt.Sprintf("%s %s=%q", text, name, v))
			}
		}
		texts = next
	}
	return texts
}

// FirstKey gives the first match key of which every field has a value. It is the one by
// which a record that is not there yet would be found first.
func (r *Resource) FirstKey() (MatchKey, bool) {
	if len(r.Identity.Match) == 0 {
		return MatchKey{}, false
	}
	fields := r.Fields()
	for _, key := range r.Identity.Match {
		if isComplete(key, fields) {
			return key, true
		}
	}
	return MatchKey{}, false
}

// isComplete tells whether every field of a match key has a value.
func isComplete(key MatchKey, fields []value.Field) bool {
	return !slices.ContainsFunc(key.Fields, func(name string) bool {
		v, ok := declaredValue(fields, DeclaredAs(name))
		if side, _, is := v.Membership(); is {
			v = side
		}
		return !ok || v.Kind == value.Null || v.Kind == value.List && len(v.Items) == 0 || v.Kind == value.Scalar && strings.TrimSpace(v.Text) == ""
	})
}

// Twins warns of records whose first match key is the same: a portal that has neither of
// them would get one record twice. It knows nothing of marks, and of names that only a
// portal resolves it compares the texts.
func (s *Set) Twins() Problems {
	var problems Problems
	first := make(map[string]*Resource)
	inOrder := slices.Clone(s.Resources)
	slices.SortStableFunc(inOrder, func(a, b *Resource) int { return a.Pos.Compare(b.Pos) })
	for _, r := range inOrder {
		key, ok := r.FirstKey()
		if id, _ := r.Identity.ID(s.Env); !ok || id != 0 {
			continue
		}
		space, _ := r.Address.Split()
		fields := r.Fields()
		for _, text := range KeyTexts(space, key.Fields, func(name string) []string { return s.keyValues(r.Kind, fields, name) }) {
			other := first[text]
			if other == nil {
				first[text] = r
			} else if other != r {
				p := newProblem(key.Pos, "match", value.Say("twins-are-refused"), value.Say("twins",
					value.T("first", r.Address), value.T("second", other.Address), value.T("at", other.Pos.String()), value.L("fields", key.Fields)))
				p.Severity = SeverityWarning
				problems = append(problems, p)
				break
			}
		}
	}
	return problems.Sort()
}

// keyValues gives the values that a record declares for a field of a match key, in the
// form in which they are compared.
func (s *Set) keyValues(k *kind.Kind, fields []value.Field, name string) []string {
	v, _ := declaredValue(fields, name)
	rule, _ := k.Field(name)
	items := []value.Node{v}
	if rule.Multi != "" {
		if side, _, is := v.Membership(); is {
			v = side
		}
		items = v.Items
	}
	var out []string
	for _, item := range items {
		if inner, ok := item.Get("value"); ok {
			item = inner
		}
		if text := s.keyValue(rule, item); text != "" && !slices.Contains(out, text) {
			out = append(out, text)
		}
	}
	return out
}

func (s *Set) keyValue(rule kind.Rule, v value.Node) string {
	if ref, ok := v.Ref(); ok {
		return "ref " + string(ref)
	}
	if l, ok := v.Lookup(); ok {
		return "lookup " + l.Key()
	}
	text := strings.TrimSpace(v.Text)
	switch {
	case rule.Multi == "PHONE":
		return value.NormalPhone(text, s.Project.PhoneRegion)
	case rule.Multi == "EMAIL", rule.Type == kind.TypeCurrency, rule.Type == kind.TypeUser && strings.Contains(text, "@"):
		return strings.ToLower(text)
	}
	return text
}
