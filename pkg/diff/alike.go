package diff

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/b24apply/b24apply/pkg/diff/declared"
	"github.com/b24apply/b24apply/pkg/diff/meta"
	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/plan"
	"github.com/b24apply/b24apply/pkg/spec"
	"github.com/b24apply/b24apply/pkg/value"
)

// What the plan creates may be there already without a mark, and match not find it. So it is
// looked at what of its kind looks the same (kind.Likeness). Nothing is refused for it: it is
// a warning, with a bound, and what was not looked at is counted.

// mostAlike is how many records are named that are alike in one thing.
const mostAlike = 10

// A resemblance is what some creates of one kind have that a record would have too which
// looks like them: a text or several, a phone, an e-mail, or a tax id.
type resemblance struct {
	at     kind.Store // of what lies in the catalogue, wherever that is
	slot   declared.Slot
	fields []string // as declared
	texts  []alikeText
	multi  string          // PHONE or EMAIL
	normal string          // what phones or e-mails are compared by
	column string          // of requisites
	spelt  []string        // what is asked for of a contact or a tax id
	as     []string        // texts, phones or e-mails as they are declared, but for case and outer blanks; nil where that is not plain
	within *plan.Condition // a record lies there too
	wide   string          // the wire of the link of which both have none

	creates []*spec.Resource
	rows    []kind.Row // what looks the same
	alone   bool       // a search for it shares no request with others
	full    bool       // more look the same than the portal shows
	hidden  bool       // something may look the same, and the portal does not show what it takes to tell
}

// An alikeText is one text of a resemblance.
type alikeText struct {
	wire   string
	folded string // "" for one that is not declared: its like has none either
	spelt  []any
}

// take notes a row that looks the same, once, unless a project has marked its record.
func (q *resemblance) take(row kind.Row) {
	switch is := func(r kind.Row) bool { return r.Int("id") == row.Int("id") }; {
	case q.slot.Hides(row) != nil:
		q.hidden = true
	case len(q.rows) < mostAlike && q.slot.Holder(row).Owner == "" && q.isWithin(row) && !slices.ContainsFunc(q.rows, is):
		q.rows = append(q.rows, row)
	}
}

// isShown tells whether a row shows the texts.
func (q *resemblance) isShown(row kind.Row) bool {
	return !slices.ContainsFunc(q.texts, func(t alikeText) bool { return row[t.wire] == nil })
}

// isWithin tells whether a record lies where the create will.
func (q *resemblance) isWithin(row kind.Row) bool {
	switch {
	case q.within != nil:
		return q.within.Meets(row)
	case q.wide != "":
		return row.Int(q.wide) == 0
	}
	return true
}

// lookOf folds the texts of a row.
func (q *resemblance) lookOf(row kind.Row) []string {
	out := make([]string, len(q.texts))
	for i, t := range q.texts {
		out[i] = value.Folded(row.Text(t.wire))
	}
	return out
}

// looks tells whether folded texts of a row are those of the resemblance.
func (q *resemblance) looks(folded []string) bool {
	return slices.EqualFunc(q.texts, folded, func(t alikeText, s string) bool { return t.folded == s })
}

// A resemblances finds each resemblance by what it is of and what is asked for, so that
// creates that are alike share one; all are in the order in which they came. What goes beyond
// the bounds is not kept: there may be a million.
type resemblances struct {
	all   []*resemblance
	known map[string]*resemblance
	take  func(*resemblance) Gap // why a new one goes beyond the bounds; 0 if it does not
	// beyond tells so of most by what they declare alone; 0 where that is not enough.
	beyond func(resemblance, kind.Likeness) Gap
	miss   func(Gap, ...*spec.Resource) // is told of the creates of such
}

// add adds a create to a resemblance.
func (all *resemblances) add(q *resemblance, r *spec.Resource, key ...string) {
	for _, t := range q.texts {
		for _, v := range t.spelt {
			key = append(key, strings.ToLower(v.(string)))
		}
		key = append(key, "")
	}
	key = append(append(key, q.spelt...), strconv.Itoa(q.at.Number()), q.column, q.multi, q.wide, strings.Join(q.fields, " "))
	if q.within != nil {
		key = append(key, q.within.Want.Text)
	}
	name := strings.Join(key, "\x00")
	known := all.known[name]
	if known == nil {
		if gap := all.take(q); gap != 0 {
			all.miss(gap, r)
			return
		}
		known = q
		all.known[name], all.all = q, append(all.all, q)
	}
	known.creates = append(known.creates, r)
}

// resemblances finds those of what the plan creates, as far as that is known yet.
func (f *fetcher) resemblances(out *resemblances) {
	for _, r := range f.Set.Resources {
		if len(r.Kind.Alike) == 0 {
			continue
		}
		t := f.TypeOf(r)
		if _, is := f.followed.settled.id(r); is || !f.readable(r, t) {
			continue
		}
		s := f.Slot(r, t)
		if id := identify(&f.View, f.followed, r, s); id.row != nil || id.code != "" {
			continue
		}
		f.resemble(out, r, t, s)
	}
}

// resemble adds what one create has.
func (f *fetcher) resemble(out *resemblances, r *spec.Resource, t declared.Type, s declared.Slot) {
	var targets []declared.Target
	at := f.Scope(t)
	at.IDs = f.liveID
	for _, l := range r.Kind.Alike {
		if isMatched(r, l) {
			continue
		}
		q := resemblance{at: kind.Store{Kind: r.Kind, EntityTypeID: t.EntityTypeID}, slot: s}
		if l.Part != "" {
			f.resembleTaxID(out, q, l, r)
			continue
		}
		q.multi = r.Kind.Rule(l.Fields[0]).Multi
		q.as = declaredAs(r, l, q.multi)
		if gap := out.beyond(q, l); gap != 0 {
			out.miss(gap, r)
			continue
		}
		if targets == nil {
			targets, _ = f.TargetsIn(&f.room, r, t)
		}
		if q.multi != "" {
			f.resembleContact(out, q, l, r, at, targets)
		} else {
			f.resembleTexts(out, q, l, r, at, targets)
		}
	}
}

// declaredAs gives the texts, phones or e-mails that a create declares of a likeness, but for case
// and outer blanks; nil where that is not plain.
func declaredAs(r *spec.Resource, l kind.Likeness, multi string) (as []string) {
	if l.Within != "" {
		return nil
	}
	for _, name := range l.Fields {
		field, _ := r.Field(name)
		texts := []value.Node{field.Value}
		if multi != "" {
			texts = field.Value.Members()
		}
		for _, n := range texts {
			if inside, ok := n.Get("value"); ok {
				n = inside
			}
			text := strings.ToLower(strings.TrimSpace(n.Text))
			if n.Kind != value.Scalar || text == "" {
				return nil
			}
			as = append(as, text)
		}
	}
	return as
}

// isMatched tells whether match has looked for just the same and found nothing.
func isMatched(r *spec.Resource, l kind.Likeness) bool {
	return slices.ContainsFunc(r.Identity.Match, func(key spec.MatchKey) bool {
		return slices.EqualFunc(key.Fields, l.Fields, func(of, field string) bool { return spec.DeclaredAs(of) == field })
	})
}

// resembleTexts adds texts that are all the same.
func (f *fetcher) resembleTexts(out *resemblances, q resemblance, l kind.Likeness, r *spec.Resource, s *meta.Scope, targets []declared.Target) {
	var key []string
	for _, name := range l.Fields {
		text := alikeText{wire: name}
		if c, ok := f.declaredAlike(s, targets, name); ok && c.Want.Form == value.FormText {
			q.fields = append(q.fields, name)
			text.folded, text.spelt = value.Folded(c.Want.Text), spellingsOf(c.Want.Text)
		}
		q.texts, key = append(q.texts, text), append(key, text.folded)
	}
	if strings.Join(key, "") == "" || !f.place(&q, l, s, targets) {
		return
	}
	out.add(&q, r, key...)
}

// place notes what the records of a likeness lie in. It is false if that is not there yet,
// so that nothing lies in it.
func (f *fetcher) place(q *resemblance, l kind.Likeness, s *meta.Scope, targets []declared.Target) bool {
	if l.Within == "" {
		return true
	}
	i := slices.IndexFunc(targets, func(tg declared.Target) bool { return tg.Name == l.Within })
	if i < 0 || targets[i].Value.Kind == value.Null {
		q.wide = l.Within
		return true
	}
	c, ok, err := f.NewCondition(s, targets[i])
	q.within = &c
	return ok && err == nil
}

// declaredAlike is the condition that a declared field makes.
func (f *fetcher) declaredAlike(s *meta.Scope, targets []declared.Target, name string) (plan.Condition, bool) {
	i := slices.IndexFunc(targets, func(tg declared.Target) bool { return tg.Name == name })
	if i < 0 {
		return plan.Condition{}, false
	}
	c, ok, err := f.NewCondition(s, targets[i])
	return c, ok && err == nil
}

// spellingsOf gives the spellings of a text that are asked for: as it is written, and as
// others may have written it. A portal takes upper and lower case for the same.
func spellingsOf(text string) []any {
	out := []any{strings.TrimSpace(text)}
	if tidy := value.Tidied(text); tidy != out[0] {
		out = append(out, tidy)
	}
	return out
}

// resembleContact adds phones or e-mails, each of which is enough.
func (f *fetcher) resembleContact(out *resemblances, q resemblance, l kind.Likeness, r *spec.Resource, s *meta.Scope, targets []declared.Target) {
	c, ok := f.declaredAlike(s, targets, l.Fields[0])
	if !ok {
		return
	}
	q.fields = l.Fields
	normals := c.Values()
	for i, spelt := range c.Spellings() {
		one := q
		if one.spelt, one.normal = spelt, normals[i]; len(spelt) > 0 {
			out.add(&one, r, normals[i])
		}
	}
}

// resembleTaxID adds the tax ids of declared requisites, each of which is enough.
func (f *fetcher) resembleTaxID(out *resemblances, q resemblance, l kind.Likeness, r *spec.Resource) {
	part, _ := r.Part(l.Part)
	for _, item := range part.Value.Items {
		columns, _ := item.Get(kind.ColumnsPart)
		for _, p := range columns.Pairs {
			written := strings.TrimSpace(p.Value.Text)
			if !slices.Contains(l.Fields, p.Key) || p.Value.Kind != value.Scalar || written == "" {
				continue
			}
			one := q
			one.column, one.fields, one.spelt = p.Key, []string{p.Key}, []string{written}
			if bare := value.Ident(written); bare != written && bare != "" {
				one.spelt = append(one.spelt, bare)
			}
			out.add(&one, r, value.Ident(written))
		}
	}
}

// noteAlike says which records look like what the plan creates, and counts what was not
// looked at. A record that a manifest claims is no surprise.
func (c *computer) noteAlike(p *plan.Plan) {
	claimed := c.claimed()
	counts := make(map[missing]int)
	for i, e := range c.out.Entries() {
		if e.Action != plan.Create {
			continue
		}
		if likes := c.likes(e, claimed); len(likes) > 0 {
			c.out.Alter(i, func(ch *plan.Change) { ch.Alike = alikesOf(e.Facts, likes) })
		}
		if why, is := c.state.Unlooked[e.Address]; is {
			counts[missing{e.Kind, why}]++
		}
	}
	for _, m := range slices.SortedFunc(maps.Keys(counts), missing.compare) {
		p.Unlooked = append(p.Unlooked, plan.Unlooked{Kind: m.kind, Plural: c.Set.Kinds.ByName(m.kind).Plural, Creates: counts[m], Why: m.gap.says()})
	}
}

// likes gives the records that look like one which is created, and that nothing claims.
func (c *computer) likes(e *plan.Entry, claimed map[kind.RecordID]value.Address) (out []Lookalike) {
	all, named := c.state.Alike[e.Address], c.state.Matches[e.Address]
	if len(all)+len(named.Named) == 0 {
		return nil
	}
	for _, like := range slices.Concat(all, named.alike(c.Set.Lookup(e.Address))) {
		id := kind.RecordID{EntityTypeID: e.Facts.StoreNumber(e.EntityTypeID), ID: like.Row.Int("id")}
		if _, is := claimed[id]; !is {
			out = append(out, like)
		}
	}
	return out
}

// alikesOf names each record once, with all that is alike.
func alikesOf(k *kind.Kind, likes []Lookalike) []plan.Alike {
	var out []plan.Alike
	for _, like := range likes {
		out = addAlike(out, like, k)
	}
	slices.SortFunc(out, func(a, b plan.Alike) int { return value.IDNumber(a.ID) - value.IDNumber(b.ID) })
	return out
}

// A missing is why creates of one kind were not looked at.
type missing struct {
	kind string
	gap  Gap
}

func (m missing) compare(other missing) int {
	return cmp.Or(strings.Compare(m.kind, other.kind), cmp.Compare(m.gap, other.gap))
}

// A Gap is why a create was not looked at for records that look the same.
type Gap uint8

// The gaps.
const (
	GapBound  Gap = iota + 1 // a plan looks at so many
	GapAlone                 // it takes a request of its own, and a plan makes few of them
	GapMany                  // more records are alike than the portal shows
	GapHidden                // the portal refuses to tell
)

func (g Gap) says() value.Message {
	switch g {
	case GapBound:
		return value.Say("look-is-bounded", value.N("n", lookBound))
	case GapAlone:
		return value.Say("look-is-alone")
	case GapMany:
		return value.Say("look-finds-many")
	}
	return value.Say("look-is-refused")
}

// A Lookalike is a record that looks like one that would be created.
type Lookalike struct {
	By    []string // the fields in which both are alike, as declared
	Row   kind.Row
	Named bool // the portal names it for a match key, and our comparison rejects it
}

// addAlike adds a record to those that look like a create: a record that looks the same in
// two ways is one.
func addAlike(out []plan.Alike, like Lookalike, k *kind.Kind) []plan.Alike {
	id := strconv.Itoa(like.Row.Int("id"))
	i := slices.IndexFunc(out, func(a plan.Alike) bool { return a.ID == id })
	if i < 0 {
		i = len(out)
		out = append(out, plan.Alike{ID: id, Title: k.TitleOf(like.Row)})
	}
	a := &out[i]
	a.Named = a.Named || like.Named
	for _, field := range like.By {
		if !slices.Contains(a.By, field) {
			a.By = append(a.By, field)
		}
	}
	return out
}

// alike gives the records that the portal named for a match key of a create, and that
// differ from it.
func (m Match) alike(r *spec.Resource) []Lookalike {
	var out []Lookalike
	for _, row := range m.Named {
		like := Lookalike{Row: row, Named: true}
		for _, field := range r.Identity.Match[m.NamedKey].Fields {
			like.By = append(like.By, spec.DeclaredAs(field))
		}
		out = append(out, like)
	}
	return out
}
