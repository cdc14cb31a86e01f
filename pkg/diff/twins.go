package diff

import (
	"maps"
	"slices"
	"strings"

	"github.com/b24apply/b24apply/pkg/diff/declared"
	"github.com/b24apply/b24apply/pkg/diff/meta"
	"github.com/b24apply/b24apply/pkg/spec"
	"github.com/b24apply/b24apply/pkg/value"
)

// findTwins finds the records without a mark whose first match key is that of another
// one: the portal has no record that either could be told by, so each run would create
// or adopt one of them for both. A record that carries its mark is found by that. Where
// all are, nothing is looked at.
func (c *computer) findTwins() {
	claims := make(map[string][]*spec.Resource)
	for _, r := range c.Set.Resources {
		if c.isUnmarked(r) {
			for _, text := range c.keyTexts(r) {
				claims[text] = nil
			}
		}
	}
	if len(claims) == 0 {
		return
	}
	for _, r := range c.Set.Resources {
		for _, text := range c.keyTexts(r) {
			if same, asked := claims[text]; asked {
				claims[text] = append(same, r)
			}
		}
	}
	for _, text := range slices.Sorted(maps.Keys(claims)) {
		c.tellTwins(claims[text])
	}
}

// isUnmarked tells whether a record has to be told by a match key.
func (c *computer) isUnmarked(r *spec.Resource) bool {
	_, settled := c.state.settled.id(r)
	return !settled && len(r.Identity.Match) > 0 && !c.identity(r).keyed
}

// tellTwins notes those of some records with one key that carry no mark.
func (c *computer) tellTwins(same []*spec.Resource) {
	if len(same) < 2 {
		return
	}
	for _, r := range same {
		if c.isUnmarked(r) && len(same) > len(c.twins[r.Address]) {
			c.twins[r.Address] = same
		}
	}
}

// keyTexts gives what a record is told by before it carries a mark. What is wrong with
// a value is reported elsewhere.
func (c *computer) keyTexts(r *spec.Resource) []string {
	key, ok := r.FirstKey()
	if id, _ := r.Identity.ID(c.Set.Env); !ok || id != 0 {
		return nil
	}
	t := c.TypeOf(r)
	targets, _ := c.Targets(r, t)
	s := c.Scope(t)
	s.IDs = c.live
	space, _ := r.Address.Split()
	return spec.KeyTexts(space, key.Fields, func(name string) []string {
		i := slices.IndexFunc(targets, func(tg declared.Target) bool { return tg.Name == name })
		if i < 0 {
			return nil
		}
		return keyValues(s, targets[i])
	})
}

// keyValues gives the values of one field of a match key, in the form in which they are
// compared.
func keyValues(s *meta.Scope, tg declared.Target) []string {
	want, err := tg.Codec.Parse(s.Names(), tg.Value)
	v := value.Wanted(want)
	t := tg.Type
	switch {
	case err != nil || v.IsEmpty():
		return nil
	case t.Multi != "":
		var out []string
		for _, entry := range v.Entries() {
			out = append(out, t.Normal(entry.Text))
		}
		return out
	case v.IsOpen():
		return []string{string(v.Ref())}
	case v.Form == value.FormText:
		return []string{strings.TrimSpace(v.Text)}
	}
	return []string{tg.Codec.Key(v)}
}

// asTwin refuses a record that cannot be told from another one. Resources are sorted,
// and so are those that share a key.
func (c *computer) asTwin(r *spec.Resource) identity {
	const most = 5
	var names []value.Message
	for _, other := range c.twins[r.Address] {
		if other != r {
			names = append(names, value.Say("resource-at", value.T("resource", other.Address), value.T("at", other.Pos.String())))
		}
		if len(names) == most {
			break
		}
	}
	if more := len(c.twins[r.Address]) - 1 - len(names); more > 0 {
		names = append(names, value.Say("more", value.N("n", more)))
	}
	key, _ := r.FirstKey()
	return refusal("SAME_MATCH", value.Say("matches-alike", value.L("fields", key.Fields), value.Ms("resources", names)), value.Message{})
}
